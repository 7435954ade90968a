from __future__ import annotations

import time

import pytest

from opsmith.provers import kinds

NOTHING: set[str] = set()
SERVICE = "apiVersion: v1\nkind: Service\nmetadata:\n  name: api\n"


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("Dockerfile", "FROM x\n", {"dockerfile"}),
        ("api/Dockerfile.prod", "FROM x\n", {"dockerfile"}),
        ("api.Dockerfile", "FROM x\n", {"dockerfile"}),
        ("Containerfile", "FROM x\n", {"dockerfile"}),
        ("Dockerfile.dockerignore", "node_modules\n", NOTHING),
        ("Dockerfile.j2", "FROM {{ image }}\n", NOTHING),
        ("compose.yaml", "services:\n  a: {image: x}\n", {"compose", "yaml"}),
        ("docker-compose.override.yml", "services:\n  a: {}\n", {"compose", "yaml"}),
        ("docker-stack.yml", "services:\n  a: {image: x}\n", {"compose", "yaml"}),
        ("compose.yaml", "name: only\n", {"yaml"}),
        ("k8s/service.yaml", SERVICE, {"kubernetes", "yaml"}),
        ("chart/templates/service.yaml", SERVICE + '  labels: {{ include "x" . }}\n', NOTHING),
        ("skaffold.yaml", "apiVersion: skaffold/v4beta11\nkind: Config\n", {"yaml"}),
        ("kind.yaml", "kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\n", {"yaml"}),
        ("k8s/kustomization.yaml", "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n", {"kustomization", "yaml"}),
        (".github/workflows/ci.yml", "on: push\njobs: {}\n", {"workflow", "yaml"}),
        (".github/workflows/deep/ci.yml", "on: push\njobs: {}\n", {"yaml"}),
        ("action.yml", "name: x\nruns:\n  using: composite\n", {"action", "yaml"}),
        ("prometheus.yml", "scrape_configs:\n  - job_name: a\n", {"prometheus_config", "yaml"}),
        ("promtail.yml", "positions: {}\nscrape_configs:\n  - job_name: a\n", {"yaml"}),
        ("rules.yml", "groups:\n  - name: a\n    rules:\n      - alert: Down\n        expr: up == 0\n", {"prometheus_rules", "yaml"}),
        ("loki/rules.yml", "groups:\n  - name: a\n    rules:\n      - alert: Down\n        expr: x\n", {"yaml"}),
        ("grafana/alerts.yml", "apiVersion: 1\ngroups:\n  - rules:\n      - alert: x\n", {"yaml"}),
        ("rules_test.yml", "rule_files: [rules.yml]\ntests: []\n", {"promtool_test", "yaml"}),
        ("run.sh", "echo\n", {"shell"}),
        ("bin/run", "#!/usr/bin/env bash\necho\n", {"shell"}),
        ("bin/run", "#!/bin/sh -e\necho\n", {"shell"}),
        ("bin/run", "#!/usr/bin/env python3\n", NOTHING),
        ("run.sh", "#!/bin/zsh\n", NOTHING),
    ],
)
def test_what_a_file_is(path: str, text: str, expected: set[str]) -> None:
    answers = {
        "dockerfile": kinds.is_dockerfile(path),
        "compose": kinds.is_compose(path, text),
        "kubernetes": kinds.is_kubernetes(path, text),
        "kustomization": kinds.is_kustomization(path),
        "workflow": kinds.is_workflow(path),
        "action": kinds.is_action(path, text),
        "prometheus_config": kinds.is_prometheus_config(path, text),
        "prometheus_rules": kinds.is_prometheus_rules(path, text),
        "promtool_test": kinds.is_promtool_test(path, text),
        "shell": kinds.is_shell(path, text),
        "yaml": kinds.is_yaml(path, text),
    }
    assert {kind for kind, answer in answers.items() if answer} == expected


def test_a_patch_is_no_manifest() -> None:
    files = {
        "k8s/base/kustomization.yaml": "resources: [service.yaml]\n",
        "k8s/base/service.yaml": SERVICE,
        "k8s/prod/kustomization.yaml": "resources: [../base]\npatches:\n  - path: ./replicas.yaml\n  - patch: |-\n      - op: add\n",
        "k8s/prod/replicas.yaml": SERVICE,
    }
    assert kinds.manifests(files) == ("k8s/base/service.yaml",)


def test_what_a_kustomization_names() -> None:
    text = "resources: [../base]\nconfigMapGenerator:\n  - name: a\n    files: [app.conf=./conf/app.conf]\n"
    assert sorted(kinds.referenced("k8s/prod/kustomization.yaml", text)) == ["k8s/base", "k8s/prod/a", "k8s/prod/conf/app.conf"]


@pytest.mark.parametrize(
    "text",
    [
        "apiVersion: v1\nkind: x\n" + "{{ " * 20_000 + "\n" + " " * 50_000 + "- alert\n",
        "groups:\n" + "\n" * 100_000 + " alert",
        "#!" + "/" * 100_000,
    ],
)
def test_a_hostile_text_takes_no_time(text: str) -> None:
    began = time.monotonic()
    assert not kinds.is_deployment("a.yaml", text)
    assert time.monotonic() - began < 1
