"""Scala files: parsed once, and only where somebody asks for their nodes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from opsmith.detectors.nesting import parsed
from opsmith.repo import Repo

if TYPE_CHECKING:
    from tree_sitter import Node

DEEPEST = 60
LARGEST = 400_000
"""Longer files are made by programs."""


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    path: str
    data: bytes
    _kinds: dict[str, list[Node]] = field(default_factory=dict[str, "list[Node]"])
    _named: dict[str, list[Node]] = field(default_factory=dict[str, "list[Node]"])

    def mentions(self, *words: bytes) -> bool:
        return any(word in self.data for word in words)

    def nodes(self, *kinds: str) -> list[Node]:
        """Every named node of these kinds, those of one kind in the order of the text."""
        if not self._kinds:
            for node in walk(parsed(_parser(), self.data)):
                self._kinds.setdefault(node.type, []).append(node)
        return [node for kind in kinds for node in self._kinds.get(kind, ())]

    def values(self, name: str) -> list[Node]:
        """What a `val`, or a parameter with a default, of this name is in this file."""
        if not self._named:
            for node in self.nodes("val_definition", "class_parameter"):
                key = node.child_by_field_name("pattern") or node.child_by_field_name("name")
                value = node.child_by_field_name("value") or node.child_by_field_name("default_value")
                if key is not None and value is not None:
                    self._named.setdefault(text(key), []).append(value)
        return self._named.get(name, [])

    def line_of(self, mark: bytes) -> int:
        return self.data.count(b"\n", 0, max(self.data.find(mark), 0)) + 1


def source(repo: Repo, path: str) -> Source | None:
    data = repo.bytes(path)
    return Source(path, data) if data and len(data) <= LARGEST and b"\0" not in data else None


@cache
def _parser() -> Any:
    import tree_sitter_scala
    from tree_sitter import Language, Parser

    return Parser(Language(tree_sitter_scala.language()))


def walk(root: Node) -> Iterator[Node]:
    """Every named node; no recursion, so nesting does no harm."""
    pending = [root]
    while pending:
        node = pending.pop()
        yield node
        pending.extend(reversed(node.named_children))


def text(node: Node | None) -> str:
    return (node.text or b"").decode("utf-8", "replace") if node is not None else ""


def line(node: Node) -> int:
    return node.start_point[0] + 1


def literal(node: Node | None) -> str | None:
    """The value of a text, a number or a switch; of `port"8080"` the text inside."""
    match node.type if node is not None else "":
        case "string":
            return text(node).strip('"')
        case "integer_literal" | "boolean_literal":
            return text(node).replace("_", "").rstrip("L")
        case "interpolated_string_expression" if "$" not in text(node):
            return text(node).partition('"')[2].strip('"')
        case _:
            return None


def callee(call: Node) -> str:
    """What is called, without type arguments: `sys.env.getOrElse`."""
    function = call.child_by_field_name("function")
    if function is not None and function.type == "generic_function":
        function = function.child_by_field_name("function")
    return text(function) if function is not None and function.end_byte - function.start_byte < 4000 else ""


def last_name(call: Node) -> str:
    return callee(call).rpartition(".")[2].strip()


def arguments(call: Node) -> list[Node]:
    found = call.child_by_field_name("arguments")
    return [node for node in found.named_children if node.type != "comment"] if found is not None else []


def ancestors(node: Node) -> Iterator[Node]:
    current = node.parent
    for _ in range(DEEPEST):
        if current is None:
            return
        yield current
        current = current.parent
