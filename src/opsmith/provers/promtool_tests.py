"""promtool test rules: that alerts fire when the tests say so, and only then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from opsmith.model.finding import Finding
from opsmith.prover import Question, Verdict
from opsmith.provers import kinds, promtool_age, verdicts
from opsmith.tools import Command, Result

NAME = "promtool_tests"
TOOL = "promtool"
CLAIM = "the rules' tests pass"


def questions(files: Mapping[str, str]) -> Sequence[Question]:
    return [_question(path) for path in kinds.selected(files, kinds.is_promtool_test)]


def _question(path: str) -> Question:
    place = PurePosixPath(path)
    folder = "" if str(place.parent) == "." else str(place.parent)
    return Question(command=Command(tool=TOOL, arguments=("test", "rules", verdicts.argument(place.name)), folder=folder), paths=(path,))


def judge(question: Question, result: Result) -> Verdict:
    (path,) = question.paths
    said = result.stderr.partition("FAILED:")[2].strip()
    if why := promtool_age.unknown(said):
        return verdicts.unclear(result, why)
    if result.exit_code == 1 and said:
        return verdicts.judged([Finding(rule="promtool/test", severity="high", message=verdicts.short(said), path=path)])
    if "no file match pattern" in result.stderr + result.stdout:  # a pass of rules that were never read
        what = verdicts.first_line(result.stderr or result.stdout).removeprefix("WARNING: ")
        return verdicts.judged([Finding(rule="promtool/test", severity="high", message=what, path=path)])
    if result.exit_code == 0 and "SUCCESS" in result.stdout:
        return verdicts.judged(())
    return verdicts.unclear(result)
