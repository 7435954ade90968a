"""One program: its main package and every package of the repository that it imports, with what is set where."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from opsmith.detectors.go.modules import Module, join
from opsmith.detectors.go.source import Source, Sources, arguments, callee, declared_type, function_of, literal, name_of, text

if TYPE_CHECKING:
    from tree_sitter import Node

VARIABLE = re.compile(r"[A-Z][A-Z0-9_]{2,}")
"""What an environment variable's name looks like."""
FLAG_KINDS = frozenset(("String", "Int", "Int64", "Uint", "Uint16", "Duration", "Bool", "StringSlice", "StringArray"))


@dataclass(frozen=True, slots=True)
class Expression:
    """A node and the file it stands in. `owner` is the type, or the field around, that a field belongs to.

    `result` counts which of several results of a call is meant.
    """

    node: Node
    source: Source
    owner: str = ""
    result: int = 0


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a struct type: its name, tag, and the names of the types and fields around it, outermost first."""

    name: str
    tag: str
    owners: tuple[str, ...]
    type: str
    source: Source
    line: int


@dataclass(frozen=True, slots=True)
class Flag:
    """`default` is what a flag has when nobody sets it; `help` its description."""

    name: str
    default: Expression | None
    help: str
    source: Source
    line: int


class Program:
    def __init__(self, folder: str, module: Module, known: tuple[Module, ...], sources: Sources) -> None:
        self.folder = folder
        self.module = module
        self.sources, self.outside = _closure(folder, module, known, sources)
        self._used: dict[str, bool] = {}
        self.imports = frozenset(path for source in self.sources for path in source.imported)

    @cached_property
    def functions(self) -> dict[str, list[Expression]]:
        found: dict[str, list[Expression]] = defaultdict(list)
        for source in self.sources:
            for node in source.syntax("function"):
                found[name_of(node)].append(Expression(node, source))
        return found

    @cached_property
    def calls(self) -> dict[str, list[Expression]]:
        """By the last name of what is called."""
        found: dict[str, list[Expression]] = defaultdict(list)
        for source in self.sources:
            for (_, name), node in source.calls():
                found[name].append(Expression(node, source))
        return found

    @cached_property
    def locals(self) -> dict[tuple[str, str], list[Expression]]:
        """What is given to a name inside one file, by (file, name)."""
        found: dict[tuple[str, str], list[Expression]] = defaultdict(list)
        for source in self.sources:
            for target, value, result in _bindings(source):
                if target.type == "identifier":
                    found[source.path, text(target)].append(Expression(value, source, result=result))
        return found

    @cached_property
    def globals(self) -> dict[tuple[str, str], list[Expression]]:
        """What is given to a name of a package, by (folder, name)."""
        found: dict[tuple[str, str], list[Expression]] = defaultdict(list)
        for source in self.sources:
            for target, value, result in _bindings(source):
                declared = target.parent is not None and target.parent.type in ("const_spec", "var_spec") and function_of(target) is None
                if target.type == "identifier" and (declared or _assigned(target)):
                    found[source.folder, text(target)].append(Expression(value, source, result=result))
        return found

    @cached_property
    def fields(self) -> dict[str, list[Expression]]:
        """What is given to a field: in literals, by assignment, through a flag."""
        found: dict[str, list[Expression]] = defaultdict(list)
        for source in self.sources:
            for composite in source.syntax("composite"):
                for name, value in keyed(composite):
                    found[name].append(Expression(value, source, _owner(composite)))
            for target, value, result in _bindings(source):
                if target.type == "selector_expression":
                    operand = text(target.child_by_field_name("operand"))
                    owner = f"{operand} {declared_type(operand.partition('.')[0], target)}".strip()
                    found[text(target.child_by_field_name("field"))].append(Expression(value, source, owner, result))
        return found

    @cached_property
    def tags(self) -> dict[str, list[Field]]:
        found: dict[str, list[Field]] = defaultdict(list)
        for source in self.sources:
            for item in _struct_fields(source):
                found[item.name].append(item)
        return found

    @cached_property
    def flags(self) -> dict[str, Flag]:
        found: dict[str, Flag] = {}
        for name, calls in self.calls.items():
            for call in calls if name.removesuffix("P").removesuffix("Var") in FLAG_KINDS else ():
                flag = flag_of(call)
                if flag is not None:
                    found.setdefault(flag.name, flag)
        return found

    def reached(self, at: Expression) -> bool:
        """Whether the function around `at` is used: called from one that is used, or named somewhere as a value."""
        function = function_of(at.node)
        return function is None or self._is_used(name_of(function), frozenset())

    def _is_used(self, name: str, asking: frozenset[str]) -> bool:
        if name in ("main", "init") or len(asking) > 40:
            return True
        if name not in self._used:
            if name in asking:
                return False
            around = [name_of(function_of(call.node)) for call in self.calls.get(name, ())]
            self._used[name] = any(not outer or self._is_used(outer, asking | {name}) for outer in around) or self._is_named(name)
        return self._used[name]

    def _is_named(self, name: str) -> bool:
        """Whether a function is mentioned other than by a call, its declaration, or a comment on it."""
        word = name.encode()
        mention = re.compile(rb"(?<![\w/])" + re.escape(word) + rb"\b(?!\w)(\()?")
        for source in self.sources:
            for match in mention.finditer(source.data) if word in source.data else ():
                before = source.data[source.data.rfind(b"\n", 0, match.start()) + 1 : match.start()]
                if b"//" not in before and (match[1] is None or (source.generated and not before.startswith(b"func "))):
                    return True
        return False

    def called(self, *names: str) -> Iterator[Expression]:
        for name in names:
            yield from self.calls.get(name, ())


def _closure(folder: str, module: Module, known: tuple[Module, ...], sources: Sources) -> tuple[tuple[Source, ...], frozenset[str]]:
    """The program's files, and the folders of other modules that it is built with."""
    pending, seen, outside = [folder], {folder}, set[str]()
    found: list[Source] = []
    while pending:
        current = pending.pop(0)
        wanted = "main" if current == folder else None
        files = [source for source in sources.package(current) if (source.package == "main") == (wanted == "main")]
        found.extend(files)
        for path in sorted({path for source in files for path in source.imported}):
            target = _folder_of(path, module, known, sources)
            if target is not None and target[0] not in seen:
                seen.add(target[0])
                pending.append(target[0])
                if target[1] != module.folder:
                    outside.add(target[1])
    return tuple(found), frozenset(outside)


