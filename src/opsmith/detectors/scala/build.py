"""sbt builds: projects with their folders, plugins, names and what they depend on, read from build.sbt and project/."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from opsmith.detectors.scala.source import Source, arguments, callee, last_name, line, literal, source, text, walk
from opsmith.repo import Repo

if TYPE_CHECKING:
    from tree_sitter import Node

_PROJECT = re.compile(r"\bproject\b|\bProject\(|\bPlayProject\(")
_SETTINGS = ("name", "version", "scalaVersion", "mainClass", "assemblyJarName", "executableScriptName", "dockerExposedPorts", "packageName")
PACKAGERS = frozenset(
    ("JavaAppPackaging", "JavaServerAppPackaging", "DockerPlugin", "PlayScala", "PlayJava", "PlayService", "PlayMinimalJava", "PlayWeb",
     "UniversalPlugin", "AshScriptPlugin", "PlayNettyServer", "PlayAkkaHttpServer", "PlayPekkoHttpServer")
)  # fmt: skip
PLAY = frozenset(("PlayScala", "PlayJava", "PlayService", "PlayMinimalJava", "PlayWeb"))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Project:
    """`folder` is relative to the repository; `told` are settings with a literal value, each with its line."""

    id: str
    folder: str
    file: str
    line: int
    plugins: frozenset[str]
    needs: tuple[str, ...]
    told: Mapping[str, tuple[str, int]]

    def setting(self, name: str) -> str | None:
        return self.told[name][0] if name in self.told else None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Build:
    """`files` are the sources of the build itself; `root` is the project of the folder that sbt is started in."""

    folder: str
    file: str
    files: list[Source]
    projects: tuple[Project, ...]
    common: Mapping[str, tuple[str, int]]

    def mentions(self, *words: bytes) -> bool:
        return any(item.mentions(*words) for item in self.files)

    def reached(self, project: Project) -> list[Project]:
        """The project and those it depends on."""
        known = {item.id: item for item in self.projects}
        pending, chosen = [project], {project.id: project}
        while pending:
            for name in pending.pop().needs:
                if name in known and name not in chosen:
                    chosen[name] = known[name]
                    pending.append(known[name])
        return list(chosen.values())


def builds(repo: Repo) -> Iterator[Build]:
    folders: list[str] = []
    for path in repo.named("build.sbt"):
        folder = path.rpartition("/")[0]
        inside = any(folder.startswith(f"{other}/") or not other for other in folders)
        if not inside or repo.has(posixpath.join(folder, "project/build.properties")):
            folders.append(folder)
            read = source(repo, path)
            if read is not None:
                yield _build(repo, folder, read)


def _build(repo: Repo, folder: str, main: Source) -> Build:
    beside = [posixpath.join(folder, "project", name) for name in repo.folder(posixpath.join(folder, "project"))]
    files = [main, *(item for path in beside if path.endswith((".sbt", ".scala")) and (item := source(repo, path)) is not None)]
    defined = [item for item in main.nodes("val_definition") if _is_project(item)]
    common = dict(_told(main, [node for node in main.nodes("infix_expression", "assignment_expression") if not _inside(node, defined)]))
    found = [_project(main, node, folder) for node in defined]
    found = [replace(item, told={**common, **item.told}) if item.folder == folder else item for item in found]
    found += [own for path in repo.under(folder, "build.sbt") if (own := _own_file(repo, path, folder, found)) is not None]
    if not any(item.folder == folder for item in found):
        plugins = frozenset(
            text(node)
            for call in main.nodes("call_expression")
            if callee(call) == "enablePlugins" and not _inside(call, defined)
            for node in arguments(call)
        )
        found.append(Project(id="", folder=folder, file=main.path, line=1, plugins=plugins, needs=(), told=common))
    return Build(folder=folder, file=main.path, files=files, projects=tuple(found), common=common)


def _is_project(node: Node) -> bool:
    value = node.child_by_field_name("value")
    return value is not None and _PROJECT.search(text(value)[:4000]) is not None and "crossProject" not in text(value)[:200]


def _inside(node: Node, outer: list[Node]) -> bool:
    return any(item.start_byte <= node.start_byte < item.end_byte for item in outer)


def _project(build: Source, node: Node, folder: str) -> Project:
    name = text(node.child_by_field_name("pattern")).strip("`")
    calls = [item for item in walk(node) if item.type == "call_expression"]
    places = [value for call in calls if last_name(call) == "file" and (value := literal(next(iter(arguments(call)), None))) is not None]
    needs = [re.split(r"\W", text(item).strip("`"))[0] if "-" not in text(item) else text(item).strip("`")
             for call in calls if last_name(call) == "dependsOn" for item in arguments(call)]  # fmt: skip
    plugins = frozenset(text(item) for call in calls if last_name(call) == "enablePlugins" for item in arguments(call))
    place = places[0] if places else name
    return Project(
        id=name,
        folder=posixpath.normpath(posixpath.join(folder, place)).removeprefix("./").replace(".", "", 1)
        if place == "."
        else posixpath.join(folder, place),
        file=build.path,
        line=line(node),
        plugins=plugins,
        needs=tuple(needs),
        told=dict(_told(build, [item for item in walk(node) if item.type in ("infix_expression", "assignment_expression")])),
    )


def _own_file(repo: Repo, path: str, folder: str, found: list[Project]) -> Project | None:
    """A project that has a build.sbt in its own folder, for what the one at the top does not say."""
    own = path.rpartition("/")[0]
    if own == folder or any(item.folder == own for item in found) or repo.has(posixpath.join(own, "project/build.properties")):
        return None
    read = source(repo, path)
    if read is None:
        return None
    told = dict(_told(read, read.nodes("infix_expression", "assignment_expression")))
    plugins = frozenset(text(node) for call in read.nodes("call_expression") if last_name(call) == "enablePlugins" for node in arguments(call))
    return Project(id=own.rpartition("/")[2], folder=own, file=path, line=1, plugins=plugins, needs=(), told=told)


def _told(build: Source, nodes: list[Node]) -> Iterator[tuple[str, tuple[str, int]]]:
    """`name := "shop"`, `Compile / mainClass := Some("shop.Main")`, `assembly / assemblyJarName := s"..."`; the first of a name counts."""
    seen: set[str] = set()
    for node in nodes:
        operator = next((text(item) for item in node.named_children if item.type == "operator_identifier"), "")
        if operator in (":=", "++=", "+=") and len(node.named_children) >= 3:
            key = re.split(r"[\s/]+", text(node.named_children[0]).removesuffix(".in(Compile)").strip())
            name = next((word for word in reversed(key) if word in _SETTINGS), None)
            value = next((found for item in walk(node.named_children[-1]) if (found := _value(build, item)) is not None), None)
            if name is not None and value is not None and name not in seen and "Docker" not in key and "Test" not in key:
                seen.add(name)
                yield name, (value, line(node))


def _value(build: Source, node: Node) -> str | None:
    """A literal, also through a `val` of the build."""
    if node.type != "identifier":
        return literal(node)
    return next((literal(value) for value in build.values(text(node))), None)
