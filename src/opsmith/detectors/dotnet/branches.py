"""Under which condition code runs: always, when a setting has a value, or only as the alternative to such a branch."""

from __future__ import annotations

import re
from enum import Enum

from tree_sitter import Node

from opsmith.detectors.dotnet.program import Program
from opsmith.detectors.dotnet.source import Source, ancestors, method_of, modifiers, name_of, text, type_of


class Branch(Enum):
    ALWAYS = "always"
    ASKED = "when a setting has a value"
    OTHER = "instead of another one"


_ASKS = re.compile(
    r"(?i)IsNullOr(?:Empty|WhiteSpace)|(?:!=|==|is not|is)\s*null|Has\w*Value|IsSet|Configured|Enabled|\.Any\(\)"
    r"|GetValue<bool>|\.Exists\(\)|\buse[A-Z]\w*"
)
_LEAVES = re.compile(r"\{?\s*return\b")
_DEEPEST = 3
_MOST = 20


def branch(node: Node, source: Source, program: Program, depth: int = 0) -> Branch:
    """By the `if` around `node`; where there is none, by those around the places that call its method or name its class."""
    below = node
    for above in ancestors(node):
        if above.type == "if_statement" and below == above.child_by_field_name("consequence"):
            if _ASKS.search(_condition(above)):
                return Branch.OTHER if _is_alternative(above) else Branch.ASKED
        elif above.type == "block" and _left_before(above, below):
            return Branch.ASKED
        below = above
    method = method_of(node)
    if method is not None and "static" in modifiers(method) and depth < _DEEPEST:
        calls = program.calls.get(name_of(method), [])[:_MOST]
        return _common({branch(call.node, call.source, program, depth + 1) for call in calls if program.reached(call.node, call.source)})
    name = name_of(type_of(node))
    return _of_class(name, source, program, depth) if name and depth < _DEEPEST else Branch.ALWAYS


def _condition(statement: Node) -> str:
    return text(statement.child_by_field_name("condition"))[:500]


def _left_before(block: Node, statement: Node) -> bool:
    """Whether an `if (nothing is set) return;` stands before a statement of the block."""
    for other in block.named_children[:60]:
        if other.start_byte >= statement.start_byte:
            return False
        if other.type == "if_statement" and _ASKS.search(_condition(other)) and _LEAVES.match(text(other.child_by_field_name("consequence"))[:60]):
            return True
    return False


def _common(found: set[Branch]) -> Branch:
    if not found or Branch.ALWAYS in found:
        return Branch.ALWAYS
    return Branch.ASKED if Branch.ASKED in found else Branch.OTHER


def _is_alternative(statement: Node) -> bool:
    outer = statement.parent
    return outer is not None and outer.type == "if_statement" and outer.child_by_field_name("consequence") != statement


def _of_class(name: str, source: Source, program: Program, depth: int) -> Branch:
    """What all places have in common that name the class in another one; a class that nobody names is found by other means."""
    found: set[Branch] = set()
    pattern = re.compile(rb"\b" + re.escape(name.encode()) + rb"\b")
    for other in program.naming(name)[:_MOST]:
        root = _root(other) if other is not source else None
        for match in list(pattern.finditer(other.data))[:_MOST] if root is not None else ():
            place = root.descendant_for_byte_range(match.start(), match.end()) if root is not None else None
            if place is not None and place.type == "identifier" and name_of(type_of(place)) != name and program.reached(place, other):
                found.add(branch(place, other, program, depth + 1))
        if Branch.ALWAYS in found:
            break
    return _common(found)


def _root(source: Source) -> Node | None:
    """Of files that are read anyway."""
    calls = source.syntax("call")
    current = calls[0] if calls else None
    for above in ancestors(calls[0]) if calls else ():
        current = above
    return current
