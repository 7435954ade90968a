"""promtool check config: Prometheus configurations, syntax only, for what they point at lies where Prometheus runs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from opsmith.model.finding import Finding
from opsmith.prover import Question, Verdict
from opsmith.provers import kinds, promtool_age, verdicts
from opsmith.tools import Command, Result

NAME = "promtool_config"
TOOL = "promtool"
CLAIM = "promtool accepts the configuration"

_AT = re.compile(r"\bline (\d+):|:(\d+):\d+:")


def questions(files: Mapping[str, str]) -> Sequence[Question]:
    return [
        Question(command=Command(tool=TOOL, arguments=("check", "config", "--syntax-only", verdicts.argument(path))), paths=(path,))
        for path in kinds.selected(files, kinds.is_prometheus_config)
    ]


def judge(question: Question, result: Result) -> Verdict:
    if result.exit_code == 0 and "SUCCESS" in result.stdout:
        return verdicts.judged(())
    said = "\n".join((result.stdout, result.stderr)).partition("FAILED:")[2].strip()
    if result.exit_code != 1 or not said:
        return verdicts.unclear(result)
    if why := promtool_age.unknown(said):
        return verdicts.unclear(result, why)
    line = _AT.search(said)
    return verdicts.judged(
        [
            Finding(
                rule="promtool/config",
                severity="high",
                message=verdicts.short(said.removeprefix(f"parsing YAML file {question.paths[0]}: ")),
                path=question.paths[0],
                line=int(line[1] or line[2]) if line else None,
            )
        ]
    )
