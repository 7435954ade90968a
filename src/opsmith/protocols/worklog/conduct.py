"""The root CLAUDE.md, respected as far as it can be: what it forbids to touch is not touched, and what no machine can check is told.

It can only ever forbid. Nothing in it makes this agent do something.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from opsmith.protocols import documents
from opsmith.protocols.markdown import Document

FILE = "CLAUDE.md"
_FORBIDS = re.compile(r"\b(?:never|do not|don['’]t|must not|may not|no agent may|not allowed to|forbidden to)\b", re.IGNORECASE)
_TOUCHES = re.compile(r"\b(?:edit|modify|touch|change|write|overwrite|replace|delete|remove|create|add)\w*\b", re.IGNORECASE)
_QUOTED = re.compile(r"`([^`\s]{1,200})`")
_INFRASTRUCTURE = re.compile(
    r"\b(?:deploy\w*|docker\w*|kubernetes|k8s|pipelines?|ci|terraform|infrastructure|images?|secrets?|monitoring)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ban:
    """Line `line` of CLAUDE.md forbids to touch `glob`."""

    glob: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Conduct:
    """`unchecked` are the lines that forbid something about infrastructure without naming a file."""

    bans: tuple[Ban, ...] = ()
    unchecked: tuple[int, ...] = ()


def load(root: Path) -> Conduct:
    text = documents.read(documents.place(root, FILE))
    return parsed(text or "")


def parsed(text: str) -> Conduct:
    document = Document(text)
    bans: list[Ban] = []
    unchecked: list[int] = []
    for number, line in enumerate(document.plain, start=1):
        if len(line) > 2_000 or not document.is_visible(number - 1) or not _FORBIDS.search(line):
            continue
        globs = [match.removeprefix("./") for match in _QUOTED.findall(line)] if _TOUCHES.search(line) else []
        bans += [Ban(glob=glob, line=number) for glob in globs]
        if not any(map(_looks_like_path, globs)) and _INFRASTRUCTURE.search(line):
            unchecked.append(number)
    return Conduct(bans=tuple(bans), unchecked=tuple(unchecked))


def _looks_like_path(glob: str) -> bool:
    return any(char in glob for char in "/.*") or glob.startswith("Dockerfile")


def broken(conduct: Conduct, paths: Iterable[str]) -> list[str]:
    """What writing `paths` would go against, in words."""
    found = ((path, ban) for path in paths for ban in conduct.bans if _covers(ban.glob, path))
    return [f"{path}: {FILE}:{ban.line} forbids to touch {ban.glob}" for path, ban in found]


def _covers(glob: str, path: str) -> bool:
    """A file, a glob, or a folder with all that is in it."""
    folder = glob.rstrip("/*")
    if path == glob or fnmatchcase(path, glob) or (folder and path.startswith(f"{folder}/")):
        return True
    return "/" not in glob and path.rpartition("/")[2] == glob
