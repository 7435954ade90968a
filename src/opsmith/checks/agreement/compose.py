"""Compose files: a service waits for services, mounts volumes and is built from a Dockerfile that are there."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from opsmith.checks.agreement.reading import documents, inside, items, mapping, say, word
from opsmith.model.finding import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Compose:
    path: str
    services: dict[str, dict[str, Any]]
    volumes: frozenset[str]


def composed_of(files: Mapping[str, str]) -> list[Compose]:
    """Every compose file."""
    return [
        Compose(
            path=path,
            services={name: mapping(service) for name, service in mapping(document.get("services")).items()},
            volumes=frozenset(mapping(document.get("volumes"))),
        )
        for path, text in files.items()
        if _is_compose(path)
        for document in documents(text)
    ]


def _is_compose(path: str) -> bool:
    name = path.rpartition("/")[2]
    return name.startswith(("compose", "docker-compose")) and name.endswith((".yaml", ".yml"))


def compose(files: Mapping[str, str], composed: list[Compose]) -> Iterator[Finding]:
    dockerfiles = any(path.rpartition("/")[2].startswith("Dockerfile") for path in files)
    for file in composed:
        for name, service in file.services.items():
            yield from _waits(file, name, service)
            if dockerfiles:
                yield from _dockerfile(file, name, service, files)
            yield from _volumes(file, name, service)


def _waits(file: Compose, name: str, service: dict[str, Any]) -> Iterator[Finding]:
    for other, condition in _depends_on(service).items():
        if other not in file.services:
            yield say(file.path, f"{name} waits for {other}, which is no service here")
        elif condition == "service_healthy" and inside(file.services[other], "healthcheck").get("disable"):
            yield say(file.path, f"{name} waits until {other} is healthy, but {other} switched its health check off")


def _depends_on(service: dict[str, Any]) -> dict[str, str]:
    """The services it waits for, each with the condition."""
    value = service.get("depends_on")
    listed = {other: "" for item in items(value) if (other := word(item))}
    return listed | {other: word(mapping(how).get("condition")) for other, how in mapping(value).items()}


def _dockerfile(file: Compose, name: str, service: dict[str, Any], files: Mapping[str, str]) -> Iterator[Finding]:
    """A Dockerfile that a service is built from is there, among what was delivered."""
    build = inside(service, "build")
    context = word(build.get("context"))
    if not build or "dockerfile_inline" in build or "://" in context:
        return
    path = posixpath.normpath(posixpath.join(posixpath.dirname(file.path), context, word(build.get("dockerfile")) or "Dockerfile"))
    if path not in files and not path.startswith(("/", "..")):
        yield say(file.path, f"{name} is built from {path}, which is not there")


def _volumes(file: Compose, name: str, service: dict[str, Any]) -> Iterator[Finding]:
    for volume in items(service.get("volumes")):
        source = volume.partition(":")[0] if isinstance(volume, str) else word(mapping(volume).get("source"))
        if source and source[0] not in "./~$" and source not in file.volumes:
            yield say(file.path, f"{name} mounts the volume {source}, which the file does not declare")
