"""Values of parsed documents, which may be anything: each reader returns what it promises, and an empty one for every other shape."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast


def is_mapping(value: object) -> bool:
    """Without telling a type checker: what is inside is as unknown afterwards as before."""
    return isinstance(value, Mapping)


def is_list(value: object) -> bool:
    return isinstance(value, (list, tuple))


def mapping(value: object) -> dict[Any, Any]:
    """With the keys as they are: YAML has some that are no text."""
    return cast("dict[object, Any]", value) if isinstance(value, dict) else {}


def table(value: object) -> dict[str, Any]:
    """With the keys as text."""
    return {str(key): item for key, item in cast("Mapping[object, Any]", value).items()} if isinstance(value, Mapping) else {}


def items(value: object) -> list[Any]:
    return list(cast("list[object]", value)) if isinstance(value, (list, tuple)) else []
