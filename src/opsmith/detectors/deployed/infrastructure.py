"""Terraform and CloudFormation: which resources stand there, and of databases and containers what matters to the application."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from opsmith.detectors.deployed.ci import walk
from opsmith.detectors.deployed.documents import Document, documents
from opsmith.detectors.deployed.hcl import Block, parse
from opsmith.detectors.deployed.told import Image, Told, image_of, number
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


def terraform(repo: Repo, path: str) -> list[Resource]:
    """The resources of a `.tf` file; one in JSON is not read."""
    if path.endswith(".json"):
        return []
    root = parse(repo.read(path) or "")
    return [_terraform(path, block) for block in root.blocks if block.kind == "resource" and len(block.labels) == 2]


def _terraform(path: str, block: Block) -> Resource:
    kind, name = block.labels
    inner = list(block.all())
    plain = {key: told for part in reversed(inner) for key in part.attributes if (told := part.plain(key)) is not None}
    return Resource(
        path=path,
        type=kind,
        name=name,
        line=block.line,
        engine=_engine(kind, {key: value for key, (value, _) in plain.items()}, block.line),
        images=tuple(Told(image, told[1]) for part in inner if (told := part.plain("image")) and (image := image_of(told[0]))),
        ports=tuple(
            Told(port, told[1])
            for part in inner
            for key in ("container_port", "target_port")
            if (told := part.plain(key)) and (port := number(told[0]))
        ),
    )


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
        images=tuple(Told(image, document.line(*at, "Image")) for at, body in inner if (image := image_of(body.get("Image")))),
        ports=tuple(Told(port, document.line(*at, "ContainerPort")) for at, body in inner if (port := number(body.get("ContainerPort")))),
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
