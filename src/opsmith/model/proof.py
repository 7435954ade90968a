"""A real tool's verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from opsmith.model.finding import Finding

Outcome = Literal["proved", "refuted", "could_not_check"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What `tool` (with its `version`) said of `paths`.

    `could_not_check` carries the reason and, where there is one, the command that would get the tool; it is never a pass.
    """

    tool: str
    claim: str
    paths: tuple[str, ...]
    outcome: Outcome
    version: str | None = None
    reason: str = ""
    how_to_get: str = ""
    findings: tuple[Finding, ...] = ()
    seconds: float = 0.0
