"""Rust files: their syntax by tree-sitter, read once and only where somebody asks; what is built for tests alone is left out."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from opsmith.detectors.nesting import parsed
from opsmith.repo import Repo

if TYPE_CHECKING:
    from tree_sitter import Node

_QUERY = """
(call_expression) @call
(macro_invocation) @macro
(let_declaration) @let
(function_item) @function
(const_item) @const
(static_item) @const
(field_declaration) @field
(struct_expression) @literal
(attribute_item) @attribute
(assignment_expression) @assign
(enum_item) @enum
(struct_item) @struct
"""
_TEST = re.compile(rb"^#\[\s*(?:cfg\s*\((?:all\()?\s*test\b|(?:\w+::)*(?:test|rstest|test_case|quickcheck|bench)\b)")
_LAZY = re.compile(rb"(?:lazy_static::)?lazy_static!(?=\s*\{)")
_STATIC_REF = re.compile(rb"\bstatic ref\b")
_OPENING = (b"{", b"(", b"[")
MOST_MACRO = 20_000
"""Bytes of a macro's body that are read as code: longer ones are data."""
DEEPEST = 200


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """One file, or the body of a macro in it: `first` is the number of lines that stand before it."""

    path: str
    data: bytes = field(repr=False)
    first: int = 0
    _syntax: list[Mapping[str, list[Node]]] = field(repr=False, default_factory=list[Mapping[str, "list[Node]"]])
    _bodies: dict[int, Source | None] = field(repr=False, default_factory=dict[int, "Source | None"])

    def syntax(self, kind: str) -> list[Node]:
        """Nodes of one kind of `_QUERY` in the order of the text, those of macro bodies not among them."""
        if not self._syntax:
            self._syntax.append(_captures(self.data))
        return self._syntax[0].get(kind, [])

    def line(self, node: Node) -> int:
        return self.first + node.start_point[0] + 1

    def mentions(self, *words: bytes) -> bool:
        return any(word in self.data for word in words)

    def macros(self) -> list[Source]:
        """The bodies of macros, read as the arguments of a call (`tokio::select! {}`, `info!(...)`, `try_join!(...)`)."""
        return [inner for node in (self.syntax("macro") if not self.first else ()) if (inner := self.body(node)) is not None]

    def body(self, macro: Node) -> Source | None:
        """The same object each time, so that its nodes stay the same."""
        if macro.id not in self._bodies:
            self._bodies[macro.id] = _macro_body(macro, self)
        return self._bodies[macro.id]


class Sources:
    """Every Rust file of a repository that is no test, each read once."""

    def __init__(self, repo: Repo) -> None:
        self._repo = repo
        self._read: dict[str, Source | None] = {}

    def has(self, path: str) -> bool:
        return self._repo.has(path)

    def get(self, path: str) -> Source | None:
        if path not in self._read:
            data = self._repo.bytes(path)
            self._read[path] = Source(path, _plain(data)) if data is not None and b"\0" not in data else None
        return self._read[path]


def _plain(data: bytes) -> bytes:
    """`lazy_static! { static ref X: T = v; }` as a module with a static, at the same positions."""
    if b"lazy_static!" not in data:
        return data
    return _STATIC_REF.sub(b"static    ", _LAZY.sub(lambda match: b"mod lazy".ljust(len(match[0]), b"_") + b"", data))


@cache
def _language() -> tuple[Any, Any]:
    import tree_sitter_rust
    from tree_sitter import Language, Parser, Query

    language = Language(tree_sitter_rust.language())
    return Parser(language), Query(language, _QUERY)


def _captures(data: bytes) -> Mapping[str, list[Node]]:
    from opsmith.detectors.captures import captures

    parser, query = _language()
    found = captures(query, parsed(parser, data))
    tests = _merged(sorted(_tested(found.get("attribute", []))))
    if not tests:
        return found
    return {kind: [node for node in nodes if not _within(node, tests)] for kind, nodes in found.items()}


def _tested(attributes: list[Node]) -> Iterator[tuple[int, int]]:
    """Where the items lie that are built for tests only."""
    for attribute in attributes:
        if _TEST.match(attribute.text or b""):
            item = attribute.next_named_sibling
            while item is not None and item.type in ("attribute_item", "line_comment", "block_comment"):
                item = item.next_named_sibling
            if item is not None:
                yield attribute.start_byte, item.end_byte


