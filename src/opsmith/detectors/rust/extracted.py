"""Structs that a configuration library fills: the variables of the fields that no file sets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from opsmith.detectors.rust.config import Layers, plain
from opsmith.detectors.rust.declared import is_optional, wanted
from opsmith.detectors.rust.program import Field, Program
from opsmith.detectors.rust.source import attribute_name, attribute_settings

_FILLS = ("extract", "try_deserialize", "extract_inner")
_WRAPPED = re.compile(r"(?:\w+::)*(?:Option|Box|Arc|SecretBox|Secret)<(.*)>$")
_DEEPEST = 4


@dataclass(frozen=True, slots=True)
class Filled:
    key: tuple[str, ...]
    variable: str
    required: bool
    field: Field


def filled(program: Program, layers: Layers) -> Iterator[Filled]:
    """Fields by the variable that sets them, where the program lets variables override its configuration and no loaded file has them."""
    if layers.overrides is None or not program.uses("config", "figment", "rocket"):
        return
    known = program.structs
    names = dict.fromkeys(wanted(call.node) for call in program.called(*_FILLS))
    seen = {tuple(plain(part) for part in item.key) for item in layers.settings}
    for name in names:
        for item in _fields(name, (), known, layers, whole=True):
            if tuple(plain(part) for part in item.key) not in seen:
                yield item


def _fields(struct: str, above: tuple[str, ...], known: dict[str, list[Field]], layers: Layers, *, whole: bool) -> Iterator[Filled]:
    for item in known.get(struct, ()) if len(above) < _DEEPEST else ():
        needed = whole and not _has_default(item)
        inner = _inner(item.type)
        key = above if _is_flat(item) else (*above, item.name)
        variable = layers.variable(key) if key else None
        if inner in known:
            yield from _fields(inner, key, known, layers, whole=needed)
        elif variable is not None:
            yield Filled(key, variable, needed, item)


def _inner(kind: str) -> str:
    match = _WRAPPED.match(kind)
    return (match[1] if match else kind).rpartition("::")[2]


def _has_default(item: Field) -> bool:
    """By its own attributes, or by the struct's `#[serde(default)]`."""
    return is_optional(item, switches=False) or any(
        attribute_name(attribute) == "serde" and "default" in attribute_settings(attribute) for attribute in item.owner_attributes
    )


def _is_flat(item: Field) -> bool:
    return any(attribute_name(attribute) == "serde" and "flatten" in attribute_settings(attribute) for attribute in item.attributes)
