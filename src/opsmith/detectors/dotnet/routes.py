"""Routes that answer whether the process is well: health checks, endpoints and controllers called so, and the gRPC health protocol."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from opsmith.detectors.dotnet.lines import line_calls
from opsmith.detectors.dotnet.program import Program, in_development
from opsmith.detectors.dotnet.source import Call, Source, argument, attributes, line, name_of, text, type_of
from opsmith.detectors.dotnet.values import Resolver
from opsmith.model.survey import Evidence

_HEALTH = re.compile(
    r"(?i)(?:^|/)_?(?:health(?:z|check|checks|-check|_check)?|hc|livez?|liveness|alive|readyz?|readiness|heartbeat|ping|up|status)(?:/[\w-]{1,20})?/?$"
)
_ORDER = (r"(?i)ready|readiness", r"(?i)/_?(?:health|hc|healthz|healthchecks?)/?$", r"(?i)health|hc", r"(?i)live|alive|liveness", r"")
_SHOWN_TO_PEOPLE = re.compile(r"(?i)ui(?:-api)?$|ui/")
_MAPS = ("MapGet", "Map", "MapMethods", "MapWhen")
_ENDPOINT_BASES = re.compile(r"Endpoint")
_MAX_DEPTH = 6


@dataclass(frozen=True, slots=True)
class Route:
    path: str
    file: str
    line: int
    shows: str
    library: bool
    """Mapped by the health check library, not by an endpoint that is only called so."""
    development: bool = False


def health(routes: list[Route]) -> Route | None:
    """The library's before others; whether it is ready before whether it lives."""
    ranked = sorted((route for route in routes if not route.development), key=lambda route: (not route.library, _rank(route)))
    return ranked[0] if ranked else None


def _rank(route: Route) -> int:
    return next(index for index, pattern in enumerate(_ORDER) if re.search(pattern, route.path))


def health_routes(program: Program, resolver: Resolver) -> list[Route]:
    found = [*_checks(program, resolver), *_mapped(program, resolver), *_actions(program), *_functional(program)]
    return [route for route in found if not _SHOWN_TO_PEOPLE.search(route.path)]


def _checks(program: Program, resolver: Resolver) -> Iterator[Route]:
    """`MapHealthChecks("/health")` and `UseHealthChecks("/health")`."""
    for name in ("MapHealthChecks", "UseHealthChecks"):
        for call in program.calls.get(name, ()):
            if program.reached(call.node, call.source):
                for path in _paths(call, resolver):
                    yield Route(path, call.source.path, call.line, call.shows, True, in_development(call.node))


def _mapped(program: Program, resolver: Resolver) -> Iterator[Route]:
    for call in program.called(*_MAPS, "Get"):
        if call.name == "Get" and not _ENDPOINT_BASES.search(text(_bases(type_of(call.node)))):
            continue
        if call.name == "Get" or call.receiver:
            for path in _paths(call, resolver):
                if _HEALTH.search(path):
                    yield Route(path, call.source.path, call.line, call.shows, False)


def _bases(declaration: Node | None) -> Node | None:
    return next((node for node in declaration.named_children if node.type == "base_list"), None) if declaration is not None else None


def _paths(call: Call, resolver: Resolver) -> list[str]:
    texts = resolver.texts(argument(call.node, 0, "pattern"), call.source)
    prefixes = _prefixes(_receiver(call.node), call.source, resolver, 0)
    return [_joined(prefix, path) for prefix in prefixes[:2] for path in texts[:2] if re.fullmatch(r"[\w./_-]{0,100}", path)]


def _receiver(call: Node) -> Node | None:
    function = call.child_by_field_name("function")
    return function.child_by_field_name("expression") if function is not None and function.type == "member_access_expression" else None


def _prefixes(node: Node | None, source: Source, resolver: Resolver, depth: int) -> list[str]:
    """What `app.MapGroup("/api")` puts before its routes, through variables and further calls on it."""
    if node is None or depth > _MAX_DEPTH:
        return [""]
    if node.type == "identifier":
        made = [value for value, _ in source.given().get(text(node), ()) if value.type == "invocation_expression"]
        return _prefixes(made[-1], source, resolver, depth + 1) if made else [""]
    if node.type != "invocation_expression":
        return [""]
    before = _prefixes(_receiver(node), source, resolver, depth + 1)
    function = node.child_by_field_name("function")
    name = text(function.child_by_field_name("name")) if function is not None else ""
    own = resolver.texts(argument(node, 0), source)[:1] if name == "MapGroup" else []
    return [_joined(prefix, own[0]) if own else prefix for prefix in before]


def _joined(prefix: str, path: str) -> str:
    parts = [part.strip("/") for part in (prefix, path) if part.strip("/")]
    return "/" + "/".join(parts)


def _actions(program: Program) -> Iterator[Route]:
    """`[Route("health")]` of a controller with `[HttpGet]` of its methods."""
    for source in program.sources:
        if not source.mentions(b"HttpGet") or not re.search(rb"(?i)health|ping|alive|ready|status|/hc\b", source.data):
            continue
        for method in source.syntax("method", always=True):
            listed = dict(attributes(method))
            owner = type_of(method)
            if owner is None or not {"HttpGet", "HttpGetAttribute"} & set(listed):
                continue
            path = _action_path(owner, method, listed.get("HttpGet") or listed.get("Route"))
            if _HEALTH.search(path) and "{" not in path:
                yield Route(path, source.path, line(method), f"{name_of(owner)}.{name_of(method)}", False)


def _action_path(owner: Node, method: Node, own: str | None) -> str:
    base = next((value for name, value in attributes(owner) if name == "Route" and value), "")
    path = own if own and own.startswith(("/", "~/")) else _joined(base, own or "")
    names = {"controller": name_of(owner).removesuffix("Controller").lower(), "action": name_of(method).lower()}
    return "/" + re.sub(r"\[(controller|action)\]", lambda match: names[match[1]], path).lstrip("~/")


def _functional(program: Program) -> Iterator[Route]:
    """`route "/health"` of Giraffe and Saturn, `get "/health"` of Falco and Saturn, `path` of Suave."""
    for source in program.own:
        for call in line_calls(source):
            if call.name in ("route", "routeCi", "get", "path", "MapHealthChecks", "UseHealthChecks", "MapGet") and _HEALTH.search(call.texts[0]):
                yield Route(call.texts[0], source.path, call.line, call.shows, "HealthChecks" in call.name)


def grpc_health(program: Program) -> Evidence | None:
    for call in program.called("MapGrpcHealthChecksService", "MapGrpcService"):
        shown = text(call.node)[-200:]
        if call.name == "MapGrpcHealthChecksService" or re.search(r"MapGrpcService<[\w.]*(?:Health\w*)>", shown):
            return Evidence(file=call.source.path, line=call.line, shows=shown.rpartition("\n")[2].strip(), confidence=0.9)
    return None


def speaks_only_grpc(program: Program) -> bool:
    """Whether everything but a greeting at `/` is a gRPC service."""
    services = any(program.called("MapGrpcService"))
    others = ("MapControllers", "MapControllerRoute", "MapDefaultControllerRoute", "MapRazorPages", "MapRazorComponents", "MapBlazorHub", "MapHub",
              "MapPost", "MapPut", "MapReverseProxy", "UseOcelot", "MapGraphQL", "MapCarter", "UseFastEndpoints", "MapGroup")  # fmt: skip
    return services and not any(program.called(*others))
