"""Kustomize overlays: what differs in each environment, laid over the base."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from opsmith import conventions
from opsmith.emit import noted, yaml_artifact
from opsmith.manifests import Manifest, manifests
from opsmith.manifests.difference import patch
from opsmith.model.artifact import Artifact
from opsmith.model.blueprint import Blueprint, Environment

NAME = "kustomize"


def wanted(blueprint: Blueprint) -> bool:
    return NAME in blueprint.targets and bool(blueprint.environments)


def render(blueprint: Blueprint) -> Sequence[Artifact]:
    return [file for environment in blueprint.environments for file in _overlay(environment, blueprint)]


def _overlay(environment: Environment, blueprint: Blueprint) -> list[Artifact]:
    folder = f"{conventions.KUBERNETES_OVERLAYS}/{environment.name}"
    patches = _patches(folder, environment, blueprint)
    return [*patches, _kustomization(folder, environment, patches, blueprint)]


def _patches(folder: str, environment: Environment, blueprint: Blueprint) -> list[Artifact]:
    """One file for each object that differs by more than its namespace and its replicas."""
    # Replicas stand in the kustomization, where `kustomize edit` finds them.
    services = tuple(replace(item, replicas=blueprint.service(item.name).replicas) for item in environment.services)
    there = {_key(item): item for item in manifests(blueprint.within(replace(environment, services=services)))}
    found: list[Artifact] = []
    for item in manifests(blueprint):
        if not item.owner or _key(item) not in there:
            continue
        change = patch(item.document, there[_key(item)].document)
        if change:
            found.append(yaml_artifact(f"{folder}/{item.owner}-{item.kind}.yaml", NAME, change, origin=item.node))
    return found


def _key(item: Manifest) -> tuple[str, str]:
    return item.owner, item.kind


def _kustomization(folder: str, environment: Environment, patches: Sequence[Artifact], blueprint: Blueprint) -> Artifact:
    document: dict[str, Any] = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "namespace": noted(environment.namespace, f"environments.{environment.name}"),
        "resources": [posixpath.relpath(conventions.KUBERNETES_BASE, folder)],
    }
    if replicas := _replicas(environment, blueprint):
        document["replicas"] = replicas
    if patches:
        document["patches"] = [{"path": file.path.rpartition("/")[2]} for file in patches]
    return yaml_artifact(f"{folder}/kustomization.yaml", NAME, document, origin=f"environments.{environment.name}")


def _replicas(environment: Environment, blueprint: Blueprint) -> list[dict[str, Any]]:
    return [
        {"name": service.name, "count": service.replicas}
        for service in environment.services
        if service.scaling is None and service.replicas != blueprint.service(service.name).replicas
    ]
