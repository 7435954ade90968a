"""Small questions about a node of a syntax tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node


def sides(node: Node, first: str, second: str) -> tuple[Node, Node]:
    """Two fields of a node; the node itself for one that is missing."""
    left, right = node.child_by_field_name(first), node.child_by_field_name(second)
    return left or node, right or node


def text(node: Node | None) -> str:
    return (node.text or b"").decode("utf-8", "replace") if node is not None else ""


def line(node: Node) -> int:
    return node.start_point[0] + 1


def string_value(node: Node | None) -> str | None:
    """The text of a string literal, or of a template without substitutions."""
    if node is None or node.type not in ("string", "template_string") or any(child.type == "template_substitution" for child in node.children):
        return None
    return text(node)[1:-1]


def arguments(call: Node) -> list[Node]:
    listed = call.child_by_field_name("arguments")
    return [child for child in listed.named_children if child.type != "comment"] if listed is not None else []


def first_argument(call: Node) -> Node | None:
    return next(iter(arguments(call)), None)


def callee(call: Node) -> Node | None:
    return call.child_by_field_name("function") or call.child_by_field_name("constructor")


def method(call: Node) -> str:
    """`listen` of `app.listen(…)`, `cleanEnv` of `cleanEnv(…)`."""
    target = callee(call)
    if target is not None and target.type == "member_expression":
        return text(target.child_by_field_name("property"))
    return text(target) if target is not None and target.type == "identifier" else ""


def receiver(call: Node) -> Node | None:
    target = callee(call)
    return target.child_by_field_name("object") if target is not None and target.type == "member_expression" else None


def entries(literal: Node | None) -> dict[str, Node]:
    """Key and value of an object literal; shorthand and spread are left out."""
    result: dict[str, Node] = {}
    for child in literal.named_children if literal is not None and literal.type == "object" else ():
        if child.type == "pair":
            key, value = sides(child, "key", "value")
            result[string_value(key) or text(key)] = value
        elif child.type == "shorthand_property_identifier":
            result[text(child)] = child
    return result


_WRAPPERS = ("parenthesized_expression", "as_expression", "satisfies_expression", "non_null_expression", "await_expression")


def unwrapped(node: Node) -> Node:
    while node.type in _WRAPPERS and node.named_children:
        node = node.named_children[0]
    return node
