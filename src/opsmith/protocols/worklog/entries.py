"""The entries of a WORKLOG.md: read tolerantly, written exactly, the newest first.

The format is that of the worklog workflow: a title, `## Phase Commits`, then one level-2 heading with a date for each entry.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["handoff", "complete", "review", "troubleshooting", "investigation", "manual"]
Value = str | tuple[str, ...]

ORDER: Mapping[Kind, tuple[str, ...]] = {
    "handoff": ("Completed", "Key decisions", "Gotchas", "Files"),
    "complete": ("Phase objective", "Implementation", "Quality gates", "Files"),
    "review": ("Reviewed", "Score", "Strengths", "Issues", "Files"),
    "troubleshooting": ("Hypothesis", "Debug findings", "Implementation", "Result", "Files", "Tests", "Rollback", "Next"),
    "investigation": ("Query", "Sources", "Key findings", "Top solutions", "Curated resources"),
    "manual": ("Files",),
}
"""The bold fields of each kind, in the order in which they are written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """`timestamp` is local wall clock, as it stands in the heading. `outcome`: approved, changes, success, failed, complete, incomplete."""

    timestamp: str
    kind: Kind
    author: str
    next: str | None = None
    phase: str | None = None
    outcome: str | None = None
    score: int | None = None
    fields: Mapping[str, Value] = field(default_factory=dict[str, Value])
    passing_reason: str | None = None


_HEADING = re.compile(r"##[ \t]+(?P<time>\d{4}-\d{2}-\d{2}(?:[ T]\d{2}:\d{2}(?::\d{2})?)?)[ \t]*(?:[-–—][ \t]*(?P<rest>.*))?$")
_AUTHOR = re.compile(r"\[AUTHOR:[ \t]*(?P<named>[^\]]+)\]|(?P<plain>@?[\w.-]+)")
_NEXT = re.compile(r"(?:→|->|=>)[ \t]*(?:\[NEXT:[ \t]*(?P<named>[^\]]+)\]|@?(?P<plain>[\w.-]+))")
_PHASE = re.compile(r"\(Phase[ \t]+(?P<phase>[\w.]+)[ \t]+COMPLETE\)", re.IGNORECASE)
_REVIEW = re.compile(r"\(Review[ \t]+(?P<outcome>Approved|Requires[ \t]+Changes)\)", re.IGNORECASE)
_LOOP = re.compile(r"\(Loop[ \t]+(?P<loop>\d+)[ \t]*[-–—][ \t]*(?P<outcome>Success|Failed)\)", re.IGNORECASE)
_RESEARCH = re.compile(r"\((?:Investigation|Research)[ \t]+(?P<outcome>Complete|Incomplete)\)", re.IGNORECASE)
_FIELD = re.compile(r"\*\*(?P<name>[^*:]{1,60}?):?\*\*:?[ \t]*(?P<value>.*)$")
_ITEM = re.compile(r"[-*][ \t]+(?P<text>.*)$")
_PASSING = re.compile(r"(?:→|->)[ \t]*Passing to[ \t]+@?(?P<next>[\w.-]+)(?:[ \t]+for[ \t]+(?P<reason>.*))?$")
_FENCE = re.compile(r"[ \t]{0,3}(```+|~~~+)")


def entries(text: str) -> tuple[Entry, ...]:
    """All entries in the order of the file, which nobody sorts. A heading inside a code block is none."""
    lines = text.removeprefix("\ufeff").splitlines()
    begins = list(headings(lines))
    bounds = zip(begins, [*begins[1:], len(lines)], strict=True)
    return tuple(_entry(lines[begin], lines[begin + 1 : end]) for begin, end in bounds)


def headings(lines: Sequence[str]) -> Iterator[int]:
    """The lines on which an entry begins."""
    return (number for number in outside_code(lines) if _HEADING.match(lines[number]))


def outside_code(lines: Sequence[str]) -> Iterator[int]:
    """The lines that are neither a fence nor between two."""
    fence = ""
    for number, line in enumerate(lines):
        mark = _FENCE.match(line)
        if fence:
            if mark and mark[1][0] == fence[0] and len(mark[1]) >= len(fence) and not line.strip().strip(fence[0]):
                fence = ""
        elif mark:
            fence = mark[1]
        else:
            yield number


def _entry(heading: str, body: Sequence[str]) -> Entry:
    match = _HEADING.match(heading)
    rest = (match["rest"] if match else None) or ""
    author = _AUTHOR.search(rest)
    fields = dict(_fields(body))
    passing = next((found for line in reversed(body) if (found := _PASSING.match(line.strip()))), None)
    after = _NEXT.search(rest)
    kind, phase, outcome = _kind(rest, after is not None or passing is not None)
    return Entry(
        timestamp=match["time"] if match else "",
        kind=kind,
        author=((author["named"] or author["plain"]) if author else "").strip().lstrip("@"),
        next=((after["named"] or after["plain"]) if after else passing["next"] if passing else "").strip() or None,
        phase=phase,
        outcome=outcome,
        score=_score(fields.get("Score")),
        fields=fields,
        passing_reason=passing["reason"] if passing else None,
    )


def _kind(rest: str, hands_on: bool) -> tuple[Kind, str | None, str | None]:
    if match := _PHASE.search(rest):
        return "complete", match["phase"], None
    if match := _REVIEW.search(rest):
        return "review", None, "approved" if match["outcome"].lower() == "approved" else "changes"
    if match := _LOOP.search(rest):
        return "troubleshooting", match["loop"], match["outcome"].lower()
    if match := _RESEARCH.search(rest):
        return "investigation", None, match["outcome"].lower()
    return ("handoff", None, None) if hands_on else ("manual", None, None)


def _score(value: Value | None) -> int | None:
    match = re.match(r"(\d{1,3})(?:[ \t]*/[ \t]*100)?\b", value) if isinstance(value, str) else None
    return int(match[1]) if match else None


def _fields(body: Sequence[str]) -> Iterator[tuple[str, Value]]:
    """Each bold field: the text beside it, or the list below it."""
    name, beside, below = "", "", list[str]()
    for number in [*outside_code(body), len(body)]:
        line = body[number].strip() if number < len(body) else "**end:**"
        if match := _FIELD.match(line):
            if name:
                yield name, _value(name, beside, below)
            name, beside, below = match["name"].strip(), match["value"].strip(), []
        elif (item := _ITEM.match(line)) and name:
            below.append(item["text"].strip())
        elif line and name and not below and not line.startswith(("→", "->", "---", "#")):
            beside = f"{beside} {line}".strip()


def _value(name: str, beside: str, below: list[str]) -> Value:
    if below:
        return tuple(below)
    if name == "Files":
        return tuple(part.strip().strip("`") for part in beside.split(",") if part.strip())
    return beside
