"""One program: the modules of its crate root, its package's library and the crates of the repository that it uses, with what is set where."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from opsmith.detectors.rust.manifests import Binary, Package, join
from opsmith.detectors.rust.reach import reached_words
from opsmith.detectors.rust.source import Source, Sources, ancestors, attributes, callee, function_of, name_of, text

if TYPE_CHECKING:
    from tree_sitter import Node

_MOD = re.compile(
    rb"^(?P<before>(?:[ \t]*#\[[^\n]*\]\s*\n)*)[ \t]*(?:pub(?:\s*\([^)\n]*\))?[ \t]+)?mod[ \t]+(?:r#)?(?P<name>\w+)[ \t]*;", re.MULTILINE
)
_PATH = re.compile(rb'#\[path\s*=\s*"([^"\n]+)"')
_ONLY_TESTS = re.compile(rb"cfg\(\s*(?:all\()?\s*test\b")
T = TypeVar("T")
MOST_FILES = 3000


@dataclass(frozen=True, slots=True)
class Expression:
    """A node and the source it stands in. `owner` is the struct that a field belongs to."""

    node: Node
    source: Source
    owner: str = ""

    @property
    def line(self) -> int:
        return self.source.line(self.node)


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a struct: its type, and its attributes and the struct's, innermost first."""

    name: str
    type: str
    owner: str
    attributes: tuple[Node, ...]
    owner_attributes: tuple[Node, ...]
    source: Source
    line: int


class Program:
    def __init__(self, package: Package, binary: Binary, known: tuple[Package, ...], sources: Sources) -> None:
        self.package = package
        self.binary = binary
        self.packages, self.sources = _closure(package, binary, known, sources)
        self._own = frozenset(_modules(binary.file, sources))
        self._shared = len(self._own) < len(self.sources)
        self._remembered: dict[str, Any] = {}

    def remembered(self, what: str, find: Callable[[], T]) -> T:
        """Found once for each program."""
        if what not in self._remembered:
            self._remembered[what] = find()
        found: T = self._remembered[what]
        return found

    def uses(self, *names: str) -> bool:
        """Whether a package of the program depends on one of these crates."""
        return any(package.uses(*names) is not None for package in self.packages)

    def mentioned(self, crate: str) -> tuple[Source, int] | None:
        """Where code first names a crate, other than in a comment's line."""
        pattern = re.compile(rb"^(?!\s*//)[^\n]*?\b" + re.escape(crate).encode() + rb"\b(?=::|;|[ \t]*\{|[ \t]+as\b)", re.MULTILINE)
        for source in self.sources:
            match = pattern.search(source.data) if crate.encode() in source.data else None
            if match:
                return source, source.data.count(b"\n", 0, match.end()) + 1
        return None

    @cached_property
    def calls(self) -> dict[str, list[Expression]]:
        """By the last name of what is called, those in macros included."""
        found: dict[str, list[Expression]] = defaultdict(list)
        for source in self.all_sources:
            for node in source.syntax("call"):
                found[callee(node)[2]].append(Expression(node, source))
        return found

    @cached_property
    def all_sources(self) -> list[Source]:
        """Files and the bodies of the macros in them."""
        return [part for source in self.sources for part in (source, *source.macros())]

    def called(self, *names: str) -> Iterator[Expression]:
        for name in names:
            yield from self.calls.get(name, ())

    @cached_property
    def functions(self) -> dict[str, list[Expression]]:
        return self._named("function")

    @cached_property
    def constants(self) -> dict[str, list[Expression]]:
        return self._named("const")

    def _named(self, kind: str) -> dict[str, list[Expression]]:
        found: dict[str, list[Expression]] = defaultdict(list)
        for source in self.sources:
            for node in source.syntax(kind):
                found[name_of(node)].append(Expression(node, source))
        return found

    @cached_property
    def lets(self) -> dict[tuple[str, str], list[Expression]]:
        """`let` declarations by file and name."""
        found: dict[tuple[str, str], list[Expression]] = defaultdict(list)
        for source in self.all_sources:
            for node in source.syntax("let"):
                pattern = text(node.child_by_field_name("pattern")).removeprefix("mut ")
                found[source.path, pattern].append(Expression(node, source))
        return found

    @cached_property
    def fields(self) -> dict[str, list[Field]]:
        found: dict[str, list[Field]] = defaultdict(list)
        for source in self.sources:
            for node in source.syntax("field"):
                item = _field(node, source)
                found[item.name].append(item)
        return found

    @cached_property
    def given(self) -> dict[str, list[Expression]]:
        """What is given to a field: in struct expressions and by assignment."""
        found: dict[str, list[Expression]] = defaultdict(list)
        for source in self.all_sources:
            for node in source.syntax("literal"):
                for name, value in _initializers(node):
                    found[name].append(Expression(value, source, _struct(node)))
            for node in source.syntax("assign"):
                left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
                if left is not None and right is not None and left.type == "field_expression":
                    found[text(left.child_by_field_name("field"))].append(Expression(right, source, text(left.child_by_field_name("value"))))
        return found

    @cached_property
    def handed(self) -> dict[str, list[Expression]]:
        """Calls by the names that they are handed: functions as values (`.configure(routes)`), those in `routes![..]` too."""
        found: dict[str, list[Expression]] = defaultdict(list)
        for name in ("configure", "service", "mount", "nest", "merge", "to", "push", "attach"):
            for call in self.calls.get(name, ()):
                given = call.node.child_by_field_name("arguments")
                for word in dict.fromkeys(re.findall(rb"\b[a-z_]\w*", (given.text or b"")[:4000])) if given is not None else ():
                    found[word.decode()].append(call)
        return found

    @cached_property
    def structs(self) -> dict[str, list[Field]]:
        """Fields by the struct that they belong to."""
        found: dict[str, list[Field]] = defaultdict(list)
        for items in self.fields.values():
            for item in items:
                found[item.owner].append(item)
        return found

    def reached(self, at: Expression) -> bool:
        """Whether the binary can come to a place; what stands in no function is there from the start."""
        if at.source.path in self._own or not self._shared:
            return True
        function = function_of(at.node)
        if function is None or name_of(function) == "m":
            return True
        return self.reaches(name_of(function), at)

    def reaches(self, name: str, at: Expression | None = None) -> bool:
        """Whether a function or type of the shared code is spoken of on some way from the binary."""
        owner = next((above for above in ancestors(at.node) if above.type == "impl_item"), None) if at is not None else None
        kind = re.match(r"\w+", text(owner.child_by_field_name("type")).rpartition("::")[2]) if owner is not None else None
        if kind is not None and owner is not None and owner.child_by_field_name("trait") is not None:
            return kind[0].encode() in self._words
        return name.encode() in self._words and (kind is None or kind[0].encode() in self._words)

    def owns(self, item: Field) -> bool:
        """Whether the binary makes use of a field's type."""
        return item.source.path in self._own or not self._shared or item.owner.encode() in self._words

    @cached_property
    def _words(self) -> frozenset[bytes]:
        own = [source for source in self.sources if source.path in self._own]
        return reached_words(own, [source for source in self.sources if source.path not in self._own])

    def callers(self, function: str) -> list[Expression]:
        return self.calls.get(function, [])