def _folder_of(path: str, module: Module, known: tuple[Module, ...], sources: Sources) -> tuple[str, str] | None:
    """Folder of an imported package and of the module it belongs to; None when it is not in the repository."""
    places = [(name, folder) for name, folder in module.replaces]
    places += [(other.path, other.folder) for other in (module, *known) if other.path]
    for name, base in sorted(places, key=lambda item: -len(item[0])):
        if path == name or path.startswith(name + "/"):
            folder = join(base, path[len(name) :].lstrip("/"))
            if sources.has(folder):
                return folder, base
    if module.path is None and "." in path.partition("/")[0]:
        rest = path.split("/")[3:]
        folder = join(module.folder, *rest)
        return (folder, module.folder) if rest and sources.has(folder) else None
    return None


def _bindings(source: Source) -> list[tuple[Node, Node, int]]:
    """(name or field, value, which result of it) of every declaration, assignment and flag bound to a variable."""
    if not source.bindings:
        source.bindings.append(list(_read_bindings(source)))
    return source.bindings[0]


def _read_bindings(source: Source) -> Iterator[tuple[Node, Node, int]]:
    for node in source.syntax("assign"):
        yield from _pairs(node.child_by_field_name("left"), node.child_by_field_name("right"))
    for node in source.syntax("spec"):
        names = node.children_by_field_name("name")
        values = node.child_by_field_name("value")
        if values is not None:
            yield from ((name, value, 0) for name, value in zip(names, values.named_children, strict=False))
    if not source.mentions(b"(&"):
        return
    for (_, name), node in source.calls():
        given = arguments(node)
        if len(given) < 2 or not any(item.type == "unary_expression" for item in given):
            continue
        kind, bound, short = _flag_kind(name)
        filled = [target for item in given if (target := _pointed(item)) is not None]
        if len(given) > 1 and len(filled) == 1 and any(VARIABLE.fullmatch(literal(item) or "") for item in given):
            yield filled[0], node, 0
        if bound and kind in FLAG_KINDS and len(given) > 3 and given[0].type == "unary_expression":
            target = given[0].child_by_field_name("operand")
            if target is not None:
                yield target, given[3 if short else 2], 0


