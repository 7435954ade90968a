"""Which of several declarations a name can mean, by what stands around it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from opsmith.detectors.rust.program import Expression, Field
from opsmith.detectors.rust.source import ancestors, function_of, parameters, text

if TYPE_CHECKING:
    from tree_sitter import Node

_BACKING = re.compile(
    r"(?i)database|postgres|mysql|redis|mongo|kafka|rabbit|amqp|smtp|email|mail|\bdb\b|db$|^pg|cache|queue|client|metric|upstream|proxy"
)


def same_function(item: Expression, at: Expression) -> bool:
    """Whether a macro's body, read apart, stands in the function of a `let` of the file."""
    function = function_of(item.node)
    return (
        function is not None and at.source.first > 0 and item.source.first == 0 and _lines(item, function)[0] <= at.line <= _lines(item, function)[1]
    )


def _lines(item: Expression, function: Node) -> tuple[int, int]:
    return item.source.first + function.start_point[0] + 1, item.source.first + function.end_point[0] + 1


def type_of(name: str, at: Expression) -> str:
    """The type of a parameter; for `self` that of the `impl` around."""
    if name == "self":
        owner = next((above for above in ancestors(at.node) if above.type == "impl_item"), None)
        return text(owner.child_by_field_name("type")) if owner is not None else ""
    function = function_of(at.node)
    return next((kind for given, kind in parameters(function) if given == name), "") if function is not None else ""


def related(hint: str, fields: list[Field]) -> list[Field]:
    """The declarations that a hint such as `settings.application` speaks of; else those that are no backing service's."""
    words = [word.lower() for word in re.findall(r"[A-Za-z]{3,}", hint)]
    close = [item for item in fields if any(word.rstrip("s") in item.owner.lower() for word in words)]
    pool = close or fields
    return pool if _BACKING.search(hint) else [item for item in pool if not _BACKING.search(item.owner)]
