"""Patterns that are compiled when they are first asked: no task reaches all of them, and compiling takes longer than reading the task."""

from __future__ import annotations

import re
from collections.abc import Iterator


class Late:
    """What `re.compile` gives, as far as it is used here."""

    __slots__ = ("_compiled", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._compiled: re.Pattern[str] | None = None

    def _pattern(self) -> re.Pattern[str]:
        if self._compiled is None:
            self._compiled = re.compile(self._text)
        return self._compiled

    def search(self, text: str) -> re.Match[str] | None:
        return self._pattern().search(text)

    def match(self, text: str) -> re.Match[str] | None:
        return self._pattern().match(text)

    def finditer(self, text: str, start: int = 0, end: int | None = None) -> Iterator[re.Match[str]]:
        return self._pattern().finditer(text, start, len(text) if end is None else end)
