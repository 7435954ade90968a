"""check-jsonschema: compose files and pipelines against their published schemas, which the tool carries with it."""

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

_OPTIONS: Mapping[str, tuple[str, ...]] = {
    "gitlab-ci": ("--data-transform", "gitlab-ci"),
    "circle-ci": (),
    "azure-pipelines": ("--data-transform", "azure-pipelines", "--regex-variant", "nonunicode"),
    "dependabot": (),
}


def questions(files: Mapping[str, str]) -> Sequence[Question]:
    return [question for schema, paths in _by_schema(files).items() for question in _asked(schema, tuple(paths), files)]


def _by_schema(files: Mapping[str, str]) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {schema: [] for schema in ("compose-spec", "github-workflows", *_OPTIONS)}
    for path, text in sorted(files.items()):
        schema = "compose-spec" if kinds.is_compose(path, text) else "github-workflows" if kinds.is_workflow(path) else kinds.pipeline(path)
        if schema:
            found[schema].append(path)
    return found


def _asked(schema: str, paths: tuple[str, ...], files: Mapping[str, str]) -> Iterator[Question]:
    readable = [path for path in paths if kinds.documents(files[path]) is not None]
    broken = [path for path in paths if kinds.documents(files[path]) is None]  # one by one: some make it fall over
    for batch in (*verdicts.batches(readable, 50), *verdicts.batches(broken, 1)):
        options = ("--builtin-schema", f"vendor.{schema}", *_OPTIONS.get(schema, ()), "--output-format", "json")
        arguments = (*options, *map(verdicts.argument, batch))
        yield Question(command=Command(tool=TOOL, arguments=arguments), paths=batch, texts={path: files[path] for path in batch})


def judge(question: Question, result: Result) -> Verdict:
    if result.exit_code not in (0, 1) or not result.stdout.startswith("{"):
        return verdicts.unclear(result)
    answer = verdicts.read_json(result.stdout)
    findings = (*_violations(answer.get("errors", ()), question.texts), *_broken(answer.get("parse_errors", ())))
    if answer["status"] != ("fail" if findings else "ok"):
        return verdicts.unclear(result)
    return verdicts.agreed(result, findings)


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
