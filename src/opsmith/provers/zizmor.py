"""zizmor: what makes a GitHub workflow or action unsafe. Offline, so that nothing of the user's is asked of anybody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from opsmith.model.finding import Finding, Severity
from opsmith.prover import Question, Verdict
from opsmith.provers import kinds, verdicts
from opsmith.tools import Command, Result

NAME = "zizmor"
TOOL = "zizmor"
CLAIM = "zizmor finds no weakness of medium severity or more (offline audits)"

_SEVERITIES: Mapping[str, Severity] = {"High": "high", "Medium": "medium", "Low": "low", "Informational": "info", "Unknown": "info"}
_CONFIDENCES = {"High": 0.95, "Medium": 0.7, "Low": 0.4}
_FINDINGS = range(11, 15)
"""Exit codes: findings, the worst of them informational (11) to high (14)."""


def questions(files: Mapping[str, str]) -> Sequence[Question]:
    """One by one: with several, a file that it cannot read hides what it says of the others."""
    paths = kinds.selected(files, lambda path, text: kinds.is_workflow(path) or kinds.is_action(path, text))
    arguments = ("--offline", "--quiet", "--no-progress", "--strict-collection", "--format", "json-v1")
    return [Question(command=Command(tool=TOOL, arguments=(*arguments, path)), paths=(path,)) for path in paths]


def judge(question: Question, result: Result) -> Verdict:
    if result.exit_code != 0 and result.exit_code not in _FINDINGS:
        return verdicts.unclear(result, _unreadable(result))
    (path,) = question.paths
    return verdicts.agreed(result, (_finding(entry, path) for entry in verdicts.read_list(result.stdout) if not entry["ignored"]))


def _unreadable(result: Result) -> str:
    causes = result.stderr.partition("Caused by:")[2].splitlines()
    return next((f"it cannot read the file: {verdicts.short(line)}" for line in causes if line.strip()), "")


def _finding(entry: Mapping[str, Any], path: str) -> Finding:
    places = entry["locations"]
    place = next((place for place in places if place["symbolic"]["kind"] == "Primary"), places[0])
    grade = entry["determinations"]
    return Finding(
        rule=f"zizmor/{entry['ident']}",
        severity=_SEVERITIES[grade["severity"]],
        message=verdicts.short(f"{entry['desc']}: {place['symbolic']['annotation']}"),
        path=path,
        line=place["concrete"]["location"]["start_point"]["row"] + 1,
        confidence=_CONFIDENCES.get(grade["confidence"], 0.5),
    )
