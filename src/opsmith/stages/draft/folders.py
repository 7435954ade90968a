"""Folders that a framework writes to while it runs, where the rest of the root file system can only be read."""

from __future__ import annotations

from opsmith.model.blueprint import Build

_RAILS = ("tmp",)
"""Sockets, process ids and the file cache; what bootsnap compiled lies elsewhere."""


def written(build: Build) -> tuple[str, ...]:
    """Absolute paths in the container, beside /tmp."""
    match build.framework:
        case "rails":
            return tuple(f"{_home(build)}/{name}" for name in _RAILS)
        case _:
            return ()


def _home(build: Build) -> str:
    inside = build.path[len(build.context) :].strip("/") if build.context else build.path
    return f"/app/{inside}" if inside else "/app"
