"""Backing services of a process: what its code imports, addresses it holds, engines its settings name, and drivers its manifests list.

An import in code that runs counts. A driver that is only listed counts where something else speaks of that database (an ORM, DATABASE_URL,
a variable's name); beside a SQLite default it is optional. What is imported only if it happens to be installed is left out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from opsmith.detectors import services
from opsmith.detectors.python.imported import drop_guarded, from_imports
from opsmith.detectors.python.literals import from_literals
from opsmith.detectors.python.packages import Packages
from opsmith.detectors.python.reads import Read
from opsmith.detectors.python.sightings import Sighting, see
from opsmith.detectors.python.source import Source
from opsmith.model.survey import BackingService, Evidence

_DATABASES = ("postgres", "mysql", "mssql", "oracle")
_ORMS = ("sqlalchemy", "sqlmodel", "django", "tortoise-orm", "peewee", "databases", "flask-sqlalchemy", "ormar", "piccolo", "pony", "gino", "alembic")
_DATABASE_NAMES = re.compile(
    r"^(?:\w+_)?(?:(?:DATABASE|DB|SQL)_(?:URL|URI|DSN|HOST|HOSTNAME|SERVER|PORT|NAME|DATABASE|USER|USERNAME|PASS|PASSWORD|CREDENTIALS)|SQLALCHEMY_DATABASE_URI)$"
)
_BROKER_NAMES = re.compile(r"BROKER|RESULT_BACKEND|CELERY_\w*URL|QUEUE_URL|CACHE_URL")


@dataclass(frozen=True, slots=True)
class Backings:
    services: tuple[BackingService, ...]
    evidence: tuple[Evidence, ...]
    alternatives: tuple[str, ...]
    """Databases to choose from, when several are listed and nothing tells which."""
    sqlite: tuple[Evidence, ...]
    """What shows that a file is the only database."""


def backings(source: Source, packages: Packages, scope: frozenset[str] | None, reads: list[Read]) -> Backings:
    seen: dict[str, Sighting] = {}
    from_imports(source, scope, seen)
    drop_guarded(source, scope, seen)
    modules = [module for module in source.modules() if scope is None or module.path in scope]
    sqlite = [found for module in modules for found in from_literals(source, module, seen)]
    _from_names(packages, reads, seen)
    alternatives = _from_drivers(packages, reads, seen, sqlite)
    _drop_alternatives(seen, sqlite)
    _name_variables(reads, seen)
    found = tuple(
        BackingService(
            kind=kind,
            name=kind,
            env=tuple(sorted(item.env)),
            host=item.host,
            optional=not item.required,
            instead_of_file=bool(sqlite) and kind in _DATABASES and not item.required,
            selected_by=tuple(sorted(item.selected_by.items())),
        )
        for kind, item in sorted(seen.items())
    )
    evidence = tuple(evidence for _, item in sorted(seen.items()) for evidence in item.evidence[:3])
    only_file = not any(kind in seen for kind in (*_DATABASES, "mongodb"))
    return Backings(found, evidence, alternatives, tuple(sqlite[:2]) if only_file else ())


# -- names and drivers -------------------------------------------------------------------------------------------------------------------


def _listed_kinds(packages: Packages) -> dict[str, Evidence]:
    found: dict[str, Evidence] = {}
    for name, entry in packages.main.items():
        kind = services.kind_of_package("python", name)
        if kind:
            found.setdefault(kind, entry.evidence)
        if name in ("celery", "kombu", "flask-caching", "dramatiq", "taskiq", "flask-limiter"):
            for extra in entry.extras:
                if extra in ("redis", "rabbitmq"):
                    found.setdefault(extra, entry.evidence)
    return found


def _from_names(packages: Packages, reads: list[Read], seen: dict[str, Sighting]) -> None:
    """A variable named after a kind counts when a client for it is listed."""
    listed = _listed_kinds(packages)
    for read in reads:
        kind = services.kind_of_env(read.name)
        if kind in listed and kind not in seen:
            item = see(seen, kind, read.evidence, required=read.required or read.default is not None)
            item.evidence.append(listed[kind])


def _from_drivers(packages: Packages, reads: list[Read], seen: dict[str, Sighting], sqlite: list[Evidence]) -> tuple[str, ...]:
    """Databases and brokers whose driver is listed while something else speaks of a database or a broker."""
    listed = _listed_kinds(packages)
    if not any(kind in seen for kind in (*_DATABASES, "mongodb")) and packages.lists(*_ORMS):
        drivers = [kind for kind in _DATABASES if kind in listed]
        if drivers:
            see(seen, drivers[0], listed[drivers[0]], required=not sqlite)
        if len(drivers) > 1:
            return tuple(drivers)
    if not any(kind in seen for kind in ("redis", "rabbitmq", "kafka")) and packages.lists("celery", "dramatiq", "flask-caching", "rq", "channels"):
        broker = next((kind for kind in ("redis", "rabbitmq") if kind in listed), None)
        if broker:
            see(seen, broker, listed[broker], required=any(_BROKER_NAMES.search(read.name) for read in reads))
    return ()


def _drop_alternatives(seen: dict[str, Sighting], sqlite: list[Evidence]) -> None:
    """Of several optional databases one is enough; with a SQLite default even the required ones are."""
    databases = [kind for kind in _DATABASES if kind in seen]
    if sqlite and databases:
        for kind in databases:
            seen[kind].required = seen[kind].required and any("imports" in item.shows for item in seen[kind].evidence)
    elif len(databases) == 1:
        seen[databases[0]].required = True
    certain = [kind for kind in databases if seen[kind].required]
    for kind in databases:
        if kind not in (certain or databases[:1]):
            del seen[kind]


def _name_variables(reads: list[Read], seen: dict[str, Sighting]) -> None:
    """Which variables carry the address or credentials of which service."""
    databases = [kind for kind in (*_DATABASES, "mongodb") if kind in seen]
    brokers = [kind for kind in ("redis", "rabbitmq") if kind in seen]
    for read in reads:
        kind = services.kind_of_env(read.name) or (services.kind_of_url(read.default) if read.default else None)
        if kind is None and _DATABASE_NAMES.match(read.name) and len(databases) == 1:
            kind = databases[0]
        if kind is None and _BROKER_NAMES.search(read.name) and len(brokers) == 1:
            kind = brokers[0]
        if kind in seen:
            seen[kind].env.add(read.name)
