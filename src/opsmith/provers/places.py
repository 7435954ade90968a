"""Where in a YAML text the thing stands that a tool calls by its key or by its kind and name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

_STEP = re.compile(r"\[(\d+)\]|\['([^']*)'\]|\.?([^.\[\]]+)")


def steps(key: str) -> tuple[str, ...]:
    """`$.services.web.ports[0]`, `spec.containers.0.image` or `services.'a.b'` as single steps."""
    return tuple(next(part for part in match.groups() if part is not None) for match in _STEP.finditer(key.removeprefix("$")))


def line_of_key(text: str, key: str, *, document: int = 0) -> int | None:
    """The line of `key` in a document of `text`, or of the nearest thing around it; None for a text that cannot be read."""
    roots = _roots(text)
    if document >= len(roots):
        return None
    return _walk(roots[document], steps(key))


def line_of_object(text: str, kind: str, name: str, key: str = "") -> int | None:
    """The line of `key` in the Kubernetes object `kind`/`name`; of the object itself without a key."""
    for root in _roots(text):
        values = dict(_scalars(root))
        if values.get("kind", "").lower() == kind.lower() and values.get("metadata.name") == name:
            return _walk(root, steps(key))
    return None


def _scalars(node: Any) -> Iterator[tuple[str, str]]:
    for key, value in _pairs(node):
        if key == "metadata":
            yield from ((f"metadata.{inner}", str(scalar.value)) for inner, scalar in _pairs(value) if inner == "name")
        elif key == "kind":
            yield key, str(value.value)


def _pairs(node: Any) -> Iterator[tuple[str, Any]]:
    if node is not None and node.id == "mapping":
        yield from ((str(key.value), value) for key, value in node.value)


def _walk(node: Any, path: Sequence[str]) -> int | None:
    if node is None:
        return None
    line: int = node.start_mark.line + 1
    for step in path:
        found = _step(node, step)
        if found is None:
            return line
        line, node = found
    return line


def _step(node: Any, step: str) -> tuple[int, Any] | None:
    if node.id == "mapping":
        return next(((key.start_mark.line + 1, value) for key, value in node.value if str(key.value) == step), None)
    if node.id == "sequence" and step.isdigit() and int(step) < len(node.value):
        item = node.value[int(step)]
        return item.start_mark.line + 1, item
    return None


@lru_cache(maxsize=256)
def _roots(text: str) -> tuple[Any, ...]:
    import yaml

    from opsmith.provers.kinds import documents

    if documents(text) is None:  # broken, or a bomb that the bounded reader refused
        return ()
    return tuple(
        yaml.compose_all(  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
            text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        )
    )
