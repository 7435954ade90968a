"""Backing services: JDBC drivers that connections speak of, and client libraries that code uses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from opsmith.detectors.clojure.clients import CLIENTS, JDBC
from opsmith.detectors.clojure.environment import Read
from opsmith.detectors.clojure.source import Source
from opsmith.detectors.services import kind_of_env, kind_of_url
from opsmith.model.survey import BackingService, Evidence

_SQL = ("postgres", "mysql", "mssql", "oracle")
_DATABASE = re.compile(r"(?:^|_)(?:DB|DATABASE|JDBC|SQL)(?:_|$)")
_HOST = re.compile(rb'(?:jdbc:)?(\w+)(?:\+\w+)?://(?:[^@/\s"]{0,80}@)?([A-Za-z][\w.-]{0,80})(?::\d{1,5})?[/"]')


@dataclass(frozen=True, slots=True)
class Backings:
    services: tuple[BackingService, ...]
    evidence: tuple[Evidence, ...]
    choices: tuple[str, ...]
    sqlite: tuple[Evidence, ...]


def backings(file: str, dependencies: Mapping[str, int], sources: list[Source], reads: list[Read]) -> Backings:
    databases, choices = _databases(file, dependencies, sources)
    found = {**databases, **dict(_clients(file, dependencies, sources))}
    file_based = found.pop("sqlite", None)
    sqlite = (file_based,) if file_based is not None and not any(kind in _SQL for kind in found) else ()
    services = tuple(_service(kind, sources, reads, [other for other in found if other in _SQL]) for kind in found)
    return Backings(services, tuple(found.values()), choices, sqlite)


def _databases(file: str, dependencies: Mapping[str, int], sources: list[Source]) -> tuple[dict[str, Evidence], tuple[str, ...]]:
    """By the drivers that are listed; of several only those that code or configuration names."""
    listed = {kind: (library, word) for library, (kind, word) in JDBC.items() if library in dependencies}
    named = {kind for kind, (_, word) in listed.items() if any(source.mentions(word) for source in sources)}
    chosen = listed if len(listed) == 1 else {kind: listed[kind] for kind in listed if kind in named}
    found = {
        kind: Evidence(file=file, line=dependencies[library], shows=library, confidence=0.9 if kind in named else 0.7)
        for kind, (library, _) in chosen.items()
    }
    return found, tuple(listed) if len(listed) > 1 and not chosen else ()


def _clients(file: str, dependencies: Mapping[str, int], sources: list[Source]) -> Iterator[tuple[str, Evidence]]:
    for library, (kind, marks) in CLIENTS.items():
        if library in dependencies and any(source.mentions(*marks) for source in sources):
            yield kind, Evidence(file=file, line=dependencies[library], shows=library, confidence=0.9)


def _service(kind: str, sources: list[Source], reads: list[Read], databases: list[str]) -> BackingService:
    own = [read for read in reads if kind_of_env(read.name) == kind]
    if databases == [kind]:
        own += [read for read in reads if read not in own and kind_of_env(read.name) is None and _DATABASE.search(read.name)]
    return BackingService(kind=kind, name=kind, env=tuple(sorted(read.name for read in own)), host=_host(kind, sources))


def _host(kind: str, sources: list[Source]) -> str | None:
    """The host of an address that stands in code or configuration; the machine itself is none."""
    for source in sources:
        for match in _HOST.finditer(source.data) if b"://" in source.data else ():
            host = match[2].decode()
            if kind_of_url(f"{match[1].decode('ascii', 'replace')}://") == kind and host not in ("localhost", "host"):
                return host
    return None
