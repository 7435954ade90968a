"""Three-way merge by lines that keeps every byte of the user's own lines, line ends included."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Lines:
    """A text as its lines without their ends, and the ends ("\\n", "\\r\\n", or "" for a last line that has none)."""

    rows: list[str]
    ends: list[str]


def lines_of(text: str) -> Lines:
    rows: list[str] = []
    ends: list[str] = []
    for row in text.split("\n"):
        carriage = row.endswith("\r")
        rows.append(row[:-1] if carriage else row)
        ends.append("\r\n" if carriage else "\n")
    if not rows[-1] and ends[-1] == "\n":
        return Lines(rows[:-1], ends[:-1])
    if ends[-1] == "\r\n":
        rows[-1] += "\r"
    ends[-1] = ""
    return Lines(rows, ends)


def merged(base: str, theirs: str, ours: str) -> str | None:
    """`theirs` with the changes that lead from `base` to `ours`; None where both changed the same place."""
    from merge3 import Merge3

    old, mine, new = lines_of(base), lines_of(theirs), lines_of(ours)
    usual = _usual_end(mine)
    rows: list[str] = []
    ends: list[str] = []
    at_old = at_mine = at_new = 0
    merge: Merge3[str] = Merge3(old.rows, mine.rows, new.rows)
    for old_first, old_last, mine_first, mine_last, new_first, new_last in merge.find_sync_regions():
        was, has, wants = old.rows[at_old:old_first], mine.rows[at_mine:mine_first], new.rows[at_new:new_first]
        if has == wants or wants == was:
            rows += has
            ends += mine.ends[at_mine:mine_first]
        elif has == was:
            rows += wants
            ends += [usual] * len(wants)
        else:
            return None
        rows += mine.rows[mine_first:mine_last]
        ends += mine.ends[mine_first:mine_last]
        at_old, at_mine, at_new = old_last, mine_last, new_last
    return _joined(rows, ends, usual, open_end=bool(mine.ends) and not mine.ends[-1])


def _usual_end(lines: Lines) -> str:
    counts = Counter(end for end in lines.ends if end)
    return "\r\n" if counts["\r\n"] > counts["\n"] else "\n"


def _joined(rows: list[str], ends: list[str], usual: str, *, open_end: bool) -> str:
    closed = [end or usual for end in ends]
    if closed and open_end:
        closed[-1] = ""
    return "".join(row + end for row, end in zip(rows, closed, strict=True))
