"""Versions that differ: of the runtime between image, code and pipeline; of databases between tests and what runs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from opsmith.detectors.deployed import Deployed
from opsmith.detectors.deployed.dockerfile import Dockerfile
from opsmith.detectors.deployed.told import Told
from opsmith.model.finding import Finding
from opsmith.model.survey import Component
from opsmith.repo import Repo
from opsmith.stages.deployment.backing import Store, stores
from opsmith.stages.deployment.contradictions.ranges import allows, same_line
from opsmith.stages.deployment.pairing import Pairs, lead
from opsmith.stages.deployment.places import is_aside
from opsmith.stages.deployment.statements import runtime_told

RUNTIME, BACKING = "deployed/runtime-mismatch", "deployed/backing-version-mismatch"


def versions(repo: Repo, deployed: Deployed, pairs: Pairs) -> Iterator[Finding]:  # noqa: ARG001  # one form for every rule
    images = [item for item in deployed.dockerfiles if not is_aside(item.path)]
    for item in images:
        component = lead(pairs.dockerfiles[item.path])
        told = runtime_told(item, component) if component is not None else None
        if component is not None and told is not None:
            yield from _against_code(item, told, component)
            yield from _against_tests(item, told, component, deployed, pairs)
    yield from _backing(deployed)


def _against_code(item: Dockerfile, told: Told[str], component: Component) -> Iterator[Finding]:
    stated = component.runtime.version if component.runtime else None
    shown = next((evidence for evidence in component.evidence.get("runtime", ()) if not evidence.file.endswith(item.path)), None)
    if stated is None or shown is None or shown.confidence < 0.7 or component.runtime is None:
        return
    if allows(component.runtime.name, stated, told.value) is False:
        where = f"{shown.file}{f':{shown.line}' if shown.line else ''}"
        message = f"the image has {component.runtime.name} {told.value}, but {where} asks for {stated}"
        yield Finding(rule=RUNTIME, severity="high", message=message, path=item.path, line=told.line)


def _against_tests(item: Dockerfile, told: Told[str], component: Component, deployed: Deployed, pairs: Pairs) -> Iterator[Finding]:
    """Every pipeline that sets this runtime up sets up others than the image has; told where the repository has one component of the runtime."""
    runtime = component.runtime.name if component.runtime else component.language_family
    used = [(pipeline, tool) for pipeline in deployed.pipelines for tool in pipeline.toolchains if tool.runtime == runtime]
    if not used or any(not tool.versions for _, tool in used):
        return
    if len({one.path for one in pairs.components if one.language_family == component.language_family}) > 1:
        return
    if not any(same_line(runtime, version, told.value) for _, tool in used for version in tool.versions):
        pipeline, tool = used[0]
        listed = ", ".join(dict.fromkeys(version for _, one in used for version in one.versions))
        message = f"sets up {runtime} {listed}, but {item.path}:{told.line} takes {told.value}"
        yield Finding(rule=RUNTIME, severity="medium", message=message, path=pipeline.path, line=tool.line)


def _backing(deployed: Deployed) -> Iterator[Finding]:
    """A pipeline tests against one major version, and every other file runs another one."""
    pipelines = {pipeline.path for pipeline in deployed.pipelines}
    found = [item for item in stores(deployed) if item.version is not None]
    for tested in (item for item in found if item.file in pipelines):
        running = [item for item in found if item.kind == tested.kind and item.file not in pipelines and not is_aside(item.file)]
        also = [item for item in found if item.kind == tested.kind and item.file in pipelines]
        if running and not any(_major(one) == _major(other) for one in running for other in also):
            other = running[0]
            message = f"tests against {tested.kind} {tested.version}, but {other.file}:{other.line} runs {other.version}"
            yield Finding(rule=BACKING, severity="low", message=message, path=tested.file, line=tested.line)


def _major(item: Store) -> str:
    return re.split(r"\.", item.version or "")[0]
