"""Client libraries of Rust: the crate, with the feature that chooses a database where one crate speaks to several."""

from __future__ import annotations

from collections.abc import Mapping

KIND_BY_CRATE: Mapping[str, str] = {
    "tokio-postgres": "postgres", "postgres": "postgres", "deadpool-postgres": "postgres", "bb8-postgres": "postgres", "r2d2_postgres": "postgres",
    "pgvector": "postgres", "cornucopia_async": "postgres", "sqlxmq": "postgres", "mysql": "mysql", "mysql_async": "mysql", "r2d2_mysql": "mysql",
    "tiberius": "mssql", "bb8-tiberius": "mssql", "oracle": "oracle", "sibyl": "oracle", "mongodb": "mongodb", "wither": "mongodb",
    "bb8-mongodb": "mongodb", "redis": "redis", "deadpool-redis": "redis", "bb8-redis": "redis", "r2d2_redis": "redis", "fred": "redis",
    "rustis": "redis", "mobc-redis": "redis", "sidekiq": "redis", "rusty-sidekiq": "redis", "apalis-redis": "redis",
    "tower-sessions-redis-store": "redis",
    "async-session-redis": "redis", "redis_cluster_async": "redis", "redis-async": "redis", "rsmq_async": "redis", "memcache": "memcached",
    "async-memcached": "memcached", "lapin": "rabbitmq", "amqprs": "rabbitmq", "amiquip": "rabbitmq", "deadpool-lapin": "rabbitmq",
    "mobc-lapin": "rabbitmq",
    "fe2o3-amqp": "rabbitmq", "celery": "rabbitmq", "rdkafka": "kafka", "kafka": "kafka", "rskafka": "kafka", "samsa": "kafka", "async-nats": "nats",
    "nats": "nats", "nats-aflowt": "nats", "elasticsearch": "elasticsearch", "elastic": "elasticsearch", "opensearch": "opensearch",
    "neo4rs": "neo4j",
    "clickhouse": "clickhouse", "clickhouse-rs": "clickhouse", "klickhouse": "clickhouse", "scylla": "cassandra", "cdrs-tokio": "cassandra",
    "cassandra-cpp": "cassandra", "influxdb": "influxdb", "influxdb2": "influxdb", "minio": "minio", "couch_rs": "couchdb", "unreql": "rethinkdb",
    "aws-sdk-dynamodb": "dynamodb", "rusoto_dynamodb": "dynamodb", "etcd-client": "etcd", "etcd-rs": "etcd", "rs-consul": "consul",
    "consulrs": "consul",
    "zookeeper-client": "zookeeper", "zookeeper": "zookeeper", "rumqttc": "mqtt", "paho-mqtt": "mqtt", "mqtt-async-client": "mqtt",
    "ntex-mqtt": "mqtt",
    "pulsar": "pulsar", "meilisearch-sdk": "meilisearch", "typesense": "typesense", "qdrant-client": "qdrant", "weaviate-community": "weaviate",
    "milvus-sdk-rust": "milvus", "ollama-rs": "ollama", "chromadb": "chroma",
}  # fmt: skip

_BY_FEATURE: Mapping[str, str] = {
    "postgres": "postgres", "postgresql": "postgres", "postgresql_backend": "postgres", "mysql": "mysql", "mysql_backend": "mysql",
    "mariadb": "mysql",
    "mssql": "mssql", "sqlite": "sqlite", "sqlite_bundled": "sqlite", "sqlx-postgres": "postgres", "sqlx-mysql": "mysql", "sqlx-sqlite": "sqlite",
    "sqlx_postgres": "postgres", "sqlx_mysql": "mysql", "sqlx_sqlite": "sqlite", "deadpool_postgres": "postgres", "deadpool_redis": "redis",
    "mongodb": "mongodb", "diesel_postgres": "postgres", "diesel_mysql": "mysql", "diesel_postgres_pool": "postgres", "diesel_mysql_pool": "mysql",
    "diesel_sqlite_pool": "sqlite", "postgres_pool": "postgres", "memcache_pool": "memcached", "redis-store": "redis", "redis-rs": "redis",
    "redis-session": "redis", "redis-rs-session": "redis", "redis-actor-session": "redis", "redis": "redis", "redis-ts": "redis",
    "redis-tokio": "redis",
    "redis_store": "redis", "async_redis": "redis", "nats": "nats", "redis-session-rustls": "redis", "redis-session-native-tls": "redis",
}  # fmt: skip

SEVERAL = frozenset(
    (
        "sqlx", "sqlx-core", "diesel", "diesel-async", "diesel_migrations", "sea-orm", "sea-orm-migration", "rocket_db_pools", "rocket_sync_db_pools",
        "apalis", "apalis-sql", "actix-session", "tower-sessions-sqlx-store", "cached", "quaint", "rbatis", "refinery", "ormx", "fang", "welds",
        "prisma-client-rust", "graphile_worker", "casbin", "sqlx-adapter", "axum_session", "rbdc", "toasty", "loco-rs",
    )
)  # fmt: skip
"""Crates whose features name what they speak to."""
SQLITE = frozenset(("rusqlite", "libsqlite3-sys", "libsql", "tokio-rusqlite", "deadpool-sqlite", "r2d2_sqlite", "async-sqlite"))
TYPES: Mapping[str, tuple[bytes, ...]] = {
    "postgres": (b"PgPool", b"PgConnection", b"PgConnectOptions", b"sqlx::Postgres", b"AsyncPgConnection", b"sqlx::postgres", b"diesel::pg",
                 b"DatabaseBackend::Postgres", b"DbBackend::Postgres"),
    "mysql": (b"MySqlPool", b"MysqlConnection", b"MySqlConnection", b"MySqlConnectOptions", b"sqlx::MySql", b"sqlx::mysql", b"AsyncMysqlConnection",
              b"diesel::mysql"),
    "sqlite": (b"SqlitePool", b"SqliteConnection", b"SqliteConnectOptions", b"sqlx::Sqlite", b"sqlx::sqlite", b"diesel::sqlite"),
    "mssql": (b"MssqlPool",),
}  # fmt: skip
"""Names that only code for one database uses."""


def kinds(crate: str, features: frozenset[str]) -> tuple[str, ...]:
    """What a dependency is a client of; "sqlite" among them where it can be."""
    if crate in KIND_BY_CRATE:
        return (KIND_BY_CRATE[crate],)
    if crate in SQLITE:
        return ("sqlite",)
    return tuple(dict.fromkeys(_BY_FEATURE[feature] for feature in sorted(features) if feature in _BY_FEATURE)) if crate in SEVERAL else ()
