"""The Kubernetes objects of a blueprint, as values; how they are packaged (Kustomize, Helm) is the targets' business."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from opsmith import conventions
from opsmith.emit import noted
from opsmith.manifests import blackbox, network, stateful, workload
from opsmith.model.blueprint import Blueprint


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """One object. `owner` is the service that it belongs to ("" = the whole namespace), `kind` says in lower case what it is among the owner's.

    `node` is the node of the blueprint that its lines came from unless they say otherwise.
    """

    owner: str
    kind: str
    document: Any
    node: str


def manifests(blueprint: Blueprint) -> tuple[Manifest, ...]:
    """Everything that runs the system in one namespace, in the order in which it can be applied."""
    found = [Manifest(owner="", kind="namespace", document=_namespace(blueprint), node="namespace")]
    for service in blueprint.services:
        objects = {**workload.objects(service, blueprint), "networkpolicy": network.of_service(service, blueprint)}
        found += _owned(service.name, f"services.{service.name}", objects)
    for backing in blueprint.backings:
        if backing.placement == "in_cluster":
            objects = {**stateful.objects(backing, blueprint), "networkpolicy": network.of_backing(backing, blueprint)}
            found += _owned(backing.name, f"backings.{backing.name}", objects)
    if blueprint.monitoring and blueprint.monitoring.probes:
        found += _owned(conventions.BLACKBOX_NAME, "monitoring", {**blackbox.objects(blueprint), "networkpolicy": network.of_blackbox(blueprint)})
    found.append(Manifest(owner="", kind="networkpolicy", document=network.default_deny(blueprint), node="namespace"))
    return tuple(found)


def _owned(owner: str, node: str, objects: Mapping[str, Any]) -> list[Manifest]:
    return [Manifest(owner=owner, kind=kind, document=document, node=node) for kind, document in objects.items() if document is not None]


def _namespace(blueprint: Blueprint) -> Any:
    level = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "audit", "warn")}
    return {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {
            "name": noted(blueprint.namespace, "namespace"),
            "labels": {conventions.PART_OF_LABEL: blueprint.name, **level},
        },
    }
