"""Elixir files: parsed once, and only where somebody asks for their calls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from opsmith.detectors.nesting import parsed
from opsmith.repo import Repo

if TYPE_CHECKING:
    from tree_sitter import Node

DEEPEST = 200
LARGEST = 400_000
"""Longer files are made by programs, and asking a node for its parent takes time in the width of the file."""
_LEFT_OUT = frozenset(("test", "tests", "deps", "_build", "node_modules", "fixtures", "spec", "bench", "benchmarks", "examples"))


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """`Operand.name(arguments)`; the operand of a plain function is "". A do block is no argument."""

    operand: str
    name: str
    arguments: tuple[Node, ...]
    node: Node

    @property
    def line(self) -> int:
        return line(self.node)


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    path: str
    data: bytes
    _root: list[Node] = field(default_factory=list["Node"])
    _calls: list[Call] = field(default_factory=list[Call])
    _assigned: dict[str, list[Node]] = field(default_factory=dict[str, "list[Node]"])

    @property
    def root(self) -> Node:
        if not self._root:
            self._root.append(parsed(_parser(), self.data))
        return self._root[0]

    def mentions(self, *words: bytes) -> bool:
        return any(word in self.data for word in words)

    def calls(self) -> list[Call]:
        self._read()
        return self._calls

    def call(self, node: Node) -> Call:
        return _call(node)

    def assigned(self, name: str) -> list[Node]:
        """What stands to the right of `name =`, in the order of the text."""
        self._read()
        return self._assigned.get(name, [])

    def _read(self) -> None:
        if self._calls or self._assigned:
            return
        for node in walk(self.root):
            if node.type == "call":
                self._calls.append(_call(node))
            elif node.type == "binary_operator" and text(node.child_by_field_name("operator")) == "=":
                left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
                if left is not None and right is not None and left.type == "identifier":
                    self._assigned.setdefault(text(left), []).append(right)


def sources(repo: Repo, folder: str, nested: tuple[str, ...]) -> list[Source]:
    """Product code and configuration below a project, other projects inside it left out."""
    found: list[Source] = []
    for path in repo.under(folder, ".ex", ".exs"):
        inside = path[len(folder) :].lstrip("/").split("/")[:-1]
        if not _LEFT_OUT & set(inside) and not path.startswith(nested) and (data := repo.bytes(path)) and len(data) <= LARGEST:
            found.append(Source(path, data))
    return found


@cache
def _parser() -> Any:
    import tree_sitter_elixir
    from tree_sitter import Language, Parser

    return Parser(Language(cast("object", tree_sitter_elixir.language())))  # declared as a number, which it is no more


def walk(root: Node) -> Iterator[Node]:
    """Every named node, an outer one before what it contains; no recursion, so nesting does no harm."""
    pending = [root]
    while pending:
        node = pending.pop()
        yield node
        pending.extend(reversed(node.named_children))


def _call(node: Node) -> Call:
    target = node.child_by_field_name("target")
    operand, name = "", ""
    if target is not None and target.type == "dot":
        left, right = target.child_by_field_name("left"), target.child_by_field_name("right")
        operand, name = text(left), text(right)
    elif target is not None:
        name = text(target)
    given = next((child for child in node.named_children if child.type == "arguments"), None)
    return Call(operand, name, tuple(child for child in given.named_children if child.type != "comment") if given is not None else (), node)


def text(node: Node | None) -> str:
    return (node.text or b"").decode("utf-8", "replace") if node is not None else ""


def line(node: Node) -> int:
    return node.start_point[0] + 1


def ancestors(node: Node) -> Iterator[Node]:
    current = node.parent
    for _ in range(DEEPEST):
        if current is None:
            return
        yield current
        current = current.parent


def literal(node: Node | None) -> str | None:
    """The value of a string without interpolation, an atom, a number, a switch or a module's name."""
    if node is None:
        return None
    match node.type:
        case "string" | "charlist":
            inner = node.named_children
            return "".join(map(text, inner)) if all(child.type in ("quoted_content", "escape_sequence") for child in inner) else None
        case "atom":
            return text(node)[1:]
        case "integer":
            return text(node).replace("_", "")
        case "boolean" | "nil" | "alias":
            return text(node)
        case _:
            return None


def keywords(node: Node | None) -> Mapping[str, Node]:
    """`[a: 1, b: 2]`, with or without its brackets, by key."""
    if node is not None and node.type == "list":
        node = next((child for child in node.named_children if child.type == "keywords"), None)
    if node is None or node.type != "keywords":
        return {}
    found: dict[str, Node] = {}
    for pair in node.named_children:
        key, value = pair.child_by_field_name("key"), pair.child_by_field_name("value")
        if key is not None and value is not None:
            found[text(key).strip().rstrip(":").strip('"')] = value
    return found


def options(call: Call) -> Mapping[str, Node]:
    """The keyword arguments of a call."""
    return keywords(call.arguments[-1]) if call.arguments else {}


def module_around(node: Node) -> str:
    """The full name of the module that `node` stands in."""
    names: list[str] = []
    for above in ancestors(node):
        if above.type == "call" and text(above.child_by_field_name("target")) == "defmodule":
            names.insert(0, next((text(item.named_children[0]) for item in above.named_children if item.type == "arguments"), ""))
    return ".".join(names)


def definition(node: Node) -> str:
    """The name of the function around `node`; "" outside of any."""
    for above in ancestors(node):
        if above.type == "call" and (name := defined_name(above)):
            return name
    return ""


def defined_name(node: Node) -> str:
    """`deps` of `defp deps do`; "" where `node` defines no function."""
    if text(node.child_by_field_name("target")) not in ("def", "defp"):
        return ""
    given = _call(node).arguments
    head = given[0] if given else None
    if head is not None and head.type == "binary_operator":
        head = head.child_by_field_name("left")
    if head is not None and head.type == "call":
        return text(head.child_by_field_name("target"))
    return text(head) if head is not None and head.type == "identifier" else ""
