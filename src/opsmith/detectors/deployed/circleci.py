"""CircleCI: jobs of commands in images, the first of which runs them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from opsmith.detectors.deployed.ci import Pipeline, assembled, told_lines, walk
from opsmith.detectors.deployed.documents import documents
from opsmith.detectors.deployed.steps import strings
from opsmith.detectors.deployed.told import Image, Told, image_of
from opsmith.model import estate
from opsmith.model.document import Document
from opsmith.model.estate import Job, Step
from opsmith.repo import Repo
from opsmith.shapes import items, mapping, table


def read(repo: Repo, path: str) -> Pipeline:
    found = documents(repo, path)
    images: list[Told[Image]] = []
    services: list[Told[Image]] = []
    for document in found:
        for place, body in walk(document.value):
            for index, item in enumerate(items(body.get("docker"))):
                image = image_of(mapping(item).get("image"))
                if image is not None:
                    (services if index else images).append(Told(image, document.line(*place, "docker", index)))
    jobs = tuple(job for document in found for job in _jobs(document))
    whole = estate.Pipeline(path=path, system="circleci", jobs=jobs, document=next(iter(found), None))
    return assembled(whole, [command for document in found for command in _commands(document)], images, services)


def _jobs(document: Document) -> Iterator[Job]:
    commands = table(document.body.get("commands"))
    for name, value in table(document.body.get("jobs")).items():
        steps = tuple(_circle_steps(document, ("jobs", name, "steps"), items(table(value).get("steps")), commands))
        yield Job(name=name, spot=document.spot("jobs", name), steps=steps, body=table(value))
    for workflow, value in table(document.body.get("workflows")).items():
        for index, entry in enumerate(items(table(value).get("jobs"))):
            name = entry if isinstance(entry, str) else next(iter(table(entry)), "")
            if "/" in name:
                spot = document.spot("workflows", workflow, "jobs", index)
                yield Job(name=name, spot=spot, steps=(Step(spot=spot, words=f"{name} {strings(entry)}", uses=name),))


def _circle_steps(document: Document, place: tuple[str | int, ...], steps: list[Any], commands: Mapping[str, Any]) -> Iterator[Step]:
    for index, step in enumerate(steps):
        spot = document.spot(*place, index)
        name = step if isinstance(step, str) else next(iter(table(step)), "")
        inside = table(step).get(name)
        if name == "run":
            yield Step(spot=spot, words=strings(inside))
        elif name in commands:
            for inner in items(table(commands[name]).get("steps")):
                yield Step(spot=spot, words=strings(inner))
        else:
            yield Step(spot=spot, words=f"{name} {strings(inside)}", uses=name)


def _commands(document: Document) -> Iterator[Told[str]]:
    for place, body in walk(document.value):
        run = body.get("run")
        text = mapping(run).get("command", run)
        if isinstance(text, str) and place and isinstance(place[-1], int):
            yield told_lines(text, document.line(*place, "run", "command"))
