"""A report as DevOpsOutput, the document of seed 000."""

from __future__ import annotations

from typing import Any, Literal

from opsmith.model.blueprint import Blueprint, Build, Slo
from opsmith.model.report import RunReport
from opsmith.protocols.hive_mind import view
from opsmith.protocols.hive_mind.assignment import Assignment
from opsmith.protocols.hive_mind.scores import scores
from opsmith.protocols.hive_mind.worker import COORDINATES_WITH, WORKER

Status = Literal["completed", "blocked", "failed"]


def status(report: RunReport) -> Status:
    return "blocked" if report.status == "refused" else "completed"


def devops_output(report: RunReport, session_id: str, timestamp: str, notes: str, assigned: Assignment) -> dict[str, Any]:
    """The keys of the wrapper's schema, filled with all that the report knows."""
    return {
        "worker": WORKER,
        "session_id": session_id,
        "timestamp": timestamp,
        "status": status(report),
        "summary": summary(report),
        "analysis": _analysis(report, assigned),
        "metrics": {
            "items_analyzed": len(view.examined(report)),
            "issues_found": len(report.findings),
            "severity_breakdown": view.severities(report),
        },
        "dependencies": {"requires": list(assigned.requires), "blocks": [], "handoffs": _handoffs(report)},
        "files_examined": view.examined(report),
        "files_modified": view.written(report),
        "next_actions": view.next_actions(report),
        "notes_markdown": notes,
        "config": None,
        "infrastructure_changes": _infrastructure_changes(report),
        "deployment_strategies": strategies(report),
        "monitoring_implementations": _monitoring_implementations(report),
        **_lists(report),
        **scores(report),
    }


def summary(report: RunReport) -> dict[str, list[str]]:
    return {"key_findings": _key_findings(report), "critical_issues": view.critical_issues(report), "recommendations": list(report.open_points)}


def headline(report: RunReport) -> str:
    """One sentence on how the run ended."""
    made, count = view.listed(view.targets(report)), len(report.artifacts)
    match report.status:
        case "delivered":
            return f"{count} files delivered for {made}; {len(view.put_in_place(report))} of them written now."
        case "planned":
            return f"{count} files planned for {made}; nothing was written."
        case "refused":
            return f"Refused: {len(view.critical_issues(report))} problems in what would have been delivered; nothing was written."
        case "nothing_to_do":
            return "The task asks for nothing that this worker delivers."


def _key_findings(report: RunReport) -> list[str]:
    found = [_component(item.name, item.role, item.language, item.framework, item.path) for item in report.survey.components]
    proved, unchecked = view.proofs(report, "proved"), view.proofs(report, "could_not_check")
    tools = [f"Proved by real tools: {view.listed(dict.fromkeys(proof.tool for proof in proved))}."] if proved else []
    open_ = [f"Could not be checked: {view.listed(dict.fromkeys(proof.tool for proof in unchecked))}."] if unchecked else []
    return [headline(report), *found, *tools, *open_]


def _component(name: str, role: str, language: str, framework: str | None, path: str) -> str:
    return f"{name} is a {language} {role} component" + (f" on {framework}" if framework else "") + f" in {path or 'the root folder'}."


def _analysis(report: RunReport, assigned: Assignment) -> dict[str, Any]:
    prompt = assigned.prompt
    return {
        "task": report.task,
        "kind": report.intent.kind,
        "targets": list(view.targets(report)),
        "components": [component.name for component in report.survey.components],
        "existing_files": [item.path for item in report.survey.existing],
        "proofs": {outcome: len(view.proofs(report, outcome)) for outcome in ("proved", "refuted", "could_not_check")},
        "not_understood": list(report.intent.not_understood),
        "out_of_scope": [f"{item.words} -> {item.hand_to}" for item in report.intent.out_of_scope],
        "prompt_focus_areas": list(prompt.focus) if prompt else [],
        "prompt_success_criteria": list(prompt.criteria) if prompt else [],
    }


def _handoffs(report: RunReport) -> list[str]:
    return list(dict.fromkeys([*COORDINATES_WITH, *(item.hand_to for item in report.intent.out_of_scope)]))


# -- DevOpsOutput's records ----------------------------------------------------------------------------------------------------------


