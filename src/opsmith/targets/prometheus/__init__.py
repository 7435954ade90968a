"""Prometheus: what is scraped and probed, SLO rules with burn-rate alerts, and a promtool test for each alert."""

from __future__ import annotations

from collections.abc import Sequence

from opsmith import conventions
from opsmith.emit import yaml_artifact
from opsmith.model.artifact import Artifact
from opsmith.model.blueprint import Alert, Blueprint, Monitoring, Slo
from opsmith.targets.prometheus import cases, rules, scraping

NAME = "prometheus"


def wanted(blueprint: Blueprint) -> bool:
    return NAME in blueprint.targets and blueprint.monitoring is not None


def render(blueprint: Blueprint) -> Sequence[Artifact]:
    monitoring = blueprint.monitoring
    if monitoring is None:
        return ()
    files = [_configuration(blueprint, monitoring)]
    files += [_rules(blueprint, slo, _alerts(monitoring, slo)) for slo in monitoring.slos]
    files += [_tests(blueprint, slo, _alerts(monitoring, slo)) for slo in monitoring.slos]
    if monitoring.probes:
        files.append(yaml_artifact(conventions.BLACKBOX_CONFIG, NAME, scraping.blackbox(blueprint, monitoring), origin="monitoring"))
    return files


def _alerts(monitoring: Monitoring, slo: Slo) -> tuple[Alert, ...]:
    return tuple(alert for alert in monitoring.alerts if alert.service == slo.service)


def _configuration(blueprint: Blueprint, monitoring: Monitoring) -> Artifact:
    document = scraping.configuration(blueprint, monitoring)
    return yaml_artifact(f"{conventions.PROMETHEUS_FOLDER}/prometheus.yml", NAME, document, origin="monitoring")


def _rules(blueprint: Blueprint, slo: Slo, alerts: tuple[Alert, ...]) -> Artifact:
    path = f"{conventions.PROMETHEUS_FOLDER}/rules/{slo.service}-slo.yml"
    return yaml_artifact(path, NAME, rules.document(blueprint, slo, alerts), origin=f"monitoring.slos.{slo.service}")


def _tests(blueprint: Blueprint, slo: Slo, alerts: tuple[Alert, ...]) -> Artifact:
    path = f"{conventions.PROMETHEUS_FOLDER}/tests/{slo.service}-slo.test.yml"
    return yaml_artifact(
        path,
        NAME,
        cases.document(blueprint, slo, alerts),
        origin=f"monitoring.slos.{slo.service}",
        header=f"Run with: promtool test rules {path}",
    )
