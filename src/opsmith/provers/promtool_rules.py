"""promtool check rules: recording and alerting rules, their PromQL and their templates."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from opsmith.model.finding import Finding
from opsmith.prover import Question, Verdict
from opsmith.provers import kinds, promtool_age, verdicts
from opsmith.tools import Command, Result

NAME = "promtool_rules"
TOOL = "promtool"
CLAIM = "promtool accepts the rules"

_PLACED = re.compile(r"^(?:\S+: )?(\d+):\d+: (.*)$")
_YAML_LINE = re.compile(r"\bline (\d+): (.*)")


def questions(files: Mapping[str, str]) -> Sequence[Question]:
    return [
        Question(command=Command(tool=TOOL, arguments=("check", "rules", verdicts.argument(path))), paths=(path,))
        for path in kinds.selected(files, kinds.is_prometheus_rules)
    ]


def judge(question: Question, result: Result) -> Verdict:
    (path,) = question.paths
    said = result.stderr.partition("FAILED:")[2].strip()
    if result.exit_code == 0 and ("SUCCESS" in result.stdout or said.startswith("lint error")):
        return verdicts.judged(_duplicates(said, path))
    if result.exit_code != 1 or not said:
        return verdicts.unclear(result)
    if why := promtool_age.unknown(said):
        return verdicts.unclear(result, why)
    return verdicts.judged(_errors(said, path))


def _duplicates(said: str, path: str) -> Iterator[Finding]:
    if said:
        yield Finding(rule="promtool/duplicate-rules", severity="low", message=verdicts.short(said.removeprefix("lint error ")), path=path)


def _errors(said: str, path: str) -> Iterator[Finding]:
    for row in said.splitlines():
        line = row.strip().removeprefix(f"{path}: ").removeprefix(f"{path}:")
        place = _PLACED.match(line) or _YAML_LINE.search(line)
        if place:
            yield Finding(rule="promtool/rules", severity="high", message=verdicts.short(place[2]), path=path, line=int(place[1]))
        elif line and not line.endswith(("unmarshal errors:",)):
            yield Finding(rule="promtool/rules", severity="high", message=verdicts.short(line), path=path)
