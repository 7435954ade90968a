"""Backing services: what code imports and what connections say; of the build's drivers only where neither tells."""

from __future__ import annotations

import re
from dataclasses import dataclass

from opsmith.detectors.scala.build import Build
from opsmith.detectors.scala.clients import ARTIFACTS, CLIENTS, DATABASE_USE, SQLITE
from opsmith.detectors.scala.environment import Read
from opsmith.detectors.scala.hocon import Setting
from opsmith.detectors.scala.source import Source
from opsmith.detectors.services import kind_of_env
from opsmith.model.survey import BackingService, Evidence

_SQL = ("postgres", "mysql", "mssql", "oracle")
_DATABASE = re.compile(r"(?:^|_)(?:DB|DATABASE|JDBC|SQL)(?:_|$)|DBNAME$")
_CONNECTS = re.compile(r"(?i)(?:url|uri|host|hostname|server|user|username|password|name|dbname|database|port|serverName|databaseName)$")
_SECTION = re.compile(r"(?i)^(?:db|database|jdbc|slick|postgres\w*|mysql|doobie|quill|sql\w*)$")


@dataclass(frozen=True, slots=True)
class Backings:
    services: tuple[BackingService, ...]
    evidence: tuple[Evidence, ...]
    choices: tuple[str, ...]
    sqlite: tuple[Evidence, ...]


def backings(build: Build, files: list[Source], settings: list[Setting], reads: list[Read]) -> Backings:
    found: dict[str, Evidence] = {}
    for mark, kind in CLIENTS.items():
        source = next((item for item in files if item.mentions(mark)), None) if kind not in found else None
        if source is not None:
            found[kind] = Evidence(file=source.path, line=source.line_of(mark), shows=mark.decode(), confidence=0.85)
    choices = _by_artifact(build, files, found)
    sqlite = tuple(
        Evidence(file=item.path, line=item.line_of(SQLITE[0]), shows="SQLite, a file", confidence=0.8) for item in files if item.mentions(*SQLITE)
    )
    databases = [kind for kind in found if kind in _SQL]
    services = tuple(_service(kind, settings, reads, databases) for kind in found)
    return Backings(services, tuple(found.values()), choices, () if databases else sqlite[:1])


def _by_artifact(build: Build, files: list[Source], found: dict[str, Evidence]) -> tuple[str, ...]:
    """The driver that the build lists, for a program that uses a database without saying which; the choices where it lists several."""
    if (
        any(kind in _SQL for kind in found)
        or not any(item.mentions(*DATABASE_USE) for item in files)
        or any(item.mentions(*SQLITE) for item in files)
    ):
        return ()
    listed: dict[str, Evidence] = {}
    for item in build.files:
        for mark, kind in ARTIFACTS.items():
            if item.mentions(mark):
                listed.setdefault(kind, Evidence(file=item.path, line=item.line_of(mark), shows=mark.decode().strip('"'), confidence=0.8))
    if len(listed) == 1:
        found.update(listed)
    return tuple(listed) if len(listed) > 1 else ()


def _connects(item: Setting) -> bool:
    """A key of a database's section that says where it is and how to enter."""
    return any(_SECTION.match(part) for part in item.path[:-1]) and _CONNECTS.fullmatch(item.path[-1]) is not None


def _service(kind: str, settings: list[Setting], reads: list[Read], databases: list[str]) -> BackingService:
    names = {read.name for read in reads if kind_of_env(read.name) == kind}
    if databases == [kind]:
        names |= {read.name for read in reads if kind_of_env(read.name) is None and _DATABASE.search(read.name)}
        names |= {item.env for item in settings if item.env and kind_of_env(item.env) is None and _connects(item)}
    return BackingService(kind=kind, name=kind, env=tuple(sorted(names & {read.name for read in reads})))
