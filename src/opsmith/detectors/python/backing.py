"""Backing services of a process: what its code imports, addresses it holds, engines its settings name, and drivers its manifests list.

An import in code that runs counts. A driver that is only listed counts where something else speaks of that database (an ORM, DATABASE_URL,
a variable's name); beside a SQLite default it is optional. What is imported only if it happens to be installed is left out.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from opsmith.detectors import services
from opsmith.detectors.python.packages import Packages
from opsmith.detectors.python.reads import Read
from opsmith.detectors.python.source import Function, Module, Source, argument, text_of
from opsmith.detectors.python.values import resolve
from opsmith.model.survey import BackingService, Evidence

_IMPORTS = {
    "MySQLdb": "mysql", "kafka": "kafka", "nats": "nats", "mysql": "mysql", "opensearchpy": "opensearch", "paho": "mqtt", "cassandra": "cassandra",
    "memcache": "memcached", "aio_pika": "rabbitmq", "stan": "nats", "consul": "consul", "pulsar": "pulsar",
}  # fmt: skip
"""Import names that differ from the package's name."""
_DATABASES = ("postgres", "mysql", "mssql", "oracle")
_ENGINES = (
    (re.compile(r"postgresql|postgis|timescale"), "postgres"), (re.compile(r"\.mysql$"), "mysql"), (re.compile(r"^mssql|sql_server"), "mssql"),
    (re.compile(r"\.oracle$"), "oracle"), (re.compile(r"^djongo$|django_mongodb"), "mongodb"),
)  # fmt: skip
_BACKENDS = (
    (re.compile(r"django_redis\.cache|cache\.backends\.redis\.|channels_redis\.|redis_cache\.RedisCache|django_valkey"), "redis"),
    (re.compile(r"cache\.backends\.memcached\."), "memcached"),
    (re.compile(r"elasticsearch\d?_backend|haystack\.backends\.elasticsearch"), "elasticsearch"),
)
_DSN_TYPES = {
    "PostgresDsn": "postgres", "RedisDsn": "redis", "AmqpDsn": "rabbitmq", "MongoDsn": "mongodb", "MySQLDsn": "mysql", "MariaDBDsn": "mysql",
    "KafkaDsn": "kafka", "NatsDsn": "nats", "ClickHouseDsn": "clickhouse", "CockroachDsn": "postgres",
}  # fmt: skip
_ORMS = ("sqlalchemy", "sqlmodel", "django", "tortoise-orm", "peewee", "databases", "flask-sqlalchemy", "ormar", "piccolo", "pony", "gino", "alembic")
_DATABASE_NAMES = re.compile(
    r"^(?:\w+_)?(?:(?:DATABASE|DB|SQL)_(?:URL|URI|DSN|HOST|HOSTNAME|SERVER|PORT|NAME|DATABASE|USER|USERNAME|PASS|PASSWORD|CREDENTIALS)|SQLALCHEMY_DATABASE_URI)$"
)
_BROKER_NAMES = re.compile(r"BROKER|RESULT_BACKEND|CELERY_\w*URL|QUEUE_URL|CACHE_URL")
_SQLITE_CALL = re.compile(r"^(?:sqlite3|aiosqlite)\.connect$|^(?:peewee|playhouse)\.[\w.]*Sqlite\w*Database$")
_IN_MEMORY = re.compile(r":memory:|mode=memory|^sqlite(?:\+\w+)?://$")
_LOCAL = ("localhost", "127.0.0.1", "::1", "example.com", "")


@dataclass(slots=True)
class Sighting:
    """All that speaks for one kind."""

    required: bool = False
    host: str | None = None
    evidence: list[Evidence] = field(default_factory=list[Evidence])
    env: set[str] = field(default_factory=set[str])
    selected_by: dict[str, str] = field(default_factory=dict[str, str])


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
    _from_imports(source, scope, seen)
    _drop_guarded(source, scope, seen)
    modules = [module for module in source.modules() if scope is None or module.path in scope]
    sqlite = [found for module in modules for found in _from_literals(source, module, seen)]
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


def _see(seen: dict[str, Sighting], kind: str, evidence: Evidence, *, required: bool) -> Sighting:
    item = seen.setdefault(kind, Sighting())
    item.required = item.required or required
    item.evidence.append(evidence)
    return item


# -- imports -----------------------------------------------------------------------------------------------------------------------------


def import_kind(name: str) -> str | None:
    top = name.partition(".")[0]
    return _IMPORTS.get(top) or services.kind_of_package("python", top)


