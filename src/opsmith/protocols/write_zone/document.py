"""work.md: seven sections in the order of the agent's contract, each from the facts of this run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from opsmith.model.artifact import Artifact
from opsmith.model.blueprint import Origin
from opsmith.model.report import RunReport
from opsmith.protocols.write_zone.criteria import Judged
from opsmith.protocols.write_zone.task import Task

DELIVERABLES = (
    ("Dockerfile", ("docker",)),
    ("docker-compose.yml", ("compose",)),
    ("K8s manifests", ("kubernetes", "kustomize", "helm")),
    ("CI/CD pipeline", ("github_actions",)),
    ("Infrastructure docs", ("runbooks",)),
)
LANGUAGES = {".yaml": "yaml", ".yml": "yaml", ".json": "json", ".sh": "sh", ".md": "markdown", ".conf": "nginx", ".tpl": "gotemplate", ".txt": "text"}
SELF_CHECKLIST = (
    "Requirements → Deliverables mapping is explicit",
    "All code uses proper types/schemas",
    "Security: no secrets, safe defaults documented",
    "Performance: major operations are optimized",
    "Tests cover critical paths",
    "Minimal diff discipline maintained",
    "All outputs are production-ready",
)


def document(report: RunReport, task: Task, judged: Sequence[Judged], reviewed: Sequence[Judged], checklist: Sequence[bool]) -> str:
    """`reviewed` are the ten items of the self-review, `checklist` says which items of the self-checklist hold."""
    sections = (
        ("1. Summary & Intent", _summary(report, task)),
        ("2. Deliverables", _deliverables(report)),
        ("3. Implementation Details", _implementation(report.artifacts)),
        ("4. Usage Examples", _usage(report)),
        ("5. Testing", _testing(report)),
        ("6. Integration Notes", _integration(report)),
        ("7. Acceptance Checklist", _acceptance(judged, reviewed, checklist)),
    )
    return "\n\n".join(f"### {title}\n\n{body}" for title, body in sections) + "\n"


def _summary(report: RunReport, task: Task) -> str:
    services = [service.name for service in report.blueprint.services] if report.blueprint else []
    made = list(dict.fromkeys(artifact.target.replace("_", " ") for artifact in report.artifacts))
    lines = [f"{task.title or task.objective}: {', '.join(made) or 'nothing'} for {', '.join(services) or 'no service'}."]
    origins: Mapping[str, tuple[Origin, ...]] = report.blueprint.origins if report.blueprint else {}
    chosen = [f"- {origin.text}" for node in ("strategy", "registry", "name", "environments") for origin in origins.get(node, ())]
    return "\n".join([*lines, *(["", "Key decisions:", "", *chosen] if chosen else [])])


def _deliverables(report: RunReport) -> str:
    rows: list[str] = []
    for title, targets in DELIVERABLES:
        paths = [f"`{artifact.path}`" for artifact in report.artifacts if artifact.target in targets]
        rows.append(f"- {title}: {', '.join(paths) if paths else _missing(title, targets, report)}")
    known = {name for _, names in DELIVERABLES for name in names}
    others = [f"`{artifact.path}`" for artifact in report.artifacts if artifact.target not in known]
    return "\n".join([*rows, *([f"- Besides: {', '.join(others)}"] if others else [])])


def _missing(title: str, targets: Sequence[str], report: RunReport) -> str:
    left_out = [name for name in targets if name in report.intent.exclude]
    return f"not applicable: the task leaves out {', '.join(left_out)}" if left_out else f"not applicable: the task asks for no {title}"


def _implementation(artifacts: Sequence[Artifact]) -> str:
    return "\n\n".join(f"`{artifact.path}`\n\n{_fenced(artifact)}" for artifact in artifacts) or "Nothing was made."


def _fenced(artifact: Artifact) -> str:
    name = PurePosixPath(artifact.path)
    language = "dockerfile" if name.name.startswith("Dockerfile") else LANGUAGES.get(name.suffix, "text")
    fence = "`" * max(3, _longest_run(artifact.text) + 1)
    return f"{fence}{language}\n{artifact.text.rstrip()}\n{fence}"


def _longest_run(text: str) -> int:
    runs = (len(line) - len(line.lstrip("`")) for line in (row.lstrip() for row in text.splitlines()))
    return max(runs, default=0)


def _usage(report: RunReport) -> str:
    targets = {artifact.target for artifact in report.artifacts}
    namespace, name = (report.blueprint.namespace, report.blueprint.name) if report.blueprint else ("", "")
    steps = [
        ("compose", "cp .env.example .env  # then fill it in\ndocker compose up --build --wait"),
        ("kubernetes", f"kubectl apply --kustomize k8s/base\nkubectl --namespace {namespace} get pods"),
        ("helm", f"helm upgrade --install {name} charts/{name} --namespace {namespace}"),
    ]
    text = "\n\n".join(command for target, command in steps if target in targets)
    return f"```sh\n{text}\n```" if text else "Nothing was made that is used by a command."


def _testing(report: RunReport) -> str:
    lines = [f"- {_outcome(proof.outcome)}: {proof.tool}: {proof.claim} ({len(proof.paths)} files){_why(proof.reason)}" for proof in report.proofs]
    commands = "```sh\nopsmith verify .\n```"
    return "\n".join(["What the tools said of the deliverables:", "", *(lines or ["- no tool was asked"]), "", "The same again:", "", commands])


def _outcome(outcome: str) -> str:
    return outcome.replace("_", " ")


def _why(reason: str) -> str:
    return f": {reason}" if reason else ""


def _integration(report: RunReport) -> str:
    lines = list(_edges(report))
    lines += [f"- open: {point}" for point in report.open_points]
    handed = [f'- for {part.hand_to}: "{part.words}"' for part in report.intent.out_of_scope]
    return "\n".join([*lines, *handed]) or "It stands alone: nothing else is called, needed or left open."


def _edges(report: RunReport) -> Iterator[str]:
    for service in report.blueprint.services if report.blueprint else ():
        for other in (*service.calls, *service.needs):
            yield f"- {service.name} connects to {other}"


def _acceptance(judged: Sequence[Judged], reviewed: Sequence[Judged], checklist: Sequence[bool]) -> str:
    review = [f"- [{'x' if item.passed else ' '}] {item.text}{'' if item.passed else _excuse(item)}" for item in reviewed]
    criteria = [item.line for item in judged] or ["task.md states no acceptance criteria."]
    held = [f"- [{'x' if holds else ' '}] {text}" for text, holds in zip(SELF_CHECKLIST, checklist, strict=True)]
    return "\n".join(
        [
            "## Acceptance Criteria (Self-Review)",
            "",
            *review,
            "",
            "Criteria of task.md:",
            "",
            *criteria,
            "",
            "## Self-Checklist (Quality Gate)",
            "",
            *held,
        ]
    )


def _excuse(item: Judged) -> str:
    return f" (Reason: {item.reason}, Mitigation: {item.mitigation})"
