"""Which deployment files are found, and which look-alikes are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from opsmith.detectors.existing import existing
from opsmith.repo import Repo

DEPLOYMENT = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\n"
PANELS = '{"schemaVersion": 39, "panels": []}'
FOUND = {
    "Dockerfile": ("dockerfile", "FROM scratch\n"),
    "api/Dockerfile.prod": ("dockerfile", "ARG A=1\nFROM a:$A\n"),
    "web.dockerfile": ("dockerfile", "from nginx\n"),
    ".dockerignore": ("dockerignore", "*\n"),
    "docker-compose.yml": ("compose", "version: '3'\nservices:\n  a: {image: b}\n"),
    "deploy/compose.prod.yaml": ("compose", "services:\n  a: {image: b}\n"),
    "k8s/all.yaml": ("kubernetes", "a: 1\n---\n" + DEPLOYMENT),
    "k8s/templated.yml": ("kubernetes", DEPLOYMENT + "spec: {{ x }}\n"),
    "base/kustomization.yaml": ("kustomize", "resources: []\n"),
    "charts/shop/Chart.yaml": ("helm", "apiVersion: v2\nname: shop\nversion: 1.0.0\n"),
    "infra/main.tf": ("terraform", ""),
    "infra/stack.yaml": ("cloudformation", "AWSTemplateFormatVersion: '2010-09-09'\n"),
    "infra/stack.template": ("cloudformation", '{"AWSTemplateFormatVersion": "2010-09-09"}'),
    ".github/workflows/ci.yml": ("github_actions", "on: push\njobs: {}\n"),
    ".gitlab-ci.yml": ("gitlab_ci", "test: {script: [make]}\n"),
    "Jenkinsfile": ("jenkins", "pipeline {}\n"),
    ".circleci/config.yml": ("circleci", "version: 2.1\n"),
    "azure-pipelines.yml": ("azure_pipelines", "steps: []\n"),
    ".travis.yml": ("travis", "language: go\n"),
    "Procfile": ("procfile", "web: ./app\n"),
    "app.json": ("platform", '{"name": "a", "buildpacks": []}'),
    "fly.toml": ("platform", "app = 'a'\n"),
    "skaffold.yaml": ("skaffold", "apiVersion: skaffold/v4beta6\nkind: Config\n"),
    "monitoring/prometheus.yml": ("prometheus", "scrape_configs: []\n"),
    "monitoring/rules.yml": ("prometheus", "groups:\n  - name: a\n    rules:\n      - expr: up\n        alert: A\n"),
    "monitoring/alertmanager.yml": ("alertmanager", "route: {receiver: a}\nreceivers: []\n"),
    "grafana/shop.json": ("grafana", PANELS),
    "grafana/provisioning/sources.yml": ("grafana", "apiVersion: 1\ndatasources: []\n"),
    "ansible/site.yml": ("ansible", "- hosts: all\n  tasks: []\n"),
    "ansible/roles/web/tasks/main.yml": ("ansible", "- name: a\n"),
}
NOT_FOUND = {
    "docs/Dockerfile.md": "How to write one\n",
    "compose.yaml": "melody: [c, d]\n",
    "config/app.yaml": "name: a\n",
    "mobile/app.json": '{"expo": {"name": "a"}, "scripts": {}}',
    "catalog-info.yaml": "apiVersion: backstage.io/v1alpha1\nkind: Component\n",
    "kubeconfig.yaml": "apiVersion: v1\nkind: Config\n",
    "testdata/pod.yaml": DEPLOYMENT,
    "api.yaml": "openapi: 3.0.0\n",
    ".github/workflows/notes.yml": "a: 1\n",
    "src/dashboard.json": "{}",
    "Procfile.md": "# none\n",
}


def write(root: Path, files: dict[str, str]) -> Repo:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Repo(root)


@pytest.mark.parametrize("path", FOUND)
def test_each_kind_is_found(tmp_path: Path, path: str) -> None:
    kind, text = FOUND[path]
    assert [(item.kind, item.path, item.component) for item in existing(write(tmp_path, {path: text}))] == [(kind, path, None)]


def test_all_together_in_the_order_of_the_paths(tmp_path: Path) -> None:
    repo = write(tmp_path, {path: text for path, (_, text) in FOUND.items()} | NOT_FOUND)
    assert [(item.path, item.kind) for item in existing(repo)] == sorted((path, kind) for path, (kind, _) in FOUND.items())
    assert repo.problems == []


def test_look_alikes_are_none(tmp_path: Path) -> None:
    assert existing(write(tmp_path, NOT_FOUND)) == ()


def test_a_chart_is_listed_once(tmp_path: Path) -> None:
    files = {
        "charts/shop/Chart.yaml": "apiVersion: v2\nname: shop\n",
        "charts/shop/values.yaml": "a: 1\n",
        "charts/shop/templates/deployment.yaml": DEPLOYMENT,
        "charts/shop/crds/crd.yaml": DEPLOYMENT,
    }
    assert [item.path for item in existing(write(tmp_path, files))] == ["charts/shop/Chart.yaml"]


def test_broken_files_are_told_and_stop_nothing(tmp_path: Path) -> None:
    repo = write(tmp_path, {"k8s/a.yaml": "apiVersion: v1\nkind: [\n", "docker-compose.yml": "services:\n\ta: b\n"})
    assert [(item.kind, item.path) for item in existing(repo)] == [("compose", "docker-compose.yml")]
    assert [(problem.file, problem.manifest) for problem in repo.problems] == [("docker-compose.yml", False), ("k8s/a.yaml", False)]
