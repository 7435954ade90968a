from __future__ import annotations

from pathlib import Path

import pytest

from opsmith import catalog, settings
from opsmith.model.assessment import Result
from opsmith.model.survey import Component
from opsmith.planners import rules
from opsmith.stages.assess import assess
from tests.standards.cases import CASES, Tree, k8s

BY_TOOLS = {"image/lint", "secrets/scan", "kubernetes/valid", "pipeline/valid", "pipeline/weakness", "alerts/valid"}
NEVER_MISSED = {"build/duration", "secrets/store", "iac/present", "monitoring/logs", "compliance/review", "compliance/policy"}
"""Where the files cannot show a gap: these are met, or could not be checked."""


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
        ("configuration/compose-limits", {"compose.dev.yaml": "services: {a: {image: b}}\n"}, "does_not_apply", "compose does not deploy it"),
        ("image/lint", {"Dockerfile": "FROM a:1\n"}, "could_not_check", "hadolint was not asked (--no-tools)"),
        ("kubernetes/memory-limit",
         k8s() | {"k8s/kustomization.yaml": "resources: [api.yaml]\npatches: [{path: patch.yaml}]\n",
                  "k8s/patch.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: api}\nspec:\n  template:\n    spec:\n      containers:\n"
                                    "        - {name: api, resources: {limits: {memory: 1Gi}}}\n"},
         "met", "1 container with a memory limit"),
        ("pipeline/tests", {".github/workflows/ci.yml": "on: push\njobs:\n  a:\n    uses: org/repo/.github/workflows/ci.yml@v1\n"}, "could_not_check",
         "the jobs are described in another repository"),
        ("pipeline/tests", {".gitlab-ci.yml": ".a: {script: [pytest]}\nb: {extends: .a}\n"}, "met", "changes are tested"),
        ("pipeline/tests", {"Jenkinsfile": "pipeline {\n  // sh 'none'\n  sh 'pytest'\n}\n"}, "met", "changes are tested"),
        ("pipeline/tests", {".circleci/config.yml": "jobs:\n  a:\n    steps: [checkout, {run: pytest}]\n"}, "met", "changes are tested"),
        ("pipeline/tests", {"azure-pipelines.yml": "stages:\n  - stage: a\n    jobs:\n      - job: b\n        steps: [{script: pytest}]\n"}, "met",
         "changes are tested"),
        ("secrets/manifests", k8s("env:\n  - {name: GOOGLE_API_KEY, value: GOOGLE_API_KEY_VAL}"), "met", "no manifest holds a secret's value"),
        ("image/non-root", {"Dockerfile": "FROM debian:12\nCOPY entrypoint.sh /\nENTRYPOINT [\"/entrypoint.sh\"]\n", "entrypoint.sh": "exec gosu app app\n"}, "met",
         "1 image without root"),
    ],
)  # fmt: skip
def test_other_states(name: str, files: Tree, state: str, message: str, tmp_path: Path) -> None:
    result = judged(tmp_path, files, CASES["build/image"][1], name)
    assert (result.state, result.message) == (state, message)


@pytest.mark.parametrize("task", sorted({text for layer in catalog.standards() for text in (getattr(layer, "TASK", None),) if text}))
def test_tasks_are_understood(task: str) -> None:
    """What closes a gap is something that `opsmith run` takes for its business."""
    assert rules.interpret(task).kind != "none"
