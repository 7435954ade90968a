"""A compose file's services: built from where, running what, on which ports, with which variables, needing whom."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from opsmith.detectors.deployed.documents import Document, documents
from opsmith.detectors.deployed.told import Image, Told, image_of, is_open, number, plain_command, plain_text
from opsmith.repo import Repo
from opsmith.shapes import items, mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """`context` and `dockerfile` are relative to the repository; None: it lies elsewhere, or a variable decides."""

    context: str | None
    dockerfile: str | None
    target: str | None
    line: int
    inline: bool = False


@dataclass(frozen=True, slots=True)
class Published:
    """`8080:80`: the container's port and the host's, where one is told."""

    container: int
    host: int | None
    line: int


@dataclass(frozen=True, slots=True)
class Mount:
    """A file or folder of the repository inside the container."""

    source: str
    target: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ComposeService:
    name: str
    path: str
    line: int
    build: Build | None = None
    image: Told[Image] | None = None
    published: tuple[Published, ...] = ()
    exposed: tuple[Told[int], ...] = ()
    command: Told[str] | None = None
    entrypoint: Told[str] | None = None
    environment: Mapping[str, Told[str | None]] = field(default_factory=dict[str, "Told[str | None]"])
    environment_files: tuple[Told[str], ...] = ()
    needs: Mapping[str, int] = field(default_factory=dict[str, int])
    """`depends_on` and `links`, each with its line."""
    health: Told[str] | None = None
    mounts: tuple[Mount, ...] = ()
    hosts: tuple[str, ...] = ()
    """Further names by which others reach it."""
    extended: bool = False
    """Takes over another service's settings, which may lie in another file."""


@dataclass(frozen=True, slots=True)
class ComposeFile:
    path: str
    services: Mapping[str, ComposeService]
    includes: bool = False
    """Further services lie in other files."""


def read(repo: Repo, path: str) -> ComposeFile:
    services: dict[str, ComposeService] = {}
    includes = False
    for document in documents(repo, path):
        includes = includes or "include" in mapping(document.value)
        for name, body in mapping(mapping(document.value).get("services")).items():
            services[str(name)] = _service(path, str(name), mapping(body), document)
    return ComposeFile(path, services, includes)


def _service(path: str, name: str, body: dict[Any, Any], document: Document) -> ComposeService:
    def line(*below: str | int) -> int:
        return document.line("services", name, *below)

    image = image_of(filled(body.get("image")))
    return ComposeService(
        name=name,
        path=path,
        line=line(),
        build=_build(path, body.get("build"), line("build"), line("build", "context")),
        image=Told(image, line("image")) if image is not None else None,
        published=tuple(_published(body.get("ports"), line)),
        exposed=tuple(Told(port, line("expose", index)) for index, item in enumerate(items(body.get("expose"))) if (port := number(item))),
        command=_command(body.get("command"), line("command")),
        entrypoint=_command(body.get("entrypoint"), line("entrypoint")),
        environment=dict(_environment(body.get("environment"), line)),
        environment_files=tuple(_environment_files(body.get("env_file"), path, line("env_file"))),
        needs=dict(_needs(body, line)),
        health=_health(mapping(body.get("healthcheck")), line("healthcheck", "test")),
        mounts=tuple(_mounts(body.get("volumes"), path, line)),
        hosts=tuple(_hosts(body)),
        extended="extends" in body,
    )


_DEFAULTED = re.compile(r"\$\{(\w+)(?::?-)([^{}]*)\}")


def filled(value: object) -> object:
    """With the defaults of its variables; a variable without one stays."""
    return _DEFAULTED.sub(lambda match: match[2], value) if isinstance(value, str) else value


def inside(path: str, relative: str) -> str | None:
    """`relative` to the folder of the file `path`, as a path of the repository ("" = its root); None outside of it."""
    if is_open(relative) or "://" in relative or relative.startswith(("/", "~", "git@", "github.com/")):
        return None
    joined = posixpath.normpath(posixpath.join(path.rpartition("/")[0], relative))
    return "" if joined == "." else None if joined == ".." or joined.startswith("../") else joined


