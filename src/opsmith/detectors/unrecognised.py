"""What is not read: said aloud, so that a system is never shown as smaller than it is."""

from __future__ import annotations

import re
from collections.abc import Iterator

from opsmith.repo import Repo

MOST = 20
_LOAD_PLACE = re.compile(r"(?i)k6|artillery|load|perf|stress")
_LOAD_MARKS = (
    ("k6", (".js", ".ts", ".mjs"), (re.compile(rb"""(?:from|require\()\s*["']k6[/"']"""),)),
    ("Artillery", (".yml", ".yaml", ".json"), (re.compile(rb"\btarget[\"']?:"), re.compile(rb"\bscenarios[\"']?:"))),
)

_LOAD_ENDINGS = tuple(ending for _, endings, _ in _LOAD_MARKS for ending in endings)


def tell_unrecognised(repo: Repo) -> None:
    """Note a problem for the first file of each load generator (at most MOST)."""
    for path, tool in sorted(dict(_load_generators(repo)).items())[:MOST]:
        repo.problem(path, f"a load generator for {tool}, which opsmith does not run: it is missing here")


def _load_generators(repo: Repo) -> Iterator[tuple[str, str]]:
    """The first file of each folder that one of the tools reads; only where names speak of load, so that few files are opened."""
    seen: set[tuple[str, str]] = set()
    for path in repo.files:
        if not path.endswith(_LOAD_ENDINGS) or not _LOAD_PLACE.search(path):
            continue
        folder = path.rpartition("/")[0]
        for tool, endings, marks in _LOAD_MARKS:
            if path.endswith(endings) and (folder, tool) not in seen and _holds(repo, path, marks):
                seen.add((folder, tool))
                yield path, tool


def _holds(repo: Repo, path: str, marks: tuple[re.Pattern[bytes], ...]) -> bool:
    data = (repo.bytes(path) or b"")[:50_000]
    return all(mark.search(data) for mark in marks)
