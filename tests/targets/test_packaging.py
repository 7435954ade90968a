"""Kustomize overlays and Helm charts: what they render to is what the blueprint says, object by object."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from opsmith.emit import plain
from opsmith.manifests import manifests
from opsmith.manifests.difference import patch
from opsmith.model.blueprint import Backing, Blueprint, Environment, Variable
from opsmith.targets import helm, kubernetes, kustomize
from opsmith.targets.helm import surface
from tests.targets import blueprints
from tests.targets.realtools import ask, said, written

API = blueprints.service(
    "my-api",
    host="api.example.com",
    variables=(
        Variable(name="ALLOWED_HOSTS", kind="literal", value="api.example.com"),
        Variable(name="TEMPLATE", kind="literal", value="{{ braces }}"),
        Variable(name="API_KEY", kind="secret", secret="my-api-secrets", key="API_KEY"),
    ),
    needs=("postgres",),
    migration="alembic upgrade head",
    migration_argv=("alembic", "upgrade", "head"),
)
CLEANUP = blueprints.service(
    "cleanup", role="cron", build="my-api", port=None, probe=None, public=False, schedule="*/5 * * * *", argv=("python", "-m", "cleanup"),
)  # fmt: skip
POSTGRES = Backing(
    name="postgres", kind="postgres", placement="in_cluster", image="postgres:17-alpine@sha256:" + "a" * 64, port=5432, user=70, variables=(),
    data_path="/var/lib/postgresql/data", volume_size="10Gi", health_command=("pg_isready",), arguments=(), resources=blueprints.SIZES,
    writable=("/tmp",),
)  # fmt: skip
STAGING_API = replace(
    API, host="api.staging.example.com", replicas=1,
    variables=(Variable(name="ALLOWED_HOSTS", kind="literal", value="api.staging.example.com"), *API.variables[1:]),
)  # fmt: skip
SYSTEM = replace(
    blueprints.SHOP,
    targets=("kubernetes", "kustomize", "helm"),
    builds=(blueprints.build("my-api"),),
    services=(API, CLEANUP),
    backings=(POSTGRES,),
    environments=(
        Environment(name="staging", namespace="shop-staging", services=(STAGING_API, CLEANUP)),
        Environment(name="production", namespace="shop", services=(API, CLEANUP)),
    ),
)
STAGING, PRODUCTION = SYSTEM.environments


def objects(blueprint: Blueprint) -> dict[tuple[str, str], Any]:
    return by_name([plain(item.document) for item in manifests(blueprint)])


def by_name(documents: list[Any]) -> dict[tuple[str, str], Any]:
    return {(item["kind"], item["metadata"]["name"]): item for item in documents if item}


def rendered(text: str) -> dict[tuple[str, str], Any]:
    return by_name(list(yaml.safe_load_all(text)))


@pytest.mark.parametrize("environment", SYSTEM.environments, ids=lambda item: str(item.name))
def test_an_overlay_renders_to_the_environment(environment: Environment, tmp_path: Path) -> None:
    tree = written([*kubernetes.render(SYSTEM), *kustomize.render(SYSTEM)], tmp_path)
    result = ask(tree, "kustomize", "build", f"k8s/overlays/{environment.name}")
    assert said(result)[0] == 0, said(result)
    there, wanted = rendered(result.stdout), objects(SYSTEM.within(environment))
    loosened = {("PodDisruptionBudget", "my-api")}  # stays: an overlay takes nothing away
    assert set(there) - set(wanted) <= loosened
    assert {name: _without_spread(item) for name, item in there.items() if name in wanted} == {
        name: _without_spread(item) for name, item in wanted.items()
    }


def _without_spread(item: dict[str, Any]) -> dict[str, Any]:
    """Where replicas are, which a single one has no use for."""
    pod = item.get("spec", {}).get("template", {}).get("spec", {})
    for key in ("affinity", "topologySpreadConstraints"):
        pod.pop(key, None)
    return item


def test_an_overlay_holds_what_differs_and_nothing_else() -> None:
    files = {file.path: yaml.safe_load(file.text) for file in kustomize.render(SYSTEM)}
    assert files["k8s/overlays/production/kustomization.yaml"] == {
        "apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization", "namespace": "shop", "resources": ["../../base"],
    }  # fmt: skip
    assert files["k8s/overlays/staging/kustomization.yaml"] == {
        "apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization", "namespace": "shop-staging", "resources": ["../../base"],
        "replicas": [{"name": "my-api", "count": 1}],
        "patches": [{"path": "my-api-migration.yaml"}, {"path": "my-api-deployment.yaml"}, {"path": "my-api-ingress.yaml"}],
    }  # fmt: skip
    assert files["k8s/overlays/staging/my-api-deployment.yaml"] == {
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "my-api", "namespace": "shop"},
        "spec": {"template": {"spec": {"containers": [{"name": "my-api", "env": [
            {"name": "ALLOWED_HOSTS", "value": "api.staging.example.com"},
        ]}]}}},
    }  # fmt: skip


def test_what_is_equal_needs_no_patch() -> None:
    for item in manifests(SYSTEM):
        if item.owner:
            assert patch(item.document, item.document) is None


def _of_helm(item: dict[str, Any]) -> dict[str, Any]:
    """Without what Helm's conventions add."""
    labels, notes = item["metadata"].get("labels", {}), item["metadata"].get("annotations", {})
    for key in ("helm.sh/chart", "app.kubernetes.io/managed-by"):
        labels.pop(key, None)
    for key in [key for key in notes if key.startswith("helm.sh/")]:
        notes.pop(key)
    if not notes:
        item["metadata"].pop("annotations", None)
    return item