def _infrastructure_changes(report: RunReport) -> list[dict[str, Any]]:
    plan = report.blueprint
    if plan is None:
        return []
    by_kind: dict[str, list[str]] = {}
    for item in view.objects(report):
        by_kind.setdefault(item.kind, []).append(item.path)
    images = view.listed(build.reference for build in plan.builds)
    uids = view.listed(sorted({service.user for service in plan.services}))
    compose = view.paths(report, "compose")
    data = [backing.name for backing in plan.backings if backing.data_path]
    rows = [
        ("container", f"Images {images}, built as non-root with uid {uids}", "Dockerfile per build", view.paths(report, "docker")),
        ("container", f"Services {view.listed(item.name for item in plan.services)} and their backing services on one machine", "Compose", compose),
        (
            "compute",
            f"Workloads in namespace {plan.namespace} with requests and limits",
            "Kubernetes",
            _files(by_kind, "Deployment", "CronJob", "Job"),
        ),
        ("networking", "Only the connections that the plan names are open", "Kubernetes", _files(by_kind, "NetworkPolicy", "Service", "Ingress")),
        ("storage", f"Data of {view.listed(data)} on volumes of its own", "Kubernetes", _files(by_kind, "StatefulSet", "PersistentVolumeClaim")),
        (
            "security",
            f"Secrets {view.listed(item.name for item in plan.secrets)}; values are never delivered",
            "Kubernetes",
            _files(by_kind, "Secret"),
        ),
        ("monitoring", "Scrapes, objectives and alerts", "Prometheus", view.paths(report, "prometheus", "alertmanager", "grafana")),
    ]
    return [_infrastructure_change(kind, text, how, files, report) for kind, text, how, files in rows if files]


def _files(by_kind: dict[str, list[str]], *kinds: str) -> list[str]:
    return sorted({path for kind in kinds for path in by_kind.get(kind, [])})


def _infrastructure_change(kind: str, text: str, how: str, files: list[str], report: RunReport) -> dict[str, Any]:
    touched = [path for path in files if path in view.put_in_place(report)]
    return {
        "change_type": kind,
        "description": text,
        "implementation_approach": how,
        "configuration_files": files,
        "deployment_impact": "none" if not touched else "low" if kind in ("monitoring", "security") else "medium",
        "rollback_strategy": rollback(report),
        "cost_impact": "increase_low" if kind in ("compute", "storage") and touched else "neutral",
        "security_implications": [f"{finding.rule}: {finding.message}" for finding in report.findings if finding.path in files],
    }


def rollback(report: RunReport) -> str:
    if view.is_orchestrated(report):
        return "kubectl rollout undo, or apply the previous commit's manifests"
    return "check out the previous commit and start it again" if report.artifacts else "nothing to take back"


def strategies(report: RunReport) -> list[dict[str, Any]]:
    plan = report.blueprint
    if plan is None or not report.artifacts:
        return []
    waits = [service.startup_seconds + service.grace_seconds for service in plan.services]
    probed = [f"traffic only to ready instances ({view.health(service)})" for service in view.served(report) if service.probe]
    migrations = [f"migration of {service.name} runs once before its release" for service in plan.services if service.migration]
    budgets = [f"disruption budget {item.name}" for item in view.objects(report) if item.kind == "PodDisruptionBudget"]
    alerts = [alert.name for alert in plan.monitoring.alerts] if plan.monitoring else []
    return [
        {
            "strategy_name": plan.strategy,
            "deployment_type": plan.strategy,
            "description": _STRATEGIES[plan.strategy],
            "pipeline_stages": view.stages(report),
            "automation_level": scores(report)["cicd_maturity_score"],
            "rollback_time": f"at most {max(waits)} s per instance (start limit plus grace period)" if waits else "not known: no service is deployed",
            "risk_mitigation": list(dict.fromkeys([*probed, *migrations, *budgets])),
            "monitoring_requirements": alerts,
        }
    ]


_STRATEGIES = {
    "rolling": "Instances are replaced one after another; an old one goes when its successor is ready.",
    "blue_green": "The new version is started whole beside the old one; traffic changes over at once, and back as fast.",
    "canary": "A part of the traffic goes to the new version first, and the rest follows while it does well.",
    "recreate": "Old instances stop before new ones start, because two versions may not run at once.",
}


