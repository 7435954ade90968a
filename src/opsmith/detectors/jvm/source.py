"""Java and Kotlin files: read once, parsed by tree-sitter only where a word in them can matter, and shown alike."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from opsmith.detectors.marks import grouped, holds_any
from opsmith.detectors.nesting import parsed
from opsmith.repo import Repo

if TYPE_CHECKING:
    from tree_sitter import Node

_PACKAGE = re.compile(rb"^[ \t]*package[ \t]+([\w.]+)", re.MULTILINE)
_IMPORT = re.compile(rb"^[ \t]*import[ \t]+(?:static[ \t]+)?([\w.]+(?:\.\*)?)", re.MULTILINE)
_MATTERS = (
    b"getenv", b"otenv", b"getProperty(", b"getEnv(", b" main(", b"forPort", b"BuilderForPort", b"embeddedServer", b"EngineMain", b"asServer",
    b"ServerSocket", b"addHttpListener", b"HttpServer", b".listen(", b" port(", b".port(", b"setPort(", b" Server(", b"ServerConnector(", b"avalin",
    b"PORT",
    b"port = ", b"Port = ", b"port: Int", b"Port: Int", b"InetSocketAddress", b"HEALTH", b"/health", b'"health', b"readiness", b'ready"', b'readyz"',
    b"liveness", b'live"', b'livez"', b'alive"', b'ping"', b'heartbeat"', b'/up"', b'/status"', b".scrape(", b"PrometheusMeterRegistry",
    b"MetricsServlet",
    b"CollectorRegistry", b"HealthStatusManager", b"HealthService", b"HealthGrpc", b"@Value", b"@ConfigProperty", b"@Property(", b"FeignClient",
    b"RegisterRestClient", b"HttpExchange", b"@KafkaListener", b"@RabbitListener", b"@JmsListener", b"@SqsListener", b"@StreamListener",
    b"@PulsarListener", b"@Scheduled", b"EnableScheduling", b"@SpringBootApplication", b"SpringBootServletInitializer", b"Flyway", b"Liquibase",
)  # fmt: skip
"""A file without any of these words is not parsed."""
_MARKS = grouped(_MATTERS, (b"Port", b"Server", b"ealth", b"Listener", b"live", b"eady", b"@", b"Http"))
_MOST_BYTES = 600_000
_LONGEST_STATEMENT, _DEEPEST = 20_000, 200
_MOST_ABOVE = 400
_JAVA = """
(method_invocation) @call
(object_creation_expression) @call
(annotation) @annotation
(marker_annotation) @annotation
(method_declaration) @function
(variable_declarator) @variable
(class_declaration) @class
"""
_KOTLIN = """
(call_expression) @call
(index_expression) @call
(annotation) @annotation
(function_declaration) @function
(property_declaration) @variable
(class_parameter) @variable
(class_declaration) @class
"""

Argument = tuple[str, "Node"]
"""Its label ("" without one) and its value."""


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """`receiver` is the text before the last dot, `name` what is called or made."""

    name: str
    receiver: str
    on: Node | None
    arguments: tuple[Argument, ...]
    node: Node
    source: Source

    @property
    def line(self) -> int:
        return self.node.start_point[0] + 1


@dataclass(frozen=True, slots=True, eq=False)
class Mark:
    """An annotation, and the node of the declaration that carries it."""

    name: str
    arguments: tuple[Argument, ...]
    owner: Node | None
    node: Node

    @property
    def line(self) -> int:
        return self.node.start_point[0] + 1


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    path: str
    language: Literal["java", "kotlin"]
    package: str
    imports: frozenset[str]
    data: bytes
    _nodes: list[Mapping[str, list[Node]]] = field(default_factory=list[Mapping[str, "list[Node]"]])

    def mentions(self, *words: bytes) -> bool:
        data = self.data
        return any(word in data for word in words)

    def nodes(self, kind: str) -> list[Node]:
        if not self._nodes:
            self._nodes.append(_captures(self) if holds_any(self.data, _MARKS) and _is_written_by_hand(self.data) else {})
        return self._nodes[0].get(kind, [])

    def calls(self) -> Iterator[Call]:
        return (call for node in self.nodes("call") if (call := call_of(node, self)) is not None)

    def marks(self) -> list[Mark]:
        return [_mark(node) for node in self.nodes("annotation")]

    def functions(self) -> Iterator[tuple[str, Node]]:
        for node in self.nodes("function"):
            yield text(node.child_by_field_name("name")), node

    def class_name(self, node: Node) -> str:
        """The full name of the class around a node; a function of a Kotlin file stands in a class of the file's name."""
        names: list[str] = []
        current = node.parent
        while current is not None:
            if current.type in ("class_declaration", "object_declaration", "interface_declaration", "record_declaration", "enum_declaration"):
                names.append(text(current.child_by_field_name("name")))
            current = current.parent
        stem = self.path.rpartition("/")[2].rpartition(".")[0]
        own = "$".join(reversed(names)) or stem[:1].upper() + stem[1:] + "Kt"
        return f"{self.package}.{own}" if self.package else own


def source(repo: Repo, path: str) -> Source | None:
    data = repo.bytes(path)
    if not data or b"\0" in data:
        return None
    package = _PACKAGE.search(data)
    return Source(
        path=path,
        language="kotlin" if path.endswith(".kt") else "java",
        package=package[1].decode() if package else "",
        imports=frozenset(match[1].decode() for match in _IMPORT.finditer(data)),
        data=data,
    )


