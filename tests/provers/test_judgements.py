"""What each prover makes of what its tool really printed (recorded; texts shortened where only their length mattered)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib import import_module
from typing import Any, cast

import pytest

from opsmith import crds
from opsmith.catalog import PROVERS
from opsmith.model.finding import Finding, Fix
from opsmith.prover import Prover, Question, Verdict
from opsmith.provers import verdicts
from opsmith.tools import Command, Result


def prover(name: str) -> Prover:
    return cast("Prover", import_module(f"opsmith.provers.{name}"))


def judged(name: str, result: Result, *paths: str, **texts: str) -> Verdict:
    named = {path: texts[key] for path, key in zip(paths, texts, strict=False)}
    return prover(name).judge(Question(command=Command(tool=name, arguments=()), paths=paths, texts=named), result)


PASS = Verdict(outcome="proved")


def no(*findings: Finding) -> Verdict:
    return Verdict(outcome="refuted", findings=findings)


def unclear(reason: str) -> Verdict:
    return Verdict(outcome="could_not_check", reason=reason)


def test_hadolint() -> None:
    said = (
        '[{"code":"DL3008","column":1,"file":"Dockerfile","level":"warning","line":2,"message":"Pin versions in apt get install."},'
        '{"code":"DL3020","column":1,"file":"Dockerfile","level":"error","line":3,"message":"Use COPY instead of ADD for files and folders"}]'
    )
    text = "FROM debian:12\nRUN apt-get install curl\nADD . /app\n"
    why = "ADD does what COPY does for a source that is neither an archive nor a URL"
    assert judged("hadolint", Result(exit_code=1, stdout=said), "Dockerfile", text=text) == no(
        Finding(rule="hadolint/DL3008", severity="low", message="Pin versions in apt get install.", path="Dockerfile", line=2),
        Finding(
            rule="hadolint/DL3020",
            severity="high",
            message="Use COPY instead of ADD for files and folders",
            path="Dockerfile",
            line=3,
            fix=Fix(first=3, last=3, text="COPY . /app\n", safe=True, why=why),
        ),
    )
    assert judged("hadolint", Result(stdout="[]"), "Dockerfile") == PASS
    missing = "hadolint: Dockerfile: withBinaryFile: does not exist (No such file or directory)\nHasCallStack backtrace:\n"
    assert judged("hadolint", Result(exit_code=1, stderr=missing), "Dockerfile") == unclear(
        "unexpected answer (exit code 1): hadolint: Dockerfile: withBinaryFile: does not exist (No such file or directory)"
    )


def test_hadolint_cannot_read_some_here_documents() -> None:
    said = '[{"code":"DL1000","column":1,"file":"Dockerfile","level":"error","line":4,"message":"unexpected \'#\'"}]'
    assert judged("hadolint", Result(exit_code=1, stdout=said), "Dockerfile", text="RUN <<EOF\nls\nEOF\n# x\n") == unclear(
        "hadolint cannot read its here-documents"
    )


def test_shellcheck() -> None:
    said = (
        '{"comments":[{"file":"a.sh","line":3,"endLine":3,"column":8,"endColumn":12,"level":"info","code":2086,"message":"Double quote.","fix":null},'
        '{"file":"a.sh","line":3,"endLine":3,"column":8,"endColumn":13,"level":"warning","code":2115,"message":"Use \\"${var:?}\\".","fix":null}]}'
    )
    assert judged("shellcheck", Result(exit_code=1, stdout=said), "a.sh", "b.sh") == no(
        Finding(rule="shellcheck/SC2115", severity="medium", message='Use "${var:?}".', path="a.sh", line=3),
        Finding(rule="shellcheck/SC2086", severity="low", message="Double quote.", path="a.sh", line=3),
    )
    assert judged("shellcheck", Result(stdout='{"comments":[]}\n'), "a.sh") == PASS
    said = "nope.sh: nope.sh: openBinaryFile: does not exist (No such file or directory)"
    assert judged("shellcheck", Result(exit_code=2, stdout='{"comments":[]}', stderr=said), "nope.sh") == unclear(
        f"unexpected answer (exit code 2): {said}"
    )


def test_yamllint() -> None:
    said = 'y.yaml:1:5: [error] trailing spaces (trailing-spaces)\ny.yaml:3:1: [error] duplication of key "a" in mapping (key-duplicates)\n'
    fix = Fix(first=1, last=1, text="a: 1\n", safe=True, why="spaces at the end of a line say nothing")
    assert judged("yamllint", Result(exit_code=1, stdout=said), "y.yaml", text="a: 1 \nb: 2\na: 3\n") == no(
        Finding(rule="yamllint/trailing-spaces", severity="info", message="trailing spaces", path="y.yaml", line=1, fix=fix),
        Finding(rule="yamllint/key-duplicates", severity="high", message='duplication of key "a" in mapping', path="y.yaml", line=3),
    )
    said = "y.yaml:9:1: [error] syntax error: expected the node content, but found '<stream end>' (syntax)\n"
    message = "syntax error: expected the node content, but found '<stream end>'"
    assert judged("yamllint", Result(exit_code=1, stdout=said), "y.yaml", text="a: [") == no(
        Finding(rule="yamllint/syntax", severity="high", message=message, path="y.yaml", line=9)
    )
    assert judged("yamllint", Result(), "y.yaml") == PASS
    assert judged("yamllint", Result(exit_code=1, stdout="Traceback\n"), "y.yaml") == unclear("unexpected answer (exit code 1): Traceback")


@pytest.mark.parametrize("text", ["a: |\n  one \n  two\n", 'a: "one \n  two"\n', "a: one \n  two\n"])
def test_white_space_inside_a_scalar_is_left_alone(text: str) -> None:
    line = 1 + text[: text.index(" \n")].count("\n")
    said = f"y.yaml:{line}:7: [error] trailing spaces (trailing-spaces)\n"
    verdict = judged("yamllint", Result(exit_code=1, stdout=said), "y.yaml", text=text)
    assert [finding.fix for finding in verdict.findings] == [None]


def test_check_jsonschema() -> None:
    said = json.dumps(
        {
            "status": "fail",
            "errors": [
                {"filename": "compose.yaml", "path": "$.services.web.ports", "message": "5 is not of type 'array'", "has_sub_errors": False},
                {
                    "filename": "compose.yaml",
                    "path": "$.services.web",
                    "message": "not valid under any",
                    "has_sub_errors": True,
                    "best_deep_match": {"path": "$.services.web.image", "message": "3 is not of type 'string'"},
                },
            ],
            "parse_errors": [{"filename": "b.yml", "message": "Failed to parse b.yml"}],
        }
    )
    text = "services:\n  web:\n    image: 3\n    ports: 5\n"
    assert judged("check_jsonschema", Result(exit_code=1, stdout=said), "compose.yaml", text=text) == no(
        Finding(rule="check-jsonschema/syntax", severity="high", message="cannot be parsed", path="b.yml"),
        Finding(
            rule="check-jsonschema/schema", severity="high", message="$.services.web.image: 3 is not of type 'string'", path="compose.yaml", line=3
        ),
        Finding(
            rule="check-jsonschema/schema", severity="high", message="$.services.web.ports: 5 is not of type 'array'", path="compose.yaml", line=4
        ),
    )
    assert judged("check_jsonschema", Result(stdout='{"status": "ok", "errors": []}'), "compose.yaml") == PASS


def test_docker_compose() -> None:
    assert judged("docker_compose", Result(), "compose.yaml") == PASS
    message = "Service 'a' depends on service 'b' which is undefined."
    assert judged(
        "docker_compose", Result(exit_code=1, stderr=f"The B variable is not set. Defaulting to a blank string.\n{message}\n"), "c.yaml"
    ) == no(Finding(rule="docker-compose/config", severity="high", message=message, path="c.yaml"))
    old = "The Compose file './compose.yaml' is invalid because:\n'name' does not match any of the regexes: '^x-'\n"
    assert judged("docker_compose", Result(exit_code=1, stderr=old), "compose.yaml") == unclear(
        "this docker-compose knows only an older format: The Compose file './compose.yaml' is invalid because: "
        "'name' does not match any of the regexes: '^x-'"
    )
    gone = ".FileNotFoundError: [Errno 2] No such file or directory: '../base.yml'\n"
    assert judged("docker_compose", Result(exit_code=1, stderr=gone), "compose.yaml") == unclear(
        "needs a file that is not among those given: .FileNotFoundError: [Errno 2] No such file or directory: '../base.yml'"
    )
    for code, said in ((1, "docker: unknown command: docker compose\n"), (125, "unknown flag: --env-file\n\nUsage:  docker [OPTIONS]\n")):
        assert judged("docker_compose", Result(exit_code=code, stderr=said), "compose.yaml") == unclear("docker is here, its compose plugin is not")


def test_kubernetes_validate() -> None:
    said = (
        "ERROR k1.yaml did not validate for resource deployment/x against version 1.34: spec.replicas: '3' is not of type 'integer', 'null'\n"
        "INFO k1.yaml passed for resource service/x against version 1.34\n"
        "WARN k2.yaml Couldn't find schema for kind Widget with api version example.org/v1 for kubernetes version 1.34\n"
        "INFO k3.yaml passed for resource service/y against version 1.34\n"
    )
    text = "apiVersion: v1\nkind: Service\nmetadata:\n  name: x\n---\nkind: Deployment\nmetadata: {name: x}\nspec:\n  replicas: '3'\n"
    assert judged("kubernetes_validate", Result(exit_code=1, stdout=said), "k1.yaml", "k2.yaml", "k3.yaml", text=text) == Verdict(
        outcome="refuted",
        findings=(
            Finding(
                rule="kubernetes-validate/schema",
                severity="high",
                message="deployment/x: spec.replicas: '3' is not of type 'integer', 'null'",
                path="k1.yaml",
                line=9,
            ),
        ),
        reason="it passes over Widget (example.org/v1)",
        unchecked=("k2.yaml",),
    )
    said = "ERROR k4.yaml could not be validated: 'apiVersion'\n"
    assert judged("kubernetes_validate", Result(exit_code=2, stdout=said), "k4.yaml") == no(
        Finding(rule="kubernetes-validate/object", severity="high", message="an object lacks apiVersion or kind", path="k4.yaml")
    )
    said = "INFO a.yaml passed for resource job/a against version 1.34\nERROR b.yaml could not be validated: 'name'\n"
    assert judged("kubernetes_validate", Result(exit_code=2, stdout=said), "a.yaml", "b.yaml") == Verdict(
        outcome="proved", reason="it passes over an object without metadata.name", unchecked=("b.yaml",)
    )
    said = 'Couldn\'t parse YAML from file k.yaml: while parsing a flow node\n  in "<unicode string>", line 9, column 1:\n'
    assert judged("kubernetes_validate", Result(exit_code=1, stderr=said), "k.yaml") == no(
        Finding(rule="kubernetes-validate/syntax", severity="high", message="cannot be parsed as YAML", path="k.yaml", line=9)
    )
    said = "Couldn't parse YAML from file k.yaml: found duplicate anchor 'key'; first occurrence\n"
    assert judged("kubernetes_validate", Result(exit_code=1, stderr=said), "k.yaml") == unclear(f"unexpected answer (exit code 1): {said.strip()}")
    assert judged("kubernetes_validate", Result(), "k5.yaml") == unclear("it found no object to judge")
    said = "FATAL kubernetes-validate 1.3.0 does not support kubernetes version 1.34\n"
    assert judged("kubernetes_validate", Result(exit_code=2, stdout=said), "k.yaml") == unclear(f"unexpected answer (exit code 2): {said.strip()}")


def test_kustomize() -> None:
    assert judged("kustomize", Result(stdout="apiVersion: v1\n"), "k8s/kustomization.yaml") == PASS
    warned = (
        "# Warning: 'commonLabels' is deprecated. Please use 'labels' instead. Run 'kustomize edit fix' to update your Kustomization automatically.\n"
    )
    assert judged("kustomize", Result(stderr=warned), "k8s/kustomization.yaml") == Verdict(
        outcome="proved",
        findings=(
            Finding(
                rule="kustomize/deprecated",
                severity="info",
                message="'commonLabels' is deprecated. Please use 'labels' instead.",
                path="k8s/kustomization.yaml",
            ),
        ),
    )
    what = 'invalid Kustomization: json: unknown field "resource"'
    refuted = no(Finding(rule="kustomize/build", severity="high", message=what, path="k8s/kustomization.yaml"))
    assert judged("kustomize", Result(exit_code=1, stderr=f"{warned}Error: {what}\n"), "k8s/kustomization.yaml") == refuted
    escaped = what.replace('"', '\\"')
    kubectl = f'E1121 00:21:52.769103    1336 run.go:72] "command failed" err="{escaped}"\n'
    assert judged("kustomize", Result(exit_code=1, stderr=kubectl), "k8s/kustomization.yaml") == refuted


@pytest.mark.parametrize(
    ("stderr", "why"),
    [
        ("Error: accumulating resources: fatal: transport 'https' not allowed\n: exit status 128\n", "it builds on a remote tree"),
        ("Error: must specify --enable-helm\n", "it renders a Helm chart, which has to be fetched"),
        ("Error: loading KV pairs: env source files: [.env]: lstat k8s/.env: no such file\n", "it reads a file that is not among those given"),
        ("Error: evalsymlink failure on '../x' : lstat ../x: no such file or directory\n", "it reaches out of the folder that was given"),
        ("Error: failed to load generator: external plugins disabled\n", "it runs a plugin of its own"),
    ],
)
def test_kustomize_beyond_the_tree(stderr: str, why: str) -> None:
    verdict = judged("kustomize", Result(exit_code=1, stderr=stderr), "k8s/kustomization.yaml")
    assert (verdict.outcome, verdict.reason.partition(":")[0]) == ("could_not_check", why)


def _score(path: str, grade: int, comments: Sequence[dict[str, str]] | None) -> dict[str, object]:
    check = {"name": "Pod Probes", "id": "pod-probes", "target_type": "Pod", "comment": "Probes are safe", "optional": False}
    return {
        "object_name": "Deployment/apps/v1//db",
        "type_meta": {"kind": "Deployment", "apiVersion": "apps/v1"},
        "object_meta": {"name": "db"},
        "checks": [{"check": check, "grade": grade, "skipped": False, "comments": comments}],
        "file_name": path,
        "file_row": 1,
    }


def test_kube_score() -> None:
    comment = {"path": "db", "summary": "Container is missing a readinessProbe", "description": ""}
    said = json.dumps([_score("a.yaml", 1, [comment]), _score("b.yaml", 10, None)])
    assert judged("kube_score", Result(exit_code=1, stdout=said), "a.yaml", "b.yaml", "c.yaml") == Verdict(
        outcome="refuted",
        findings=(
            Finding(
                rule="kube-score/pod-probes",
                severity="medium",
                message="Deployment/db (db): Container is missing a readinessProbe",
                path="a.yaml",
                line=1,
            ),
        ),
        reason="it knows none of the kinds in it",
        unchecked=("c.yaml",),
    )
    broken = "Failed to score files: failed to parse files: yaml: line 1: did not find expected node content\n"
    assert judged("kube_score", Result(exit_code=1, stderr=broken), "a.yaml") == unclear(f"unexpected answer (exit code 1): {broken.strip()}")


def test_actionlint() -> None:
    entries = [
        {"message": 'label "ubuntu-lates" is unknown.', "filepath": ".github/workflows/a.yml", "line": 4, "column": 14, "kind": "runner-label"},
        {
            "message": "shellcheck reported issue in this script: SC2086:info:1:38: Double quote.",
            "filepath": ".github/workflows/a.yml",
            "line": 6,
            "column": 51,
            "kind": "shellcheck",
        },
    ]
    assert judged("actionlint", Result(exit_code=1, stdout=json.dumps(entries)), ".github/workflows/a.yml") == no(
        Finding(rule="actionlint/runner-label", severity="high", message='label "ubuntu-lates" is unknown.', path=".github/workflows/a.yml", line=4),
        Finding(rule="actionlint/SC2086", severity="low", message="Double quote.", path=".github/workflows/a.yml", line=6),
    )
    assert judged("actionlint", Result(stdout="[]\n"), ".github/workflows/a.yml") == PASS


def test_zizmor() -> None:
    place = {
        "symbolic": {"kind": "Primary", "annotation": "action is not pinned to a hash"},
        "concrete": {"location": {"start_point": {"row": 6, "column": 14}}},
    }
    entry = {
        "ident": "unpinned-uses",
        "desc": "unpinned action reference",
        "determinations": {"confidence": "High", "severity": "High", "persona": "Regular"},
        "locations": [{"symbolic": {"kind": "Hidden"}}, place],
        "ignored": False,
    }
    said = json.dumps([entry, {**entry, "ignored": True, "ident": "x"}])
    assert judged("zizmor", Result(exit_code=14, stdout=said), ".github/workflows/a.yml") == no(
        Finding(
            rule="zizmor/unpinned-uses",
            severity="high",
            message="unpinned action reference: action is not pinned to a hash",
            path=".github/workflows/a.yml",
            line=7,
            confidence=0.95,
        )
    )
    assert judged("zizmor", Result(stdout="[]"), "a.yml") == PASS
    said = "fatal: no audit was performed\nfailed to load file://a.yml as workflow\n\nCaused by:\n    0: invalid YAML syntax\n"
    assert judged("zizmor", Result(exit_code=1, stderr=said), "a.yml") == unclear("it cannot read the file: 0: invalid YAML syntax")


def test_promtool_config() -> None:
    assert judged("promtool_config", Result(stdout="Checking p.yml\n SUCCESS: p.yml is valid prometheus config file syntax\n\n"), "p.yml") == PASS
    said = "  FAILED: parsing YAML file p.yml: yaml: unmarshal errors:\n  line 5: field statc_configs not found in type config.ScrapeConfig\n"
    assert judged("promtool_config", Result(exit_code=1, stdout="Checking p.yml\n\n", stderr=said), "p.yml") == no(
        Finding(
            rule="promtool/config",
            severity="high",
            message="yaml: unmarshal errors: line 5: field statc_configs not found in type config.ScrapeConfig",
            path="p.yml",
            line=5,
        )
    )
    said = "  FAILED: parsing YAML file p.yml: yaml: unmarshal errors:\n  line 3: field kubernetes_sd_configs not found in type config.plain\n"
    assert judged("promtool_config", Result(exit_code=1, stderr=said), "p.yml") == unclear("this promtool is built without kubernetes_sd_configs")
    assert judged("promtool_config", Result(stdout="Checking p.yml\n"), "p.yml") == unclear("unexpected answer (exit code 0): Checking p.yml")


def test_promtool_rules() -> None:
    assert judged("promtool_rules", Result(stdout="Checking r.yml\n  SUCCESS: 2 rules found\n\n"), "r.yml") == PASS
    said = '  FAILED:\nr.yml: 8:11: group "a", rule 2, "Y": could not parse expression: 1:19: parse error: unexpected <by> in aggregation\n'
    assert judged("promtool_rules", Result(exit_code=1, stderr=said), "r.yml") == no(
        Finding(
            rule="promtool/rules",
            severity="high",
            message='group "a", rule 2, "Y": could not parse expression: 1:19: parse error: unexpected <by> in aggregation',
            path="r.yml",
            line=8,
        )
    )
    said = "  FAILED:\nlint error 1 duplicate rule(s) found.\nMetric: X\n"
    assert judged("promtool_rules", Result(stdout="Checking r.yml\n", stderr=said), "r.yml") == Verdict(
        outcome="proved",
        findings=(Finding(rule="promtool/duplicate-rules", severity="low", message="1 duplicate rule(s) found. Metric: X", path="r.yml"),),
    )


def test_promtool_tests() -> None:
    assert judged("promtool_tests", Result(stdout="Unit Testing:  t.yml\n  SUCCESS\n\n"), "t.yml") == PASS
    said = "  FAILED:\n    alertname: X, time: 6m, \n        exp:[], \n        got:[]\n"
    assert judged("promtool_tests", Result(exit_code=1, stdout="Unit Testing:  t.yml\n\n", stderr=said), "t.yml") == no(
        Finding(rule="promtool/test", severity="high", message="alertname: X, time: 6m, exp:[], got:[]", path="t.yml")
    )


def test_a_test_of_rules_that_were_never_read_is_no_pass() -> None:
    result = Result(stdout="Unit Testing:  t.yml\n  SUCCESS\n\n", stderr="  WARNING: no file match pattern nope.yml\n")
    assert judged("promtool_tests", result, "t.yml") == no(
        Finding(rule="promtool/test", severity="high", message="no file match pattern nope.yml", path="t.yml")
    )


def test_gitleaks() -> None:
    said = json.dumps([{"RuleID": "private-key", "Description": "Identified a Private Key.", "StartLine": 3, "File": "x.env", "Secret": "REDACTED"}])
    assert judged("gitleaks", Result(exit_code=7, stdout=said), "x.env") == no(
        Finding(rule="gitleaks/private-key", severity="critical", message="Identified a Private Key.", path="x.env", line=3, confidence=0.9)
    )
    assert judged("gitleaks", Result(stdout="[]\n"), "x.env") == PASS


def test_trivy() -> None:
    found: dict[str, Any] = {"ID": "DS-0002", "Title": "Image user", "Message": "Add USER", "Severity": "HIGH", "Status": "FAIL", "CauseMetadata": {}}
    foreign = {**found, "ID": "KSV-0125"}
    results: list[dict[str, Any]] = [{"Target": "Dockerfile", "Misconfigurations": [found, foreign]}, {"Target": "k.yaml"}]
    assert judged("trivy", Result(stdout=json.dumps({"Results": results})), "Dockerfile", "k.yaml", "l.yaml") == Verdict(
        outcome="refuted",
        findings=(Finding(rule="trivy/DS-0002", severity="high", message="Image user: Add USER", path="Dockerfile"),),
        reason="it passed the file over",
        unchecked=("l.yaml",),
    )


def test_what_lies_in_a_folder_is_asked_about_together() -> None:
    assert verdicts.batches_by_folder(["a/1", "b/1", "b/2", "c/1", "d/1", "d/2", "d/3", "d/4"], 3) == [
        ("a/1", "b/1", "b/2"),
        ("c/1",),
        ("d/1", "d/2", "d/3"),
        ("d/4",),
    ]


def test_checkov() -> None:
    failed = {
        "check_id": "CKV_DOCKER_3",
        "check_name": "Ensure that a user for the container has been created",
        "file_path": "api/Dockerfile",
        "file_line_range": [1, 16],
        "resource": "api/Dockerfile.",
    }
    answer = {"check_type": "dockerfile", "results": {"failed_checks": [failed]}, "summary": {"passed": 5, "failed": 1, "parsing_errors": 0}}
    assert judged("checkov", Result(exit_code=1, stdout=json.dumps(answer)), "api/Dockerfile") == no(
        Finding(
            rule="checkov/CKV_DOCKER_3",
            severity="medium",
            message="api/Dockerfile.: Ensure that a user for the container has been created",
            path="api/Dockerfile",
            line=1,
        )
    )
    unasked = {**answer, "results": {"failed_checks": [{**failed, "check_id": "CKV_DOCKER_2", "check_name": "HEALTHCHECK"}]}}
    assert judged("checkov", Result(exit_code=1, stdout=json.dumps(unasked)), "api/Dockerfile") == Verdict(
        outcome="proved",
        findings=(Finding(rule="checkov/CKV_DOCKER_2", severity="low", message="api/Dockerfile.: HEALTHCHECK", path="api/Dockerfile", line=1),),
    )
    worker = {**failed, "check_id": "CKV_K8S_8", "check_name": "Liveness Probe", "resource": "Deployment.x.worker", "file_path": "/k.yaml"}
    remarked = {**answer, "check_type": "kubernetes", "results": {"failed_checks": [worker]}}
    assert judged("checkov", Result(exit_code=1, stdout=json.dumps(remarked)), "k.yaml") == Verdict(
        outcome="proved",
        findings=(Finding(rule="checkov/CKV_K8S_8", severity="low", message="Deployment.x.worker: Liveness Probe", path="k.yaml", line=1),),
    )
    nothing = {"passed": 0, "failed": 0, "skipped": 0, "parsing_errors": 0, "resource_count": 0, "checkov_version": "3.3.30"}
    assert judged("checkov", Result(stdout=json.dumps(nothing)), "k.yaml") == Verdict(
        outcome="proved", unchecked=("k.yaml",), reason="it recognised nothing in it that it has a rule for"
    )
    reports: list[dict[str, Any]] = [
        {**answer, "results": {"failed_checks": []}},
        {"check_type": "kubernetes", "results": {"failed_checks": []}, "summary": nothing},
    ]
    assert judged("checkov", Result(stdout=json.dumps(reports)), "Dockerfile", "k.yaml") == Verdict(
        outcome="proved", unchecked=("k.yaml",), reason="it recognised nothing in it that it has a rule for"
    )


FILES = {
    ".github/workflows/ci.yml": "on: push\njobs: {}\n",
    "Dockerfile": "FROM scratch\n",
    "charts/shop/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n",
    "charts/shop/templates/a.yaml": "a: {{ .Values.b }}\n",
    "compose.yaml": "services:\n  web:\n    image: ${IMAGE:?}\n    ports: ['${PORT:?}:80']\n",
    ".env.example": "PORT=8080\nIMAGE=\n",
    "compose.dev.yaml": "services:\n  web:\n    environment: {A: b}\n",
    "k8s/kustomization.yaml": "resources: [service.yaml]\n",
    "k8s/scaledobject.yaml": "apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {name: x}\nspec: {}\n",
    "k8s/both.yaml": "apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {name: x}\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: x}\n",
    "k8s/service.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: x}\n",
    "monitoring/prometheus.yml": "scrape_configs: []\n",
    "monitoring/rules.yml": "groups:\n  - name: a\n    rules:\n      - alert: A\n        expr: up\n",
    "monitoring/rules_test.yml": "rule_files: [rules.yml]\ntests: []\n",
    "run.sh": "#!/bin/sh\n",
}


def test_what_is_asked() -> None:
    schemas = str(crds.folder())
    location = "'CRDS/{{.Group}}_{{.ResourceAPIVersion}}_{{.ResourceKind}}.json'"
    asked = {
        name: [str(question.command).replace(schemas, "CRDS") for question in prover(name).questions(FILES)]
        for name in PROVERS
        if name not in ("yamllint", "trivy")
    }
    leaks = "gitleaks dir . --no-banner --no-color --redact --exit-code 7 --report-format json --report-path -"
    skipped = "--skip-check CKV_K8S_21,CKV_K8S_35,CKV_K8S_40,CKV_K8S_43 --compact --quiet --skip-download --output json"
    ignored = "--ignore-test container-security-context-user-group-id"
    assert asked == {
        "hadolint": ["hadolint --format json Dockerfile"],
        "shellcheck": ["shellcheck --norc --format json1 run.sh"],
        "check_jsonschema": [
            "check-jsonschema --builtin-schema vendor.compose-spec --output-format json compose.dev.yaml compose.yaml",
            "check-jsonschema --builtin-schema vendor.github-workflows --output-format json .github/workflows/ci.yml",
        ],
        "docker_compose": [
            "docker-compose --env-file .env.example -f compose.yaml -f compose.dev.yaml config -q",
            "docker-compose --env-file .env.example -f compose.yaml config -q",
        ],
        "kubernetes_validate": ["kubernetes-validate -k 1.34 --strict k8s/both.yaml k8s/service.yaml"],
        "custom_resources": [
            "check-jsonschema --schemafile CRDS/keda.sh_v1alpha1_scaledobject.json --output-format json k8s/scaledobject.yaml",
            f"kubeconform -output json -ignore-missing-schemas -schema-location {location} k8s/both.yaml",
        ],
        "kustomize": ["kustomize build k8s"],
        "helm": ["helm lint --strict --kube-version 1.34.0 charts/shop"],
        "kube_score": [f"kube-score score --output-format json --kubernetes-version v1.34 {ignored} k8s/both.yaml k8s/service.yaml"],
        "actionlint": ["actionlint -no-color -format '{{json .}}' .github/workflows/ci.yml"],
        "zizmor": ["zizmor --offline --quiet --no-progress --strict-collection --format json-v1 .github/workflows/ci.yml"],
        "promtool_config": ["promtool check config --syntax-only monitoring/prometheus.yml"],
        "promtool_rules": ["promtool check rules monitoring/rules.yml"],
        "promtool_tests": ["promtool test rules rules_test.yml"],
        "gitleaks": [leaks],
        "checkov": [
            f"checkov -f Dockerfile -f k8s/both.yaml -f k8s/scaledobject.yaml -f k8s/service.yaml --framework dockerfile kubernetes {skipped}"
        ],
    }
    assert [question.command.environment for question in prover("docker_compose").questions(FILES)] == [(("IMAGE", "1"),), (("IMAGE", "1"),)]
    assert [question.command.folder for question in prover("promtool_tests").questions(FILES)] == ["monitoring"]


SCALED = "apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {name: x}\nspec:\n  triggers: 1\n"


def test_custom_resources() -> None:
    fine: dict[str, Any] = {"status": "ok", "errors": [], "parse_errors": []}
    assert judged("custom_resources", Result(stdout=json.dumps(fine)), "k.yaml", text=SCALED) == PASS
    wrong = {
        "status": "fail",
        "errors": [{"filename": "k.yaml", "path": "$.spec.triggers", "message": "1 is not of type 'array'"}],
        "parse_errors": [],
    }
    assert judged("custom_resources", Result(exit_code=1, stdout=json.dumps(wrong)), "k.yaml", text=SCALED) == no(
        Finding(rule="custom-resource/schema", severity="high", message="spec.triggers: 1 is not of type 'array'", path="k.yaml", line=5)
    )
    entry = {"filename": "k.yaml", "kind": "ScaledObject", "name": "x", "status": "statusInvalid", "msg": "long",
             "validationErrors": [{"path": "/spec", "msg": "missing property 'triggers'"}]}  # fmt: skip
    question = Question(command=Command(tool="kubeconform", arguments=()), paths=("k.yaml",))
    said = json.dumps({"resources": [entry, {**entry, "status": "statusSkipped"}]})
    assert prover("custom_resources").judge(question, Result(exit_code=1, stdout=said)) == no(
        Finding(rule="custom-resource/schema", severity="high", message="ScaledObject/x: spec: missing property 'triggers'", path="k.yaml")
    )
    assert prover("custom_resources").judge(question, Result(stdout="{}")).outcome == "could_not_check"


CHART = ("charts/c/Chart.yaml", "charts/c/templates/a.yaml")


def test_helm() -> None:
    fine = "==> Linting charts/c\n[INFO] Chart.yaml: icon is recommended\n\n1 chart(s) linted, 0 chart(s) failed\n"
    remark = Finding(rule="helm/lint", severity="info", message="icon is recommended", path="charts/c/Chart.yaml")
    assert judged("helm", Result(stdout=fine), *CHART) == Verdict(outcome="proved", findings=(remark,))
    broken = (
        "==> Linting charts/c\n[ERROR] templates/a.yaml: no key: b\n[ERROR] templates/: template: c/templates/a.yaml:1:13: nil\n\n"
        "Error: 1 chart(s) linted, 1 chart(s) failed\n"
    )
    assert judged("helm", Result(exit_code=1, stdout=broken), *CHART) == no(
        Finding(rule="helm/lint", severity="high", message="no key: b", path="charts/c/templates/a.yaml"),
        Finding(rule="helm/lint", severity="high", message="template: c/templates/a.yaml:1:13: nil", path="charts/c/templates/a.yaml", line=1),
    )
    needing = "==> Linting c\n[WARNING] /x/c: chart directory is missing these dependencies: x\n\nError: 1 chart(s) linted, 1 chart(s) failed\n"
    assert judged("helm", Result(exit_code=1, stdout=needing), *CHART) == unclear("it needs charts that have to be fetched")
    assert judged("helm", Result(stdout="done"), *CHART) == unclear("unexpected answer (exit code 0): done")


@pytest.mark.parametrize("name", PROVERS)
def test_nothing_is_asked_of_nothing(name: str) -> None:
    assert list(prover(name).questions({})) == []
