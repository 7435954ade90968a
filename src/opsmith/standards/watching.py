"""What collects metrics of the system, which monitoring and alerts both ask."""

from __future__ import annotations

import re

from opsmith.model.assessment import Spot
from opsmith.model.estate import Block, Estate
from opsmith.model.hosting import RUNNING
from opsmith.shapes import table

_CLOUD = (
    "aws_cloudwatch_metric",
    "aws_cloudwatch_dashboard",
    "aws_cloudwatch_composite",
    "google_monitoring_",
    "azurerm_monitor_",
    "azurerm_application_insights",
    "datadog_",
    "newrelic_",
    "grafana_",
)


_AGENTS = re.compile(
    r"OTEL_EXPORTER|OTEL_SERVICE_NAME|OTLP_ENDPOINT|opentelemetry|NEW_RELIC|newrelic|DD_AGENT|datadog|dynatrace|elastic[-_]apm|APPLICATIONINSIGHTS|SENTRY_DSN|honeycomb",
    re.IGNORECASE,
)


def nothing_served(estate: Estate) -> bool:
    return not estate.served and not estate.workloads and not estate.compose


def watchers(estate: Estate) -> list[Spot]:
    """Whatever collects metrics of the system, by its own files."""
    found = [item.spot("scrape_configs") for item in estate.scrapes]
    found += [
        item.spot() for item in estate.of_kind("ServiceMonitor", "PodMonitor", "ScrapeConfig", "Probe", "PodMonitoring", "ClusterPodMonitoring")
    ]
    found += [
        item.spot("metadata", "annotations")
        for item in estate.objects
        for annotations in (
            table(item.metadata.get("annotations")),
            table(table(table(item.spec.get("template")).get("metadata")).get("annotations")),
        )
        if str(annotations.get("prometheus.io/scrape", "")).lower() == "true"
    ]
    found += [block.spot() for block in estate.resources(*_CLOUD)]
    found += [rule.spot for rule in estate.rules]
    return found + agents(estate)


def agents(estate: Estate) -> list[Spot]:
    """Variables of what runs that lead telemetry somewhere."""
    containers = (container for workload in estate.workloads for container in workload.containers())
    return [
        *(item.spot("env") for item in containers if _AGENTS.search(f"{item.image} {item.body.get('env') or ''}")),
        *(block.spot() for block in _running(estate) if _AGENTS.search(_written(block))),
        *(item.spot("environment") for item in estate.compose if _AGENTS.search(f"{item.image} {item.body.get('environment') or ''}")),
    ]


def _running(estate: Estate) -> list[Block]:
    """What Terraform runs, and the values that it names apart."""
    found = estate.resources(*RUNNING)
    return [*found, *(block for block in estate.blocks if found and block.kind == "locals")]


def _written(block: Block) -> str:
    """Its values, those of blocks in it with them."""
    return "\n".join([*block.values.values(), *(_written(inner) for inner in block.blocks)])