@pytest.mark.parametrize(("environment", "values"), [(PRODUCTION, ()), (STAGING, ("--values", "charts/shop/values-staging.yaml"))])
def test_a_chart_renders_to_the_plain_manifests(environment: Environment, values: tuple[str, ...], tmp_path: Path) -> None:
    tree = written(helm.render(SYSTEM), tmp_path)
    result = ask(tree, "helm", "template", "shop", "charts/shop", "--namespace", environment.namespace, "--kube-version", "1.34.0", *values)
    assert said(result)[0] == 0, said(result)
    there = {name: _of_helm(item) for name, item in rendered(result.stdout).items() if "test" not in name[1]}
    wanted = objects(SYSTEM.within(environment))
    wanted.pop(("Namespace", environment.namespace))  # belongs to whoever installs the chart
    for name in (("PodDisruptionBudget", "my-api"),):
        if name not in wanted:
            there.pop(name)
    assert {name: _without_spread(item) for name, item in there.items()} == {name: _without_spread(item) for name, item in wanted.items()}


def test_the_values_of_a_chart_reach_its_objects(tmp_path: Path) -> None:
    tree = written(helm.render(SYSTEM), tmp_path)
    settings = (
        "myApi.image.digest=sha256:" + "b" * 64, "myApi.replicas=5", "myApi.ingress.host=www.example.org", "cleanup.schedule=@daily",
        "postgres.storage.size=50Gi", "postgres.storage.className=fast", "nodeSelector.disk=ssd", "imagePullSecrets[0].name=pull",
        "ingress.annotations.team=shop", "myApi.resources.limits.cpu=2",
    )  # fmt: skip
    flags = [part for setting in settings for part in ("--set-string" if "cpu" in setting else "--set", setting)]
    result = ask(tree, "helm", "template", "shop", "charts/shop", "--kube-version", "1.34.0", *flags)
    assert said(result)[0] == 0, said(result)
    there = rendered(result.stdout)
    pod = there["Deployment", "my-api"]["spec"]["template"]["spec"]
    claim = there["StatefulSet", "postgres"]["spec"]["volumeClaimTemplates"][0]["spec"]
    ingress = there["Ingress", "my-api"]
    assert there["Deployment", "my-api"]["spec"]["replicas"] == 5
    assert pod["containers"][0]["image"] == "ghcr.io/acme/shop/my-api@sha256:" + "b" * 64
    assert (pod["nodeSelector"], pod["containers"][0]["resources"]["limits"]["cpu"]) == ({"disk": "ssd"}, "2")
    assert there["CronJob", "cleanup"]["spec"]["schedule"] == "@daily"
    assert (claim["storageClassName"], claim["resources"]["requests"]["storage"]) == ("fast", "50Gi")
    assert (ingress["spec"]["rules"][0]["host"], ingress["spec"]["tls"][0]["hosts"]) == ("www.example.org", ["www.example.org"])
    assert ingress["metadata"]["annotations"] == {"team": "shop"}
    assert there["ServiceAccount", "my-api"]["imagePullSecrets"] == [{"name": "pull"}]


@pytest.mark.parametrize("wrong", ["myApi.replica=5", "myApi.replicas=many", "myApi.image.digest=latest", "cleanup.schedule=often"])
def test_a_chart_refuses_values_that_it_does_not_know(wrong: str, tmp_path: Path) -> None:
    tree = written(helm.render(SYSTEM), tmp_path)
    code, text = said(ask(tree, "helm", "template", "shop", "charts/shop", "--kube-version", "1.34.0", "--set", wrong))
    assert code == 1
    assert "values don't meet the specifications of the schema" in text


def test_a_chart_holds_to_the_rules_of_charts(tmp_path: Path) -> None:
    tree = written(helm.render(SYSTEM), tmp_path)
    code, text = said(ask(tree, "helm", "lint", "--strict", "--kube-version", "1.34.0", "charts/shop"))
    assert (code, "0 chart(s) failed" in text) == (0, True), text


def test_names_become_keys_of_values() -> None:
    assert [surface.key(name) for name in ("api", "my-api", "a-b-c")] == ["api", "myApi", "aBC"]


@pytest.mark.parametrize(
    ("reference", "parts"),
    [
        ("ghcr.io/acme/shop:0.1.0", ("ghcr.io/acme/shop", "0.1.0", "")),
        ("localhost:5000/shop", ("localhost:5000/shop", "", "")),
        ("postgres:17@sha256:" + "a" * 64, ("postgres", "17", "sha256:" + "a" * 64)),
    ],
)
def test_an_image_is_taken_apart(reference: str, parts: tuple[str, str, str]) -> None:
    assert tuple(surface.image(reference).values()) == parts