def _from_imports(source: Source, scope: frozenset[str] | None, seen: dict[str, Sighting]) -> None:
    for path, names in source.imports.items():
        if scope is not None and path not in scope:
            continue
        kinds = {kind: name for name in sorted(names) if (kind := import_kind(name)) and not source.has_package(source.root, name.partition(".")[0])}
        module = source.module(path) if kinds else None
        for node in module.imports() if module else ():
            if module:
                _import_statement(module, node, seen)


def _import_statement(module: Module, node: ast.Import | ast.ImportFrom, seen: dict[str, Sighting]) -> None:
    names = [item.name for item in node.names] if isinstance(node, ast.Import) else [node.module or ""]
    for name in names:
        kind = import_kind(name) if isinstance(node, ast.Import) or not node.level else None
        if kind is None or _is_conditional(module, node) or name.endswith((".exceptions", ".errors")) or ("langchain" in name and kind == "ollama"):
            continue
        item = _see(seen, kind, module.evidence(node, f"imports {name}", 0.85), required=True)
        item.host = item.host or _client_host(module, kind)


def _is_conditional(module: Module, node: ast.AST) -> bool:
    """Imported when installed, for type checking only, or late in a function."""
    return any(isinstance(parent, (ast.Try, ast.If, Function)) for parent in module.enclosing(node))


def _client_host(module: Module, kind: str) -> str | None:
    """`Redis(host="redis")`: an address fixed in code."""
    for call in module.calls:
        if import_kind(module.called(call)) == kind:
            host = text_of(argument(call, "host") or argument(call, "hostname") or argument(call, "server"))
            url = text_of(call.args[0]) if call.args else None
            host = host or (_host(url) if url and services.kind_of_url(url) == kind else None)
            if host and host not in _LOCAL:
                return host
    return None


# -- literals ----------------------------------------------------------------------------------------------------------------------------


def _drop_guarded(source: Source, scope: frozenset[str] | None, seen: dict[str, Sighting]) -> None:
    """What some file imports only inside try/except can be missing, wherever else it is imported."""
    for path in source.imports:
        if scope is not None and path not in scope:
            continue
        data = source.repo.bytes(path) or b""
        if b"ImportError" not in data and b"ModuleNotFoundError" not in data:
            continue
        module = source.module(path)
        for node in module.imports() if module else ():
            name = node.names[0].name if isinstance(node, ast.Import) else node.module or ""
            if module and isinstance(module.parents.get(node), ast.Try) and (kind := import_kind(name)):
                seen.pop(kind, None)


def _from_literals(source: Source, module: Module, seen: dict[str, Sighting]) -> Iterator[Evidence]:
    """Addresses and backend names in strings. Yields what shows that SQLite is the default."""
    for node in module.of(ast.Constant):
        if isinstance(node.value, str) and 5 < len(node.value) < 500 and not _is_docstring(module, node):
            if "sqlite" in node.value and re.search(r"^sqlite(?:\+\w+)?:|backends\.sqlite3$|spatialite$", node.value):
                if not _is_for_development(module, node) and not _is_only_compared(module, node) and not _IN_MEMORY.search(node.value):
                    yield module.evidence(node, "SQLite is a default", 0.8)
            else:
                _literal(source, module, node, node.value, seen)
    for call in module.calls:
        if _SQLITE_CALL.search(module.called(call)) and call.args and ":memory:" not in (text_of(call.args[0]) or ""):
            yield module.evidence(call, "opens a SQLite file", 0.8)
    for item in module.of(ast.Name):
        if item.id in _DSN_TYPES and module.names.get(item.id, "").startswith("pydantic"):
            _see(seen, _DSN_TYPES[item.id], module.evidence(item, f"a setting of type {item.id}", 0.85), required=True)


def _is_for_development(module: Module, node: ast.AST) -> bool:
    """In settings or a configuration class that production does not use."""
    classes = [parent.name for parent in module.enclosing(node) if isinstance(parent, ast.ClassDef)]
    return re.search(r"(?:^|[/_.])(?:dev|test|local)", module.path, re.IGNORECASE) is not None or any(
        re.match(r"(?:dev|test|local)", name, re.IGNORECASE) for name in classes
    )


def _is_docstring(module: Module, node: ast.AST) -> bool:
    return isinstance(module.parents.get(node), ast.Expr)


