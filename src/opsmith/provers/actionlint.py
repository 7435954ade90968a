"""actionlint: GitHub workflows, expressions and (where shellcheck is there) the scripts in them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from opsmith.model.finding import Finding, Severity
from opsmith.prover import Question, Verdict
from opsmith.provers import kinds, verdicts
from opsmith.tools import Command, Result

NAME = "actionlint"
TOOL = "actionlint"
CLAIM = "actionlint finds no error in the workflow and its expressions"

_SHELLCHECK = re.compile(r"shellcheck reported issue in this script: SC(\d+):(error|warning|info|style):\d+:\d+: (.*)", re.DOTALL)


def questions(files: Mapping[str, str]) -> Sequence[Question]:
    return [
        Question(command=Command(tool=TOOL, arguments=("-no-color", "-format", "{{json .}}", *batch)), paths=batch)
        for batch in verdicts.batches(kinds.selected(files, lambda path, _: kinds.is_workflow(path)), 50)
    ]


def judge(question: Question, result: Result) -> Verdict:  # noqa: ARG001  # the contract's shape
    if result.exit_code not in (0, 1):
        return verdicts.unclear(result)
    return verdicts.agreed(result, map(_finding, verdicts.read_list(result.stdout)))


def _finding(entry: Mapping[str, Any]) -> Finding:
    rule, severity, message = _said(entry["kind"], entry["message"])
    return Finding(rule=rule, severity=severity, message=verdicts.short(message), path=verdicts.relative(entry["filepath"]), line=entry["line"])


def _said(kind: str, message: str) -> tuple[str, Severity, str]:
    match = _SHELLCHECK.match(message)
    if match:
        return f"actionlint/SC{match[1]}", verdicts.LEVELS[match[2]], match[3]
    return f"actionlint/{kind}", "high", message
