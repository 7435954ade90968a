"""The Write Zone: the one part of the session context that is this agent's to write. Every byte outside of it stays."""

from __future__ import annotations

import re
from dataclasses import dataclass

from opsmith.errors import OpsmithError
from opsmith.protocols.documents import line_end
from opsmith.protocols.markdown import Document, Heading

AGENT = "DevOps Architect"
_ENTRY = re.compile(r"[^#\n]{1,80}?\s+[-–—]\s*\[?\d{4}-\d{2}-\d{2}")
_UPDATED = re.compile(r"(?P<label>\s*\*\*Last Updated(?:\*\*\s*:|:\*\*)\s*)(?P<value>.*?)(?P<end>[ \t]*)$", re.IGNORECASE)

SKELETON = """\
# Context Session 1

**Session Started**: {now}
**Task**: {title}
**Workflow**: devops-architect

---

## Session Overview

**Objective**: {title}

---

## Progress Log

| Date | Event | Notes |
|------|-------|-------|
| {now} | Session started | task.md read |

---

## Write Zones

Each agent has a dedicated zone. **DO NOT** write to other agents' zones.

---

### DevOps Architect - Write Zone

**Last Updated**: Never

<!--
Updates go here.
-->

---

## Overlap Requests

## Shared Context

## Issues & Blockers

## Artifacts Produced

## Quality Gates

## Next Steps

## Handoff Checklist
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """Lines `first` (the heading) to `last` (exclusive); a rule that closes it, and the blank lines around that, are outside."""

    first: int
    last: int


def locate(document: Document) -> Zone | None:
    """The zone of this agent; None where there is none. Raises OpsmithError for two: nobody can tell which one is meant."""
    found = [heading for heading in document.headings if heading.level == 3 and _is_own(heading.text)]
    if len(found) > 1:
        lines = ", ".join(str(heading.line + 1) for heading in found)
        raise OpsmithError(
            f"The session context has {len(found)} Write Zones of {AGENT} (lines {lines}).",
            why="text of another agent looks like a zone, or a merge went wrong.",
            next_step="leave only one of them in .claude/tasks/context_session_1.md",
        )
    return _extent(document, found[0]) if found else None


def _is_own(text: str) -> bool:
    agent = _zone_of(text)
    return re.sub(r"[^a-z]+", " ", (text if agent is None else agent).casefold()).strip() == AGENT.casefold()


def _zone_of(text: str) -> str | None:
    """The agent of a heading like "Name - Write Zone"; None for any other."""
    if not text.casefold().endswith("write zone"):
        return None
    agent = text[: -len("write zone")].rstrip()
    return agent.rstrip("-–—").rstrip() if agent.endswith(("-", "–", "—")) else None


def _extent(document: Document, heading: Heading) -> Zone:
    end = next((item.line for item in document.headings if item.line > heading.line and _ends_zone(item)), len(document.lines))
    last = _before_blank(document, heading.line, end)
    if document.is_rule(last - 1) and last - 1 > heading.line:
        last = _before_blank(document, heading.line, last - 1)
    return Zone(first=heading.line, last=last)


def _ends_zone(heading: Heading) -> bool:
    if heading.level == 3:
        return _zone_of(heading.text) is not None
    return heading.level == 1 or (heading.level == 2 and not _ENTRY.match(heading.text))


def _before_blank(document: Document, first: int, end: int) -> int:
    while end > first + 1 and not document.plain[end - 1].strip():
        end -= 1
    return end


def appended(text: str, entry: str, now: str) -> str:
    """`text` with `entry` as the last one of the zone, which is made where it is missing. Raises OpsmithError as `locate` does."""
    document = Document(text)
    zone = locate(document)
    end = line_end(text)
    if zone is None:
        return _with_zone(document, entry, now)
    lines = list(document.lines)
    updated = next((number for number in range(zone.first + 1, zone.last) if _is_updated(document, number)), None)
    if updated is not None:
        match = _UPDATED.match(document.plain[updated])
        assert match is not None  # noqa: S101  # asked just above
        tail = lines[updated][len(document.plain[updated]) :]
        lines[updated] = f"{match['label']}{now}{match['end']}{tail}"
    before, after = "".join(lines[: zone.last]), "".join(lines[zone.last :])
    gap = "\n" if before.endswith("\n") else "\n\n"
    return before + (gap + entry).replace("\n", end) + after


def _is_updated(document: Document, line: int) -> bool:
    return document.is_visible(line) and len(document.plain[line]) < 500 and _UPDATED.match(document.plain[line]) is not None


def _with_zone(document: Document, entry: str, now: str) -> str:
    place, end = _place(document), line_end("".join(document.lines))
    before, after = "".join(document.lines[:place]), "".join(document.lines[place:])
    gap = "" if not before or before.endswith(("\n\n", "\r\n\r\n")) else "\n" if before.endswith("\n") else "\n\n"
    made = f"{gap}### {AGENT} - Write Zone\n\n**Last Updated**: {now}\n\n{entry}\n---\n" + ("\n" if after else "")
    return before + made.replace("\n", end) + after


def _place(document: Document) -> int:
    """The end of Write Zones, else of the file."""
    heading = document.find("Write Zones", level=2)
    if heading is None:
        return len(document.lines)
    return next((item.line for item in document.headings if item.line > heading.line and item.level <= 2 and _ends_zone(item)), len(document.lines))


def is_confined(before: str, after: str) -> bool:
    """Whether `after` differs from `before` in nothing but this agent's zone."""
    old, new = Document(before), Document(after)
    there, now = locate(old), locate(new)
    if now is None:
        return before == after
    if there is None:
        return _is_inserted(before, after)
    head = "".join(old.lines[: there.first]) == "".join(new.lines[: now.first])
    return head and "".join(old.lines[there.last :]) == "".join(new.lines[now.last :])


def _is_inserted(before: str, after: str) -> bool:
    start = next((number for number, (one, other) in enumerate(zip(before, after, strict=False)) if one != other), min(len(before), len(after)))
    return after.endswith(before[start:])


def entries(text: str) -> list[str]:
    """The entries of the zone, each from its heading on, without blank lines."""
    document = Document(text)
    zone = locate(document)
    if zone is None:
        return []
    starts = [item.line for item in document.headings if zone.first < item.line < zone.last and (item.level == 2 or item.level == 3)]
    ends = [*starts[1:], zone.last]
    return ["\n".join(line for line in document.plain[start:end] if line.strip()) for start, end in zip(starts, ends, strict=False)]
