"""Folders that a framework writes to while it runs, where the rest of the root file system can only be read."""

from __future__ import annotations

from opsmith.model.blueprint import Build

_FOLDERS = {
    # Sockets, process ids and the file cache; what bootsnap compiled lies elsewhere.
    "rails": ("tmp",),
    # Each by itself: a folder that is mounted hides what the image has in it, and Laravel makes none of those above.
    "laravel": ("storage/framework/cache", "storage/framework/sessions", "storage/framework/views", "storage/logs"),
    # Not var/cache, where the container lies that was compiled for the image.
    "symfony": ("var/cache/prod/pools", "var/log", "var/share"),
}


def written(build: Build) -> tuple[str, ...]:
    """Absolute paths in the container, beside /tmp."""
    return tuple(f"{_home(build)}/{name}" for name in _FOLDERS.get(build.framework or "", ()))


def _home(build: Build) -> str:
    inside = build.path[len(build.context) :].strip("/") if build.context else build.path
    return f"/app/{inside}" if inside else "/app"
