"""What deployment files say of each component: one list of statements, the files that decide more of the running system first."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from opsmith.detectors.deployed import Deployed
from opsmith.detectors.deployed.ci import runtime_of
from opsmith.detectors.deployed.compose import ComposeService
from opsmith.detectors.deployed.dockerfile import Dockerfile, Stage
from opsmith.detectors.deployed.kubernetes import Container, KubeProbe, Manifests
from opsmith.detectors.deployed.platforms import Platform
from opsmith.detectors.deployed.told import Told
from opsmith.model.survey import Component
from opsmith.stages.deployment import commands
from opsmith.stages.deployment.commands import placed
from opsmith.stages.deployment.pairing import Found, Pairs, is_called, lead
from opsmith.stages.deployment.places import is_aside

Fact = Literal["start_command", "ports", "health_path", "migration_command", "runtime", "env"]


@dataclass(frozen=True, slots=True)
class Statement:
    """`value` as text; of `env`, the name. `open`: asked for, not given."""

    component: str
    fact: Fact
    value: str
    file: str
    line: int
    confidence: float
    open: bool = False


def statements(deployed: Deployed, pairs: Pairs) -> list[Statement]:
    """Manifests, then platforms, then Dockerfiles, then compose files: the further from a developer's machine, the earlier."""
    services = [item for item in deployed.services if not is_aside(item.path)]
    shared = _shared(deployed, services, pairs)
    entered = frozenset(item.path for item in deployed.dockerfiles if item.final.entrypoint is not None)
    found = [
        *(said for file in deployed.manifests if not is_aside(file.path) for said in _of_manifests(file, pairs, shared)),
        *(said for item in deployed.platforms if not is_aside(item.path) for said in _of_platform(item, pairs)),
        *(said for item in deployed.dockerfiles if not is_aside(item.path) for said in _of_dockerfile(item, pairs)),
        *(said for item in services for said in _of_service(item, pairs, shared, entered)),
    ]
    return [said for said in found if said.fact != "start_command" or commands.is_program(said.value)]


Shared = Mapping[str, frozenset[str]]
"""By component, the names of all services and workloads that run from its image."""


def _shared(deployed: Deployed, services: list[ComposeService], pairs: Pairs) -> Shared:
    names: dict[str, set[str]] = {}
    for item in services:
        for component in pairs.of_service(item):
            names.setdefault(component.name, set()).add(item.name)
    for workload in deployed.workloads:
        for container in workload.containers if not workload.object.templated else ():
            for component in pairs.of_container(workload, container):
                names.setdefault(component.name, set()).add(workload.object.name)
    return {name: frozenset(found) for name, found in names.items()}


def _speaks_for(name: str, component: Component, shared: Shared) -> bool:
    """Of several that run from one image, only what is called like the component says how it runs."""
    return len(shared.get(component.name, ())) < 2 or is_called(component, name)


# -- manifests -------------------------------------------------------------------------------------------------------------------------

_MIGRATES = re.compile(r"(?i)migrat|db[-_:]?(?:setup|upgrade)|alembic upgrade|prisma db push")


def _of_manifests(file: Manifests, pairs: Pairs, shared: Shared) -> Iterator[Statement]:
    path = file.path
    for workload in file.workloads:
        serves = workload.object.kind not in ("Job", "CronJob", "Pod")
        for container in workload.containers if serves else ():
            found = lead(pairs.of_container(workload, container))
            if found is not None and _speaks_for(workload.object.name, found, shared):
                yield from _of_container(found, container, path)
        for container in (*workload.inits, *(workload.containers if workload.object.kind == "Job" else ())):
            command = _command(container)
            found = lead(pairs.of_container(workload, container))
            if found is not None and command is not None and _MIGRATES.search(command.value):
                yield Statement(found.name, "migration_command", command.value, path, command.line, 0.8)


def _command(container: Container) -> Told[str] | None:
    """`args` alone are handed to the image's entry point, which only the image knows."""
    if container.command is None:
        return None
    more = f" {container.arguments.value}" if container.arguments else ""
    return Told(container.command.value + more, container.command.line)


def _of_container(component: Component, container: Container, path: str) -> Iterator[Statement]:
    command = _command(container)
    if command is not None:
        yield Statement(component.name, "start_command", command.value, path, command.line, 0.85)
    for port in container.ports:
        yield Statement(component.name, "ports", str(port.number), path, port.line, 0.8)
    for probe in sorted(container.probes, key=lambda probe: ("readiness", "liveness", "startup").index(probe.kind)):
        health = _probed(probe)
        if health is not None:
            yield Statement(component.name, "health_path", health, path, probe.line, 0.85)
    for name, told in container.environment.items():
        yield Statement(component.name, "env", name, path, told.line, 0.7, open=told.value is None)


def _probed(probe: KubeProbe) -> str | None:
    return "grpc" if probe.grpc else plain_path(probe.path)


def plain_path(path: str | None) -> str | None:
    """The path without its query; None where a part is decided elsewhere."""
    plain = (path or "").partition("?")[0].partition("#")[0]
    return plain if re.fullmatch(r"/[\w./~-]*", plain) and "__open__" not in plain else None


# -- platforms -------------------------------------------------------------------------------------------------------------------------


