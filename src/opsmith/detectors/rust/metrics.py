"""Where a program's metrics are read, and the request metrics that known libraries emit."""

from __future__ import annotations

import re

from opsmith.detectors.rust.program import Expression, Program
from opsmith.detectors.rust.routes import Route
from opsmith.detectors.rust.source import arguments, callee, text
from opsmith.detectors.rust.values import Resolver
from opsmith.model.survey import Evidence, RequestMetric

_LIBRARIES = ("metrics-exporter-prometheus", "prometheus", "prometheus-client", "opentelemetry-prometheus", "axum-prometheus", "actix-web-prom",
              "actix-web-prometheus", "rocket_prometheus", "axum-otel-metrics", "autometrics")  # fmt: skip
_NAMED = re.compile(r"(?:^|/)(?:metrics|prometheus)$")
Found = tuple[str, Evidence, RequestMetric | None]


def metrics(program: Program, resolver: Resolver, routes: tuple[Route, ...]) -> Found | None:
    """Path, evidence, and the request metric where a library makes one."""
    if not program.uses(*_LIBRARIES):
        return None
    metric, told = _known(program, resolver)
    route = next((item for item in routes if _NAMED.search(item.path) and "{" not in item.path), None)
    if route is not None:
        return route.path, Evidence(file=route.file, line=route.line, shows=route.path), metric
    if told is not None:
        return told[0], told[1], metric
    return None


def _known(program: Program, resolver: Resolver) -> tuple[RequestMetric | None, tuple[str, Evidence] | None]:
    if program.uses("axum-prometheus"):
        prefix = _prefix(program, resolver) or "axum"
        return _metric(f"{prefix}_http"), None
    if program.uses("actix-web-prom"):
        return _actix(program, resolver)
    if program.uses("rocket_prometheus"):
        return _rocket(program)
    return None, None


def _prefix(program: Program, resolver: Resolver) -> str | None:
    """`PrometheusMetricLayerBuilder::new().with_prefix("app")`."""
    calls = (call for call in program.called("with_prefix") if "Environment" not in callee(call.node)[1])
    return next((value for call in calls for node in arguments(call.node)[:1] for value in resolver.texts(Expression(node, call.source))), None)


def _actix(program: Program, resolver: Resolver) -> tuple[RequestMetric | None, tuple[str, Evidence] | None]:
    place = next((call for call in program.called("new") if callee(call.node)[1].endswith("PrometheusMetricsBuilder")), None)
    if place is None:
        return None, None
    name = next((value for node in arguments(place.node)[:1] for value in resolver.texts(Expression(node, place.source))), "")
    metric = _metric(f"{name}_http" if name else "http")
    endpoint = next(
        ((value, _seen(call)) for call in program.called("endpoint") for node in arguments(call.node)[:1]
         for value in resolver.texts(Expression(node, call.source))), None
    )  # fmt: skip
    return metric, endpoint


def _rocket(program: Program) -> tuple[RequestMetric | None, tuple[str, Evidence] | None]:
    place = next((call for call in program.called("new") if callee(call.node)[1].endswith("PrometheusMetrics")), None)
    if place is None:
        return None, None
    mounted = next((call for call in program.called("mount") if any("prometheus" in text(node) for node in arguments(call.node)[1:])), None)
    path = text(arguments(mounted.node)[0]).strip('"') if mounted is not None else None
    return _metric("rocket_http"), (path, _seen(mounted)) if mounted is not None and path else None


def _metric(prefix: str) -> RequestMetric:
    return RequestMetric(counter=f"{prefix}_requests_total", errors='status=~"5.."', histogram=f"{prefix}_requests_duration_seconds")


def _seen(call: Expression) -> Evidence:
    return Evidence(file=call.source.path, line=call.line, shows=" ".join((call.node.text or b"").decode("utf-8", "replace").split())[-100:])
