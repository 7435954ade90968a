"""What both output files and the notes ask of a report, each question once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from opsmith.model.blueprint import Service
from opsmith.model.finding import SEVERITIES
from opsmith.model.proof import Proof
from opsmith.model.report import FileChange, RunReport
from opsmith.shapes import table
from opsmith.yaml_safe import load_yaml

PIPELINES = {
    "github_actions": "github-actions", "gitlab_ci": "gitlab-ci", "jenkins": "jenkins", "circleci": "circleci", "azure_pipelines": "azure-pipelines",
}  # fmt: skip
ORCHESTRATED = ("kubernetes", "kustomize", "helm")
LOG_PLATFORMS = {"elk": "elk", "loki": "loki", "cloudwatch": "cloudwatch", "datadog": "datadog"}
SECRET_STORES = {"vault": "vault", "external_secrets": "external-secrets", "sealed_secrets": "sealed-secrets"}
SCANNERS = ("gitleaks", "checkov", "trivy", "zizmor")
_WRITTEN = ("create", "update", "merge")


@dataclass(frozen=True, slots=True)
class Object:
    """One object of a Kubernetes manifest."""

    kind: str
    name: str
    path: str
    body: dict[str, Any] = field(repr=False)


def targets(report: RunReport) -> tuple[str, ...]:
    """The targets that made something, in the blueprint's order."""
    made = {artifact.target for artifact in report.artifacts}
    wanted = report.blueprint.targets if report.blueprint else ()
    return tuple(dict.fromkeys([*(name for name in wanted if name in made), *sorted(made)]))


def paths(report: RunReport, *names: str) -> list[str]:
    return [artifact.path for artifact in report.artifacts if artifact.target in names]


def pipelines(report: RunReport) -> list[str]:
    """Files that are a pipeline; what only keeps one up to date is none."""
    return [path for path in paths(report, *PIPELINES) if not path.startswith(".github/") or path.startswith(".github/workflows/")]


def first_of(report: RunReport, table: dict[str, str]) -> str | None:
    return next((table[name] for name in targets(report) if name in table), None)


def is_orchestrated(report: RunReport) -> bool:
    return any(name in ORCHESTRATED for name in targets(report))


def objects(report: RunReport) -> list[Object]:
    return [item for artifact in report.artifacts if artifact.path.endswith((".yaml", ".yml")) for item in _objects(artifact.path, artifact.text)]


@lru_cache(maxsize=2048)
def _objects(path: str, text: str) -> tuple[Object, ...]:
    if "apiVersion:" not in text:
        return ()
    try:
        documents = [table(document) for document in load_yaml(text)]
    except ValueError:  # a template, say: then nothing is known of it
        return ()
    named = [(document, table(document.get("metadata")).get("name")) for document in documents if document.get("apiVersion")]
    return tuple(Object(str(document.get("kind")), str(name), path, document) for document, name in named if name and document.get("kind"))


def written(report: RunReport) -> list[str]:
    """Paths that were written, offers beside the user's files included; empty for a plan or a refusal."""
    return [change.written for change in report.changes if change.written] if report.status == "delivered" else []


def put_in_place(report: RunReport) -> list[str]:
    return [change.path for change in report.changes if change.change in _WRITTEN and report.status == "delivered"]


def in_place(report: RunReport) -> list[str]:
    """Paths at which our text lies now, written by this run or by an earlier one."""
    return [change.path for change in report.changes if change.change in (*_WRITTEN, "unchanged") and report.status == "delivered"]


def status_of(report: RunReport, path: str) -> str | None:
    """What the seed's resource status says of the file: created or updated; None where this run wrote nothing there."""
    if path not in put_in_place(report):
        return None
    return next(("created" if change.change == "create" else "updated" for change in report.changes if change.path == path), None)


def proofs(report: RunReport, outcome: str) -> list[Proof]:
    return [proof for proof in report.proofs if proof.outcome == outcome]