def _pointed(node: Node) -> Node | None:
    """`x` of `&x`."""
    operand = node.child_by_field_name("operand") if node.type == "unary_expression" else None
    return operand if operand is not None and operand.type in ("identifier", "selector_expression") else None


def _pairs(left: Node | None, right: Node | None) -> Iterator[tuple[Node, Node, int]]:
    if left is None or right is None:
        return
    targets, values = left.named_children, right.named_children
    if len(targets) == len(values):
        yield from ((target, value, 0) for target, value in zip(targets, values, strict=True))
    elif len(values) == 1:
        yield from ((target, values[0], index) for index, target in enumerate(targets))


def _owner(composite: Node) -> str:
    """The type of a literal and the field that it is given to."""
    kind = text(composite.child_by_field_name("type"))
    around = composite.parent.parent if composite.parent is not None else None
    if around is not None and around.type == "unary_expression":
        around = around.parent.parent if around.parent is not None else None
    key = text(around.named_children[0]) if around is not None and around.type == "keyed_element" and around.named_children else ""
    return ".".join(part for part in (kind if len(kind) < 60 else "", key if len(key) < 60 else "") if part)


def _assigned(target: Node) -> bool:
    """Whether `target` is set by `=` (or as a flag), not declared by `:=`."""
    around = target.parent
    if around is not None and around.type == "unary_expression":
        return True
    statement = around.parent if around is not None else None
    return statement is not None and statement.type == "assignment_statement"


def keyed(composite: Node) -> Iterator[tuple[str, Node]]:
    """(field, value) of a struct literal."""
    body = composite.child_by_field_name("body")
    for element in body.named_children if body is not None else ():
        parts = element.named_children
        if element.type == "keyed_element" and len(parts) == 2 and parts[1].named_children:
            yield literal(parts[0].named_children[0]) or text(parts[0]), parts[1].named_children[0]


def _struct_fields(source: Source) -> Iterator[Field]:
    for node in source.syntax("field"):
        tag = literal(node.child_by_field_name("tag")) or ""
        owners = _owners(node)
        kind = text(node.child_by_field_name("type")) if node.child_by_field_name("type") is not None else ""
        for name in node.children_by_field_name("name"):
            yield Field(text(name), tag, owners, kind if len(kind) < 80 else "struct", source, node.start_point[0] + 1)


def _owners(node: Node) -> tuple[str, ...]:
    found: list[str] = []
    current = node.parent
    while current is not None:
        if current.type in ("field_declaration", "type_spec"):
            found.append(text(current.child_by_field_name("name")))
        current = current.parent
    return tuple(reversed(found))


def _flag_kind(name: str) -> tuple[str, bool, bool]:
    """The type of a flag function, whether it fills a variable, whether it takes a one-letter name too."""
    short = name.endswith("P")
    name = name.removesuffix("P")
    return name.removesuffix("Var"), name.endswith("Var"), short


def flag_of(call: Expression) -> Flag | None:
    """The flag that a call of package flag, pflag or cobra defines."""
    kind, bound, short = _flag_kind(callee(call.node)[1])
    given = arguments(call.node)[1 if bound else 0 :]
    name = literal(given[0]) if given else None
    size = 4 if short else 3
    if kind not in FLAG_KINDS or name is None or len(given) != size or not re.fullmatch(r"[\w.-]+", name):
        return None
    return Flag(
        name, Expression(given[size - 2], call.source), literal(given[-1]) or text(given[-1])[:200], call.source, call.node.start_point[0] + 1
    )
