"""How values flow inside one function: what a block ends in, what a pattern has taken apart, what is called on a result."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from opsmith.detectors.rust.program import Expression
from opsmith.detectors.rust.source import ancestors, callee, text

if TYPE_CHECKING:
    from tree_sitter import Node


def tails(node: Node) -> list[Node]:
    """The expressions whose value a block, a branch or a function has; `return x` among them."""
    found: list[Node] = []
    pending = [node]
    while pending and len(found) < 20:
        current = pending.pop()
        match current.type:
            case "function_item":
                body = current.child_by_field_name("body")
                found.extend(_returned(body))
                pending.extend([body] if body is not None else [])
            case "block":
                last = next((child for child in reversed(current.named_children) if not child.type.endswith("comment")), None)
                pending.extend([last] if last is not None else [])
            case "expression_statement":
                if not text(current).endswith(";"):
                    pending.extend(current.named_children[:1])
            case "if_expression":
                pending.extend(part for key in ("alternative", "consequence") if (part := current.child_by_field_name(key)) is not None)
            case "else_clause":
                pending.extend(current.named_children[-1:])
            case "match_expression":
                pending.extend(reversed(list(_arms(current))))
            case "let_declaration" | "empty_statement" | "macro_definition":
                continue
            case _:
                found.append(current)
    return found


def _arms(match: Node) -> Iterator[Node]:
    body = match.child_by_field_name("body")
    for arm in body.named_children if body is not None else ():
        value = arm.child_by_field_name("value") if arm.type == "match_arm" else None
        if value is not None:
            yield value


def _returned(body: Node | None) -> list[Node]:
    found: list[Node] = []
    pending = [body] if body is not None else []
    seen = 0
    while pending and seen < 4000:
        node = pending.pop()
        seen += 1
        if node.type == "return_expression":
            found.extend(node.named_children[:1])
        elif node.type not in ("closure_expression", "function_item", "token_tree"):
            pending.extend(reversed(node.named_children))
    return found


def matched(name: str, at: Expression) -> Expression | None:
    """`p` of `if let Ok(p) = x { p }` and of `match x { Ok(p) => p }` as `x`."""
    pattern = re.compile(rf"(?:Ok|Some)\((?:mut )?{re.escape(name)}\)")
    for above in ancestors(at.node):
        if above.type in ("function_item", "closure_expression"):
            return None
        if above.type == "match_arm" and pattern.fullmatch(text(above.child_by_field_name("pattern"))):
            outer = above.parent.parent if above.parent is not None else None
            value = outer.child_by_field_name("value") if outer is not None else None
            return Expression(value, at.source) if value is not None else None
        condition = above.child_by_field_name("condition") if above.type == "if_expression" else None
        if condition is not None and condition.type == "let_condition" and pattern.fullmatch(text(condition.child_by_field_name("pattern"))):
            value = condition.child_by_field_name("value")
            return Expression(value, at.source) if value is not None and value.end_byte <= at.node.start_byte else None
    return None


def chain_after(call: Node) -> Iterator[tuple[Node, str]]:
    """The methods that are called on the result of a call, from the inside, with their names."""
    current = call
    for _ in range(100):
        parent = current.parent
        while parent is not None and parent.type in ("try_expression", "await_expression"):
            parent = parent.parent
        if parent is None or parent.type not in ("field_expression", "generic_function"):
            return
        outer = parent.parent
        while outer is not None and outer.type == "generic_function":
            outer = outer.parent
        if outer is None or outer.type != "call_expression":
            return
        yield outer, callee(outer)[2]
        current = outer
