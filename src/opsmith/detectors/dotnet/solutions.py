"""Solutions (.sln, .slnx): which projects somebody builds and tests together."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from opsmith.repo import Repo

_PROJECT = re.compile(r'^Project\("\{[^"}]*\}"\)\s*=\s*"[^"]*",\s*"([^"]+)"', re.MULTILINE)


def solutions(repo: Repo) -> dict[str, set[str]]:
    """The projects of each solution file, by its path."""
    return {path: set(_projects(repo, path)) for path in repo.files if path.endswith((".sln", ".slnx"))}


def _projects(repo: Repo, path: str) -> Iterator[str]:
    folder = path.rpartition("/")[0]
    for name in _names(repo, path):
        if name.endswith("proj"):
            yield posixpath.normpath(posixpath.join(folder, name.replace("\\", "/")))


def _names(repo: Repo, path: str) -> Iterator[str]:
    if path.endswith(".sln"):
        yield from (match[1] for match in _PROJECT.finditer(repo.read(path) or ""))
        return
    root = repo.xml(path)
    for element in root.walk() if root is not None else ():
        if element.tag == "Project" and element.attributes.get("Path"):
            yield element.attributes["Path"]