@cache
def _parser(language: str) -> tuple[Any, Any]:
    from tree_sitter import Language, Parser, Query

    if language == "kotlin":
        import tree_sitter_kotlin

        kotlin = Language(tree_sitter_kotlin.language())
        return Parser(kotlin), Query(kotlin, _KOTLIN)
    import tree_sitter_java

    java = Language(tree_sitter_java.language())
    return Parser(java), Query(java, _JAVA)


def _is_written_by_hand(data: bytes) -> bool:
    """Not for a tree that is too deep: the way from a node to its parent takes as long as the tree is deep."""
    if len(data) > _MOST_BYTES or max(map(len, re.split(rb"[;{}]", data))) > _LONGEST_STATEMENT:
        return False
    depth = 0
    for match in re.finditer(rb"[(\[{]|[)\]}]", data):
        depth += 1 if match[0] in b"([{" else -1
        if depth > _DEEPEST:
            return False
    return True


def _captures(item: Source) -> Mapping[str, list[Node]]:
    from opsmith.detectors.captures import captures

    parser, query = _parser(item.language)
    return captures(query, parsed(parser, item.data))


def text(node: Node | None) -> str:
    return (node.text or b"").decode("utf-8", "replace") if node is not None else ""


def head(node: Node, item: Source, size: int) -> str:
    """The first bytes of a node; its whole text, taken for each node of a nest, would cost the square of the file."""
    return item.data[node.start_byte : min(node.end_byte, node.start_byte + size)].decode("utf-8", "replace")


def tail(node: Node | None, item: Source, size: int = 200) -> str:
    """The last bytes of a node: of a chain of calls what was called last."""
    return item.data[max(node.start_byte, node.end_byte - size) : node.end_byte].decode("utf-8", "replace") if node is not None else ""


def line(node: Node) -> int:
    return node.start_point[0] + 1


def literal(node: Node | None) -> str | None:
    """The value of a text, number or true/false; a text with something filled in is none."""
    if node is None:
        return None
    match node.type:
        case "string_literal" | "multiline_string_literal":
            if any(child.type in ("interpolation", "interpolated_expression", "string_interpolation") for child in node.named_children):
                return None
            whole = text(node)
            width = 3 if whole.startswith('"""') and len(whole) >= 6 else 1
            return whole[width:-width].replace("\\$", "$").replace('\\"', '"')
        case "decimal_integer_literal" | "number_literal" | "integer_literal" | "long_literal":
            return text(node).replace("_", "").rstrip("lLuU")
        case "true" | "false" | "boolean_literal":
            return text(node)
        case _:
            return None


def call_of(node: Node, item: Source) -> Call | None:
    """A call of either language; None for what is called on a call (`f(x) { ... }` is the call `f(x)`)."""
    match node.type:
        case "method_invocation":
            on = node.child_by_field_name("object")
            return Call(text(node.child_by_field_name("name")), tail(on, item), on, _arguments(node.child_by_field_name("arguments")), node, item)
        case "object_creation_expression":
            made = text(node.child_by_field_name("type")).partition("<")[0].rpartition(".")[2]
            return Call(made, "new", None, _arguments(node.child_by_field_name("arguments")), node, item)
        case "index_expression":
            children = node.named_children
            return Call("[]", tail(children[0], item), children[0], (("", children[1]),), node, item) if len(children) == 2 else None
        case "call_expression":
            return _kotlin_call(node, item)
        case _:
            return None


def _kotlin_call(node: Node, item: Source) -> Call | None:
    if not node.named_children:
        return None
    callee = node.named_children[0]
    given = next((child for child in node.named_children[1:] if child.type == "value_arguments"), None)
    if callee.type == "identifier":
        return Call(text(callee), "", None, _arguments(given), node, item)
    if callee.type == "navigation_expression" and len(callee.named_children) >= 2:
        on, name = callee.named_children[0], callee.named_children[-1]
        return Call(text(name), tail(on, item), on, _arguments(given), node, item)
    return None


def _arguments(node: Node | None) -> tuple[Argument, ...]:
    found: list[Argument] = []
    for child in node.named_children if node is not None else ():
        if child.type == "value_argument":
            parts = child.named_children
            labelled = len(parts) == 2 and any(part.type == "=" for part in child.children)
            if parts:
                found.append((text(parts[0]) if labelled else "", parts[-1]))
        elif child.type == "element_value_pair":
            value = child.child_by_field_name("value")
            if value is not None:
                found.append((text(child.child_by_field_name("key")), value))
        elif "comment" not in child.type:
            found.append(("", child))
    return tuple(found)


def _mark(node: Node) -> Mark:
    if node.type in ("annotation", "marker_annotation") and (name := node.child_by_field_name("name")) is not None:
        owner = node.parent.parent if node.parent is not None and node.parent.type == "modifiers" else node.parent
        return Mark(text(name).rpartition(".")[2], _arguments(node.child_by_field_name("arguments")), owner, node)
    inner = next((child for child in node.named_children if child.type in ("constructor_invocation", "user_type")), None)
    named = inner.named_children[0] if inner is not None and inner.type == "constructor_invocation" and inner.named_children else inner
    given = next((child for child in inner.named_children if child.type == "value_arguments"), None) if inner is not None else None
    owner = node.parent.parent if node.parent is not None and node.parent.type == "modifiers" else node.parent
    return Mark(text(named).rpartition(".")[2], _arguments(given), owner, node)


def ancestors(node: Node) -> Iterator[Node]:
    current = node.parent
    for _ in range(_MOST_ABOVE):
        if current is None:
            return
        yield current
        current = current.parent