def _of_platform(item: Platform, pairs: Pairs) -> Iterator[Statement]:
    found = lead(of_platform(item, pairs))
    if found is None or item.kind == "static":
        return
    for fact, told in (("start_command", item.start), ("migration_command", item.release), ("health_path", item.health)):
        value = plain_path(told.value) if told is not None and fact == "health_path" else told.value if told is not None else None
        if told is not None and value is not None and item.kind in ("web", "pserv"):
            yield Statement(found.name, fact, value, item.path, told.line, 0.85)  # type: ignore[arg-type]  # the facts above are Facts
    if item.port is not None:
        yield Statement(found.name, "ports", str(item.port.value), item.path, item.port.line, 0.85)
    for setting in item.settings:
        yield Statement(found.name, "env", setting.name, item.path, setting.line, 0.7, open=setting.value is None and setting.required)


def of_platform(item: Platform, pairs: Pairs) -> Found:
    """By the Dockerfile that it names, its folder, or its name."""
    if item.dockerfile is not None and item.dockerfile.value in pairs.dockerfiles:
        return pairs.dockerfiles[item.dockerfile.value]
    here = tuple(component for component in pairs.components if component.path == item.folder)
    inside = f"{item.folder}/Dockerfile" if item.folder else "Dockerfile"
    return here or pairs.dockerfiles.get(inside, ()) or (pairs.components if len({one.path for one in pairs.components}) == 1 else ())


# -- Dockerfiles -----------------------------------------------------------------------------------------------------------------------


def _of_dockerfile(item: Dockerfile, pairs: Pairs) -> Iterator[Statement]:
    found = lead(pairs.dockerfiles[item.path])
    if found is None:
        return
    stage = item.final
    if stage.starts is not None:
        command = placed(filled(stage.starts.value, stage), stage.workdir.value if stage.workdir else None)
        yield Statement(found.name, "start_command", command, item.path, stage.starts.line, 0.85)
    for port in stage.ports:
        yield Statement(found.name, "ports", str(port.value), item.path, port.line, 0.8)
    if stage.health is not None and (path := asked_path(stage.health.command)):
        yield Statement(found.name, "health_path", path, item.path, stage.health.line, 0.8)
    runtime = runtime_told(item, found)
    if runtime is not None:
        yield Statement(found.name, "runtime", runtime.value, item.path, runtime.line, 0.8)


def filled(command: str, stage: Stage) -> str:
    """With the variables that the image itself sets."""

    def value(match: re.Match[str]) -> str:
        told = stage.environment.get(match[1] or match[2])
        return told.value if told is not None and re.fullmatch(r"[\w.:/-]+", told.value) else match[0]

    return re.sub(r"\$(?:(\w+)|\{(\w+)(?::?-[^{}]*)?\})", value, command)


def runtime_told(item: Dockerfile, component: Component) -> Told[str] | None:
    """The version of the component's runtime that the last image with one brings."""
    wanted = component.runtime.name if component.runtime else component.language_family
    for told in reversed(item.images):
        found = runtime_of(told.value)
        if found is not None and found[0] == wanted and found[1] is not None:
            return Told(found[1], told.line)
    return None


_ASKED = re.compile(r"https?://(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])[^\s'\"|;)]*")


def asked_path(command: str) -> str | None:
    """The path that a health command asks of its own container."""
    if "grpc_health_probe" in command or "grpc-health-probe" in command:
        return "grpc"
    match = _ASKED.search(command)
    return plain_path(urlsplit(match[0]).path or "/") if match and "$" not in match[0].partition("://")[2].partition("/")[2] else None


# -- compose files ---------------------------------------------------------------------------------------------------------------------


def _of_service(item: ComposeService, pairs: Pairs, shared: Shared, entered: frozenset[str]) -> Iterator[Statement]:
    found = lead(pairs.of_service(item))
    if found is None or is_for_development(item):
        return
    command = item.entrypoint or item.command
    if command is not None and _MIGRATES.search(f"{item.name} {command.value}") and _MIGRATES.search(command.value):
        yield Statement(found.name, "migration_command", command.value, item.path, command.line, 0.75)
        return
    if not _speaks_for(item.name, found, shared):
        return
    handed_on = item.build is not None and item.build.dockerfile in entered
    if command is not None and item.entrypoint is None and not handed_on:
        yield Statement(found.name, "start_command", command.value, item.path, command.line, 0.75)
    for port in item.published:
        yield Statement(found.name, "ports", str(port.container), item.path, port.line, 0.75)
    for port_told in item.exposed:
        yield Statement(found.name, "ports", str(port_told.value), item.path, port_told.line, 0.7)
    if item.health is not None and (path := asked_path(item.health.value)):
        yield Statement(found.name, "health_path", path, item.path, item.health.line, 0.75)
    for name, told in item.environment.items():
        yield Statement(found.name, "env", name, item.path, told.line, 0.7, open=told.value is None)


_FOR_DEVELOPMENT = re.compile(
    r"(?i)(?:^|[\s:/_-])(?:dev|develop|--reload|--watch|watch|runserver|nodemon|debug|--debug|air|start:dev|serve:dev)(?:\s|$)"
)


def is_for_development(item: ComposeService) -> bool:
    """It mounts the sources over the image, builds a stage for development, or starts what reloads."""
    over = any(item.build is not None and mount.source == item.build.context for mount in item.mounts)
    target = item.build.target if item.build is not None else None
    text = " ".join(told.value for told in (item.command, item.entrypoint) if told is not None)
    return over or bool(target and is_aside(target)) or commands.is_for_development(text)
