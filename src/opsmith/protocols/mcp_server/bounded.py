"""Answers that fit: a long one is cut by rule, and says where."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from opsmith.shapes import is_list, is_mapping

T = TypeVar("T")

MOST = 48 * 1024
"""Characters of JSON in one answer: what a model reads at once without losing the thread."""
MOST_SUMMARY = 8 * 1024
WIDEST_TYPE = 50
"""No type of the model has that many fields, so an object with more is a table, of which rows may be left out."""
_STEPS = ((200, 8000), (100, 2000), (50, 1000), (25, 500), (12, 300))
"""Entries of a list or table, characters of a text; the first pair with which it fits. Fixed-length lists are shorter than any of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """At `at` (a path of keys; `*` for any entry), `shown` of `of` entries or characters are shown; of the longest where there are several."""

    at: str
    shown: int
    of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Generic[T]):
    """`result` is null when not even its shortest form fits; `whole` is the resource that always holds everything."""

    complete: bool
    whole: str
    left_out: tuple[LeftOut, ...]
    result: T | None


def answer(result: Any, whole: str, *, most: int = MOST) -> dict[str, Any]:
    """`result` as an Answer in plain data, cut until its JSON has at most `most` characters."""
    if _length(result) <= most:
        return {"complete": True, "whole": whole, "left_out": [], "result": result}
    for entries, characters in _STEPS:
        left_out: dict[str, LeftOut] = {}
        cut = _cut(result, "", entries, characters, left_out)
        if _length(cut) <= most:
            told = [{"at": one.at, "shown": one.shown, "of": one.of} for one in left_out.values()]
            return {"complete": False, "whole": whole, "left_out": told, "result": cut}
    return {"complete": False, "whole": whole, "left_out": [{"at": "", "shown": 0, "of": _length(result)}], "result": None}


def shortened(summary: str, whole: str) -> str:
    """The summary and where everything is."""
    shown = summary if len(summary) <= MOST_SUMMARY else summary[:MOST_SUMMARY].rpartition("\n")[0] + "\n… (more in the resource below)"
    return f"{shown}\n\nEverything: resource {whole}"


def _length(value: Any) -> int:
    return len(json.dumps(value, ensure_ascii=False))


def _cut(value: Any, at: str, entries: int, characters: int, left_out: dict[str, LeftOut]) -> Any:
    if isinstance(value, str):
        if len(value) > characters:
            _note(left_out, at, characters, len(value))
            return value[: characters - 1] + "…"
        return value
    if is_list(value):
        if len(value) > entries:
            _note(left_out, at, entries, len(value))
        return [_cut(one, f"{at}.*".lstrip("."), entries, characters, left_out) for one in value[:entries]]
    if is_mapping(value):
        return _cut_table(value, at, entries, characters, left_out)
    return value


def _cut_table(value: Mapping[Any, Any], at: str, entries: int, characters: int, left_out: dict[str, LeftOut]) -> dict[Any, Any]:
    rows = list(value.items())
    is_table = len(rows) > WIDEST_TYPE
    if is_table and len(rows) > entries:
        _note(left_out, at, entries, len(rows))
        rows = rows[:entries]
    return {key: _cut(one, f"{at}.{'*' if is_table else key}".lstrip("."), entries, characters, left_out) for key, one in rows}


def _note(left_out: dict[str, LeftOut], at: str, shown: int, of: int) -> None:
    if at not in left_out or left_out[at].of < of:
        left_out[at] = LeftOut(at=at, shown=shown, of=of)
