"""HTTP routes: which of them a health check asks, and where metrics are read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from opsmith.detectors.ruby.syntax import Source, ancestors, arguments, arrows, block, constant, literal, method, options, receiver, shown, text
from opsmith.model.survey import Evidence

if TYPE_CHECKING:
    from tree_sitter import Node

_HEALTH = (
    "up", "healthz", "health", "_healthz", "_health", "health-check", "health_check", "healthcheck", "livez", "liveness", "live", "alive", "readyz",
    "readiness", "ready", "heartbeat", "okcomputer", "ping", "status",
)  # fmt: skip
_ENGINES = {"OkComputer::Engine": "health", "HealthMonitor::Engine": "health", "Easymon::Engine": "health", "Healthcheck::Engine": "health",
            "HealthBit": "health", "Rails::HealthCheck": "health"}  # fmt: skip
_METRICS = re.compile(r"Yabeda::Prometheus::Exporter|Prometheus::Middleware::Exporter|PrometheusExporter::Middleware|Prometheus::Controller")


@dataclass(frozen=True, slots=True)
class Route:
    path: str
    target: str
    evidence: Evidence


def rails_routes(sources: Iterable[Source]) -> tuple[Route, ...]:
    return tuple(route for source in sources for call in source.calls("get", "match", "mount", "head") for route in _rails(source, call))


def _rails(source: Source, call: Node) -> Iterator[Route]:
    """`get "up" => "rails/health#show"`, `get "/ping", to: "ping#show"`, `mount Engine, at: "/health"`."""
    if receiver(call):
        return
    prefix = _prefix(call)
    for key, value in arrows(call):
        path, target = (literal(value), text(key)) if method(call) == "mount" else (literal(key), text(value))
        yield from _route(source, call, prefix, path, target)
    given = arguments(call)
    if given:
        named = options(call)
        if method(call) == "mount":
            yield from _route(source, call, prefix, literal(named.get("at")), text(given[0]))
        else:
            yield from _route(source, call, prefix, literal(given[0]), text(named.get("to")))


def _route(source: Source, call: Node, prefix: str, path: str | None, target: str) -> Iterator[Route]:
    if path is not None and ":" not in path and "*" not in path:
        whole = re.sub(r"\(\..*?\)", "", "/".join(part.strip("/") for part in (prefix, path) if part.strip("/")))
        yield Route("/" + whole, target, Evidence(file=source.path, line=source.line(call), shows=shown(call), confidence=0.9))


def _prefix(call: Node) -> str:
    """What `scope` and `namespace` around a route put before it."""
    parts: list[str] = []
    for above in ancestors(call):
        if above.type == "call" and method(above) in ("scope", "namespace", "route_prefix"):
            first = next((literal(node) for node in arguments(above)), None)
            path = literal(options(above).get("path")) if "path" in options(above) else first
            parts.append(path or "")
    return "/".join(part.strip("/") for part in reversed(parts) if part.strip("/"))


def sinatra_routes(sources: Iterable[Source], mounts: dict[str, str]) -> tuple[Route, ...]:
    """Routes of Sinatra, Grape and Hanami applications; `mounts` are the paths under which config.ru maps a class."""
    return tuple(
        route for source in sources for call in source.calls("get", "head") if not receiver(call) for route in _sinatra(source, call, mounts)
    )


def _sinatra(source: Source, call: Node, mounts: dict[str, str]) -> Iterator[Route]:
    given = arguments(call)
    path = literal(given[0]) if given else None
    if path is None or (block(call) is None and not options(call)):
        return
    owner = next((text(above.child_by_field_name("name")) for above in ancestors(call) if above.type == "class"), "")
    prefix = "/".join(part for part in (mounts.get(owner, ""), _namespaces(call)) if part)
    yield from _route(source, call, prefix, path, "")


def _namespaces(call: Node) -> str:
    """Grape's `resource :x`, `namespace` and `prefix`, sinatra-contrib's `namespace`, Hanami's `scope`."""
    parts = [
        next((literal(node) or "" for node in arguments(above)), "")
        for above in ancestors(call)
        if above.type == "call" and method(above) in ("namespace", "resource", "resources", "scope", "group", "segment")
    ]
    return "/".join(part.strip("/") for part in reversed(parts) if part.strip("/"))


def roda_routes(sources: Iterable[Source]) -> tuple[Route, ...]:
    """`r.get "health" do`, `r.is "up" do`, below `r.on "api" do`; `plugin :heartbeat`."""
    found: list[Route] = []
    for source in sources:
        for call in source.calls("get", "is"):
            given = arguments(call)
            path = literal(given[0]) if given and given[0].type == "string" and receiver(call) in ("r", "request", "routing") else None
            if path is not None:
                above = [
                    next((literal(node) or "" for node in arguments(item)), "")
                    for item in ancestors(call)
                    if item.type == "call" and method(item) == "on"
                ]
                found.extend(_route(source, call, "/".join(reversed(above)), path, ""))
        for call in source.calls("plugin"):
            if [literal(node) for node in arguments(call)][:1] == ["heartbeat"]:
                found.extend(_route(source, call, "", literal(options(call).get("path")) or "/heartbeat", "heartbeat"))
    return tuple(found)


def health(routes: Iterable[Route]) -> Route | None:
    """Rails' own check first, then engines made for it, then what is named so."""
    ranked = [(rank, route.path.count("/"), index, route) for index, route in enumerate(routes) if (rank := _rank(route)) is not None]
    return min(ranked, key=lambda item: item[:3])[3] if ranked else None


def _rank(route: Route) -> int | None:
    if "rails/health#show" in route.target:
        return -2
    if any(route.target.lstrip(":").startswith(engine) for engine in _ENGINES):
        return -1
    word = route.path.rpartition("/")[2].removesuffix(".json")
    return _HEALTH.index(word) if word in _HEALTH else None


def metrics(routes: Iterable[Route], sources: Iterable[Source]) -> Route | None:
    """A route to an exporter, or one that is used as middleware, whose path is /metrics unless it is told another."""
    for route in routes:
        if _METRICS.search(route.target):
            return route
    for source in sources:
        for call in source.calls("use", "insert_before", "insert_after") if source.holds(b"Prometheus") else ():
            if any(_METRICS.search(text(node)) and "Exporter" in text(node) for node in arguments(call)):
                path = literal(options(call).get("path")) or "/metrics"
                return Route(path, "", Evidence(file=source.path, line=source.line(call), shows=shown(call), confidence=0.9))
    return None


def superclasses(source: Source) -> Iterator[tuple[Node, str]]:
    """Each class with what it inherits from."""
    return ((node, constant(node)) for node in source.nodes("class"))
