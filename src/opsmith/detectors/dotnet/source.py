"""C# files, read by tree-sitter, each once and only where something in it can matter."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from opsmith.detectors.marks import grouped, holds_any
from opsmith.detectors.nesting import parsed

if TYPE_CHECKING:
    from tree_sitter import Node

_QUERY = """
(invocation_expression) @call
(object_creation_expression) @new
(element_access_expression) @index
(variable_declarator) @variable
(assignment_expression) @assign
(class_declaration) @type
(record_declaration) @type
(method_declaration) @method
(local_function_statement) @method
(property_declaration) @property
"""
MARKS = grouped(
    (
        b"Npgsql", b"DataSource",
        b"GetEnvironmentVariable", b"onfiguration", b"config[", b"GetConnectionString", b"GetSection", b"BindConfiguration", b"WebApplication",
        b"CreateDefaultBuilder", b"UseUrls", b".Urls", b"ListenAnyIP", b"Listen(", b"ListenLocalhost", b"HealthCheck", b"Health", b"health",
        b"MapGet", b"MapGroup", b"MapGrpc", b"MapControllers", b"MapHub", b"MapMetrics", b"MetricServer", b"HttpMetrics", b"ScrapingEndpoint",
        b"AspNetCoreInstrumentation", b"Migrate", b"EnsureCreated", b"HttpGet(", b"AddDbContext", b"UseSqlServer", b"UseNpgsql", b"UseMySql",
        b"UseMySQL", b"UseOracle", b"UseSqlite", b"UseInMemoryDatabase", b"UseMongoDB", b"UseCosmos", b"Connection(", b"Client(", b"Connect(",
        b"ConnectionFactory", b"Host =", b"HostName", b"AddHostedService", b"BackgroundService", b"AddHangfire", b"AddQuartz", b"AddRedis",
        b"AddNpgsql", b"AddMongo", b"AddRabbitMQ", b"AddSqlServer", b"AddKafka", b"AddMySql", b"AddNats", b"AddElastic", b"UsingRabbitMq",
        b"StackExchangeRedis", b"UseRabbitMq", b"AddProject", b"WithReference", b"MapDefaultEndpoints", b"/ready", b"/live", b"/ping", b"/status",
        b"DistributedApplication", b"AddServiceDefaults", b"UseRedis", b"UseRouting", b"UsePostgres", b"MapFallback", b"UseKestrel", b"while (true)",
    ),
    (b"Add", b"Use", b"Map", b"Listen", b"ealth"),
)  # fmt: skip
DEEPEST = 200
STRINGS = ("string_literal", "verbatim_string_literal", "raw_string_literal")


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    path: str
    data: bytes
    _syntax: list[Mapping[str, list[Node]]] = field(default_factory=list[Mapping[str, "list[Node]"]])
    _calls: list[Call] = field(default_factory=list["Call"])
    _types: list[set[str]] = field(default_factory=list[set[str]])
    lines: list[Any] = field(default_factory=list[Any])
    """What lines.py has read."""
    units: list[Any] = field(default_factory=list[Any])
    """What liveness.py has read."""
    fields: list[Any] = field(default_factory=list[Any])
    """What values.py has read."""
    _given: dict[str, list[tuple[Node, int | None]]] = field(default_factory=dict[str, list[tuple["Node", "int | None"]]])

    def syntax(self, kind: str, *, always: bool = False) -> list[Node]:
        """Nodes of one kind of `_QUERY`, in the order of the text; none where no mark says that the file can matter, unless `always`."""
        if always and self._syntax and not self._syntax[0]:
            self._syntax.clear()
        if not self._syntax:
            self._syntax.append(_captures(self.data) if self.path.endswith(".cs") and (always or holds_any(self.data, MARKS)) else {})
        return self._syntax[0].get(kind, [])

    def calls(self) -> list[Call]:
        if not self._calls:
            self._calls.extend(Call(node, self, *callee(node)) for node in self.syntax("call"))
        return self._calls

    def given(self) -> Mapping[str, list[tuple[Node, int | None]]]:
        """The values of local variables and of what is assigned to, by name, with the id of the method they stand in."""
        if not self._given:
            for name, value in (*_declared(self.syntax("variable")), *_assigned(self.syntax("assign"))):
                around = method_of(value)
                self._given.setdefault(name, []).append((value, around.id if around is not None else None))
        return self._given

    def types(self) -> set[str]:
        """The classes, records and their like that are declared here."""
        if not self._types:
            self._types.append(declared_types(self.data))
        return self._types[0]

    def mentions(self, *words: bytes) -> bool:
        return any(word in self.data for word in words)

    def line_of(self, word: bytes) -> int:
        return self.data[: max(self.data.find(word), 0)].count(b"\n") + 1


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """`receiver` is the text of what the method is called on, where that is short."""

    node: Node
    source: Source
    receiver: str
    name: str

    @property
    def line(self) -> int:
        return self.node.child_by_field_name("arguments").start_point[0] + 1  # type: ignore[union-attr]  # a call has arguments

    @property
    def shows(self) -> str:
        """The call without what it is chained to."""
        return f"{self.name}{text(self.node.child_by_field_name('arguments'))}".partition("\n")[0][:120]


def _declared(nodes: list[Node]) -> Iterator[tuple[str, Node]]:
    for node in nodes:
        if len(node.named_children) > 1 and (node.parent is None or node.parent.parent is None or node.parent.parent.type != "field_declaration"):
            yield name_of(node), node.named_children[-1]


def _assigned(nodes: list[Node]) -> Iterator[tuple[str, Node]]:
    for node in nodes:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is not None and right is not None and left.type == "identifier":
            yield text(left), right


@cache
def _language() -> tuple[Any, Any]:
    import tree_sitter_c_sharp
    from tree_sitter import Language, Parser, Query

    language = Language(tree_sitter_c_sharp.language())
    return Parser(language), Query(language, _QUERY)


def _captures(data: bytes) -> Mapping[str, list[Node]]:
    from opsmith.detectors.captures import captures

    parser, query = _language()
    found = captures(query, parsed(parser, data))
    return found if not _is_too_deep(found) else {}


def _is_too_deep(found: Mapping[str, list[Node]]) -> bool:
    """Nested as no person writes: asking each such node for what stands around it would be quadratic."""
    spans = sorted((node.start_byte, -node.end_byte) for nodes in found.values() for node in nodes)
    ends: list[int] = []
    for start, end in spans:
        while ends and ends[-1] <= start:
            ends.pop()
        ends.append(-end)
        if len(ends) > DEEPEST:
            return True
    return False


def text(node: Node | None) -> str:
    return (node.text or b"").decode("utf-8", "replace") if node is not None else ""


def line(node: Node) -> int:
    return node.start_point[0] + 1


def literal(node: Node | None) -> str | None:
    """The value of a string, number or true/false literal."""
    if node is None:
        return None
    match node.type:
        case "string_literal":
            return text(node).removesuffix("u8")[1:-1].replace('\\"', '"').replace("\\\\", "\\")
        case "verbatim_string_literal":
            return text(node)[2:-1].replace('""', '"')
        case "raw_string_literal":
            return text(node).strip('"').strip()
        case "integer_literal":
            return text(node).replace("_", "").rstrip("uUlL")
        case "boolean_literal":
            return text(node)
        case _:
            return None


def callee(call: Node) -> tuple[str, str]:
    """What a method is called on ("" for none, cut where long) and the method's name without type arguments."""
    function = call.child_by_field_name("function")
    if function is None:
        return "", ""
    if function.type == "member_access_expression":
        return _start(function.child_by_field_name("expression")), simple(function.child_by_field_name("name"))
    if function.type == "conditional_access_expression":
        bound = next((node for node in function.named_children if node.type == "member_binding_expression"), None)
        return _start(function.child_by_field_name("condition")), simple(bound.child_by_field_name("name") if bound is not None else None)
    return "", simple(function)


