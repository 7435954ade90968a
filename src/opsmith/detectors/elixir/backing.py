"""Backing services: the adapters of Ecto repositories, and client libraries that code uses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from opsmith.detectors.elixir.clients import BY_DRIVER_PACKAGE, CLIENTS, DRIVERS
from opsmith.detectors.elixir.environment import Read
from opsmith.detectors.elixir.mix import Dependency
from opsmith.detectors.elixir.source import Source, literal, module_around, options
from opsmith.detectors.elixir.values import Values
from opsmith.detectors.services import kind_of_env
from opsmith.model.survey import BackingService, Evidence

_CONNECTS = frozenset(
    ("URL", "URI", "HOST", "HOSTNAME", "HOSTS", "PORT", "USER", "USERNAME", "PASSWORD", "PASS", "DATABASE", "DB", "DSN", "ADDR", "ADDRESS", "SERVER",
     "SERVERS", "BROKER", "BROKERS", "ENDPOINT", "ENDPOINTS", "SOCKET", "NODES", "PGHOST", "PGPORT", "PGUSER", "PGPASSWORD", "PGDATABASE")
)  # fmt: skip
"""The last word of a variable that says where a service is and how to enter."""
_DATABASE = re.compile(r"(?:^|_)(?:DB|DATABASE)_")
_SQL = ("postgres", "mysql", "mssql")


@dataclass(frozen=True, slots=True)
class EctoRepo:
    """`kind` None: the adapter is chosen by something that reading cannot tell."""

    module: str
    kind: str | None
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Backings:
    services: tuple[BackingService, ...]
    evidence: tuple[Evidence, ...]
    choices: tuple[str, ...]
    sqlite: tuple[Evidence, ...]


def backings(sources: list[Source], dependencies: Mapping[str, Dependency], repos: list[EctoRepo], values: Values, reads: list[Read]) -> Backings:
    found: dict[str, Evidence] = {}
    for repo in repos:
        if repo.kind is not None:
            found.setdefault(repo.kind, repo.evidence)
    drivers = tuple(dict.fromkeys(kind for name, kind in BY_DRIVER_PACKAGE.items() if name in dependencies and dependencies[name].in_production))
    unsure = [repo for repo in repos if repo.kind is None]
    if unsure and len(drivers) == 1:
        found.setdefault(drivers[0], unsure[0].evidence)
    for kind, shown in _clients(sources, dependencies):
        found.setdefault(kind, shown)
    file_based = found.pop("sqlite", None)
    sqlite = (file_based,) if file_based is not None and not any(kind in _SQL for kind in found) else ()
    services = tuple(_service(kind, repos, values, reads) for kind in found)
    return Backings(services, tuple(found.values()), drivers if unsure and len(drivers) > 1 else (), sqlite)


def ecto_repos(sources: list[Source], dependencies: Mapping[str, Dependency], values: Values) -> list[EctoRepo]:
    return [repo for source in sources if source.mentions(b"use Ecto.Repo") for repo in _repos(source, dependencies, values)]


def _repos(source: Source, dependencies: Mapping[str, Dependency], values: Values) -> Iterator[EctoRepo]:
    for call in source.calls():
        if call.name != "use" or not call.arguments or literal(call.arguments[0]) != "Ecto.Repo":
            continue
        told = options(call).get("adapter")
        module = module_around(call.node)
        named = [value.text for value in values.of(told, source)] if told is not None else []
        named += [literal(item.node) or "" for item in values.settings if item.path == (module, "adapter")]
        kinds = list(dict.fromkeys(DRIVERS[name] for name in named if name in DRIVERS))
        drivers = {kind for name, kind in BY_DRIVER_PACKAGE.items() if name in dependencies and dependencies[name].in_production}
        kind = kinds[0] if len(kinds) == 1 else next(iter(drivers)) if len(drivers) == 1 and not kinds else None
        shows = f"{module} uses {named[0]}" if kinds and len(kinds) == 1 else f"use Ecto.Repo in {module}"
        yield EctoRepo(module, kind, Evidence(file=source.path, line=call.line, shows=shows, confidence=0.95 if kinds else 0.75))


def _clients(sources: list[Source], dependencies: Mapping[str, Dependency]) -> Iterator[tuple[str, Evidence]]:
    for name, (kind, marks) in CLIENTS.items():
        if name in dependencies and dependencies[name].in_production:
            for source in sources:
                mark = next((mark for mark in marks if mark in source.data), None)
                if mark is not None:
                    number = source.data.count(b"\n", 0, source.data.find(mark)) + 1
                    yield kind, Evidence(file=source.path, line=number, shows=f"{mark.decode()} of :{name}", confidence=0.8)
                    break


def _service(kind: str, repos: list[EctoRepo], values: Values, reads: list[Read]) -> BackingService:
    known = {read.name: read for read in reads}
    names = {read.name for read in reads if kind_of_env(read.name) == kind and read.name.rpartition("_")[2] in _CONNECTS}
    if kind in _SQL and len({repo.kind for repo in repos}) == 1:
        names |= {
            read.name
            for read in reads
            if kind_of_env(read.name) is None and _DATABASE.search(read.name) and read.name.rpartition("_")[2] in _CONNECTS
        }
    modules = {repo.module for repo in repos if repo.kind == kind or (repo.kind is None and kind in _SQL)}
    names |= {name for name in _settings_variables(modules, values) if name in known and kind_of_env(name) in (None, kind)}
    addresses = [known[name] for name in names if any(word in name for word in ("URL", "URI", "HOST", "SERVER", "ADDR", "BROKER", "ENDPOINT"))]
    optional = not modules and bool(addresses) and all(not read.required and not read.default for read in addresses)
    return BackingService(kind=kind, name=kind, env=tuple(sorted(names)), optional=optional)


def _settings_variables(modules: set[str], values: Values) -> Iterator[str]:
    """Variables that decide how a repository connects; those that only tune it are left out."""
    for item in values.settings:
        if len(item.path) == 2 and item.path[0] in modules and item.path[1] in ("url", "hostname", "username", "password", "database", "port"):
            for value in values.of(item.node, item.source):
                if value.env:
                    yield value.env
