"""Prometheus rules: every metric is recorded or emitted, every service is scraped or probed, every runbook is there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from opsmith.checks.agreement.reading import documents, mapping, mappings, say, word
from opsmith.model.blueprint import Blueprint
from opsmith.model.finding import Finding

_SELECTOR = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)\s*\{([^{}]*)\}")
_SERVICE = re.compile(r'\bservice="([^"]+)"')
_PARTS = ("_bucket", "_count", "_sum")
"""What a histogram is made of."""


def rules(files: Mapping[str, str], blueprint: Blueprint | None) -> Iterator[Finding]:
    """Only of our own plan: elsewhere, what emits a metric is not known."""
    if blueprint is None or blueprint.monitoring is None:
        return
    found = [(path, rule) for path, text in files.items() if "groups:" in text for rule in _rules(text)]
    known = {word(rule.get("record")) for _, rule in found} | _emitted(blueprint)
    watched = {scrape.service for scrape in blueprint.monitoring.scrapes} | set(blueprint.monitoring.probes)
    for path, rule in found:
        name = word(rule.get("alert")) or word(rule.get("record"))
        for metric, labels in _SELECTOR.findall(word(rule.get("expr"))):
            if metric not in known:
                yield say(path, f"{name} asks for {metric}, which nothing emits or records")
            if (service := _SERVICE.search(labels)) and service[1] not in watched:
                yield say(path, f"{name} asks for the service {service[1]}, which nothing scrapes or probes")
        yield from _runbook(path, name, word(mapping(rule.get("annotations")).get("runbook_url")), files)


def _rules(text: str) -> list[dict[str, Any]]:
    groups = [group for document in documents(text) for group in mappings(document.get("groups"))]
    return [rule for group in groups for rule in mappings(group.get("rules"))]


def _emitted(blueprint: Blueprint) -> set[str]:
    """The names of the metrics that the plan knows somebody to emit."""
    metrics = [slo.metric for slo in blueprint.monitoring.slos if slo.metric] if blueprint.monitoring else []
    histograms = [metric.histogram for metric in metrics if metric.histogram]
    return {"probe_success", "up", *(metric.counter for metric in metrics), *(f"{name}{part}" for name in histograms for part in _PARTS)}


def _runbook(path: str, name: str, address: str, files: Mapping[str, str]) -> Iterator[Finding]:
    place = re.search(r"docs/runbooks/[\w.-]+\.md", address)
    if place and place[0] not in files:
        yield say(path, f"{name} leads to the runbook {place[0]}, which is not there")
