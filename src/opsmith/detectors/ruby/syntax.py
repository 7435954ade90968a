"""Ruby source as a syntax tree, and small questions about its nodes. Deep nesting is walked, never descended by recursion."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from opsmith.detectors import nesting

if TYPE_CHECKING:
    from tree_sitter import Node

_QUERY = """
(call) @call
(element_reference) @element
(class) @class
(pair) @pair
"""
_DEEPEST = 60
LEVELS = 400
"""Nobody writes deeper."""
LARGEST = 96 * 1024
"""Larger files are data or generated, and mending what is broken in them takes the parser quadratic time."""


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """One file of Ruby, or a piece of Ruby that stands in another file from line `first` on. Parsed when somebody asks."""

    path: str
    data: bytes
    first: int = 1
    _syntax: list[Mapping[str, list[Node]]] = field(default_factory=list[Mapping[str, "list[Node]"]])

    def nodes(self, kind: str) -> list[Node]:
        """The nodes of one kind of `_QUERY`, in the order of the text."""
        if not self._syntax:
            self._syntax.append(_captures(self.data) if len(self.data) <= LARGEST else {})
        return self._syntax[0].get(kind, [])

    def calls(self, *names: str) -> Iterator[Node]:
        """Every call of a method that is named so."""
        return (node for node in self.nodes("call") if method(node) in names)

    def holds(self, *marks: bytes) -> bool:
        return any(mark in self.data for mark in marks)

    def line(self, node: Node) -> int:
        return node.start_point[0] + self.first

    def line_of(self, mark: bytes) -> int:
        return self.data[: max(self.data.find(mark), 0)].count(b"\n") + self.first


@cache
def _language() -> tuple[Any, Any]:
    import tree_sitter_ruby
    from tree_sitter import Language, Parser, Query

    language = Language(tree_sitter_ruby.language())
    return Parser(language), Query(language, _QUERY)


def parsed(data: bytes) -> Node:
    return nesting.parsed(_language()[0], data)


def _captures(data: bytes) -> Mapping[str, list[Node]]:
    from opsmith.detectors.captures import captures, is_deeper

    root = parsed(data)
    return {} if is_deeper(root, LEVELS) else captures(_language()[1], root)


def text(node: Node | None) -> str:
    return (node.text or b"").decode("utf-8", "replace") if node is not None else ""


def shown(node: Node) -> str:
    """The node on one line, shortened."""
    written = " ".join(text(node).split())
    return written if len(written) <= 100 else written[:99] + "…"


def literal(node: Node | None) -> str | None:
    """The value of a string without interpolation, a symbol, a number, true or false; None for everything else."""
    if node is None:
        return None
    match node.type:
        case "string":
            parts = node.named_children
            if any(part.type == "interpolation" for part in parts):
                return None
            return "".join(text(part) for part in parts)
        case "simple_symbol":
            return text(node)[1:]
        case "hash_key_symbol" | "true" | "false" | "float":
            return text(node)
        case "integer":
            return text(node).replace("_", "")
        case "parenthesized_statements":
            return literal(node.named_children[0]) if len(node.named_children) == 1 else None
        case _:
            return None


def method(call: Node) -> str:
    return text(call.child_by_field_name("method"))


def receiver(call: Node) -> str:
    return text(call.child_by_field_name("receiver"))


def arguments(call: Node) -> list[Node]:
    """Positional arguments."""
    return [node for node in _arguments(call) if node.type not in ("pair", "block_argument", "comment")]


def options(call: Node) -> dict[str, Node]:
    """Keyword arguments whose keys are symbols."""
    found: dict[str, Node] = {}
    for node in _arguments(call):
        key, value = node.child_by_field_name("key"), node.child_by_field_name("value")
        if node.type == "pair" and key is not None and value is not None and key.type in ("hash_key_symbol", "simple_symbol"):
            found[literal(key) or ""] = value
    return found


def arrows(call: Node) -> list[tuple[Node, Node]]:
    """Arguments of the form `"path" => target`."""
    pairs = [(node.child_by_field_name("key"), node.child_by_field_name("value")) for node in _arguments(call) if node.type == "pair"]
    return [(key, value) for key, value in pairs if key is not None and value is not None and key.type not in ("hash_key_symbol", "simple_symbol")]


def _arguments(call: Node) -> list[Node]:
    listed = call.child_by_field_name("arguments")
    return listed.named_children if listed is not None else []


def block(call: Node) -> Node | None:
    return call.child_by_field_name("block")


def block_value(call: Node) -> str | None:
    """What a block that is only a literal returns."""
    body = block(call)
    inner = body.child_by_field_name("body") if body is not None else None
    return literal(inner.named_children[0]) if inner is not None and len(inner.named_children) == 1 else None


def values(node: Node | None) -> list[str]:
    """A literal, or the literals of an array."""
    if node is None:
        return []
    if node.type in ("array", "symbol_array", "string_array"):
        return [value for child in node.named_children if (value := literal(child) or (text(child) if child.type.startswith("bare_") else None))]
    value = literal(node)
    return [value] if value is not None else []


def ancestors(node: Node) -> Iterator[Node]:
    """What stands around `node`, from the inside, at most `_DEEPEST` steps: asked for many nodes of a file, more would be quadratic."""
    current = node.parent
    for _ in range(_DEEPEST):
        if current is None:
            return
        yield current
        current = current.parent


def constant(node: Node) -> str:
    """`Sinatra::Base` of a superclass, without the `<`."""
    return text(node.child_by_field_name("superclass")).lstrip("< \t")
