"""The component that each deployment file belongs to; None where it is about several, or none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from opsmith.detectors.deployed import Deployed
from opsmith.detectors.deployed.kubernetes import Manifests, Workload
from opsmith.model.survey import Component, Existing
from opsmith.stages.deployment.labels import Labelled
from opsmith.stages.deployment.pairing import Found, Pairs, builds_of, lead
from opsmith.stages.deployment.places import is_within
from opsmith.stages.deployment.statements import of_platform

_WHOLE = frozenset(("github_actions", "gitlab_ci", "jenkins", "circleci", "azure_pipelines", "travis", "skaffold", "compose", "helm", "kubernetes"))
"""Files that speak of components by themselves: their folder alone tells nothing."""


def with_components(existing: Iterable[Existing], deployed: Deployed, pairs: Pairs) -> tuple[Existing, ...]:
    told: dict[str, list[Component]] = {}
    foreign = {file.path for file in deployed.manifests if file.workloads}
    for path, found in _told(deployed, pairs):
        told.setdefault(path, []).extend(found)
    only = lead(pairs.components)
    return tuple(
        Existing(
            kind=item.kind, path=item.path, component=None if item.path in foreign and not told.get(item.path) else _name(item, told, pairs, only)
        )
        for item in existing
    )


def _name(item: Existing, told: dict[str, list[Component]], pairs: Pairs, only: Component | None) -> str | None:
    if only is not None:
        return only.name
    found = told.get(item.path)
    if found:
        named = {component.name for component in found}
        chosen = found[0] if len(named) == 1 else lead(found)
        return chosen.name if chosen is not None else None
    if item.kind == "dockerignore":
        beside = (
            item.path.removesuffix(".dockerignore") if not item.path.endswith("/.dockerignore") else item.path.replace(".dockerignore", "Dockerfile")
        )
        chosen = lead(pairs.dockerfiles.get(beside, ()))
        return chosen.name if chosen is not None else _by_folder(item.path, pairs)
    return None if item.kind in _WHOLE and item.kind not in ("kubernetes", "helm") else _by_folder(item.path, pairs)


def _by_folder(path: str, pairs: Pairs) -> str | None:
    """The innermost component around the file; the root's only where the file lies in the root itself."""
    chosen = lead(pairs.known.around(path))
    return chosen.name if chosen is not None else None


def _told(deployed: Deployed, pairs: Pairs) -> Iterator[tuple[str, Found]]:
    yield from pairs.dockerfiles.items()
    for service in deployed.services:
        yield service.path, pairs.of_service(service)
    for path, build in builds_of(deployed):
        yield path, pairs.of_build(build.context, build.dockerfile)
    for pipeline in deployed.pipelines:
        if not pipeline.builds:
            yield pipeline.path, _of_watched(pipeline.watched, pairs)
    for item in deployed.platforms:
        yield item.path, of_platform(item, pairs)
    workloads = Labelled(deployed.workloads)
    for file in deployed.manifests:
        for found in _of_manifests(file, workloads, pairs):
            yield file.path, found
            yield _chart(file.path), found


def _of_watched(patterns: tuple[str, ...], pairs: Pairs) -> Found:
    """Those of the one folder whose changes start the pipeline; its own file counts for nothing."""
    watched = [pattern for pattern in patterns if not pattern.startswith(".github/")]
    folders = {max((item.path for item in pairs.components if item.path and is_within(path, item.path)), key=len, default="") for path in watched}
    return tuple(item for item in pairs.components if item.path in folders) if len(folders) == 1 and "" not in folders else ()


def _of_workload(pairs: Pairs, workload: Workload) -> Found:
    return tuple(component for container in workload.containers for component in pairs.of_container(workload, container))


def _of_manifests(file: Manifests, workloads: Labelled, pairs: Pairs) -> Iterator[Found]:
    """Those of its workloads, and of the workloads that its services select."""
    yield from (_of_workload(pairs, workload) for workload in file.workloads)
    for service in file.services:
        if service.selector is not None and not service.object.templated:
            yield from (found for workload in workloads.selected(service.selector.value) if (found := _of_workload(pairs, workload)))


def _chart(path: str) -> str:
    """The Chart.yaml of a template."""
    return f"{path.partition('/templates/')[0]}/Chart.yaml" if "/templates/" in path else "Chart.yaml"