def severities(report: RunReport) -> dict[str, int]:
    counts = {name: sum(finding.severity == name for finding in report.findings) for name in SEVERITIES}
    return {name: count for name, count in counts.items() if count}


def examined(report: RunReport) -> list[str]:
    """The files of the repository that decided something."""
    components = report.survey.components
    shown = {item.file for component in components for items in component.evidence.values() for item in items}
    return sorted(shown | {path for component in components for path in component.manifests} | {item.path for item in report.survey.existing})


def served(report: RunReport) -> list[Service]:
    return [service for service in services(report) if service.port]


def services(report: RunReport) -> tuple[Service, ...]:
    return report.blueprint.services if report.blueprint else ()


def stages(report: RunReport) -> list[str]:
    """What the pipeline does, in order."""
    pipeline = report.blueprint.pipeline if report.blueprint else None
    if pipeline is None:
        return []
    tests = [
        step
        for step, has in (("lint", any(job.lint_command for job in pipeline.tests)), ("test", any(job.test_command for job in pipeline.tests)))
        if has
    ]
    return [*tests, "build", "push", *(["deploy"] if pipeline.deploys else [])]


def environments(report: RunReport) -> list[str]:
    pipeline = report.blueprint.pipeline if report.blueprint else None
    return list(dict.fromkeys([*(pipeline.environments if pipeline else ()), *report.intent.environments]))


def secret_store(report: RunReport) -> str:
    """Where secret values live; "none" when nothing needs one."""
    store = first_of(report, SECRET_STORES)
    if store or not (report.blueprint and report.blueprint.secrets):
        return store or "none"
    return "kubernetes-secrets" if is_orchestrated(report) else "environment-file"


def has_scan(report: RunReport) -> bool:
    """Whether a scanner has looked at what is delivered, or is a step of the pipeline that is."""
    in_pipeline = any(name in artifact.text for artifact in report.artifacts if artifact.path in pipelines(report) for name in SCANNERS)
    return in_pipeline or any(proof.tool in SCANNERS and proof.outcome != "could_not_check" for proof in report.proofs)


def address(service: Service) -> str:
    """How the service is reached, in words."""
    if service.port is None:
        return "no port"
    return f"port {service.port.number} ({service.port.protocol})"


def health(service: Service) -> str:
    probe = service.probe
    if probe is None:
        return "none: nothing in the repository answers a health question"
    return f"{probe.kind} {probe.path or ''} on port {probe.port}".replace("  ", " ")


def listed(items: Iterable[object]) -> str:
    return ", ".join(str(item) for item in items)


def next_actions(report: RunReport) -> list[str]:
    """What a person does next, in the order in which it matters."""
    actions = [told for change in report.changes if report.status == "delivered" and (told := _by_hand(change))]
    actions += list(report.open_points)
    actions += [
        f"Install {proof.tool} ({proof.how_to_get}) to check: {proof.claim}." for proof in proofs(report, "could_not_check") if proof.how_to_get
    ]
    if report.status == "planned":
        actions.append("Run again without --dry-run to write the files.")
    elif put_in_place(report):
        actions.append("Review the changes and commit them.")
    return list(dict.fromkeys(actions))


def _by_hand(change: FileChange) -> str | None:
    """What a person does about a file that was left alone."""
    if change.change in ("conflict", "foreign") and change.written:
        return f"Compare {change.path} with {change.written} and keep what is right."
    if change.change == "conflict":
        return f"{change.path} was removed after an earlier delivery and was left away; --force brings it back."
    return None


def critical_issues(report: RunReport) -> list[str]:
    told = [finding for finding in report.findings if finding.severity in ("critical", "high")]
    issues = [f"{finding.rule}: {finding.message}" + (f" ({finding.path}:{finding.line or 1})" if finding.path else "") for finding in told]
    return issues + [f"{proof.tool} refuted: {proof.claim}" + (f" ({proof.reason})" if proof.reason else "") for proof in proofs(report, "refuted")]
