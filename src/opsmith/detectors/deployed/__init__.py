"""Deployment files that are already there, read: one module per format, typed facts with the line that each stands on.

`read` gives all of them together. Nothing here compares or decides; that is the business of stages/deployment.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from opsmith.detectors.deployed import (
    charts,
    compose,
    dockerfile,
    github_actions,
    infrastructure,
    jenkins,
    kubernetes,
    operations,
    pipelines,
    platforms,
)
from opsmith.detectors.deployed.ci import Pipeline
from opsmith.detectors.deployed.compose import ComposeFile, ComposeService
from opsmith.detectors.deployed.dockerfile import Dockerfile
from opsmith.detectors.deployed.infrastructure import Resource
from opsmith.detectors.deployed.kubernetes import Kustomization, Manifests, Workload
from opsmith.detectors.deployed.operations import Play, Scrape
from opsmith.detectors.deployed.platforms import Platform
from opsmith.model.survey import Existing
from opsmith.repo import Repo

__all__ = ["Deployed", "read"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    dockerfiles: tuple[Dockerfile, ...] = ()
    composes: tuple[ComposeFile, ...] = ()
    manifests: tuple[Manifests, ...] = ()
    """Of plain files and, `templated`, of charts."""
    kustomizations: tuple[Kustomization, ...] = ()
    pipelines: tuple[Pipeline, ...] = ()
    platforms: tuple[Platform, ...] = ()
    resources: tuple[Resource, ...] = ()
    scrapes: tuple[Scrape, ...] = ()
    plays: tuple[Play, ...] = ()

    @property
    def services(self) -> list[ComposeService]:
        return [service for file in self.composes for service in file.services.values()]

    @property
    def workloads(self) -> list[Workload]:
        return [workload for file in self.manifests for workload in file.workloads]


_PIPELINES = {
    "github_actions": github_actions.read,
    "gitlab_ci": pipelines.gitlab,
    "circleci": pipelines.circleci,
    "azure_pipelines": pipelines.azure,
    "jenkins": jenkins.read,
    "skaffold": pipelines.skaffold,
}


def read(repo: Repo, existing: Iterable[Existing]) -> Deployed:
    """What each of the files says; a file whose kind is not read, or that is broken, says nothing."""
    by_kind: dict[str, list[str]] = {}
    for item in existing:
        by_kind.setdefault(item.kind, []).append(item.path)

    def paths(*kinds: str) -> list[str]:
        return [path for kind in kinds for path in by_kind.get(kind, ())]

    return Deployed(
        dockerfiles=tuple(found for path in paths("dockerfile") if (found := dockerfile.read(repo, path)) is not None),
        composes=tuple(compose.read(repo, path) for path in paths("compose")),
        manifests=(
            *(kubernetes.read(repo, path) for path in paths("kubernetes")),
            *(found for path in paths("helm") if path.endswith("Chart.yaml") for found in charts.read(repo, path)),
        ),
        kustomizations=tuple(told for path in paths("kustomize") if (told := kubernetes.kustomization(repo, path)) is not None),
        pipelines=tuple(reader(repo, path) for kind, reader in _PIPELINES.items() for path in paths(kind)),
        platforms=tuple(found for path in paths("procfile", "platform") for found in platforms.read(repo, path)),
        resources=(
            *(found for path in paths("terraform") for found in infrastructure.terraform(repo, path)),
            *(found for path in paths("cloudformation") for found in infrastructure.cloudformation(repo, path)),
        ),
        scrapes=tuple(found for path in paths("prometheus") for found in operations.scrapes(repo, path)),
        plays=tuple(found for path in paths("ansible") for found in operations.plays(repo, path)),
    )
