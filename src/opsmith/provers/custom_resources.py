"""Custom resources (Argo, Flux, Istio, KEDA, cert-manager ...) against the schemas that their projects publish, unknown fields refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from opsmith import crds
from opsmith.model.finding import Finding
from opsmith.prover import Question, Verdict
from opsmith.provers import kinds, places, verdicts
from opsmith.shapes import items, mapping
from opsmith.tools import Command, Result

NAME = "custom_resources"
TOOL = "check-jsonschema"
CLAIM = "valid by the schemas that the custom resources' projects publish"

_MANY = "kubeconform"
_LOCATION = "{{.Group}}_{{.ResourceAPIVersion}}_{{.ResourceKind}}.json"


def questions(files: Mapping[str, str]) -> Sequence[Question]:
    """Files of one object by their kind; what holds several is asked of a tool that reads such files."""
    found: dict[str, list[str]] = {}
    several: list[str] = []
    for path in kinds.manifests(files):
        documents = [mapping(document) for document in kinds.documents(files[path]) or () if document]
        names = [crds.name(str(item.get("apiVersion", "")), str(item.get("kind", ""))) for item in documents]
        if len(documents) == 1 and names[0]:
            found.setdefault(names[0], []).append(path)
        elif any(names):
            several.append(path)
    single = [_question(name, tuple(paths), files) for name, paths in sorted(found.items())]
    return [*single, *([_of_several(tuple(several), files)] if several else [])]


def _question(name: str, paths: tuple[str, ...], files: Mapping[str, str]) -> Question:
    schema = str(crds.folder() / f"{name}.json")
    arguments = ("--schemafile", schema, "--output-format", "json", *map(verdicts.argument, paths))
    return Question(command=Command(tool=TOOL, arguments=arguments), paths=paths, texts={path: files[path] for path in paths})


def _of_several(paths: tuple[str, ...], files: Mapping[str, str]) -> Question:
    location = str(crds.folder() / _LOCATION)
    arguments = ("-output", "json", "-ignore-missing-schemas", "-schema-location", location, *map(verdicts.argument, paths))
    return Question(command=Command(tool=_MANY, arguments=arguments), paths=paths, texts={path: files[path] for path in paths})


def judge(question: Question, result: Result) -> Verdict:
    if result.exit_code not in (0, 1):
        return verdicts.unclear(result)
    said = mapping(verdicts.read_json(result.stdout))
    if question.command.tool == _MANY:
        if "resources" not in said:
            return verdicts.unclear(result)
        return verdicts.agreed(result, _of_kubeconform(said))
    if said.get("status") not in ("ok", "fail"):
        return verdicts.unclear(result)
    return verdicts.agreed(result, _of_check_jsonschema(said, question.texts))


def _of_check_jsonschema(said: Mapping[str, Any], texts: Mapping[str, str]) -> Iterator[Finding]:
    for error in items(said.get("errors")):
        path = verdicts.relative(str(error["filename"]))
        keys = str(error["path"]).removeprefix("$").lstrip(".")
        body = next((mapping(document) for document in kinds.documents(texts.get(path, "")) or ()), dict[Any, Any]())
        where = places.line_of_object(texts.get(path, ""), str(body.get("kind")), str(mapping(body.get("metadata")).get("name")), keys)
        yield _finding(path, f"{keys}: {error['message']}" if keys else str(error["message"]), where)
    for error in items(said.get("parse_errors")):
        yield _finding(verdicts.relative(str(error["filename"])), "cannot be parsed")


def _of_kubeconform(said: Mapping[str, Any]) -> Iterator[Finding]:
    for entry in items(said["resources"]):
        if entry["status"] not in ("statusInvalid", "statusError"):
            continue
        for error in items(entry.get("validationErrors")) or [{"path": "", "msg": entry["msg"]}]:
            keys = str(error["path"]).strip("/").replace("/", ".")
            what = f"{keys}: {error['msg']}" if keys else str(error["msg"])
            yield _finding(verdicts.relative(entry["filename"]), f"{entry['kind']}/{entry['name']}: {what}")


def _finding(path: str, message: str, line: int | None = None) -> Finding:
    return Finding(rule="custom-resource/schema", severity="high", message=verdicts.short(message), path=path, line=line)
