"""Services lead to ports that containers have; Ingresses to ports that Services have; probes ask ports that containers have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from opsmith.checks.agreement.objects import Object, Pod, named
from opsmith.checks.agreement.reading import inside, mapping, mappings, say, word, words
from opsmith.model.finding import Finding

Port = int | str
"""A number, or the name that a container gave it: "8080" is a name and not 8080."""


def ports(objects: list[Object], pods: list[Pod]) -> Iterator[Finding]:
    services = named(objects, "Service")
    for pod in pods:
        yield from _probes(pod)
    for service in services.values():
        yield from _targets(service, pods)
    for item in objects:
        if item.kind == "Ingress" and services:
            yield from _ingress(item, services)


def _port(value: Any) -> Port | None:
    return value if isinstance(value, (int, str)) else None


def _offered(containers: Iterable[dict[str, Any]]) -> set[Port]:
    entries = [entry for container in containers for entry in mappings(container.get("ports"))]
    return {port for entry in entries for value in (entry.get("name"), entry.get("containerPort")) if (port := _port(value)) is not None}


def _probes(pod: Pod) -> Iterator[Finding]:
    for container in pod.containers:
        offered = _offered([container])
        for kind in ("startupProbe", "readinessProbe", "livenessProbe"):
            port = _asked(inside(container, kind))
            if port is not None and offered and port not in offered:
                yield say(pod.path, f"{pod.owner}: the {kind} asks port {port}, which the container does not have")


def _asked(probe: dict[str, Any]) -> Port | None:
    return next((_port(mapping(probe[how]).get("port")) for how in ("httpGet", "tcpSocket", "grpc") if probe.get(how)), None)


def _targets(service: Object, pods: list[Pod]) -> Iterator[Finding]:
    wanted = words(service.spec.get("selector"))
    offered = _offered(container for pod in pods if wanted and wanted.items() <= pod.labels.items() for container in pod.containers)
    for entry in mappings(service.spec.get("ports")):
        target = _port(entry.get("targetPort", entry.get("port")))
        if target is not None and offered and target not in offered:
            yield say(service.path, f"the Service {service.name} leads to port {target}, which its pods do not have")


def _ingress(item: Object, services: Mapping[str, Object]) -> Iterator[Finding]:
    for backend in _backends(item.spec):
        name, port = word(backend.get("name")), mapping(backend.get("port"))
        if name and name not in services:
            yield say(item.path, f"the Ingress leads to the Service {name}, which nothing defines")
        elif name and not any(_leads_to(port, entry) for entry in mappings(services[name].spec.get("ports"))):
            asked = word(port.get("name")) or word(port.get("number"))
            yield say(item.path, f"the Ingress leads to port {asked} of the Service {name}, which has no such port")


def _backends(spec: dict[str, Any]) -> list[dict[str, Any]]:
    routes = [route for rule in mappings(spec.get("rules")) for route in mappings(inside(rule, "http").get("paths"))]
    return [inside(route, "backend", "service") for route in routes]


def _leads_to(port: dict[str, Any], entry: dict[str, Any]) -> bool:
    by_name = "name" not in port or port["name"] == entry.get("name")
    by_number = "number" not in port or port["number"] == entry.get("port")
    return by_name and by_number
