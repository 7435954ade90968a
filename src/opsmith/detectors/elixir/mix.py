"""Mix projects: what mix.exs says of the application, its dependencies and its releases."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from opsmith.detectors.elixir.source import LARGEST, Source, definition, keywords, line, literal, text, walk
from opsmith.repo import Repo

if TYPE_CHECKING:
    from tree_sitter import Node

_NO_PROJECT = frozenset(("deps", "_build", "test", "tests", "fixtures", "templates", "installer", "integration_test", "spec", "examples"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependency:
    """`only` names the environments that it is limited to; `path` is where it lies in the repository."""

    name: str
    line: int
    only: tuple[str, ...] = ()
    path: str | None = None
    git: bool = False

    @property
    def in_production(self) -> bool:
        return not self.only or "prod" in self.only


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    name: str
    line: int
    applications: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Project:
    folder: str
    file: str
    app: str | None
    elixir: tuple[str, int] | None
    """The requirement on Elixir and its line."""
    callback: int | None
    """The line that names the module which starts the application."""
    umbrella: str | None
    """The folder of its applications."""
    dependencies: Mapping[str, Dependency]
    releases: tuple[Release, ...]
    default_release: str | None
    aliases: frozenset[str]
    packaged: bool
    """Published for others to use."""
    script: int | None
    """The line that describes a command-line program."""


def projects(repo: Repo) -> list[Project]:
    found = (read_project(repo, path) for path in repo.named("mix.exs") if not _NO_PROJECT & set(path.split("/")[:-1]))
    return [project for project in found if project is not None]


def read_project(repo: Repo, path: str) -> Project | None:
    data = repo.bytes(path)
    if not data or b"defmodule" not in data:
        return None
    if len(data) > LARGEST:
        repo.problem(path, f"not read: longer than {LARGEST // 1000} kB", manifest=True)
        return None
    source = Source(path, data)
    pairs = dict(_pairs(source))
    folder = path.rpartition("/")[0]
    requirement, umbrella = _value(source, pairs.get("elixir")), _value(source, pairs.get("apps_path"))
    return Project(
        folder=folder,
        file=path,
        app=_value(source, pairs.get("app")),
        elixir=(requirement, line(pairs["elixir"])) if requirement else None,
        callback=line(pairs["mod"]) if "mod" in pairs and pairs["mod"].type == "tuple" else None,
        umbrella=posixpath.join(folder, umbrella) if umbrella else None,
        dependencies={item.name: item for item in _dependencies(source, folder)},
        releases=tuple(_releases(source, pairs.get("releases"))),
        default_release=_value(source, pairs.get("default_release")),
        aliases=frozenset(keywords(_body(source, pairs.get("aliases")))),
        packaged="package" in pairs,
        script=line(pairs["escript"]) if "escript" in pairs else None,
    )


def _pairs(source: Source) -> Iterator[tuple[str, Node]]:
    """The keywords of `project` and `application`; the outermost of a name counts."""
    seen: set[str] = set()
    for node in walk(source.root):
        if node.type == "keywords" and definition(node) in ("project", "application"):
            for key, value in keywords(node).items():
                if key not in seen:
                    seen.add(key)
                    yield key, value


def _value(source: Source, node: Node | None) -> str | None:
    """A literal, also through a module attribute (`@version`)."""
    if node is not None and node.type == "unary_operator":
        name = text(node).lstrip("@")
        for call in source.calls():
            if call.name == name and call.arguments and call.node.parent is not None and call.node.parent.type == "unary_operator":
                return literal(call.arguments[0])
        return None
    return literal(node)


def _body(source: Source, node: Node | None) -> Node | None:
    """A list, also through the function that returns it."""
    if node is None or node.type == "list":
        return node
    name = text(node.child_by_field_name("target")) if node.type == "call" else text(node)
    return next((item for item in walk(source.root) if item.type == "list" and definition(item) == name), None)


def _dependencies(source: Source, folder: str) -> Iterator[Dependency]:
    for node in walk(source.root):
        if node.type == "tuple" and node.named_child_count > 1 and node.named_children[0].type == "atom" and "dep" in _place(node):
            name = literal(node.named_children[0]) or ""
            told = keywords(node.named_children[-1])
            path = literal(told.get("path")) or (f"../{name}" if literal(told.get("in_umbrella")) == "true" else None)
            yield Dependency(
                name=name,
                line=line(node),
                only=tuple(_atoms(told.get("only"))),
                path=posixpath.normpath(posixpath.join(folder, path)) if path else None,
                git="git" in told or "github" in told,
            )


def _place(node: Node) -> str:
    """The function that a tuple stands in, or the keyword that it is a value of."""
    name = definition(node)
    if name != "project":
        return name
    above = node.parent.parent if node.parent is not None else None
    return text(above.child_by_field_name("key")) if above is not None and above.type == "pair" else ""


def _atoms(node: Node | None) -> list[str]:
    nodes = node.named_children if node is not None and node.type == "list" else [node]
    return [value for item in nodes if (value := literal(item)) is not None]


def _releases(source: Source, node: Node | None) -> Iterator[Release]:
    body = _body(source, node)
    for name, told in keywords(body).items():
        applications = keywords(_body(source, keywords(told).get("applications")))
        yield Release(name=name, line=line(told), applications=tuple(applications))
