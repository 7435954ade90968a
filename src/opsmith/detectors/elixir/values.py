"""What an expression may come to: the numbers and texts in it, and the environment variables that decide."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from opsmith.detectors.elixir.configs import Setting
from opsmith.detectors.elixir.source import Call, Source, definition, line, literal, text

if TYPE_CHECKING:
    from tree_sitter import Node

VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*")
_PLAIN_NAME = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
_READERS = frozenset(("get_env", "fetch_env", "fetch_env!"))
_FROM_SETTINGS = frozenset(("get_env", "fetch_env", "fetch_env!", "compile_env", "compile_env!"))
_DEEP = 5
_MOST = 400
_STEPS = 4000
"""Names that stand for names that stand for names multiply."""


@dataclass(frozen=True, slots=True)
class Value:
    """Either a text, or the name of an environment variable."""

    text: str
    env: str | None
    file: str
    line: int

    @property
    def port(self) -> int | None:
        number = int(self.text) if self.env is None and self.text.isascii() and self.text.isdigit() and len(self.text) < 6 else 0
        return number if 0 < number < 65536 else None


class Values:
    def __init__(self, settings: tuple[Setting, ...], wrappers: Mapping[str, bool]) -> None:
        self.settings = settings
        self.wrappers = wrappers
        self._steps = 0

    def of(self, node: Node, source: Source, depth: int = 0) -> list[Value]:
        """Everything that the expression mentions, in the order of the text, as far as _STEPS."""
        self._steps = 0 if depth == 0 else self._steps + 1
        return list(islice(self._of(node, source, depth), _MOST)) if depth < _DEEP and self._steps < _STEPS else []

    def _of(self, node: Node, source: Source, depth: int) -> Iterator[Value]:
        known = literal(node)
        if known is not None:
            yield Value(known, None, source.path, line(node))
        elif node.type == "identifier":
            for right in source.assigned(text(node))[-3:]:
                yield from self.of(right, source, depth + 1)
        elif node.type == "unary_operator" and text(node).startswith("@"):
            yield from self._attribute(node, source, depth)
        elif node.type == "call":
            yield from self._call(node, source, depth)
        elif node.type == "tuple" and text(node).startswith("{:system"):
            yield from self._system(node, source)
        elif node.type in (
            "binary_operator",
            "list",
            "tuple",
            "block",
            "do_block",
            "arguments",
            "keywords",
            "stab_clause",
            "body",
            "string",
            "interpolation",
        ):
            for child in node.named_children[:60]:
                yield from self.of(child, source, depth + (node.type != "binary_operator"))
        elif node.type == "pair" and (value := node.child_by_field_name("value")) is not None:
            yield from self.of(value, source, depth + 1)

    def _attribute(self, node: Node, source: Source, depth: int) -> Iterator[Value]:
        name = text(node).lstrip("@")
        for call in source.calls():
            if call.name == name and call.arguments and call.node.start_byte != node.start_byte + 1:
                yield from self.of(call.arguments[0], source, depth + 1)

    def _call(self, node: Node, source: Source, depth: int) -> Iterator[Value]:
        call = source.call(node)
        variable = self.variable(call)
        if variable:
            yield Value("", variable, source.path, line(node))
            for rest in call.arguments[1:]:
                yield from self.of(rest, source, depth + 1)
        elif call.operand == "Application" and call.name in _FROM_SETTINGS:
            yield from self._setting(call, source, depth)
        else:
            for child in node.named_children[-2:]:
                if child.type in ("arguments", "do_block", "dot", "call"):
                    yield from self.of(child, source, depth + 1)

    def _setting(self, call: Call, source: Source, depth: int) -> Iterator[Value]:
        key = literal(call.arguments[1]) if len(call.arguments) > 1 else None
        app = literal(call.arguments[0]) if call.arguments else None
        for item in self.settings:
            if item.app == app and item.path == (key,):
                yield from self.of(item.node, item.source, depth + 1)
        for rest in call.arguments[2:]:
            yield from self.of(rest, source, depth + 1)

    @staticmethod
    def _system(node: Node, source: Source) -> Iterator[Value]:
        """`{:system, "PORT"}` and `{:system, :integer, "PORT", 4000}`."""
        told = [item for item in node.named_children if item.type in ("string", "integer")]
        for position, item in enumerate(told):
            value = literal(item) or ""
            yield Value("" if position == 0 else value, value if position == 0 else None, source.path, line(item))

    def variable(self, call: Call) -> str | None:
        """The environment variable that a call reads: System's own functions, Dotenvy's, and the repository's wrappers of them."""
        names = [value for item in call.arguments[:2] if item.type == "string" and (value := literal(item)) and VARIABLE.fullmatch(value)]
        if not names:
            return None
        if call.operand in ("System", "Env", "Dotenvy") and (call.name in _READERS or call.name.startswith(("get_", "env", "fetch_"))):
            return names[0]
        if call.operand == "" and call.name in ("env!", "env"):
            return names[0]
        return names[0] if call.name in self.wrappers and _PLAIN_NAME.fullmatch(names[0]) else None


def wrappers(sources: list[Source]) -> dict[str, bool]:
    """Functions of the repository that read the variable which they are given the name of, and whether they insist on it."""
    found: dict[str, bool] = {}
    for source in sources:
        if source.mentions(b"System.get_env(", b"System.fetch_env"):
            for call in source.calls():
                if call.operand == "System" and call.name in _READERS and call.arguments and call.arguments[0].type == "identifier":
                    name = definition(call.node)
                    found[name] = found.get(name, True) and call.name.endswith("!")
    found.pop("", None)
    return found
