"""A run in Chain-of-Draft steps: a label and at most five words, each from the facts of this run (seed 002's four sequences)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from opsmith.model.artifact import Artifact
from opsmith.model.blueprint import Blueprint
from opsmith.model.report import RunReport
from opsmith.reports import kinds_of_files

WORDS = 5
SEQUENCES = {
    "deployment": ("ASSESS", "IDENTIFY", "AUTOMATE", "VALIDATE", "DEPLOY"),
    "infrastructure": ("LOAD", "SCALE", "REGION", "MONITOR", "ALERT"),
    "incident": ("DETECT", "INVESTIGATE", "MITIGATE", "FIX", "POSTMORTEM"),
    "container": ("BASE", "BUILD", "CACHE", "SCAN", "SIGN"),
}


@dataclass(frozen=True, slots=True)
class Draft:
    """One sequence: its name in `SEQUENCES`, and for each of its labels what this run has to say."""

    name: str
    steps: tuple[tuple[str, str], ...]


def drafts(report: RunReport) -> tuple[Draft, ...]:
    """The sequences that this run did work of; none for a run that planned nothing."""
    plan = report.blueprint
    if plan is None or not report.artifacts:
        return ()
    made: list[Draft] = []
    in_cluster = any(name in kinds_of_files.CLUSTERS for name in plan.targets)
    if in_cluster or plan.pipeline:
        made.append(_draft("deployment", _deployment(report, plan)))
    if in_cluster:
        made.append(_draft("infrastructure", _infrastructure(report, plan)))
    if plan.monitoring and plan.monitoring.alerts:
        made.append(_draft("incident", _incident(plan, report)))
    if dockerfiles := [item for item in report.artifacts if item.target == "docker" and "Dockerfile" in item.path and "FROM " in item.text]:
        made.append(_draft("container", _container(report, dockerfiles)))
    return tuple(made)


def lines(report: RunReport) -> list[str]:
    """The steps as seed 002 writes them, one fenced block for each sequence."""
    return [row for draft in drafts(report) for row in (f"{draft.name.capitalize()}:", "", "```text", *_rows(draft), "```", "")][:-1]


def _rows(draft: Draft) -> list[str]:
    return [f"{label}: {text}" for label, text in draft.steps]


def _draft(name: str, texts: Sequence[str]) -> Draft:
    return Draft(name, tuple(zip(SEQUENCES[name], map(five, texts), strict=True)))


def five(text: str) -> str:
    """At most five words on one line; what is too long ends in the number of words left out."""
    words = text.split()
    return " ".join(words) if len(words) <= WORDS else f"{' '.join(words[: WORDS - 2]).rstrip(',')} +{len(words) - WORDS + 2} more"


def _deployment(report: RunReport, plan: Blueprint) -> list[str]:
    before = len(report.survey.existing)
    tests = sum(1 for job in plan.pipeline.tests if job.test_command) if plan.pipeline else 0
    flow = plan.pipeline
    jobs = f"{tests} tested, {len(plan.builds)} built" + (", deployed" if flow and flow.deploys else "")
    return [
        f"{_count(len(plan.services), 'process', 'processes')}, {_count(before, 'deployment file')}",
        f"{_count(len(report.open_points), 'decision')} left to people" if report.open_points else "nothing left open",
        jobs if flow else "no pipeline was asked for",
        _verdicts(report),
        f"{plan.strategy} into {'/'.join(flow.environments if flow and flow.environments else report.intent.environments) or plan.namespace}",
    ]


def _infrastructure(report: RunReport, plan: Blueprint) -> list[str]:
    intent, watch = report.intent, plan.monitoring
    asked = intent.scale
    load = (
        f"{asked.concurrent_users} concurrent users"
        if asked.concurrent_users
        else f"{asked.requests_per_second:g} requests per second"
        if asked.requests_per_second
        else ""
    )
    copies = ", ".join(f"{item.name} x{item.replicas}" for item in plan.services if item.role in ("web", "worker", "static"))
    paged = [alert.name for alert in watch.alerts if alert.severity == "P1"] if watch else []
    return [
        load or "task names no load",
        f"{asked.min_replicas or plan.services[0].replicas} to {asked.max_replicas} asked"
        if asked.max_replicas and plan.services
        else copies or "no process keeps running",
        ", ".join(intent.regions) or (f"{intent.cloud}, region not named" if intent.cloud else "region not named"),
        f"{_count(len(watch.scrapes), 'scrape')}, {_count(len(watch.probes), 'probe')}" if watch else "no monitoring asked for",
        f"{len(watch.alerts)} alerts, {len(paged)} page" if watch and watch.alerts else "no alert can be measured",
    ]


def _incident(plan: Blueprint, report: RunReport) -> list[str]:
    alerts = plan.monitoring.alerts if plan.monitoring else ()
    first = min(alerts, key=lambda alert: alert.severity)
    service = first.service
    slo = next((item for item in plan.monitoring.slos if item.service == service), None) if plan.monitoring else None
    needs = next(((*item.needs, *item.calls) for item in plan.services if item.name == service), ())
    build = next((plan.build(item.build) for item in plan.services if item.name == service), None)
    flows = [item for item in report.artifacts if item.target in kinds_of_files.PIPELINES]
    pipeline = next((item.path for item in flows if build and build.dockerfile in item.text and "dependabot" not in item.path), None)
    return [
        f"{first.name} ({first.severity})",
        f"{service}, then {', '.join(needs)}" if needs else f"{service} by {first.runbook}",
        f"undo rollout of {service}",
        f"{build.dockerfile if build else service} through {pipeline or 'a new image'}",
        f"{service} against {slo.objective:g} %" if slo else first.runbook,
    ]


def _container(report: RunReport, dockerfiles: Sequence[Artifact]) -> list[str]:
    text = "\n".join(item.text for item in dockerfiles)
    stages = re.findall(r"(?m)^FROM (?:--\S+ )?(\S+)", text)
    names = set(re.findall(r"(?mi)^FROM .+ AS (\S+)", text))
    bases = list(dict.fromkeys(stage.partition("@")[0] for stage in stages if stage not in names))
    scans = list(dict.fromkeys(f"{proof.tool} {proof.outcome.replace('_', ' ')}" for proof in report.proofs if proof.tool in kinds_of_files.SCANNERS))
    signs = next((item.path for item in report.artifacts if "cosign" in item.text), None)
    mounts = text.count("--mount=type=cache")
    return [
        ", ".join(bases),
        f"{_count(len(stages), 'stage')}, {_count(len(dockerfiles), 'Dockerfile')}",
        f"{_count(mounts, 'cache mount')}" if mounts else "no cache mount",
        scans[0] if scans else "no scanner was asked",
        f"cosign in {signs}" if signs else "not signed, not asked",
    ]


def _verdicts(report: RunReport) -> str:
    counted = [(outcome, sum(1 for proof in report.proofs if proof.outcome == outcome)) for outcome in ("proved", "refuted", "could_not_check")]
    told = [f"{number} {name.replace('could_not_check', 'unchecked')}" for name, number in counted if number]
    return " ".join(told[:2]) or "no tool was asked"


def _count(number: int, noun: str, plural: str | None = None) -> str:
    return f"{number} {noun if number == 1 else plural or noun + 's'}"
