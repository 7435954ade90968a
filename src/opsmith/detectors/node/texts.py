"""What texts in a build's configuration come to: put together from parts, and with variables that the environment files set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from opsmith.detectors.javascript.facts import join
from opsmith.detectors.javascript.source import Module, Sources
from opsmith.detectors.javascript.syntax import string_value, text, unwrapped
from opsmith.detectors.javascript.values import resolve

if TYPE_CHECKING:
    from tree_sitter import Node

OF_PRODUCTION = (".env.production", ".env", ".env.development", ".env.example")
OF_DEVELOPMENT = (".env.development", ".env", ".env.example", ".env.production")


@dataclass(frozen=True, slots=True)
class Place:
    """Where an expression stands: a module of the application whose folder is `home`.

    `settings` are the files that tell its variables, first to last.
    """

    sources: Sources
    module: Module
    home: str
    settings: tuple[str, ...] = OF_PRODUCTION


def texts_of(place: Place, node: Node) -> list[str]:
    """One text or a list of them."""
    node = unwrapped(node)
    return [found for child in (node.named_children if node.type == "array" else [node]) if (found := text_of(place, child)) is not None]


def text_of(place: Place, node: Node | None, depth: int = 6) -> str | None:
    """What an expression comes to, parts put together."""
    if node is None or depth <= 0:
        return None
    node = unwrapped(node)
    if node.type in ("property_identifier", "string_fragment"):
        return text(node)
    if node.type == "computed_property_name":
        return text_of(place, node.named_children[0], depth - 1) if node.named_children else None
    if node.type == "template_string" and string_value(node) is None:
        return _joined(place, [child.named_children[0] if child.type == "template_substitution" else child for child in node.named_children], depth)
    if node.type == "binary_expression" and text(node.child_by_field_name("operator")) == "+":
        return _joined(place, [node.child_by_field_name("left"), node.child_by_field_name("right")], depth)
    named = place.module.names.get(text(node)) if node.type == "identifier" else None
    if named is not None and named.type in ("template_string", "binary_expression"):
        return text_of(place, named, depth - 1)
    value = resolve(place.sources, place.module, node)
    if value is None:
        return None
    return (_setting(place, value.env) if value.env else None) or value.literal


def _joined(place: Place, nodes: list[Node | None], depth: int) -> str | None:
    parts = [text_of(place, node, depth - 1) for node in nodes]
    return "".join(part for part in parts if part is not None)[:500] if None not in parts else None


def _setting(place: Place, name: str) -> str | None:
    """The value of a variable in the files that the build reads."""
    for file in (join(place.home, file) for file in place.settings):
        for row in (place.sources.repo.read(file) or "").splitlines()[:1000] if place.sources.repo.has(file) else ():
            key, equals, value = row.removeprefix("export ").partition("=")
            if equals and key.strip() == name and (told := value.partition(" #")[0].strip().strip("\"'")):
                return told
    return None
