"""Databases, caches and queues that the code connects to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from opsmith.detectors.javascript.backing import DATABASES, Sign, host_near, of_addresses, summed_up
from opsmith.detectors.javascript.facts import Read, shorten
from opsmith.detectors.javascript.source import Module, Sources
from opsmith.detectors.javascript.syntax import line, string_value, text
from opsmith.detectors.node.migrations import Schema
from opsmith.detectors.node.packages import Package
from opsmith.detectors.services import KIND_BY_PACKAGE, KIND_BY_SCHEME
from opsmith.model.survey import BackingService, Evidence

_WRAPPERS = (
    "typeorm",
    "sequelize",
    "knex",
    "@mikro-orm/core",
    "drizzle-orm",
    "@nestjs/typeorm",
    "@nestjs/sequelize",
    "objection",
    "bookshelf",
    "kysely",
    "@adonisjs/lucid",
)
"""Libraries that load the driver themselves, by a dialect that is written somewhere."""
_DIALECTS = {
    **KIND_BY_SCHEME,
    "pg": "postgres",
    "better-sqlite3": "sqlite",
    "sqlite": "sqlite",
    "sqlite3": "sqlite",
    "oracledb": "oracle",
    "mongo": "mongodb",
}


def backing_services(
    sources: Sources, packages: list[Package], schema: Schema | None, reads: list[Read], listed: Mapping[str, Read]
) -> tuple[tuple[BackingService, ...], tuple[Evidence, ...]]:
    """One entry a kind, the surest sign first."""
    signs = [*_of_schema(schema), *_of_imports(sources, packages), *dialects(sources, packages, listed)]
    signs += of_addresses(sources, {sign.kind for sign in signs})
    if not DATABASES & {sign.kind for sign in signs}:
        signs += _of_manifest(sources, packages, schema)
    names = [name for name, _ in (schema.variables if schema else ())]
    return summed_up(signs, reads, listed, names)


def _of_schema(schema: Schema | None) -> Iterator[Sign]:
    if schema is not None and schema.kind is not None:
        yield Sign(schema.kind, schema.file, schema.line, "datasource provider", 0.95)


def _of_imports(sources: Sources, packages: Iterable[Package]) -> Iterator[Sign]:
    """Client libraries that a manifest lists and code that is no test imports."""
    wanted = {name: kind for package in packages for name in package.dependencies if (kind := KIND_BY_PACKAGE["node"].get(name))}
    if not wanted:
        return
    choice = "|".join(re.escape(name) for name in sorted(wanted, key=len, reverse=True))
    pattern = re.compile(rf"""(?:from|require\(|import\(?)\s*['"]({choice})(?:/[^'"]*)?['"]""".encode())
    seen: set[str] = set()
    for path in sources.files:
        data = sources.repo.bytes(path) or b""
        for match in pattern.finditer(data):
            name = match[1].decode()
            row = data[data.rfind(b"\n", 0, match.start()) + 1 : match.end()]
            if name not in seen and not row.lstrip().startswith((b"import type", b"//", b"*")):
                seen.add(name)
                number = data.count(b"\n", 0, match.start()) + 1
                yield Sign(wanted[name], path, number, shorten(row.decode("utf-8", "replace"), 80), 0.9, host_near(sources, path, wanted[name]))


def dialects(sources: Sources, packages: list[Package], listed: Mapping[str, Read]) -> Iterator[Sign]:
    """`type: "postgres"` of TypeORM, `dialect:` of Sequelize and Drizzle, `client:` of Knex."""
    if not any(package.uses(*_WRAPPERS) for package in packages):
        return
    for module in [*sources.modules(b"dialect"), *sources.modules(b"type:"), *sources.modules(b"client:"), *_tool_configs(sources, packages)]:
        if not re.search(rb"(?i)typeorm|sequelize|knex|mikro|drizzle|DataSource|database|host", module.data):
            continue
        for pair in module.pairs:
            key = text(pair.child_by_field_name("key")).strip("'\"")
            value = string_value(pair.child_by_field_name("value"))
            if key in ("dialect", "type", "client", "provider") and value in _DIALECTS:
                yield Sign(_DIALECTS[value], module.path, line(pair), text(pair), 0.85)
    for name in ("DATABASE_TYPE", "DB_TYPE", "DB_DIALECT", "DB_CONNECTION", "TYPEORM_CONNECTION", "DB_CLIENT", "DATABASE_CLIENT"):
        read = listed.get(name)
        if read is not None and read.default in _DIALECTS:
            yield Sign(_DIALECTS[read.default or ""], read.file, read.line, f"{name}={read.default}", 0.8)


def _tool_configs(sources: Sources, packages: list[Package]) -> Iterator[Module]:
    for package in packages:
        for name in sources.repo.folder(package.path):
            if re.match(r"(knexfile|drizzle\.config|ormconfig|mikro-orm\.config|data-source)\.", name):
                module = sources.module(f"{package.path}/{name}".lstrip("/"))
                if module is not None:
                    yield module


def _of_manifest(sources: Sources, packages: list[Package], schema: Schema | None) -> Iterator[Sign]:
    """A driver that an ORM loads without any import of ours; several drivers are alternatives and say nothing."""
    if schema is not None:
        return
    for package in packages:
        drivers = {name: kind for name in package.dependencies if (kind := KIND_BY_PACKAGE["node"].get(name)) in DATABASES and kind}
        if len(set(drivers.values())) == 1 and package.uses(*_WRAPPERS):
            name, kind = next(iter(drivers.items()))
            yield Sign(kind, package.file, sources.repo.line_of(package.file, f'"{name}"'), f"dependency {name}", 0.6)
            return
