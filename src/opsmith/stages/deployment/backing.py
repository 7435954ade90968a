"""Backing services that deployment files run or rent: their kind and version by the name of the image or the resource."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from opsmith.detectors.deployed import Deployed
from opsmith.detectors.deployed.compose import ComposeService
from opsmith.detectors.deployed.told import Image
from opsmith.model.survey import BackingService, Component, Evidence
from opsmith.stages.deployment.pairing import Pairs
from opsmith.stages.deployment.places import is_aside
from opsmith.stages.deployment.statements import is_for_development

_KINDS: Mapping[str, str] = {
    "postgres": "postgres", "postgresql": "postgres", "postgis": "postgres", "pgvector": "postgres", "timescaledb": "postgres", "mysql": "mysql",
    "mysql-server": "mysql", "mariadb": "mysql", "mongo": "mongodb", "mongodb": "mongodb", "redis": "redis", "valkey": "redis",
    "redis-stack": "redis", "redis-stack-server": "redis", "memcached": "memcached", "rabbitmq": "rabbitmq", "kafka": "kafka", "cp-kafka": "kafka",
    "nats": "nats", "elasticsearch": "elasticsearch", "opensearch": "opensearch", "neo4j": "neo4j", "clickhouse-server": "clickhouse",
    "clickhouse": "clickhouse", "cassandra": "cassandra", "influxdb": "influxdb", "minio": "minio", "couchdb": "couchdb", "etcd": "etcd",
    "meilisearch": "meilisearch", "typesense": "typesense", "qdrant": "qdrant", "weaviate": "weaviate", "ollama": "ollama",
    "azure-sql-edge": "mssql", "mssql": "mssql", "consul": "consul", "zookeeper": "zookeeper", "eclipse-mosquitto": "mqtt",
}  # fmt: skip
_OWNERS = re.compile(
    r"(?:(?:docker\.io|quay\.io|mcr\.microsoft\.com|docker\.elastic\.co|public\.ecr\.aws|ghcr\.io|gcr\.io)/)?(?:library|docker/library|bitnami|bitnamilegacy|"
    r"postgis|pgvector|timescale|redis|valkey|confluentinc|apache|elasticsearch|opensearchproject|clickhouse|minio|getmeili|typesense|qdrant|"
    r"semitechnologies|ollama|mssql|hashicorp|mysql|tensorchord)?"
)
_OFFICIAL = re.compile(
    r"(?:docker\.io/)?(?:library/|postgis/|pgvector/)?(?:postgres|postgis|pgvector|mysql|mongo|redis|rabbitmq|memcached|elasticsearch|neo4j)"
)
_TAG = re.compile(r"(?:pg)?(\d+(?:\.\d+)*)(?:$|-)")


@dataclass(frozen=True, slots=True)
class Store:
    """A backing service as a deployment file has it."""

    kind: str
    version: str | None
    name: str
    file: str
    line: int
    shows: str


def kind_of_image(image: Image) -> str | None:
    owner, base = image.owner, image.base.lower()
    if image.repository == "mcr.microsoft.com/mssql/server":
        return "mssql"
    return _KINDS.get(base) if _OWNERS.fullmatch(owner) else None


def version_of(image: Image) -> str | None:
    """What the tag of an official image says; a fork or a successor counts for itself."""
    match = _TAG.match(image.tag or "") if _OFFICIAL.fullmatch(image.repository) else None
    return match[1] if match else None


def stores(deployed: Deployed) -> list[Store]:
    """Those that run in production first: manifests, what is rented, compose files, then those beside tests."""
    found = [*_of_manifests(deployed), *_rented(deployed), *_composed(deployed), *_tested(deployed)]
    return sorted(found, key=lambda item: is_aside(item.file))


def _of_manifests(deployed: Deployed) -> Iterator[Store]:
    for workload in deployed.workloads:
        for container in workload.containers:
            if container.image is not None and (kind := kind_of_image(container.image.value)):
                image = container.image.value
                yield _store(kind, image, workload.object.name, workload.object.path, container.image.line)


def _store(kind: str, image: Image, name: str, file: str, line: int) -> Store:
    shows = f"image {image.repository}{f':{image.tag}' if image.tag else ''}"
    return Store(kind, version_of(image), name, file, line, shows)


def _rented(deployed: Deployed) -> Iterator[Store]:
    for item in deployed.resources:
        if item.engine is not None:
            shows = f"{item.type} {item.name}{f', version {item.engine.version}' if item.engine.version else ''}"
            yield Store(item.engine.kind, item.engine.version, item.name, item.path, item.engine.line, shows)


def _composed(deployed: Deployed) -> Iterator[Store]:
    for service in deployed.services:
        if service.image is not None and service.build is None and (kind := kind_of_image(service.image.value)):
            yield _store(kind, service.image.value, service.name, service.path, service.image.line)


def _tested(deployed: Deployed) -> Iterator[Store]:
    for pipeline in deployed.pipelines:
        for told in pipeline.services:
            if kind := kind_of_image(told.value):
                yield _store(kind, told.value, kind, pipeline.path, told.line)


def with_backing(component: Component, found: list[Store], services_of: Mapping[str, list[ComposeService]]) -> Component:
    """Versions that the source leaves open, and services that compose starts before the component and no code shows."""
    services, shown = list(component.backing_services), list(component.evidence.get("backing_services", ()))
    for index, service in enumerate(services):
        told = next((item for item in found if item.kind == service.kind and item.version), None) if service.version is None else None
        if told is not None:
            services[index] = dataclasses.replace(service, version=told.version)
            shown.append(Evidence(file=told.file, line=told.line, shows=told.shows, confidence=0.75))
    for store, needing in _needed(found, services_of.get(component.name, ())):
        if store.kind not in {service.kind for service in services}:
            services.append(BackingService(kind=store.kind, name=store.kind, version=store.version, env=_variables(needing, store.name)))
            line = needing.needs.get(store.name)
            shown.append(Evidence(file=needing.path, line=line, shows=f"{needing.name} needs {store.name}, {store.shows}", confidence=0.75))
    if tuple(services) == component.backing_services:
        return component
    return dataclasses.replace(component, backing_services=tuple(services), evidence={**component.evidence, "backing_services": tuple(shown)})


def services_by_component(deployed: Deployed, pairs: Pairs) -> dict[str, list[ComposeService]]:
    """By component, the compose services that run nothing else."""
    result: dict[str, list[ComposeService]] = {}
    for service in deployed.services:
        if not is_aside(service.path) or is_for_development(service):
            names = [item.name for item in pairs.of_service(service)]
            if len(names) == 1:
                result.setdefault(names[0], []).append(service)
    return result


def _needed(found: list[Store], services: Sequence[ComposeService]) -> Iterator[tuple[Store, ComposeService]]:
    by_place = {(item.file, item.name): item for item in found} if services else {}
    for service in services:
        yield from ((store, service) for name in service.needs if (store := by_place.get((service.path, name))) is not None)


def _variables(service: ComposeService, host: str) -> tuple[str, ...]:
    """Those whose value names the host."""
    pattern = re.compile(rf"(?<![\w.-]){re.escape(host)}(?![\w.-])")
    return tuple(name for name, told in service.environment.items() if told.value is not None and pattern.search(told.value))
