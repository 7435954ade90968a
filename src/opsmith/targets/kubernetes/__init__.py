"""A Kustomize base: one folder for each service, a namespace that lets nothing in or out by itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from opsmith import conventions
from opsmith.emit import noted, template_artifact, yaml_artifact
from opsmith.model.artifact import Artifact
from opsmith.model.blueprint import Blueprint
from opsmith.targets.kubernetes import blackbox, network, stateful, workload

NAME = "kubernetes"
BASE = conventions.KUBERNETES_BASE


def wanted(blueprint: Blueprint) -> bool:
    return NAME in blueprint.targets


def render(blueprint: Blueprint) -> Sequence[Artifact]:
    files = [_namespace(blueprint)]
    for service in blueprint.services:
        files += _folder(
            service.name,
            f"services.{service.name}",
            {**workload.objects(service, blueprint), "networkpolicy": network.of_service(service, blueprint)},
        )
    for backing in blueprint.backings:
        if backing.placement == "in_cluster":
            files += _folder(
                backing.name,
                f"backings.{backing.name}",
                {**stateful.objects(backing, blueprint), "networkpolicy": network.of_backing(backing, blueprint)},
            )
    if blueprint.monitoring and blueprint.monitoring.probes:
        files += _folder(conventions.BLACKBOX_NAME, "monitoring", {**blackbox.objects(blueprint), "networkpolicy": network.of_blackbox(blueprint)})
    files.append(yaml_artifact(f"{BASE}/networkpolicy.yaml", NAME, network.default_deny(blueprint), origin="namespace"))
    files.append(_kustomization(files, blueprint))
    files.append(_guide(blueprint))
    return files


def _folder(name: str, node: str, objects: dict[str, Any]) -> list[Artifact]:
    return [yaml_artifact(f"{BASE}/{name}/{kind}.yaml", NAME, document, origin=node) for kind, document in objects.items() if document is not None]


def _namespace(blueprint: Blueprint) -> Artifact:
    level = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "audit", "warn")}
    document = {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {
            "name": noted(blueprint.namespace, "namespace"),
            "labels": {conventions.PART_OF_LABEL: blueprint.name, **level},
        },
    }
    return yaml_artifact(f"{BASE}/namespace.yaml", NAME, document, origin="namespace")


def _kustomization(files: Sequence[Artifact], blueprint: Blueprint) -> Artifact:
    document: dict[str, Any] = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "namespace": noted(blueprint.namespace, "namespace"),
        "resources": [file.path.removeprefix(f"{BASE}/") for file in files],
    }
    return yaml_artifact(f"{BASE}/kustomization.yaml", NAME, document, origin="name")


def _guide(blueprint: Blueprint) -> Artifact:
    keys = Counter(key for secret in blueprint.secrets for key in secret.keys if conventions.SIGNING_KEY.fullmatch(key))
    shared = tuple(key for key, count in keys.items() if count > 1)

    def value_of(secret: str, key: str) -> str:
        return _value(secret, key, shared, blueprint)

    return template_artifact(
        conventions.KUBERNETES_GUIDE,
        NAME,
        "guide.md.j2",
        package="opsmith.targets.kubernetes",
        origin="name",
        blueprint=blueprint,
        base=BASE,
        hosts=[service for service in blueprint.services if service.public],
        migrations=[f"{service.name}-migrate" for service in blueprint.services if service.migration],
        jobs=[service.name for service in blueprint.services if service.role == "job"],
        label=conventions.AFTER_MIGRATION_LABEL,
        shared_keys=shared,
        value_of=value_of,
    )


def _value(secret: str, key: str, shared: Sequence[str], blueprint: Blueprint) -> str:
    """How the guide fills a key: a made-up one starts a database or signs; nobody can make up what somebody else issued."""
    if key in shared:
        return f'"${key}"'
    return '"$(openssl rand -hex 24)"' if blueprint.is_made_up(secret, key) else "VALUE"
