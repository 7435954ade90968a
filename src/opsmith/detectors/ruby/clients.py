"""Gems that are clients of backing services, and the adapters by which Rails, Sequel and Mongoid name them."""

from __future__ import annotations

from collections.abc import Mapping

KIND_BY_GEM: Mapping[str, str] = {
    "sidekiq": "redis", "sidekiq-pro": "redis", "resque": "redis", "redis-actionpack": "redis", "redis-rails": "redis", "redis-store": "redis",
    "redis-session-store": "redis", "kredis": "redis", "anycable-rails": "redis", "split": "redis", "rollout": "redis", "ost": "redis",
    "message_bus": "redis", "redlock": "redis", "graphql-anycable": "redis",
    "dalli": "memcached", "mongoid": "mongodb", "mongo": "mongodb", "mongo_mapper": "mongodb", "bunny": "rabbitmq", "sneakers": "rabbitmq",
    "kicks": "rabbitmq", "hutch": "rabbitmq", "march_hare": "rabbitmq", "advanced-sneakers-activejob": "rabbitmq",
    "ruby-kafka": "kafka", "rdkafka": "kafka", "karafka": "kafka", "racecar": "kafka", "waterdrop": "kafka", "delivery_boy": "kafka",
    "nats-pure": "nats", "nats": "nats", "elasticsearch": "elasticsearch", "elasticsearch-rails": "elasticsearch",
    "elasticsearch-model": "elasticsearch", "elasticsearch-persistence": "elasticsearch", "chewy": "elasticsearch",
    "opensearch-ruby": "opensearch", "opensearch-aws-sigv4": "opensearch", "neo4j": "neo4j", "activegraph": "neo4j", "neo4j-ruby-driver": "neo4j",
    "clickhouse-activerecord": "clickhouse", "click_house": "clickhouse", "cassandra-driver": "cassandra", "influxdb": "influxdb",
    "influxdb-client": "influxdb", "couchrest": "couchdb", "couchrest_model": "couchdb", "aws-sdk-dynamodb": "dynamodb", "dynamoid": "dynamodb",
    "etcdv3": "etcd", "diplomat": "consul", "zk": "zookeeper", "mqtt": "mqtt", "paho-mqtt": "mqtt", "meilisearch": "meilisearch",
    "meilisearch-rails": "meilisearch", "typesense": "typesense", "qdrant-ruby": "qdrant", "weaviate-ruby": "weaviate", "ollama-ai": "ollama",
    "pg_search": "postgres", "good_job": "postgres", "que": "postgres", "queue_classic": "postgres", "pghero": "postgres", "scenic": "postgres",
    "rethinkdb": "rethinkdb", "chroma-db": "chroma", "milvus": "milvus",
}  # fmt: skip
"""Gems that nobody lists without the service; `redis` itself, drivers of databases and search facades are looked at more closely."""

KIND_BY_DRIVER: Mapping[str, str] = {
    "pg": "postgres", "mysql2": "mysql", "trilogy": "mysql", "sqlite3": "sqlite", "tiny_tds": "mssql", "activerecord-sqlserver-adapter": "mssql",
    "activerecord-oracle_enhanced-adapter": "oracle", "ruby-oci8": "oracle", "activerecord-postgis-adapter": "postgres",
    "jdbc-postgres": "postgres", "activerecord-jdbcpostgresql-adapter": "postgres", "activerecord-jdbcmysql-adapter": "mysql",
    "jdbc-mysql": "mysql", "activerecord-jdbcsqlite3-adapter": "sqlite", "ruby-mysql": "mysql", "sequel_pg": "postgres",
}  # fmt: skip

KIND_BY_ADAPTER: Mapping[str, str] = {
    "postgresql": "postgres", "postgres": "postgres", "postgis": "postgres", "jdbcpostgresql": "postgres", "cockroachdb": "postgres",
    "mysql2": "mysql", "mysql": "mysql", "trilogy": "mysql", "jdbcmysql": "mysql", "sqlite3": "sqlite", "sqlite": "sqlite",
    "jdbcsqlite3": "sqlite", "sqlserver": "mssql", "tinytds": "mssql", "oracle_enhanced": "oracle", "makara_postgresql": "postgres",
    "postgresql_makara": "postgres", "mysql2_makara": "mysql", "seamless_database_pool": "postgres", "clickhouse": "clickhouse",
}  # fmt: skip
"""What stands under `adapter:` in config/database.yml, and before `://` in an address for Sequel."""

SEARCH = ("searchkick", "sunspot", "sunspot_rails", "pagy-searchkick")
