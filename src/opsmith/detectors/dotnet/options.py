"""Options classes: the properties that a section of the configuration fills."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from opsmith.detectors.dotnet.program import Program
from opsmith.detectors.dotnet.source import attributes, line, literal, modifiers, name_of, text, type_of

_SCALAR = re.compile(r"(?:string|int|uint|long|bool|double|decimal|Uri|TimeSpan)\??")
_ADDRESS = re.compile(r"(?:Url|Uri|Host|HostName|Address|Endpoint|Server|ConnectionString|Connection)$")
MOST = 60


@dataclass(frozen=True, slots=True)
class Property:
    name: str
    file: str
    line: int
    required: bool
    default: str | None

    @property
    def is_address(self) -> bool:
        return bool(_ADDRESS.search(self.name))


def bound_properties(program: Program, kind: str) -> list[Property]:
    """Those that hold one value; a class that is declared in several places is not taken apart."""
    declared = program.types.get(kind, [])
    return list(_properties(program, kind))[:MOST] if len(declared) == 1 else []


def _properties(program: Program, kind: str) -> Iterator[Property]:
    (source,) = program.types[kind]
    for node in source.syntax("property", always=True):
        if name_of(type_of(node)) == kind and _SCALAR.fullmatch(text(node.child_by_field_name("type"))):
            required = any(name in ("Required", "RequiredAttribute") for name, _ in attributes(node))
            needed = required or "required" in modifiers(node)
            yield Property(name_of(node), source.path, line(node), needed, literal(node.child_by_field_name("value")) or None)
