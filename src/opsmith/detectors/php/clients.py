"""Composer packages that are clients of backing services, and the words by which drivers are named in settings."""

from __future__ import annotations

from collections.abc import Mapping

KIND_BY_PACKAGE: Mapping[str, str] = {
    "mongodb/mongodb": "mongodb", "mongodb/laravel-mongodb": "mongodb", "jenssegers/mongodb": "mongodb", "doctrine/mongodb-odm": "mongodb",
    "doctrine/mongodb-odm-bundle": "mongodb", "php-amqplib/php-amqplib": "rabbitmq", "php-amqplib/rabbitmq-bundle": "rabbitmq",
    "vladimir-yuldashev/laravel-queue-rabbitmq": "rabbitmq", "symfony/amqp-messenger": "rabbitmq", "bunny/bunny": "rabbitmq",
    "enqueue/amqp-ext": "rabbitmq", "enqueue/amqp-lib": "rabbitmq", "predis/predis": "redis", "snc/redis-bundle": "redis",
    "symfony/redis-messenger": "redis", "laravel/horizon": "redis", "resque/php-resque": "redis", "cakephp/redis": "redis",
    "yiisoft/yii2-redis": "redis", "elasticsearch/elasticsearch": "elasticsearch", "ruflin/elastica": "elasticsearch",
    "friendsofsymfony/elastica-bundle": "elasticsearch", "matchish/laravel-scout-elasticsearch": "elasticsearch",
    "babenkoivan/elastic-scout-driver": "elasticsearch", "yiisoft/yii2-elasticsearch": "elasticsearch",
    "opensearch-project/opensearch-php": "opensearch", "meilisearch/meilisearch-php": "meilisearch", "typesense/typesense-php": "typesense",
    "laudis/neo4j-php-client": "neo4j", "smi2/phpclickhouse": "clickhouse", "influxdata/influxdb-client-php": "influxdb",
    "php-mqtt/client": "mqtt", "php-mqtt/laravel-client": "mqtt", "mateusjunges/laravel-kafka": "kafka", "arnaud-lb/php-rdkafka": "kafka",
    "longlang/phpkafka": "kafka", "nmred/kafka-php": "kafka", "basis-company/nats": "nats", "doctrine/couchdb": "couchdb",
}  # fmt: skip
"""A library that may stay unused: it counts where a setting or code speaks of the service too."""

SURE = frozenset(
    ("laravel/horizon", "mongodb/laravel-mongodb", "jenssegers/mongodb", "doctrine/mongodb-odm-bundle", "friendsofsymfony/elastica-bundle")
)

KIND_BY_DRIVER: Mapping[str, str] = {
    "mysql": "mysql", "mariadb": "mysql", "mysqli": "mysql", "pdo_mysql": "mysql", "pgsql": "postgres", "postgres": "postgres",
    "postgre": "postgres", "postgresql": "postgres", "pdo_pgsql": "postgres", "sqlsrv": "mssql", "pdo_sqlsrv": "mssql", "oci8": "oracle",
    "sqlite": "sqlite", "sqlite3": "sqlite", "pdo_sqlite": "sqlite", "mongodb": "mongodb",
}  # fmt: skip
"""What stands under `driver`, in DB_CONNECTION, and before the colon of a PDO address."""

KIND_BY_STORE: Mapping[str, str] = {
    "redis": "redis", "phpredis": "redis", "predis": "redis", "memcached": "memcached", "rabbitmq": "rabbitmq", "amqp": "rabbitmq",
    "kafka": "kafka", "mongodb": "mongodb", "meilisearch": "meilisearch", "typesense": "typesense", "elasticsearch": "elasticsearch",
    "opensearch": "opensearch", "dynamodb": "dynamodb",
}  # fmt: skip
"""What queues, caches, sessions and searches are kept in, as settings name it."""
