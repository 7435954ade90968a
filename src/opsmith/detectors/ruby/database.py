"""Which database production uses: config/database.yml where there is one, else the drivers of the bundle."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from opsmith.detectors.ruby.clients import KIND_BY_ADAPTER, KIND_BY_DRIVER
from opsmith.detectors.ruby.environment import fallback
from opsmith.detectors.ruby.erb import Settings, settings
from opsmith.detectors.ruby.project import Project
from opsmith.detectors.services import kind_of_url
from opsmith.model.survey import Evidence
from opsmith.shapes import table

_FILES = (
    "config/database.yml", "config/database.yml.erb", "config/database.yml.example", "config/database.example.yml", "config/database.yml.sample",
    "config/database.sample.yml", "config/database.yml.default", "config/database.yml.dist", "config/database.yml.template",
    "config/database.yml.postgresql", "config/database.yml.pgsql", "config/database.yml.postgres", "config/database.yml.mysql",
    "config/database-example.yml", "config/database.docker.yml", "config/database.pg.yml", "config/database.default.yml",
)  # fmt: skip
_LOCAL = frozenset(("localhost", "127.0.0.1", "::1"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """`choices` are set where somebody has to decide; `addressed`: the settings say where it is; `hosts`: the address that a file fixes."""

    kinds: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    choices: tuple[str, ...] = ()
    env: tuple[str, ...] = ()
    host: str | None = None
    addressed: bool = False
    sqlite: bool = False


def database(project: Project) -> Database | None:
    """The database of ActiveRecord; None when the project has none."""
    file = project.first(*_FILES)
    known = settings(project.repo, project.path(file)) if file else None
    drivers = _drivers(project)
    if known is not None and (told := _told(project, known, drivers)) is not None:
        return told
    return _by_driver(drivers)


def _drivers(project: Project) -> dict[str, Evidence]:
    """The kinds that the drivers in the bundle speak, with where."""
    found: dict[str, Evidence] = {}
    for name, kind in KIND_BY_DRIVER.items():
        if (gem := project.gem(name)) is not None:
            found.setdefault(kind, gem.evidence)
    return found


def _by_driver(drivers: dict[str, Evidence]) -> Database | None:
    servers = [kind for kind in drivers if kind != "sqlite"]
    if len(servers) > 1:
        return Database(kinds=(), evidence=tuple(drivers.values()), choices=tuple(drivers))
    if servers:
        return Database(kinds=(servers[0],), evidence=(drivers[servers[0]],))
    return Database(kinds=(), evidence=(drivers["sqlite"],), sqlite=True) if drivers else None


def _told(project: Project, known: Settings, drivers: dict[str, Evidence]) -> Database | None:
    entries = list(_entries(known.production))
    found = {adapter: entry for entry in entries if (adapter := _kind(known, entry)) is not None}
    if not found:
        return None
    if project.bundle is not None and drivers and not set(found) & set(drivers):
        return None  # a sample for another database than the one whose driver is installed
    kinds = tuple(kind for kind in found if kind != "sqlite")
    used = [entry for entry in entries if _kind(known, entry) in kinds]
    host = next((value for entry in used if (value := _fixed_host(known, entry))), None)
    env = tuple(
        dict.fromkeys(name for entry in used for value in entry.values() for tag in known.tags_in(value) if (name := fallback(tag.source)[1]))
    )
    line = project.repo.line_of(known.path, "production:") or project.repo.line_of(known.path, "adapter:")
    shows = ", ".join(f"adapter {kind}" for kind in found)
    return Database(
        kinds=kinds,
        evidence=(
            Evidence(file=known.path, line=line, shows=f"production: {shows}", confidence=0.95 if known.path.endswith("database.yml") else 0.75),
        ),
        env=env,
        host=host,
        addressed=any(_is_addressed(known, entry) for entry in used),
        sqlite=not kinds,
    )


def _entries(production: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """One entry, or one for each database of an application with several."""
    if {"adapter", "url", "host"} & set(production):
        yield production
    else:
        yield from (table(entry) for entry in production.values() if {"adapter", "url"} & set(table(entry)))


def _kind(known: Settings, entry: dict[str, Any]) -> str | None:
    for key in ("adapter", "url"):
        value = _plain(known, entry.get(key))
        if value:
            return KIND_BY_ADAPTER.get(value.lower()) or kind_of_url(value)
    return None


def _plain(known: Settings, value: object) -> str | None:
    """A value as it is when nothing is set."""
    tags = known.tags_in(value)
    return fallback(tags[0].source)[0] if tags else value if isinstance(value, str) else None


def _is_addressed(known: Settings, entry: dict[str, Any]) -> bool:
    return any(bool(known.tags_in(entry.get(key))) or _fixed_host(known, entry) is not None for key in ("url", "host", "hostname"))


def _fixed_host(known: Settings, entry: dict[str, Any]) -> str | None:
    value = entry.get("host", entry.get("hostname"))
    return value if isinstance(value, str) and not known.tags_in(value) and value not in _LOCAL and not value.startswith("/") else None
