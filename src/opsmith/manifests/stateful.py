"""The objects of a backing service that runs in the cluster."""

from __future__ import annotations

from typing import Any

from opsmith import conventions
from opsmith.emit import Flow, noted
from opsmith.manifests import parts
from opsmith.model.blueprint import Backing, Blueprint


def objects(backing: Backing, blueprint: Blueprint) -> dict[str, Any]:
    return {
        "serviceaccount": parts.service_account(backing.name, "backing", blueprint),
        "statefulset": _stateful_set(backing, blueprint),
        "service": _service(backing, blueprint),
    }


def _stateful_set(backing: Backing, blueprint: Blueprint) -> Any:
    spec: dict[str, Any] = {
        "serviceName": backing.name,
        "replicas": noted(1, above="More would be separate copies of the data, not a cluster."),
        "selector": {"matchLabels": conventions.selector(blueprint.name, backing.name)},
        "template": {
            "metadata": {"labels": conventions.labels(blueprint.name, backing.name, "backing")},
            "spec": _pod(backing),
        },
    }
    if backing.data_path:
        spec["volumeClaimTemplates"] = [
            {
                "metadata": {"name": "data", "labels": conventions.selector(blueprint.name, backing.name)},
                "spec": {
                    "accessModes": ["ReadWriteOnce"],
                    "resources": {"requests": {"storage": noted(backing.volume_size, f"backings.{backing.name}")}},
                },
            }
        ]
    return noted(
        {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": parts.metadata(backing.name, "backing", blueprint), "spec": spec},
        f"backings.{backing.name}",
    )


def _pod(backing: Backing) -> dict[str, Any]:
    mounts, volumes = parts.writable(backing.writable)
    if backing.data_path:
        mounts = [{"name": "data", "mountPath": backing.data_path}, *mounts]
    return {
        "serviceAccountName": backing.name,
        "automountServiceAccountToken": False,
        "securityContext": parts.pod_security(backing.user),
        "terminationGracePeriodSeconds": 60,
        "containers": [_container(backing) | {"volumeMounts": mounts}],
        "volumes": volumes,
    }


def _container(backing: Backing) -> dict[str, Any]:
    ask = {"exec": {"command": Flow(backing.health_command)}} if backing.health_command else {"tcpSocket": {"port": backing.port}}
    body: dict[str, Any] = {
        "name": backing.name,
        "image": noted(backing.image, f"backings.{backing.name}.image"),
        "imagePullPolicy": "Always",
    }
    if backing.arguments:
        body["args"] = Flow(parts.expanded(item) for item in backing.arguments)
    if backing.variables:
        body["env"] = parts.environment(backing.variables, "", f"backings.{backing.name}")
    return body | {
        "ports": [{"name": _port_name(backing), "containerPort": backing.port, "protocol": "TCP"}],
        "startupProbe": ask | {"periodSeconds": 5, "timeoutSeconds": 5, "failureThreshold": 24},
        "readinessProbe": ask | {"periodSeconds": 10, "timeoutSeconds": 5, "failureThreshold": 3},
        "livenessProbe": {"tcpSocket": {"port": _port_name(backing)}, "periodSeconds": 20, "timeoutSeconds": 5, "failureThreshold": 6},
        "resources": parts.resources(backing.resources, f"backings.{backing.name}.resources"),
        "securityContext": dict(parts.CONTAINER_SECURITY),
    }


def _port_name(backing: Backing) -> str:
    """At most 15 characters, as a port's name may have."""
    return backing.kind[:15].strip("-")


def _service(backing: Backing, blueprint: Blueprint) -> Any:
    return noted(
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": parts.metadata(backing.name, "backing", blueprint),
            "spec": {
                "clusterIP": noted("None", above="Straight to the pod: a StatefulSet wants a Service without an address of its own."),
                "selector": conventions.selector(blueprint.name, backing.name),
                "ports": [{"name": _port_name(backing), "port": backing.port, "targetPort": _port_name(backing), "protocol": "TCP"}],
            },
        },
        f"backings.{backing.name}",
    )
