"""Values out of YAML that may be anything: each reader returns what it promises, and an empty one for every other shape."""

from __future__ import annotations

from typing import Any

from opsmith import shapes
from opsmith.model.finding import Finding, Severity
from opsmith.shapes import items as items
from opsmith.yaml_safe import load_yaml


def documents(text: str) -> list[dict[str, Any]]:
    """The documents of a text that are mappings."""
    try:
        return mappings(load_yaml(text))
    except ValueError:
        return []  # the YAML prover says so


def mapping(value: Any) -> dict[str, Any]:
    return {word(key): item for key, item in shapes.mapping(value).items()}


def mappings(value: Any) -> list[dict[str, Any]]:
    return [mapping(item) for item in items(value) if isinstance(item, dict)]


def word(value: Any) -> str:
    return str(value) if isinstance(value, (str, int, float)) else ""


def words(value: Any) -> dict[str, str]:
    """Labels, selectors."""
    return {key: word(item) for key, item in mapping(value).items()}


def inside(value: Any, *keys: str) -> dict[str, Any]:
    """The mapping that lies below `keys`."""
    for key in keys:
        value = mapping(value).get(key)
    return mapping(value)


def say(path: str, message: str, severity: Severity = "high") -> Finding:
    return Finding(rule="opsmith/agreement", severity=severity, path=path, message=message)
