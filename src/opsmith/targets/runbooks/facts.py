"""What a person on call has to know of a service: where it runs, what it needs, who needs it, what it promises."""

from __future__ import annotations

from dataclasses import dataclass

from opsmith import slo as slos
from opsmith.model.blueprint import Blueprint, Probe, Service, Slo


@dataclass(frozen=True, slots=True)
class Fact:
    """`node` is where in the blueprint it stands."""

    name: str
    text: str
    node: str


def facts(blueprint: Blueprint, service: Service, slo: Slo) -> list[Fact]:
    node = f"services.{service.name}"
    found = [
        Fact("Objective", objective(slo, service), f"monitoring.slos.{service.name}.objective"),
        Fact("Measured by", _measured(blueprint, slo), f"monitoring.slos.{service.name}"),
        Fact("Runs", _runs(blueprint, service), f"{node}.replicas"),
        Fact("Limits", f"{service.resources.memory_limit} of memory and {service.resources.cpu_limit} of CPU in each container", f"{node}.resources"),
    ]
    if service.probe:
        found.append(Fact("Health", _health(service.probe), f"{node}.probe"))
    if service.needs:
        found.append(Fact("Needs", listed(service.needs), f"{node}.needs"))
    if service.calls:
        found.append(Fact("Calls", listed(service.calls), f"{node}.calls"))
    if callers := blueprint.callers(service.name):
        found.append(Fact("Called by", listed(callers), f"{node}.calls"))
    if service.migration:
        found.append(Fact("Migrates", f"`{service.name}-migrate` runs {code(service.migration)} before each release", f"{node}.migration"))
    return found


def objective(slo: Slo, service: Service) -> str:
    text = f"{slo.objective:g} % of {slos.events(slo)} succeed over {slo.window_days} days"
    if slos.connects_only(slo, service):
        text += f"; {slos.CONNECTS_ONLY}"
    if slos.latency_wanted(slo):
        text += f"; the {slo.latency_percentile:g}th percentile stays below {slo.latency_ms:g} ms"
    return text


def listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def code(text: str) -> str:
    """`text` of the repository as inline code, which it cannot end."""
    plain = " ".join(text.split()).replace("`", "'")
    return f"`{plain}`"


def _measured(blueprint: Blueprint, slo: Slo) -> str:
    return f"{code(slos.measured(slo))}: {'its own request metrics' if slo.sli == 'requests' else _exporter(blueprint)}"


def _exporter(blueprint: Blueprint) -> str:
    if "kubernetes" in blueprint.targets:
        return "the blackbox exporter, a pod in the same namespace, through the Service; Ingress and TLS are not in that path"
    return "the blackbox exporter, a container in the same network; published ports, reverse proxies and TLS are not in that path"


def _runs(blueprint: Blueprint, service: Service) -> str:
    build = blueprint.build(service.build).name
    if "kubernetes" not in blueprint.targets:
        return f"one container of the image `{build}`"
    return f"{service.replicas} {'replica' if service.replicas == 1 else 'replicas'} of the image `{build}` in namespace `{blueprint.namespace}`"


def _health(probe: Probe) -> str:
    match probe.kind:
        case "http":
            return code(f"GET {probe.path}") + f" on port {probe.port} answers with 2xx or 3xx"
        case "grpc":
            return f"the gRPC health service on port {probe.port} answers `SERVING`"
        case "tcp":
            return f"port {probe.port} accepts connections"
