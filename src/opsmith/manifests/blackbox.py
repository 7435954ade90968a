"""The exporter that asks services through their Service objects, for those that emit no metrics of their own."""

from __future__ import annotations

from typing import Any

from opsmith import conventions
from opsmith.emit import noted
from opsmith.manifests import parts
from opsmith.model.blueprint import Blueprint, Resources

RESOURCES = Resources(cpu_request="20m", cpu_limit="100m", memory_request="32Mi", memory_limit="64Mi")


def objects(blueprint: Blueprint) -> dict[str, Any]:
    return {
        "serviceaccount": parts.service_account(conventions.BLACKBOX_NAME, "monitoring", blueprint),
        "configmap": _config(blueprint),
        "deployment": _deployment(blueprint),
        "service": _service(blueprint),
        "poddisruptionbudget": parts.budget(conventions.BLACKBOX_NAME, "monitoring", blueprint),
    }


def _config(blueprint: Blueprint) -> Any:
    import yaml

    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": parts.metadata(conventions.config_name(conventions.BLACKBOX_NAME), "monitoring", blueprint),
        "data": {"blackbox.yml": yaml.safe_dump(conventions.blackbox_modules(_kinds(blueprint)), sort_keys=False)},
    }


def _kinds(blueprint: Blueprint) -> set[str]:
    probes = blueprint.monitoring.probes if blueprint.monitoring else ()
    return {probe.kind for name in probes if (probe := blueprint.service(name).probe)}


def _deployment(blueprint: Blueprint) -> Any:
    name = conventions.BLACKBOX_NAME
    ask = {"httpGet": {"path": "/-/healthy", "port": "http"}}
    container = {
        "name": name,
        "image": conventions.image("prom/blackbox-exporter:v0.28.0"),
        "imagePullPolicy": "Always",
        "args": ["--config.file=/etc/blackbox/blackbox.yml"],
        "ports": [{"name": "http", "containerPort": conventions.BLACKBOX_PORT, "protocol": "TCP"}],
        "readinessProbe": ask | {"periodSeconds": 10},
        "livenessProbe": {"tcpSocket": {"port": "http"}, "periodSeconds": 20},
        "resources": parts.resources(RESOURCES, "monitoring"),
        "securityContext": dict(parts.CONTAINER_SECURITY),
        "volumeMounts": [{"name": "config", "mountPath": "/etc/blackbox", "readOnly": True}],
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": parts.metadata(name, "monitoring", blueprint),
        "spec": {
            "replicas": noted(2, above="What it does not measure counts as failed, so it must not be missing itself."),
            "revisionHistoryLimit": 5,
            "selector": {"matchLabels": conventions.selector(blueprint.name, name)},
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}},
            "template": {
                "metadata": {"labels": conventions.labels(blueprint.name, name, "monitoring")},
                "spec": {
                    "serviceAccountName": name,
                    "automountServiceAccountToken": False,
                    "securityContext": parts.pod_security(conventions.BLACKBOX_USER),
                    "containers": [container],
                    "volumes": [{"name": "config", "configMap": {"name": conventions.config_name(name)}}],
                    **parts.spread(blueprint, name),
                },
            },
        },
    }


def _service(blueprint: Blueprint) -> Any:
    name = conventions.BLACKBOX_NAME
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": parts.metadata(name, "monitoring", blueprint),
        "spec": {
            "type": "ClusterIP",
            "selector": conventions.selector(blueprint.name, name),
            "ports": [{"name": "http", "port": conventions.BLACKBOX_PORT, "targetPort": "http", "protocol": "TCP"}],
        },
    }
