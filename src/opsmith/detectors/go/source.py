"""Go files: their header by plain scanning, their syntax by tree-sitter, both read once and only where somebody asks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from opsmith.detectors.nesting import parsed
from opsmith.repo import Repo

if TYPE_CHECKING:
    from tree_sitter import Node

_PACKAGE = re.compile(rb"^package[ \t]+(\w+)", re.MULTILINE)
_IMPORT = re.compile(rb'^import[ \t]+(?:\(([^)]*)\)|([\w.]+[ \t]+)?("[^"\n]+"))', re.MULTILINE)
_SPEC = re.compile(rb'^[ \t]*([\w.]+[ \t]+)?"([^"\n]+)"', re.MULTILINE)
_CONSTRAINT = re.compile(rb"^//(?:go:build|[ \t]*\+build)[ \t]+(.+)$", re.MULTILINE)
_NOT_BUILT = re.compile(rb"(?<![!\w])(ignore|tools?|mage|wireinject|integration|e2e|windows|darwin|js|wasm|plan9|generate|example)\b")
_OTHER_SYSTEM = re.compile(r"_(windows|darwin|js|wasm|plan9|freebsd|openbsd|netbsd|solaris|aix|android|ios|dragonfly|illumos)(_\w+)?\.go$")
_GENERATED = re.compile(rb"^// Code generated .*DO NOT EDIT\.$", re.MULTILINE)
_MAJOR = re.compile(r"v\d+")
_QUERY = """
(call_expression) @call
(short_var_declaration) @assign
(assignment_statement) @assign
(const_spec) @spec
(var_spec) @spec
(function_declaration) @function
(method_declaration) @function
(field_declaration) @field
(composite_literal) @composite
(interpreted_string_literal) @string
(raw_string_literal) @string
"""


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """One file. `imports` maps the name that the code uses to the import path."""

    path: str
    folder: str
    package: str
    imports: Mapping[str, str]
    imported: frozenset[str]
    """Import paths, blank ones included."""
    data: bytes
    _syntax: list[Mapping[str, list[Node]]] = field(default_factory=list[Mapping[str, "list[Node]"]])
    _calls: list[tuple[tuple[str, str], Node]] = field(default_factory=list[tuple[tuple[str, str], "Node"]])
    bindings: list[list[tuple[Node, Node, int]]] = field(default_factory=list[list[tuple["Node", "Node", int]]])
    """What program.py has read of assignments; several programs share a file."""

    def syntax(self, kind: str) -> list[Node]:
        """Nodes of one kind of `_QUERY`, in the order of the text. Generated code has none: nobody configures a process there."""
        if not self._syntax:
            self._syntax.append({} if self.generated else _captures(self.data))
        return self._syntax[0].get(kind, [])

    def calls(self) -> list[tuple[tuple[str, str], Node]]:
        """Every call with what `callee` says of it."""
        if not self._calls:
            self._calls.extend((callee(node), node) for node in self.syntax("call"))
        return self._calls

    @property
    def generated(self) -> bool:
        """Written by a program; what Wire writes is the wiring of the process itself and counts as code."""
        mark = _GENERATED.search(self.data, 0, 4096)
        return mark is not None and b"Wire" not in mark[0]

    def mentions(self, *words: bytes) -> bool:
        return any(word in self.data for word in words)


class Sources:
    """Every Go file of a repository that is built for Linux, by folder; no tests, no test data."""

    def __init__(self, repo: Repo) -> None:
        self._repo = repo
        self._by_folder: dict[str, list[str]] = {}
        self._read: dict[str, tuple[Source, ...]] = {}
        for path in repo.files:
            if path.endswith(".go") and _is_product(path):
                self._by_folder.setdefault(path.rpartition("/")[0], []).append(path)

    def folders(self) -> Iterator[str]:
        yield from self._by_folder

    def has(self, folder: str) -> bool:
        return folder in self._by_folder

    def package(self, folder: str) -> tuple[Source, ...]:
        if folder not in self._read:
            found = (_source(self._repo, path) for path in self._by_folder.get(folder, ()))
            self._read[folder] = tuple(source for source in found if source is not None)
        return self._read[folder]

    def mains(self) -> Iterator[tuple[str, tuple[Source, ...]]]:
        """Folders whose package is `main` and has a `func main`."""
        for folder in self._by_folder:
            files = tuple(source for source in self.package(folder) if source.package == "main")
            if any(re.search(rb"^func main\(\)", source.data, re.MULTILINE) for source in files):
                yield folder, files


def _is_product(path: str) -> bool:
    name = path.rpartition("/")[2]
    if name.endswith(("_test.go", ".pb.go", ".pb.gw.go", "_mock.go")) or name.startswith("mock_"):
        return False
    return "testdata/" not in path and not _OTHER_SYSTEM.search(name)


def _source(repo: Repo, path: str) -> Source | None:
    data = repo.bytes(path)
    package = _PACKAGE.search(data) if data else None
    if data is None or package is None:
        return None
    if any(_NOT_BUILT.search(match[1]) for match in _CONSTRAINT.finditer(data, 0, package.start())):
        return None
    specs = list(_imports(data, package.end()))
    return Source(
        path=path,
        folder=path.rpartition("/")[0],
        package=package[1].decode(),
        imports={alias or _default_name(target): target for alias, target in specs if alias not in ("_", ".")},
        imported=frozenset(target for _, target in specs),
        data=data,
    )


def _imports(data: bytes, start: int) -> Iterator[tuple[str, str]]:
    for match in _IMPORT.finditer(data, start):
        body = match[1] if match[1] is not None else (match[2] or b"") + match[3]
        for alias, target in _SPEC.findall(body):
            yield alias.decode("utf-8", "replace").strip(), target.decode("utf-8", "replace")


def _default_name(target: str) -> str:
    parts = target.split("/")
    last = parts[-2] if len(parts) > 1 and _MAJOR.fullmatch(parts[-1]) else parts[-1]
    return re.sub(r"\.v\d+$", "", last).removeprefix("go-").removesuffix(".go").removesuffix("-go")


@cache
def _language() -> tuple[Any, Any]:
    import tree_sitter_go
    from tree_sitter import Language, Parser, Query

    language = Language(tree_sitter_go.language())
    return Parser(language), Query(language, _QUERY)


def _captures(data: bytes) -> Mapping[str, list[Node]]:
    from opsmith.detectors.captures import captures

    parser, query = _language()
    return captures(query, parsed(parser, data))


def text(node: Node | None) -> str:
    return (node.text or b"").decode("utf-8", "replace") if node is not None else ""


def line(node: Node) -> int:
    return node.start_point[0] + 1


def literal(node: Node | None) -> str | None:
    """The value of a string, number or true/false literal; escapes other than of quotes stay as they are."""
    if node is None:
        return None
    match node.type:
        case "interpreted_string_literal" | "raw_string_literal":
            return text(node)[1:-1].replace('\\"', '"')
        case "int_literal":
            return text(node).replace("_", "")
        case "true" | "false":
            return node.type
        case _:
            return None


def callee(call: Node) -> tuple[str, str]:
    """What is called: the text before the last dot ("" for a plain function) and the name."""
    function = call.child_by_field_name("function")
    if function is not None and function.type == "selector_expression":
        return text(function.child_by_field_name("operand")), text(function.child_by_field_name("field"))
    if function is not None and function.type == "identifier":
        return "", text(function)
    return "", ""


DEEPEST = 200


def arguments(call: Node) -> list[Node]:
    found = call.child_by_field_name("arguments")
    return [node for node in found.named_children if node.type != "comment"] if found is not None else []


def function_of(node: Node) -> Node | None:
    """The innermost named function around `node`; None where it is nested deeper than anybody writes."""
    return next((above for above in ancestors(node) if above.type in ("function_declaration", "method_declaration")), None)


def ancestors(node: Node) -> Iterator[Node]:
    """What stands around `node`, from the inside, as far as DEEPEST: asked for every call of a file, more would be quadratic."""
    current = node.parent
    for _ in range(DEEPEST):
        if current is None:
            return
        yield current
        current = current.parent


def name_of(function: Node | None) -> str:
    return text(function.child_by_field_name("name")) if function is not None else ""


def parameters(function: Node, part: str = "parameters") -> list[tuple[str, str]]:
    """Names and types of a function's parameters (or of its receiver), in order."""
    found = function.child_by_field_name(part)
    return [
        (text(name), text(item.child_by_field_name("type")))
        for item in (found.named_children if found is not None else ())
        for name in item.children_by_field_name("name")
    ]


def declared_type(name: str, node: Node) -> str:
    """The type of the parameter or receiver `name` of a function around `node`; "" when it is none."""
    for above in ancestors(node):
        if above.type in ("function_declaration", "method_declaration", "func_literal"):
            given = [*parameters(above), *parameters(above, "receiver")]
            kind = next((kind for known, kind in given if known == name), None)
            if kind is not None:
                return kind
    return ""
