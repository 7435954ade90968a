"""Which folders are projects of their own, and which Python files belong to each."""

from __future__ import annotations

from collections.abc import Container

from opsmith.detectors.python.marking import is_aside
from opsmith.detectors.python.packages import MANIFEST_NAMES, is_manifest
from opsmith.repo import Repo


def project_files(repo: Repo) -> dict[str, list[str]]:
    """Project folder to its files. A file belongs to the deepest project above it; folders with manage.py or a program but no manifest above
    become projects too."""
    roots = _manifest_folders(repo)
    orphans: list[str] = []
    owned: dict[str, list[str]] = {root: [] for root in roots}
    for path in repo.files:
        if path.endswith(".py"):
            root = _owner(path, roots)
            owned[root].append(path) if root is not None else orphans.append(path)
    for path in orphans:
        owned.setdefault(_orphan_root(repo, path), []).append(path)
    return owned


def _manifest_folders(repo: Repo) -> set[str]:
    found = {path.rpartition("/")[0] for path in repo.named(*MANIFEST_NAMES) if not is_aside(path) and is_manifest(repo, path)}
    for folder in repo.folders():
        if (
            folder.rpartition("/")[2] in ("requirements", "reqs")
            and not is_aside(folder + "/x")
            and any(name.endswith((".txt", ".in")) for name in repo.folder(folder))
        ):
            found.discard(folder)
            found.add(folder.rpartition("/")[0])
    return {folder for folder in found if not is_aside(f"{folder}/x" if folder else "x")}


def _owner(path: str, roots: Container[str]) -> str | None:
    folder = path.rpartition("/")[0]
    while True:
        if folder in roots:
            return folder
        if not folder:
            return None
        folder = folder.rpartition("/")[0]


def _orphan_root(repo: Repo, path: str) -> str:
    """The nearest folder above with a manage.py, else the top folder of the file."""
    folder = path.rpartition("/")[0]
    while "manage.py" not in repo.folder(folder):
        if not folder:
            return path.rpartition("/")[0].partition("/")[0]
        folder = folder.rpartition("/")[0]
    return folder
