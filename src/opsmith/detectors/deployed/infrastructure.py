"""Terraform and CloudFormation: which resources stand there, and of databases and containers what matters to the application."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from opsmith.detectors.deployed.ci import walk
from opsmith.detectors.deployed.documents import documents
from opsmith.detectors.deployed.hcl import blocks, plain
from opsmith.detectors.deployed.told import Image, Told, image_of, number
from opsmith.model.document import Document
from opsmith.model.estate import Block
from opsmith.repo import Repo
from opsmith.shapes import mapping


@dataclass(frozen=True, slots=True)
class Engine:
    """A database, cache or queue: `kind` as the survey calls it."""

    kind: str
    version: str | None
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """`type` is the provider's name of it: `aws_db_instance`, `AWS::RDS::DBInstance`."""

    path: str
    type: str
    name: str
    line: int
    engine: Engine | None = None
    images: tuple[Told[Image], ...] = ()
    ports: tuple[Told[int], ...] = ()


_ENGINE_WORDS: Mapping[str, str] = {
    "postgres": "postgres", "postgresql": "postgres", "aurora-postgresql": "postgres", "mysql": "mysql", "aurora-mysql": "mysql", "aurora": "mysql",
    "mariadb": "mysql", "redis": "redis", "valkey": "redis", "memcached": "memcached", "rabbitmq": "rabbitmq", "docdb": "mongodb",
    "sqlserver-ex": "mssql", "sqlserver-web": "mssql", "sqlserver-se": "mssql", "sqlserver-ee": "mssql", "neptune": "neptune",
}  # fmt: skip
_ENGINE_TYPES: Mapping[str, str] = {
    "azurerm_postgresql_flexible_server": "postgres", "azurerm_postgresql_server": "postgres", "azurerm_mysql_flexible_server": "mysql",
    "azurerm_redis_cache": "redis", "google_redis_instance": "redis", "aws_msk_cluster": "kafka", "aws_opensearch_domain": "opensearch",
    "AWS::MSK::Cluster": "kafka", "AWS::OpenSearchService::Domain": "opensearch", "aws_docdb_cluster": "mongodb", "AWS::DocDB::DBCluster": "mongodb",
}  # fmt: skip
_GOOGLE_DATABASE = re.compile(r"(POSTGRES|MYSQL|SQLSERVER)_(\d+(?:_\d+)?)")


def terraform(repo: Repo, path: str) -> tuple[Block, ...]:
    """The blocks of a `.tf` file; one in JSON is not read."""
    return blocks(path, repo.read(path) or "") if path.endswith((".tf", ".tofu")) else ()


def resources(found: Iterable[Block]) -> Iterator[Resource]:
    """What Terraform's blocks make."""
    yield from (_terraform(block) for block in found if block.kind == "resource" and len(block.labels) == 2)


def _terraform(block: Block) -> Resource:
    kind, name = block.labels
    inner = (block, *block.inner())
    first = {key: told.value for part in reversed(inner) for key in part.values for told in _told(part, key)}
    return Resource(
        path=block.file,
        type=kind,
        name=name,
        line=block.line,
        engine=_engine(kind, first, block.line),
        images=tuple(image for part in inner for told in _told(part, "image") for image in _image(told.value, told.line)),
        ports=tuple(
            port for part in inner for key in ("container_port", "target_port") for told in _told(part, key) for port in _port(told.value, told.line)
        ),
    )


def _told(part: Block, key: str) -> Iterator[Told[str]]:
    told = plain(part, key)
    if told is not None:
        yield told


def _image(value: Any, line: int) -> Iterator[Told[Image]]:
    image = image_of(value)
    if image is not None:
        yield Told(image, line)


def _port(value: Any, line: int) -> Iterator[Told[int]]:
    port = number(value)
    if port is not None:
        yield Told(port, line)


def cloudformation(repo: Repo, path: str) -> list[Resource]:
    found: list[Resource] = []
    for document in documents(repo, path):
        for name, body in mapping(document.at("Resources")).items():
            kind = mapping(body).get("Type")
            if isinstance(kind, str):
                found.append(_cloudformation(path, kind, str(name), mapping(mapping(body).get("Properties")), document))
    return found


def _cloudformation(path: str, kind: str, name: str, properties: dict[Any, Any], document: Document) -> Resource:
    plain = {_snake(str(key)): str(value) for key, value in properties.items() if isinstance(value, (str, int, float))}
    place = ("Resources", name, "Properties")
    inner = [((*place, *at), body) for at, body in walk(properties, 2_000)]
    line = document.line("Resources", name)
    return Resource(
        path=path,
        type=kind,
        name=name,
        line=line,
        engine=_engine(kind, plain, line),
        images=tuple(image for at, body in inner for image in _image(body.get("Image"), document.line(*at, "Image"))),
        ports=tuple(port for at, body in inner for port in _port(body.get("ContainerPort"), document.line(*at, "ContainerPort"))),
    )


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def _engine(kind: str, plain: Mapping[str, str], line: int) -> Engine | None:
    google = _GOOGLE_DATABASE.fullmatch(plain.get("database_version", ""))
    if google:
        return Engine({"POSTGRES": "postgres", "MYSQL": "mysql", "SQLSERVER": "mssql"}[google[1]], google[2].replace("_", "."), line)
    version = plain.get("engine_version") or plain.get("version") or plain.get("redis_version")
    number_only = version if version and re.fullmatch(r"\d[\w.]*", version) else None
    named = _ENGINE_TYPES.get(kind) or _ENGINE_WORDS.get(plain.get("engine", "").lower()) or _ENGINE_WORDS.get(plain.get("engine_type", "").lower())
    if named is not None and not kind.endswith(("parameter_group", "ParameterGroup", "option_group")):
        return Engine(named, number_only, line)
    return None
