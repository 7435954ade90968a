"""Whether anybody can see how the system does."""

from __future__ import annotations

import re

from opsmith.model.assessment import Judgement, Spot
from opsmith.model.estate import Estate
from opsmith.standard import TEAM, Standard
from opsmith.standards.verdicts import could_not_check, counted, does_not_apply, listed, met, not_met
from opsmith.standards.watching import nothing_served, watchers

NAME = "monitoring"
TITLE = "Monitoring"
TASK = "Set up monitoring with Prometheus"


def _metrics(estate: Estate) -> Judgement:
    if not [item for item in estate.served if item.role != "static"]:
        return does_not_apply("no component answers requests")
    chosen = [item for item in estate.served if item.role != "static"]
    good = [
        Spot(file=found[0].file, line=found[0].line)
        for item in chosen
        if item.metrics_path
        for found in (item.evidence.get("metrics_path", ()),)
        if found
    ]
    bad = [item.name for item in chosen if not item.metrics_path]
    if not bad:
        return met("what answers requests emits metrics", good)
    if led := watchers(estate):
        return met("telemetry is led to a collector", [*good, *led])
    places = [
        Spot(file=found[0].file, line=found[0].line)
        for item in chosen
        if not item.metrics_path
        for found in (item.evidence.get("ports", ()),)
        if found
    ]
    return not_met(f"no metrics endpoint was found in the code of {listed(bad)}", places, task=TASK)


def _collected(estate: Estate) -> Judgement:
    if nothing_served(estate):
        return does_not_apply("nothing here answers requests")
    found = watchers(estate)
    if found:
        return met("somebody collects metrics", found)
    if estate.charts and not estate.workloads:
        return could_not_check("the only manifests are templates of a Helm chart", [Spot(file=path) for path in estate.charts], task=TASK)
    return not_met("nothing here collects metrics: no scrape configuration, monitor object, telemetry agent or cloud monitoring", task=TASK)


def _dashboards(estate: Estate) -> Judgement:
    if not watchers(estate):
        return does_not_apply("nothing is monitored, which is told by monitoring/collected")
    found = [
        *(spot for spot in estate.kinds("grafana") if spot.file.endswith(".json")),
        *(item.spot() for item in estate.of_kind("GrafanaDashboard")),
    ]
    found += [
        block.spot()
        for block in estate.resources(
            "grafana_dashboard", "aws_cloudwatch_dashboard", "google_monitoring_dashboard", "datadog_dashboard", "azurerm_portal_dashboard"
        )
    ]
    if found:
        return met(f"{counted(len(found), 'dashboard file')}", found)
    return not_met("what is collected is shown on no dashboard", watchers(estate)[:3], task="Set up Grafana dashboards")


_LOGS = re.compile(
    r"fluent-?bit|fluentd|promtail|vector\b|filebeat|logstash|alloy|grafana/agent|loki|otel|opentelemetry-collector|cloudwatch-agent|datadog",
    re.IGNORECASE,
)


def _logs(estate: Estate) -> Judgement:
    if nothing_served(estate):
        return does_not_apply("nothing here answers requests")
    found = [container.spot("image") for workload in estate.workloads for container in workload.containers() if _LOGS.search(container.image)]
    found += [service.spot() for service in estate.compose if _LOGS.search(service.image) or "logging" in service.body]
    found += [block.spot() for block in estate.resources("aws_cloudwatch_log_group", "google_logging_", "azurerm_log_analytics")]
    if found:
        return met("logs are collected or kept", found)
    return could_not_check("no collector of logs is described; clusters and platforms often bring one", task="Set up log collection with Loki")


def _traces(estate: Estate) -> Judgement:
    answering = {item.name for item in estate.served if item.role == "web"}
    calling = [item for item in estate.served if item.role == "web" and answering & set(item.depends_on)]
    if not calling:
        return does_not_apply("no service is known to call another one")
    pattern = re.compile(r"otel|opentelemetry|jaeger|zipkin|tempo|datadog|DD_TRACE|NEW_RELIC|ENABLE_TRACING|tracing", re.IGNORECASE)
    found = [container.spot("env") for workload in estate.workloads for container in workload.containers()
             if pattern.search(f"{container.image} {container.body.get('env') or ''}")]  # fmt: skip
    found += [
        service.spot() for service in estate.compose if pattern.search(f"{service.image} {service.name} {service.body.get('environment') or ''}")
    ]
    if found:
        return met("requests are traced from one to the next", found)
    return not_met("a request that passes through several components cannot be followed", task="Set up OpenTelemetry tracing with Jaeger")


STANDARDS = (
    Standard(id="monitoring/metrics", summary="what answers requests emits metrics", source=f"{TEAM}: metrics collection", weight=2, judge=_metrics),
    Standard(
        id="monitoring/collected", summary="metrics are collected", source=f"{TEAM}: monitoring; CNCF: observability", weight=3, judge=_collected
    ),
    Standard(id="monitoring/dashboards", summary="what is collected can be seen", source=f"{TEAM}: dashboards", weight=1, judge=_dashboards),
    Standard(id="monitoring/logs", summary="logs are collected", source=f"{TEAM}: log aggregation", weight=2, judge=_logs),
    Standard(id="monitoring/traces", summary="requests can be followed", source=f"{TEAM}: distributed tracing", weight=1, judge=_traces),
)
