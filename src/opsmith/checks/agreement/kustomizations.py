"""Every resource of a kustomization is there; where all files are ours (`strict`), every manifest below one is a resource of it."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from typing import Any

from opsmith.checks.agreement.objects import Object
from opsmith.checks.agreement.reading import documents, items, mapping, say
from opsmith.model.finding import Finding


def kustomizations(files: Mapping[str, str], objects: list[Object], *, strict: bool) -> Iterator[Finding]:
    there = {*files, *_folders(files)}
    for path, text in files.items():
        folder, _, name = path.rpartition("/")
        if name in ("kustomization.yaml", "kustomization.yml"):
            listed = _listed(folder, text)
            yield from _missing(path, listed, there)
            if strict:
                yield from _left_out(path, folder, listed, objects)


def _folders(files: Mapping[str, str]) -> set[str]:
    return {path[:at] for path in files for at, letter in enumerate(path) if letter == "/"}


def _listed(folder: str, text: str) -> set[str]:
    first = documents(text)[:1]  # kustomize reads no second one
    named = [word for document in first for word in _files(document)]
    return {posixpath.normpath(posixpath.join(folder, item)) for item in named if "://" not in item and not _is_remote(item)}


def _files(document: dict[str, Any]) -> Iterator[str]:
    """What a kustomization reads: whole objects, and patches that lie in files of their own."""
    for key in ("resources", "components", "bases", "patchesStrategicMerge"):
        yield from (item for item in items(document.get(key)) if isinstance(item, str) and "\n" not in item)
    yield from (path for patch in items(document.get("patches")) if isinstance(path := mapping(patch).get("path"), str))


def _is_remote(resource: str) -> bool:
    """github.com/owner/name//folder?ref=v1, git@host:..."""
    host, slash, _ = resource.partition("/")
    return "?ref=" in resource or "@" in resource or (bool(slash) and "." in host.strip("."))


def _missing(path: str, listed: set[str], there: set[str]) -> Iterator[Finding]:
    for item in sorted(listed - there):
        if not item.startswith(".."):
            yield say(path, f"lists {item}, which is not there")


def _left_out(path: str, folder: str, listed: set[str], objects: list[Object]) -> Iterator[Finding]:
    below = {item.path for item in objects if item.path.startswith(f"{folder}/") and item.path != path}
    for other in sorted(below - listed):
        yield say(other, "is not listed in the kustomization above it, so it is never applied")
