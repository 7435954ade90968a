"""Backing services that the code imports a client of."""

from __future__ import annotations

import ast
from functools import lru_cache

from opsmith.detectors import services
from opsmith.detectors.python.sightings import LOCAL, Sighting, host_of, see
from opsmith.detectors.python.source import Function, Module, Source, argument, text_of

_IMPORTS = {
    "MySQLdb": "mysql", "kafka": "kafka", "nats": "nats", "mysql": "mysql", "opensearchpy": "opensearch", "paho": "mqtt", "cassandra": "cassandra",
    "memcache": "memcached", "aio_pika": "rabbitmq", "stan": "nats", "consul": "consul", "pulsar": "pulsar",
}  # fmt: skip
"""Import names that differ from the package's name."""


def from_imports(source: Source, scope: frozenset[str] | None, seen: dict[str, Sighting]) -> None:
    for path, names in source.imports.items():
        if scope is not None and path not in scope:
            continue
        kinds = {kind: name for name in sorted(names) if (kind := import_kind(name)) and not source.has_package(source.root, name.partition(".")[0])}
        module = source.module(path) if kinds else None
        for node in module.imports() if module else ():
            if module:
                _import_statement(module, node, seen)


def drop_guarded(source: Source, scope: frozenset[str] | None, seen: dict[str, Sighting]) -> None:
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


@lru_cache(maxsize=4096)
def import_kind(name: str) -> str | None:
    top = name.partition(".")[0]
    return _IMPORTS.get(top) or services.kind_of_package("python", top)


def _import_statement(module: Module, node: ast.Import | ast.ImportFrom, seen: dict[str, Sighting]) -> None:
    names = [item.name for item in node.names] if isinstance(node, ast.Import) else [node.module or ""]
    for name in names:
        kind = import_kind(name) if isinstance(node, ast.Import) or not node.level else None
        if kind is None or _is_conditional(module, node) or name.endswith((".exceptions", ".errors")) or ("langchain" in name and kind == "ollama"):
            continue
        item = see(seen, kind, module.evidence(node, f"imports {name}", 0.85), required=True)
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
            host = host or (host_of(url) if url and services.kind_of_url(url) == kind else None)
            if host and host not in LOCAL:
                return host
    return None
