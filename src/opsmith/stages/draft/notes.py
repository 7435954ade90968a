"""Remembering, while the blueprint is drafted, where each of its values came from and what stays open."""

from __future__ import annotations

import re

from opsmith.model.blueprint import Origin
from opsmith.model.intent import Intent
from opsmith.model.survey import Component
from opsmith.settings import Settings

STOPPING = (
    "what only a person knows", "nothing tells it the address", "nothing tells on which port", "does not build", "nothing serves", "builds no",
    "delivers no", "Ingress", "registry:",
)  # fmt: skip
"""Marks of points without which nothing runs or nobody reaches it."""


class Notes:
    """Collects origins by blueprint node, and open points in the order in which they came up."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._origins: dict[str, list[Origin]] = {}
        self._open: dict[str, dict[str, None]] = {}

    @property
    def origins(self) -> dict[str, tuple[Origin, ...]]:
        return {node: tuple(found) for node, found in sorted(self._origins.items())}

    @property
    def open_points(self) -> tuple[str, ...]:
        """What stops a release first, then what weakens it, each in the order in which it came up."""
        told = [text.replace("{names}", ", ".join(names)) for text, names in self._open.items()]
        return tuple(sorted(told, key=lambda text: not any(mark in text for mark in STOPPING)))

    def open(self, text: str) -> None:
        self._open.setdefault(text, {})

    def open_for(self, name: str, text: str) -> None:
        """The same point for several: `text` is told once, with all their names where it says {names}."""
        self._open.setdefault(text, {}).setdefault(name)

    def default(self, node: str, text: str) -> None:
        self._add(node, Origin(kind="default", text=text))

    def setting(self, node: str, name: str, text: str) -> None:
        source = self._settings.source(name) or ""
        file, _, line = source.partition(":")
        self._add(node, Origin(kind="setting", text=text, file=file if line else None, line=int(line) if line.isdigit() else None))

    def word(self, node: str, intent: Intent, sets: str) -> None:
        """The words of the task that set the field `sets` (and, for list fields, its parts)."""
        for item in intent.understood:
            if item.sets == sets or item.sets.startswith(f"{sets}."):
                self._add(node, Origin(kind="word", text=f'"{item.words}" asks for {item.sets} = {item.value}'))

    def fact(self, node: str, component: Component, name: str, *, otherwise: str = "") -> None:
        """The evidence of fact `name` of `component`; without any, the default `otherwise`."""
        if name in (self._settings.components.get(component.name) or {}):
            self._add(node, Origin(kind="setting", text=f"components.{component.name}.{name} in opsmith.yaml", file=self._settings.file))
            return
        found = component.evidence.get(name, ())
        for item in found[:3]:
            self._add(node, Origin(kind="fact" if item.file else "default", text=item.shows, file=item.file or None, line=item.line))
        if not found and otherwise:
            self.default(node, otherwise)

    def mentioned(self, node: str, component: Component, name: str, word: str, *, otherwise: str) -> None:
        """The evidence of fact `name` that speaks of `word`; without any, the default `otherwise`."""
        found = [item for item in component.evidence.get(name, ()) if re.search(rf"\b{re.escape(word)}\b", item.shows) and item.file]
        for item in found[:3]:
            self._add(node, Origin(kind="fact", text=item.shows, file=item.file, line=item.line))
        if not found:
            self.default(node, otherwise)

    def _add(self, node: str, origin: Origin) -> None:
        known = self._origins.setdefault(node, [])
        if origin not in known:
            known.append(origin)
