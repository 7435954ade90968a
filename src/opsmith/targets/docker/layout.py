"""What the recipes of all stacks are made of: the plan of a build, and where files lie in its context."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from opsmith.model.blueprint import Build


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`tools` are installed before the dependencies, `copies` is what they need from the context, `caches` are package manager caches.

    `build` runs in `build_folder` of the context.
    """

    tools: tuple[str, ...] = ()
    copies: tuple[tuple[tuple[str, ...], str], ...] = ()
    caches: tuple[str, ...] = ()
    install: tuple[str, ...] = ()
    build: tuple[str, ...] = ()
    build_folder: str = ""
    prune: tuple[str, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()


def copied(files: Sequence[str], folder: str) -> str:
    """The operands of a COPY; in their JSON form where a name holds a blank or a character that COPY would read as a pattern."""
    words = [*files, folder]
    return json.dumps(words) if any(re.search(r"[^\w.@+/~-]", word) for word in words) else " ".join(words)


def inside(build: Build) -> str:
    """The component's folder inside the build context ("" = the context itself)."""
    if build.path == build.context:
        return ""
    return build.path[len(build.context) :].strip("/") if build.context else build.path


def relative(path: str, build: Build) -> str:
    return path[len(build.context) :].strip("/") if build.context else path


def grouped(manifests: Sequence[str], build: Build) -> tuple[tuple[tuple[str, ...], str], ...]:
    """The manifests by folder, each with where it belongs in the image: one COPY for each folder."""
    groups: dict[str, list[str]] = {}
    for path in manifests:
        place = relative(path, build)
        groups.setdefault(place.rpartition("/")[0], []).append(place)
    return tuple((tuple(files), f"./{folder}/" if folder else "./") for folder, files in sorted(groups.items()))


def base_path(build: Build) -> str:
    """The path below which the pages of a static site ask for their files ("" = the root)."""
    return next((trait.partition(":")[2] for trait in build.traits if trait.startswith("base-path:")), "")
