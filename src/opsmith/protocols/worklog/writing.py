"""An entry as text, and where it goes: above the first one, below title and phase commits. No older byte changes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from opsmith.protocols.worklog.entries import ORDER, Entry, headings, outside_code

BESIDE = frozenset(("Completed", "Files", "Phase objective", "Reviewed", "Score", "Hypothesis", "Result", "Query", "Tests", "Rollback", "Next"))
"""Fields whose value stands beside their name when it is one text."""


def rendered(entry: Entry) -> str:
    """`entry` as it is written: bracket form of the heading, fields in their order, the passing line last."""
    blocks = [_heading(entry)]
    known = ORDER[entry.kind]
    blocks += [_field(name, entry) for name in (*known, *(name for name in entry.fields if name not in known)) if entry.fields.get(name)]
    if entry.next and entry.passing_reason:
        blocks.append(f"→ Passing to {entry.next} for {_line(entry.passing_reason)}")
    return "\n\n".join(blocks) + "\n"


def _heading(entry: Entry) -> str:
    if entry.kind == "manual":
        return f"## {entry.timestamp} - @{entry.author}"
    return f"## {entry.timestamp} - [AUTHOR: {entry.author}]{_suffix(entry)}"


def _suffix(entry: Entry) -> str:
    match entry.kind:
        case "handoff":
            return f" → [NEXT: {entry.next}]" if entry.next else ""
        case "complete":
            return f" (Phase {entry.phase} COMPLETE)"
        case "review":
            return f" (Review {'Approved' if entry.outcome == 'approved' else 'Requires Changes'})"
        case "troubleshooting":
            return f" (Loop {entry.phase} - {'Success' if entry.outcome == 'success' else 'Failed'})"
        case "investigation":
            return f" (Investigation {'Complete' if entry.outcome == 'complete' else 'Incomplete'})"
        case "manual":
            return ""


def _field(name: str, entry: Entry) -> str:
    value = entry.fields[name]
    if isinstance(value, str):
        return f"**{name}**: {_line(value)}"
    if name == "Files":
        return f"**{name}**: {', '.join(map(_line, value))}"
    return "\n".join([f"**{name}**:", *(f"- {_line(item)}" for item in value)])


def _line(text: str) -> str:
    """One line, which no heading, rule or fence can begin: what an entry tells came from a repository, too."""
    line = " ".join(text.split())
    return re.sub(r"^(?=#{1,6}\s|```|~~~|---$)", r"\\", line)


def inserted(text: str, entry: Entry, title: str) -> str:
    """The file with `entry` in it; a new one where `text` is empty. `title` is used for a new file only."""
    ending = "\r\n" if "\r\n" in text else "\n"
    block = rendered(entry).replace("\n", ending)
    if not text.strip("\ufeff \t\r\n"):
        return f"{_title(title)}\n\n## Phase Commits\n\n{rendered(entry)}".replace("\n", ending)
    lines = text.splitlines(keepends=True)
    at = _place([line.rstrip("\r\n") for line in lines])
    before, after = "".join(lines[:at]), "".join(lines[at:])
    if before and not before.endswith(("\n", "\r")):
        before += ending
    gap = "" if not before or before.endswith(ending * 2) else ending
    return f"{before}{gap}{block}{ending if after else ''}{after}"


def _title(title: str) -> str:
    return f"# WORKLOG: {_line(title)}"


def _place(lines: list[str]) -> int:
    """The line of the first entry; where there is none, after title, phase commits and their closing rule."""
    first = next(headings(lines), None)
    return _after_head(lines) if first is None else first


def _after_head(lines: list[str]) -> int:
    at = max(_head(lines), default=-1) + 1
    while at < len(lines) and not lines[at].strip():
        at += 1
    return at


def _head(lines: list[str]) -> Iterator[int]:
    """The lines of the title, the phase commits and an optional heading above the entries."""
    commits = False
    for number in outside_code(lines):
        line = lines[number].strip()
        if re.match(r"##\s+(?:Phase Commits|Work Entries)\b", line, re.IGNORECASE):
            commits = True
        elif line.startswith("#") and number:
            return
        if line.startswith("# ") or (commits and (line.startswith(("## ", "- ", "* ")) or line == "---")):
            yield number