def _field(node: Node, source: Source) -> Field:
    owner = next((above for above in ancestors(node) if above.type in ("struct_item", "enum_variant", "enum_item", "union_item")), None)
    return Field(
        name=text(node.child_by_field_name("name")).removeprefix("r#"),
        type=text(node.child_by_field_name("type")),
        owner=name_of(owner),
        attributes=tuple(attributes(node)),
        owner_attributes=tuple(attributes(owner)) if owner is not None else (),
        source=source,
        line=source.line(node),
    )


def _initializers(node: Node) -> Iterator[tuple[str, Node]]:
    body = node.child_by_field_name("body")
    for item in body.named_children if body is not None else ():
        if item.type == "shorthand_field_initializer" and item.named_children:
            yield text(item.named_children[-1]), item.named_children[-1]
        value = item.child_by_field_name("value") if item.type == "field_initializer" else None
        if value is not None:
            yield text(item.child_by_field_name("field")), value


def _struct(node: Node) -> str:
    """The struct's name; of `Self` the type that the `impl` around it is for."""
    name = text(node.child_by_field_name("name")).rpartition("::")[2]
    if name != "Self":
        return name
    owner = next((above for above in ancestors(node) if above.type == "impl_item"), None)
    return text(owner.child_by_field_name("type")) if owner is not None else ""


def _closure(package: Package, binary: Binary, known: tuple[Package, ...], sources: Sources) -> tuple[tuple[Package, ...], tuple[Source, ...]]:
    """The package with those it uses, and every file of them that the binary can contain."""
    by_folder = {item.folder: item for item in known}
    files = dict(_modules(binary.file, sources))
    used = [package]
    pending = [package]
    if package.library is not None and _names(files, package.crate):
        files |= _modules(package.library, sources)
    while pending and len(files) < MOST_FILES:
        for item in pending.pop().active:
            other = by_folder.get(item.path) if item.path is not None else None
            if other is not None and other not in used and other.library is not None and _names(files, item.name):
                used.append(other)
                pending.append(other)
                files |= _modules(other.library, sources)
    return tuple(used), tuple(files.values())


def _names(files: dict[str, Source], crate: str) -> bool:
    pattern = re.compile(rb"\b" + crate.encode() + rb"\b")
    return any(crate.encode() in source.data and pattern.search(source.data) for source in files.values())


def _modules(root: str, sources: Sources) -> dict[str, Source]:
    """The crate root and every module file below it that is no test."""
    found: dict[str, Source] = {}
    pending = [(root, root.rpartition("/")[0])]
    while pending and len(found) < MOST_FILES:
        path, below = pending.pop()
        source = sources.get(path) if path not in found else None
        if source is None:
            continue
        found[path] = source
        pending.extend(reversed(list(_children(source, below, sources))))
    return found


def _children(source: Source, below: str, sources: Sources) -> Iterator[tuple[str, str]]:
    """The files of `mod x;`, each with the folder in which its own modules lie."""
    for match in _MOD.finditer(source.data):
        before, name = match["before"], match["name"].decode("utf-8", "replace")
        if _ONLY_TESTS.search(before):
            continue
        told = _PATH.search(before)
        if told:
            path = join(source.path.rpartition("/")[0], told[1].decode("utf-8", "replace"))
            yield path, path.rpartition("/")[0]
        elif sources.has(join(below, f"{name}.rs")):
            yield join(below, f"{name}.rs"), join(below, name)
        elif sources.has(join(below, name, "mod.rs")):
            yield join(below, name, "mod.rs"), join(below, name)
