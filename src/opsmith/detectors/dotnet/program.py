"""The code of one deployable: its own files and those of every project that it refers to, with what is called and declared in them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cached_property
from operator import itemgetter

from tree_sitter import Node

from opsmith.detectors.dotnet.liveness import Liveness, holds
from opsmith.detectors.dotnet.msbuild import Project
from opsmith.detectors.dotnet.projects import Solution
from opsmith.detectors.dotnet.source import (
    Call,
    Source,
    ancestors,
    method_of,
    modifiers,
    name_of,
    text,
    type_of,
)  # fmt: skip
from opsmith.repo import Repo

_NOT_CODE = re.compile(r"(?:^|/)(?:obj|bin|wwwroot|node_modules|Migrations)/|\.(?:Designer|g|generated)\.(?:cs|fs|vb)$|(?i:ModelSnapshot\.cs$)")
_DEVELOPMENT = re.compile(r"(?<!!)(?:[\w.]*\.)?(?:IsDevelopment\(\)|IsEnvironment\(\s*\"(?:Dev|Test|Local|Integration)\w*\"\s*\))")
_NEGATED = re.compile(r"!\s*[\w.]*\.?(?:IsDevelopment|IsEnvironment)\(")


class Sources:
    """Every code file of the repository by the project whose folder holds it, read where somebody asks."""

    def __init__(self, repo: Repo, solution: Solution) -> None:
        self._repo = repo
        self._read: dict[str, Source | None] = {}
        self._by_folder: dict[str, list[str]] = {}
        folders = {project.folder for project in solution.projects.values()}
        owners: dict[str, str | None] = {}
        for path in repo.files:
            if path.endswith((".cs", ".fs", ".vb")) and not _NOT_CODE.search(path):
                owner = _owner(path.rpartition("/")[0], folders, owners)
                if owner is not None:
                    self._by_folder.setdefault(owner, []).append(path)

    def of(self, project: Project) -> list[Source]:
        paths = [*self._by_folder.get(project.folder, ()), *(path for path in project.linked if path.endswith((".cs", ".fs", ".vb")))]
        return [source for path in paths if (source := self._source(path)) is not None]

    def _source(self, path: str) -> Source | None:
        if path not in self._read:
            data = self._repo.bytes(path)
            self._read[path] = Source(path, data) if data is not None else None
        return self._read[path]


def _owner(folder: str, folders: set[str], known: dict[str, str | None]) -> str | None:
    """The nearest folder at or above `folder` that holds a project."""
    climbed: list[str] = []
    current = folder
    while current not in known:
        climbed.append(current)
        if current in folders or not current:
            known[current] = current if current in folders else None
            break
        current = current.rpartition("/")[0]
    for item in climbed:
        known[item] = known[current]
    return known[folder]


class Program:
    """`own` is the code of the project and of the libraries that nothing else uses; of shared libraries only live files count."""

    def __init__(self, project: Project, solution: Solution, sources: Sources) -> None:
        self.project = project
        self.projects = solution.closure(project)
        self.packages = solution.packages(project)
        shared = solution.shared(project)
        self.main = sources.of(project)
        self._naming: dict[str, list[Source]] = {}
        self.own = list(dict.fromkeys(source for item in self.projects if item.path not in shared for source in sources.of(item)))
        self._liveness = Liveness(self.own, [source for item in self.projects if item.path in shared for source in sources.of(item)])
        self.sources = [*self.own, *(source for source in self._liveness.sources() if source not in self.own)]

    @cached_property
    def calls(self) -> dict[str, list[Call]]:
        found: dict[str, list[Call]] = {}
        for source in self.sources:
            for call in source.calls():
                found.setdefault(call.name, []).append(call)
        return found

    @cached_property
    def types(self) -> dict[str, list[Source]]:
        """Where each class and record is declared."""
        found: dict[str, list[Source]] = {}
        for source in self.sources:
            for name in source.types() if source.path.endswith(".cs") else ():
                found.setdefault(name, []).append(source)
        return found

    @cached_property
    def _calls_by_word(self) -> dict[str, list[tuple[int, Call]]]:
        """By the method's name and by the last word of what it is called on, each call with its place in `calls`."""
        found: dict[str, list[tuple[int, Call]]] = {}
        for number, call in enumerate(call for calls in self.calls.values() for call in calls):
            for word in {call.name, call.receiver.rpartition(".")[2][:60]}:
                found.setdefault(word, []).append((number, call))
        return found

    @cached_property
    def _made_by_word(self) -> dict[str, list[tuple[int, Node, Source]]]:
        """Every `new X(...)` by the name of the type, with its place among all."""
        found: dict[str, list[tuple[int, Node, Source]]] = {}
        every = ((node, source) for source in self.sources for node in source.syntax("new"))
        for number, (node, source) in enumerate(every):
            word = text(node.child_by_field_name("type"))[:100].partition("<")[0].rpartition(".")[2]
            found.setdefault(word, []).append((number, node, source))
        return found

    def calls_with(self, speaks: Callable[[str], bool]) -> list[Call]:
        """Calls of a method, or on something, whose name `speaks` accepts."""
        found = {number: call for word, listed in self._calls_by_word.items() if speaks(word) for number, call in listed}
        return [found[number] for number in sorted(found)]

    def made_with(self, speaks: Callable[[str], bool]) -> list[tuple[Node, Source]]:
        """Each `new` of a type whose name `speaks` accepts."""
        found = [item for word, listed in self._made_by_word.items() if speaks(word) for item in listed]
        return [(node, source) for _, node, source in sorted(found, key=itemgetter(0))]

    def called(self, *names: str) -> Iterator[Call]:
        """Calls of these methods that run in production."""
        for name in names:
            for call in self.calls.get(name, ()):
                if self.reached(call.node, call.source) and not in_development(call.node):
                    yield call

    def made(self, *names: str) -> Iterator[tuple[Node, Source]]:
        """`new X(...)` of these types."""
        for source in self.sources:
            if source.mentions(*(name.encode() for name in names)):
                for node in source.syntax("new"):
                    if text(node.child_by_field_name("type")).rpartition(".")[2].partition("<")[0] in names and self.reached(node, source):
                        yield node, source

    def reached(self, node: Node, source: Source) -> bool:
        """Whether the code at `node` can run: somebody has to name the type or the static method that it stands in."""
        if not self._liveness.reaches(source, node.start_byte) or "DesignTime" in name_of(type_of(node)):
            return False  # what is for design time is run by the tools that write migrations
        method = method_of(node)
        if method is None or method.type == "local_function_statement" or "static" not in modifiers(method):
            return True
        name = name_of(method)
        return name == "Main" or name in self.calls or source.data.count(name.encode()) > 1

    def naming(self, name: str) -> list[Source]:
        """The files in which a word stands."""
        word = name.encode()
        if name not in self._naming:
            self._naming[name] = [source for source in self.sources if holds(source, word)]
        return self._naming[name]


def in_development(node: Node) -> bool:
    """Whether `node` stands in a branch that only development takes."""
    below = node
    for above in ancestors(node):
        if above.type == "if_statement" and below == above.child_by_field_name("consequence"):
            condition = text(above.child_by_field_name("condition"))[:500]
            if _DEVELOPMENT.search(condition) and not _NEGATED.search(condition):
                return True
        below = above
    return False
