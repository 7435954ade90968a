"""Paths that a web application answers: health checks and metrics, with the prefixes of the routers around them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from opsmith.detectors.python.source import Function, Module, Source, argument, text_of
from opsmith.detectors.python.values import resolve
from opsmith.detectors.python.wrappers import compared
from opsmith.model.survey import Evidence

_HEALTH_ORDER = (
    "healthz", "health", "health-check", "healthcheck", "livez", "liveness", "alive", "live", "readyz", "readiness", "ready", "heartbeat",
    "lbheartbeat", "up", "status", "ping",
)  # fmt: skip
_ROUTERS = (
    "fastapi.APIRouter",
    "fastapi.routing.APIRouter",
    "flask.Blueprint",
    "quart.Blueprint",
    "sanic.Blueprint",
    "apiflask.APIBlueprint",
    "ninja.Router",
)
_VERBS = ("get", "route", "api_route", "add_api_route", "add_url_rule", "add_route", "add_get", "add_resource", "head")
_INCLUDES = ("include_router", "register_blueprint", "blueprint", "add_router", "register")
_URL_FUNCTIONS = ("path", "re_path", "url")
_DEPTH = 6


@dataclass(frozen=True, slots=True)
class Route:
    path: str
    module: Module
    node: ast.AST
    handler: Function | None = None
    confidence: float = 0.85


def routes(source: Source, scope: frozenset[str] | None) -> list[Route]:
    """Routes without parameters of the modules in `scope` (None = all), full paths where the prefixes can be told."""
    modules = [module for module in source.modules() if scope is None or module.path in scope]
    found = [route for module in modules for route in _declared(source, module)]
    wrapped = [Route(path, module, node, confidence=0.7) for path, module, node in compared(source, modules) if _rank(path) is not None]
    return [*found, *_django(source, modules), *wrapped]


def health(found: list[Route]) -> tuple[str, Evidence] | None:
    """The best health path: by its name, then the shortest; else a `/` that answers with a constant."""
    ranked = sorted(
        ((_rank(route.path), route) for route in found if _rank(route.path) is not None), key=lambda item: (item[0], -_version(item[1].path))
    )
    if ranked:
        route = ranked[0][1]
        return route.path, route.module.evidence(route.node, f"answers {route.path}", route.confidence)
    plain = next((route for route in found if route.path == "/" and route.handler is not None and _is_constant(route.handler)), None)
    return ("/", plain.module.evidence(plain.node, "answers / with a constant", 0.6)) if plain else None


def _rank(path: str) -> tuple[int, int] | None:
    if any(char in path for char in "{<*(:"):
        return None
    last = path.rstrip("/").rpartition("/")[2].strip("_").lower().replace("_", "-")
    parts = [part.strip("_").lower() for part in path.strip("/").split("/")]
    if last in _HEALTH_ORDER:
        return _HEALTH_ORDER.index(last), len(parts)
    if len(parts) > 1 and parts[-2] in ("health", "healthz", "healthcheck") and last in ("check", "db", "app", "simple", "index"):
        return len(_HEALTH_ORDER), len(parts)
    return None


def _version(path: str) -> int:
    match = re.search(r"/v(\d{1,3})(?:/|$)", path)
    return int(match[1]) if match else 0


def _is_constant(handler: Function) -> bool:
    """Whether the function only returns a literal, with no parameters that could fail."""
    body = [node for node in handler.body if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))]
    if len(body) != 1 or not isinstance(body[0], ast.Return) or handler.args.args or handler.args.kwonlyargs:
        return False
    return body[0].value is not None and all(
        isinstance(node, (ast.Constant, ast.Dict, ast.List, ast.Tuple, ast.expr_context)) for node in ast.walk(body[0].value)
    )


# -- Flask, FastAPI, Starlette, aiohttp ... ----------------------------------------------------------------------------------------------


def _declared(source: Source, module: Module) -> Iterator[Route]:
    for call in module.calls:
        verb = call.func.attr if isinstance(call.func, ast.Attribute) else module.called(call).rpartition(".")[2]
        if verb in _VERBS and isinstance(call.func, ast.Attribute):
            yield from _route(source, module, call, call.func.value, verb)
        elif module.called(call) in ("starlette.routing.Route", "fastapi.routing.APIRoute", "aiohttp.web.get", "litestar.get"):
            path = text_of(argument(call, "path", 0))
            if path and path.startswith("/"):
                yield Route(path, module, call)


def _route(source: Source, module: Module, call: ast.Call, holder: ast.expr, verb: str) -> Iterator[Route]:
    positions = (1, 2) if verb == "add_resource" else (0,)
    for position in positions:
        path = resolve(source, module, argument(call, "path" if position == 0 else "", position) or argument(call, "rule")).text
        if path is None or not (path.startswith("/") or path == ""):
            continue
        if verb in ("route", "api_route") and not _answers_get(call):
            continue
        function = module.parents.get(call)
        handler = function if isinstance(function, Function) and call in function.decorator_list else None
        for prefix in _prefixes(source, module, holder):
            yield Route((prefix + path) or "/", module, call, handler)


def _answers_get(call: ast.Call) -> bool:
    methods = argument(call, "methods")
    return not isinstance(methods, (ast.List, ast.Tuple, ast.Set)) or any((text_of(item) or "").upper() == "GET" for item in methods.elts)


def _prefixes(source: Source, module: Module, holder: ast.expr, depth: int = 0) -> list[str]:
    """Everything that may stand before a route of the router `holder`; [""] for the application itself."""
    own = _own_prefix(source, module, holder)
    if own is None or depth > _DEPTH:
        return [""] if own is None else [own]
    name = holder.id if isinstance(holder, ast.Name) else ""
    found = [
        before + given + own
        for parent, call in _inclusions(source, module, name)
        for given in (_given_prefix(source, parent, call),)
        if isinstance(call.func, ast.Attribute)
        for before in _prefixes(source, parent, call.func.value, depth + 1)
    ]
    return list(dict.fromkeys(found)) or [own]


def _own_prefix(source: Source, module: Module, holder: ast.expr) -> str | None:
    """The prefix a router was made with; None when `holder` is no router."""
    for value in module.assigns.get(holder.id, ()) if isinstance(holder, ast.Name) else ():
        if isinstance(value, ast.Call) and (module.called(value) in _ROUTERS or module.called(value).endswith(("APIRouter", "Blueprint"))):
            given = argument(value, "prefix") or argument(value, "url_prefix")
            return resolve(source, module, given).text or "" if given is not None else ""
    return "" if isinstance(holder, ast.Name) and _inclusions(source, module, holder.id) else None


def _inclusions(source: Source, module: Module, name: str) -> list[tuple[Module, ast.Call]]:
    """Where the router `name` of `module` is put into another router or application."""
    if not source.inclusions:
        for parent in source.modules():
            for call in parent.calls:
                part = _included_part(call)
                if part is not None:
                    source.inclusions.setdefault(_meaning(source, parent, part), []).append((parent, call))
        source.inclusions.setdefault(("", ""), [])
    return source.inclusions.get((module.path, name), [])


def _included_part(call: ast.Call) -> ast.expr | None:
    if not isinstance(call.func, ast.Attribute):
        return None
    if call.func.attr == "mount":
        return argument(call, "app", 1)
    return argument(call, "router", 0) if call.func.attr in _INCLUDES else None


def _meaning(source: Source, parent: Module, node: ast.expr) -> tuple[str, str]:
    """File and name of the router that an expression means."""
    qualified = parent.qualified(node)
    if "." not in qualified:
        return parent.path, qualified
    found = source.find(qualified, parent.path)
    return (found[0].path, found[1]) if found else ("", "")


def _given_prefix(source: Source, parent: Module, call: ast.Call) -> str:
    given = argument(call, "prefix") or argument(call, "url_prefix")
    if isinstance(call.func, ast.Attribute) and call.func.attr == "mount":
        given = argument(call, "path", 0)
    return (resolve(source, parent, given).text or "") if given is not None else ""


# -- Django ------------------------------------------------------------------------------------------------------------------------------


def _django(source: Source, modules: list[Module]) -> list[Route]:
    """From the root urlconf down through include()."""
    for module in modules:
        for value in module.assigns.get("ROOT_URLCONF", ()):
            path = source.locate(text_of(value) or "", module.path)
            root = source.module(path) if path else None
            if root is not None:
                return list(_patterns(source, root, root.assigns.get("urlpatterns", []), "/", 0))
    return []


def _patterns(source: Source, module: Module, values: list[ast.expr], prefix: str, depth: int) -> Iterator[Route]:
    if depth > _DEPTH:
        return
    for value in values:
        for call in _entries(value):
            if module.called(call).rpartition(".")[2] not in _URL_FUNCTIONS or len(call.args) < 2:
                continue
            part = _pattern(source, module, call)
            if part is None:
                continue
            target = call.args[1]
            if isinstance(target, ast.Call) and module.called(target).rpartition(".")[2] == "include":
                yield from _included(source, module, target, prefix + part, depth)
            else:
                yield Route(prefix + part, module, call)


def _entries(value: ast.expr) -> Iterator[ast.Call]:
    for item in value.elts if isinstance(value, (ast.List, ast.Tuple)) else (value,):
        if isinstance(item, ast.BinOp):
            yield from _entries(item.left)
            yield from _entries(item.right)
        elif isinstance(item, ast.Call):
            yield item
            for inner in item.args:
                if isinstance(inner, (ast.List, ast.Tuple)):
                    yield from _entries(inner)


def _pattern(source: Source, module: Module, call: ast.Call) -> str | None:
    text = resolve(source, module, call.args[0]).text
    if text is None:
        return None
    if module.called(call).rpartition(".")[2] == "path":
        return text
    return text.removeprefix("^").removesuffix("$").removesuffix("\\Z").replace("\\", "")


_PACKAGED_URLS = {"health_check.urls": "", "django_prometheus.urls": "metrics", "django_health_check.urls": ""}


def _included(source: Source, module: Module, call: ast.Call, prefix: str, depth: int) -> Iterator[Route]:
    target = call.args[0] if call.args else None
    if isinstance(target, ast.Tuple) and target.elts:
        target = target.elts[0]
    name = text_of(target) or (module.qualified(target) if isinstance(target, (ast.Name, ast.Attribute)) else "")
    if name in _PACKAGED_URLS:
        yield Route(prefix + _PACKAGED_URLS[name], module, call)
    elif isinstance(target, ast.Name) and target.id in module.assigns:
        yield from _patterns(source, module, module.assigns[target.id], prefix, depth + 1)
    elif path := source.locate(name, module.path) if name else None:
        inner = source.module(path)
        if inner is not None:
            yield from _patterns(source, inner, inner.assigns.get("urlpatterns", []), prefix, depth + 1)
