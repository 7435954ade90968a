"""check-jsonschema: compose files and GitHub workflows against their published schemas, which the tool carries with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from opsmith.model.finding import Finding
from opsmith.prover import Question, Verdict
from opsmith.provers import kinds, places, verdicts
from opsmith.tools import Command, Result

NAME = "check_jsonschema"
TOOL = "check-jsonschema"
CLAIM = "valid by the published schema"


def questions(files: Mapping[str, str]) -> Sequence[Question]:
    compose = kinds.selected(files, kinds.is_compose)
    workflows = kinds.selected(files, lambda path, _: kinds.is_workflow(path))
    return [*_asked("compose-spec", compose, files), *_asked("github-workflows", workflows, files)]


def _asked(schema: str, paths: tuple[str, ...], files: Mapping[str, str]) -> Iterator[Question]:
    for batch in verdicts.batches(paths, 50):
        arguments = ("--builtin-schema", f"vendor.{schema}", "--output-format", "json", *map(verdicts.argument, batch))
        yield Question(command=Command(tool=TOOL, arguments=arguments), paths=batch, texts={path: files[path] for path in batch})


def judge(question: Question, result: Result) -> Verdict:
    if result.exit_code not in (0, 1) or not result.stdout.startswith("{"):
        return verdicts.unclear(result)
    answer = verdicts.read_json(result.stdout)
    return verdicts.judged((*_violations(answer.get("errors", ()), question.texts), *_broken(answer.get("parse_errors", ()))))


def _violations(errors: Sequence[Any], texts: Mapping[str, str]) -> Iterator[Finding]:
    for error in errors:
        path, where, message = verdicts.relative(error["filename"]), error["path"], error["message"]
        best = error.get("best_deep_match")
        if best:
            where, message = best["path"], best["message"]
        yield Finding(
            rule="check-jsonschema/schema",
            severity="high",
            message=verdicts.short(f"{where}: {message}"),
            path=path,
            line=places.line_of_key(texts.get(path, ""), where),
        )


def _broken(errors: Sequence[Any]) -> Iterator[Finding]:
    for error in errors:
        path = verdicts.relative(error["filename"])
        yield Finding(rule="check-jsonschema/syntax", severity="high", message="cannot be parsed", path=path)
