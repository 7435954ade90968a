from __future__ import annotations

from pathlib import Path

import pytest

from opsmith import catalog, settings
from opsmith.model.assessment import Result
from opsmith.model.survey import Component
from opsmith.planners import rules
from opsmith.stages.assess import assess
from tests.standards.cases import CASES, Tree, k8s, workflow

BY_TOOLS = {"image/lint", "secrets/scan", "kubernetes/valid", "pipeline/valid", "pipeline/weakness", "alerts/valid"}
NEVER_MISSED = {"build/duration", "secrets/store", "iac/present", "monitoring/logs", "compliance/review", "compliance/policy"}
"""Where the files cannot show a gap: these are met, or could not be checked."""


LIBRARY = "@Library('Shared') _\npipeline {\n  docker_build(imageName: 'shop')\n  docker_push(imageName: 'shop')\n}\n"
CONFIGMAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: shop}\ndata:\n"


def judged(folder: Path, files: Tree, components: tuple[Component, ...], name: str) -> Result:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    found = assess(folder, settings.load(folder), components=components, layers=[name.partition("/")[0]])
    assert found.unread == ()
    return next(item for item in found.results if item.id == name)


def test_every_standard_has_its_trees() -> None:
    assert {standard.id for layer in catalog.standards() for standard in layer.STANDARDS} - BY_TOOLS - NEVER_MISSED == set(CASES)


@pytest.mark.parametrize("name", CASES)
def test_met(name: str, tmp_path: Path) -> None:
    good, components, *_ = CASES[name]
    result = judged(tmp_path, good, components, name)
    assert (result.state, result.task) == ("met", None), result.message


@pytest.mark.parametrize("name", CASES)
def test_not_met(name: str, tmp_path: Path) -> None:
    _, _, bad, components, message, places = CASES[name]
    result = judged(tmp_path, bad, components, name)
    assert (result.state, result.message, tuple(map(str, result.evidence))) == ("not_met", message, places)
    assert result.task is None or rules.interpret(result.task).kind != "none"


