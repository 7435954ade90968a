"""A fact while it is looked for: a value, where it was read, and what else it could have been."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from opsmith.model.survey import Evidence
from opsmith.repo import Repo

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    value: T
    evidence: tuple[Evidence, ...] = ()
    choices: tuple[str, ...] = ()
    """Set when somebody has to decide; the first one was taken."""


@dataclass(frozen=True, slots=True)
class Read:
    """One place that reads the environment variable `name`.

    `need`: "must" (checked or demanded), "bare" (used as it is), "may" (there is another way).
    """

    name: str
    need: str
    default: str | None
    file: str
    line: int
    shows: str


def found(value: T, file: str, line: int | None, shows: str, confidence: float = 0.9, *, choices: Iterable[str] = ()) -> Found[T]:
    return Found(value, (Evidence(file=file, line=line, shows=shorten(shows), confidence=confidence),), tuple(choices))


def shorten(text: str, limit: int = 120) -> str:
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def table(value: object) -> dict[str, Any]:
    """`value` when it is a mapping with text keys, as in JSON; else an empty one."""
    return {key: item for key, item in cast("dict[object, Any]", value).items() if isinstance(key, str)} if isinstance(value, dict) else {}


def written(value: object) -> str | None:
    """`value` when it is text that says something."""
    return value if isinstance(value, str) and value.strip() else None


def json_table(repo: Repo, file: str) -> dict[str, Any]:
    """The mapping in a JSON file; empty when there is none."""
    return table(repo.json(file)) if repo.has(file) else {}


def items(value: object) -> list[Any]:
    """`value` when it is a list; else an empty one."""
    return list(cast("list[object]", value)) if isinstance(value, list) else []


def join(*parts: str) -> str:
    """POSIX path of `parts`, with `.` and `..` taken out; what leads out of the root ends at the root."""
    result: list[str] = []
    for part in "/".join(parts).split("/"):
        if part == "..":
            del result[-1:]
        elif part not in ("", "."):
            result.append(part)
    return "/".join(result)


def parent(path: str) -> str:
    return path.rpartition("/")[0]


def ancestors(path: str) -> list[str]:
    """`path` itself, then every folder above it, the root ("") last."""
    result = [path]
    while path:
        path = parent(path)
        result.append(path)
    return result


def relative(path: str, folder: str) -> str:
    """`path` as seen from `folder`, both relative to the root."""
    have, base = [part for part in path.split("/") if part], [part for part in folder.split("/") if part]
    same = 0
    while same < min(len(have), len(base)) and have[same] == base[same]:
        same += 1
    return "/".join([".."] * (len(base) - same) + have[same:])


def label(name: str) -> str:
    """`name` as a component may be called."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:50].rstrip("-") or "app"
