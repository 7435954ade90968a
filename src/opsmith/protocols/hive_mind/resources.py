"""The resources and the networking that a report delivers, as devops_response.json tells them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from opsmith.model.blueprint import Backing, Service
from opsmith.model.report import RunReport
from opsmith.protocols.hive_mind import view
from opsmith.shapes import items, table

_VPCS = ("aws_vpc", "google_compute_network", "azurerm_virtual_network")
_SUBNETS = ("aws_subnet", "google_compute_subnetwork", "azurerm_subnet")
_FIREWALLS = ("aws_security_group", "google_compute_firewall", "azurerm_network_security_group")
_BLOCK = re.compile(r'(?ms)^resource "(\w+)" "([\w-]+)" \{\n(.*?)^\}')
_RANGE = re.compile(r'(?m)^\s*(?:cidr_block|ip_cidr_range)\s*=\s*"([^"$]+)"')


@dataclass(frozen=True, slots=True)
class _Cloud:
    """A resource block of Terraform. `cidr` is None where it is no plain text."""

    kind: str
    name: str
    path: str
    cidr: str | None


def resources(report: RunReport) -> list[dict[str, Any]]:
    """Objects of manifests, blocks of Terraform, images, and containers of Compose; `status` None = this run wrote nothing of it."""
    return [*_objects(report), *_cloud_rows(report), *_images(report), *_containers(report)]


def networking(report: RunReport) -> dict[str, Any]:
    """`security_groups`: what opens and closes connections, Kubernetes' network policies among them."""
    blocks = list(_clouds(report))
    vpc = next((block for block in blocks if block.kind in _VPCS), None)
    return {
        "vpc": {"name": vpc.name, "type": vpc.kind, "cidr": vpc.cidr, "file": vpc.path} if vpc else {},
        "subnets": [block.name for block in blocks if block.kind in _SUBNETS],
        "security_groups": [
            *(block.name for block in blocks if block.kind in _FIREWALLS),
            *(item.name for item in view.objects(report) if item.kind == "NetworkPolicy"),
        ],
    }


def _row(report: RunReport, kind: str, name: str, configuration: dict[str, Any], path: str) -> dict[str, Any]:
    return {"type": kind, "name": name, "configuration": {"file": path, **configuration}, "status": view.status_of(report, path)}


# -- Kubernetes ----------------------------------------------------------------------------------------------------------------------


def _objects(report: RunReport) -> list[dict[str, Any]]:
    known: dict[str, Service | Backing] = {item.name: item for item in _planned(report)}
    return [_row(report, _snake(item.kind), item.name, _configuration(item, known.get(item.name)), item.path) for item in view.objects(report)]


def _snake(kind: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", kind).lower()


def _configuration(item: view.Object, planned: Service | Backing | None) -> dict[str, Any]:
    if item.kind in ("Deployment", "StatefulSet") and planned:
        return _settings(planned)
    return _TOLD[item.kind](item.body) if item.kind in _TOLD else {}


def _spec(body: dict[str, Any]) -> dict[str, Any]:
    return table(body.get("spec"))


def _picked(values: dict[str, Any], **names: str) -> dict[str, Any]:
    return {told: values[key] for told, key in names.items() if key in values}


def _workload(body: dict[str, Any]) -> dict[str, Any]:
    spec = _spec(body)
    pods = table(table(spec.get("template")).get("spec"))
    return _picked(spec, replicas="replicas") | {"images": [table(item).get("image") for item in items(pods.get("containers"))]}


def _cron_job(body: dict[str, Any]) -> dict[str, Any]:
    return _picked(_spec(body), schedule="schedule") | _workload(table(_spec(body).get("jobTemplate")))


def _service_object(body: dict[str, Any]) -> dict[str, Any]:
    return _picked(_spec(body), type="type") | {"ports": [table(port).get("port") for port in items(_spec(body).get("ports"))]}


def _ingress(body: dict[str, Any]) -> dict[str, Any]:
    return {"hosts": [table(rule).get("host") for rule in items(_spec(body).get("rules"))]}


def _keys(body: dict[str, Any]) -> dict[str, Any]:
    """Never the values: they may be secrets."""
    return {"keys": sorted({*table(body.get("data")), *table(body.get("stringData"))})}


_TOLD: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "Deployment": _workload, "StatefulSet": _workload, "DaemonSet": _workload, "Job": _workload, "CronJob": _cron_job,
    "Service": _service_object, "Ingress": _ingress, "ConfigMap": _keys, "Secret": _keys,
    "PodDisruptionBudget": lambda body: _picked(_spec(body), max_unavailable="maxUnavailable", min_available="minAvailable"),
    "HorizontalPodAutoscaler": lambda body: _picked(_spec(body), min_replicas="minReplicas", max_replicas="maxReplicas"),
    "NetworkPolicy": lambda body: _picked(_spec(body), policy_types="policyTypes"),
    "PersistentVolumeClaim": lambda body: _picked(table(table(_spec(body).get("resources")).get("requests")), storage="storage"),
}  # fmt: skip


# -- Terraform, images and Compose ---------------------------------------------------------------------------------------------------


def _clouds(report: RunReport) -> Iterator[_Cloud]:
    for artifact in report.artifacts:
        if artifact.path.endswith(".tf"):
            for kind, name, body in _BLOCK.findall(artifact.text):
                cidr = _RANGE.search(body)
                yield _Cloud(kind, name, artifact.path, cidr[1] if cidr else None)


def _cloud_rows(report: RunReport) -> list[dict[str, Any]]:
    return [_row(report, block.kind, block.name, {"cidr": block.cidr} if block.cidr else {}, block.path) for block in _clouds(report)]


def _images(report: RunReport) -> list[dict[str, Any]]:
    made = view.paths(report, "docker")
    builds = report.blueprint.builds if report.blueprint else ()
    return [
        _row(report, "image", build.name, {"reference": build.reference, "user": build.user, "context": build.context or "."}, build.dockerfile)
        for build in builds
        if build.dockerfile in made
    ]


def _containers(report: RunReport) -> list[dict[str, Any]]:
    """What Compose starts, unless a manifest tells it already."""
    composed = next(iter(view.paths(report, "compose")), None)
    told = {item.name for item in view.objects(report) if item.kind in ("Deployment", "StatefulSet", "CronJob", "Job")}
    return [_row(report, "container", item.name, _settings(item), composed) for item in _planned(report) if item.name not in told] if composed else []


def _planned(report: RunReport) -> tuple[Service | Backing, ...]:
    return report.blueprint.running if report.blueprint else ()


def _settings(item: Service | Backing) -> dict[str, Any]:
    limits = {"cpu": item.resources.cpu_limit, "memory": item.resources.memory_limit}
    if isinstance(item, Backing):
        return {"image": item.image, "port": item.port, "volume": item.volume_size if item.data_path else None, "limits": limits}
    return {"port": item.port.number if item.port else None, "replicas": item.replicas, "health": view.health(item), "limits": limits}
