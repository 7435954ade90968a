"""What one file refers to and another must define: for each rule files that hold, and files that do not."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, cast

import pytest
import yaml

from opsmith.checks import agreement
from opsmith.model.blueprint import Blueprint, Secret
from opsmith.model.finding import Finding, Severity
from opsmith.yaml_safe import load_yaml

PLAN = Blueprint(
    name="shop",
    namespace="shop",
    targets=("compose", "kubernetes"),
    strategy="rolling",
    builds=(),
    services=(),
    backings=(),
    secrets=(Secret(name="shop-db", keys=("url",)),),
    settings=(Secret(name="shop-settings", keys=("REGION",)),),
    monitoring=None,
    pipeline=None,
    registry="ghcr.io/acme",
)

DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: api}
spec:
  selector: {matchLabels: {app: api}}
  template:
    metadata: {labels: {app: api, tier: web}}
    spec:
      serviceAccountName: api
      containers:
        - name: api
          image: ghcr.io/acme/api:1.2.3
          ports: [{name: http, containerPort: 8000}]
          env:
            - {name: DATABASE_URL, valueFrom: {secretKeyRef: {name: shop-db, key: url}}}
            - {name: REGION, valueFrom: {configMapKeyRef: {name: shop-settings, key: REGION}}}
            - {name: MODE, valueFrom: {configMapKeyRef: {name: api, key: MODE}}}
          readinessProbe: {httpGet: {path: /health, port: http}}
          livenessProbe: {tcpSocket: {port: 8000}}
          volumeMounts: [{name: tmp, mountPath: /tmp}]
      volumes:
        - {name: tmp, emptyDir: {}}
        - {name: settings, configMap: {name: api}}
"""
REST = """
apiVersion: v1
kind: ConfigMap
metadata: {name: api}
data: {MODE: production}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: api}
---
apiVersion: v1
kind: Service
metadata: {name: api}
spec:
  selector: {app: api}
  ports: [{name: web, port: 80, targetPort: http}]
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: api}
spec: {selector: {matchLabels: {app: api}}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: api}
spec:
  podSelector: {matchLabels: {app: api}}
  ingress:
    - from:
        - podSelector: {matchLabels: {tier: web}}
        - namespaceSelector: {}
          podSelector: {matchLabels: {app: controller}}
"""
INGRESS = """
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: api}
spec:
  rules:
    - http:
        paths:
          - {path: /, pathType: Prefix, backend: {service: {name: api, port: {name: web}}}}
          - {path: /v1, pathType: Prefix, backend: {service: {name: api, port: {number: 80}}}}
"""
KUSTOMIZATION = """
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
metadata: {name: shop}
resources:
  - deployment.yaml
  - ./rest.yaml
  - ingress.yaml
  - ../crds
  - https://example.org/crds.yaml
  - github.com/acme/crds//base?ref=v1
"""
COMPOSE = """
services:
  api:
    build: {context: ./api}
    depends_on:
      db: {condition: service_healthy}
      cache: {condition: service_started}
  worker:
    build: {context: ., dockerfile: api/Dockerfile}
    depends_on: [db]
    volumes: ["./seed:/seed", "$HOME/x:/x", "/anonymous"]
  db:
    image: postgres:17
    healthcheck: {test: [CMD, pg_isready]}
    volumes: ["db-data:/var/lib/postgresql/data", {type: volume, source: more, target: /more}]
  cache:
    image: redis@sha256:0123456789abcdef
    healthcheck: {disable: true}
volumes: {db-data: null, more: {}}
"""
SHOP = {
    "k8s/base/deployment.yaml": DEPLOYMENT,
    "k8s/base/rest.yaml": REST,
    "k8s/base/ingress.yaml": INGRESS,
    "k8s/base/kustomization.yaml": KUSTOMIZATION,
    "k8s/crds/kustomization.yaml": "resources: []\n",
    "compose.yaml": COMPOSE,
    "api/Dockerfile": "FROM python:3.12-slim\n",
}


