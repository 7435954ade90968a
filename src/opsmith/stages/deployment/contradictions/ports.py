"""Ports on which something is asked for, and on which nothing answers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from opsmith.detectors.deployed import Deployed
from opsmith.detectors.deployed.compose import ComposeService
from opsmith.detectors.deployed.dockerfile import Stage
from opsmith.detectors.deployed.kubernetes import Container, KubeService, ServicePort, Workload
from opsmith.detectors.deployed.platforms import Platform
from opsmith.model.finding import Finding, Severity
from opsmith.model.survey import Component
from opsmith.repo import Repo
from opsmith.stages.deployment.labels import Labelled
from opsmith.stages.deployment.pairing import Pairs, lead
from opsmith.stages.deployment.places import is_aside
from opsmith.stages.deployment.statements import is_for_development, of_platform

RULE = "deployed/port-mismatch"


def ports(repo: Repo, deployed: Deployed, pairs: Pairs) -> Iterator[Finding]:  # noqa: ARG001  # one form for every rule
    stages = {item.path: item for item in deployed.dockerfiles}
    workloads = Labelled(workload for workload in deployed.workloads if not workload.object.templated)
    for file in deployed.manifests:
        for workload in file.workloads:
            yield from _probed(workload)
        for service in file.services:
            yield from _selected(service, workloads, pairs)
    for composed in deployed.services:
        build = composed.build
        stage = stages[build.dockerfile].target(build.target) if build is not None and build.dockerfile in stages else None
        component = lead(pairs.of_service(composed))
        if component is not None and stage is not None and not is_aside(composed.path):
            yield from _published(composed, stage, component)
    for platform in deployed.platforms:
        inside = platform.dockerfile.value if platform.dockerfile else f"{platform.folder}/Dockerfile" if platform.folder else "Dockerfile"
        component = lead(of_platform(platform, pairs))
        if inside in stages and component is not None:
            yield from _routed(platform, stages[inside].final, component)


def _finding(path: str, line: int, severity: Severity, message: str) -> Finding:
    return Finding(rule=RULE, severity=severity, message=message, path=path, line=line)


# -- Kubernetes ------------------------------------------------------------------------------------------------------------------------


def _probed(workload: Workload) -> Iterator[Finding]:
    """A probe by name of a port that its container does not have: the pod is refused, or never ready."""
    if workload.object.templated:
        return
    for container in workload.containers:
        names = {port.name for port in container.ports}
        for probe in container.probes:
            if isinstance(probe.port, str) and probe.port not in names:
                message = f"the {probe.kind} probe of {container.name} asks port {probe.port}, which is not among its ports ({_listed(container)})"
                yield _finding(workload.object.path, probe.line, "high", message)


def _listed(container: Container) -> str:
    return ", ".join(f"{port.name} {port.number}" if port.name else str(port.number) for port in container.ports) or "none"


def _selected(service: KubeService, workloads: Labelled, pairs: Pairs) -> Iterator[Finding]:
    """A service sends to a port that none of its pods has."""
    if service.object.templated or service.selector is None:
        return
    chosen = [workload for workload in workloads.selected(service.selector.value) if _same_place(workload, service)]
    for port in service.ports:
        if chosen and port.target is not None and all(_lacks(workload, port, pairs) for workload in chosen):
            shown = "; ".join(f"{workload.object.kind} {workload.object.name}: {_all(workload)}" for workload in chosen[:3])
            severity: Severity = "high" if isinstance(port.target, str) else "medium"
            yield _finding(
                service.object.path, port.line, severity, f"service {service.object.name} sends to port {port.target}, which no pod has ({shown})"
            )


def _same_place(workload: Workload, service: KubeService) -> bool:
    return service.object.namespace in (None, workload.object.namespace) or workload.object.namespace is None


def _lacks(workload: Workload, port: ServicePort, pairs: Pairs) -> bool:
    """A port by name is surely missing; one by number where the image is built here and its code listens on others."""
    told = [item for container in workload.containers for item in container.ports]
    if isinstance(port.target, str):
        return port.target not in {item.name for item in told}
    known = [lead(pairs.of_container(workload, container)) for container in workload.containers]
    listening = {number for component in known if component is not None for number in component.ports}
    complete = all(component is not None and component.ports and component.port_env is None for component in known)
    return complete and port.target not in listening | {item.number for item in told}


def _all(workload: Workload) -> str:
    return ", ".join(_listed(container) for container in workload.containers)


# -- images ----------------------------------------------------------------------------------------------------------------------------

_SURE = 0.85


def _answers(component: Component, stage: Stage, settings: set[str], command: str) -> set[int] | None:
    """The ports on which the process surely listens; None where a variable or an option decides.

    The code says it by itself, the image says the same or nothing, and nothing that is set could change it.
    """
    shown = component.evidence.get("ports", ())
    if (
        not component.ports
        or not shown
        or min(item.confidence for item in shown) < _SURE
        or component.port_env is not None
        or component.role == "static"
    ):
        return None
    if any(
        "PORT" in name.upper() or "ADDR" in name.upper() or "LISTEN" in name.upper() or "URL" in name.upper()
        for name in (*settings, *stage.environment)
    ):
        return None
    if re.search(r"\d{4}|port|bind|listen", command):
        return None
    exposed = {told.value for told in stage.ports}
    return set(component.ports) if not exposed or exposed & set(component.ports) else None


def _published(service: ComposeService, stage: Stage, component: Component) -> Iterator[Finding]:
    if is_for_development(service) or service.environment_files or service.extended or service.command or service.entrypoint:
        return
    start = stage.starts.value if stage.starts else ""
    known = _answers(component, stage, set(service.environment), start)
    exposed = {told.value for told in stage.ports}
    said = {number for number in map(int, re.findall(r"(?<!\d)\d{4,5}(?!\d)|(?<=:)80\b", start)) if 0 < number < 65536}
    for port in service.published:
        if known is not None and port.container not in known | exposed | said and len(service.published) == 1:
            listens = ", ".join(map(str, sorted(known)))
            message = f"service {service.name} publishes the container's port {port.container}, but {component.name} listens on {listens}"
            yield _finding(service.path, port.line, "high", message)


def _routed(platform: Platform, stage: Stage, component: Component) -> Iterator[Finding]:
    """The platform sends requests to a port; the image names others, and no variable that the platform sets says it to the process."""
    if platform.port is None or any("PORT" in setting.name.upper() for setting in platform.settings) or platform.start is not None:
        return
    wanted, exposed = platform.port.value, {told.value for told in stage.ports}
    text = f"{stage.starts.value if stage.starts else ''} {' '.join(told.value for told in stage.environment.values())}"
    if exposed and wanted not in exposed | set(component.ports) and not re.search(rf"(?<!\d){wanted}(?!\d)", text):
        listed = ", ".join(map(str, sorted(exposed)))
        yield _finding(platform.path, platform.port.line, "high", f"{platform.system} sends to port {wanted}, but the image exposes {listed}")