@pytest.mark.parametrize(
    ("name", "files", "state", "message"),
    [
        ("build/duration", {".github/workflows/ci.yml": "on: push\njobs:\n  a:\n    timeout-minutes: 5\n    steps: [{run: make}]\n"}, "met",
         "the time limits of the jobs add up to 10 minutes at most"),
        ("build/duration", {".github/workflows/ci.yml": "on: push\njobs:\n  a:\n    steps: [{run: make}]\n"}, "could_not_check",
         "how long its runs take is known to the pipeline's system, not to the files"),
        ("secrets/store", k8s("envFrom:\n  - {secretRef: {name: api}}"), "could_not_check",
         "the manifests refer to secrets that are made elsewhere; from which store is not told here"),
        ("iac/present", {"main.py": ""}, "could_not_check", "no infrastructure is described here; whether it is in another repository cannot be told"),
        ("monitoring/logs", k8s(), "could_not_check", "no collector of logs is described; clusters and platforms often bring one"),
        ("compliance/review", k8s(), "could_not_check", "no CODEOWNERS; whether the host asks for a review cannot be told from files"),
        ("compliance/policy", k8s(), "could_not_check", "no SECURITY.md; an organisation may have one for all of its repositories"),
        ("kubernetes/memory-limit", {"chart/Chart.yaml": "apiVersion: v2\nname: a\n", "chart/templates/a.yaml": "kind: {{ .Values.a }}\n"}, "could_not_check",
         "the only manifests are templates of a Helm chart, which are not rendered here"),
        ("kubernetes/memory-limit", {"main.py": ""}, "does_not_apply", "there are no Kubernetes manifests"),
        ("configuration/compose-limits", {"compose.yaml": "services: {a: {image: b}}\n", **k8s()}, "does_not_apply", "compose does not deploy it"),
        ("configuration/compose-limits", {"compose.yaml": "services: {a: {image: b}}\n", "main.tf": 'resource "google_cloud_run_v2_service" "a" {}\n'},
         "does_not_apply", "compose does not deploy it"),
        ("configuration/compose-limits", {"compose.yaml": "services: {a: {image: b}}\n", "main.tf": 'resource "aws_instance" "a" {}\n'}, "not_met",
         "1 of 1 service free to take all memory of the machine: a"),
        ("monitoring/collected", {"main.tf": 'resource "google_cloud_run_v2_service" "a" {\n  env {\n    name = "OTEL_EXPORTER_OTLP_ENDPOINT"\n  }\n}\n'}, "met",
         "somebody collects metrics"),
        ("monitoring/collected", {"main.tf": 'locals {\n  env = { OTLP_ENDPOINT = var.a }\n}\nresource "google_cloud_run_v2_service" "a" {}\n'}, "met",
         "somebody collects metrics"),
        ("configuration/compose-limits", {"compose.dev.yaml": "services: {a: {image: b}}\n"}, "does_not_apply", "compose does not deploy it"),
        ("image/lint", {"Dockerfile": "FROM a:1\n"}, "could_not_check", "hadolint was not asked (--no-tools)"),
        ("kubernetes/memory-limit",
         k8s() | {"k8s/kustomization.yaml": "resources: [api.yaml]\npatches: [{path: patch.yaml}]\n",
                  "k8s/patch.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: api}\nspec:\n  template:\n    spec:\n      containers:\n"
                                    "        - {name: api, resources: {limits: {memory: 1Gi}}}\n"},
         "met", "1 container with a memory limit"),
        ("pipeline/tests", {".github/workflows/ci.yml": "on: push\njobs:\n  a:\n    uses: org/repo/.github/workflows/ci.yml@v1\n"}, "could_not_check",
         "jobs or steps are described in another repository"),
        ("pipeline/tests", {".gitlab-ci.yml": ".a: {script: [pytest]}\nb: {extends: .a}\n"}, "met", "changes are tested"),
        ("pipeline/tests", {"Jenkinsfile": "pipeline {\n  // sh 'none'\n  sh 'pytest'\n}\n"}, "met", "changes are tested"),
        ("pipeline/tests", {".circleci/config.yml": "jobs:\n  a:\n    steps: [checkout, {run: pytest}]\n"}, "met", "changes are tested"),
        ("pipeline/tests", {"azure-pipelines.yml": "stages:\n  - stage: a\n    jobs:\n      - job: b\n        steps: [{script: pytest}]\n"}, "met",
         "changes are tested"),
        ("secrets/manifests", k8s("env:\n  - {name: GOOGLE_API_KEY, value: GOOGLE_API_KEY_VAL}"), "met", "no manifest holds a secret's value"),
        ("image/non-root", {"Dockerfile": "FROM debian:12\nCOPY entrypoint.sh /\nENTRYPOINT [\"/entrypoint.sh\"]\n", "entrypoint.sh": "exec gosu app app\n"}, "met",
         "1 image without root"),
        ("pipeline/tests", {".circleci/config.yml": "jobs:\n  a:\n    steps: [{run: './run-tests.sh Fast'}]\n"}, "met", "changes are tested"),
        ("pipeline/tests", workflow("- uses: helm/kind-action@v1\n- run: kubectl wait --for=condition=ready kustomization/apps"), "met",
         "changes are tried in a cluster of their own"),
        ("pipeline/lint", workflow("- uses: fluxcd/flux-schema/actions/validate@v1"), "met", "changes are linted"),
        ("pipeline/lint", {"Jenkinsfile": LIBRARY}, "could_not_check", "jobs or steps are described in another repository"),
        ("pipeline/image-scan", {"Jenkinsfile": LIBRARY}, "could_not_check", "jobs or steps are described in another repository"),
        ("pipeline/provenance", {"Jenkinsfile": LIBRARY}, "could_not_check", "jobs or steps are described in another repository"),
        ("pipeline/delivery", {"Jenkinsfile": LIBRARY}, "met", "what passes is published or deployed by the pipeline"),
        ("pipeline/image-scan", {".gitlab-ci.yml": "a: {script: [make docker-build]}\n"}, "not_met", "images are built and never scanned"),
        ("pipeline/rollback", {".gitlab-ci.yml": "push_documentation: {script: [rsync docs host]}\n"}, "does_not_apply", "the pipeline deploys nothing"),
        ("image/health", {"Dockerfile": "FROM python:3.12\nEXPOSE 8000\n", "main.tf": 'resource "google_cloud_run_v2_service" "a" {}\n'}, "does_not_apply",
         "a cloud runs the images, and asks its own probes"),
        ("image/small", {"Shop.Tests/Dockerfile": "FROM golang:1.23\n"}, "does_not_apply", "there is no Dockerfile"),
        ("configuration/compose-restart", {"compose.yaml": "services:\n  a: {image: b, restart: always}\n  migrate: {image: b, restart: 'no'}\n"}, "met",
         "1 service restarted"),
        ("configuration/compose-restart", {"compose.yaml": "services:\n  a: {image: b, restart: no, ports: ['80:80']}\n"}, "not_met",
         "1 of 1 service left down after a crash or reboot: a"),
        ("configuration/compose-images", {"compose.yaml": "services: {a: {image: 'postgres:${TAG:-17.2}'}}\n"}, "met", "1 image with a version"),
        ("backups/present", {"compose.yaml": "services: {a: {image: 'postgres:${TAG:-17.2}'}}\n"}, "not_met", "nothing saves the data of postgres"),
        ("backups/present", {"compose.yaml": "services: {a: {image: postgres}}\n", "install.sh": "function backupData() {\n docker cp a:/data .\n}\n"}, "met",
         "backups of postgres are made"),
        ("secrets/manifests", {"k8s/a.yaml": CONFIGMAP + "  JWT_SECRET: e5e425764a34a211\n"}, "not_met", "secrets stand in manifests: JWT_SECRET"),
        ("secrets/manifests", {"k8s/a.yaml": CONFIGMAP + "  JWT_SECRET: change-this-in-production\n"}, "met", "no manifest holds a secret's value"),
        ("build/stages", {"Dockerfile": "FROM python:3.12-alpine\nRUN apk add --no-cache gcc && pip install a && apk del gcc\n"}, "does_not_apply",
         "no Dockerfile compiles anything"),
        ("iac/pinned", {"main.tf": 'provider "aws" {}\n'}, "not_met", "1 of 1 dependency without a version: aws"),
        ("iac/pinned", {"main.tf": 'provider "aws" {}\n', ".terraform.lock.hcl": ""}, "does_not_apply", "no provider or module from elsewhere is named"),
        ("iac/encrypted", {"main.tf": 'resource "aws_instance" "a" {\n  root_block_device {\n    volume_size = 20\n  }\n}\n'}, "not_met",
         "1 of 1 store not encrypted: aws_instance.a"),
        ("compliance/audit", {"main.tf": 'module "eks" {\n  source = "terraform-aws-modules/eks/aws"\n}\n'}, "could_not_check",
         "a module makes the cluster, and what it logs unless told is written there"),
    ],
)  # fmt: skip
def test_other_states(name: str, files: Tree, state: str, message: str, tmp_path: Path) -> None:
    result = judged(tmp_path, files, CASES["build/image"][1], name)
    assert (result.state, result.message) == (state, message)


