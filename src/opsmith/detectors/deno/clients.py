"""Client libraries written for Deno. What comes from npm is known by the table for Node."""

from __future__ import annotations

from collections.abc import Mapping

from opsmith.detectors.services import KIND_BY_PACKAGE

_DENO: Mapping[str, str] = {
    "x/postgres": "postgres", "x/postgresjs": "postgres", "@db/postgres": "postgres", "@bartlomieju/postgres": "postgres",
    "x/postgres_deno": "postgres", "x/postgrespool": "postgres",
    "x/mysql": "mysql", "@db/mysql": "mysql", "x/mysql2": "mysql",
    "x/mongo": "mongodb", "@db/mongo": "mongodb",
    "x/redis": "redis", "@db/redis": "redis", "@iuioiua/redis": "redis", "x/r2d2": "redis", "@iuioiua/r2d2": "redis",
    "x/amqp": "rabbitmq", "@nats-io/transport-deno": "nats", "x/nats": "nats", "x/kafka": "kafka",
    "x/memcached": "memcached", "x/couchdb": "couchdb", "x/elasticsearch": "elasticsearch", "x/neo4j": "neo4j", "x/s3": "minio",
    "x/sqlite": "sqlite", "x/sqlite3": "sqlite", "@db/sqlite": "sqlite", "better-sqlite3": "sqlite", "node:sqlite": "sqlite", "sqlite3": "sqlite",
}  # fmt: skip
WORDS = (
    b"postgres", b"mysql", b"maria", b"mongo", b"redis", b"r2d2", b"valkey", b"amqp", b"rabbit", b"nats", b"kafka", b"memcache", b"couch", b"nano",
    b"elastic", b"opensearch", b"neo4j", b"sqlite", b"npm:", b"esm.sh", b'"pg', b"'pg", b"typeorm", b"minio", b"qdrant", b"typesense", b"meili",
    b"/s3", b"mssql", b"tedious", b"oracledb", b"cassandra", b"influx", b"clickhouse", b"bullmq", b"mqtt", b"etcd", b"milvus", b"chroma", b"ollama",
)  # fmt: skip
"""What stands in every file that imports one of them."""


def kind_of(package: str) -> str | None:
    return _DENO.get(package) or KIND_BY_PACKAGE["node"].get(package)
