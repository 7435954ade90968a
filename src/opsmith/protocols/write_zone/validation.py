"""The validation report: what each gate says, and whether the work stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, assert_never

from opsmith.protocols.write_zone.settings import Mode, Settings

Severity = Literal["CRITICAL", "HIGH", "MEDIUM", "LOW"]
Status = Literal["PASS", "FAIL", "COULD_NOT_CHECK", "NOT_RUN"]

SEVERITY: dict[str, Severity] = {
    "scorecard-validator": "HIGH",
    "write-zone-guard": "HIGH",
    "secret-scan": "CRITICAL",
    "diff-discipline": "MEDIUM",
    "format-lint": "LOW",
    "hierarchy-governance": "MEDIUM",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`line` counts from 1. Never a value that may be a secret. `justification`: why a MEDIUM one may stand in permissive mode."""

    file: str
    line: int | None
    rule: str
    message: str
    justification: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """COULD_NOT_CHECK is no pass; NOT_RUN came after the gate at which FAIL_FAST stopped, or is left out by claude.json."""

    validator: str
    severity: Severity
    status: Status
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The keys are those of the validation report."""

    agent: str
    task: str
    checked_at: str
    mode: Mode
    overall: Literal["PASS", "FAIL"]
    results: tuple[Result, ...]

    @property
    def blocking(self) -> tuple[Result, ...]:
        return tuple(result for result in self.results if blocks(result, self.mode))


def blocks(result: Result, mode: Mode) -> bool:
    """Whether the gate stops the work in `mode`."""
    if result.status in ("PASS", "NOT_RUN"):
        return False
    match mode:
        case "strict":
            return True
        case "normal":
            return result.severity != "LOW"
        case "permissive":
            return result.severity in ("CRITICAL", "HIGH") or (
                result.severity == "MEDIUM" and not all(item.justification for item in result.findings)
            )
        case _:
            assert_never(mode)


def reported(task: str, checked_at: str, settings: Settings, results: Sequence[Result]) -> Report:
    """The report over `results`; with POST_RUN_REQUIRED off, only what is critical or high still stops the work."""
    mode: Mode = settings.mode if settings.post_run_required else "permissive"
    failed = any(blocks(result, mode) for result in results)
    return Report(
        agent="devops-architect", task=task, checked_at=checked_at, mode=mode, overall="FAIL" if failed else "PASS", results=tuple(results)
    )  # fmt: skip
