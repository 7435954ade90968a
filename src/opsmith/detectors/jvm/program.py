"""The code of a module and of the modules that it depends on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from opsmith.detectors.jvm.modules import Module, join
from opsmith.detectors.jvm.source import Call, Mark, Source, source, text
from opsmith.repo import Repo

if TYPE_CHECKING:
    from tree_sitter import Node

T = TypeVar("T")
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


class Index:
    """What the files of one module state, by name. Several programs share it."""

    def __init__(self, sources: tuple[Source, ...]) -> None:
        self.sources = sources

    @cached_property
    def calls(self) -> dict[str, list[Call]]:
        return _by_name((call.name, call) for item in self.sources for call in item.calls())

    @cached_property
    def marks(self) -> dict[str, list[tuple[Source, Mark]]]:
        return _by_name((mark.name, (item, mark)) for item in self.sources for mark in item.marks())

    @cached_property
    def functions(self) -> dict[str, list[tuple[Source, Node]]]:
        return _by_name((name, (item, node)) for item in self.sources for name, node in item.functions())

    @cached_property
    def variables(self) -> dict[str, list[tuple[Source, Node]]]:
        return _by_name((declared(node), (item, node)) for item in self.sources for node in item.nodes("variable"))


def _by_name(entries: Iterable[tuple[str, T]]) -> dict[str, list[T]]:
    found: dict[str, list[T]] = {}
    for name, entry in entries:
        found.setdefault(name, []).append(entry)
    return found


class Sources:
    """Every source file of the repository, read once, by module folder."""

    def __init__(self, repo: Repo) -> None:
        self._repo = repo
        self._read: dict[str, Index] = {}

    def of(self, module: Module) -> Index:
        if module.folder not in self._read:
            paths = dict.fromkeys(path for place in module.sources for path in self._repo.under(join(module.folder, place), ".java", ".kt"))
            found = (source(self._repo, path) for path in paths if not _NOT_PRODUCT.search("/" + path[len(module.folder) :]))
            self._read[module.folder] = Index(tuple(item for item in found if item is not None))
        return self._read[module.folder]


class Program:
    """The code of a module (`own`) and of its sibling modules (`sources` holds both), the nearest first."""

    def __init__(self, parts: Iterable[Index]) -> None:
        self._parts = tuple(parts)
        self.own = self._parts[0].sources
        self.sources = tuple(item for part in self._parts for item in part.sources)

    def called(self, *names: str) -> Iterator[Call]:
        return (call for name in names for part in self._parts for call in part.calls.get(name, ()))

    def marked(self, *names: str, own: bool = False) -> Iterator[tuple[Source, Mark]]:
        parts = self._parts[:1] if own else self._parts
        return (entry for name in names for part in parts for entry in part.marks.get(name, ()))

    def marks_on(self, node: Node) -> list[Mark]:
        """The annotations of a declaration."""
        key = (node.start_byte, node.end_byte, node.id)
        return self._marks_by_owner.get(key, [])

    @cached_property
    def _marks_by_owner(self) -> dict[tuple[int, int, int], list[Mark]]:
        found: dict[tuple[int, int, int], list[Mark]] = {}
        for part in self._parts:
            for marks in part.marks.values():
                for _, mark in marks:
                    if mark.owner is not None:
                        found.setdefault((mark.owner.start_byte, mark.owner.end_byte, mark.owner.id), []).append(mark)
        return found

    def functions(self, name: str) -> list[tuple[Source, Node]]:
        return [entry for part in self._parts for entry in part.functions.get(name, ())]

    def variables(self, name: str) -> list[tuple[Source, Node]]:
        """Declarations of fields, constants, properties and local variables."""
        return [entry for part in self._parts for entry in part.variables.get(name, ())]

    def mains(self) -> tuple[Main, ...]:
        return tuple(main for item in self.own for main in _mains(item))


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
    if b" main" not in item.data or not pattern.search(item.data):
        return
    spring = item.mentions(b"@SpringBootApplication", b"@EnableAutoConfiguration", b"SpringApplication", b"runApplication<")
    for name, function in item.functions():
        if name == "main" and (item.language == "kotlin" or b"void" in item.data[function.start_byte : function.start_byte + 200]):
            yield Main(_start_class(item, function), item, function, spring)
            return


def _start_class(item: Source, function: Node) -> str:
    """The class that the JVM starts; of a Kotlin companion it is the class around it."""
    name = item.class_name(function)
    return name.removesuffix("$Companion")
