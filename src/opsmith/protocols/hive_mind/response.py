"""A report as devops_response.json, the document of seed 001."""

from __future__ import annotations

from typing import Any

from opsmith.model.report import RunReport
from opsmith.protocols.hive_mind import view
from opsmith.protocols.hive_mind.output import status, strategies, summary
from opsmith.protocols.hive_mind.resources import networking, resources
from opsmith.protocols.hive_mind.worker import WORKER


def devops_response(report: RunReport, session_id: str, timestamp: str) -> dict[str, Any]:
    """Exactly the seed's keys, then status, summary and next_actions. What was not delivered is "none", empty or null."""
    monitoring = report.blueprint.monitoring if report.blueprint else None
    chosen = strategies(report)
    placed = view.in_place(report)
    return {
        "session_id": session_id,
        "worker": WORKER,
        "timestamp": timestamp,
        "infrastructure": {
            "cloud_provider": report.intent.cloud or "none",
            "resources": resources(report),
            "containers": {
                "orchestration": _orchestration(report),
                "services": [service.name for service in view.services(report)],
                "registries": [report.blueprint.registry] if report.blueprint and report.blueprint.registry else [],
            },
            "networking": networking(report),
        },
        "cicd": {
            "platform": view.first_of(report, view.PIPELINES) or "none",
            "pipelines": view.pipelines(report),
            "environments": view.environments(report),
            "deployment_strategy": chosen[0]["strategy_name"] if chosen else "none",
        },
        "monitoring": {
            "metrics_platform": "prometheus" if "prometheus" in view.targets(report) else "none",
            "log_platform": view.first_of(report, view.LOG_PLATFORMS) or "none",
            "alerts": [alert.name for alert in monitoring.alerts] if monitoring else [],
            "dashboards": view.paths(report, "grafana"),
        },
        "security": {
            "scanning_enabled": view.has_scan(report),
            "compliance_frameworks": list(report.intent.compliance),
            "secrets_management": view.secret_store(report),
        },
        "files_modified": view.written(report),
        "scripts_created": [item.path for item in report.artifacts if item.path in placed and (item.executable or item.path.endswith(".sh"))],
        "configurations": placed,
        "status": status(report),
        "summary": summary(report),
        "next_actions": view.next_actions(report),
    }


def _orchestration(report: RunReport) -> str | None:
    """What runs the containers: as delivered, or else as the repository has it; None where nothing does."""
    made, there = view.targets(report), {item.kind for item in report.survey.existing}
    if view.is_orchestrated(report):
        return "kubernetes"
    if any(name in made for name in ("docker", "compose")):
        return "docker"
    if there.intersection(view.ORCHESTRATED):
        return "kubernetes"
    return "docker" if there.intersection(("dockerfile", "compose")) else None
