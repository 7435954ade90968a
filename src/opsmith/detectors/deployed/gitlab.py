"""GitLab CI: jobs of commands in images."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from opsmith.detectors.deployed.ci import Pipeline, assembled, texts, told_lines, walk
from opsmith.detectors.deployed.documents import documents
from opsmith.detectors.deployed.steps import environment, gitlab_minutes, lines, many, names, strings
from opsmith.detectors.deployed.told import Image, Told, image_of
from opsmith.model import estate
from opsmith.model.document import Document
from opsmith.model.estate import Job, Step
from opsmith.repo import Repo
from opsmith.shapes import is_mapping, items, mapping, table


def read(repo: Repo, path: str) -> Pipeline:
    found = documents(repo, path)
    jobs = tuple(job for document in found for job in _jobs(document))
    return assembled(
        estate.Pipeline(path=path, system="gitlab_ci", jobs=jobs, document=next(iter(found), None)),
        [command for document in found for command in _commands(document)],
        [told for document in found for told in _images(document, "image")],
        [told for document in found for told in _images(document, "services")],
    )


_NO_JOBS = frozenset(("stages", "variables", "default", "include", "workflow", "image", "services", "before_script", "after_script", "cache", "spec"))


def _jobs(document: Document) -> Iterator[Job]:
    for index, entry in enumerate(many(document.body.get("include"))):
        spot = document.spot("include", index)
        yield Job(name=f"include {index + 1}", spot=spot, steps=(Step(spot=spot, words=strings(entry), uses=strings(entry)),), minutes=60)
    before = lines(table(document.body.get("default")).get("before_script", document.body.get("before_script")))
    for name, value in document.body.items():
        if name in _NO_JOBS or name.startswith(".") or not is_mapping(value):
            continue
        body = _extended(document.body, table(value))
        script = [*(lines(body["before_script"]) if "before_script" in body else before), *lines(body.get("script"))]
        spot = document.spot(name)
        needs = tuple(entry.get("job", "") if is_mapping(entry) else str(entry) for entry in items(body.get("needs")))
        yield Job(
            name=name,
            spot=spot,
            steps=tuple(Step(spot=document.spot(name, "script"), words=line) for line in script),
            minutes=gitlab_minutes(body.get("timeout") or table(document.body.get("default")).get("timeout")),
            after=tuple(need for need in needs if need),
            environment=environment(body.get("environment")),
            body=body,
        )


def _extended(whole: Mapping[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    for _ in range(5):
        parents = names(body.get("extends"))
        if not parents:
            break
        merged: dict[str, Any] = {}
        for parent in parents:
            merged |= table(whole.get(parent))
        body = merged | {key: value for key, value in body.items() if key != "extends"}
    return body


def _commands(document: Document) -> Iterator[Told[str]]:
    for name, body in mapping(document.value).items():
        for key in ("before_script", "script"):
            if name not in _NO_JOBS and mapping(body).get(key) is not None:
                yield told_lines("\n".join(texts(mapping(body)[key])), document.line(str(name), key))


def _images(document: Document, key: str) -> Iterator[Told[Image]]:
    for path, body in walk(document.value):
        values = items(body.get(key)) if key == "services" else [body.get(key)]
        for index, value in enumerate(values):
            image = image_of(mapping(value).get("name", value))
            if len(path) < 2 and image is not None:
                yield Told(image, document.line(*path, key, *((index,) if key == "services" else ())))
