"""A Kustomize base: one folder for each service, a namespace that lets nothing in or out by itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from opsmith import conventions
from opsmith.emit import noted, template_artifact, yaml_artifact
from opsmith.manifests import Manifest, manifests, secrets
from opsmith.model.artifact import Artifact
from opsmith.model.blueprint import Blueprint

NAME = "kubernetes"
BASE = conventions.KUBERNETES_BASE


def wanted(blueprint: Blueprint) -> bool:
    return NAME in blueprint.targets


def render(blueprint: Blueprint) -> Sequence[Artifact]:
    files = [_file(item) for item in manifests(blueprint)]
    return [*files, _kustomization(files, blueprint), _guide(blueprint)]


def _file(item: Manifest) -> Artifact:
    folder = f"{BASE}/{item.owner}" if item.owner else BASE
    return yaml_artifact(f"{folder}/{item.kind}.yaml", NAME, item.document, origin=item.node)


def _kustomization(files: Sequence[Artifact], blueprint: Blueprint) -> Artifact:
    document: dict[str, Any] = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "namespace": noted(blueprint.namespace, "namespace"),
        "resources": [file.path.removeprefix(f"{BASE}/") for file in files],
    }
    return yaml_artifact(f"{BASE}/kustomization.yaml", NAME, document, origin="name")


def _guide(blueprint: Blueprint) -> Artifact:
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
        shared_keys=secrets.shared_keys(blueprint),
        value_of=secrets.value,
    )
