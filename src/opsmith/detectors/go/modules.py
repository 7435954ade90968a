"""Go modules of a repository: go.mod and go.work, and the trees from before modules existed.

Precedence of the version: the `toolchain` line of go.mod (what the authors build with), then .go-version, then the `golang` or `go` line of
.tool-versions, then the `go` line of go.mod (the least that works), then the `go` line of go.work.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass

from opsmith.model.survey import Evidence
from opsmith.repo import Repo

_LEGACY = {"Gopkg.toml": "dep", "Gopkg.lock": "dep", "glide.yaml": "glide", "Godeps.json": "godep"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """`path` is what its packages are imported by; None for a tree without go.mod. `replaces` are the local folders it is built with."""

    folder: str
    path: str | None
    manager: str = "go"
    version: str | None = None
    version_evidence: Evidence | None = None
    requires: frozenset[str] = frozenset()
    replaces: tuple[tuple[str, str], ...] = ()
    manifests: tuple[str, ...] = ()


def modules(repo: Repo) -> tuple[Module, ...]:
    """Innermost first, so that the first one that holds a file owns it."""
    found = [_module(repo, path) for path in repo.named("go.mod") if "/testdata/" not in f"/{path}"]
    if not found:
        found = _before_modules(repo)
    return tuple(sorted(found, key=lambda module: (-len(module.folder), module.folder)))


def owner(known: tuple[Module, ...], folder: str) -> Module | None:
    return next((module for module in known if inside(folder, module.folder)), None)


def inside(folder: str, outer: str) -> bool:
    return not outer or folder == outer or folder.startswith(outer + "/")


def join(*parts: str) -> str:
    """POSIX join with the root as ""; a path that climbs out of the root becomes the root."""
    path = posixpath.normpath("/".join(part for part in parts if part) or ".")
    return "" if path in (".", "..") or path.startswith(("../", "/")) else path


def _module(repo: Repo, manifest: str) -> Module:
    folder = manifest.rpartition("/")[0]
    lines = _directives(repo.read(manifest) or "")
    path = next((words[0].strip('"') for verb, words, _ in lines if verb == "module" and words), None)
    version, evidence = _version(repo, folder, manifest, lines)
    return Module(
        folder=folder,
        path=path,
        version=version,
        version_evidence=evidence,
        requires=frozenset(words[0] for verb, words, _ in lines if verb == "require" and words),
        replaces=tuple(_replaced(folder, words) for verb, words, _ in lines if verb == "replace" and _is_local(words)),
        manifests=tuple(name for name in (manifest, join(folder, "go.sum"), _workspace(repo, folder)) if name and repo.has(name)),
    )


def _directives(text: str) -> list[tuple[str, list[str], int]]:
    """Verb, words and line of every directive, blocks in parentheses written out."""
    result: list[tuple[str, list[str], int]] = []
    block = ""
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.partition("//")[0].split()
        if not words:
            continue
        if block:
            block = "" if words[0] == ")" else block
            if block:
                result.append((block, words, number))
        elif words[-1] == "(":
            block = words[0]
        else:
            result.append((words[0], words[1:], number))
    return result


def _is_local(words: list[str]) -> bool:
    return "=>" in words and words[-1].startswith((".", "/")) and words[-1] != "=>"


def _replaced(folder: str, words: list[str]) -> tuple[str, str]:
    return words[0], join(folder, words[words.index("=>") + 1])


def _version(repo: Repo, folder: str, manifest: str, lines: list[tuple[str, list[str], int]]) -> tuple[str | None, Evidence | None]:
    toolchain = next(((words[0].removeprefix("go"), number) for verb, words, number in lines if verb == "toolchain" and words), None)
    if toolchain and toolchain[0][:1].isdigit():
        return toolchain[0], Evidence(file=manifest, line=toolchain[1], shows=f"toolchain go{toolchain[0]}", confidence=0.95)
    for place in dict.fromkeys((folder, "")):
        for name, pattern in ((".go-version", r"^\s*v?(\d[\w.]*)"), (".tool-versions", r"^(?:golang|go)\s+(\d[\w.]*)")):
            path = join(place, name)
            if repo.has(path) and (match := re.search(pattern, repo.read(path) or "", re.MULTILINE)):
                return match[1], Evidence(file=path, line=repo.line_of(path, match[1]), shows=match[0].strip(), confidence=0.95)
    directive = next(((words[0], number) for verb, words, number in lines if verb == "go" and words), None)
    if directive:
        return directive[0], Evidence(file=manifest, line=directive[1], shows=f"go {directive[0]}", confidence=0.95)
    workspace = _workspace(repo, folder)
    for verb, words, number in _directives(repo.read(workspace) or "") if workspace else ():
        if verb == "go" and words:
            return words[0], Evidence(file=workspace or "", line=number, shows=f"go {words[0]}", confidence=0.9)
    return None, None


def _workspace(repo: Repo, folder: str) -> str | None:
    """The go.work that uses the module in `folder`."""
    for path in repo.named("go.work"):
        base = path.rpartition("/")[0]
        used = [join(base, words[0]) for verb, words, _ in _directives(repo.read(path) or "") if verb == "use" and words]
        if folder in used:
            return path
    return None


def _before_modules(repo: Repo) -> list[Module]:
    for name, manager in _LEGACY.items():
        for path in repo.named(name):
            folder = path.rpartition("/")[0].removesuffix("Godeps").rstrip("/")
            lock = join(folder, "Gopkg.lock")
            manifests = tuple(dict.fromkeys(item for item in (path, lock) if repo.has(item)))
            return [Module(folder=folder, path=None, manager=manager, manifests=manifests)]
    return [Module(folder="", path=None)] if any(path.endswith(".go") for path in repo.files) else []