def error(path: str, message: str, severity: Severity = "high") -> Finding:
    return Finding(rule="opsmith/agreement", severity=severity, path=path, message=message)


def shop(path: str, before: str, after: str) -> dict[str, str]:
    """The shop with one thing changed."""
    assert before in SHOP[path]
    return {**SHOP, path: SHOP[path].replace(before, after)}


def without(path: str) -> dict[str, str]:
    return {name: text for name, text in SHOP.items() if name != path}


@pytest.mark.parametrize("plan", [PLAN, None])
def test_files_that_agree(plan: Blueprint | None) -> None:
    assert list(agreement.check(SHOP, plan)) == []


DEPLOYED, OTHERS, ROUTED, LISTED = (f"k8s/base/{name}.yaml" for name in ("deployment", "rest", "ingress", "kustomization"))


@pytest.mark.parametrize(
    ("path", "before", "after", "message"),
    [
        (OTHERS, "selector: {app: api}", "selector: {app: apu, tier: web}", "Service api selects pods that nothing makes: app=apu, tier=web"),
        (OTHERS, "{matchLabels: {app: api}}}", "{matchLabels: {app: a}}}", "PodDisruptionBudget api selects pods that nothing makes: app=a"),
        (OTHERS, "{app: api}}\n  ing", "{app: a}}\n  ing", "NetworkPolicy api selects pods that nothing makes: app=a"),
        (OTHERS, "{tier: web}", "{tier: wep}", "the network policy api lets through pods that nothing makes: tier=wep"),
        (OTHERS, "targetPort: http", "targetPort: 8080", "the Service api leads to port 8080, which its pods do not have"),
        (OTHERS, "targetPort: http", 'targetPort: "8000"', "the Service api leads to port 8000, which its pods do not have"),
        (DEPLOYED, "port: http}", "port: metrics}", "api: the readinessProbe asks port metrics, which the container does not have"),
        (DEPLOYED, "{port: 8000}", "{port: 8001}", "api: the livenessProbe asks port 8001, which the container does not have"),
        (DEPLOYED, "key: url", "key: uri", "api reads uri from the secret shop-db, which the plan does not know"),
        (DEPLOYED, "name: shop-db", "name: shop-cache", "api reads url from the secret shop-cache, which the plan does not know"),
        (DEPLOYED, "key: MODE", "key: MODUS", "api reads MODUS from the config map api, which has no such key"),
        (DEPLOYED, "key: REGION", "key: ZONE", "api reads ZONE from the config map shop-settings, which has no such key"),
        (DEPLOYED, "{name: api, key: MODE}", "{name: web, key: MODE}", "api reads the config map web, which nothing defines"),
        (DEPLOYED, "configMap: {name: api}", "configMap: {name: web}", "api mounts the config map web, which nothing defines"),
        (DEPLOYED, "serviceAccountName: api", "serviceAccountName: root", "api runs as the service account root, which nothing defines"),
        (DEPLOYED, "[{name: tmp, mountPath", "[{name: cache, mountPath", "api mounts the volume cache, which the pod does not have"),
        (ROUTED, "name: api, port: {name: web}", "name: web", "the Ingress leads to the Service web, which nothing defines"),
        (ROUTED, "port: {name: web}", "port: {name: http}", "the Ingress leads to port http of the Service api, which has no such port"),
        (ROUTED, "port: {number: 80}", "port: {number: 8000}", "the Ingress leads to port 8000 of the Service api, which has no such port"),
        (LISTED, "- ../crds", "- secret.yaml", "lists k8s/base/secret.yaml, which is not there"),
        ("compose.yaml", "depends_on: [db]", "depends_on: [db, queue]", "worker waits for queue, which is no service here"),
        ("compose.yaml", "cache: {condition: service_started}", "queue: {}", "api waits for queue, which is no service here"),
        ("compose.yaml", "service_started", "service_healthy", "api waits until cache is healthy, but cache switched its health check off"),
        ("compose.yaml", "db-data: null, ", "", "db mounts the volume db-data, which the file does not declare"),
        ("compose.yaml", "source: more", "source: less", "db mounts the volume less, which the file does not declare"),
        ("compose.yaml", "context: ./api", "context: ./app/", "api is built from app/Dockerfile, which is not there"),
        ("compose.yaml", "dockerfile: api/Dockerfile", "dockerfile: Dockerfile.worker", "worker is built from Dockerfile.worker, which is not there"),
    ],
)  # fmt: skip
def test_what_dangles(path: str, before: str, after: str, message: str) -> None:
    files = shop(path, before, after)
    assert list(agreement.check(files, PLAN)) == [error(path, message)]


