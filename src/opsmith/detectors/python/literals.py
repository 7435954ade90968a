"""Backing services that strings tell of: addresses, names of backends, files of SQLite."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from opsmith.detectors import services
from opsmith.detectors.python.sightings import LOCAL, Sighting, host_of, see
from opsmith.detectors.python.source import Function, Module, Source, text_of
from opsmith.detectors.python.values import resolve
from opsmith.model.survey import Evidence

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
_SQLITE_CALL = re.compile(r"^(?:sqlite3|aiosqlite)\.connect$|^(?:peewee|playhouse)\.[\w.]*Sqlite\w*Database$")
_IN_MEMORY = re.compile(r":memory:|mode=memory|^sqlite(?:\+\w+)?://$")


def from_literals(source: Source, module: Module, seen: dict[str, Sighting]) -> Iterator[Evidence]:
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
            see(seen, _DSN_TYPES[item.id], module.evidence(item, f"a setting of type {item.id}", 0.85), required=True)


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
        item = see(seen, kind, module.evidence(node, f"an address of {kind}", 0.85), required=not _is_optional_place(module, node))
        if not _is_env_default(module, node) and (host := host_of(text)) and host not in LOCAL and not inside_f_string:
            item.host = item.host or host
        item.selected_by |= _selector(source, module, node)
        return
    if re.fullmatch(r"[a-z0-9]{3,12}\+[a-z0-9_]{3,12}", text) and (kind := services.kind_of_url(text + "://x")):
        see(seen, kind, module.evidence(node, f"the driver {text}", 0.85), required=True)
        return
    if "." in text or text == "djongo":
        engine = next((kind for pattern, kind in (*_ENGINES, *_BACKENDS) if pattern.search(text)), None) if _is_backend_name(module, node) else None
        if engine:
            item = see(seen, engine, module.evidence(node, f"the backend {text}", 0.9), required=not _is_optional_place(module, node))
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
