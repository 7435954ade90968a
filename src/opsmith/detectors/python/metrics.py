"""Prometheus metrics that known libraries publish, and where."""

from __future__ import annotations

import ast

from opsmith.detectors.python.routes import Route
from opsmith.detectors.python.source import Module, Source, argument, text_of
from opsmith.model.survey import Evidence, RequestMetric

_FASTAPI = RequestMetric(counter="http_requests_total", errors='status="5xx"', histogram="http_request_duration_seconds")
_FASTAPI_UNGROUPED = RequestMetric(counter="http_requests_total", errors='status=~"5.."', histogram="http_request_duration_seconds")
_FLASK = RequestMetric(counter="flask_http_request_total", errors='status=~"5.."', histogram="flask_http_request_duration_seconds")
_STARLETTE = RequestMetric(counter="starlette_requests_total", errors='status_code=~"5.."', histogram="starlette_request_duration_seconds")
_DJANGO = RequestMetric(
    counter="django_http_responses_total_by_status_total",
    errors='status=~"5.."',
    histogram="django_http_requests_latency_including_middlewares_seconds",
)

Found = tuple[str, RequestMetric | None, Evidence]


def metrics(source: Source, scope: frozenset[str] | None, found: list[Route]) -> Found | None:
    """Path, request metrics and evidence; None when nothing is published on the application's own port."""
    modules = [module for module in source.modules() if scope is None or module.path in scope]
    for module in modules:
        for call in module.calls:
            if (answer := _published(module, call)) is not None:
                return answer
    return _routed(found)


def _published(module: Module, call: ast.Call) -> Found | None:
    name = module.called(call)
    method = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    imports = set(module.names.values())
    if method == "expose" and any(item.startswith("prometheus_fastapi_instrumentator") for item in imports):
        grouped = "should_group_status_codes=False" not in ast.unparse(module.tree)
        return _at(
            module, call, text_of(argument(call, "endpoint", 1)), _FASTAPI if grouped else _FASTAPI_UNGROUPED, "prometheus-fastapi-instrumentator"
        )
    if name.startswith("prometheus_flask_exporter.") and name.endswith("PrometheusMetrics"):
        return _at(module, call, text_of(argument(call, "path")), _FLASK, "prometheus-flask-exporter")
    if method in ("add_route", "mount") and len(call.args) > 1 and (path := text_of(call.args[0])):
        shown = module.qualified(call.args[1])
        if shown.startswith("starlette_exporter."):
            return _at(module, call, path, _STARLETTE, "starlette_exporter")
        if "make_asgi_app" in _made(module, call.args[1]):
            return _at(module, call, path.rstrip("/") + "/", None, "prometheus_client")
    return None


def _made(module: Module, node: ast.expr) -> str:
    """Name of the function that made a mounted application."""
    if isinstance(node, ast.Call):
        return module.called(node)
    values = module.assigns.get(node.id, []) if isinstance(node, ast.Name) else []
    return next((module.called(value) for value in values if isinstance(value, ast.Call)), "")


def _at(module: Module, call: ast.Call, path: str | None, metric: RequestMetric | None, library: str) -> Found:
    return path or "/metrics", metric, module.evidence(call, f"{library} publishes {path or '/metrics'}", 0.9)


def _routed(found: list[Route]) -> Found | None:
    """A route for metrics in a module that uses prometheus_client, or django-prometheus's own."""
    for route in found:
        if not route.path.rstrip("/").endswith("metrics") or any(char in route.path for char in "{<("):
            continue
        if "django_prometheus" in ast.unparse(route.node):
            return route.path, _DJANGO, route.module.evidence(route.node, f"django-prometheus publishes {route.path}", 0.9)
        if any(name.startswith("prometheus_client") for name in route.module.names.values()):
            return route.path, None, route.module.evidence(route.node, f"answers {route.path} with prometheus_client", 0.85)
    return None