@pytest.mark.parametrize("image", ["ghcr.io/acme/api", "ghcr.io/acme/api:latest", "localhost:5000/api"])
def test_an_image_whose_tag_moves(image: str) -> None:
    said = f"{image} names no version, so what runs changes by itself"
    assert list(agreement.check(shop(DEPLOYED, "ghcr.io/acme/api:1.2.3", image), PLAN)) == [error(DEPLOYED, said, "medium")]
    assert list(agreement.check(shop("compose.yaml", "postgres:17", image), PLAN)) == [error("compose.yaml", said, "medium")]


@pytest.mark.parametrize("image", ["localhost:5000/api:1", "api@sha256:0123", "api:latest@sha256:0123", "api:${TAG}", "${IMAGE}"])
def test_an_image_whose_tag_stays(image: str) -> None:
    assert list(agreement.check(shop(DEPLOYED, "ghcr.io/acme/api:1.2.3", image), PLAN)) == []


def test_a_secret_that_lies_beside() -> None:
    secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: shop-db}\ndata: {user: eA==}\nstringData: {%s: x}\n"
    beside = shop(LISTED, "- ../crds", "- secret.yaml")
    assert list(agreement.check({**beside, "k8s/base/secret.yaml": secret % "url"}, PLAN)) == []
    assert list(agreement.check({**beside, "k8s/base/secret.yaml": secret % "uri"}, PLAN)) == [
        error(DEPLOYED, "api reads url from the secret shop-db, which has no such key")
    ]


def test_a_manifest_that_is_not_listed() -> None:
    files = shop(LISTED, "  - ingress.yaml\n", "")
    assert list(agreement.check(files, PLAN)) == [error(ROUTED, "is not listed in the kustomization above it, so it is never applied")]
    assert list(agreement.check(files, None)) == []


def test_a_listed_folder_that_is_gone() -> None:
    files = {"k8s/dev/kustomization.yaml": "resources: [../base]\n"}
    gone = error("k8s/dev/kustomization.yaml", "lists k8s/base, which is not there")
    assert list(agreement.check(files, PLAN)) == [gone]
    assert list(agreement.check({**files, "k8s/base/kustomization.yaml": "{}"}, PLAN)) == []


def test_where_no_dockerfile_is_delivered_builds_are_not_judged() -> None:
    assert list(agreement.check(without("api/Dockerfile"), PLAN)) == []


def test_a_dockerfile_written_into_the_compose_file_or_fetched() -> None:
    assert list(agreement.check(shop("compose.yaml", "{context: ./api}", '{context: x, dockerfile_inline: "FROM scratch"}'), PLAN)) == []
    assert list(agreement.check(shop("compose.yaml", "{context: ./api}", "{context: https://example.org/api.git}"), PLAN)) == []


def test_what_a_stateful_set_claims_is_there() -> None:
    text = DEPLOYMENT.replace("kind: Deployment", "kind: StatefulSet").replace("{name: tmp, emptyDir: {}}", "{name: other, emptyDir: {}}")
    claimed = text + "  volumeClaimTemplates: [{metadata: {name: tmp}}]\n"
    assert list(agreement.check({**SHOP, DEPLOYED: claimed}, PLAN)) == []
    assert list(agreement.check({**SHOP, DEPLOYED: text}, PLAN)) == [error(DEPLOYED, "api mounts the volume tmp, which the pod does not have")]


