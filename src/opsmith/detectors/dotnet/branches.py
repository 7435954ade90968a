"""Under which condition code runs: always, when a setting has a value, or only as the alternative to such a branch."""

from __future__ import annotations

import re
from enum import Enum

from opsmith.detectors.dotnet.program import Program
from opsmith.detectors.dotnet.source import Source, ancestors, name_of, text, type_of
from tree_sitter import Node


class Branch(Enum):
    ALWAYS = "always"
    ASKED = "when a setting has a value"
    OTHER = "instead of another one"


_ASKS = re.compile(r"(?i)IsNullOr(?:Empty|WhiteSpace)|(?:!=|is not)\s*null|HasValue|Enabled|\.Any\(\)|GetValue<bool>|\.Exists\(\)|\buse\w+")
_MOST = 20


def branch(node: Node, source: Source, program: Program, depth: int = 0) -> Branch:
    """By the `if` around `node`; where there is none, by those around the places that name its class."""
    below = node
    for above in ancestors(node):
        if above.type == "if_statement" and below == above.child_by_field_name("consequence"):
            if _ASKS.search(text(above.child_by_field_name("condition"))[:500]):
                return Branch.OTHER if _is_alternative(above) else Branch.ASKED
        below = above
    name = name_of(type_of(node))
    return _of_class(name, source, program, depth) if name and depth < 2 else Branch.ALWAYS


def _is_alternative(statement: Node) -> bool:
    outer = statement.parent
    if outer is not None and outer.type == "else_clause":
        outer = outer.parent
    return outer is not None and outer.type == "if_statement" and outer.child_by_field_name("consequence") != statement


def _of_class(name: str, source: Source, program: Program, depth: int) -> Branch:
    """What all places have in common that name the class in another one; a class that nobody names is found by other means."""
    found: set[Branch] = set()
    pattern = re.compile(rb"\b" + re.escape(name.encode()) + rb"\b")
    for other in program.sources:
        calls = other.syntax("call") if name.encode() in other.data and other is not source else []
        if not calls:
            continue
        root = _root(calls[0])
        for match in list(pattern.finditer(other.data))[:_MOST]:
            place = root.descendant_for_byte_range(match.start(), match.end())
            if place is not None and place.type == "identifier" and name_of(type_of(place)) != name:
                found.add(branch(place, other, program, depth + 1))
    if not found or Branch.ALWAYS in found:
        return Branch.ALWAYS
    return Branch.ASKED if Branch.ASKED in found else Branch.OTHER


def _root(node: Node) -> Node:
    current = node
    for above in ancestors(node):
        current = above
    return current
