"""A criterion passes only where every word of it is accounted for by what the run proved."""

from __future__ import annotations

from dataclasses import replace

import pytest

from opsmith.model.artifact import Artifact
from opsmith.model.finding import Finding
from opsmith.model.proof import Proof
from opsmith.model.report import FileChange, RunReport
from opsmith.protocols.acceptance import judge
from tests import fakes

DOCKERFILE = "FROM python:3.12@sha256:" + "a" * 64 + " AS build\nRUN --mount=type=cache,target=/c pip\nFROM build\nUSER 10001\nHEALTHCHECK CMD true\n"
DEPLOYMENT = (
    "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: api\nspec:\n  strategy:\n    rollingUpdate:\n      maxUnavailable: 0\n"
    "  containers:\n    - ports: [{containerPort: 8000}]\n      readinessProbe: {}\n      resources: {limits: {}}\n"
)
COMPOSE = "services:\n  api:\n    image: ghcr.io/acme/shop-api:0.1.0\n"
FILES = (
    Artifact(path="Dockerfile", text=DOCKERFILE, target="docker"),
    Artifact(path="compose.yaml", text=COMPOSE, target="compose"),
    Artifact(path="k8s/api.yaml", text=DEPLOYMENT, target="kubernetes"),
    Artifact(path="k8s/network.yaml", text=fakes.NETWORK, target="kubernetes"),
    Artifact(
        path=".github/workflows/ci.yml", text="jobs:\n  a:\n    steps:\n      - uses: actions/checkout@" + "b" * 40 + "\n", target="github_actions"
    ),
    Artifact(path="monitoring/rules/api.yml", text="groups: []\n", target="prometheus"),
    Artifact(path="runbooks/api.md", text="# api\n", target="runbooks"),
)


BY_VALIDATE = "kubernetes-validate 1.0 accepted"
ROUTE = "add a health route, or set health_path in opsmith.yaml"
MEASURED = "an objective is measured in production; name it in the task"
ONLY_OURS = "only what is delivered was looked through for secrets"
REHEARSE = "rehearse it, and keep the record of the rehearsal"
BY_HAND = "a person shows it by hand, or words it by what is delivered"


def proof(tool: str, *paths: str, claim: str = "fine") -> Proof:
    return Proof(tool=tool, claim=claim, paths=paths, outcome="proved", version="1.0")


PROOFS = (
    proof("hadolint", "Dockerfile"),
    proof("check-jsonschema", "compose.yaml"),
    proof("kubernetes-validate", "k8s/api.yaml", "k8s/network.yaml"),
    proof("actionlint", ".github/workflows/ci.yml"),
    proof("promtool", "monitoring/rules/api.yml"),
    proof("gitleaks", *(item.path for item in FILES)),
)


def report() -> RunReport:
    changes = tuple(FileChange(path=item.path, change="create", written=item.path) for item in FILES)
    return replace(fakes.report(), artifacts=FILES, changes=changes, proofs=PROOFS)


