"""Maturity scores from 0 to 10: the share of plain yes-or-no statements that are true of what was delivered."""

from __future__ import annotations

from collections.abc import Iterable

from opsmith.model.report import RunReport
from opsmith.protocols.hive_mind import view

UNKNOWN = 5.0
"""The protocol's default, for a run without a plan."""
NAMES = (
    "infrastructure_maturity_score", "cicd_maturity_score", "observability_score", "security_score", "business_continuity_score",
    "devops_maturity_score", "operational_efficiency", "reliability_score",
)  # fmt: skip


def scores(report: RunReport) -> dict[str, float]:
    if report.blueprint is None:
        return dict.fromkeys(NAMES, UNKNOWN)
    found = {
        "infrastructure_maturity_score": _share(_infrastructure(report)),
        "cicd_maturity_score": _share(_cicd(report)),
        "observability_score": _share(_observability(report)),
        "security_score": _share(_security(report)),
        "business_continuity_score": _share(_continuity(report)),
        "operational_efficiency": _share(_efficiency(report)),
        "reliability_score": _share(_reliability(report)),
    }
    found["devops_maturity_score"] = round(sum(found.values()) / len(found), 1)
    return {name: found[name] for name in NAMES}


def _share(statements: Iterable[bool]) -> float:
    known = list(statements)
    return round(10 * sum(known) / len(known), 1)


def _infrastructure(report: RunReport) -> list[bool]:
    made = view.targets(report)
    probed = all(service.probe for service in view.served(report))
    return [
        "docker" in made,
        view.is_orchestrated(report) or "compose" in made,
        probed,
        bool(view.services(report)),
        not view.proofs(report, "refuted"),
    ]


def _cicd(report: RunReport) -> list[bool]:
    stages = view.stages(report)
    return [bool(view.first_of(report, view.PIPELINES)), *(stage in stages for stage in ("lint", "test", "build", "deploy"))]


def _observability(report: RunReport) -> list[bool]:
    monitoring = report.blueprint.monitoring if report.blueprint else None
    if monitoring is None:
        return [False, False, False, False, bool(view.first_of(report, view.LOG_PLATFORMS))]
    return [
        bool(monitoring.scrapes or monitoring.probes), bool(monitoring.slos), bool(monitoring.alerts),
        all(alert.runbook for alert in monitoring.alerts), bool(view.first_of(report, view.LOG_PLATFORMS)),
    ]  # fmt: skip


def _security(report: RunReport) -> list[bool]:
    severe = view.severities(report)
    unprivileged = all(service.user > 0 for service in view.services(report))
    isolated = any(item.kind == "NetworkPolicy" for item in view.objects(report))
    return [unprivileged, not severe.get("critical"), not severe.get("high"), view.has_scan(report), isolated]


def _continuity(report: RunReport) -> list[bool]:
    made = view.targets(report)
    twice = all(service.replicas > 1 for service in view.served(report))
    rolling = report.blueprint is not None and report.blueprint.strategy == "rolling"
    return [rolling, twice, "runbooks" in made, any(name in made for name in ("velero", "backups")), "failover" in made]


def _efficiency(report: RunReport) -> list[bool]:
    stages = view.stages(report)
    return ["build" in stages, "deploy" in stages, "runbooks" in view.targets(report), not report.open_points]


def _reliability(report: RunReport) -> list[bool]:
    served = view.served(report)
    monitoring = report.blueprint.monitoring if report.blueprint else None
    budget = any(item.kind == "PodDisruptionBudget" for item in view.objects(report))
    return [all(service.probe for service in served), all(service.replicas > 1 for service in served), bool(monitoring and monitoring.alerts), budget]
