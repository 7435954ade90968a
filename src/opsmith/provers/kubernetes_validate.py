"""kubernetes-validate: manifests against the API schemas of one Kubernetes version, unknown fields refused."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from opsmith import crds
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
_NAMELESS = re.compile(r"ERROR (?P<path>.+?) could not be validated: '(?:metadata|name)'$")
"""It wants to print a name. generateName, and kinds that have none, are valid all the same."""
_NO_YAML = re.compile(r"Couldn't parse YAML from file (?!.*found duplicate anchor)")
"""An anchor may be used again in YAML; the tool's parser is stricter."""


def questions(files: Mapping[str, str]) -> Sequence[Question]:
    """Odd files are asked about one by one: the tool stops at the first that it cannot read or name."""
    paths = [path for path in kinds.manifests(files) if not _is_all_custom(files[path])]
    usual = [path for path in paths if _is_usual(files[path])]
    odd = [path for path in paths if not _is_usual(files[path])]
    return [_question(batch, files) for batch in (*verdicts.batches(usual, 200), *verdicts.batches(odd, 1))]


def _is_all_custom(text: str) -> bool:
    objects = [kinds.mapped(document) for document in kinds.documents(text) or () if document]
    return bool(objects) and all(crds.name(str(item.get("apiVersion")), str(item.get("kind"))) for item in objects)


def _is_usual(text: str) -> bool:
    objects = [document for document in kinds.documents(text) or () if document]
    return bool(objects) and all(isinstance(kinds.mapped(kinds.mapped(entry).get("metadata")).get("name"), str) for entry in objects)


def _question(paths: tuple[str, ...], files: Mapping[str, str]) -> Question:
    arguments = ("-k", KUBERNETES_VERSION, "--strict", *map(verdicts.argument, paths))
    return Question(command=Command(tool=TOOL, arguments=arguments), paths=paths, texts={path: files[path] for path in paths})


def judge(question: Question, result: Result) -> Verdict:
    lines = result.stdout.splitlines()
    if _NO_YAML.search(result.stderr) and len(question.paths) == 1:
        return verdicts.judged(_no_yaml(question.paths[0], result.stderr))
    if any(not line.startswith(("INFO ", "WARN ", "ERROR ")) for line in lines) or "Couldn't" in result.stderr:
        return verdicts.unclear(result)
    if not lines and not result.exit_code:
        return verdicts.unclear(result, "it found no object to judge")
    verdict = verdicts.judged(_findings(lines, question.texts))
    over = [match for line in lines if (match := _UNKNOWN.match(line) or _NAMELESS.match(line)) and not _is_custom(match)]
    passed_over = {verdicts.relative(match["path"]): _why(match) for match in over}
    unchecked = tuple(sorted(set(passed_over) - {finding.path for finding in verdict.findings}))
    if result.exit_code and not verdict.findings and not unchecked:
        return verdicts.unclear(result)
    return replace(verdict, unchecked=unchecked, reason=_reason({passed_over[path] for path in unchecked}))


def _is_custom(match: re.Match[str]) -> bool:
    """A kind whose schema its project publishes: another prover asks about it."""
    return match.re is _UNKNOWN and crds.name(match["api"], match["kind"]) is not None


def _why(match: re.Match[str]) -> str:
    if match.re is _NAMELESS:
        return "an object without metadata.name"
    return f"{match['kind']} ({match['api']})"


def _reason(names: set[str]) -> str:
    if not names:
        return ""
    return f"it passes over {', '.join(sorted(names)[:6])}" + (f" and {len(names) - 6} more" if len(names) > 6 else "")


def _findings(lines: Sequence[str], texts: Mapping[str, str]) -> Iterator[Finding]:
    for line in lines:
        if match := _INVALID.match(line):
            path = verdicts.relative(match["path"])
            where = places.line_of_object(texts.get(path, ""), match["kind"], match["name"], match["key"])
            message = f"{match['kind']}/{match['name']}: {match['key'] + ': ' if match['key'] else ''}{match['what']}"
            yield Finding(rule="kubernetes-validate/schema", severity="high", message=verdicts.short(message), path=path, line=where)
        elif (match := _NO_OBJECT.match(line)) and not _NAMELESS.match(line):
            what = "an object lacks apiVersion or kind" if match["what"] in ("'apiVersion'", "'kind'") else match["what"]
            yield Finding(rule="kubernetes-validate/object", severity="high", message=verdicts.short(what), path=verdicts.relative(match["path"]))


def _no_yaml(path: str, stderr: str) -> Iterator[Finding]:
    line = re.search(r"line (\d+), column", stderr)
    yield Finding(
        rule="kubernetes-validate/syntax", severity="high", message="cannot be parsed as YAML", path=path, line=int(line[1]) if line else None
    )
