"""Helm charts, read without rendering: values are put where a template names one plainly, other templates leave an open place."""

from __future__ import annotations

import re
from typing import Any

from opsmith.detectors.deployed.documents import documents, parsed
from opsmith.detectors.deployed.kubernetes import Manifests, of_documents
from opsmith.repo import Repo
from opsmith.shapes import mapping

OPEN = "__open__"
_ALONE = re.compile(r"^\s*\{\{-?[^{}]*-?\}\}\s*$")
_ACTION = re.compile(r"\{\{-?\s*([^{}]*?)\s*-?\}\}")
_VALUE = re.compile(r"\.Values\.([\w.]+)(?:\s*\|\s*(?:quote|toString|trim|int|default\s+\S+))*")
MOST_TEMPLATES = 200


def read(repo: Repo, path: str) -> list[Manifests]:
    """The manifests of the chart whose Chart.yaml is `path`."""
    folder = path.rpartition("/")[0]
    values = _values(repo, f"{folder}/values.yaml" if folder else "values.yaml")
    templates = repo.under(f"{folder}/templates" if folder else "templates", ".yaml", ".yml")[:MOST_TEMPLATES]
    return [_template(template, repo.read(template) or "", values) for template in templates]


def _values(repo: Repo, path: str) -> dict[Any, Any]:
    return mapping(next((document.value for document in documents(repo, path)), None)) if repo.has(path) else {}


def _template(path: str, text: str, values: dict[Any, Any]) -> Manifests:
    """A line that holds nothing but a template is emptied, so that the numbers of the others stay true."""
    lines = ["" if _ALONE.match(line) else _ACTION.sub(lambda match: _known(match[1], values), line) for line in text.split("\n")]
    return of_documents(path, parsed("\n".join(lines), templated=True))


def _known(action: str, values: dict[Any, Any]) -> str:
    match = _VALUE.fullmatch(action)
    value: Any = values
    for part in match[1].split(".") if match else ():
        value = mapping(value).get(part)
    plain = match is not None and isinstance(value, (str, int)) and not isinstance(value, bool) and value != ""
    return str(value) if plain and "\n" not in str(value) else OPEN
