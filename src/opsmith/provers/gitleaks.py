"""gitleaks: that no secret stands in what is delivered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from opsmith.model.finding import Finding
from opsmith.prover import Question, Verdict
from opsmith.provers import verdicts
from opsmith.tools import Command, Result

NAME = "gitleaks"
TOOL = "gitleaks"
CLAIM = "gitleaks finds no secret"


def questions(files: Mapping[str, str]) -> Sequence[Question]:
    # --redact: what it finds must not be repeated in reports and logs
    arguments = ("dir", ".", "--no-banner", "--no-color", "--redact", "--exit-code", "7", "--report-format", "json", "--report-path", "-")
    return [Question(command=Command(tool=TOOL, arguments=arguments), paths=tuple(sorted(files)))] if files else []


def judge(question: Question, result: Result) -> Verdict:  # noqa: ARG001  # the contract's shape
    if result.exit_code not in (0, 7):
        return verdicts.unclear(result)
    return verdicts.agreed(result, map(_finding, verdicts.read_list(result.stdout)))


def _finding(entry: Mapping[str, Any]) -> Finding:
    generic = entry["RuleID"] == "generic-api-key"  # by the look of a name and its value; the other rules know their secret's form
    return Finding(
        rule=f"gitleaks/{entry['RuleID']}",
        severity="high" if generic else "critical",
        message=verdicts.short(entry["Description"]),
        path=verdicts.relative(entry["File"]),
        line=entry["StartLine"],
        confidence=0.7 if generic else 0.9,
    )
