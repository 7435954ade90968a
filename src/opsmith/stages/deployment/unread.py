"""What only deployment files know to run: said aloud, so that a system is never shown as smaller than it is."""

from __future__ import annotations

from collections.abc import Iterator

from opsmith.detectors.deployed import Deployed
from opsmith.detectors.deployed.compose import ComposeService
from opsmith.detectors.deployed.dockerfile import Dockerfile
from opsmith.repo import Repo
from opsmith.stages.deployment.commands import scripts_of, starts_the_same
from opsmith.stages.deployment.pairing import Pairs, lead
from opsmith.stages.deployment.places import is_aside, is_within
from opsmith.stages.deployment.statements import is_for_development

MOST = 20


def tell_unread(repo: Repo, deployed: Deployed, pairs: Pairs) -> None:
    known = {problem.file for problem in repo.problems}
    told = 0
    for file, line, what in (*_services(deployed, pairs, known), *_processes(repo, deployed, pairs)):
        if told < MOST:
            repo.problem(file, what, line=line)
            told += 1


def _services(deployed: Deployed, pairs: Pairs, known: set[str]) -> Iterator[tuple[str, int, str]]:
    """Services that are built from a folder in which nothing was recognised, once for each folder."""
    seen: set[str] = set()
    files = {item.path: item for item in deployed.dockerfiles}
    for service in deployed.services:
        build = service.build
        if build is None or build.context is None or is_aside(service.path) or pairs.of_service(service) or build.context in seen:
            continue
        inside = any(is_within(path, build.context) and path.rpartition("/")[0] == build.context for path in known)
        if inside or any(is_within(item.path, build.context) for item in pairs.components if item.path or not build.context):
            continue
        seen.add(build.context)
        if build.inline or build.dockerfile in files:
            yield service.path, build.line, _known(service, files.get(build.dockerfile or ""))


def _known(service: ComposeService, dockerfile: Dockerfile | None) -> str:
    build = service.build
    where = (build.context if build else "") or "the root folder"
    stage = dockerfile.target(build.target if build else None) if dockerfile is not None else None
    start = service.command or (stage.starts if stage is not None else None)
    ports = [str(port.container) for port in service.published] or [str(port.value) for port in (stage.ports if stage is not None else ())]
    details = [
        f"on {dockerfile.bases(stage)[-1].base}" if dockerfile is not None and stage is not None else "",
        f"starts `{start.value}`" if start is not None else "",
        f"port {', '.join(dict.fromkeys(ports))}" if ports else "",
    ]
    shown = ", ".join(detail for detail in details if detail)
    return f"service {service.name} is built from {where}, where nothing that runs was recognised: it is missing here{f' ({shown})' if shown else ''}"


def _processes(repo: Repo, deployed: Deployed, pairs: Pairs) -> Iterator[tuple[str, int, str]]:
    """Further processes of a component's code that no component shows."""
    entered = {item.path for item in deployed.dockerfiles if item.final.entrypoint is not None}
    for service in deployed.services:
        component = lead(pairs.of_service(service))
        command = service.command
        if component is None or command is None or is_aside(service.path) or is_for_development(service) or service.published:
            continue
        if ".sh" in command.value or (service.build is not None and service.build.dockerfile in entered):
            continue
        beside = [item for item in pairs.components if item.path == component.path]
        scripts = scripts_of(repo, component)
        shown = [item for item in (*(one.start_command for one in beside), *(one.migration_command for one in beside)) if item]
        called = any(item.name == service.name for item in beside)
        if not called and shown and not any(starts_the_same(command.value, item, scripts) for item in shown):
            yield (
                service.path,
                command.line,
                f"service {service.name} starts `{command.value}` from the code of {component.name}, which is shown nowhere else",
            )
