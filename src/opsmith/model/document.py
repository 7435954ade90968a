"""A parsed document of a file, with the line of each of its values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from opsmith.model.assessment import Spot
from opsmith.shapes import items, mapping, table
from opsmith.yaml_safe import Place

__all__ = ["Document", "Place"]


@dataclass(frozen=True, kw_only=True)
class Document:
    """`lines` knows the place of each value. `templated`: parts of it are decided by a template that nobody rendered."""

    file: str
    value: Any
    lines: Mapping[Place, int] = field(default_factory=dict[Place, int], repr=False)
    templated: bool = False

    @cached_property
    def body(self) -> dict[str, Any]:
        """The value as a mapping with texts for keys; empty for every other shape."""
        return table(self.value)

    def at(self, *place: str | int) -> Any:
        value = self.value
        for part in place:
            if isinstance(part, int):
                listed = items(value)
                value = listed[part] if part < len(listed) else None
            else:
                value = mapping(value).get(part)
        return value

    def line(self, *place: str | int) -> int:
        """Where the value at `place` stands, or the nearest one around it."""
        return self._known(place) or 1

    def spot(self, *place: str | int) -> Spot:
        """As `line`; without a line where the document knows none."""
        return Spot(file=self.file, line=self._known(place))

    def within(self, *place: str | int) -> Document:
        """What lies at `place`, as a document of its own."""
        size = len(place)
        lines = {inner[size:]: line for inner, line in self.lines.items() if inner[:size] == place}
        return Document(file=self.file, value=self.at(*place), lines=lines, templated=self.templated)

    def _known(self, place: Place) -> int | None:
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place)
