"""Which images and kinds keep data that somebody would miss."""

from __future__ import annotations

from opsmith.model.assessment import Spot
from opsmith.model.estate import Estate
from opsmith.standards.images import image

_DATA = {
    "postgres": "postgres", "postgresql": "postgres", "postgis": "postgres", "pgvector": "postgres", "timescaledb": "postgres", "mysql": "mysql",
    "mariadb": "mariadb", "percona": "mysql", "mongo": "mongodb", "mongodb": "mongodb", "mssql": "mssql", "cassandra": "cassandra", "couchdb": "couchdb",
    "neo4j": "neo4j", "clickhouse-server": "clickhouse", "clickhouse": "clickhouse", "minio": "minio", "elasticsearch": "elasticsearch",
    "opensearch": "opensearch", "influxdb": "influxdb", "cockroach": "cockroachdb", "etcd": "etcd", "mysql-server": "mysql",
}  # fmt: skip
_OTHERS = {
    "redis": "redis", "valkey": "redis", "memcached": "memcached", "rabbitmq": "rabbitmq", "nats": "nats", "kafka": "kafka", "zookeeper": "zookeeper",
    "cp-kafka": "kafka", "redis-stack": "redis", "redis-stack-server": "redis", "dynamodb-local": "dynamodb", "activemq": "activemq",
}  # fmt: skip
SAVED = frozenset(
    ("postgres", "mysql", "mariadb", "mongodb", "mssql", "oracle", "cassandra", "couchdb", "neo4j", "clickhouse", "influxdb", "cockroachdb", "sqlite")
)
"""Kinds whose data is nowhere else: caches, queues and search indexes can be filled again."""


def kind(reference: str) -> str | None:
    """The kind of backing service that an image is."""
    name = image(reference).name.rpartition("/")[2] if reference else ""
    return _DATA.get(name) or _OTHERS.get(name)


def is_store(reference: str) -> bool:
    return kind(reference) is not None


def keeps_data(reference: str) -> bool:
    return kind(reference) in {*_DATA.values()}


def saved(estate: Estate) -> frozenset[str]:
    """The kinds of data that the system keeps and that has to be saved."""
    images = [container.image for workload in estate.workloads for container in workload.containers()]
    images += [service.image for service in estate.compose]
    found = {kind(reference) for reference in images if reference}
    found |= {service.kind for component in estate.shipped for service in component.backing_services if not service.optional}
    found |= {managed for prefix, managed in _KINDS_OF_MANAGED.items() if estate.resources(prefix)}
    return frozenset(name for name in found if name in SAVED)


_KINDS_OF_MANAGED = {
    "aws_db_instance": "postgres", "aws_rds_cluster": "postgres", "google_sql_database_instance": "postgres", "azurerm_postgresql": "postgres",
    "azurerm_mysql": "mysql", "azurerm_mssql_database": "mssql", "aws_docdb_cluster": "mongodb", "mongodbatlas_cluster": "mongodb",
}  # fmt: skip


MANAGED = (
    "aws_db_instance",
    "aws_rds_cluster",
    "google_sql_database_instance",
    "azurerm_postgresql_flexible_server",
    "azurerm_mysql_flexible_server",
    "aws_docdb_cluster",
)


def stores(estate: Estate) -> list[Spot]:
    """Databases that are run here, by these files."""
    found = [container.spot("image") for workload in estate.workloads for container in workload.containers() if kind(container.image) in SAVED]
    found += [service.spot("image") for service in estate.deployed_compose if kind(service.image) in SAVED]
    return found + [block.spot() for block in estate.resources(*MANAGED)]
