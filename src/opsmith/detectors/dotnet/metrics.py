"""Request metrics in Prometheus' form: prometheus-net, or OpenTelemetry's exporter."""

from __future__ import annotations

from dataclasses import dataclass

from opsmith.detectors.dotnet.program import Program
from opsmith.detectors.dotnet.source import argument
from opsmith.detectors.dotnet.values import Resolver
from opsmith.model.survey import Evidence, RequestMetric

_PROMETHEUS_NET = RequestMetric(counter="http_requests_received_total", errors='code=~"5.."', histogram="http_request_duration_seconds")
_OPENTELEMETRY = RequestMetric(
    counter="http_server_request_duration_seconds_count",
    errors='http_response_status_code=~"5.."',
    histogram="http_server_request_duration_seconds",
)


@dataclass(frozen=True, slots=True)
class Metrics:
    path: str
    evidence: Evidence
    metric: RequestMetric | None
    metric_evidence: Evidence | None


def metrics(program: Program, resolver: Resolver, version: str | None) -> Metrics | None:
    return _prometheus_net(program, resolver) or _opentelemetry(program, resolver, version)


def _prometheus_net(program: Program, resolver: Resolver) -> Metrics | None:
    for call in program.called("MapMetrics", "UseMetricServer"):
        path = next((value for value in resolver.texts(argument(call.node, 0, "url"), call.source) if value.startswith("/")), "/metrics")
        counted = next(program.called("UseHttpMetrics"), None)
        shown = Evidence(file=call.source.path, line=call.line, shows=call.shows, confidence=0.9)
        seen = Evidence(file=counted.source.path, line=counted.line, shows=counted.shows, confidence=0.9) if counted is not None else None
        return Metrics(path, shown, _PROMETHEUS_NET if seen is not None else None, seen)
    return None


def _opentelemetry(program: Program, resolver: Resolver, version: str | None) -> Metrics | None:
    """The names are those of the stable conventions, which .NET 8 and later emit."""
    for call in program.called("MapPrometheusScrapingEndpoint", "UseOpenTelemetryPrometheusScrapingEndpoint"):
        path = next((value for value in resolver.texts(argument(call.node, 0, "path"), call.source) if value.startswith("/")), "/metrics")
        shown = Evidence(file=call.source.path, line=call.line, shows=call.shows, confidence=0.9)
        counted = next(program.called("AddAspNetCoreInstrumentation"), None)
        recent = version is not None and version.partition(".")[0].isdigit() and int(version.partition(".")[0]) >= 8
        if counted is None or not recent:
            return Metrics(path, shown, None, None)
        seen = Evidence(file=counted.source.path, line=counted.line, shows=counted.shows, confidence=0.85)
        return Metrics(path, shown, _OPENTELEMETRY, seen)
    return None
