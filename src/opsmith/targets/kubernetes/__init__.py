"""A Kustomize base: one folder for each service, a namespace that lets nothing in or out by itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from opsmith import conventions
from opsmith.emit import noted, text_artifact, yaml_artifact
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
        files += _folder(service.name, {**workload.objects(service, blueprint), "networkpolicy": network.of_service(service, blueprint)})
    for backing in blueprint.backings:
        if backing.placement == "in_cluster":
            files += _folder(backing.name, {**stateful.objects(backing, blueprint), "networkpolicy": network.of_backing(backing, blueprint)})
    if blueprint.monitoring and blueprint.monitoring.probes:
        files += _folder(conventions.BLACKBOX_NAME, {**blackbox.objects(blueprint), "networkpolicy": network.of_blackbox(blueprint)})
    files.append(yaml_artifact(f"{BASE}/networkpolicy.yaml", NAME, network.default_deny(blueprint), origin="namespace"))
    files.append(_kustomization(files, blueprint))
    if example := _secrets_example(blueprint):
        files.append(text_artifact(conventions.SECRETS_EXAMPLE, NAME, example, origin="secrets"))
    return files


def _folder(name: str, objects: dict[str, Any]) -> list[Artifact]:
    node = "monitoring" if name == conventions.BLACKBOX_NAME else None
    made: list[Artifact] = []
    for kind, document in objects.items():
        if document is not None:
            made.append(yaml_artifact(f"{BASE}/{name}/{kind}.yaml", NAME, document, origin=node))
    return made


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


def _secrets_example(blueprint: Blueprint) -> str:
    """What to create before the first release, as commands with the values left out."""
    if not blueprint.secrets:
        return ""
    lines = ["# The Secrets that the manifests refer to. Values stay out of Git: fill them in for yourself and run, for each block:"]
    for secret in blueprint.secrets:
        lines.append("#")
        lines.append(f"#   kubectl --namespace {blueprint.namespace} create secret generic {secret.name} \\")
        *others, last = [f"#     --from-literal={key}=..." for key in secret.keys]
        lines += [*(f"{line} \\" for line in others), last]
    return "\n".join(lines) + "\n"
