"""What the DevOps agent does with a handoff, and what it hands on."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from opsmith.errors import DeliveryError, ManifestError
from opsmith.model.artifact import Artifact
from opsmith.model.blueprint import Origin
from opsmith.model.job import Job
from opsmith.model.report import RunReport
from opsmith.protocols.handoff import codec, results, work
from opsmith.protocols.handoff.checksum import checksum
from opsmith.protocols.handoff.consumer import Outcome
from opsmith.protocols.handoff.model import Artifacts, Content, Handoff, Metadata, Validation
from opsmith.protocols.handoff.results import Sender
from tests import fakes

QUEUE = "handoff:queue:devops-expert"
SENDER = Sender(clock=lambda: datetime(2025, 11, 20, 12, 0, tzinfo=UTC), new_id=lambda: "answer-0001", project="shop")
ASKED = Handoff(
    metadata=Metadata(from_agent="test-expert", to_agent="devops-expert", task_context="Release 7", priority="high", handoff_id="question-0001"),
    content=Content(summary="All quality gates passed", requirements=("Deploy shop to Kubernetes",)),
)
UNKNOWN = {"deployment_url": None, "version": None, "replicas": None, "health_status": None, "rollback_command": None}


def handled(report: RunReport | Exception, handoff: Handoff = ASKED, queue: str = QUEUE, write: bool = True) -> tuple[Outcome, list[Job]]:
    jobs: list[Job] = []

    def do(job: Job) -> RunReport:
        jobs.append(job)
        if isinstance(report, Exception):
            raise report
        return report

    return work.worker(do, Path("/repo"), write=write, build=False, sender=SENDER)(handoff, queue), jobs


def test_a_deployment_and_its_result() -> None:
    outcome, jobs = handled(fakes.report())
    assert jobs == [
        Job(
            task="Create the deployment configuration for this repository.\nRelease 7\nAll quality gates passed\nDeploy shop to Kubernetes",
            repo=Path("/repo"), destination=Path("/repo"), write=True,
        )
    ]  # fmt: skip
    assert outcome.said == 'delivered (it says "All quality gates passed"); handed to project-manager'
    assert outcome.failed == ""
    ((answer, queue),) = outcome.follow
    assert queue == "handoff:queue:project-manager"
    assert answer == Handoff(
        metadata=Metadata(
            project_name="shop", from_agent="devops-expert", to_agent="project-manager", timestamp="2025-11-20T12:00:00Z", task_context="Release 7",
            priority="high", handoff_id="answer-0001",
        ),
        content=Content(
            summary="Deployment configuration of shop delivered: 6 files, 2 claims proved, 0 refuted, 1 could not be checked",
            requirements=("Deploy shop to Kubernetes",),
            artifacts=Artifacts(
                created=("Dockerfile.opsmith.new", "k8s/network.yaml", ".github/workflows/ci.yml", "monitoring/rules.yaml", "runbooks/api.md"),
                modified=("k8s/api.yaml",),
            ),
            technical_details={
                "deployment_url": None, "version": "0.1.0", "replicas": 2, "health_status": None,
                "rollback_command": "kubectl rollout undo deployment/api --namespace shop", "status": "delivered",
                "targets": ["docker", "kubernetes", "github_actions", "prometheus", "runbooks"], "strategy": "rolling",
                "images": ["ghcr.io/acme/shop-api:0.1.0"],
                "services": [{"name": "api", "role": "web", "port": 8000, "health_path": "/health", "replicas": 2}],
                "backing_services": [{"name": "db", "kind": "postgres", "placement": "in_cluster"}],
                "proofs": [
                    {"tool": "hadolint", "claim": "hadolint finds nothing to object to", "outcome": "proved"},
                    {"tool": "gitleaks", "claim": "no secret is delivered", "outcome": "proved"},
                    {"tool": "kubeconform", "claim": "manifests are valid", "outcome": "could_not_check"},
                ],
                "in_reply_to": "question-0001",
            },
            next_steps=("Review the written files and commit them", *fakes.report().open_points, "Update the project status"),
        ),
        validation=Validation(checksum=checksum(answer)),
        created_at="2025-11-20T12:00:00Z",
        updated_at="2025-11-20T12:00:00Z",
    )  # fmt: skip
    assert codec.decoded(codec.encoded(answer, queue)).warnings == ()


def blueprint(**change: Any) -> RunReport:
    return replace(fakes.report(), blueprint=replace(fakes.BLUEPRINT, **change))


def test_what_somebody_told_is_known_and_what_we_made_up_is_not() -> None:
    told = replace(fakes.BLUEPRINT.services[0], host="shop.example.org")
    by_word = {"services.api.host": (Origin(kind="setting", text="ingress_host"),)}
    by_us = {
        "services.api.host": (Origin(kind="default", text="example.com: nobody told the domain"),),
        "builds.api.reference": (Origin(kind="default", text="tag 0.1.0: the first release"),),
    }
    known = results.details(blueprint(services=(told,), origins=by_word))
    assert (known["deployment_url"], known["version"]) == ("https://shop.example.org", "0.1.0")
    unknown = results.details(blueprint(services=(told,), origins=by_us))
    assert (unknown["deployment_url"], unknown["version"]) == (None, None)


def test_without_a_cluster_there_is_nothing_to_undo() -> None:
    told = results.details(blueprint(targets=("docker", "compose")))
    assert {key: told[key] for key in UNKNOWN} == UNKNOWN | {"version": "0.1.0"}
    assert told["services"][0]["replicas"] is None


def test_several_services_have_no_one_number() -> None:
    api = fakes.BLUEPRINT.services[0]
    told = results.details(blueprint(services=(api, replace(api, name="worker", replicas=1), replace(api, name="nightly", schedule="0 3 * * *"))))
    assert told["replicas"] is None
    assert told["rollback_command"] == (
        "kubectl rollout undo deployment/api --namespace shop && kubectl rollout undo deployment/worker --namespace shop"
    )
    assert [service["replicas"] for service in told["services"]] == [2, 1, None]


def test_a_refusal_is_a_failure_that_the_project_manager_hears_of() -> None:
    asked = replace(ASKED, content=replace(ASKED.content, next_steps=("Security review",)))
    outcome, _ = handled(fakes.report("refused"), asked)
    assert outcome.failed == "hadolint refuted: hadolint finds nothing to object to; hadolint/DL3006: Always tag an image"
    ((answer, queue),) = outcome.follow
    assert queue == "handoff:queue:project-manager"
    assert answer.content.summary == f"Deployment of shop refused, nothing written: {outcome.failed}"
    assert answer.content.artifacts == Artifacts()


def test_an_error_is_a_failure_with_the_next_step() -> None:
    outcome, _ = handled(ManifestError("package.json: no JSON", next_step="mend package.json"))
    assert outcome.failed == "package.json: no JSON"
    ((answer, _),) = outcome.follow
    assert answer.content.summary == "Deployment failed: package.json: no JSON"
    assert answer.content.technical_details == UNKNOWN | {"status": "failed", "error": "package.json: no JSON", "in_reply_to": "question-0001"}
    assert answer.content.next_steps == ("mend package.json",)


def test_an_error_that_may_pass_is_left_to_the_consumer() -> None:
    with pytest.raises(ManifestError):
        handled(ManifestError("timeout while reading"))
    with pytest.raises(DeliveryError):
        handled(DeliveryError("Another opsmith is writing here."))
    outcome, _ = handled(DeliveryError("Another opsmith is writing here."), replace(ASKED, retry_count=3))
    assert (outcome.failed, len(outcome.follow)) == ("Another opsmith is writing here.", 1)


def test_acknowledged_only() -> None:
    outcome, jobs = handled(fakes.report(), replace(ASKED, content=Content(summary="Tests are red")))
    assert jobs == []
    assert outcome == Outcome(
        said="acknowledged, nothing deployed: it does not say that all quality gates have passed "
        "(technical_details.quality_gates or all_gates_passed)"
    )


def test_answers_go_the_way_the_question_came() -> None:
    asked = replace(ASKED, metadata=replace(ASKED.metadata, project_name="bank"), content=replace(ASKED.content, next_steps=("Write a runbook",)))
    outcome, _ = handled(fakes.report(), asked, "handoff:project:bank:queue:devops-expert")
    assert [queue for _, queue in outcome.follow] == ["handoff:project:bank:queue:project-manager", "handoff:project:bank:queue:tech-writer"]
    outcome, _ = handled(
        fakes.report(), replace(asked, metadata=replace(asked.metadata, project_name="a:b")), "handoff:project:bank:queue:devops-expert"
    )
    assert [queue for _, queue in outcome.follow] == ["handoff:queue:project-manager", "handoff:queue:tech-writer"]


def test_secrets_and_long_lists() -> None:
    leaky = replace(
        fakes.report(),
        artifacts=(Artifact(path="x", text="", target="docker"),),
        open_points=("set API_KEY=AKIAABCDEFGHIJKLMNOP", *(f"point {number}" for number in range(30))),
    )
    ((answer, _),) = handled(leaky)[0].follow
    steps = answer.content.next_steps
    assert (len(steps), steps[1], steps[-2:]) == (
        20,
        "set API_KEY=***",
        ("... and 14 more open points: opsmith run with the same task shows them", "Update the project status"),
    )