def _start(node: Node | None) -> str:
    """The text of a receiver; of a long chain only its beginning, so that a chain of many calls is not copied for each of them."""
    if node is None:
        return ""
    return text(node) if node.end_byte - node.start_byte < 200 else "…"


def simple(node: Node | None) -> str:
    """A name without its type arguments: `Add<T>` as `Add`."""
    if node is not None and node.type == "generic_name":
        return text(node.named_children[0]) if node.named_children else ""
    return text(node) if node is not None and node.type == "identifier" else ""


def type_arguments(call: Node) -> list[str]:
    """`T` and `U` of `x.Add<T, U>(...)`."""
    function = call.child_by_field_name("function")
    name = function.child_by_field_name("name") if function is not None and function.type == "member_access_expression" else function
    if name is None or name.type != "generic_name":
        return []
    return [text(item) for listed in name.named_children if listed.type == "type_argument_list" for item in listed.named_children]


def arguments(call: Node) -> list[tuple[str, Node]]:
    """Name ("" for most) and value of each argument."""
    found = call.child_by_field_name("arguments") or call.child_by_field_name("subscript")
    listed = found.named_children if found is not None else []
    return [(text(item.child_by_field_name("name")), item.named_children[-1]) for item in listed if item.type == "argument" and item.named_children]


