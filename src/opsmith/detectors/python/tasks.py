"""Commands that a repository itself starts things with: a Procfile, and the task tables of pyproject.toml (poe, pdm, taskipy, hatch)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from opsmith.detectors.python.packages import join
from opsmith.detectors.python.source import Source
from opsmith.model.survey import Evidence

_MOST = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    name: str
    command: str
    evidence: Evidence


def procfile(source: Source) -> list[Task]:
    path = join(source.root, "Procfile")
    lines = (source.repo.read(path) or "").splitlines() if source.repo.has(path) else []
    matches = [(number, re.match(r"^([A-Za-z][\w-]*):\s*(\S.*)$", line)) for number, line in enumerate(lines, start=1)]
    return [
        Task(
            name=match[1],
            command=match[2].strip(),
            evidence=Evidence(file=path, line=number, shows=f"process type {match[1]}", confidence=0.85),
        )
        for number, match in matches
        if match
    ]


def task_tables(source: Source) -> list[Task]:
    path = join(source.root, "pyproject.toml")
    document = (source.repo.toml(path) if source.repo.has(path) else None) or {}
    found = [(name, command) for name, entry in _entries(_table(document.get("tool"))) for command in _commands(entry)]
    return [Task(name=name, command=command, evidence=_evidence(source, path, name, command)) for name, command in found[:_MOST]]


def _entries(tool: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    yield from _table(_table(tool.get("poe")).get("tasks")).items()
    yield from _table(_table(tool.get("pdm")).get("scripts")).items()
    yield from _table(_table(tool.get("taskipy")).get("tasks")).items()
    for environment in _table(_table(tool.get("hatch")).get("envs")).values():
        yield from _table(_table(environment).get("scripts")).items()


def _commands(entry: object) -> Iterator[str]:
    """A command as text, as a list of words (`cmd`) or as one of several in order."""
    if isinstance(entry, str):
        yield " ".join(entry.split())
    elif isinstance(entry, list):
        yield from (" ".join(item.split()) for item in cast("list[object]", entry) if isinstance(item, str))
    elif isinstance(entry, dict):
        told = _table(cast("object", entry))
        command = told.get("cmd", told.get("shell"))
        if isinstance(command, list):
            yield " ".join(str(item) for item in cast("list[object]", command))
        elif isinstance(command, str):
            yield " ".join(command.split())


def _evidence(source: Source, path: str, name: str, command: str) -> Evidence:
    line = source.repo.line_of(path, command[:60]) or source.repo.line_of(path, name)
    return Evidence(file=path, line=line, shows=f"task {name}: {command[:80]}", confidence=0.8)


def _table(value: object) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}
