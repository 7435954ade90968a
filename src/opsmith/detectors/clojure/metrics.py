"""Where metrics are read, and what the ring middleware of iapetos is known to emit."""

from __future__ import annotations

from dataclasses import dataclass

from opsmith.detectors.clojure.reader import options, plain, table, walk
from opsmith.detectors.clojure.routes import Route
from opsmith.detectors.clojure.source import Source
from opsmith.model.survey import Evidence, RequestMetric

_IAPETOS = RequestMetric(counter="http_requests_total", errors='status=~"5.."', histogram="http_request_latency_seconds")


@dataclass(frozen=True, slots=True)
class Metrics:
    path: str
    evidence: Evidence
    request: RequestMetric | None


def metrics(sources: list[Source], routes: list[Route]) -> Metrics | None:
    for source in sources:
        for form in walk(*source.forms) if source.mentions(b"iapetos.collector.ring") else ():
            called = [item for item in (form, *form.items) if item.kind in ("list", "symbol")][:1]
            name = called[0].head() or called[0].text if called else ""
            if name.rpartition("/")[2] == "wrap-metrics":
                told = {**options(form.items[3:]), **(table(form.items[-1]) if form.items else {})}
                path = plain(told.get(":path")) or "/metrics"
                shown = Evidence(file=source.path, line=form.line, shows=f"iapetos answers {path}", confidence=0.85)
                return Metrics(path, shown, _IAPETOS)
    route = next((item for item in routes if item.path.endswith("/metrics")), None)
    return Metrics(route.path, Evidence(file=route.file, line=route.line, shows=route.path, confidence=0.8), None) if route else None
