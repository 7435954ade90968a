"""The request metrics that a known library emits where its exporter is read."""

from __future__ import annotations

from opsmith.detectors.ruby.project import Project
from opsmith.model.survey import Evidence, RequestMetric

_YABEDA = RequestMetric(counter="rails_requests_total", errors='status=~"5.."', histogram="rails_request_duration_seconds")
_CLIENT = RequestMetric(counter="http_server_requests_total", errors='code=~"5.."', histogram="http_server_request_duration_seconds")


def request_metric(project: Project) -> tuple[RequestMetric, Evidence] | None:
    if (gem := project.gem("yabeda-rails")) is not None:
        return _YABEDA, gem.evidence
    for source in project.marked(b"Prometheus::Middleware::Collector"):
        line = source.line_of(b"Prometheus::Middleware::Collector")
        return _CLIENT, Evidence(file=source.path, line=line, shows="Prometheus::Middleware::Collector", confidence=0.9)
    return None
