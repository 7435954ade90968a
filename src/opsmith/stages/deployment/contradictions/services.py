"""Names of services and images that one file uses and no other one has."""

from __future__ import annotations

from collections.abc import Iterator

from opsmith.detectors.deployed import Deployed
from opsmith.detectors.deployed.compose import ComposeFile
from opsmith.detectors.deployed.told import Image
from opsmith.model.finding import Finding
from opsmith.repo import Repo
from opsmith.stages.deployment.pairing import Pairs, builds_of, lead
from opsmith.stages.deployment.places import is_aside

NEEDED, SCRAPED, UNBUILT = "deployed/service-missing", "deployed/scrape-target-unknown", "deployed/image-not-built"
_HOSTS = frozenset(("localhost", "host.docker.internal", "gateway.docker.internal"))


def services(repo: Repo, deployed: Deployed, pairs: Pairs) -> Iterator[Finding]:  # noqa: ARG001  # one form for every rule
    for file in deployed.composes:
        yield from _needed(file, deployed)
    yield from _scraped(deployed)
    yield from _unbuilt(deployed, pairs)


def _needed(file: ComposeFile, deployed: Deployed) -> Iterator[Finding]:
    """A service waits for one that no compose file beside it has: compose refuses the file."""
    folder = file.path.rpartition("/")[0]
    beside = {name for other in deployed.composes if other.path.rpartition("/")[0] == folder for name in other.services}
    if file.includes or not file.services:
        return
    for service in file.services.values():
        for name, line in service.needs.items():
            if name not in beside and "$" not in name and not service.extended:
                message = f"service {service.name} needs service {name}, which no compose file here has"
                yield Finding(rule=NEEDED, severity="high", message=message, path=file.path, line=line)


def _scraped(deployed: Deployed) -> Iterator[Finding]:
    """A target by a plain name, in a configuration that a compose file mounts, where that file has no such service."""
    for scrape in deployed.scrapes:
        mounting = [
            file
            for file in deployed.composes
            for service in file.services.values()
            if any(scrape.path == mount.source or scrape.path.startswith(f"{mount.source}/") for mount in service.mounts)
        ]
        names = {name for file in mounting for service in file.services.values() for name in (service.name, *service.hosts)}
        folders = {file.path.rpartition("/")[0] for file in mounting}
        names |= {name for file in deployed.composes if file.path.rpartition("/")[0] in folders for name in file.services}
        plain = "." not in scrape.host and ":" not in scrape.host and scrape.host not in _HOSTS
        if mounting and plain and scrape.host not in names and not any(file.includes for file in mounting):
            message = f"asks {scrape.host}:{scrape.port or 80} for metrics, but {mounting[0].path} has no service of that name"
            yield Finding(rule=SCRAPED, severity="medium", message=message, path=scrape.path, line=scrape.line)


def _unbuilt(deployed: Deployed, pairs: Pairs) -> Iterator[Finding]:
    """An image beside those that pipelines push, named after a component that has a Dockerfile, and no pipeline builds it."""
    built = {image.repository for _, build in builds_of(deployed) for image in build.images}
    owners = {Image(repository).owner for repository in built} - {""}
    if not owners or any(build.open or build.dockerfile is None for _, build in builds_of(deployed)):
        return
    for workload in deployed.workloads:
        for container in workload.containers:
            if container.image is None or is_aside(workload.object.path):
                continue
            image = container.image.value
            found = lead(pairs.of_container(workload, container))
            if found is not None and image.repository not in built and image.owner in owners and image.repository not in pairs.named:
                message = (
                    f"runs {image.repository}, which no pipeline builds ({', '.join(sorted(built)[:5])} {'is' if len(built) == 1 else 'are'} built)"
                )
                yield Finding(rule=UNBUILT, severity="medium", message=message, path=workload.object.path, line=container.image.line)