def _literal(source: Source, module: Module, node: ast.Constant, text: str, seen: dict[str, Sighting]) -> None:
    kind = services.kind_of_url(text)
    inside_f_string = isinstance(module.parents.get(node), ast.JoinedStr)
    if kind and (text.partition("://")[2].strip() or inside_f_string) and not _is_only_compared(module, node):
        item = _see(seen, kind, module.evidence(node, f"an address of {kind}", 0.85), required=not _is_optional_place(module, node))
        if not _is_env_default(module, node) and (host := _host(text)) and host not in _LOCAL and not inside_f_string:
            item.host = item.host or host
        item.selected_by |= _selector(source, module, node)
        return
    if re.fullmatch(r"[a-z0-9]{3,12}\+[a-z0-9_]{3,12}", text) and (kind := services.kind_of_url(text + "://x")):
        _see(seen, kind, module.evidence(node, f"the driver {text}", 0.85), required=True)
        return
    if "." in text or text == "djongo":
        engine = next((kind for pattern, kind in (*_ENGINES, *_BACKENDS) if pattern.search(text)), None) if _is_backend_name(module, node) else None
        if engine:
            item = _see(seen, engine, module.evidence(node, f"the backend {text}", 0.9), required=not _is_optional_place(module, node))
            item.selected_by |= _selector(source, module, node)


def _is_backend_name(module: Module, node: ast.AST) -> bool:
    """A value under ENGINE or BACKEND of a settings dict, or given as engine to a call."""
    for parent in module.enclosing(node):
        if isinstance(parent, ast.Dict):
            keys = [text_of(key) for key, value in zip(parent.keys, parent.values, strict=True) if any(child is node for child in ast.walk(value))]
            return any(key in ("ENGINE", "BACKEND") for key in keys)
        if isinstance(parent, (ast.Assign, Function, ast.List, ast.Tuple)):
            break
    target = module.parents.get(node)
    if isinstance(target, ast.Assign):
        return any("ENGINE" in ast.unparse(item).upper() or "BACKEND" in ast.unparse(item).upper() for item in target.targets)
    return isinstance(target, (ast.keyword, ast.Call))


def _is_only_compared(module: Module, node: ast.AST) -> bool:
    """`url.replace("postgres://", ...)`, `url.startswith(...)`, `x in (...)`: says what may come, not what is used."""
    parent = module.parents.get(node)
    if isinstance(parent, ast.Compare):
        return True
    if isinstance(parent, ast.Call) and isinstance(parent.func, ast.Attribute):
        return parent.func.attr in (
            "replace",
            "startswith",
            "removeprefix",
            "split",
            "partition",
            "match",
            "sub",
            "info",
            "debug",
            "warning",
            "error",
        )
    return False


def _is_optional_place(module: Module, node: ast.AST) -> bool:
    """Below an `if` on the module's level: chosen by a variable. What stands under `else` is what happens when nothing is chosen."""
    inner = node
    for parent in module.enclosing(node):
        if isinstance(parent, Function):
            return False
        if (isinstance(parent, ast.If) and inner in parent.body) or (isinstance(parent, ast.IfExp) and inner is parent.body):
            return True
        inner = parent
    return False


def _selector(source: Source, module: Module, node: ast.AST) -> dict[str, str]:
    """The variable, with its value, for which the branch around `node` is taken: `if os.getenv("DB") == "postgres":`."""
    for parent in module.enclosing(node):
        if isinstance(parent, (ast.If, ast.IfExp)) and isinstance(parent.test, ast.Compare) and len(parent.test.ops) == 1:
            wanted = parent.test.comparators[0]
            if isinstance(parent.test.ops[0], ast.In) and isinstance(wanted, (ast.List, ast.Tuple, ast.Set)) and wanted.elts:
                wanted = wanted.elts[0]
            elif not isinstance(parent.test.ops[0], ast.Eq):
                return {}
            name, value = resolve(source, module, parent.test.left).env, text_of(wanted)
            return {name: value} if name and value else {}
    return {}


def _is_env_default(module: Module, node: ast.AST) -> bool:
    return any(isinstance(parent, (ast.Call, ast.ClassDef)) for parent in module.enclosing(node))


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


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
            item = _see(seen, kind, read.evidence, required=read.required or read.default is not None)
            item.evidence.append(listed[kind])


def _from_drivers(packages: Packages, reads: list[Read], seen: dict[str, Sighting], sqlite: list[Evidence]) -> tuple[str, ...]:
    """Databases and brokers whose driver is listed while something else speaks of a database or a broker."""
    listed = _listed_kinds(packages)
    if not any(kind in seen for kind in (*_DATABASES, "mongodb")) and packages.lists(*_ORMS):
        drivers = [kind for kind in _DATABASES if kind in listed]
        if drivers:
            _see(seen, drivers[0], listed[drivers[0]], required=not sqlite)
        if len(drivers) > 1:
            return tuple(drivers)
    if not any(kind in seen for kind in ("redis", "rabbitmq", "kafka")) and packages.lists("celery", "dramatiq", "flask-caching", "rq", "channels"):
        broker = next((kind for kind in ("redis", "rabbitmq") if kind in listed), None)
        if broker:
            _see(seen, broker, listed[broker], required=any(_BROKER_NAMES.search(read.name) for read in reads))
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
