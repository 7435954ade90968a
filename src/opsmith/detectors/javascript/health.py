"""The path that tells whether the program works, as its routes declare it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from opsmith.detectors.javascript.facts import Found, found, shorten
from opsmith.detectors.javascript.plainroutes import plain_routes
from opsmith.detectors.javascript.source import Module, Sources
from opsmith.detectors.javascript.syntax import arguments, callee, entries, line, method, receiver, string_value, text

if TYPE_CHECKING:
    from tree_sitter import Node

_WORDS = (
    "healthz", "health", "_health", "healthcheck", "health-check", "health_check", "_healthz", "livez", "liveness", "live", "alive", "isalive",
    "readyz", "readiness", "ready", "ping", "heartbeat", "status", "up",
)  # fmt: skip
_SURE = 9
"""So many of the words mean nothing but a health check."""
_ROUTE_METHODS = frozenset(("get", "all", "head", "route", "use", "on", "any", "GET"))
_DEPTH = 5


@dataclass(frozen=True, slots=True)
class Route:
    path: str
    file: str
    line: int
    shows: str
    certain: bool = True
    """False when a prefix could not be followed."""


def rank(path: str) -> tuple[int, int, str] | None:
    """How good a health path it is, best first; None when it is none."""
    words = [word.lower() for word in path.split("/") if word]
    if not words or any(char in path for char in ":*{}$?[("):
        return None
    for word in words[-2:][::-1]:
        if word in _WORDS:
            place = _WORDS.index(word)
            sure = place < _SURE
            return (0 if sure else 1, len(words), f"{place:02} {path}") if sure or len(words) <= 2 else None
    return None


def choose(routes: list[Route]) -> Found[str] | None:
    ranked = [(position, not route.certain, route) for route in routes if (position := rank(route.path)) is not None]
    if not ranked:
        return None
    (place, _, _), _, best = min(ranked, key=lambda item: item[:2])
    confidence = (0.9 if place == 0 else 0.6) - (0.0 if best.certain else 0.3)
    return found(best.path, best.file, best.line, best.shows, confidence)


def grpc_health(sources: Sources) -> Found[str] | None:
    for module in sources.modules(b"ealth"):
        for call in module.calls:
            target = text(callee(call))
            if method(call) == "addService" and re.search(r"(?i)health", text(next(iter(arguments(call)), None))):
                return found("grpc", module.path, line(call), text(call), 0.95)
            if target in ("HealthImplementation", "addHealthToServer") or (method(call) == "addToServer" and "ealth" in target):
                return found("grpc", module.path, line(call), text(call), 0.9)
    return None


def declared_routes(sources: Sources) -> list[Route]:
    """Routes of express, koa, fastify, hono and their like that look like health checks, with their prefixes."""
    mounts = _Mounts(sources)
    return [route for module in sources.modules() for route in _in_module(mounts, module)]


def _in_module(mounts: _Mounts, module: Module) -> Iterator[Route]:
    for call, name in module.named_calls():
        path = _path_of(call, name) if name in _ROUTE_METHODS else None
        if path is None or rank(path if path.startswith("/") else "/" + path) is None:
            continue
        prefix = mounts.prefix(module, text(receiver(call)))
        whole = "/" + (prefix + "/" + path).strip("/").replace("//", "/")
        yield Route(whole, module.path, line(call), shorten(text(call), 80))
    yield from _terminus(module)
    for path, node in plain_routes(module):
        yield Route(path, module.path, line(node), shorten(text(node.parent), 80))


def _path_of(call: Node, name: str) -> str | None:
    given = arguments(call)
    if receiver(call) is None or not given:
        return None
    if given[0].type == "object":
        options = entries(given[0])
        verb = text(options.get("method"))
        return string_value(options.get("url") or options.get("path")) if name == "route" and ("GET" in verb.upper() or not verb) else None
    path = string_value(given[0])
    if path is None and given[0].type == "array":
        path = next((value for item in given[0].named_children if (value := string_value(item)) and rank(value)), None)
    return path if path and (path.startswith("/") or name == "use") and (len(given) > 1 or name == "route") else None


def _terminus(module: Module) -> Iterator[Route]:
    """createTerminus(server, { healthChecks: { "/healthcheck": … } })."""
    for call, name in module.named_calls():
        if name == "createTerminus":
            for argument in arguments(call):
                for path in entries(entries(argument).get("healthChecks")):
                    yield Route(path, module.path, line(call), f"createTerminus: {path}")


class _Mounts:
    """Under which prefix each router is mounted. Built once for a component: from (file, local name) or from a file."""

    def __init__(self, sources: Sources) -> None:
        self.sources = sources
        self.of_name: dict[tuple[str, str], tuple[str, Module, str]] = {}
        self.of_file: dict[str, tuple[str, Module, str]] = {}
        for module in sources.modules():
            for call, name in module.named_calls():
                if name in ("use", "route", "register"):
                    self._note(module, call, name)

    def _note(self, module: Module, call: Node, name: str) -> None:
        given = arguments(call)
        owner = text(receiver(call))
        if name in ("use", "route") and len(given) > 1:
            prefix = string_value(given[0])
            if prefix and prefix.startswith("/"):
                self._mount(module, given[-1], prefix, owner)
        elif name == "register" and given:
            prefix = string_value(entries(given[1]).get("prefix")) if len(given) > 1 else None
            self._mount(module, given[0], prefix or "", owner)
        elif name == "use" and given:
            self._mount(module, given[0], "", owner)

    def _mount(self, module: Module, target: Node, prefix: str, owner: str) -> None:
        name = _first_name(target)
        imported = module.imports.get(name)
        specifier = imported.specifier if imported else _required_here(target)
        path = self.sources.resolve(module, specifier) if specifier else None
        if path is not None and path != module.path:
            known = self.of_file.get(path)
            if known is None or len(known[0]) < len(prefix):
                self.of_file[path] = (prefix, module, owner)
        elif name and name != owner:
            self.of_name.setdefault((module.path, name), (prefix, module, owner))

    def prefix(self, module: Module, name: str, depth: int = _DEPTH) -> str:
        if depth <= 0:
            return ""
        own = _router_option(module, name)
        mounted = self.of_name.get((module.path, name)) or self.of_file.get(module.path)
        if mounted is None:
            return own
        prefix, owner, owner_name = mounted
        return self.prefix(owner, owner_name, depth - 1) + prefix + own


def _first_name(node: Node) -> str:
    while node.type in ("call_expression", "member_expression"):
        inner = node.child_by_field_name("function") or node.child_by_field_name("object")
        if inner is None:
            break
        node = inner
    return text(node) if node.type == "identifier" else ""


def _required_here(node: Node, depth: int = 3) -> str | None:
    inner = node.child_by_field_name("function") if node.type == "call_expression" else None
    if node.type == "call_expression" and text(inner) in ("require", "import"):
        return string_value(next(iter(arguments(node)), None))
    return _required_here(inner, depth - 1) if depth and inner is not None and inner.type == "call_expression" else None


def _router_option(module: Module, name: str) -> str:
    """new Router({ prefix: "/api" }), new Hono().basePath("/api")."""
    made: Mapping[str, Node] = module.names
    node = made.get(name)
    if node is None or node.type not in ("new_expression", "call_expression"):
        return ""
    if method(node) == "basePath":
        return string_value(next(iter(arguments(node)), None)) or ""
    return string_value(entries(next(iter(arguments(node)), None)).get("prefix")) or ""
