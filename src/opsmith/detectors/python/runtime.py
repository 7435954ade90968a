"""Which Python a project wants.

Precedence, first that states one: .python-version (of the project, then of the folders above it), runtime.txt, Pipfile's python_full_version
and python_version, .tool-versions and mise.toml, pyproject.toml's requires-python, poetry's python, environment.yml, setup.cfg's and
setup.py's python_requires, requires-python of uv.lock, and last the highest "Programming Language :: Python :: 3.x" classifier.
A range stays as it is written.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from typing import Any, cast

from opsmith.detectors.python.packages import join, setup_call, setup_cfg
from opsmith.detectors.python.source import argument, text_of
from opsmith.model.survey import Evidence, Runtime
from opsmith.repo import Repo

Found = tuple[str, Evidence]


def runtime(repo: Repo, root: str) -> tuple[Runtime, Evidence | None]:
    """The runtime; without a statement its version is None."""
    found = next((answer for state in _STATEMENTS for answer in state(repo, root)), None)
    return (Runtime(name="python", version=found[0]), found[1]) if found else (Runtime(name="python"), None)


def _found(repo: Repo, path: str, version: str, needle: str, confidence: float = 0.95) -> Found:
    return version, Evidence(file=path, line=repo.line_of(path, needle), shows=f"Python {version}", confidence=confidence)


def _folders_up(root: str) -> Iterator[str]:
    yield root
    while root:
        root = root.rpartition("/")[0]
        yield root


def _python_version_file(repo: Repo, root: str) -> Iterator[Found]:
    for folder in _folders_up(root):
        path = join(folder, ".python-version")
        match = re.search(r"^\s*(?:cpython-|python-)?(\d+(?:\.\d+){0,2})\S*\s*$", repo.read(path) or "", re.MULTILINE) if repo.has(path) else None
        if match:
            yield _found(repo, path, match[1], match[1])


def _runtime_txt(repo: Repo, root: str) -> Iterator[Found]:
    for folder in dict.fromkeys((root, "")):
        path = join(folder, "runtime.txt")
        match = re.search(r"^\s*python-?(\d+(?:\.\d+){0,2})", repo.read(path) or "") if repo.has(path) else None
        if match:
            yield _found(repo, path, match[1], match[1])


def _pipfile(repo: Repo, root: str) -> Iterator[Found]:
    path = join(root, "Pipfile")
    requires = _table((repo.toml(path) if repo.has(path) else None) or {}, "requires")
    for key in ("python_full_version", "python_version"):
        version = requires.get(key)
        if isinstance(version, str):
            yield _found(repo, path, version, key)


def _tool_versions(repo: Repo, root: str) -> Iterator[Found]:
    for folder in _folders_up(root):
        path = join(folder, ".tool-versions")
        match = re.search(r"^python[ \t]+(\d[\w.]*)", repo.read(path) or "", re.MULTILINE) if repo.has(path) else None
        if match:
            yield _found(repo, path, match[1], "python")
        for name in ("mise.toml", ".mise.toml"):
            path = join(folder, name)
            version = _table((repo.toml(path) if repo.has(path) else None) or {}, "tools").get("python")
            if isinstance(version, str) and version[:1].isdigit():
                yield _found(repo, path, version, "python")


def _pyproject(repo: Repo, root: str) -> Iterator[Found]:
    path = join(root, "pyproject.toml")
    document = (repo.toml(path) if repo.has(path) else None) or {}
    stated = _table(document, "project").get("requires-python")
    if isinstance(stated, str):
        yield _found(repo, path, stated, "requires-python")
    stated = _table(_table(_table(document, "tool"), "poetry"), "dependencies").get("python")
    if isinstance(stated, str) and stated != "*":
        yield _found(repo, path, stated, "python =")


def _environment(repo: Repo, root: str) -> Iterator[Found]:
    for name in ("environment.yml", "environment.yaml"):
        path = join(root, name)
        match = re.search(r"^\s*-\s*(?:[\w-]+::)?python\s*[=<>~]+\s*(\d[\d.]*)", repo.read(path) or "", re.MULTILINE) if repo.has(path) else None
        if match:
            yield _found(repo, path, match[1], match[0].strip())


def _setup_cfg(repo: Repo, root: str) -> Iterator[Found]:
    path = join(root, "setup.cfg")
    stated = setup_cfg(repo, root).get("options", "python_requires", fallback=None) if repo.has(path) else None
    if stated:
        yield _found(repo, path, stated.strip(), "python_requires")


def _setup_py(repo: Repo, root: str) -> Iterator[Found]:
    call = setup_call(repo, root)
    stated = text_of(argument(call, "python_requires")) if call else None
    if stated:
        yield _found(repo, join(root, "setup.py"), stated, "python_requires")


def _uv_lock(repo: Repo, root: str) -> Iterator[Found]:
    path = join(root, "uv.lock")
    head = (repo.read(path) or "")[:2000] if repo.has(path) else ""
    match = re.search(r'^requires-python = "([^"]+)"', head, re.MULTILINE)
    if match:
        yield _found(repo, path, match[1], "requires-python")


def _classifiers(repo: Repo, root: str) -> Iterator[Found]:
    path = join(root, "pyproject.toml")
    project = _table((repo.toml(path) if repo.has(path) else None) or {}, "project")
    yield from _highest(repo, path, project.get("classifiers"))
    call = setup_call(repo, root)
    listed = argument(call, "classifiers") if call else None
    if isinstance(listed, (ast.List, ast.Tuple)):
        yield from _highest(repo, join(root, "setup.py"), [text_of(item) for item in listed.elts])


def _highest(repo: Repo, path: str, classifiers: object) -> Iterator[Found]:
    stated = [str(item) for item in cast("list[object]", classifiers)] if isinstance(classifiers, list) else []
    minors = [int(match[1]) for item in stated if (match := re.fullmatch(r"Programming Language :: Python :: 3\.(\d{1,3})", item))]
    if minors:
        version = f"3.{max(minors)}"
        yield _found(repo, path, version, f":: {version}", 0.6)


_STATEMENTS: tuple[Callable[[Repo, str], Iterator[Found]], ...] = (
    _python_version_file, _runtime_txt, _pipfile, _tool_versions, _pyproject, _environment, _setup_cfg, _setup_py, _uv_lock, _classifiers,
)  # fmt: skip


def _table(value: dict[str, Any], key: str) -> dict[str, Any]:
    found = value.get(key)
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}
