"""helm: that a chart follows the rules of charts, and that its templates render with its own values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from opsmith.model.finding import Finding, Severity
from opsmith.prover import Question, Verdict
from opsmith.provers import charts, verdicts
from opsmith.tools import Command, Result

NAME = "helm"
TOOL = "helm"
CLAIM = "helm lint finds nothing to object to"

_SAID = re.compile(r"^\[(ERROR|WARNING|INFO)\] (?:(?P<where>[\w./~-]+): )?(?P<what>.+)$", re.MULTILINE)
_LEVELS: Mapping[str, Severity] = {"ERROR": "high", "WARNING": "medium", "INFO": "info"}
_SUMMARY = re.compile(r"\d+ chart\(s\) linted, \d+ chart\(s\) failed")
_FETCHED = re.compile(r"missing these dependencies|found in Chart\.yaml, but missing in charts")
_TEMPLATE = re.compile(r"\b[\w.-]+/(templates/[\w./-]+?):(\d+)")


def questions(files: Mapping[str, str]) -> Sequence[Question]:
    """Every chart on its own."""
    return [_question(folder, files) for folder in charts.charts(files)]


def _question(folder: str, files: Mapping[str, str]) -> Question:
    arguments = ("lint", "--strict", "--kube-version", charts.KUBE_VERSION, verdicts.argument(folder or "."))
    return Question(command=Command(tool=TOOL, arguments=arguments), paths=charts.files_of(folder, files))


def judge(question: Question, result: Result) -> Verdict:
    said = verdicts.plain(result.stdout + result.stderr)
    if _FETCHED.search(said):
        return verdicts.unclear(result, "it needs charts that have to be fetched")
    if not _SUMMARY.search(said):
        return verdicts.unclear(result)
    return verdicts.agreed(result, _findings(question.paths, said))


def _findings(paths: Sequence[str], said: str) -> Iterator[Finding]:
    """What belongs to no file of the chart speaks against the whole."""
    folder = next(PurePosixPath(path).parent for path in paths if PurePosixPath(path).name == "Chart.yaml")
    for match in _SAID.finditer(said):
        template = _TEMPLATE.search(match["what"])
        path = str(folder / (template[1] if template else match["where"] or ""))
        known = path in paths
        yield Finding(
            rule="helm/lint",
            severity=_LEVELS[match[1]],
            message=verdicts.short(match["what"]),
            path=path if known else None,
            line=int(template[2]) if template and known else None,
        )