@pytest.mark.parametrize(
    ("name", "files", "task"),
    [
        ("pipeline/lint", {".gitlab-ci.yml": "a: {script: [make]}\n"}, None),
        ("pipeline/lint", {".circleci/config.yml": "jobs: {a: {steps: [{run: make}]}}\n", ".github/SUPPORT.md": ""},
         "Write a GitHub Actions pipeline with linting"),
        ("pipeline/limits", {"Jenkinsfile": "sh 'make'\n", ".github/SUPPORT.md": ""}, None),
        ("compliance/updates", {".gitlab-ci.yml": "a: {script: [make]}\n", ".github/SUPPORT.md": ""}, None),
    ],
)  # fmt: skip
def test_no_workflow_of_github_closes_a_gap_of_another_system(name: str, files: Tree, task: str | None, tmp_path: Path) -> None:
    result = judged(tmp_path, files, CASES["build/image"][1], name)
    assert (result.state, result.task) == ("not_met", task)


def test_a_variable_that_terraform_sets_is_told(tmp_path: Path) -> None:
    _, components, *_ = CASES["configuration/variables"]
    files = {"main.tf": 'resource "google_cloud_run_v2_service" "a" {\n  env {\n    name = "PAYMENTS"\n  }\n}\n'}
    assert judged(tmp_path, files, components, "configuration/variables").state == "met"


@pytest.mark.parametrize("task", sorted({text for layer in catalog.standards() for text in (getattr(layer, "TASK", None),) if text}))
def test_tasks_are_understood(task: str) -> None:
    """What closes a gap is something that `opsmith run` takes for its business."""
    assert rules.interpret(task).kind != "none"
