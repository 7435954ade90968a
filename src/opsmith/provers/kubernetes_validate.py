"""kubernetes-validate: manifests against the API schemas of one Kubernetes version, unknown fields refused."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from opsmith.conventions import KUBERNETES_VERSION
from opsmith.model.finding import Finding
from opsmith.prover import Question, Verdict
from opsmith.provers import kinds, places, verdicts
from opsmith.tools import Command, Result

NAME = "kubernetes_validate"
TOOL = "kubernetes-validate"
CLAIM = f"valid by the API schemas of Kubernetes {KUBERNETES_VERSION}"

_INVALID = re.compile(
    r"ERROR (?P<path>.+?) did not validate for resource (?P<kind>[^/\s]+)/(?P<name>\S+) against version \S+: (?P<key>[^:]*): (?P<what>.*)"
)
_NO_OBJECT = re.compile(r"ERROR (?P<path>.+?) could not be validated: (?P<what>.*)")
_UNKNOWN = re.compile(r"WARN (?P<path>.+?) Couldn't find schema for kind (?P<kind>\S*) with api version (?P<api>\S*) for")
_PASSED = re.compile(r"INFO .+ passed for resource ")


def questions(files: Mapping[str, str]) -> Sequence[Question]:
    """Files that are no YAML are asked about one by one: the tool stops at the first."""
    paths = kinds.manifests(files)
    readable = [path for path in paths if kinds.documents(files[path]) is not None]
    broken = [path for path in paths if kinds.documents(files[path]) is None]
    return [_question(batch, files) for batch in (*verdicts.batches(readable, 200), *verdicts.batches(broken, 1))]


def _question(paths: tuple[str, ...], files: Mapping[str, str]) -> Question:
    arguments = ("-k", KUBERNETES_VERSION, "--strict", *map(verdicts.argument, paths))
    return Question(command=Command(tool=TOOL, arguments=arguments), paths=paths, texts={path: files[path] for path in paths})


def judge(question: Question, result: Result) -> Verdict:
    lines = result.stdout.splitlines()
    if result.exit_code and not lines and len(question.paths) == 1 and "expected" in result.stderr:
        return verdicts.judged(_no_yaml(question.paths[0], result.stderr))
    if any(not line.startswith(("INFO ", "WARN ", "ERROR ")) for line in lines) or (result.exit_code and not lines):
        return verdicts.unclear(result)
    verdict = verdicts.judged(_findings(lines, question.texts))
    unknown = [match for line in lines if (match := _UNKNOWN.match(line))]
    silent = not any(_PASSED.match(line) for line in lines) and not verdict.findings
    if not unknown and silent:
        return verdicts.unclear(result, "it found no object to judge")
    unchecked = sorted({verdicts.relative(match["path"]) for match in unknown} - {finding.path for finding in verdict.findings})
    reason = _no_schema(unknown) if unchecked else ""
    return Verdict(outcome=verdict.outcome, findings=verdict.findings, unchecked=tuple(unchecked), reason=reason)


def _no_schema(unknown: Sequence[re.Match[str]]) -> str:
    names = sorted({f"{match['kind']} ({match['api']})" for match in unknown})
    return f"no schema for {', '.join(names[:6])}" + (f" and {len(names) - 6} more" if len(names) > 6 else "")


def _findings(lines: Sequence[str], texts: Mapping[str, str]) -> Iterator[Finding]:
    for line in lines:
        if match := _INVALID.match(line):
            path = verdicts.relative(match["path"])
            where = places.line_of_object(texts.get(path, ""), match["kind"], match["name"], match["key"])
            message = f"{match['kind']}/{match['name']}: {match['key'] + ': ' if match['key'] else ''}{match['what']}"
            yield Finding(rule="kubernetes-validate/schema", severity="high", message=verdicts.short(message), path=path, line=where)
        elif match := _NO_OBJECT.match(line):
            what = "an object lacks apiVersion or kind" if match["what"] in ("'apiVersion'", "'kind'") else match["what"]
            yield Finding(rule="kubernetes-validate/object", severity="high", message=verdicts.short(what), path=verdicts.relative(match["path"]))


def _no_yaml(path: str, stderr: str) -> Iterator[Finding]:
    line = re.search(r"line (\d+), column", stderr)
    yield Finding(
        rule="kubernetes-validate/syntax", severity="high", message="cannot be parsed as YAML", path=path, line=int(line[1]) if line else None
    )
