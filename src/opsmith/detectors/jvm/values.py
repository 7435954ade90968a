"""What an expression can be worth: literals, constants, environment variables with their fallbacks, own functions of one level."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from opsmith.detectors.jvm.program import Program, initial
from opsmith.detectors.jvm.source import Call, Source, ancestors, call_of, head, line, literal, tail, text

if TYPE_CHECKING:
    from tree_sitter import Node

_MAX_DEPTH = 12
_MOST = 16
_TRANSPARENT = frozenset(
    (
        "parseInt", "valueOf", "toInt", "toIntOrNull", "parseUnsignedInt", "orElse", "getOrElse", "toString", "trim", "InetSocketAddress", "Integer",
        "ofNullable", "requireNonNull", "requireNonNullElse", "elvis", "firstOrNull", "map", "orElseGet", "toLong", "getInteger", "intValue",
        "decode",
        "let", "asInt", "takeIf", "ifBlank", "ifEmpty", "Netty", "Jetty", "SunHttp", "Undertow", "ApacheServer", "KtorCIO", "KtorNetty",
        "SunHttpLoom",
        "fromPort", "checkNotNull", "requireNotNull", "of", "fromInt",
    )
)  # fmt: skip
"""Calls that hand on what they are given."""
_WRAPPED = frozenset(
    (
        "parenthesized_expression", "cast_expression", "as_expression", "postfix_expression", "unary_expression", "prefix_expression",
        "lambda_literal", "annotated_lambda", "block", "statements", "return_statement", "expression_statement", "lambda_expression",
        "value_argument",
        "function_body", "not_null_assertion", "postfix_unary_expression", "return_expression", "jump_expression", "block_statement",
    )
)  # fmt: skip
GETENV = frozenset(("getenv", "getEnv", "env"))


@dataclass(frozen=True, slots=True)
class Value:
    """`env` names the variable that is read; its `text` is then empty."""

    text: str
    file: str
    line: int
    env: str | None = None
    key: str | None = None
    """A configuration key that decides it."""


@dataclass(frozen=True, slots=True, eq=False)
class At:
    node: Node
    source: Source


def resolve(program: Program, node: Node, source: Source) -> list[Value]:
    """Every value that reading can tell of, the variables among them, in the order in which the code prefers them."""
    found: list[Value] = []
    for value in _resolve(program, At(node, source), 0, frozenset()):
        if value not in found:
            found.append(value)
        if len(found) >= _MOST:
            break
    return found


def numbers(values: list[Value]) -> list[Value]:
    return [value for value in values if value.env is None and re.fullmatch(r"\d{1,5}", value.text) and 0 < int(value.text) < 65_536]


def _resolve(program: Program, at: At, depth: int, seen: frozenset[int]) -> Iterator[Value]:
    node = at.node
    if depth > _MAX_DEPTH or node.id in seen:
        return
    seen = seen | {node.id}
    known = literal(node)
    if known is not None:
        yield Value(known, at.source.path, line(node))
        return
    match node.type:
        case "identifier" | "simple_identifier":
            yield from _named(program, text(node), at, depth, seen)
        case "field_access" | "navigation_expression" | "scoped_identifier":
            yield from _member(program, at, depth, seen)
        case "ternary_expression":
            for part in ("consequence", "alternative"):
                inner = node.child_by_field_name(part)
                if inner is not None:
                    yield from _resolve(program, At(inner, at.source), depth + 1, seen)
        case "binary_expression" | "elvis_expression" | "if_expression" | "infix_expression":
            if text(node.child_by_field_name("operator")) not in ("+", "-", "*", "/", "==", "!="):
                for inner in node.named_children[1 if node.type == "if_expression" else 0 :]:
                    yield from _resolve(program, At(inner, at.source), depth + 1, seen)
        case "method_invocation" | "call_expression" | "object_creation_expression" | "index_expression":
            call = call_of(node, at.source)
            if call is not None:
                yield from _call(program, call, depth, seen)
            elif node.named_children:
                yield from _resolve(program, At(node.named_children[0], at.source), depth + 1, seen)
        case kind if kind in _WRAPPED:
            for inner in node.named_children[-1:]:
                yield from _resolve(program, At(inner, at.source), depth + 1, seen)
        case _:
            return


def _named(program: Program, name: str, at: At, depth: int, seen: frozenset[int]) -> Iterator[Value]:
    """A local variable or field of the same file, else a constant that only one place of the program declares."""
    everywhere = program.variables(name)
    here = [item for item in everywhere if item[0].path == at.source.path]
    chosen = here or (everywhere if len(everywhere) == 1 else [])
    for source, declaration in chosen[:4]:
        value = initial(declaration)
        if value is not None:
            yield from _resolve(program, At(value, source), depth + 1, seen)
        else:
            yield from _assigned(name, source)
            yield from _injected(declaration, source)
    if not chosen:
        yield from _parameter(program, name, at, depth, seen)


def _assigned(name: str, source: Source) -> Iterator[Value]:
    """What the only assignment of the file gives to a variable that is declared without a value."""
    match = re.search(rf"(?m)^[^\n]{{0,200}}\b{re.escape(name)}[ \t]*=[ \t]*(\d{{2,5}});".encode(), source.data)
    if match:
        yield Value(match[1].decode(), source.path, source.data[: match.start(1)].count(b"\n") + 1)


def _injected(declaration: Node, source: Source) -> Iterator[Value]:
    """`@Value("${server.port:8080}") int port`."""
    whole = head(declaration.parent if declaration.parent is not None else declaration, source, 400)
    match = re.search(r'@(?:Value|Property|ConfigProperty)\(\s*(?:name\s*=\s*)?"\\?\$?\{?([\w.-]+)(?::([^}"]*))?', whole)
    if match:
        yield Value(match[2] or "", source.path, line(declaration), key=match[1])


def _parameter(program: Program, name: str, at: At, depth: int, seen: frozenset[int]) -> Iterator[Value]:
    """What callers hand in as the parameter `name` of the function around."""
    for above in ancestors(at.node):
        if above.type in ("method_declaration", "function_declaration", "constructor_declaration"):
            names = parameters(above)
            if name not in names:
                return
            position = names.index(name)
            called = text(above.child_by_field_name("name"))
            for call in list(program.called(called))[:8]:
                if position < len(call.arguments):
                    yield from _resolve(program, At(call.arguments[position][1], call.source), depth + 1, seen)
            return


def parameters(function: Node) -> list[str]:
    given = function.child_by_field_name("parameters") or next(
        (child for child in function.named_children if child.type.endswith("parameters")), None
    )
    found: list[str] = []
    for item in given.named_children if given is not None else ():
        name = item.child_by_field_name("name") or next((child for child in item.named_children if child.type == "identifier"), None)
        if item.type != "parameter_modifiers":
            found.append(text(name))
    return found


def _member(program: Program, at: At, depth: int, seen: frozenset[int]) -> Iterator[Value]:
    """`Config.PORT`, `args.port`: the declaration of the last name, when the program has only one."""
    name = tail(at.node, at.source).rpartition(".")[2]
    found = program.variables(name)
    if len(found) == 1:
        value = initial(found[0][1])
        if value is not None:
            yield from _resolve(program, At(value, found[0][0]), depth + 1, seen)
            return
        yield from _injected(found[0][1], found[0][0])
    yield Value("", at.source.path, line(at.node), key=tail(at.node, at.source).replace("?", "").replace("!!", ""))


def _call(program: Program, call: Call, depth: int, seen: frozenset[int]) -> Iterator[Value]:
    name = variable_of(program, call)
    if name is not None:
        yield Value("", call.source.path, call.line, env=name)
        for _, node in call.arguments[1:2]:
            yield from _resolve(program, At(node, call.source), depth + 1, seen)
        return
    if call.name in ("getProperty", "getString", "getInt", "getInteger", "get", "propertyOrNull", "property", "getAsInt", "[]"):
        key = literal(call.arguments[0][1]) if call.arguments else None
        if key:
            yield Value("", call.source.path, call.line, key=key)
        for _, node in call.arguments[1:2]:
            yield from _resolve(program, At(node, call.source), depth + 1, seen)
        return
    if call.name in _TRANSPARENT:
        if call.on is not None and call.receiver not in ("Integer", "Optional", "Objects", "String", "new"):
            yield from _resolve(program, At(call.on, call.source), depth + 1, seen)
        for _, node in call.arguments:
            yield from _resolve(program, At(node, call.source), depth + 1, seen)
        return
    yield from _own_function(program, call, depth, seen)


def _own_function(program: Program, call: Call, depth: int, seen: frozenset[int]) -> Iterator[Value]:
    """What a function of the program returns; the texts it is given stand for its parameters only as variables."""
    for source, function in program.functions(call.name)[:2] if len(program.functions(call.name)) <= 2 else ():
        if function.end_byte - function.start_byte > 4000:
            continue
        for result in _returned(function):
            yield from _resolve(program, At(result, source), depth + 1, seen)


def _returned(function: Node) -> list[Node]:
    body = function.child_by_field_name("body") or next((child for child in function.named_children if child.type == "function_body"), None)
    if body is None:
        return []
    if body.type == "function_body" and body.named_children and body.named_children[0].type != "block":
        return [body.named_children[0]]
    found: list[Node] = []
    pending = [body]
    while pending:
        node = pending.pop()
        if node.type in ("return_statement", "return_expression", "jump_expression"):
            found.extend(node.named_children[-1:])
        elif node.type not in ("lambda_expression", "class_declaration"):
            pending.extend(reversed(node.named_children))
    return found[:6]


def variable_of(program: Program, call: Call) -> str | None:
    """The environment variable that a call reads."""
    direct = call.name in GETENV and call.receiver in ("System", "", "java.lang.System") and bool(call.arguments)
    of_map = call.name in ("get", "getOrDefault", "[]", "getValue", "containsKey") and re.search(r"getenv\(\)$|(?i:dotenv)$|^env$", call.receiver)
    if not (direct or of_map) or not call.arguments:
        return None
    if call.name in ("getEnv", "env") and not program.functions(call.name):
        return None
    node = call.arguments[0][1]
    name = literal(node) or next((value.text for value in resolve(program, node, call.source) if value.text), None)
    return name if name and re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{1,80}", name) else None
