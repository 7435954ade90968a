"""HTTP routes: Play's routes file, and the paths that http4s, tapir, Akka HTTP, ZIO HTTP, Finatra and Cask write in code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from opsmith.detectors.healthpaths import joined
from opsmith.detectors.scala.source import Source, ancestors, arguments, last_name, line, literal, text
from opsmith.repo import Repo

if TYPE_CHECKING:
    from tree_sitter import Node

_PLAY = re.compile(r"(GET|HEAD|\*)\s+(/\S*)\s+\S")
_INCLUDED = re.compile(r"->\s+(/\S*)\s+([\w.]+)\.Routes")
_CHAIN = re.compile(r'(?:\b(?:Root|GET|HEAD|Method\.GET|Path\.root|!!)\s*/?)((?:\s*/?\s*"[\w.-]{1,40}")+)\s*(?:$|=>|->|\?)')
_PIECE = re.compile(r'"([\w./-]{1,40})"')
_PATHS = frozenset(("path", "pathPrefix", "in"))
_VERBS = frozenset(("get", "Get", "head"))
_WORTH = re.compile(rb'(?i)"/?(?:[\w/-]*/)?(?:_?health[\w-]*|ready|readiness|live|liveness|livez|readyz|alive|ping|status|up|heartbeat|metrics)"')


@dataclass(frozen=True, slots=True)
class Route:
    path: str
    file: str
    line: int


def of_play(repo: Repo, path: str, prefix: str = "", depth: int = 0) -> Iterator[Route]:
    """The routes of a file and of those that it includes (`-> /admin admin.Routes` is admin.routes)."""
    folder = path.rpartition("/")[0]
    for number, row in enumerate((repo.read(path) or "").splitlines(), start=1):
        route, included = _PLAY.match(row[:500]), _INCLUDED.match(row[:500])
        if route:
            yield Route(joined(prefix, route[2]), path, number)
        elif included and depth < 3 and repo.has(f"{folder}/{included[2]}.routes"):
            yield from of_play(repo, f"{folder}/{included[2]}.routes", joined(prefix, included[1]), depth + 1)


def of_code(sources: list[Source]) -> list[Route]:
    return [route for source in sources if _WORTH.search(source.data) for route in _in_file(source)]


def _in_file(source: Source) -> Iterator[Route]:
    for node in source.nodes("string"):
        value = literal(node) or ""
        if _WORTH.fullmatch(f'"{value}"'.encode()):
            for path in _around(node, value):
                yield Route(path, source.path, line(node))


def _around(node: Node, value: str) -> Iterator[str]:
    """The whole path that a text is the last piece of; nothing where it stands in no route."""
    prefixes: list[str] = []
    found: str | None = None
    for above in ancestors(node):
        if above.type == "call_expression":
            name = last_name(above)
            if (
                found is None
                and (name in _PATHS or (name in _VERBS and value.startswith("/")))
                and any(item.start_byte <= node.start_byte < item.end_byte for item in arguments(above))
            ):
                chain = next(text(item) for item in arguments(above) if item.start_byte <= node.start_byte < item.end_byte)[:200]
                found = joined(*_PIECE.findall(chain)) if len(chain) < 120 else joined(value)
                prefixes.extend(_chained(above))
            elif found is not None:
                prefixes[:0] = _opened(above)
        elif found is None and above.type in ("infix_expression", "infix_pattern", "case_clause", "annotation"):
            match = _CHAIN.search(" ".join(text(above)[:200].split()).partition(" if ")[0])
            if match:
                found = joined(*_PIECE.findall(match[1]))
            elif above.type == "annotation":
                found = joined(value)
    if found is not None:
        yield joined(*prefixes, found)


def _opened(call: Node) -> list[str]:
    """`pathPrefix("api") { ... }`: the prefix of what stands inside."""
    inner = call.child_by_field_name("function")
    if inner is not None and inner.type == "call_expression" and last_name(inner) == "pathPrefix":
        return [piece for item in arguments(inner) for piece in _PIECE.findall(text(item)[:100])]
    return []


def _chained(call: Node) -> list[str]:
    """`endpoint.in("api").in("health")`: the pieces before the last."""
    found: list[str] = []
    function = call.child_by_field_name("function")
    current = function.child_by_field_name("value") if function is not None and function.type == "field_expression" else None
    for _ in range(20):
        if current is None or current.type not in ("call_expression", "field_expression"):
            break
        if current.type == "call_expression" and last_name(current) == "in":
            found[:0] = [piece for item in arguments(current) for piece in _PIECE.findall(text(item)[:100])]
        inner = current.child_by_field_name("function") if current.type == "call_expression" else current.child_by_field_name("value")
        current = inner
    return found