def test_a_cron_job_has_pods_too() -> None:
    job = """
apiVersion: batch/v1
kind: CronJob
metadata: {name: clean}
spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: clean, image: busybox}]}}}}}
"""
    files = {"clean.yaml": job}
    assert list(agreement.check(files, PLAN)) == [error("clean.yaml", "busybox names no version, so what runs changes by itself", "medium")]


def test_of_files_of_others_it_is_a_hint() -> None:
    found = error(OTHERS, "the Service api leads to port 8080, which its pods do not have")
    files = shop(OTHERS, "targetPort: http", "targetPort: 8080")
    assert list(agreement.check(files, None)) == [replace(found, severity="low", confidence=0.5)]


def test_of_files_of_others_secrets_and_config_maps_may_live_elsewhere() -> None:
    files = shop(DEPLOYED, "name: shop-db", "name: elsewhere")
    files[DEPLOYED] = files[DEPLOYED].replace("name: shop-settings", "name: elsewhere")
    assert list(agreement.check(files, None)) == []


HOSTILE = [
    "null", "5", "1.5", ".nan", "true", "text", "2024-01-01", "[]", "{}", "[null]", "[5]", "[[]]", "[text]",
    "[{}]", "{a: null}", "{1: 2}", "{null: {}}", "{a: [b]}", "[{name: []}]", "[{name: {}, key: []}]",
    "!!binary eA==", "!!set {a}", "!!omap [a: 1]", "!Ref x", "0x" + "f" * 5000, "-1",
]  # fmt: skip


def places(value: Any) -> Iterator[tuple[Any, ...]]:
    """The way to every value below, as keys and indices."""
    pairs: list[tuple[Any, Any]] = []
    match value:
        case dict():
            pairs = list(cast("dict[str, object]", value).items())
        case list():
            pairs = list(enumerate(cast("list[object]", value)))
        case _:
            pass
    for key, item in pairs:
        yield (key,)
        yield from ((key, *more) for more in places(item))


def marked(text: str) -> Iterator[str]:
    """The text with each of its values replaced by MARK in turn."""
    documents = load_yaml(text)
    for *way, last in places(documents):
        copied = copy.deepcopy(documents)
        holder: Any = copied
        for key in way:
            holder = holder[key]
        holder[last] = "MARK"
        yield yaml.safe_dump_all(copied)


@pytest.mark.parametrize("path", [DEPLOYED, OTHERS, ROUTED, LISTED, "compose.yaml"])
def test_values_of_any_shape_in_any_place_raise_nothing(path: str) -> None:
    for text in marked(SHOP[path]):
        for value in ("null", "5", "text", "[5]", "[{name: []}]", "{1: {}}"):
            files = {**SHOP, path: text.replace("MARK", value)}
            assert {finding.rule for finding in agreement.check(files, PLAN)} <= {"opsmith/agreement"}


@pytest.mark.parametrize("value", HOSTILE)
def test_shapes_that_say_nothing(value: str) -> None:
    kinds = ("Deployment", "StatefulSet", "CronJob", "Pod", "Service", "Ingress", "NetworkPolicy", "PodDisruptionBudget", "ConfigMap", "Secret")
    files = {f"{kind}.yaml": f"apiVersion: v1\nkind: {kind}\nmetadata: {{name: x}}\nspec: {value}\ndata: {value}\n" for kind in kinds}
    files |= {"whole.yaml": f"- apiVersion\n- kind\n- {value}\n", "kustomization.yaml": f"resources: {value}\ncomponents: 5\n"}
    files |= {"compose.yaml": f"services: {value}\nvolumes: {value}\n", "docker-compose.yml": value, "Dockerfile": ""}
    expected = [error("kustomization.yaml", "lists text, which is not there")] if value == "[text]" else []
    assert list(agreement.check(files, PLAN)) == expected


def test_broken_yaml_is_said_by_others() -> None:
    assert (
        list(agreement.check({"a.yaml": "apiVersion: [\nkind: Service\n", "compose.yaml": "services: {", "kustomization.yaml": "a: b: c"}, PLAN))
        == []
    )
