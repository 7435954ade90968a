"""Where Prometheus reads, and the request metrics whose names are certain."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from opsmith.detectors.javascript.facts import Found, found, join
from opsmith.detectors.javascript.source import Module, Sources
from opsmith.detectors.javascript.syntax import arguments, callee, entries, first_argument, line, method, receiver, string_value, text
from opsmith.detectors.node.nestjs import Routing
from opsmith.model.survey import RequestMetric

if TYPE_CHECKING:
    from tree_sitter import Node

_STATUS = ("status_code", "status", "code", "statusCode")
"""Labels that hold the response's code."""


def metrics_path(sources: Sources, rules: Routing | None) -> Found[str] | None:
    return next((hit for hit in _paths(sources, rules)), None)


def _paths(sources: Sources, rules: Routing | None) -> Iterator[Found[str]]:
    for module, call in _calls_of(sources, b"express-prom-bundle", "express-prom-bundle"):
        options = entries(first_argument(call))
        if text(options.get("autoregister")) != "false":
            yield found(string_value(options.get("metricsPath")) or "/metrics", module.path, line(call), "express-prom-bundle", 0.95)
    for module, call in _fastify_plugins(sources):
        options = entries(arguments(call)[1]) if len(arguments(call)) > 1 else {}
        yield found(string_value(options.get("endpoint")) or "/metrics", module.path, line(call), "fastify-metrics", 0.95)
    yield from _nest_paths(sources, rules)
    yield from _own_routes(sources, rules)


def _calls_of(sources: Sources, mark: bytes, package: str) -> Iterator[tuple[Module, Node]]:
    """Calls of the function that `package` exports."""
    for module in sources.modules(mark):
        names = {name for name, item in module.imports.items() if item.specifier == package}
        for call in module.calls:
            if text(callee(call)) in names:
                yield module, call


def _fastify_plugins(sources: Sources) -> Iterator[tuple[Module, Node]]:
    for module in sources.modules(b"fastify-metrics"):
        names = {name for name, item in module.imports.items() if item.specifier == "fastify-metrics"}
        for call in module.calls:
            target = text(first_argument(call)).removesuffix(".default")
            if method(call) == "register" and (target in names or "fastify-metrics" in target):
                yield module, call


def _nest_paths(sources: Sources, rules: Routing | None) -> Iterator[Found[str]]:
    """The controller of @willsoto/nestjs-prometheus lies under the global prefix like any other."""
    for module in sources.modules(b"nestjs-prometheus"):
        for call in module.calls:
            if text(callee(call)) in ("PrometheusModule.register", "PrometheusModule.registerAsync"):
                own = string_value(entries(first_argument(call)).get("path")) or "/metrics"
                yield found(_prefixed(own, rules), module.path, line(call), "PrometheusModule.register", 0.9)
        if re.search(rb"imports:\s*\[[^\]]{0,2000}\bPrometheusModule\s*[,\]]", module.data):
            yield found(_prefixed("/metrics", rules), module.path, 1, "PrometheusModule", 0.8)


def _prefixed(path: str, rules: Routing | None) -> str:
    if rules is None or path.strip("/") in rules.excluded:
        return "/" + path.strip("/")
    return "/" + join(rules.prefix, rules.version or "", path)


def _own_routes(sources: Sources, rules: Routing | None) -> Iterator[Found[str]]:
    """A route whose handler hands out prom-client's register."""
    for module in sources.modules(b"metrics"):
        if not re.search(rb"prom-client|\.metrics\(\)|contentType", module.data):
            continue
        for call in module.calls:
            path = string_value(first_argument(call))
            if method(call) in ("get", "use", "all") and path and re.fullmatch(r"/[\w/-]*metrics", path) and receiver(call) is not None:
                yield found(path, module.path, line(call), f"route {path}", 0.85)
        for call in module.calls:
            if text(callee(call)) == "Controller" and string_value(first_argument(call)) == "metrics":
                yield found(_prefixed("/metrics", rules), module.path, line(call), "@Controller('metrics')", 0.8)


def request_metric(sources: Sources) -> Found[RequestMetric] | None:
    return next((hit for hit in _metrics(sources)), None)


def _metrics(sources: Sources) -> Iterator[Found[RequestMetric]]:
    for module, call in _calls_of(sources, b"express-prom-bundle", "express-prom-bundle"):
        options = entries(first_argument(call))
        name = string_value(options.get("httpDurationMetricName")) or "http_request_duration_seconds"
        if not {"formatStatusCode", "metricType"} & set(options) and text(options.get("includeStatusCode")) != "false":
            yield found(_histogram(name, "status_code"), module.path, line(call), "express-prom-bundle's histogram", 0.95)
    for module, call in _fastify_plugins(sources):
        if not re.search(r"routeMetrics|name:|labelNames|overrides|prefix", text(call)):
            yield found(_histogram("http_request_duration_seconds", "status_code"), module.path, line(call), "fastify-metrics' histogram", 0.9)
    yield from _own_metrics(sources)


def _histogram(name: str, label: str) -> RequestMetric:
    return RequestMetric(counter=f"{name}_count", errors=f'{label}=~"5.."', histogram=name)


def _own_metrics(sources: Sources) -> Iterator[Found[RequestMetric]]:
    """A histogram or counter of requests that the code makes itself, with a label for the response's code."""
    for module in sources.modules(b"prom-client"):
        for call in module.calls:
            made = text(callee(call)).rpartition(".")[2]
            options = entries(first_argument(call))
            name = string_value(options.get("name")) or ""
            label = next((item for item in _STATUS if re.search(rf"['\"]{item}['\"]", text(options.get("labelNames")))), None)
            if label is None or not re.search(r"http|request", name):
                continue
            if made == "Histogram" and name.endswith("_seconds"):
                yield found(_histogram(name, label), module.path, line(call), f"Histogram {name}", 0.9)
            elif made == "Counter":
                yield found(RequestMetric(counter=name, errors=f'{label}=~"5.."'), module.path, line(call), f"Counter {name}", 0.9)