def _merged(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Without those inside others."""
    kept: list[tuple[int, int]] = []
    for start, end in ranges:
        if not kept or end > kept[-1][1]:
            kept.append((start, end))
    return kept


def _within(node: Node, ranges: list[tuple[int, int]]) -> bool:
    index = bisect_right(ranges, (node.start_byte, 1 << 62)) - 1
    return index >= 0 and node.start_byte < ranges[index][1]


def _macro_body(macro: Node, source: Source) -> Source | None:
    """The inside of `name!(...)` as `fn m() { m(...); }`; None where it is data rather than code."""
    tokens = next((node for node in macro.named_children if node.type == "token_tree"), None)
    body = (tokens.text or b"") if tokens is not None else b""
    if tokens is None or len(body) > MOST_MACRO or not body.startswith(_OPENING):
        return None
    inner = body[1:-1]
    whole = b"fn m() {" + inner + b"}" if body.startswith(b"{") else b"fn m() { m(" + inner + b"); }"
    return Source(source.path, whole, source.first + tokens.start_point[0])


def text(node: Node | None) -> str:
    return (node.text or b"").decode("utf-8", "replace") if node is not None else ""


_ESCAPES = {'\\"': '"', "\\n": "\n", "\\t": "\t", "\\\\": "\\", "\\0": "\0", "\\r": "\r"}


def literal(node: Node | None) -> str | None:
    """The value of a string, number or true/false literal, without a number's type and separators."""
    if node is None:
        return None
    match node.type:
        case "string_literal":
            return "".join(_ESCAPES.get(text(part), text(part)) for part in node.named_children)
        case "raw_string_literal":
            return "".join(text(part) for part in node.named_children)
        case "integer_literal":
            return re.sub(r"_|(?:[ui](?:8|16|32|64|128|size))$", "", text(node))
        case "boolean_literal" | "char_literal":
            return text(node).strip("'")
        case _:
            return None


def callee(call: Node) -> tuple[Node | None, str, str]:
    """The receiver of a method (None for a function), the path before the name (`std::env`), and the name."""
    function = call.child_by_field_name("function")
    if function is not None and function.type == "generic_function":
        function = function.child_by_field_name("function")
    if function is None:
        return None, "", ""
    match function.type:
        case "field_expression":
            return function.child_by_field_name("value"), "", text(function.child_by_field_name("field"))
        case "scoped_identifier":
            return None, text(function.child_by_field_name("path")), text(function.child_by_field_name("name"))
        case "identifier":
            return None, "", text(function)
        case _:
            return None, "", ""


def arguments(call: Node) -> list[Node]:
    found = call.child_by_field_name("arguments")
    return [node for node in found.named_children if not node.type.endswith("comment")] if found is not None else []


def ancestors(node: Node) -> Iterator[Node]:
    """What stands around `node`, from the inside, as far as DEEPEST: asked for every call of a file, more would be quadratic."""
    current = node.parent
    for _ in range(DEEPEST):
        if current is None:
            return
        yield current
        current = current.parent


def function_of(node: Node) -> Node | None:
    """The innermost named function around `node`; None where it is nested deeper than anybody writes."""
    return next((above for above in ancestors(node) if above.type == "function_item"), None)


def name_of(item: Node | None) -> str:
    return text(item.child_by_field_name("name")) if item is not None else ""


def parameters(function: Node) -> list[tuple[str, str]]:
    """Names and types of a function's parameters, `self` left out."""
    found = function.child_by_field_name("parameters")
    return [
        (text(item.child_by_field_name("pattern")).removeprefix("mut "), text(item.child_by_field_name("type")))
        for item in (found.named_children if found is not None else ())
        if item.type == "parameter"
    ]


def attributes(item: Node) -> Iterator[Node]:
    """The attributes that stand before an item or field."""
    before = item.prev_named_sibling
    for _ in range(50):
        if before is None or before.type not in ("attribute_item", "line_comment", "block_comment"):
            return
        if before.type == "attribute_item":
            yield before
        before = before.prev_named_sibling


def attribute_name(attribute: Node) -> str:
    """`get` of `#[actix_web::get("/")]`."""
    inner = attribute.named_children[0] if attribute.named_children else None
    path = inner.named_children[0] if inner is not None and inner.named_children else None
    return text(path).rpartition("::")[2]


def attribute_tokens(attribute: Node) -> list[Node]:
    """The tokens in the parentheses of an attribute."""
    inner = attribute.named_children[0] if attribute.named_children else None
    tokens = next((node for node in inner.children if node.type == "token_tree"), None) if inner is not None else None
    return tokens.children[1:-1] if tokens is not None else []


def attribute_settings(attribute: Node) -> dict[str, Node | None]:
    """`env = "PORT"` as the node of its value, `long` as None."""
    found: dict[str, Node | None] = {}
    tokens = attribute_tokens(attribute)
    for index, token in enumerate(tokens):
        starts = index == 0 or text(tokens[index - 1]) == ","
        if starts and re.fullmatch(r"[A-Za-z_]\w*", text(token)):  # `default` is a word of the language, no identifier
            assigned = index + 2 < len(tokens) and text(tokens[index + 1]) == "="
            found[text(token)] = tokens[index + 2] if assigned else None
    return found
