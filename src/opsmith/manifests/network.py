"""Who may talk to whom: nobody, except along the edges of the blueprint."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from opsmith import conventions
from opsmith.emit import noted
from opsmith.manifests import parts
from opsmith.model.blueprint import Backing, Blueprint, Service


def default_deny(blueprint: Blueprint) -> Any:
    """Nothing in, nothing out but name resolution; every other edge is a policy of its own."""
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "default-deny", "namespace": blueprint.namespace, "labels": {conventions.PART_OF_LABEL: blueprint.name}},
        "spec": {
            "podSelector": {},
            "policyTypes": ["Ingress", "Egress"],
            "egress": [
                {
                    "to": [_namespace("kube-system", {"k8s-app": "kube-dns"})],
                    "ports": [{"protocol": protocol, "port": 53} for protocol in ("UDP", "TCP")],
                }
            ],
        },
    }


def of_service(service: Service, blueprint: Blueprint) -> Any:
    incoming: list[dict[str, Any]] = []
    if service.port:
        sources: list[dict[str, Any]] = [_pods(name, blueprint) for name in blueprint.callers(service.name)]
        if service.public:
            sources.append(_namespace(blueprint.ingress_namespace))
        incoming += _rule("from", sources, service.port.number)
        incoming += _rule("from", _watchers(service, blueprint), service.port.number)
    outgoing: list[Any] = []
    for name in service.calls:
        other = blueprint.service(name)
        if other.port:
            outgoing += _rule("to", [_pods(name, blueprint)], other.port.number)
    for name in service.needs:
        backing = blueprint.backing(name)
        if backing.placement == "in_cluster":
            outgoing += _rule("to", [_pods(name, blueprint)], backing.port)
    outgoing += _outside(service, blueprint)
    selectors = [service.name, f"{service.name}-migrate"] if service.migration else [service.name]
    return _policy(service.name, service.role, selectors, incoming, outgoing, blueprint, f"services.{service.name}")


def of_backing(backing: Backing, blueprint: Blueprint) -> Any:
    callers = [name for caller in blueprint.callers(backing.name) for name in _selectors(blueprint.service(caller))]
    incoming = _rule("from", [_pods(name, blueprint) for name in callers], backing.port)
    return _policy(backing.name, "backing", [backing.name], incoming, [], blueprint, f"backings.{backing.name}")


def of_blackbox(blueprint: Blueprint) -> Any:
    watched = blueprint.monitoring
    if watched is None:
        return None
    incoming = _rule("from", [_namespace(watched.namespace)], conventions.BLACKBOX_PORT)
    outgoing: list[dict[str, Any]] = []
    for name in watched.probes:
        port = blueprint.service(name).port
        if port:
            outgoing += _rule("to", [_pods(name, blueprint)], port.number)
    return _policy(conventions.BLACKBOX_NAME, "monitoring", [conventions.BLACKBOX_NAME], incoming, outgoing, blueprint, "monitoring")


def _selectors(service: Service) -> list[str]:
    return [service.name, f"{service.name}-migrate"] if service.migration else [service.name]


def _watchers(service: Service, blueprint: Blueprint) -> list[dict[str, Any]]:
    """Prometheus where it scrapes, the blackbox exporter where it asks."""
    watched = blueprint.monitoring
    if watched is None:
        return []
    sources: list[dict[str, Any]] = []
    if any(scrape.service == service.name for scrape in watched.scrapes):
        sources.append(_namespace(watched.namespace))
    if service.name in watched.probes:
        sources.append(_pods(conventions.BLACKBOX_NAME, blueprint))
    return sources


_PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16")
_WHY_OUTSIDE = (
    "Public addresses over HTTPS; not the cluster's or the cloud's own ranges (a cloud's metadata service is one of them).\n"
    "Remove it if nothing outside is called, add ports for mail and the like."
)
_WHY_EXTERNAL = "Managed services, which usually have an address in a private range. Narrow it to theirs."


def _outside(service: Service, blueprint: Blueprint) -> list[Any]:
    https = {"to": [{"ipBlock": {"cidr": "0.0.0.0/0", "except": list(_PRIVATE)}}], "ports": [{"protocol": "TCP", "port": 443}]}
    rules = [noted(https, above=_WHY_OUTSIDE)]
    ports = [blueprint.backing(name).port for name in service.needs if blueprint.backing(name).placement == "external"]
    if any(ports):
        wide = {
            "to": [{"ipBlock": {"cidr": "0.0.0.0/0", "except": ["169.254.0.0/16"]}}],
            "ports": [{"protocol": "TCP", "port": port} for port in ports if port],
        }
        rules.append(noted(wide, above=_WHY_EXTERNAL))
    return rules


def _rule(direction: str, peers: Sequence[dict[str, Any]], port: int) -> list[dict[str, Any]]:
    return [{direction: list(peers), "ports": [{"protocol": "TCP", "port": port}]}] if peers else []


def _pods(name: str, blueprint: Blueprint) -> dict[str, Any]:
    return {"podSelector": {"matchLabels": conventions.selector(blueprint.name, name)}}


def _namespace(name: str, pods: dict[str, str] | None = None) -> dict[str, Any]:
    peer: dict[str, Any] = {"namespaceSelector": {"matchLabels": {conventions.NAMESPACE_NAME_LABEL: name}}}
    if pods:
        peer["podSelector"] = {"matchLabels": pods}
    return peer


def _policy(
    name: str, role: str, selects: Sequence[str], incoming: list[dict[str, Any]], outgoing: list[Any], blueprint: Blueprint, node: str
) -> Any:
    selector: dict[str, Any] = {"matchLabels": conventions.selector(blueprint.name, selects[0])}
    if len(selects) > 1:
        selector = {
            "matchLabels": {conventions.PART_OF_LABEL: blueprint.name},
            "matchExpressions": [{"key": conventions.NAME_LABEL, "operator": "In", "values": list(selects)}],
        }
    spec: dict[str, Any] = {"podSelector": selector, "policyTypes": ["Ingress", "Egress"]}
    if incoming:
        spec["ingress"] = incoming
    if outgoing:
        spec["egress"] = outgoing
    return noted(
        {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": parts.metadata(name, role, blueprint), "spec": spec}, node
    )
