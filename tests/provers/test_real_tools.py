"""The tools themselves, on files that are right and on files that are wrong. A tool that is not here is skipped by name."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from opsmith.model.finding import Finding
from opsmith.model.proof import Outcome
from opsmith.stages.verify import verify
from opsmith.tools import LocalRunner
from tests.provers.test_judgements import prover

RUNNER = LocalRunner()
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
spec:
  replicas: {replicas}
  selector:
    matchLabels: {{app: api}}
  template:
    metadata:
      labels: {{app: api}}
    spec:
      containers:
        - name: api
          image: example.org/api:1.0
"""
RULES = "groups:\n  - name: a\n    rules:\n      - alert: Down\n        expr: {expr}\n"
RULES_TEST = """\
rule_files: [rules.yml]
tests:
  - interval: 1m
    input_series: [{{series: 'up{{job="a"}}', values: "0x5"}}]
    alert_rule_test:
      - eval_time: 1m
        alertname: {alert}
        exp_alerts: [{{exp_labels: {{job: a}}}}]
"""
WORKFLOW = """\
on: push
permissions: {{}}
jobs:
  test:
    runs-on: {runner}
    steps:
      - run: make
"""

SCALED = (
    "apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {{name: x}}\n"
    "spec: {{scaleTargetRef: {{name: x}}, {key}: [{{type: cron, metadata: {{}}}}]}}\n"
)
CHART = "apiVersion: v2\nname: c\nversion: 1.0.0\n"
CONFIG_MAP = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata: {b: "{{ .Values.b }}"}\n'
CASES: list[tuple[str, Mapping[str, str], Outcome, list[tuple[str, str | None, int | None]]]] = [
    ("yamllint", {"a.yaml": "a: 1\n"}, "proved", []),
    ("yamllint", {"a.yaml": "a: 1\na: 2\n"}, "refuted", [("yamllint/key-duplicates", "a.yaml", 2)]),
    ("hadolint", {"api/Dockerfile": "FROM debian:12\nCOPY . /app\n"}, "proved", []),
    ("hadolint", {"api/Dockerfile": "FROM debian:12\nADD . /app\n"}, "refuted", [("hadolint/DL3020", "api/Dockerfile", 2)]),
    ("shellcheck", {"run.sh": "#!/bin/sh\necho hi\n"}, "proved", []),
    ("shellcheck", {"run.sh": "#!/bin/sh\ncd nowhere\n"}, "refuted", [("shellcheck/SC2164", "run.sh", 2)]),
    ("check_jsonschema", {"compose.yaml": "services:\n  web:\n    image: x\n"}, "proved", []),
    (
        "check_jsonschema",
        {"compose.yaml": "services:\n  web:\n    image: x\n    ports: 5\n"},
        "refuted",
        [("check-jsonschema/schema", "compose.yaml", 2), ("check-jsonschema/schema", "compose.yaml", 4)],
    ),
    ("docker_compose", {"compose.yaml": "services:\n  web:\n    image: ${IMAGE:?}\n"}, "proved", []),
    (
        "docker_compose",
        {"compose.yaml": "services:\n  web:\n    image: x\n    depends_on: [db]\n"},
        "refuted",
        [("docker-compose/config", "compose.yaml", None)],
    ),
    ("kubernetes_validate", {"k8s/api.yaml": DEPLOYMENT.format(replicas=2)}, "proved", []),
    ("kubernetes_validate", {"k8s/api.yaml": DEPLOYMENT.format(replicas="two")}, "refuted", [("kubernetes-validate/schema", "k8s/api.yaml", 6)]),
    ("kubernetes_validate", {"k8s/x.yaml": "apiVersion: example.org/v1\nkind: Widget\nmetadata: {name: x}\n"}, "could_not_check", []),
    ("kustomize", {"k8s/kustomization.yaml": "resources: [api.yaml]\n", "k8s/api.yaml": DEPLOYMENT.format(replicas=2)}, "proved", []),
    ("kustomize", {"k8s/kustomization.yaml": "resources: [gone.yaml]\n"}, "refuted", [("kustomize/build", "k8s/kustomization.yaml", None)]),
    ("kustomize", {"k8s/kustomization.yaml": "resources: ['https://example.org/x//y?ref=v1']\n"}, "could_not_check", []),
    ("custom_resources", {"k.yaml": SCALED.format(key="triggers")}, "proved", []),
    ("custom_resources", {"k.yaml": SCALED.format(key="triggerz")}, "refuted", []),
    ("custom_resources", {"k.yaml": f"{SCALED.format(key='triggers')}---\n{DEPLOYMENT.format(replicas=2)}"}, "proved", []),
    ("custom_resources", {"k.yaml": f"{SCALED.format(key='triggerz')}---\n{DEPLOYMENT.format(replicas=2)}"}, "refuted", []),
    ("helm", {"c/Chart.yaml": CHART, "c/values.yaml": "b: 1\n", "c/templates/a.yaml": CONFIG_MAP}, "proved", []),
    ("helm", {"c/Chart.yaml": CHART.replace("version: 1.0.0\n", ""), "c/templates/a.yaml": CONFIG_MAP}, "refuted", []),
    ("helm", {"c/Chart.yaml": CHART + "dependencies: [{name: x, version: 1.0.0}]\n", "c/values.yaml": "b: 1\n"}, "could_not_check", []),
    ("kube_score", {"svc.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: x}\nspec: {clusterIP: None, selector: {a: b}}\n"}, "refuted", []),
    ("actionlint", {".github/workflows/ci.yml": WORKFLOW.format(runner="ubuntu-24.04")}, "proved", []),
    (
        "actionlint",
        {".github/workflows/ci.yml": WORKFLOW.format(runner="ubuntu-1")},
        "refuted",
        [("actionlint/runner-label", ".github/workflows/ci.yml", 5)],
    ),
    ("zizmor", {".github/workflows/ci.yml": WORKFLOW.format(runner="ubuntu-24.04")}, "proved", []),
    (
        "zizmor",
        {".github/workflows/ci.yml": WORKFLOW.format(runner="ubuntu-24.04") + "      - run: echo ${{ github.event.issue.title }}\n"},
        "refuted",
        [("zizmor/template-injection", ".github/workflows/ci.yml", 8)],
    ),
    ("promtool_config", {"prometheus.yml": "scrape_configs:\n  - job_name: a\n"}, "proved", []),
    ("promtool_config", {"prometheus.yml": "scrape_configs:\n  - job: a\n"}, "refuted", [("promtool/config", "prometheus.yml", 2)]),
    ("promtool_rules", {"rules.yml": RULES.format(expr="up == 0")}, "proved", []),
    ("promtool_rules", {"rules.yml": RULES.format(expr="up ==")}, "refuted", [("promtool/rules", "rules.yml", 5)]),
    ("promtool_tests", {"m/rules.yml": RULES.format(expr="up == 0"), "m/t.yml": RULES_TEST.format(alert="Down")}, "proved", []),
    (
        "promtool_tests",
        {"m/rules.yml": RULES.format(expr="up == 0"), "m/t.yml": RULES_TEST.format(alert="Up")},
        "refuted",
        [("promtool/test", "m/t.yml", None)],
    ),
    (
        "promtool_tests",
        {"m/t.yml": RULES_TEST.format(alert="Down").replace("rules.yml", "gone.yml")},
        "refuted",
        [("promtool/test", "m/t.yml", None)],
    ),
]


