"""Databases, caches and queues that the code connects to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from opsmith.detectors.node.facts import Read, shorten
from opsmith.detectors.node.migrations import Schema
from opsmith.detectors.node.packages import Package
from opsmith.detectors.node.source import Module, Sources
from opsmith.detectors.node.syntax import line, string_value, text
from opsmith.detectors.services import KIND_BY_PACKAGE, KIND_BY_SCHEME, kind_of_env, kind_of_url
from opsmith.model.survey import BackingService, Evidence

DATABASES = frozenset(("postgres", "mysql", "mssql", "oracle", "mongodb"))
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
_LOCAL = ("localhost", "127.0.0.1", "0.0.0.0", "::1")  # noqa: S104  # compared with, not bound to
_ADDRESS = re.compile(
    r"(?:.*_)?(?:URL|URI|URLS|HOST|HOSTS|HOSTNAME|PORT|USER|USERNAME|PASSWORD|PASS|PWD|NAME|DB|DATABASE|DSN|CONNECTION|CONNECTION_STRING|CONN|ADDR|ADDRESS|"
    r"BROKERS?|SERVERS?|NODES?|ENDPOINT|TOKEN|API_KEY|ACCESS_KEY|SECRET_KEY|SSL|TLS|SCHEMA|AUTH)|PG\w+"
)
_ANY_DATABASE = re.compile(r"(?:.*_)?(?:DATABASE|DB|TYPEORM|SQL)(?:_.*)?")
_ABOUT_BEHAVIOUR = re.compile(r"CAN_.*|ENABLE.*|DISABLE.*|PRESERVE_.*|TEST_.*|.*_(?:LOG|POOL|TIMEOUT|INTERVAL|MAX|MIN).*")


@dataclass(frozen=True, slots=True)
class Sign:
    """Something that says that `kind` is needed; `host` where the code fixes it."""

    kind: str
    file: str
    line: int | None
    shows: str
    confidence: float
    host: str | None = None


def backing_services(
    sources: Sources, packages: list[Package], schema: Schema | None, reads: list[Read], listed: Mapping[str, Read]
) -> tuple[tuple[BackingService, ...], tuple[Evidence, ...]]:
    """One entry a kind, the surest sign first."""
    signs = [*_of_schema(schema), *_of_imports(sources, packages), *dialects(sources, packages, listed)]
    signs += _of_addresses(sources, {sign.kind for sign in signs})
    if not DATABASES & {sign.kind for sign in signs}:
        signs += _of_manifest(sources, packages, schema)
    table: dict[str, list[Sign]] = {}
    for sign in signs:
        table.setdefault(sign.kind, []).append(sign)
    file_instead = bool(table.pop("sqlite", None))
    _forget_visited(table, reads, listed)
    ranked = {kind: sorted(found, key=lambda sign: -sign.confidence) for kind, found in sorted(table.items())}
    names = {read.name for read in reads} | set(listed) | {name for name, _ in (schema.variables if schema else ())}
    services = tuple(_service(kind, found, names, reads, set(ranked), file_instead) for kind, found in ranked.items())
    evidence = tuple(
        Evidence(file=sign.file, line=sign.line, shows=f"{kind}: {sign.shows}", confidence=sign.confidence)
        for kind, found in ranked.items()
        for sign in found[:2]
    )
    return services, evidence


def _forget_visited(table: dict[str, list[Sign]], reads: list[Read], listed: Mapping[str, Read]) -> None:
    """A program with clients for many databases talks to its users' ones; its own has an address somewhere in the code."""
    if len(DATABASES & set(table)) > 2:
        asked = {kind_of_env(read.name) for read in reads} | {kind_of_env(name) for name in listed}
        for kind in [kind for kind, signs in table.items() if kind not in asked and not any(sign.host for sign in signs)]:
            del table[kind]


def _service(kind: str, signs: list[Sign], names: Iterable[str], reads: list[Read], kinds: set[str], file_instead: bool) -> BackingService:
    variables = tuple(sorted(name for name in names if _speaks_of(name, kind, kinds)))
    host = next((sign.host for sign in signs if sign.host), None)
    own = [read for read in reads if read.name in variables and re.search(r"URL|URI|HOST|ADDR|BROKER", read.name)]
    unasked = kind not in DATABASES and host is None and any(read.need == "may" and read.default is None for read in own)
    unasked = unasked and not any(read.need == "must" for read in own)
    instead_of_file = file_instead and kind in DATABASES
    return BackingService(kind=kind, name=kind, env=variables, host=host, optional=unasked or instead_of_file, instead_of_file=instead_of_file)


def _speaks_of(name: str, kind: str, kinds: set[str]) -> bool:
    """Whether the variable carries the address or credentials of `kind`; DB_HOST and its like do when there is one database."""
    if _ADDRESS.fullmatch(name) is None or _ABOUT_BEHAVIOUR.fullmatch(name):
        return False
    said = kind_of_env(name)
    return said == kind or (said is None and kinds & DATABASES == {kind} and _ANY_DATABASE.fullmatch(name) is not None)


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
                yield Sign(wanted[name], path, number, shorten(row.decode("utf-8", "replace"), 80), 0.9, _host_near(sources, path, wanted[name]))


def _host_near(sources: Sources, path: str, kind: str) -> str | None:
    """`host: "redis"` or an address of this kind in the file that imports the client."""
    module = sources.module(path)
    for pair in module.pairs if module else ():
        if text(pair.child_by_field_name("key")) in ("host", "hostname"):
            value = string_value(pair.child_by_field_name("value"))
            if value and value not in _LOCAL and re.fullmatch(r"[A-Za-z][\w.-]*", value):
                return value
    return next((host for node in (module.strings if module else ()) if (host := _url_host(string_value(node), kind))), None)


def _url_host(value: str | None, kind: str) -> str | None:
    if not value or kind_of_url(value) != kind:
        return None
    address = value.partition("://")[2].rpartition("@")[2] or value.partition("://")[2]
    host = re.split(r"[:/?,]", address)[0]
    return host if host and host not in _LOCAL and re.fullmatch(r"[A-Za-z][\w.-]*", host) else None


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


def _of_addresses(sources: Sources, known: set[str]) -> Iterator[Sign]:
    """Connection URLs in the code; only of kinds that a client library speaks for, when they point to this machine."""
    for module in sources.modules(b"://"):
        for node in module.strings:
            raw = text(node)[1:-1]
            kind = kind_of_url(raw) if "://" in raw and "\n" not in raw else None
            if kind is not None and kind in known:
                yield Sign(kind, module.path, line(node), re.sub(r"//[^/@\s]*@", "//…@", raw), 0.85, _url_host(raw, kind))


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
