"""PHP source as a syntax tree, and small questions about its nodes. Deep nesting is walked, never descended by recursion."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from opsmith.detectors.nesting import parsed

if TYPE_CHECKING:
    from tree_sitter import Node

_QUERY = """
(function_call_expression) @call
(member_call_expression) @method
(nullsafe_member_call_expression) @method
(scoped_call_expression) @static
(object_creation_expression) @new
(subscript_expression) @subscript
(array_element_initializer) @entry
(attribute) @attribute
(class_declaration) @class
(string) @string
(encapsed_string) @string
(argument) @argument
"""
_DEEPEST = 60
LEVELS = 400
"""Nobody writes deeper."""
LARGEST = 96 * 1024
"""Larger files are data or generated, and mending what is broken in them takes the parser quadratic time."""
CALLS = ("call", "method", "static")


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """One file of PHP. Parsed when somebody asks."""

    path: str
    data: bytes
    _syntax: list[Mapping[str, list[Node]]] = field(default_factory=list[Mapping[str, "list[Node]"]])

    def nodes(self, *kinds: str) -> list[Node]:
        """The nodes of some kinds of `_QUERY`, kind by kind, each in the order of the text."""
        if not self._syntax:
            self._syntax.append(_captures(self.data) if len(self.data) <= LARGEST else {})
        return [node for kind in kinds for node in self._syntax[0].get(kind, [])]

    def calls(self, *names: str) -> Iterator[Node]:
        """Every call of a function or method that is named so."""
        return (node for node in self.nodes(*CALLS) if name_of(node) in names)

    def holds(self, *marks: bytes) -> bool:
        return any(mark in self.data for mark in marks)

    def line_of(self, mark: bytes) -> int:
        return self.data[: max(self.data.find(mark), 0)].count(b"\n") + 1


@cache
def _language() -> tuple[Any, Any]:
    import tree_sitter_php
    from tree_sitter import Language, Parser, Query

    language = Language(tree_sitter_php.language_php())
    return Parser(language), Query(language, _QUERY)


def _captures(data: bytes) -> Mapping[str, list[Node]]:
    from opsmith.detectors.captures import captures, is_deeper

    parser, query = _language()
    root = parsed(parser, data)
    return {} if is_deeper(root, LEVELS) else captures(query, root)


def text(node: Node | None) -> str:
    return (node.text or b"").decode("utf-8", "replace") if node is not None else ""


def line(node: Node) -> int:
    return node.start_point[0] + 1


def shown(node: Node) -> str:
    """The node on one line, shortened."""
    written = " ".join(text(node).split())
    return written if len(written) <= 100 else written[:99] + "…"


def literal(node: Node | None) -> str | None:
    """The value of a string without variables, a number, true, false or null (as ""); None for everything else."""
    if node is None:
        return None
    match node.type:
        case "string":
            return "".join(text(child) for child in node.named_children).replace("\\'", "'").replace("\\\\", "\\")
        case "encapsed_string":
            plain = all(child.type in ("string_content", "escape_sequence") for child in node.named_children)
            return "".join(text(child) for child in node.named_children) if plain else None
        case "integer" | "float":
            return text(node).replace("_", "")
        case "boolean":
            return text(node).lower()
        case "null":
            return ""
        case "parenthesized_expression" | "cast_expression":
            return literal(node.named_children[-1]) if node.named_children else None
        case _:
            return None


def template(node: Node) -> str:
    """A string with its variables left out."""
    return "".join(text(child) if child.type in ("string_content", "escape_sequence") else "\0" for child in node.named_children)


def name_of(call: Node) -> str:
    """`env` of `env(…)`, `get` of `Route::get(…)` and of `$app->get(…)`."""
    named = call.child_by_field_name("function") or call.child_by_field_name("name")
    return text(named).rpartition("\\")[2]


def owner(call: Node) -> str:
    """What a method is called on: `Route`, `$app`; "" for a plain function."""
    return text(call.child_by_field_name("scope") or call.child_by_field_name("object")).rpartition("\\")[2]


def arguments(call: Node) -> list[Node]:
    """The values of the positional arguments."""
    listed = call.child_by_field_name("arguments") or next((child for child in call.named_children if child.type == "arguments"), None)
    found = listed.named_children if listed is not None else []
    return [node.named_children[-1] for node in found if node.type == "argument" and node.named_children and node.child_by_field_name("name") is None]


def named_arguments(call: Node) -> dict[str, Node]:
    listed = call.child_by_field_name("arguments") or call.child_by_field_name("parameters")
    listed = listed or next((child for child in call.named_children if child.type == "arguments"), None)
    found = [(node.child_by_field_name("name"), node) for node in (listed.named_children if listed is not None else []) if node.type == "argument"]
    return {text(name): node.named_children[-1] for name, node in found if name is not None}


def entry(node: Node) -> tuple[str | None, Node | None]:
    """Key and value of an array's element."""
    inner = node.named_children
    return (literal(inner[0]), inner[1]) if len(inner) == 2 else (None, inner[0] if inner else None)


def ancestors(node: Node) -> Iterator[Node]:
    """What stands around `node`, from the inside, at most `_DEEPEST` steps: asked for many nodes of a file, more would be quadratic."""
    current = node.parent
    for _ in range(_DEEPEST):
        if current is None:
            return
        yield current
        current = current.parent
