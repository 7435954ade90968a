"""What `.claude/task.md` asks: its title, objective and acceptance criteria."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from opsmith.errors import TaskError
from opsmith.protocols.worklog.entries import outside_code


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """`criteria` are the texts of the check boxes below Acceptance Criteria, in their order. `words` are what the work is told."""

    title: str
    objective: str
    requirements: tuple[str, ...]
    criteria: tuple[str, ...]
    out_of_scope: tuple[str, ...]

    @property
    def words(self) -> str:
        """As one text: what is out of scope is said as what to leave alone."""
        parts = [self.title, self.objective, *self.requirements, *(f"Not part of it: {item}" for item in self.out_of_scope)]
        return "\n".join(part for part in parts if part)


_TITLE = re.compile(r"#{1,2}[ \t]+(?:Task[ \t]*:[ \t]*)?(?P<text>.+)$", re.IGNORECASE)
_BOX = re.compile(r"[ \t]*[-*][ \t]+\[[ xX]\][ \t]+(?P<text>.+)$")
_ITEM = re.compile(r"[ \t]*(?:[-*]|\d+\.)[ \t]+(?:\[[ xX]\][ \t]+)?(?P<text>.+)$")


def read(text: str) -> Task:
    """Raises TaskError when there is neither a title nor an objective."""
    lines = text.removeprefix("\ufeff").splitlines()
    sections = dict(_sections(lines))
    title = next((match["text"].strip() for line in lines if (match := _TITLE.match(line))), "")
    objective = " ".join(line.strip() for line in sections.get("objective", ()) if line.strip())
    if not title and not objective:
        raise TaskError("task.md has neither a title nor an objective.", next_step="write `## Task: ...` or `## Objective` into .claude/task.md")
    return Task(
        title=title,
        objective=objective,
        requirements=_items(sections.get("requirements", ())),
        criteria=tuple(match["text"].strip() for line in sections.get("acceptance criteria", ()) if (match := _BOX.match(line))),
        out_of_scope=_items(_part(sections.get("scope", ()), "out")),
    )


def _sections(lines: list[str]) -> Iterator[tuple[str, list[str]]]:
    """The lines below each level-2 heading, code blocks left out."""
    name, below = "", list[str]()
    for number in outside_code(lines):
        line = lines[number]
        if match := re.match(r"##[ \t]+(?:\d+\.[ \t]*)?(.+?)[ \t]*$", line):
            yield name, below
            name, below = match[1].strip().lower(), []
        else:
            below.append(line)
    yield name, below


def _items(lines: list[str] | tuple[str, ...]) -> tuple[str, ...]:
    return tuple(match["text"].strip() for line in lines if (match := _ITEM.match(line)))


def _part(lines: list[str] | tuple[str, ...], word: str) -> list[str]:
    """The lines below the level-3 heading, or the bold line, that begins with `word`."""
    found: list[str] = []
    inside = False
    for line in lines:
        if match := re.match(r"[ \t]*(?:###[ \t]+|\*\*)(\w+)", line):
            inside = match[1].lower() == word
        elif inside:
            found.append(line)
    return found
