"""How ready a repository is for production, measured against named standards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["met", "not_met", "could_not_check", "does_not_apply"]
STATES: tuple[State, ...] = ("not_met", "could_not_check", "met", "does_not_apply")


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Spot:
    """A place in a file that speaks for or against a standard. `file` is relative to the root, `line` counts from 1."""

    file: str
    line: int | None = None

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What one standard says of a repository.

    `message` says what was seen; where nothing could be checked or nothing applies, it gives the reason. `task` is what `opsmith run` would be
    given to close a gap; None where a person has to.
    """

    state: State
    message: str
    evidence: tuple[Spot, ...] = ()
    task: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A judgement with the standard that it is of. `layer` and `id` are stable, `source` names the standard's origin."""

    id: str
    layer: str
    summary: str
    source: str
    weight: int
    state: State
    message: str
    evidence: tuple[Spot, ...] = ()
    task: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """`percent` is the weight of what is met in the weight of all that is met or not met; None where neither is.

    What could not be checked counts for nothing here: it is beside the score, never in it.
    """

    percent: int | None
    met: int
    not_met: int
    could_not_check: int
    does_not_apply: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerScore:
    layer: str
    title: str
    score: Score


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A standard whose state is another one than before; None = it was not (or is no longer) judged."""

    id: str
    before: State | None
    after: State | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    before: Score
    after: Score
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    root: str
    score: Score
    layers: tuple[LayerScore, ...]
    results: tuple[Result, ...]
    unread: tuple[str, ...] = ()
    """Deployment files that could not be read, with the reason: nothing is known of them."""
    compared: Comparison | None = None
    version: int = 1
