"""Render: the blueprint becomes files, each target for itself."""

from __future__ import annotations

from opsmith import catalog
from opsmith.errors import OpsmithError
from opsmith.model.artifact import Artifact
from opsmith.model.blueprint import Blueprint


def render(blueprint: Blueprint) -> tuple[Artifact, ...]:
    """All files of all wanted targets, sorted by path. Two targets that claim one path are a bug of ours."""
    files = [artifact for target in catalog.targets() if target.wanted(blueprint) for artifact in target.render(blueprint)]
    taken: dict[str, str] = {}
    for artifact in files:
        if artifact.path in taken:
            raise OpsmithError(f"both {taken[artifact.path]} and {artifact.target} make {artifact.path}")
        taken[artifact.path] = artifact.target
    return tuple(sorted(files, key=lambda artifact: artifact.path))
