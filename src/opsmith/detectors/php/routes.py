"""HTTP routes: which of them a health check asks, and where metrics are read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from opsmith.detectors.paths import join
from opsmith.detectors.php.project import Project
from opsmith.detectors.php.syntax import Source, ancestors, arguments, line, literal, name_of, named_arguments, owner, shown, text
from opsmith.model.survey import Evidence

if TYPE_CHECKING:
    from tree_sitter import Node

_HEALTH = (
    "up", "healthz", "health", "_healthz", "_health", "health-check", "health_check", "healthcheck", "livez", "liveness", "live", "alive", "readyz",
    "readiness", "ready", "heartbeat", "ping", "status",
)  # fmt: skip
_VERBS = ("get", "any", "match", "map", "view", "addRoute", "head")
_ROUTERS = re.compile(r"^(?:Route|Router|\$(?:app|router|routes|route|r|group|this->(?:app|router)|proxy|collector))$")
_METRICS = {"spatie/laravel-prometheus": "/prometheus", "superbalist/laravel-prometheus-exporter": "/metrics",
            "arquivei/laravel-prometheus-exporter": "/metrics", "artprima/prometheus-metrics-bundle": "/metrics/prometheus"}  # fmt: skip
_BUNDLES = {"liip/monitor-bundle": "/monitor/health/run"}


@dataclass(frozen=True, slots=True)
class Route:
    path: str
    evidence: Evidence


def routes(project: Project) -> tuple[Route, ...]:
    return tuple(route for source in project.sources for route in _of_source(project, source))


def _of_source(project: Project, source: Source) -> Iterator[Route]:
    relative = project.relative(source.path)
    base = "/api" if relative == "routes/api.php" else ""
    for call in (
        source.calls(*_VERBS) if source.holds(b"->get(", b"::get(", b"::any(", b"->any(", b"->map(", b"::match(", b"::view(", b"addRoute") else ()
    ):
        yield from _called(source, call, base)
    if source.holds(b"#[Route", b"Attribute\\Route"):
        yield from _attributes(source)


def _called(source: Source, call: Node, base: str) -> Iterator[Route]:
    """`Route::get('/health', …)`, `$app->get('/health', …)`, `$app->map(['GET'], '/health', …)`."""
    given = arguments(call)
    paths = [value for node in given[:2] if (value := literal(node)) is not None and value not in ("GET", "HEAD")]
    router = owner(call)
    if not paths or len(given) < 2 or not (_ROUTERS.match(router) or router.startswith(("Route::", "Router::", "$app->", "$router->"))):
        return
    yield _route(source, call, (base, _chained(call), *_groups(call), paths[0]))


def _chained(call: Node) -> str:
    """`Route::prefix('admin')->get(…)`"""
    inner = call.child_by_field_name("object")
    for _ in range(10):
        if inner is None or inner.type not in ("scoped_call_expression", "member_call_expression"):
            break
        if name_of(inner) == "prefix":
            return next((literal(node) or "" for node in arguments(inner)), "")
        inner = inner.child_by_field_name("object")
    return ""


def _groups(call: Node) -> list[str]:
    """What groups around a route put before it, the outermost first: `->prefix('x')->group(…)`, Slim's `->group('/x', …)`."""
    found: list[str] = []
    for above in ancestors(call):
        if above.type in ("member_call_expression", "scoped_call_expression") and name_of(above) == "group":
            first = next((literal(node) for node in arguments(above)[:1]), None)
            found.append(first or _chained(above))
    return list(reversed(found))


def _route(source: Source, node: Node, parts: Iterable[str]) -> Route:
    path = "/" + "/".join(part.strip("/") for part in parts if part.strip("/"))
    return Route(path, Evidence(file=source.path, line=line(node), shows=shown(node), confidence=0.9))


def _attributes(source: Source) -> Iterator[Route]:
    """`#[Route('/health', name: 'health')]` on a method, below the one of its class."""
    for node in source.nodes("attribute"):
        if text(node.named_children[0] if node.named_children else None).rpartition("\\")[2] not in ("Route", "Get"):
            continue
        path = _attribute_path(node)
        owner_node = next((above for above in ancestors(node) if above.type in ("method_declaration", "class_declaration")), None)
        if path is None or owner_node is None:
            continue
        outer = next((above for above in ancestors(owner_node) if above.type == "class_declaration"), None)
        prefix = _class_prefix(outer) if outer is not None and owner_node.type == "method_declaration" else ""
        yield _route(source, node, (prefix, path))


def _attribute_path(node: Node) -> str | None:
    given = arguments(node)
    return (literal(given[0]) if given else None) or literal(named_arguments(node).get("path"))


def _class_prefix(node: Node) -> str:
    attributes = node.child_by_field_name("attributes")
    pending = list(attributes.named_children) if attributes is not None else []
    for group in pending:
        for attribute in group.named_children:
            if text(attribute.named_children[0] if attribute.named_children else None).rpartition("\\")[2] == "Route":
                return _attribute_path(attribute) or ""
    return ""


def health(project: Project, found: Iterable[Route]) -> Route | None:
    """A route that is named so, a bundle's own, else a script of that name in the document root."""
    ranked = [
        (_HEALTH.index(word), route.path.count("/"), index, route) for index, route in enumerate(found) if (word := _word(route.path)) in _HEALTH
    ]
    if ranked:
        return min(ranked, key=lambda item: item[:3])[3]
    for package, path in _BUNDLES.items():
        if project.composer is not None and project.requires(package):
            return Route(path, project.composer.evidence(package))
    root = project.document_root
    for word in _HEALTH if root is not None else ():
        file = join(root or "", f"{word}.php")
        if project.has(file):
            return Route(f"/{word}.php", Evidence(file=project.path(file), shows=f"script {word}.php", confidence=0.8))
    return None


def _word(path: str) -> str:
    return path.rpartition("/")[2].removesuffix(".json")


def metrics(project: Project) -> Route | None:
    for package, path in _METRICS.items():
        if project.composer is not None and project.requires(package):
            return Route(path, project.composer.evidence(package))
    return None