@pytest.mark.parametrize(
    ("criterion", "told"),
    [
        ("Dockerfile exists", "hadolint 1.0 accepted Dockerfile"),
        ("**Criterion 1**: Multi-stage Dockerfile for api, runs as a non-root user", "hadolint 1.0 accepted Dockerfile"),
        ("Containers must never run as root", "hadolint 1.0 accepted Dockerfile"),
        ("BuildKit cache mounts are used in the `Dockerfile`", "hadolint 1.0 accepted Dockerfile"),
        ("Dockerfile passes hadolint", "hadolint 1.0 accepted Dockerfile"),
        ("docker-compose.yml with postgres", "check-jsonschema 1.0 accepted compose.yaml; db runs from postgres:17"),
        ("Kubernetes manifests with readiness probes", f"{BY_VALIDATE} k8s/api.yaml; {BY_VALIDATE} k8s/api.yaml, k8s/network.yaml"),
        ("Network policies", "kubernetes-validate 1.0 accepted k8s/network.yaml"),
        ("Zero-downtime deployments", "kubernetes-validate 1.0 accepted k8s/api.yaml"),
        ("CPU and memory limits", "kubernetes-validate 1.0 accepted k8s/api.yaml"),
        ("The GitHub Actions pipeline runs the tests", "actionlint 1.0 accepted .github/workflows/ci.yml"),
        ("CI deploys to staging", "actionlint 1.0 accepted .github/workflows/ci.yml"),
        ("No secrets in output", "gitleaks accepted Dockerfile and 6 more files"),
        ("Prometheus alerts with runbooks", "promtool 1.0 accepted monitoring/rules/api.yml; runbooks/api.md delivered"),
        ("99.9% availability", "promtool 1.0 accepted monitoring/rules/api.yml"),
        ("Images and actions are pinned by digest", "every base image, image of others and action is pinned by digest or commit"),
        ("api on port 8000", "api on port 8000"),
        ("Health check at /health", "api: http /health on port 8000; /health is asked of api"),
        ("At least two replicas", "2 replicas of api"),
        ("Python 3.12", "api is built on python 3.12"),
        ("`k8s/api.yaml` exists", "kubernetes-validate 1.0 accepted k8s/api.yaml"),
        ("No Helm charts", "no Helm charts in what was delivered"),
    ],
)  # fmt: skip
def test_shown(criterion: str, told: str) -> None:
    answer = judge(criterion, report())
    assert (answer.state, answer.told) == ("shown", told)


@pytest.mark.parametrize(
    ("criterion", "state", "told", "mitigation"),
    [
        ("Dockerfile is missing", "not_shown", 'no proof of this run speaks about "missing"', BY_HAND),
        ("No Dockerfile", "not_shown", 'no proof of this run speaks about "No"', BY_HAND),
        ("Kubernetes without network policies", "not_shown", 'no proof of this run speaks about "without"',
         BY_HAND),
        ("Dockerfile smaller than 200 MB", "not_shown", 'no proof of this run speaks about "smaller than 200 MB"',
         BY_HAND),
        ("p99 under 200 ms", "not_shown", 'no proof of this run speaks about "p99 under 200 ms"', "hand over to QC Automation Expert"),
        ("Vercel works", "not_shown", 'no proof of this run speaks about "Vercel works"', "hand over to deployment-integration-expert"),
        ("Security audit passed", "not_shown", 'no proof of this run speaks about "Security audit passed"', "hand over to security-specialist"),
        ("Image builds successfully", "unchecked", "nobody asked whether the image builds", "run again with --prove build"),
        ("Starts with docker compose up", "unchecked", "nobody asked whether it starts and answers", "run again with --prove build"),
        ("No secrets in the repository", "unchecked", ONLY_OURS, "run gitleaks over the repository"),
        ("trivy passes", "unchecked", "trivy was not asked", "run trivy in the pipeline"),
        ("Passes trivy", "unchecked", "trivy was not asked", "run trivy in the pipeline"),
        ("Readiness and liveness probes", "not_shown", "k8s/api.yaml has no liveness probe", ROUTE),
        ("Three replicas", "not_shown", "api has 2", "set replicas: 3 in opsmith.yaml"),
        ("At least 3 replicas", "not_shown", "api has 2", "set replicas: 3 in opsmith.yaml"),
        ("99.99 % availability", "not_shown", "no objective of 99.99 % is watched", MEASURED),
        ("Port 9000", "not_shown", "no service listens on port 9000", "name it under Requirements and run again"),
        ("Health check at /healthz", "not_shown", "nothing asks /healthz", "set the health path to /healthz in opsmith.yaml"),
        ("CI deploys to dev", "not_shown", "the pipeline does not deploy to dev", "name it under Requirements and run again"),
        ("Ingress", "not_shown", "Ingress is not part of this delivery", "name it under Requirements and run again"),
        ("Redis", "not_shown", "no component was found to use Redis", "name it under Requirements and run again"),
        ("Python 3.13", "not_shown", "no image is built on python 3.13", "set runtime in opsmith.yaml"),
        ("Helm chart", "not_shown", "Helm chart is not part of this delivery", "name it under Requirements and run again"),
        ("Migration job", "not_shown", "a migration job is not part of this delivery", "name it under Requirements and run again"),
        ("Restore takes 15 minutes", "not_shown", 'no proof of this run speaks about "Restore takes 15 minutes"', REHEARSE),
        ("CPU requests and limits", "not_shown", "k8s/api.yaml has no requests", "name it under Requirements and run again"),
        ("", "not_shown", "no proof of this run speaks about its words", BY_HAND),
    ],
)  # fmt: skip
def test_not_shown(criterion: str, state: str, told: str, mitigation: str) -> None:
    answer = judge(criterion, report())
    assert (answer.state, answer.told, answer.mitigation) == (state, told, mitigation)


