"""shellcheck: shell scripts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from opsmith.model.finding import Finding
from opsmith.prover import Question, Verdict
from opsmith.provers import kinds, verdicts
from opsmith.tools import Command, Result

NAME = "shellcheck"
TOOL = "shellcheck"
CLAIM = "shellcheck finds no error and no warning"


def questions(files: Mapping[str, str]) -> Sequence[Question]:
    return [
        # --norc: the settings of whoever runs opsmith decide nothing
        Question(command=Command(tool=TOOL, arguments=("--norc", "--format", "json1", *map(verdicts.argument, paths))), paths=paths)
        for paths in verdicts.batches(kinds.selected(files, kinds.is_shell), 50)
    ]


def judge(question: Question, result: Result) -> Verdict:  # noqa: ARG001  # the contract's shape
    if result.exit_code not in (0, 1):
        return verdicts.unclear(result)
    return verdicts.agreed(result, map(_finding, verdicts.read_json(result.stdout)["comments"]))


def _finding(entry: Mapping[str, Any]) -> Finding:
    return Finding(
        rule=f"shellcheck/SC{entry['code']}",
        severity=verdicts.LEVELS[entry["level"]],
        message=verdicts.short(entry["message"]),
        path=verdicts.relative(entry["file"]),
        line=entry["line"],
    )
