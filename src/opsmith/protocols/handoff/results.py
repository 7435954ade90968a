"""What is handed on after a deployment, from the report of the run. What nobody knows is null: an address, a health, a version is never made up."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from opsmith.model.blueprint import Blueprint, Service
from opsmith.model.report import RunReport
from opsmith.protocols.handoff import names, routing
from opsmith.protocols.handoff.checksum import checksum
from opsmith.protocols.handoff.model import Artifacts, Content, Handoff, Metadata, Validation
from opsmith.protocols.handoff.validation import sanitised
from opsmith.protocols.hive_mind.clock import Clock, stamp, utc_now

_CLUSTER = frozenset(("kubernetes", "kustomize", "helm"))
_MOST = 20
"""Strict readers want no more next steps."""
_NEXT = {
    routing.PROJECT_MANAGER: "Update the project status",
    routing.SECURITY_EXPERT: "Review network policies, secrets and the pods' security contexts",
    routing.TECH_WRITER: "Write the operational runbook and the deployment guide from the delivered files",
}


def _new_id() -> str:
    return str(uuid.uuid4())


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """`project` is named where the handoff that is answered names none."""

    agent: str = names.AGENT
    project: str = ""
    clock: Clock = utc_now
    new_id: Callable[[], str] = _new_id


def of_report(handoff: Handoff, report: RunReport, sender: Sender) -> tuple[Handoff, ...]:
    """One handoff for each who is to hear of `report`, which came of `handoff`."""
    content = Content(
        summary=_summary(report),
        requirements=handoff.content.requirements,
        artifacts=_artifacts(report),
        technical_details=details(report) | {"in_reply_to": handoff.metadata.handoff_id},
    )
    receivers = routing.receivers(handoff, report.intent.out_of_scope)
    if report.status != "delivered":
        receivers = receivers[:1]  # there is nothing to review or to describe
    return tuple(_addressed(handoff, replace(content, next_steps=_next_steps(report, to)), to, sender) for to in receivers)


def of_failure(handoff: Handoff, error: str, next_step: str, sender: Sender) -> tuple[Handoff, ...]:
    """The deployment did not come about, and the project manager hears why."""
    content = Content(
        summary=f"Deployment failed: {error}",
        requirements=handoff.content.requirements,
        technical_details={**_UNKNOWN, "status": "failed", "error": error, "in_reply_to": handoff.metadata.handoff_id},
        next_steps=(next_step,) if next_step else (),
    )
    return tuple(_addressed(handoff, content, to, sender) for to in routing.receivers(handoff)[:1])


def _addressed(handoff: Handoff, content: Content, to: str, sender: Sender) -> Handoff:
    now, meta = stamp(sender.clock), handoff.metadata
    made = sanitised(
        Handoff(
            metadata=Metadata(
                project_name=meta.project_name or sender.project,
                from_agent=sender.agent,
                to_agent=to,
                timestamp=now,
                task_context=meta.task_context or handoff.content.summary,
                priority=meta.priority or "medium",
                handoff_id=sender.new_id(),
            ),
            content=content,
            created_at=now,
            updated_at=now,
        )
    )
    return replace(made, validation=Validation(checksum=checksum(made)))


def _summary(report: RunReport) -> str:
    name = report.blueprint.name if report.blueprint else "the repository"
    match report.status:
        case "delivered":
            told = f"Deployment configuration of {name} delivered: {len(_written(report))} files, {_proved(report)}"
        case "planned":
            told = f"Deployment configuration of {name} planned, nothing written: {len(report.artifacts)} files, {_proved(report)}"
        case "refused":
            told = f"Deployment of {name} refused, nothing written: {'; '.join(_objections(report)[:3])}"
        case "nothing_to_do":
            told = "Nothing to deploy: the words of the handoff ask for nothing of this kind"
    return told[:1000]


def _proved(report: RunReport) -> str:
    counts = [sum(proof.outcome == outcome for proof in report.proofs) for outcome in ("proved", "refuted", "could_not_check")]
    return "{} claims proved, {} refuted, {} could not be checked".format(*counts)


def objection(report: RunReport) -> str:
    """Why the run was refused, in one line."""
    return "; ".join(_objections(report)[:5]) or "a proof or a check refused it"


def _objections(report: RunReport) -> list[str]:
    findings = [f"{item.rule}: {item.message}" for item in report.findings if item.severity in ("critical", "high")]
    return [*(f"{proof.tool} refuted: {proof.claim}" for proof in report.proofs if proof.outcome == "refuted"), *findings]


def _written(report: RunReport) -> list[str]:
    return [change.written for change in report.changes if change.written] if report.status == "delivered" else []


def _artifacts(report: RunReport) -> Artifacts:
    if report.status != "delivered":
        return Artifacts()
    made = [change for change in report.changes if change.written]
    created = tuple(change.written for change in made if change.written and change.change in ("create", "conflict", "foreign"))
    modified = tuple(change.written for change in made if change.written and change.change in ("update", "merge"))
    same = tuple(change.path for change in report.changes if change.change == "unchanged")
    return Artifacts(created=created, modified=modified, reviewed=same)


_UNKNOWN: dict[str, Any] = {"deployment_url": None, "version": None, "replicas": None, "health_status": None, "rollback_command": None}


def details(report: RunReport) -> dict[str, Any]:
    """The keys that readers of a deployment look for, then more of what the plan knows.

    Files are delivered and nothing is started, so the health stays unknown. A version, a domain that opsmith only made up counts as unknown.
    """
    blueprint = report.blueprint
    told = dict(_UNKNOWN) | {"status": report.status, "targets": list(blueprint.targets) if blueprint else []}
    if blueprint is None:
        return told
    known = {
        "deployment_url": _url(blueprint),
        "version": _version(blueprint),
        "replicas": _replicas(blueprint),
        "rollback_command": _rollback(blueprint),
        "strategy": blueprint.strategy,
        "images": [build.reference for build in blueprint.builds],
        "services": [_service(service, blueprint) for service in blueprint.services],
        "backing_services": [{"name": backing.name, "kind": backing.kind, "placement": backing.placement} for backing in blueprint.backings],
        "proofs": [{"tool": proof.tool, "claim": proof.claim, "outcome": proof.outcome} for proof in report.proofs],
    }
    return told | known


def _service(service: Service, blueprint: Blueprint) -> dict[str, Any]:
    return {
        "name": service.name,
        "role": service.role,
        "port": service.port.number if service.port else None,
        "health_path": service.probe.path if service.probe else None,
        "replicas": service.replicas if _in_cluster(blueprint) and service.schedule is None else None,
    }


def _in_cluster(blueprint: Blueprint) -> bool:
    return not _CLUSTER.isdisjoint(blueprint.targets)


def _is_default(blueprint: Blueprint, node: str) -> bool:
    return any(origin.kind == "default" for origin in blueprint.origins.get(node, ()))


def _url(blueprint: Blueprint) -> str | None:
    """Where requests from outside arrive, when one domain was told."""
    hosts = {service.host for service in blueprint.services if service.host and not _is_default(blueprint, f"services.{service.name}.host")}
    return f"https://{next(iter(hosts))}" if len(hosts) == 1 and _in_cluster(blueprint) else None


def _version(blueprint: Blueprint) -> str | None:
    """The tag of all images, when somebody chose it."""
    if any(_is_default(blueprint, f"builds.{build.name}.reference") for build in blueprint.builds):
        return None
    tags = {build.reference.rpartition("/")[2].partition(":")[2] for build in blueprint.builds}
    return (next(iter(tags)) or None) if len(tags) == 1 else None


def _long_running(blueprint: Blueprint) -> list[Service]:
    return [service for service in blueprint.services if service.schedule is None and service.role != "job"] if _in_cluster(blueprint) else []


def _replicas(blueprint: Blueprint) -> int | None:
    """A number where there is one service to count; `services` has each."""
    services = _long_running(blueprint)
    return services[0].replicas if len(services) == 1 else None


def _rollback(blueprint: Blueprint) -> str | None:
    undone = [f"kubectl rollout undo deployment/{service.name} --namespace {blueprint.namespace}" for service in _long_running(blueprint)]
    return " && ".join(undone) or None


def _next_steps(report: RunReport, to: str) -> tuple[str, ...]:
    if report.status == "refused":
        steps = [f"Decide about: {text}" for text in _objections(report)]
    elif report.status == "delivered":
        steps = ["Review the written files and commit them", *report.open_points, _NEXT[to]]
    else:
        steps = [*report.open_points, _NEXT[to]]
    if len(steps) > _MOST:
        steps = [*steps[: _MOST - 2], f"... and {len(steps) - _MOST + 1} more open points: opsmith run with the same task shows them", steps[-1]]
    return tuple(steps)
