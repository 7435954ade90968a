"""Values of a document that become template expressions once it is text: YAML that holds them cannot be dumped, so marks stand in their place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from opsmith.emit import Noted, yaml_artifact
from opsmith.model.artifact import Artifact, LineOrigin
from opsmith.shapes import is_list, is_mapping, items, table

_MARK = "helm-expression-{}"
_MARKED = re.compile(r"helm-expression-(\d+)(: null$)?")
_FOREIGN = re.compile(r"\{\{")


@dataclass(frozen=True, slots=True)
class Expression:
    """`text` stands where the value would: `{{ .Values.api.replicas }}`."""

    text: str


@dataclass(frozen=True, slots=True)
class Lines:
    """As a key of a mapping: `rows` stand where the pair would, each below the mapping's other keys."""

    rows: tuple[str, ...]


def chart_file(path: str, target: str, document: Any, *, origin: str, condition: str | None = None) -> Artifact:
    """`document`, which may hold expressions, as a file of a chart; only there where `condition` is."""
    expressions: list[Expression | Lines] = []
    dumped = yaml_artifact(path, target, _marked(document, expressions), origin=origin)
    rows: list[str] = [f"{{{{- if {condition} }}}}"] if condition else []
    begins: list[int] = []
    for line in dumped.text.splitlines():
        begins.append(len(rows) + 1)
        rows.extend(_unmarked(_escaped(line), expressions))
    begins.append(len(rows) + 1)
    if condition:
        rows.append("{{- end }}")
    origins = tuple(LineOrigin(first=begins[mark.first - 1], last=begins[mark.last] - 1, node=mark.node) for mark in dumped.origins)
    whole = tuple(replace(mark, first=1, last=len(rows)) for mark in origins if mark.node == origin)[:1]
    return replace(dumped, text="\n".join(rows) + "\n", origins=(*whole, *(mark for mark in origins if mark not in whole)))


def _marked(value: Any, expressions: list[Expression | Lines]) -> Any:
    if isinstance(value, Noted):
        return replace(value, value=_marked(value.value, expressions))
    if isinstance(value, Expression):
        expressions.append(value)
        return _MARK.format(len(expressions) - 1)
    if is_mapping(value):
        return dict(_pairs(value, expressions))
    if is_list(value):
        return type(value)(_marked(item, expressions) for item in items(value))
    return value


def _pairs(value: Any, expressions: list[Expression | Lines]) -> Iterator[tuple[str, Any]]:
    for key, item in value.items():
        if isinstance(key, Lines):
            expressions.append(key)
            yield _MARK.format(len(expressions) - 1), None
        else:
            yield key, _marked(item, expressions)


def _escaped(line: str) -> str:
    """What looks like an action in a value of ours is none."""
    return _FOREIGN.sub('{{ "{{" }}', line)


def _unmarked(line: str, expressions: list[Expression | Lines]) -> list[str]:
    match = _MARKED.search(line)
    if match is None:
        return [line]
    found = expressions[int(match[1])]
    if isinstance(found, Lines):
        indent = line[: match.start()]
        return [f"{indent}{row}" for row in found.rows]
    return [_MARKED.sub(lambda other: _text(expressions[int(other[1])]), line)]


def _text(expression: Expression | Lines) -> str:
    return expression.text if isinstance(expression, Expression) else ""


def without_marks(document: Any) -> dict[str, Any]:
    """The top level of an object, without the mark around it."""
    while isinstance(document, Noted):
        document = document.value
    return table(document)
