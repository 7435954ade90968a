"""hadolint: Dockerfiles."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from opsmith.model.finding import Finding, Fix
from opsmith.prover import Question, Verdict
from opsmith.provers import kinds, verdicts
from opsmith.tools import Command, Result

NAME = "hadolint"
TOOL = "hadolint"
CLAIM = "hadolint finds no error and no warning (left aside: versions of distribution packages)"

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
    return [_question(path, files[path]) for path in paths]


def _question(path: str, text: str) -> Question:
    return Question(command=Command(tool=TOOL, arguments=("--format", "json", verdicts.argument(path))), paths=(path,), texts={path: text})


def judge(question: Question, result: Result) -> Verdict:
    if result.exit_code not in (0, 1) or not result.stdout.startswith("["):
        return verdicts.unclear(result)
    (path,) = question.paths
    entries = verdicts.read_list(result.stdout)
    if any(entry["code"] == "DL1000" for entry in entries) and "<<" in question.texts.get(path, ""):
        return verdicts.unclear(result, "hadolint cannot read its here-documents")
    return verdicts.agreed(result, (_finding(entry, path, question.texts.get(path, "")) for entry in entries))


def _finding(entry: Mapping[str, Any], path: str, text: str) -> Finding:
    return Finding(
        rule=f"hadolint/{entry['code']}",
        severity="low" if entry["code"] in REMARKS else verdicts.LEVELS[entry["level"]],
        message=verdicts.short(entry["message"]),
        path=path,
        line=entry["line"],
        fix=_fix(entry["code"], entry["line"], text),
    )


_ADD = re.compile(r"(\s*)ADD(?=\s)", re.IGNORECASE)


def _fix(code: str, line: int, text: str) -> Fix | None:
    rows = text.split("\n")
    if code != "DL3020" or not 0 < line <= len(rows) or not _ADD.match(rows[line - 1]):
        return None
    why = "ADD does what COPY does for a source that is neither an archive nor a URL"
    return Fix(first=line, last=line, text=_ADD.sub(r"\1COPY", rows[line - 1], count=1) + "\n", safe=True, why=why)
