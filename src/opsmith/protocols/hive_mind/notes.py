"""A report as the two Markdown files: devops_notes.md (seed 001's sections, none empty) and devops_implementation.md (with the files)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from opsmith.model.artifact import Artifact
from opsmith.model.blueprint import Backing, Blueprint, Service
from opsmith.model.report import RunReport
from opsmith.protocols.hive_mind import output, view
from opsmith.reports import reasoning
from opsmith.shapes import items, table

LONG = 400
"""Lines after which a delivered file is shortened in the notes."""
_SCALERS = ("HorizontalPodAutoscaler", "ScaledObject")
_ENGINES = ("docker", "podman", "buildah")
_LANGUAGES = {
    "yaml": "yaml", "yml": "yaml", "json": "json", "md": "markdown", "sh": "bash", "toml": "toml", "tf": "hcl", "py": "python", "env": "dotenv",
}  # fmt: skip


def notes(report: RunReport, session_id: str, timestamp: str) -> str:
    """devops_notes.md: every section of the worker's outline, in its order."""
    head = f"# DevOps Worker Infrastructure Report\n## Session: {session_id}\n## Generated: {timestamp}\n"
    return "\n".join([head, *(_section(title, body(report)) for title, body in _SECTIONS)])


def implementation(report: RunReport, text: str) -> str:
    """devops_implementation.md: the notes, then each file that was delivered."""
    files = [_file(artifact, report) for artifact in report.artifacts]
    told = files or ["No file was made: " + output.headline(report)]
    return "\n".join([text, "### Delivered Configurations\n", *told])


def _section(title: str, rows: Sequence[str]) -> str:
    return "\n".join([title, "", *rows, ""]) if rows else f"{title}\n"


def _file(artifact: Artifact, report: RunReport) -> str:
    lines = artifact.text.rstrip("\n").split("\n")
    shown = lines if len(lines) <= LONG else [*lines[:LONG], f"... {len(lines) - LONG} more lines: see {artifact.path}"]
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", artifact.text)), default=0))
    change = next((item.change for item in report.changes if item.path == artifact.path), "planned")
    return "\n".join([f"#### `{artifact.path}` ({change})", "", fence + _language(artifact.path), *shown, fence, ""])


def _language(path: str) -> str:
    name = path.rpartition("/")[2]
    return "dockerfile" if name.startswith("Dockerfile") else _LANGUAGES.get(name.rpartition(".")[2], "text")


def _items(rows: Iterable[str]) -> list[str]:
    return [f"- {_plain(row)}" for row in rows]


def _plain(text: str) -> str:
    """On one line, so that text of the repository cannot open a section of its own."""
    return " ".join(text.split())


# -- the sections, in the seed's order ---------------------------------------------------------------------------------------------


def _summary(report: RunReport) -> list[str]:
    told = output.summary(report)
    rows = [f"Task: {_plain(report.task)}", "", *_items(told["key_findings"])]
    rows += ["", "Critical issues:", "", *_items(told["critical_issues"])] if told["critical_issues"] else ["", "No critical issue was found."]
    return rows + (["", "Next actions:", "", *_items(view.next_actions(report))] if view.next_actions(report) else [])


def _architecture(report: RunReport) -> list[str]:
    plan = report.blueprint
    if plan is None:
        return ["No system was planned: " + output.headline(report)]
    rows = [f"System `{plan.name}`, namespace `{plan.namespace}`, made for {view.listed(view.targets(report)) or 'no target'}."]
    links = [
        f"{item.name} ({item.role}, {view.address(item)}) uses {view.listed((*item.needs, *item.calls)) or 'nothing else'}" for item in plan.services
    ]
    backings = [
        f"{item.name} ({item.kind}, port {item.port}) runs {'beside them' if item.placement == 'in_cluster' else 'elsewhere'}"
        for item in plan.backings
    ]
    parts = ["", *_items([*links, *backings])] if links or backings else []
    return [*rows, *parts, *reasoning.lines(report)]