def _monitoring_implementations(report: RunReport) -> list[dict[str, Any]]:
    monitoring = report.blueprint.monitoring if report.blueprint else None
    records: list[dict[str, Any]] = []
    if monitoring and (monitoring.scrapes or monitoring.slos):
        collected = [slo.metric.counter for slo in monitoring.slos if slo.metric]
        scrapes = [f"{scrape.service}: {scrape.path} on port {scrape.port.number}" for scrape in monitoring.scrapes]
        objectives = [f"{slo.service}: {slo.objective} % over {slo.window_days} days" for slo in monitoring.slos]
        records.append(
            _monitoring(
                "metrics", f"Prometheus reads {view.listed(scrapes) or 'the blackbox probes'}", ["Prometheus"], collected, [], [*scrapes, *objectives]
            )
        )
    if monitoring and monitoring.alerts:
        conditions = [f"{alert.name} ({alert.severity}): {alert.summary}" for alert in monitoring.alerts]
        books = sorted({alert.runbook for alert in monitoring.alerts})
        records.append(_monitoring("alerting", "Alerts on objectives, each with a runbook", ["Prometheus", "Alertmanager"], [], conditions, books))
    probes = [f"{service.name}: {view.health(service)}" for service in view.served(report) if service.probe]
    if probes:
        records.append(_monitoring("health_checks", "Every served port is asked whether it works", [_asker(report)], [], [], probes))
    logs = view.first_of(report, view.LOG_PLATFORMS)
    if logs:
        records.append(_monitoring("logging", f"Logs go to {logs}", [logs], [], [], view.paths(report, logs)))
    records += _tracing(report)
    boards = view.paths(report, "grafana")
    return [record | ({"dashboard_components": boards} if record["monitoring_type"] == "metrics" else {}) for record in records]


def _asker(report: RunReport) -> str:
    return "Kubernetes probes" if view.is_orchestrated(report) else "Compose health checks"


def _tracing(report: RunReport) -> list[dict[str, Any]]:
    tools = [name for name in view.targets(report) if name in ("otel", "jaeger")]
    return [_monitoring("tracing", f"Traces by {view.listed(tools)}", tools, [], [], view.paths(report, *tools))] if tools else []


def _monitoring(kind: str, text: str, tools: list[str], metrics: list[str], conditions: list[str], points: list[str]) -> dict[str, Any]:
    return {
        "monitoring_type": kind,
        "description": text,
        "tools_used": tools,
        "metrics_collected": metrics,
        "alert_conditions": conditions,
        "dashboard_components": [],
        "retention_policy": "as the receiving server is set; none is part of this delivery",
        "integration_points": points,
    }


def _lists(report: RunReport) -> dict[str, list[str]]:
    plan, intent = report.blueprint, report.intent
    proved = [f"{proof.tool} {proof.version or ''}: {proof.claim}".replace(" :", ":") for proof in view.proofs(report, "proved")]
    services = view.services(report)
    writable = [f"{item.name} runs as uid {item.user}; writable: {view.listed(item.writable) or 'nothing'}" for item in services]
    limits = [f"{item.name}: at most {item.resources.cpu_limit} CPU and {item.resources.memory_limit} memory" for item in services]
    tier = [f"recovery within {intent.recovery.rto_minutes:g} minutes was asked for"] if intent.recovery.rto_minutes is not None else []
    budget = (
        [f"the budget is {intent.budget.amount:g} {intent.budget.currency or ''} a {intent.budget.period or 'month'}"] if intent.budget.amount else []
    )
    return {
        "security_implementations": [*writable, *(line for line in proved if line.split(" ")[0] in view.SCANNERS)],
        "compliance_improvements": [f"{name} was asked for; what was delivered is evidence for it, no attestation" for name in intent.compliance],
        "performance_optimizations": [f"{slo.service}: {slo.latency_ms:g} ms objective" for slo in _slos(plan) if slo.latency_ms is not None],
        "cost_optimizations": [*limits, *budget],
        "scalability_improvements": [f"{item.name}: {item.replicas} replicas" for item in services if item.replicas > 1],
        "automation_implementations": [f"pipeline stages: {view.listed(view.stages(report))}"] if view.stages(report) else [],
        "tooling_improvements": proved,
        "process_improvements": [f"runbook {path}" for path in view.paths(report, "runbooks")],
        "configuration_changes": [f"{change.change}: {change.written}" for change in report.changes if change.written],
        "environment_standardization": [
            f"{build.name}: {build.language} {build.runtime_version} in one image for every environment" for build in _builds(plan)
        ],
        "secrets_management": [f"{item.name}: {view.listed(item.keys)}" for item in (plan.secrets if plan else ())],
        "backup_strategies": view.paths(report, "velero", "backups"),
        "disaster_recovery_improvements": [*tier, *view.paths(report, "failover"), *([f"rollback: {rollback(report)}"] if report.artifacts else [])],
    }


def _slos(plan: Blueprint | None) -> tuple[Slo, ...]:
    return plan.monitoring.slos if plan and plan.monitoring else ()


def _builds(plan: Blueprint | None) -> tuple[Build, ...]:
    return plan.builds if plan else ()
