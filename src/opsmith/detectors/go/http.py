"""HTTP routes of a program: the health check among them, and where metrics are read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from opsmith.detectors.go.program import Expression, Program
from opsmith.detectors.go.source import arguments, callee, function_of, line, literal, name_of, parameters, text
from opsmith.detectors.go.values import Resolver

if TYPE_CHECKING:
    from tree_sitter import Node

_VERBS = frozenset(
    (
        "HandleFunc",
        "Handle",
        "HandlerFunc",
        "GET",
        "Get",
        "HEAD",
        "Head",
        "Any",
        "All",
        "Path",
        "Route",
        "Method",
        "MethodFunc",
        "Match",
        "Add",
        "Handler",
    )
)
_GROUPS = frozenset(("Group", "Route", "PathPrefix", "Party", "Mount"))
_HEALTH = (
    "healthz", "health", "_healthz", "_health", "health-check", "healthcheck", "health_check", "livez", "liveness", "live", "alive",
    "readyz", "readiness",
    "ready", "heartbeat", "ping", "up",
)  # fmt: skip
_METRICS = re.compile(
    r"promhttp\.|prometheus\.(?:Uninstrumented)?Handler\(|echoprometheus\.NewHandler|metrics\.Handler|WritePrometheus|promHandler|prometheusHandler"
)
_FIXED_METRICS = ("github.com/zsais/go-gin-prometheus", "github.com/mcuadros/go-gin-prometheus", "github.com/Depado/ginprom")


@dataclass(frozen=True, slots=True)
class Route:
    path: str
    handler: str
    file: str
    line: int


def routes(program: Program, resolver: Resolver) -> tuple[Route, ...]:
    return tuple(route for call in program.called(*sorted(_VERBS)) for route in _routes(call, program, resolver))


def health(found: tuple[Route, ...], program: Program) -> Route | None:
    ranked = [(_HEALTH.index(word), route.path.count("/"), index) for index, route in enumerate(found) if (word := _last_word(route.path)) in _HEALTH]
    if ranked:
        return found[min(ranked)[2]]
    return next(iter(_from_middleware(program)), None)


def metrics(found: tuple[Route, ...], program: Program) -> Route | None:
    for route in found:
        if _METRICS.search(route.handler):
            return route
    for source in program.sources:
        if any(path.startswith(_FIXED_METRICS) for path in source.imported):
            return Route("/metrics", "", source.path, 1)
    for call in program.called("RegisterAt"):
        given = arguments(call.node)
        if len(given) > 1 and (path := literal(given[1])):
            return Route(path, "", call.source.path, line(call.node))
    return None


def _last_word(path: str) -> str:
    return path.rstrip("/").rpartition("/")[2].lower() if not re.search(r"[{:*<]", path) else ""


def _from_middleware(program: Program) -> Iterator[Route]:
    for call in program.called("Heartbeat"):
        for node in arguments(call.node)[:1]:
            if (path := literal(node)) is not None:
                yield Route(path, "", call.source.path, line(call.node))
    for source in program.sources:
        if any(path.startswith("github.com/gofiber/fiber") and path.endswith("middleware/healthcheck") for path in source.imported):
            yield Route("/livez", "", source.path, 1)


def _routes(call: Expression, program: Program, resolver: Resolver) -> Iterator[Route]:
    given = arguments(call.node)
    operand, verb = callee(call.node)
    position = 1 if verb in ("Method", "MethodFunc", "Match", "Add", "Handler", "HandlerFunc") and len(given) > 2 else 0
    if not operand or len(given) <= position or (verb in ("Get", "Path", "Head") and len(given) == 1 and verb != "Path"):
        return
    for path in _paths(Expression(given[position], call.source), resolver)[:2]:
        for prefix in _prefixes(operand, call, program, resolver, 0)[:2]:
            handler = " ".join(text(node)[:300] for node in given[position + 1 :]) or _chained(call.node)
            yield Route(_joined(prefix, path), handler, call.source.path, line(call.node))


def _chained(node: Node) -> str:
    """The text of `.Handler(...)` after `.Path("/x")`."""
    outer = node.parent.parent if node.parent is not None else None
    return text(outer)[:300] if outer is not None and outer.type == "call_expression" else ""


def _paths(at: Expression, resolver: Resolver) -> list[str]:
    """The literal path; through a call that only puts a prefix before it, too. A method before the path (`GET /x`) is cut."""
    inner = at
    if at.node.type == "call_expression" and not resolver.texts(at):
        given = [node for node in arguments(at.node) if literal(node)]
        inner = Expression(given[0], at.source) if len(given) == 1 else at
    elif at.node.type == "call_expression":
        given = [node for node in arguments(at.node) if (literal(node) or "").startswith("/")]
        inner = Expression(given[0], at.source) if given and callee(at.node)[1] != "Sprintf" else at
    found = (value.partition(" ")[2].strip() if re.match(r"[A-Z]+ ", value) else value for value in resolver.texts(inner))
    return [path for path in dict.fromkeys(found) if path.startswith("/") or path == "" or re.fullmatch(r"[\w-]+", path)]


def _prefixes(operand: str, at: Expression, program: Program, resolver: Resolver, depth: int) -> list[str]:
    """What a router variable puts before its routes: groups, sub-routers, and the groups that callers hand in."""
    function = function_of(at.node)
    if depth > 4 or function is None:
        return [""]
    nested = _enclosing_route(operand, at, program, resolver, depth)
    if nested is not None:
        return nested
    made = [
        item
        for item in program.locals.get((at.source.path, operand), ())
        if function.start_byte <= item.node.start_byte < function.end_byte and item.node.start_byte < at.node.start_byte
    ]
    for item in made[-1:]:
        return _group(item, program, resolver, depth)
    position = next((index for index, (name, _) in enumerate(parameters(function)) if name == operand), None)
    if position is None:
        return [""]
    found: list[str] = []
    for call in program.calls.get(name_of(function), ())[:4]:
        given = arguments(call.node)
        if position < len(given):
            node = given[position]
            found += (
                _group(Expression(node, call.source), program, resolver, depth)
                if node.type == "call_expression"
                else _prefixes(text(node), call, program, resolver, depth + 1)
            )
    return list(dict.fromkeys(found)) or [""]


def _group(item: Expression, program: Program, resolver: Resolver, depth: int) -> list[str]:
    """What `r.Group("/api").Group("/v1")`, or another chain of calls on a router, puts before its routes."""
    if item.node.type != "call_expression":
        return [""]
    operand, name = callee(item.node)
    function = item.node.child_by_field_name("function")
    receiver = function.child_by_field_name("operand") if function is not None else None
    if receiver is not None and receiver.type == "call_expression":
        before = _group(Expression(receiver, item.source), program, resolver, depth)
    else:
        before = _prefixes(operand, item, program, resolver, depth + 1) if operand and operand not in item.source.imports else [""]
    given = arguments(item.node)
    inner = _paths(Expression(given[0], item.source), resolver)[:1] if name in _GROUPS and given else []
    return [_joined(prefix, path) if path else prefix for prefix in before for path in inner or [""]]


def _enclosing_route(operand: str, at: Expression, program: Program, resolver: Resolver, depth: int) -> list[str] | None:
    """`r.Route("/api", func(r chi.Router) { ... })`: the prefix of the closure that `operand` is the parameter of."""
    node = at.node.parent
    while node is not None and node.type not in ("function_declaration", "method_declaration"):
        outer = node.parent.parent if node.parent is not None else None
        if (
            node.type == "func_literal"
            and any(name == operand for name, _ in parameters(node))
            and outer is not None
            and outer.type == "call_expression"
        ):
            receiver, name = callee(outer)
            given = arguments(outer)
            before = _prefixes(receiver, Expression(outer, at.source), program, resolver, depth + 1)
            if name in _GROUPS and given and given[0].type != "func_literal":
                inner = _paths(Expression(given[0], at.source), resolver)[:1] or [""]
                return [_joined(prefix, path) for prefix in before for path in inner]
            return before if name in _GROUPS else None
        node = node.parent
    return None


def _joined(prefix: str, path: str) -> str:
    parts = [part.strip("/") for part in (prefix, path) if part.strip("/")]
    return "/" + "/".join(parts)