def _resources(report: RunReport) -> list[str]:
    plan = report.blueprint
    if plan is None or not (plan.services or plan.backings):
        return ["No resource was planned, because no deployable part was found or asked for."]
    blocks = [*(_service(item, report) for item in plan.services), *(_backing(item) for item in plan.backings)]
    return [row for block in blocks for row in (*block, "")][:-1]


def _service(item: Service, report: RunReport) -> list[str]:
    variables = [f"{variable.name} ({variable.kind})" for variable in item.variables]
    metrics = _scraped(item, report)
    return [
        f"**INFRASTRUCTURE COMPONENT: {item.name}**",
        f"- Purpose: {item.role} process of {item.component}",
        f"- Dependencies: {view.listed((*item.needs, *item.calls)) or 'none'}",
        "- Configuration:",
        f"  - Key settings: {view.address(item)}, uid {item.user}, {item.resources.cpu_limit} CPU, {item.resources.memory_limit} memory",
        f"  - Environment variables: {view.listed(variables) or 'none'}",
        "- Scaling:",
        *_scaling(item, report),
        "- Monitoring:",
        f"  - Health check endpoint: {view.health(item)}",
        f"  - Key metrics: {metrics}",
        f"  - Alert thresholds: {view.listed(_alerts(item.name, report)) or 'none: no alert watches it'}",
    ]


def _scaling(item: Service, report: RunReport) -> list[str]:
    """By the autoscaler that is delivered for it, if there is one."""
    scalers = [found.body for found in view.objects(report) if found.kind in _SCALERS]
    spec = next((spec for body in scalers if table((spec := table(body.get("spec"))).get("scaleTargetRef")).get("name") == item.name), None)
    if spec is None:
        return [f"  - Min/Max instances: {item.replicas}/{item.replicas}", "  - Triggers: none; the number is fixed"]
    least, most = (spec.get(f"{end}Replicas", spec.get(f"{end}ReplicaCount", "not said")) for end in ("min", "max"))
    triggers = [
        table(metric.get("resource")).get("name") or metric.get("type") for metric in map(table, items(spec.get("metrics", spec.get("triggers"))))
    ]
    return [f"  - Min/Max instances: {least}/{most}", f"  - Triggers: {view.listed(triggers) or 'as the autoscaler is set by default'}"]


def _scraped(item: Service, report: RunReport) -> str:
    monitoring = report.blueprint.monitoring if report.blueprint else None
    found = [f"{scrape.path} on port {scrape.port.number}" for scrape in monitoring.scrapes if scrape.service == item.name] if monitoring else []
    return view.listed(found) or "none: the code exposes no metrics that are read"


def _alerts(service: str, report: RunReport) -> list[str]:
    monitoring = report.blueprint.monitoring if report.blueprint else None
    return [alert.name for alert in monitoring.alerts if alert.service == service] if monitoring else []


def _backing(item: Backing) -> list[str]:
    volume = f"{item.volume_size} at {item.data_path}" if item.data_path else "none"
    return [
        f"**INFRASTRUCTURE COMPONENT: {item.name}**",
        f"- Purpose: {item.kind} that the services need",
        "- Dependencies: none",
        f"- Configuration: image `{item.image}`, port {item.port}, volume {volume}",
        "- Scaling: one instance",
        f"- Monitoring: health command `{' '.join(item.health_command) or 'none'}`",
    ]


def _pipeline(report: RunReport) -> list[str]:
    plan = report.blueprint.pipeline if report.blueprint else None
    platform = view.first_of(report, view.PIPELINES)
    if plan is None or platform is None:
        return _not_made(report, "pipeline", "--target github_actions")
    jobs = [f"{job.name}: {' | '.join(filter(None, (job.install_command, job.lint_command, job.test_command)))}" for job in plan.tests]
    stages = f"On {platform}, for branch `{plan.branch}`: {' -> '.join(view.stages(report))}."
    return [stages, "", *_items([*jobs, f"files: {view.listed(view.pipelines(report))}"])]


