"""What a check or a tool found: where, how bad, how sure, and a mend marked safe or unsafe."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["critical", "high", "medium", "low", "info"]
SEVERITIES: tuple[Severity, ...] = ("critical", "high", "medium", "low", "info")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """Replace lines `first`..`last` of the finding's file by `text` (may be empty). `safe`: never changes what the file means to do."""

    first: int
    last: int
    text: str
    safe: bool
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`rule` is stable (a check's ID, or `tool/code`); `confidence` is 0..1; `path` and `line` are None for a whole-tree finding."""

    rule: str
    severity: Severity
    message: str
    path: str | None = None
    line: int | None = None
    confidence: float = 1.0
    fix: Fix | None = None
