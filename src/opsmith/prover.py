"""What a prover is: a module that asks one real tool for its verdict on the files that the tool understands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from opsmith.model.finding import Finding
from opsmith.model.proof import Outcome
from opsmith.tools import Command, Result


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One call of the tool: the command (run in the root of the tree that holds the files) and the paths that it is about."""

    command: Command
    paths: tuple[str, ...]
    texts: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    """The files' text, for a tool that names places by key or object rather than by line."""
    otherwise: tuple[Command, ...] = ()
    """Commands of other tools that answer the same; the first whose tool is there is asked when `command`'s is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """`could_not_check` is for a tool that crashed or lacks what it needs; `reason` then says so.

    `unchecked` are those of the question's paths about which the tool had nothing to say, for the same `reason`.
    """

    outcome: Outcome
    findings: tuple[Finding, ...] = ()
    reason: str = ""
    unchecked: tuple[str, ...] = ()


class Prover(Protocol):
    NAME: str
    TOOL: str
    """Name of the tool in `opsmith.tools.TOOLS`."""
    CLAIM: str
    """What a pass means, e.g. "hadolint finds nothing to object to"."""

    def questions(self, files: Mapping[str, str]) -> Sequence[Question]:
        """What to ask about those of `files` (path to text) that the tool understands; empty when none is."""
        ...

    def judge(self, question: Question, result: Result) -> Verdict: ...
