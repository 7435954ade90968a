"""Runbooks: one page for each service that has alerts, with a section for each alert."""

from __future__ import annotations

from collections.abc import Sequence

from opsmith.emit import template_artifact
from opsmith.model.artifact import Artifact
from opsmith.model.blueprint import Alert, Blueprint, Slo
from opsmith.targets.runbooks import facts, sections
from opsmith.targets.runbooks.platforms import platform

NAME = "runbooks"


def wanted(blueprint: Blueprint) -> bool:
    return NAME in blueprint.targets and blueprint.monitoring is not None and bool(blueprint.monitoring.alerts)


def render(blueprint: Blueprint) -> Sequence[Artifact]:
    if blueprint.monitoring is None:
        return ()
    pages: dict[str, list[Alert]] = {}
    for alert in blueprint.monitoring.alerts:
        pages.setdefault(alert.runbook, []).append(alert)
    return [_page(blueprint, path, alerts) for path, alerts in pages.items()]


def _page(blueprint: Blueprint, path: str, alerts: Sequence[Alert]) -> Artifact:
    service = blueprint.service(alerts[0].service)
    slo = _slo(blueprint, service.name)
    place = platform(blueprint)
    return template_artifact(
        path,
        NAME,
        "runbook.md.j2",
        package="opsmith.targets.runbooks",
        origin=f"services.{service.name}",
        service=service,
        facts=facts.facts(blueprint, service, slo),
        sections=[sections.section(blueprint, place, service, slo, alert) for alert in alerts],
        slo_node=f"monitoring.slos.{service.name}",
    )


def _slo(blueprint: Blueprint, service: str) -> Slo:
    known = blueprint.monitoring.slos if blueprint.monitoring else ()
    return next(slo for slo in known if slo.service == service)