def _build(path: str, value: object, line: int, context_line: int) -> Build | None:
    if isinstance(value, str):
        return _of_context(path, value, None, None, line)
    body = mapping(value)
    if not body:
        return None
    inline = "dockerfile_inline" in body
    return _of_context(path, body.get("context", "."), body.get("dockerfile"), body.get("target"), context_line, inline=inline)


def _of_context(path: str, context: object, dockerfile: object, target: object, line: int, *, inline: bool = False) -> Build:
    folder = inside(path, str(filled(context)))
    name = str(filled(dockerfile)) if dockerfile is not None else "Dockerfile"
    file = inside(f"{folder}/_" if folder else "_", name) if folder is not None and not inline else None
    return Build(context=folder, dockerfile=file, target=str(target) if isinstance(target, str) else None, line=line, inline=inline)


def _published(value: object, line: Any) -> Iterator[Published]:
    for index, item in enumerate(items(value)):
        at = line("ports", index)
        if body := mapping(item):
            container, host = number(filled(body.get("target"))), number(filled(body.get("published")))
        else:
            parts = str(filled(item)).partition("/")[0].rsplit(":", 2)
            container, host = number(parts[-1]), number(parts[-2]) if len(parts) > 1 else None
        if container is not None:
            yield Published(container, host, at)


def _command(value: object, line: int) -> Told[str] | None:
    if isinstance(value, str) and value.strip():
        return Told(plain_text(value.replace("$$", "$")), line)
    words = tuple(str(item).replace("$$", "$") for item in items(value))
    return Told(plain_command(words), line) if words else None


def _environment(value: object, line: Any) -> Iterator[tuple[str, Told[str | None]]]:
    for name, given in mapping(value).items():
        yield str(name), Told(_text(given), line("environment", str(name)))
    for index, item in enumerate(items(value)):
        name, separator, given = str(item).partition("=")
        yield name.strip(), Told(given if separator else None, line("environment", index))


def _text(value: object) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)


def _environment_files(value: object, path: str, line: int) -> Iterator[Told[str]]:
    for item in [value] if isinstance(value, str) else items(value):
        name = mapping(item).get("path", item)
        found = inside(path, str(name))
        if found is not None:
            yield Told(found, line)


def _needs(body: dict[Any, Any], line: Any) -> Iterator[tuple[str, int]]:
    for key in ("links", "depends_on"):
        for name in mapping(body.get(key)):
            yield str(name), line(key, str(name))
        for index, item in enumerate(items(body.get(key))):
            yield str(item).partition(":")[0], line(key, index)


def _health(body: dict[Any, Any], line: int) -> Told[str] | None:
    test = body.get("test")
    words = [str(item) for item in items(test)]
    text = test if isinstance(test, str) else " ".join(words[1:] if words[:1] in (["CMD"], ["CMD-SHELL"]) else words)
    return Told(text, line) if text and words[:1] != ["NONE"] else None


def _mounts(value: object, path: str, line: Any) -> Iterator[Mount]:
    for index, item in enumerate(items(value)):
        if body := mapping(item):
            source, target = (body.get("source"), body.get("target")) if body.get("type") == "bind" else (None, None)
        else:
            source, _, target = str(item).partition(":")
            target = target.partition(":")[0]
            source = source if source.startswith(".") else None
        found = inside(path, str(filled(source))) if source else None
        if found is not None and target:
            yield Mount(found, str(target), line("volumes", index))


def _hosts(body: dict[Any, Any]) -> Iterator[str]:
    for key in ("container_name", "hostname"):
        if isinstance(body.get(key), str):
            yield str(body[key])
    for network in mapping(body.get("networks")).values():
        yield from (str(alias) for alias in items(mapping(network).get("aliases")))
