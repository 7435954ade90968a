"""One entry of a WORKLOG as a typed value, and the bold fields of each kind in the order of the format."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["handoff", "complete", "review", "troubleshooting", "investigation", "manual"]
Value = str | list[str]

FIELDS: dict[Kind, tuple[str, ...]] = {
    "handoff": ("Completed", "Key decisions", "Gotchas", "Files"),
    "complete": ("Phase objective", "Implementation", "Quality gates", "Files"),
    "review": ("Reviewed", "Score", "Strengths", "Issues", "Files"),
    "troubleshooting": ("Hypothesis", "Debug findings", "Implementation", "Result", "Files", "Tests", "Rollback", "Next"),
    "investigation": ("Query", "Sources", "Key findings", "Top solutions", "Curated resources"),
    "manual": ("Text", "Files"),
}
OPTIONAL: dict[Kind, frozenset[str]] = {
    "handoff": frozenset(("Key decisions", "Gotchas")),
    "complete": frozenset(),
    "review": frozenset(("Strengths", "Issues")),
    "troubleshooting": frozenset(("Files", "Tests", "Rollback", "Next")),
    "investigation": frozenset(("Top solutions", "Curated resources")),
    "manual": frozenset(("Text", "Files")),
}
"""What an entry may leave out: nothing was decided, nothing went wrong, a failed loop kept no file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """The keys are those of the machine form.

    `timestamp` is local wall time as it stands there, to the minute where it tells one. `fields` are the bold fields by name; a list of items
    is a list, Files always is. `outcome` is Approved, Requires Changes, Success, Failed, Complete or Incomplete.
    """

    timestamp: str
    kind: Kind
    author: str
    next: str | None = None
    phase: str | None = None
    outcome: str | None = None
    score: int | None = None
    fields: Mapping[str, Value] = field(default_factory=dict[str, Value])
    passing_reason: str | None = None
    loop: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """One line of Phase Commits; `commit` may be N/A, DEFERRED or, where none is told, None."""

    phase: str
    commit: str | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Worklog:
    """`entries` stand as in the file, newest first as a rule; they are never sorted."""

    title: str | None
    phase_commits: tuple[Commit, ...] = ()
    entries: tuple[Entry, ...] = ()
