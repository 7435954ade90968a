"""Where metrics are read, and which request metrics PromEx is known to emit."""

from __future__ import annotations

from dataclasses import dataclass

from opsmith.detectors.elixir.routes import Route
from opsmith.detectors.elixir.source import Source, literal, options
from opsmith.model.survey import Evidence, RequestMetric


@dataclass(frozen=True, slots=True)
class Metrics:
    path: str
    evidence: Evidence
    request: tuple[RequestMetric, Evidence] | None


def metrics(sources: list[Source], routes: list[Route]) -> Metrics | None:
    for source in sources:
        if source.mentions(b"PromEx.Plug", b"MetricsExporter", b"Prometheus.PlugExporter"):
            found = _plugged(source, sources)
            if found is not None:
                return found
    route = next((item for item in routes if item.path == "/metrics"), None)
    return Metrics(route.path, Evidence(file=route.file, line=route.line, shows=route.path, confidence=0.8), None) if route else None


def _plugged(source: Source, sources: list[Source]) -> Metrics | None:
    for call in source.calls():
        name = (literal(call.arguments[0]) or "") if call.name == "plug" and call.arguments else ""
        if name == "PromEx.Plug":
            path = literal(options(call).get("path")) or "/metrics"
            return Metrics(path, Evidence(file=source.path, line=call.line, shows=f"plug PromEx.Plug: {path}", confidence=0.9), _prom_ex(sources))
        if name.endswith("MetricsExporter"):
            return Metrics("/metrics", Evidence(file=source.path, line=call.line, shows=f"plug {name}", confidence=0.75), None)
    return None


def _prom_ex(sources: list[Source]) -> tuple[RequestMetric, Evidence] | None:
    """PromEx names its metrics after the application; its latencies are in milliseconds, so there is no histogram in seconds."""
    for source in sources:
        if source.mentions(b"use PromEx") and source.mentions(b"Plugins.Phoenix"):
            for call in source.calls():
                app = literal(options(call).get("otp_app")) if call.name == "use" and literal(call.arguments[0]) == "PromEx" else None
                if app:
                    shown = Evidence(file=source.path, line=call.line, shows=f"use PromEx, otp_app: :{app}, with its Phoenix plugin", confidence=0.75)
                    return RequestMetric(counter=f"{app}_prom_ex_phoenix_http_requests_total", errors='status=~"5.."'), shown
    return None
