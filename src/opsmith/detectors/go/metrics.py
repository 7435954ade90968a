"""Request metrics that a program really registers: its own Prometheus vectors, or those of a known middleware."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from opsmith.detectors.go.program import Expression, Program, keyed
from opsmith.detectors.go.source import arguments, line, literal, text
from opsmith.detectors.go.values import Resolver
from opsmith.model.survey import Evidence, RequestMetric

_STATUS = ("status", "code", "status_code", "statuscode", "http_status", "response_code", "http_code")
_REQUEST = re.compile(r"(?i)(http|request|response)")
_SECONDS = re.compile(r"_seconds$")
_NUMERIC = (b"strconv.Itoa(", b"strconv.FormatInt(", b"fmt.Sprint", b"InstrumentHandler")


@dataclass(frozen=True, slots=True)
class Vector:
    kind: str
    name: str
    labels: tuple[str, ...]
    source_path: str
    line: int
    numeric: bool


def request_metric(program: Program, resolver: Resolver) -> tuple[RequestMetric, Evidence] | None:
    return _own(list(_vectors(program, resolver))) or _middleware(program)


def _own(vectors: list[Vector]) -> tuple[RequestMetric, Evidence] | None:
    usable = [vector for vector in vectors if vector.numeric and _REQUEST.search(vector.name) and _status(vector)]
    counters = [vector for vector in usable if vector.kind == "counter"]
    timers = [vector for vector in vectors if vector.kind == "histogram" and _REQUEST.search(vector.name) and _SECONDS.search(vector.name)]
    counted = [vector for vector in timers if vector in usable]
    chosen = next(iter(counters or counted), None)
    if chosen is None:
        return None
    counter = chosen.name if chosen.kind == "counter" else f"{chosen.name}_count"
    histogram = next((timer.name for timer in timers), None)
    metric = RequestMetric(counter=counter, errors=f'{_status(chosen)}=~"5.."', histogram=histogram)
    return metric, Evidence(file=chosen.source_path, line=chosen.line, shows=f"{chosen.name}{{{', '.join(chosen.labels)}}}", confidence=0.85)


def _status(vector: Vector) -> str | None:
    return next((label for label in vector.labels if label.lower() in _STATUS), None)


def _vectors(program: Program, resolver: Resolver) -> Iterator[Vector]:
    registered = any(program.called("MustRegister", "Register"))
    for name, kind in (("NewCounterVec", "counter"), ("NewHistogramVec", "histogram")):
        for call in program.called(name):
            given = arguments(call.node)
            automatic = any("promauto" in path for path in call.source.imported)
            if len(given) == 2 and given[0].type == "composite_literal" and (registered or automatic):
                full = _name(Expression(given[0], call.source), resolver)
                labels = tuple(re.findall(r'"([^"]+)"', text(given[1])))
                if full:
                    yield Vector(kind, full, labels, call.source.path, line(call.node), call.source.mentions(*_NUMERIC))


def _name(options: Expression, resolver: Resolver) -> str | None:
    """Namespace_subsystem_name; None when one of them is not known."""
    parts = dict(keyed(options.node))
    found: list[str] = []
    for key in ("Namespace", "Subsystem", "Name"):
        if key in parts:
            texts = resolver.texts(Expression(parts[key], options.source))
            if len(texts) != 1:
                return None
            found.append(texts[0])
    return "_".join(part for part in found if part) if "Name" in parts else None


def _middleware(program: Program) -> tuple[RequestMetric, Evidence] | None:
    for source in program.sources:
        for path in sorted(source.imported):
            metric = _known(path, program)
            if metric is not None:
                number = source.data[: max(source.data.find(path.encode()), 0)].count(b"\n") + 1
                return metric, Evidence(file=source.path, line=number, shows=f'import "{path}"', confidence=0.8)
    return None


def _known(path: str, program: Program) -> RequestMetric | None:
    if path == "github.com/labstack/echo-contrib/echoprometheus":
        prefix = _first_text(program, "NewMiddleware") or "echo"
        return RequestMetric(counter=f"{prefix}_requests_total", errors='code=~"5.."', histogram=f"{prefix}_request_duration_seconds")
    if path == "github.com/zsais/go-gin-prometheus":
        prefix = _first_text(program, "NewPrometheus") or "gin"
        return RequestMetric(counter=f"{prefix}_requests_total", errors='code=~"5.."', histogram=f"{prefix}_request_duration_seconds")
    if path.startswith("github.com/ansrivas/fiberprometheus"):
        return RequestMetric(counter="http_requests_total", errors='status_code=~"5.."', histogram="http_request_duration_seconds")
    if path == "github.com/slok/go-http-metrics/metrics/prometheus":
        base = "http_request_duration_seconds"
        return RequestMetric(counter=f"{base}_count", errors='code=~"5.."', histogram=base)
    return None


def _first_text(program: Program, name: str) -> str | None:
    return next((value for call in program.called(name) for node in arguments(call.node)[:1] if (value := literal(node))), None)
