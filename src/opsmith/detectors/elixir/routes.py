"""HTTP routes of Phoenix and Plug routers, and of plugs that answer one path themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from opsmith.detectors.elixir.source import Call, Source, ancestors, keywords, literal, options, text, walk
from opsmith.detectors.healthpaths import joined

if TYPE_CHECKING:
    from tree_sitter import Node

_VERBS = frozenset(("get", "head", "match", "forward", "live"))
_ROUTERS = (b":router", b"Plug.Router", b"Phoenix.Router", b"scope ", b"scope(")
_DIRECT = (b"request_path", b"path_info")


@dataclass(frozen=True, slots=True)
class Route:
    path: str
    file: str
    line: int


def routes(sources: list[Source]) -> list[Route]:
    found = [route for source in sources if source.path.endswith(".ex") for route in _in_file(source)]
    return [route for route in found if "*" not in route.path]


def _in_file(source: Source) -> Iterator[Route]:
    if source.mentions(*_ROUTERS):
        for call in source.calls():
            if call.name in _VERBS and not call.operand and call.arguments and (path := literal(call.arguments[0])) and path.startswith("/"):
                yield Route(joined(*_prefixes(call), path), source.path, call.line)
    if source.mentions(b"plug"):
        for call in source.calls():
            if call.name == "plug" and not call.operand and (path := literal(options(call).get("path"))) and path.startswith("/"):
                yield Route(path, source.path, call.line)
    if source.mentions(*_DIRECT):
        yield from _direct(source)


def _prefixes(call: Call) -> list[str]:
    """The paths of the scopes around a route, the outermost first."""
    found: list[str] = []
    for above in ancestors(call.node):
        if above.type == "call" and text(above.child_by_field_name("target")) == "scope":
            found.insert(0, next((_scope(child) for child in above.named_children if child.type == "arguments"), ""))
    return found


def _scope(given: Node) -> str:
    """`scope "/api", ShopWeb do` and `scope path: "/api" do`."""
    first, last = given.named_children[0], given.named_children[-1]
    return literal(first if first.type == "string" else keywords(last).get("path")) or ""


def _direct(source: Source) -> Iterator[Route]:
    """`%{request_path: "/health"}` in a function's head, `conn.request_path == "/health"`, `path_info: ["health"]`."""
    for node in walk(source.root):
        if node.type == "pair" and (value := node.child_by_field_name("value")) is not None:
            yield from _matched(text(node.child_by_field_name("key")).strip().rstrip(":"), value, source)
        elif node.type == "binary_operator" and text(node.child_by_field_name("operator")) == "==":
            left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
            if right is not None:
                yield from _matched(text(left).rpartition(".")[2], right, source)


def _matched(name: str, value: Node, source: Source) -> Iterator[Route]:
    number = value.start_point[0] + 1
    if name == "request_path" and value.type == "string" and (path := literal(value)):
        yield Route(path, source.path, number)
    elif name == "path_info" and value.type == "list":
        pieces = [literal(item) for item in value.named_children]
        if pieces and all(value.named_children[index].type == "string" for index in range(len(pieces))):
            yield Route(joined(*(piece or "" for piece in pieces)), source.path, number)