@pytest.mark.parametrize(("name", "files", "outcome", "places"), CASES, ids=[f"{name}-{outcome}" for name, _, outcome, _ in CASES])
def test_the_tool_itself(name: str, files: Mapping[str, str], outcome: Outcome, places: list[tuple[str, str | None, int | None]]) -> None:
    chosen = prover(name)
    if not any(RUNNER.find(command.tool) for question in chosen.questions(files) for command in (question.command, *question.otherwise)):
        pytest.skip(f"could not check: {chosen.TOOL} is not installed")
    proofs, _ = verify(files, RUNNER, provers=(chosen,))
    if proofs[0].reason == "docker is here, its compose plugin is not":
        pytest.skip(f"could not check: {proofs[0].reason}")
    assert [proof.outcome for proof in proofs] == [outcome], proofs
    told = [_place(finding) for proof in proofs for finding in proof.findings if finding.severity in ("critical", "high", "medium")]
    assert not places or told == places
    assert "/tmp" not in repr(proofs)


def _place(finding: Finding) -> tuple[str, str | None, int | None]:
    return finding.rule, finding.path, finding.line


def test_gitleaks_itself_never_repeats_the_secret() -> None:
    if not RUNNER.find("gitleaks"):
        pytest.skip("could not check: gitleaks is not installed")
    secret = "AKIA" + "QWERTYUIOPASDFGH"
    proofs, _ = verify({"x.env": f"aws_access_key_id = {secret}\n"}, RUNNER, provers=(prover("gitleaks"),))
    assert [(proof.outcome, [_place(finding) for finding in proof.findings]) for proof in proofs] == [
        ("refuted", [("gitleaks/aws-access-token", "x.env", 1)])
    ]
    assert secret not in repr(proofs)


@pytest.mark.parametrize("name", ["trivy", "checkov"])
def test_a_scanner_itself(name: str) -> None:
    chosen = prover(name)
    if not RUNNER.find(chosen.TOOL):
        pytest.skip(f"could not check: {chosen.TOOL} is not installed")
    proofs, _ = verify({"Dockerfile": "FROM debian:12\nUSER root\n"}, RUNNER, provers=(chosen,))
    assert [proof.outcome for proof in proofs] == ["refuted"]
