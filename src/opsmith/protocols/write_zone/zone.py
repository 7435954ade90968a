"""The agent's own zone in the session context: found, given an entry, and every byte around it left as it is."""

from __future__ import annotations

import re
from collections.abc import Sequence

from opsmith.protocols.worklog.entries import outside_code
from opsmith.protocols.write_zone.places import AGENT

_ZONE = re.compile(r"###[ \t]+(?P<agent>.+?)(?P<marked>[ \t]+[-–—][ \t]+Write Zone)?[ \t]*$", re.IGNORECASE)
_ENTRY = re.compile(r"#{2,3}[ \t]+(?P<agent>[\w &/]+?)[ \t]+[-–—][ \t]+\[?(?P<date>\d{4}-\d{2}-\d{2})\]?")
_UPDATED = re.compile(r"(?P<before>[ \t]*\*\*Last Updated\*\*:?[ \t]*)(?P<value>.*?)(?P<after>[ \t]*)$", re.IGNORECASE)

SKELETON = f"""# Session Context

## Write Zones

### {AGENT} - Write Zone
**Last Updated**: Never

---
"""


def with_entry(text: str, entry: str, moment: str) -> str:
    """`text` with `entry` (several lines) after the last entry of our zone, and the zone's date set to `moment` (YYYY-MM-DD HH:MM)."""
    ending = "\r\n" if "\r\n" in text else "\n"
    lines = text.splitlines(keepends=True)
    bare = [line.rstrip("\r\n") for line in lines]
    bounds = find(bare)
    if bounds is None:
        return _with_zone(text, entry, moment, ending)
    begin, end = bounds
    at = _last_text(bare, begin, end) + 1
    block = f"{ending}{entry.strip()}{ending}".replace("\r\n", "\n").replace("\n", ending)
    before = "".join(_updated(lines[begin:at], moment, ending))
    if not before.endswith(("\n", "\r")):
        before += ending
    return "".join(lines[:begin]) + before + block + "".join(lines[at:])


def find(lines: Sequence[str]) -> tuple[int, int] | None:
    """First line of our zone and the line after its last; None when there is none. A closing rule is outside."""
    visible = list(outside_code(lines))
    begin = next((number for number in visible if _is_ours(lines[number])), None)
    if begin is None:
        return None
    after = [number for number in visible if number > begin and _ends(lines[number])]
    end = after[0] if after else len(lines)
    while end - 1 > begin and not lines[end - 1].strip():
        end -= 1
    return begin, end - 1 if lines[end - 1].strip() == "---" else end


def _is_ours(line: str) -> bool:
    match = _ZONE.match(line)
    return match is not None and match["agent"].strip().lower() == AGENT.lower()


def _ends(line: str) -> bool:
    """The next zone, or a level-2 heading that is no entry of an agent."""
    zone = _ZONE.match(line)
    if zone and zone["marked"]:
        return True
    return line.startswith("## ") and _ENTRY.match(line) is None


def _last_text(lines: Sequence[str], begin: int, end: int) -> int:
    return max((number for number in range(begin, end) if lines[number].strip()), default=begin)


def _updated(lines: Sequence[str], moment: str, ending: str) -> list[str]:
    """The zone's lines with the date set in the first line that holds one, or in a new one below the heading."""
    found = list(lines)
    for number, line in enumerate(found):
        match = _UPDATED.match(line.rstrip("\r\n"))
        if match:
            found[number] = f"{match['before']}{moment}{line[len(line.rstrip()) :] or ending}"
            return found
    return [found[0], f"**Last Updated**: {moment}{ending}", *found[1:]]


def _with_zone(text: str, entry: str, moment: str, ending: str) -> str:
    """A file without our zone gets one at the end of its Write Zones, else at its own end."""
    zone = f"### {AGENT} - Write Zone\n**Last Updated**: {moment}\n\n{entry.strip()}\n\n---\n".replace("\n", ending)
    lines = text.splitlines(keepends=True)
    bare = [line.rstrip("\r\n") for line in lines]
    visible = list(outside_code(bare))
    head = next((number for number in visible if re.match(r"##[ \t]+Write Zones\b", bare[number], re.IGNORECASE)), None)
    after = next((number for number in visible if head is not None and number > head and _is_section(bare[number])), len(lines))
    before = "".join(lines[:after])
    gap = "" if not before else ending if before.endswith(("\n", "\r")) else ending * 2
    return f"{before}{gap if not before.endswith(ending * 2) else ''}{zone}{ending if after < len(lines) else ''}{''.join(lines[after:])}"


def _is_section(line: str) -> bool:
    return line.startswith("## ") and _ENTRY.match(line) is None


def outside(text: str) -> list[str]:
    """The lines that stand outside our zone."""
    lines = text.splitlines(keepends=True)
    bounds = find([line.rstrip("\r\n") for line in lines])
    return lines if bounds is None else [*lines[: bounds[0]], *lines[bounds[1] :]]
