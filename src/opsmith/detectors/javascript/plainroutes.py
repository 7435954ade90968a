"""Health paths of servers without a router: the request's path is compared, switched on, or named in the table that Bun.serve is handed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from opsmith.detectors.javascript.source import Module
from opsmith.detectors.javascript.syntax import string_value, text

if TYPE_CHECKING:
    from tree_sitter import Node

_MARKS = (b"createServer", b"Bun.serve", b"Deno.serve", b"new URL(req", b"new URL(request", b"http/server.ts")
_PATH = re.compile(r"pathname|\bpath\b|\.url\b")


def plain_routes(module: Module) -> Iterator[tuple[str, Node]]:
    """Each path that stands in the code of a module that serves, with its node."""
    if not any(mark in module.data for mark in _MARKS):
        return
    for node in module.strings:
        value = string_value(node)
        if value and value.startswith("/") and len(value) < 100 and _is_asked_for(node):
            yield value, node


def _is_asked_for(node: Node) -> bool:
    above = node.parent
    match above.type if above is not None else "":
        case "binary_expression" if above is not None:
            return text(above.child_by_field_name("operator")) in ("===", "==") and _PATH.search(text(above)) is not None
        case "switch_case" if above is not None:
            whole = above.parent.parent if above.parent is not None else None
            return whole is not None and _PATH.search(text(whole.child_by_field_name("value"))) is not None
        case "pair" if above is not None:
            key = above.child_by_field_name("key")
            return text(key) == "pathname" or (key is not None and key.id == node.id and _is_table(above))
        case _:
            return False


def _is_table(pair: Node) -> bool:
    """`routes: { "/health": … }`."""
    owner = pair.parent.parent if pair.parent is not None else None
    return owner is not None and owner.type == "pair" and text(owner.child_by_field_name("key")) == "routes"
