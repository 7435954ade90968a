"""Which parts of shared libraries a deployable reaches: by the name of a type, of an interface that a class fulfils, of an extension method.

A library of building blocks holds clients for everything; what counts is what somebody calls.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from opsmith.detectors.dotnet.source import Source, answers_to, names, static_methods


@dataclass(frozen=True, slots=True, eq=False)
class Unit:
    """A part of a file: a method of a static class, or everything else."""

    source: Source
    start: int
    answers: frozenset[bytes]
    words: frozenset[bytes]


class Liveness:
    def __init__(self, own: list[Source], shared: list[Source]) -> None:
        self._shared = {source: units(source) for source in shared}
        self._live = _reached(own, [unit for listed in self._shared.values() for unit in listed])

    def sources(self) -> list[Source]:
        """The shared files of which something is reached, in the order given."""
        return [source for source, listed in self._shared.items() if any(unit in self._live for unit in listed)]

    def reaches(self, source: Source, position: int) -> bool:
        """Whether the code at a position runs; what is not shared does."""
        listed = self._shared.get(source)
        if listed is None:
            return True
        index = bisect_right(listed, position, key=lambda unit: unit.start) - 1
        return listed[max(index, 0)] in self._live


def units(source: Source) -> list[Unit]:
    if not source.units:
        source.units.extend(_units(source))
    return source.units


def holds(source: Source, word: bytes) -> bool:
    """Whether the word stands in the file."""
    return any(word in unit.words for unit in units(source))


def _units(source: Source) -> list[Unit]:
    data = source.data
    methods = static_methods(data) if b"static class" in data else []
    starts = [0, *(start for start, _ in methods)]
    ends = [*starts[1:], len(data)]
    answers = [answers_to(data), *({name} for _, name in methods)]
    parts = zip(starts, ends, answers, strict=True)
    return [Unit(source, start, frozenset(told), frozenset(names(data[start:end]))) for start, end, told in parts]


def _reached(own: list[Source], shared: list[Unit]) -> set[Unit]:
    waiting: dict[bytes, list[Unit]] = {}
    for unit in shared:
        for word in unit.answers:
            waiting.setdefault(word, []).append(unit)
    found: set[Unit] = set()
    known: set[bytes] = set()
    pending: list[frozenset[bytes]] = [unit.words for source in own for unit in units(source)]
    while pending:
        new = pending.pop() - known
        known |= new
        for word in new:
            for unit in waiting.pop(word, ()):
                if unit not in found:
                    found.add(unit)
                    pending.append(unit.words)
    return found
