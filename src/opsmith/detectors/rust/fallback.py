"""What code does when a variable that it reads is missing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from opsmith.detectors.rust.flow import tails
from opsmith.detectors.rust.program import Expression
from opsmith.detectors.rust.source import arguments, callee, text

if TYPE_CHECKING:
    from tree_sitter import Node

    from opsmith.detectors.rust.values import Resolver

_ENDS = re.compile(r"\bpanic!|\bexit\(|\bbail!|\bunreachable!|\bErr\(|\btodo!|\babort\(|\bexpect\(")
_OR = frozenset(("unwrap_or", "unwrap_or_else", "unwrap_or_default", "map_or", "map_or_else", "or", "or_else", "unwrap_or_log"))
_TESTS = frozenset(("is_ok", "is_err", "is_some", "is_none", "is_ok_and", "is_some_and"))
_ENDING = frozenset(("unwrap", "expect", "expect_or_log"))
INSISTS = re.compile(r"(?:^|_)(?:required?|must|mandatory)(?:_|$)")
"""What a function is called that does not go on without a value."""
_INSISTING = frozenset(("ok_or", "ok_or_else"))


@dataclass(frozen=True, slots=True)
class Fallback:
    """`ends`: the process stops, or the error is handed to who stops; `goes_on`: something else happens, with `default` where it is known.

    `insists`: nothing but a value will do, even where the absence of one is no error by itself. `hands_on`: an Option or Result of it is what
    the function returns. `assigns`: nothing happens but that a setting stays empty.
    """

    ends: bool = False
    goes_on: bool = False
    default: str | None = None
    hands_on: bool = False
    assigns: bool = False
    insists: bool = False


def fallback(call: Expression, resolver: Resolver) -> Fallback:
    """Follow what is done with the result, from the inside."""
    node, optional, tried, insists = call.node, False, False, False
    for _ in range(40):
        parent = node.parent
        if parent is None:
            break
        match parent.type:
            case "field_expression" | "generic_function" | "parenthesized_expression" | "await_expression" | "reference_expression":
                node = parent
            case "call_expression":
                name = callee(parent)[2]
                if not _is_receiver(node, parent):
                    return Fallback(ends=True, insists=True) if INSISTS.search(name) else Fallback(goes_on=optional)
                if name in _OR:
                    return _instead(parent, name, call, resolver)
                if name in _ENDING:
                    return Fallback(ends=True, insists=True)
                if name in _TESTS:
                    return Fallback(goes_on=True)
                insists = insists or name in _INSISTING or (tried and name in ("context", "with_context", "wrap_err"))
                optional = (optional or name == "ok") and not insists
                node = parent
            case "try_expression":
                tried = True
                node = parent
            case "let_condition":
                return _condition(parent, call, resolver)
            case "match_expression":
                return _match(parent, call, resolver)
            case "let_declaration" if not tried:
                return _declaration(parent, optional=optional)
            case "block" | "function_item" | "closure_expression" | "return_expression":
                return _left(tried=tried, insists=insists, optional=optional, hands_on=True)
            case _:
                break
    return _left(tried=tried, insists=insists, optional=optional, hands_on=False)


def _left(*, tried: bool, insists: bool, optional: bool, hands_on: bool) -> Fallback:
    """What `?` and `ok_or` have said, where nothing else is done with the value."""
    ends = insists or (tried and not optional)
    return Fallback(ends=ends, goes_on=not ends and optional, hands_on=hands_on, insists=insists)


def _is_receiver(node: Node, call: Node) -> bool:
    function = call.child_by_field_name("function")
    return function is not None and function.start_byte <= node.start_byte and node.end_byte <= function.end_byte


def _instead(node: Node, name: str, call: Expression, resolver: Resolver) -> Fallback:
    given = arguments(node)
    if name == "unwrap_or_default":
        return Fallback(goes_on=True)
    if given and _stops(given[0]):
        return Fallback(ends=True)
    default = next(iter(resolver.texts(Expression(given[0], call.source))), None) if given else None
    return Fallback(goes_on=True, default=default)


def _stops(node: Node) -> bool:
    """Whether a branch does nothing but end; `Err(...)` in it hands the error on."""
    return bool(_ENDS.search(text(node)[:2000]))


def _condition(condition: Node, call: Expression, resolver: Resolver) -> Fallback:
    """`if let Ok(x) = env::var(..) { } else { }`."""
    test = condition.parent
    while test is not None and test.type in ("let_chain", "parenthesized_expression"):
        test = test.parent
    if test is None or test.type != "if_expression":
        return Fallback(goes_on=True)
    other, then = test.child_by_field_name("alternative"), test.child_by_field_name("consequence")
    if other is None:
        return Fallback(goes_on=True, assigns=_only_assigns(then))
    if _stops(other):
        return Fallback(ends=True)
    return Fallback(goes_on=True, default=_first_text(other, call, resolver))


def _only_assigns(block: Node | None) -> bool:
    statements = [node for node in block.named_children if not node.type.endswith("comment")] if block is not None else []
    return bool(statements) and all(
        node.type == "expression_statement" and node.named_children and node.named_children[0].type == "assignment_expression" for node in statements
    )


def _match(test: Node, call: Expression, resolver: Resolver) -> Fallback:
    body = test.child_by_field_name("body")
    for arm in body.named_children if body is not None else ():
        pattern, value = text(arm.child_by_field_name("pattern")), arm.child_by_field_name("value")
        if value is not None and re.match(r"Err\b|None\b|_", pattern):
            return Fallback(ends=True) if _stops(value) else Fallback(goes_on=True, default=_first_text(value, call, resolver))
    return Fallback(goes_on=True)


def _declaration(statement: Node, *, optional: bool) -> Fallback:
    """`let Ok(x) = .. else { .. }`; a plain `let` keeps the Result."""
    other = statement.child_by_field_name("alternative")
    if other is not None:
        stops = _stops(other)
        return Fallback(ends=stops, goes_on=not stops)
    return Fallback(goes_on=optional)


def _first_text(node: Node, call: Expression, resolver: Resolver) -> str | None:
    return next((value for tail in tails(node) for value in resolver.texts(Expression(tail, call.source))), None)
