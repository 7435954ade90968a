"""SQLite: a database that is a file beside the program."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from opsmith.detectors.javascript.backing import DATABASES
from opsmith.detectors.javascript.facts import Read, shorten
from opsmith.detectors.javascript.source import Sources
from opsmith.detectors.javascript.syntax import arguments, callee, entries, line, string_value, text
from opsmith.detectors.node.backing import dialects
from opsmith.detectors.node.migrations import Schema
from opsmith.detectors.node.packages import Package
from opsmith.model.survey import BackingService, Evidence

if TYPE_CHECKING:
    from tree_sitter import Node

_LIBRARIES = ("better-sqlite3", "sqlite3", "sqlite", "node:sqlite", "bun:sqlite", "@libsql/client", "libsql")
_OPENING = frozenset(("Database", "sqlite3.Database", "DatabaseSync", "BetterSqlite3", "open", "createClient", "sqlite.open"))


def only_database(
    sources: Sources, packages: list[Package], schema: Schema | None, listed: Mapping[str, Read], services: tuple[BackingService, ...]
) -> tuple[Evidence, ...]:
    """What shows that the only database is a file; empty where a database server is connected to, or nothing is written to a file."""
    if any(service.kind in DATABASES for service in services):
        return ()
    return tuple([*_of_schema(sources, schema), *_of_dialects(sources, packages, listed), *_opened(sources)][:2])


def _of_schema(sources: Sources, schema: Schema | None) -> Iterator[Evidence]:
    number = sources.repo.line_of(schema.file, '"sqlite"') if schema is not None and schema.kind is None else None
    if schema is not None and number is not None:
        yield Evidence(file=schema.file, line=number, shows="datasource provider sqlite", confidence=0.95)


def _of_dialects(sources: Sources, packages: list[Package], listed: Mapping[str, Read]) -> Iterator[Evidence]:
    for sign in dialects(sources, packages, listed):
        if sign.kind == "sqlite":
            yield Evidence(file=sign.file, line=sign.line, shows=shorten(sign.shows), confidence=0.8)


def _opened(sources: Sources) -> Iterator[Evidence]:
    for module in (*sources.modules(b"sqlite"), *sources.modules(b"libsql")):
        if not any(imported.specifier in _LIBRARIES for imported in module.imports.values()):
            continue
        for call in module.calls:
            if text(callee(call)) in _OPENING and _is_file(call):
                yield Evidence(file=module.path, line=line(call), shows=shorten(text(call), 80), confidence=0.85)


def _is_file(call: Node) -> bool:
    """A name, or an expression that comes to one; neither an address nor memory."""
    given = next(iter(arguments(call)), None)
    if given is not None and given.type == "object":
        options = entries(given)
        given = options.get("filename", options.get("url"))
        if "url" in options and not (string_value(given) or "").startswith("file:"):
            return False
    value = string_value(given)
    return given is not None and value not in ("", ":memory:")
