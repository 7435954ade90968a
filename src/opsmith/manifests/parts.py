"""Pieces that several kinds of object share."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from opsmith import conventions
from opsmith.emit import Flow, Noted, noted
from opsmith.model.blueprint import Blueprint, Probe, Resources, Variable


def metadata(name: str, role: str, blueprint: Blueprint) -> dict[str, Any]:
    return {"name": name, "namespace": blueprint.namespace, "labels": conventions.labels(blueprint.name, name, role)}


def pod_security(user: int) -> dict[str, Any]:
    """What the level `restricted` of the Pod Security Standards asks of a pod."""
    return {"runAsNonRoot": True, "runAsUser": user, "runAsGroup": user, "fsGroup": user, "seccompProfile": {"type": "RuntimeDefault"}}


CONTAINER_SECURITY: Mapping[str, Any] = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": Flow(["ALL"])},
}


EPHEMERAL = ("64Mi", "512Mi")
"""Requested and at most: logs and what lies in emptyDirs, so that one pod cannot fill its node."""


def resources(value: Resources, node: str) -> Noted:
    return noted(
        {
            "requests": {"cpu": value.cpu_request, "memory": value.memory_request, "ephemeral-storage": EPHEMERAL[0]},
            "limits": {"cpu": value.cpu_limit, "memory": value.memory_limit, "ephemeral-storage": EPHEMERAL[1]},
        },
        node,
    )


def environment(variables: Sequence[Variable], settings: str, node: str) -> list[Any]:
    """Entries in an order in which $(NAME) refers only to what stands above it."""
    entries: list[dict[str, Any]] = []
    ordered = _secrets_first(variables)
    for variable in ordered:
        match variable.kind:
            case "secret":
                entries.append({"name": variable.name, "valueFrom": {"secretKeyRef": {"name": variable.secret, "key": variable.key}}})
            case "composed":
                entries.append({"name": variable.name, "value": expanded(variable.value or "")})
            case "literal":
                entries.append({"name": variable.name, "value": variable.value or ""})
            case "unset":
                entry = {"name": settings, "key": variable.name}
                entries.append({"name": variable.name, "valueFrom": {"configMapKeyRef": entry}})
    return [noted(entry, f"{node}.{variable.name}") for entry, variable in zip(entries, ordered, strict=True)]


def _secrets_first(variables: Sequence[Variable]) -> list[Variable]:
    """The secrets' own keys as variables, so that composed values can refer to them, before what refers to them."""
    named = {variable.name for variable in variables if variable.kind == "secret"}
    helpers = {
        variable.key: Variable(name=variable.key, kind="secret", secret=variable.secret, key=variable.key)
        for variable in variables
        if variable.kind == "composed" and variable.key and variable.key not in named
    }
    return [*helpers.values(), *sorted(variables, key=lambda variable: variable.kind == "composed")]


def expanded(text: str) -> str:
    """${NAME} in the form that Kubernetes puts values into."""
    return re.sub(r"\$\{(\w+)\}", r"$(\1)", text)


def writable(paths: Sequence[str]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Mounts and volumes for what must be writable on a read-only root file system; size-limited, so that a log cannot fill the node."""
    mounts = [{"name": _volume(path), "mountPath": path} for path in paths]
    volumes = [{"name": _volume(path), "emptyDir": {"sizeLimit": "64Mi"}} for path in paths]
    return mounts, volumes


def _volume(path: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", path.lower()).strip("-")


def probe(value: Probe, port_name: str) -> dict[str, Any]:
    match value.kind:
        case "http":
            header = {"httpHeaders": [{"name": "Host", "value": value.host}]} if value.host else {}
            return {"httpGet": {"path": value.path, "port": port_name, **header}}
        case "grpc":
            return {"grpc": {"port": value.port}}
        case "tcp":
            return {"tcpSocket": {"port": port_name}}


def spread(blueprint: Blueprint, name: str) -> dict[str, Any]:
    """Over nodes and zones where the cluster has several, without refusing to run where it has not."""
    labels = {"matchLabels": conventions.selector(blueprint.name, name)}
    apart = {"weight": 100, "podAffinityTerm": {"topologyKey": "kubernetes.io/hostname", "labelSelector": labels}}
    zones = {"maxSkew": 1, "topologyKey": "topology.kubernetes.io/zone", "whenUnsatisfiable": "ScheduleAnyway", "labelSelector": labels}
    return {
        "affinity": {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [apart]}},
        "topologySpreadConstraints": [zones],
    }


def budget(name: str, role: str, blueprint: Blueprint) -> dict[str, Any]:
    """A drained node takes one pod at a time."""
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": metadata(name, role, blueprint),
        "spec": {"maxUnavailable": 1, "selector": {"matchLabels": conventions.selector(blueprint.name, name)}},
    }


def service_account(name: str, role: str, blueprint: Blueprint) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": metadata(name, role, blueprint),
        "automountServiceAccountToken": False,
    }