def _deployment(report: RunReport) -> list[str]:
    plan = report.blueprint
    if plan is None or not report.artifacts:
        return ["Nothing is deployed: " + output.headline(report)]
    testing = [f"{test} ({job})" for job, test in _tests(report)]
    described = output.strategies(report)[0]
    changes = [f"{change.change} {change.path}" for change in report.changes if change.change != "unchanged"]
    return [
        f"- Version: {view.listed(build.reference for build in plan.builds) or 'no image of ours'}",
        f"- Environment: {view.listed(view.environments(report)) or 'none named in the task'}",
        f"- Changes: {view.listed(changes) or 'none'}",
        "- Testing:",
        f"  - Unit: not run here; {'the pipeline runs ' + view.listed(testing) if testing else 'no pipeline stage runs any'}",
        f"  - Integration: {_started(report)}",
        f"  - Security: {_verdict(report, view.SCANNERS)}",
        f"- Rollout Strategy: {described['strategy_name']}. {described['description']}",
        f"- Rollback Plan: {output.rollback(report)}; {described['rollback_time']}",
    ]


def _tests(report: RunReport) -> list[tuple[str, str]]:
    pipeline = report.blueprint.pipeline if report.blueprint else None
    return [(job.name, job.test_command) for job in pipeline.tests if job.test_command] if pipeline and view.pipelines(report) else []


def _started(report: RunReport) -> str:
    """Whether the images were built and the system asked, as `opsmith run --prove build` does."""
    found = [f"{proof.claim}: {proof.outcome.replace('_', ' ')}" for proof in report.proofs if proof.tool in _ENGINES]
    return view.listed(dict.fromkeys(found)) or "not run here; opsmith run --prove build builds the images, starts them and asks them"


def _verdict(report: RunReport, tools: Iterable[str]) -> str:
    names = set(tools)
    found = [f"{proof.tool}: {proof.outcome.replace('_', ' ')}" for proof in report.proofs if proof.tool in names]
    return view.listed(dict.fromkeys(found)) or "not checked; no scanner was asked"


def _not_made(report: RunReport, what: str, how: str) -> list[str]:
    """That `what` is not part of the delivery, for which of the possible reasons, and `how` one would get it."""
    match report.status:
        case "nothing_to_do":
            return [f"No {what}: {output.headline(report)}"]
        case "refused":
            return [f"No {what} was part of what was refused. To get one: {how}."]
        case "planned" | "delivered":
            made = view.listed(view.targets(report)) or "nothing"
            return [f"No {what} was made: the task was read as asking for {made}. To get one: {how}."]


def _metrics(report: RunReport) -> list[str]:
    monitoring = report.blueprint.monitoring if report.blueprint else None
    if monitoring is None or not (monitoring.scrapes or monitoring.slos or monitoring.probes):
        return _not_made(report, "collection of metrics", "--target prometheus")
    rows = [f"{item.service}: {item.path} on port {item.port.number}" for item in monitoring.scrapes]
    rows += [f"{name}: asked by the blackbox exporter" for name in monitoring.probes]
    return _items(rows + [f"{slo.service}: {slo.objective} % over {slo.window_days} days, measured by {slo.sli}" for slo in monitoring.slos])


def _logging(report: RunReport) -> list[str]:
    platform = view.first_of(report, view.LOG_PLATFORMS)
    if platform:
        return _items([f"Logs go to {platform}: {view.listed(view.paths(report, platform))}"])
    rows = _not_made(report, "log aggregation", "a task that names where logs go")
    speaking = view.listed(item.name for item in view.services(report))
    return [*rows, "", f"What {speaking} write to standard output is kept as the platform is set to."] if speaking else rows


def _alerting(report: RunReport) -> list[str]:
    monitoring = report.blueprint.monitoring if report.blueprint else None
    if monitoring is None or not monitoring.alerts:
        return _not_made(report, "alert rule", "--target prometheus")
    return _items(
        f"{alert.name} ({alert.severity}, {alert.service}): {alert.summary.rstrip('.')}. Runbook: {alert.runbook}" for alert in monitoring.alerts
    )


