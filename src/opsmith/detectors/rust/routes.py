"""HTTP routes of a program: the health check among them, and where metrics are read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from opsmith.detectors.rust.program import Expression, Program
from opsmith.detectors.rust.source import ancestors, arguments, attribute_name, attribute_tokens, callee, function_of, literal, name_of, text
from opsmith.detectors.rust.values import Resolver

if TYPE_CHECKING:
    from tree_sitter import Node

_ADDS = frozenset(
    (
        "route",
        "api_route",
        "api_route_with",
        "route_with",
        "at",
        "resource",
        "route_service",
        "with_path",
        "typed_get",
        "route_with_tsr",
        "service_resource",
        "handle",
    )
)
_GROUPS = frozenset(("nest", "scope", "nest_service", "mount", "with_path", "at", "prefix", "nest_no_strip", "nest_api_service"))
_VERBS = frozenset(("get", "head", "route", "endpoint", "handler", "api"))
_HEALTH = (
    "healthz", "health", "_healthz", "_health", "health-check", "healthcheck", "health_check", "livez", "liveness", "live", "alive",
    "readyz", "readiness", "ready", "heartbeat", "ping", "up", "lbheartbeat", "__heartbeat__", "__lbheartbeat__",
)  # fmt: skip
_COMPARED = re.compile(rb'\(\s*&?(?:\w+::)*Method::GET\s*,\s*(?:Some\()?"(/[^"\n{}*]{0,60})"')
_WARP = re.compile(rb'(?:warp::path!?|\bpath!)\(\s*"([^"\n]{1,60})"')
_DEEPEST = 5


@dataclass(frozen=True, slots=True)
class Route:
    path: str
    handler: str
    file: str
    line: int


def routes(program: Program, resolver: Resolver) -> tuple[Route, ...]:
    return (*_by_calls(program, resolver), *_by_attributes(program, resolver), *_by_text(program))


def health(found: tuple[Route, ...]) -> Route | None:
    ranked = [(_HEALTH.index(word), route.path.count("/"), index) for index, route in enumerate(found) if (word := _last_word(route.path)) in _HEALTH]
    return found[min(ranked)[2]] if ranked else None


def _last_word(path: str) -> str:
    """What a path ends in; "" for one with parameters, and for one deep below something else, which asks about that."""
    parts = path.strip("/").lower().split("/")
    of_another = len(parts) > 3 and not re.fullmatch(r"api|v\d+|_?internal|_?system|_?status|_?admin|public|actuator", parts[-2])
    return "" if of_another or re.search(r"[{:*<]", path) else parts[-1]


def _by_calls(program: Program, resolver: Resolver) -> Iterator[Route]:
    """`.route("/health", get(handler))`, `web::resource("/health")`, `.at("/health")`, `Router::with_path("health")`."""
    for call in program.called(*sorted(_ADDS)):
        given = arguments(call.node)
        path = next(iter(resolver.texts(Expression(given[0], call.source))), None) if given else None
        name = callee(call.node)[2]
        if path is None or len(path) > 200 or not (path.startswith("/") or path == "" or (name == "with_path" and re.fullmatch(r"[\w/.-]+", path))):
            continue
        handler = " ".join(text(node)[:300] for node in given[1:])
        yield Route(_whole(call, path, program, resolver), handler, call.source.path, call.line)


def _by_attributes(program: Program, resolver: Resolver) -> Iterator[Route]:
    """`#[get("/health")] async fn health()`, in actix-web and Rocket."""
    for source in program.sources:
        for attribute in source.syntax("attribute"):
            if attribute_name(attribute) not in _VERBS:
                continue
            told = next((value for token in attribute_tokens(attribute) if (value := literal(token)) and value.startswith("/")), None)
            function = attribute.next_named_sibling
            while function is not None and function.type in ("attribute_item", "line_comment", "block_comment"):
                function = function.next_named_sibling
            if told is not None and function is not None and function.type == "function_item":
                name = name_of(function)
                prefix = _of_mentions(name, _module(source.path), program, resolver, 0)
                yield Route(_joined(prefix, told.partition("?")[0]), name, source.path, source.line(attribute))


def _by_text(program: Program) -> Iterator[Route]:
    """What hyper's services compare with, and warp's filters."""
    for source in program.sources:
        patterns = [*([_COMPARED] if program.uses("hyper", "hyper-util") else []), *([_WARP] if program.uses("warp") else [])]
        for pattern in patterns:
            for match in pattern.finditer(source.data):
                line = source.data.count(b"\n", 0, match.start()) + 1
                yield Route(_joined("", match[1].decode("utf-8", "replace")), "", source.path, line)


def _whole(call: Expression, path: str, program: Program, resolver: Resolver) -> str:
    return _joined(_prefix(call, program, resolver, 0), path)


def _prefix(at: Expression, program: Program, resolver: Resolver, depth: int) -> str:
    """What groups put before the routes that are made at this place."""
    inner = _group_below(at.node, at, resolver)
    for above in ancestors(at.node):
        if above.type == "function_item":
            name = name_of(above)
            return (
                _joined(_of_mentions(name, _module(at.source.path), program, resolver, depth + 1), inner)
                if depth < _DEEPEST and name not in ("main", "m")
                else inner
            )
        if above.type == "call_expression" and _is_argument(at.node, above):
            own = _group_path(above, at, resolver) if len(arguments(above)) > 1 else ""
            inner = _joined(_joined(_group_below(above, at, resolver), own), inner)
        if above.type == "let_declaration" and depth < _DEEPEST:
            name = text(above.child_by_field_name("pattern")).removeprefix("mut ")
            return _joined(_of_variable(name, above, at, program, resolver, depth + 1), inner)
    return inner


def _group_below(call: Node, at: Expression, resolver: Resolver) -> str:
    """`/api` of `web::scope("/api").route(..)`: what the innermost receiver of a chain was made with."""
    current = callee(call)[0]
    for _ in range(200):
        if current is None:
            return ""
        if current.type == "call_expression":
            receiver, _, name = callee(current)
            if receiver is None:
                return _group_path(current, at, resolver) if name in ("scope", "with_path") else ""
            current = receiver
        else:
            current = current.named_children[0] if current.type in ("try_expression", "parenthesized_expression") and current.named_children else None
    return ""


def _group_path(call: Node, at: Expression, resolver: Resolver) -> str:
    given = arguments(call)
    if callee(call)[2] not in _GROUPS or not given:
        return ""
    return next((path for path in resolver.texts(Expression(given[0], at.source)) if re.fullmatch(r"[\w/.-]*", path)), "")


def _is_argument(node: Node, call: Node) -> bool:
    found = call.child_by_field_name("arguments")
    return found is not None and found.start_byte <= node.start_byte and node.end_byte <= found.end_byte


def _of_variable(name: str, declared: Node, at: Expression, program: Program, resolver: Resolver, depth: int) -> str:
    """The groups that a router variable is put into later in the same function."""
    function = function_of(declared)
    end = function.end_byte if function is not None else 0
    for call in program.called(*sorted(_GROUPS), "merge", "service"):
        later = call.source is at.source and declared.end_byte <= call.node.start_byte < end and depth < _DEEPEST
        if later and any(text(node) == name or text(node).startswith(f"{name}.") for node in arguments(call.node)):
            return _joined(_prefix(call, program, resolver, depth), _group_path(call.node, call, resolver))
    if function is not None and name_of(function) not in ("main", "m"):
        return _of_mentions(name_of(function), _module(at.source.path), program, resolver, depth)
    return ""


def _of_mentions(function: str, module: str, program: Program, resolver: Resolver, depth: int) -> str:
    """The groups around the first place where a function is called or handed on (`nest("/api", routes())`, `configure(routes)`)."""
    if depth > _DEEPEST or not function:
        return ""
    places = [place for place in program.handed.get(function, []) if _means(function, module, text(place.node.child_by_field_name("arguments")))]
    for place in sorted(places, key=lambda place: place.node.end_byte - place.node.start_byte)[:1]:
        found = _group_path(place.node, place, resolver) if len(arguments(place.node)) > 1 else ""
        return _joined(_prefix(place, program, resolver, depth), found)
    for call in [call for call in program.callers(function) if _means(function, module, text(call.node.child_by_field_name("function")))][:1]:
        return _prefix(call, program, resolver, depth)
    return ""


def _means(function: str, module: str, written: str) -> bool:
    """Whether a text that names a function means the one of this module: `health::router()`; without a path any will do."""
    found = re.search(rf"(?:(\w+)::)?\b{re.escape(function)}\b", written[:4000])
    return found is not None and (found[1] is None or not module or found[1] in (module, "self", "super", "crate"))


def _module(path: str) -> str:
    """What a path calls the functions of a file by; "" for a crate's own."""
    parts = path.split("/")
    stem = parts[-1].removesuffix(".rs")
    stem = parts[-2] if stem == "mod" and len(parts) > 1 else stem
    return "" if stem in ("lib", "main") else stem


def _joined(prefix: str, path: str) -> str:
    if not prefix.strip("/"):
        return "/" + path.lstrip("/")
    return "/" + "/".join(part for part in (prefix.strip("/"), path.strip("/")) if part)
