"""HTTP routes that code states, and the health check among them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from opsmith.detectors.jvm.program import Program, initial
from opsmith.detectors.jvm.source import Call, Mark, ancestors, call_of, head, literal, text

if TYPE_CHECKING:
    from tree_sitter import Node

_VERBS = ("get", "GET", "route", "handle", "path", "healthcheck", "registerHealthCheck", "createContext", "service", "head", "any", "bind")
_GROUPS = frozenset(("route", "path", "group", "nest", "mount", "subRouter"))
_GET_MARKS = ("GetMapping", "RequestMapping", "Get", "Path", "GET", "WebServlet", "Route", "GetExchange")
_CLASS_MARKS = frozenset(("RequestMapping", "Path", "Controller", "Route", "ApplicationPath"))
_HEALTH = (
    "healthz", "health", "_health", "health-check", "healthcheck", "health_check", "livez", "liveness", "live", "alive", "readyz", "readiness",
    "ready", "heartbeat", "ping", "up", "status", "isalive", "isready",
)  # fmt: skip
_METRICS = re.compile(r"\.scrape\(|PrometheusMeterRegistry|CollectorRegistry|TextFormat|MetricsServlet|MetricsHandler|PrometheusScrapingHandler")


@dataclass(frozen=True, slots=True)
class Route:
    path: str
    file: str
    line: int
    handler: str = ""


def routes(program: Program) -> tuple[Route, ...]:
    return (*_called(program), *_marked(program))


def health(found: tuple[Route, ...]) -> Route | None:
    """The route whose last word speaks of health, the shortest first."""
    ranked = [(_HEALTH.index(word), route.path.count("/"), index) for index, route in enumerate(found) if (word := _last(route.path)) in _HEALTH]
    return found[min(ranked)[2]] if ranked else None


def metrics(found: tuple[Route, ...]) -> Route | None:
    """A route that answers with what a Prometheus registry has gathered."""
    return next((route for route in found if _METRICS.search(route.handler)), None)


def _last(path: str) -> str:
    return "" if re.search(r"[{:*<]", path) else path.rstrip("/").rpartition("/")[2].lower()


def _called(program: Program) -> Iterator[Route]:
    for call in program.called(*_VERBS):
        if not call.arguments or call.receiver.endswith(("client", "Client", "restTemplate", "Paths", "Path", "System.getenv()", "map", "headers")):
            continue
        path = _path(program, call.arguments[0][1])
        if path is None or (call.name in _GROUPS and not _ends_here(call)):
            continue
        whole = _joined(*reversed([*_prefixes(program, call)][:6]), path)
        around = call.node.parent if call.node.parent is not None else call.node
        yield Route(whole, call.source.path, call.line, head(around, call.source, 600))


def _ends_here(call: Call) -> bool:
    """Whether something that only begins other routes elsewhere is a route itself: a handler stands in it, or a handler follows."""
    return len(call.arguments) > 1 or (call.name == "route" and call.source.language == "java")


def _path(program: Program, node: Node) -> str | None:
    value = literal(node)
    if value is None and node.type == "identifier":
        declared = program.variables(text(node))
        value = literal(initial(declared[0][1])) if len(declared) == 1 else None
    if value is None or not re.fullmatch(r"/?[\w/.{}:*-]{0,100}", value):
        return None
    return value


def _prefixes(program: Program, call: Call) -> Iterator[str]:
    """What the groups around a route put before it, the nearest first."""
    for above in ancestors(call.node):
        if above.type in ("method_invocation", "call_expression"):
            inner = above.named_children[0] if above.type == "call_expression" and above.named_children else above
            outer = call_of(inner if inner.type == "call_expression" else above, call.source)
            if outer is not None and outer.node.id != call.node.id and outer.name in _GROUPS and outer.arguments:
                path = _path(program, outer.arguments[0][1])
                if path is not None:
                    yield path


def _marked(program: Program) -> Iterator[Route]:
    for source, mark in program.marked(*_GET_MARKS):
        if mark.owner is None or (mark.owner.type in ("class_declaration", "interface_declaration") and mark.name != "WebServlet"):
            continue
        beside = program.marks_on(mark.owner)
        if mark.name == "Path" and not any(other.name == "GET" for other in beside):
            continue
        if mark.name == "GET" and any(other.name == "Path" for other in beside):
            continue
        for path in _mark_paths(program, mark)[:4] or [""]:
            prefixes = _class_paths(program, mark) or [""]
            yield Route(_joined(prefixes[0], path), source.path, mark.line, head(mark.owner, source, 600))


def _mark_paths(program: Program, mark: Mark) -> list[str]:
    found: list[str] = []
    for label, node in mark.arguments:
        if label in ("", "value", "path", "uri", "urlPatterns"):
            inner = node.named_children if node.type in ("element_value_array_initializer", "collection_literal", "array_initializer") else [node]
            found += [path for item in inner if (path := _path(program, item)) is not None]
    return found


def _class_paths(program: Program, mark: Mark) -> list[str]:
    for above in ancestors(mark.node):
        if above.type == "class_declaration" and (mark.owner is None or above.id != mark.owner.id):
            for other in program.marks_on(above):
                if other.name in _CLASS_MARKS:
                    return _mark_paths(program, other)
    return []


def _joined(*parts: str) -> str:
    return "/" + "/".join(part.strip("/") for part in parts if part.strip("/"))