def _security(report: RunReport) -> list[str]:
    plan = report.blueprint
    if plan is None:
        return ["Nothing was made that would have to be secured."]
    rows = [f"{item.name} runs as uid {item.user}" for item in plan.services]
    rows += [f"network policy {item.name}" for item in view.objects(report) if item.kind == "NetworkPolicy"]
    rows += [f"secret {item.name} with keys {view.listed(item.keys)}; values are filled in by a person" for item in plan.secrets]
    rows += [f"{proof.tool} ({proof.version or 'version not told'}): {proof.outcome.replace('_', ' ')}: {proof.claim}" for proof in report.proofs]
    return _items(rows) or ["The plan holds no process, network or secret that needs measures."]


def _compliance(report: RunReport) -> list[str]:
    if not report.intent.compliance:
        proved = view.listed(dict.fromkeys(proof.tool for proof in view.proofs(report, "proved")))
        held = f" It was held against the rules of {proved} only." if proved else ""
        return [f"The task names no standard, so what was made for it was not checked against one.{held}"]
    return _items(
        f"{name}: the files, their proofs and this report are evidence; an audit is still a person's work" for name in report.intent.compliance
    )


def _cost(report: RunReport) -> list[str]:
    services = view.services(report)
    budget = report.intent.budget
    rows = [
        f"{item.name}: {item.replicas} x (requests {item.resources.cpu_request} CPU, {item.resources.memory_request}; limits "
        f"{item.resources.cpu_limit} CPU, {item.resources.memory_limit})"
        for item in services
    ]
    plan = report.blueprint
    rows += [f"{item.name}: 1 x (limits {item.resources.cpu_limit} CPU, {item.resources.memory_limit}){_volume(item)}" for item in _in_cluster(plan)]
    rows += (
        [f"Budget named in the task: {budget.amount:g} {budget.currency or ''} a {budget.period or 'month'}; no price was looked up"]
        if budget.amount
        else []
    )
    return _items(rows) or ["No running resource was planned, so there is no cost to reduce."]


def _in_cluster(plan: Blueprint | None) -> list[Backing]:
    return [item for item in plan.backings if item.placement == "in_cluster"] if plan else []


def _volume(item: Backing) -> str:
    return f", a volume of {item.volume_size}" if item.data_path else ""


def _recovery(report: RunReport) -> list[str]:
    plan = report.blueprint
    if plan is None:
        return ["Nothing was made that would have to be recovered."]
    backups = view.paths(report, "velero", "backups")
    data = [f"{item.name} keeps data on a volume of {item.volume_size}" for item in _in_cluster(plan) if item.data_path]
    rows = [f"Rollback: {output.rollback(report)}", *data, *(f"Backup: {path}" for path in backups)]
    if data and not backups:
        rows.append("No backup was asked for, so none was made: losing a volume loses its data.")
    recovery = report.intent.recovery
    times = [("RTO", recovery.rto_minutes), ("RPO", recovery.rpo_minutes)]
    rows += [f"{name} named in the task: {value:g} minutes" for name, value in times if value is not None]
    return _items(rows)


def _heading(_: RunReport) -> list[str]:
    return []


_SECTIONS: tuple[tuple[str, Callable[[RunReport], list[str]]], ...] = (
    ("### Executive Summary", _summary),
    ("### Infrastructure Design", _heading),
    ("#### Architecture", _architecture),
    ("#### Resources", _resources),
    ("### CI/CD Pipeline", _heading),
    ("#### Pipeline Configuration", _pipeline),
    ("#### Deployment Strategy", _deployment),
    ("### Monitoring & Observability", _heading),
    ("#### Metrics", _metrics),
    ("#### Logging", _logging),
    ("#### Alerting", _alerting),
    ("### Security & Compliance", _heading),
    ("#### Security Measures", _security),
    ("#### Compliance Requirements", _compliance),
    ("### Cost Optimization", _cost),
    ("### Disaster Recovery", _recovery),
)
