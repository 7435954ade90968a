"""hadolint: Dockerfiles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from opsmith.model.finding import Finding
from opsmith.prover import Question, Verdict
from opsmith.provers import kinds, verdicts
from opsmith.tools import Command, Result

NAME = "hadolint"
TOOL = "hadolint"
CLAIM = "hadolint finds no error and no warning"

REMARKS = {
    "DL3008": "Debian's archive keeps only the newest version of a package: a pinned one soon no longer builds",
    "DL3018": "so does Alpine's",
    "DL3033": "so do the repositories of yum",
    "DL3037": "so do the repositories of zypper",
    "DL3041": "so do the repositories of dnf",
}
"""Warnings that are told and do not refute."""


def questions(files: Mapping[str, str]) -> Sequence[Question]:
    paths = kinds.selected(files, lambda path, _: kinds.is_dockerfile(path))
    return [Question(command=Command(tool=TOOL, arguments=("--format", "json", verdicts.argument(path))), paths=(path,)) for path in paths]


def judge(question: Question, result: Result) -> Verdict:
    if result.exit_code not in (0, 1) or not result.stdout.startswith("["):
        return verdicts.unclear(result)
    (path,) = question.paths
    return verdicts.judged(
        Finding(
            rule=f"hadolint/{entry['code']}",
            severity="low" if entry["code"] in REMARKS else verdicts.LEVELS[entry["level"]],
            message=verdicts.short(entry["message"]),
            path=path,
            line=entry["line"],
        )
        for entry in verdicts.read_json(result.stdout)
    )
