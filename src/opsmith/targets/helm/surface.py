"""What a chart's user may set: one tree of values, from which values.yaml, its schema and the environments' files are made."""

from __future__ import annotations

import re
from typing import Any

from opsmith.emit import noted, plain
from opsmith.manifests import parts
from opsmith.model.blueprint import Backing, Blueprint, Service
from opsmith.shapes import is_mapping, table

_IMAGE = re.compile(r"(?P<repository>.+?)(?::(?P<tag>[\w.-]+))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?")


def key(name: str) -> str:
    """A service's name as a key of values: myApi for my-api, as Helm's conventions have it."""
    first, *others = name.split("-")
    return first + "".join(part.capitalize() for part in others)


def values(blueprint: Blueprint) -> dict[str, Any]:
    """The defaults: with them the chart installs what the plain manifests hold."""
    found: dict[str, Any] = {"imagePullSecrets": [], "nodeSelector": {}, "tolerations": []}
    if any(service.public for service in blueprint.services):
        found["ingress"] = {
            "className": "nginx",
            "annotations": noted({}, above="For example cert-manager.io/cluster-issuer: letsencrypt"),
            "namespace": noted(blueprint.ingress_namespace, above="Where the ingress controller runs: the network policies let it in."),
        }
    if blueprint.monitoring and (blueprint.monitoring.scrapes or blueprint.monitoring.probes):
        found["monitoring"] = {"namespace": noted(blueprint.monitoring.namespace, above="Where Prometheus runs.")}
    found |= {key(service.name): _service(service, blueprint) for service in blueprint.services}
    return found | {key(item.name): _backing(item) for item in blueprint.backings if item.placement == "in_cluster"}


def image(reference: str) -> dict[str, str]:
    match = _IMAGE.fullmatch(reference)
    return {name: match[name] or "" for name in ("repository", "tag", "digest")} if match else {"repository": reference, "tag": "", "digest": ""}


def _service(service: Service, blueprint: Blueprint) -> Any:
    node = f"services.{service.name}"
    found: dict[str, Any] = {}
    if service.scaling:
        found["autoscaling"] = noted({"minReplicas": service.scaling.minimum, "maxReplicas": service.scaling.maximum}, f"{node}.scaling")
    elif service.role not in ("cron", "job"):
        found["replicas"] = noted(service.replicas, f"{node}.replicas")
    if service.role == "cron":
        found["schedule"] = noted(service.schedule, f"{node}.schedule")
    reference = image(blueprint.build(service.build).reference)
    found["image"] = {
        "repository": noted(reference["repository"], f"builds.{service.build}.reference"),
        "tag": noted("", above="The chart's appVersion where empty."),
        "digest": noted("", above="sha256:...; goes before the tag."),
    }
    if service.public and service.port:
        found["ingress"] = {
            "enabled": True,
            "host": noted(service.host, f"{node}.host"),
            "tlsSecret": f"{service.name}-tls",
        }
    found["resources"] = noted(_resources(service), f"{node}.resources")
    literal = {item.name: noted(item.value or "", f"{node}.variables.{item.name}") for item in service.variables if item.kind == "literal"}
    if literal:
        found["env"] = literal
    return noted(found, node)


def _backing(backing: Backing) -> Any:
    found: dict[str, Any] = {"image": image(backing.image), "resources": _resources(backing)}
    if backing.data_path:
        found["storage"] = {
            "size": backing.volume_size,
            "className": noted("", above="The cluster's default storage class where empty."),
        }
    return noted(found, f"backings.{backing.name}")


def _resources(item: Service | Backing) -> dict[str, dict[str, str]]:
    made: dict[str, dict[str, str]] = plain(parts.resources(item.resources, ""))
    return made


def schema(defaults: Any) -> dict[str, Any]:
    """A JSON schema for values of the shape of `defaults` (plain): a mistyped key is an error of `helm install`, not a setting without effect."""
    return {"$schema": "http://json-schema.org/draft-07/schema#", **_of(defaults, ())}


OPEN = frozenset(("nodeSelector", "annotations", "resources"))
"""Mappings whose keys Kubernetes defines, or that take any."""
_PATTERNS = {
    "digest": r"^(sha256:[0-9a-f]{64})?$",
    "host": r"^(\*\.)?([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]*[a-z0-9])?$",
    "schedule": r"^(@\w+|(\S+\s+){4}\S+)$",
    "size": r"^[0-9]+(\.[0-9]+)?([KMGTPE]i?|k)?$",
}
_LISTS = {
    "imagePullSecrets": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}, "additionalProperties": False},
    "tolerations": {"type": "object"},
}


def _of(value: Any, path: tuple[str, ...]) -> dict[str, Any]:
    name = path[-1] if path else ""
    if is_mapping(value):
        return {"type": "object"} if name in OPEN else _closed(value, path)
    match value:
        case bool():
            return {"type": "boolean"}
        case int():
            return {"type": "integer", "minimum": 0}
        case str():
            return {"type": "string"} | ({"pattern": _PATTERNS[name]} if name in _PATTERNS and "env" not in path else {})
        case _:
            return {"type": "array", "items": _LISTS[name]}


def _closed(value: Any, path: tuple[str, ...]) -> dict[str, Any]:
    """No other key; `global` is what Helm hands to subcharts, and may stand in any chart's values."""
    known = {key: _of(item, (*path, key)) for key, item in table(value).items()}
    return {"type": "object", "properties": known | ({} if path else {"global": {"type": "object"}}), "additionalProperties": False}
