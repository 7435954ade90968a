"""What code itself connects to: PDO, mysqli, pg_connect, Redis, MongoDB, and the `driver` and `dsn` of settings in PHP."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from opsmith.detectors.php.clients import KIND_BY_DRIVER
from opsmith.detectors.php.environment import default, variable
from opsmith.detectors.php.project import Project
from opsmith.detectors.php.syntax import Source, arguments, entry, line, literal, name_of, shown, template, text
from opsmith.detectors.services import kind_of_url
from opsmith.model.survey import Evidence

if TYPE_CHECKING:
    from tree_sitter import Node

_PDO = re.compile(r"^(mysql|pgsql|sqlsrv|sqlite|oci):", re.IGNORECASE)
_HOST = re.compile(r"(?:host|server|Server)\s{0,3}=\s{0,3}([A-Za-z][\w.-]*)")
_URL_HOST = re.compile(r"://(?:[^@/\s]*@)?([A-Za-z][\w.-]*)")
_LOCAL = frozenset(("localhost", "127.0.0.1", ""))
_CLASSES = {"Redis": "redis", "RedisCluster": "redis", "Memcached": "memcached", "Memcache": "memcached", "AMQPStreamConnection": "rabbitmq",
            "AMQPSSLConnection": "rabbitmq", "AMQPConnection": "rabbitmq", "mysqli": "mysql"}  # fmt: skip
_FUNCTIONS = {"mysqli_connect": "mysql", "mysql_connect": "mysql", "pg_connect": "postgres", "pg_pconnect": "postgres", "sqlsrv_connect": "mssql",
              "oci_connect": "oracle", "mysqli_real_connect": "mysql"}  # fmt: skip
_KEYS = frozenset(("driver", "DBDriver", "dbdriver", "dsn", "adapter"))


@dataclass(frozen=True, slots=True)
class Connection:
    """`kind` "sqlite" means a file."""

    kind: str
    host: str | None
    evidence: Evidence


def connections(project: Project) -> list[Connection]:
    return [found for source in project.sources for found in (*_opened(source), *_addresses(source), *_settings(source))]


def _opened(source: Source) -> Iterator[Connection]:
    for node in source.nodes("new"):
        named = next((text(child).rpartition("\\")[2] for child in node.named_children if child.type in ("name", "qualified_name")), "")
        kind = _CLASSES.get(named) or ("mongodb" if named == "Client" and b"MongoDB\\" in source.data else None)
        kind = kind or ("redis" if named == "Client" and b"Predis\\" in source.data else None)
        if kind is not None:
            yield Connection(kind, _first_host(node), Evidence(file=source.path, line=line(node), shows=_plain(node), confidence=0.85))
    for node in source.nodes("call"):
        kind = _FUNCTIONS.get(name_of(node))
        if kind is not None:
            yield Connection(kind, _first_host(node), Evidence(file=source.path, line=line(node), shows=f"{name_of(node)}(…)", confidence=0.9))


def _plain(node: Node) -> str:
    """Without the arguments, which may hold a password."""
    return shown(node).partition("(")[0]


def _first_host(node: Node) -> str | None:
    given = arguments(node)
    value = literal(given[0]) if given else None
    if value is None and given and (variable(given[0]) is not None or given[0].named_children):
        value = next((found for inner in (given[0], *given[0].named_children) if (found := default(inner)) is not None), None)
    match = _HOST.search(value or "") or _URL_HOST.search(value or "")
    host = match[1] if match else (value or "").partition(":")[0]
    return host if host not in _LOCAL and re.fullmatch(r"[A-Za-z][\w.-]*", host) else None


def _addresses(source: Source) -> Iterator[Connection]:
    """`mysql:host=db;dbname=shop`, `mongodb://…` and the like, wherever they stand."""
    if not source.holds(b"mysql:", b"pgsql:", b"sqlsrv:", b"sqlite:", b"://"):
        return
    for node in source.nodes("string"):
        value = template(node)[:300]
        match = _PDO.match(value)
        kind = KIND_BY_DRIVER.get(match[1].lower()) if match and ("=" in value or match[1] == "sqlite") else kind_of_url(value)
        if kind is not None:
            host = _HOST.search(value) or _URL_HOST.search(value)
            found = host[1] if host and host[1] not in _LOCAL else None
            yield Connection(kind, found, Evidence(file=source.path, line=line(node), shows=f"an address of {kind}", confidence=0.85))


def _settings(source: Source) -> Iterator[Connection]:
    """`'driver' => 'pdo_mysql'` of a settings file; a list of every driver there is says nothing, so that several in one file do not count."""
    if "config" not in source.path.lower() and "settings" not in source.path.lower() and "database" not in source.path.lower():
        return
    found: list[Connection] = []
    for node in source.nodes("entry"):
        key, value = entry(node)
        written = (literal(value) or (default(value) if value is not None else None) or "") if key in _KEYS else ""
        kind = KIND_BY_DRIVER.get(written.lower())
        if kind is not None:
            found.append(Connection(kind, None, Evidence(file=source.path, line=line(node), shows=f"{key}: {written}", confidence=0.8)))
    if len({item.kind for item in found}) == 1:
        yield found[0]
