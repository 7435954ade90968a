"""The files of a repository that some tool understands, and those that they name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from opsmith.provers import kinds
from opsmith.repo import Repo

ENVIRONMENT_FILES = (".env", "env.example")
"""How files of variables begin; secrets are looked for in them, and compose reads examples."""


def understood(repo: Repo) -> dict[str, str]:
    """By path; empty where no tool understands any."""
    found = {path: text for path, text in _read(repo, kinds.may_be_understood) if kinds.is_deployment(path, text)}
    if not found:
        return {}
    named = {
        entry
        for path, text in found.items()
        if kinds.is_kustomization(path) or kinds.is_compose(path, text)
        for entry in kinds.referenced(path, text)
        if repo.has(entry)
    }
    return found | dict(_read(repo, lambda path: path in named or _is_environment(path)))


def executables(root: Path, files: Mapping[str, str]) -> frozenset[str]:
    return frozenset(path for path in files if (root / path).exists() and (root / path).stat().st_mode & 0o100)


def _read(repo: Repo, wanted: Callable[[str], bool]) -> Iterator[tuple[str, str]]:
    for path in repo.files:
        if wanted(path) and (text := repo.read(path)) is not None:
            yield path, text


def _is_environment(path: str) -> bool:
    return path.rpartition("/")[2].startswith(ENVIRONMENT_FILES)
