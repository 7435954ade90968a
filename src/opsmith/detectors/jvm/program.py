"""The code of a module and of the modules that it depends on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from opsmith.detectors.jvm.modules import Module, join
from opsmith.detectors.jvm.source import Call, Mark, Source, source, text
from opsmith.repo import Repo

if TYPE_CHECKING:
    from tree_sitter import Node

_NOT_PRODUCT = re.compile(r"/(?:test|tests|integrationTest|testFixtures|jmh|it)/(?:java|kotlin|resources)/|(?:Test|Tests|IT|Spec)\.(?:java|kt)$")
_MAIN_JAVA = re.compile(rb"\bstatic\s+(?:final\s+)?void\s+main\s*\(|^\s*void\s+main\s*\(", re.MULTILINE)
_MAIN_KOTLIN = re.compile(rb"\bfun\s+main\s*\(")


@dataclass(frozen=True, slots=True, eq=False)
class Main:
    """A function that a process can start with. `function` is None where the file was too large to parse."""

    name: str
    source: Source
    function: Node
    spring: bool

    @property
    def line(self) -> int:
        return self.function.start_point[0] + 1


class Sources:
    """Every source file of the repository, read once, by module folder."""

    def __init__(self, repo: Repo, modules: Iterable[Module]) -> None:
        self._repo = repo
        self._read: dict[str, tuple[Source, ...]] = {}
        self._folders = [module.folder for module in modules]

    def of(self, module: Module) -> tuple[Source, ...]:
        if module.folder not in self._read:
            paths = dict.fromkeys(path for place in module.sources for path in self._repo.under(join(module.folder, place), ".java", ".kt"))
            found = (source(self._repo, path) for path in paths if not _NOT_PRODUCT.search("/" + path[len(module.folder) :]))
            self._read[module.folder] = tuple(item for item in found if item is not None)
        return self._read[module.folder]


@dataclass(eq=False, slots=True)
class Program:
    """`own` are the module's sources, `sources` those of its sibling modules too, the nearest first."""

    module: Module
    own: tuple[Source, ...]
    sources: tuple[Source, ...]
    _calls: dict[str, list[Call]] = field(default_factory=dict[str, list[Call]])
    _marks: dict[str, list[tuple[Source, Mark]]] = field(default_factory=dict[str, "list[tuple[Source, Mark]]"])
    _functions: dict[str, list[tuple[Source, "Node"]]] = field(default_factory=dict[str, "list[tuple[Source, Node]]"])
    _variables: dict[str, list[tuple[Source, "Node"]]] = field(default_factory=dict[str, "list[tuple[Source, Node]]"])

    def called(self, *names: str) -> Iterator[Call]:
        if not self._calls:
            for item in self.sources:
                for call in item.calls():
                    self._calls.setdefault(call.name, []).append(call)
        for name in names:
            yield from self._calls.get(name, ())

    def marked(self, *names: str) -> Iterator[tuple[Source, Mark]]:
        if not self._marks:
            for item in self.sources:
                for mark in item.marks():
                    self._marks.setdefault(mark.name, []).append((item, mark))
        for name in names:
            yield from self._marks.get(name, ())

    def functions(self, name: str) -> list[tuple[Source, Node]]:
        if not self._functions:
            for item in self.sources:
                for known, node in item.functions():
                    self._functions.setdefault(known, []).append((item, node))
        return self._functions.get(name, [])

    def variables(self, name: str) -> list[tuple[Source, Node]]:
        """Declarations of fields, constants, properties and local variables."""
        if not self._variables:
            for item in self.sources:
                for node in item.nodes("variable"):
                    self._variables.setdefault(declared(node), []).append((item, node))
        return self._variables.get(name, [])

    def mains(self) -> tuple[Main, ...]:
        return tuple(main for item in self.own for main in _mains(item))

    def imports(self, *prefixes: str) -> tuple[Source, str] | None:
        """The first import that begins with one of `prefixes`."""
        for item in self.sources:
            for name in sorted(item.imports):
                if name.startswith(prefixes):
                    return item, name
        return None


def declared(node: Node) -> str:
    name = node.child_by_field_name("name")
    if name is None:
        inner = next((child for child in node.named_children if child.type == "variable_declaration"), node)
        name = next((child for child in inner.named_children if child.type == "identifier"), None)
    return text(name)


def initial(node: Node) -> Node | None:
    """The value that a declaration starts with."""
    value = node.child_by_field_name("value")
    if value is not None:
        return value
    after = False
    for child in node.children:
        if after and child.is_named:
            return child
        after = after or child.type == "="
    return next((child.named_children[-1] for child in node.named_children if child.type == "property_delegate" and child.named_children), None)


def _mains(item: Source) -> Iterator[Main]:
    pattern = _MAIN_KOTLIN if item.language == "kotlin" else _MAIN_JAVA
    if not pattern.search(item.data):
        return
    spring = item.mentions(b"@SpringBootApplication", b"@EnableAutoConfiguration", b"SpringApplication", b"runApplication<")
    for name, function in item.functions():
        if name == "main" and (item.language == "kotlin" or b"void" in (function.text or b"")[:200]):
            yield Main(_start_class(item, function), item, function, spring)
            return


def _start_class(item: Source, function: Node) -> str:
    """The class that the JVM starts; of a Kotlin companion it is the class around it."""
    name = item.class_name(function)
    return name.removesuffix("$Companion")