def test_a_tool_that_is_missing_or_objects_is_no_pass() -> None:
    unknown = Proof(
        tool="hadolint", claim="c", paths=("Dockerfile",), outcome="could_not_check", reason="hadolint is not installed", how_to_get="pip install x"
    )
    answer = judge("Dockerfile", replace(report(), proofs=(unknown, *PROOFS[1:])))
    assert (answer.state, answer.told) == ("unchecked", "could not check Dockerfile with hadolint: hadolint is not installed")
    assert answer.mitigation == "get hadolint (pip install x) and run again"
    objection = Finding(rule="hadolint/DL1", severity="high", message="m", path="Dockerfile", line=1)
    refuted = replace(unknown, outcome="refuted", reason="", findings=(objection,))
    assert judge("Dockerfile", replace(report(), proofs=(refuted, *PROOFS))).told == "hadolint refuted Dockerfile"


def test_a_file_that_lies_beside_another_one_is_not_delivered() -> None:
    changes = (FileChange(path="Dockerfile", change="foreign", written="Dockerfile.opsmith.new"), *report().changes[1:])
    answer = judge("Dockerfile", replace(report(), changes=changes))
    assert (answer.state, answer.told) == ("not_shown", "another Dockerfile was there, so this one lies beside it")
    assert judge("Dockerfile", replace(report(), changes=changes, status="planned")).state == "shown"


@pytest.mark.parametrize(
    ("status", "told"),
    [("refused", "the run was refused by its own proofs"), ("nothing_to_do", "the task asks for nothing that this agent delivers")],
)
def test_nothing_is_shown_where_nothing_was_delivered(status: str, told: str) -> None:
    answer = judge("Dockerfile", replace(report(), status=status))  # type: ignore[arg-type]
    assert (answer.state, answer.told) == ("not_shown", told)


def test_a_floating_tag_is_not_pinned() -> None:
    loose = replace(FILES[0], text="FROM python:3.12\nUSER 10001\n")
    answer = judge("Images pinned by digest", replace(report(), artifacts=(loose, *FILES[1:])))
    assert (answer.state, answer.told) == ("not_shown", "not pinned: Dockerfile: python:3.12")


def test_the_root_user_is_seen() -> None:
    root = replace(FILES[0], text="FROM a\nUSER root\n")
    assert judge("non-root", replace(report(), artifacts=(root, *FILES[1:]))).told == "Dockerfile without a USER other than root"


def test_a_build_that_was_proved() -> None:
    built = proof("podman", "Dockerfile", claim="the image builds")
    assert judge("The image builds successfully", replace(report(), proofs=(*PROOFS, built))).told == "podman 1.0: the image builds"
    failed = replace(built, outcome="refuted")
    assert judge("The image builds successfully", replace(report(), proofs=(*PROOFS, failed))).told == "podman refuted that the image builds"


def test_the_migration_and_the_example_of_variables() -> None:
    job = Artifact(
        path="k8s/migration.yaml", text="apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: m\nargs: [alembic, upgrade, head]\n", target="kubernetes"
    )
    example = Artifact(path=".env.example", text="url=\n", target="compose")
    more = replace(report(), artifacts=(*FILES, job, example), proofs=(*PROOFS, proof("kubernetes-validate", job.path)))
    assert judge("Migration job before each release", more).state == "not_shown"
    assert judge("Migration job", more).told == "kubernetes-validate 1.0 accepted k8s/migration.yaml"
    assert judge("`.env.example` lists every variable", more).told == ".env.example delivered"
    assert judge(".env.example", replace(more, artifacts=(*FILES, replace(example, text="")))).told == ".env.example does not name url"
