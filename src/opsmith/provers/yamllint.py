"""yamllint: YAML that every reader understands alike. How it looks is a remark, and what is only white space is mended."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from opsmith.model.finding import Finding, Fix, Severity
from opsmith.prover import Question, Verdict
from opsmith.provers import kinds, verdicts
from opsmith.tools import Command, Result

NAME = "yamllint"
TOOL = "yamllint"
CLAIM = "yamllint finds no error that changes what the YAML means"

_SETTINGS = (
    "{extends: default, rules: {line-length: disable, document-start: disable, comments-indentation: disable, "
    "truthy: {check-keys: false}, indentation: {spaces: consistent, indent-sequences: whatever}}}"
)
"""`on:` is a key of GitHub's own, long commands are usual in pipelines, and both ways to indent a list are in daily use."""
_LINE = re.compile(r"(.+?):(\d+):\d+: \[(?:error|warning)\] (.*?)(?: \(([a-z-]+)\))?$")
_SEVERITIES: Mapping[str, Severity] = {"syntax": "high", "key-duplicates": "high", "anchors": "high"}


def questions(files: Mapping[str, str]) -> Sequence[Question]:
    return [
        Question(
            command=Command(tool=TOOL, arguments=("--format", "parsable", "-d", _SETTINGS, *map(verdicts.argument, paths))),
            paths=paths,
            texts={path: files[path] for path in paths},
        )
        for paths in verdicts.batches(kinds.selected(files, kinds.is_yaml), 100)
    ]


def judge(question: Question, result: Result) -> Verdict:
    matches = [_LINE.match(line) for line in result.stdout.splitlines() if line.strip()]
    if result.exit_code not in (0, 1) or None in matches or (result.exit_code == 1 and not matches):
        return verdicts.unclear(result)
    return verdicts.judged(_findings([match for match in matches if match], question.texts))


def _findings(matches: Sequence[re.Match[str]], texts: Mapping[str, str]) -> Iterator[Finding]:
    for match in matches:
        path, line, rule = verdicts.relative(match[1]), int(match[2]), match[4] or "syntax"
        yield Finding(
            rule=f"yamllint/{rule}",
            severity=_SEVERITIES.get(rule, "info"),
            message=match[3],
            path=path,
            line=line,
            fix=_fix(rule, line, texts.get(path, "")),
        )


def _fix(rule: str, line: int, text: str) -> Fix | None:
    rows = text.split("\n")
    if not 0 < line <= len(rows):
        return None
    if rule == "trailing-spaces" and not _in_scalar(text, line):
        return Fix(first=line, last=line, text=rows[line - 1].rstrip() + "\n", safe=True, why="spaces at the end of a line say nothing")
    if rule == "new-line-at-end-of-file" and not _in_scalar(text, line):
        return Fix(first=line, last=line, text=rows[line - 1] + "\n", safe=True, why="a text file ends in a line end")
    return None


def _in_scalar(text: str, line: int) -> bool:
    """Whether the line is part of a scalar over several lines, where white space may count."""
    import yaml

    if kinds.documents(text) is None:
        return True
    tokens = cast("Iterator[Any]", yaml.scan(text))  # pyright: ignore[reportUnknownMemberType]
    spans = ((token.start_mark, token.end_mark) for token in tokens if isinstance(token, yaml.ScalarToken))
    return any(start.line + 1 <= line <= end.line + (end.column > 0) and start.line != end.line for start, end in spans)