def argument(call: Node, position: int, name: str = "") -> Node | None:
    given = arguments(call)
    named = next((node for key, node in given if name and key == name), None)
    if named is not None:
        return named
    return given[position][1] if position < len(given) and not given[position][0] else None


def ancestors(node: Node) -> Iterator[Node]:
    """What stands around `node`, from the inside, as far as DEEPEST: asked for many nodes of a file, more would be quadratic."""
    current = node.parent
    for _ in range(DEEPEST):
        if current is None:
            return
        yield current
        current = current.parent


def method_of(node: Node) -> Node | None:
    return next((above for above in ancestors(node) if above.type in ("method_declaration", "local_function_statement")), None)


def type_of(node: Node) -> Node | None:
    return next((above for above in ancestors(node) if above.type in ("class_declaration", "record_declaration")), None)


def name_of(declaration: Node | None) -> str:
    return text(declaration.child_by_field_name("name")) if declaration is not None else ""


def modifiers(declaration: Node) -> set[str]:
    return {text(node) for node in declaration.children if node.type == "modifier"}


def attributes(declaration: Node) -> Iterator[tuple[str, str | None]]:
    """The attributes of a class or method, each with its first text."""
    for listed in declaration.named_children:
        if listed.type == "attribute_list":
            for item in listed.named_children:
                if item.type == "attribute":
                    yield text(item.child_by_field_name("name")), _first_text(item)


def _first_text(item: Node) -> str | None:
    given = next((node for node in item.named_children if node.type == "attribute_argument_list"), None)
    first = given.named_children[0] if given is not None and given.named_children else None
    return literal(first.named_children[-1]) if first is not None and first.named_children else None


def parameters(method: Node) -> list[tuple[str, Node]]:
    found = method.child_by_field_name("parameters")
    return [(name_of(item), item) for item in (found.named_children if found is not None else ()) if item.type == "parameter"]


_TYPE = re.compile(rb"\b(?:class|record|interface|struct|enum|module)\s+([A-Za-z_]\w*)")
_BASES = re.compile(rb"\b(?:class|record|struct)\s+\w+[^:{;]{0,200}:\s*([^{;]{1,300})")
_STATIC = re.compile(rb"\bstatic\s[^;{}()=]{1,160}?\b([A-Za-z_]\w*)\s*(?:<[^>;{}]{0,80}>)?\s*\(")
_WORD = re.compile(rb"[A-Za-z_]\w{2,}")


def declared_types(data: bytes) -> set[str]:
    return {match[1].decode() for match in _TYPE.finditer(data)}


def names(data: bytes) -> set[bytes]:
    """Every word of a file."""
    return set(_WORD.findall(data))


def answers_to(data: bytes) -> set[bytes]:
    """By which words other files make use of this one: its types, and what these are derived from."""
    bases = {word for match in _BASES.finditer(data) for word in _WORD.findall(match[1])}
    return set(_TYPE.findall(data)) | (bases - _COMMON)


def static_methods(data: bytes) -> list[tuple[int, bytes]]:
    """Where each static method begins, and its name."""
    return [(match.start(), match[1]) for match in _STATIC.finditer(data)]


_COMMON = frozenset((b"Exception", b"Attribute", b"Profile", b"IDisposable", b"where", b"class", b"new", b"struct", b"Enum", b"string", b"int"))
"""Bases that say nothing of who uses a class."""
