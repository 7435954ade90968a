"""What names give away about backing services: client libraries, URL schemes, environment variables. Facts only, no I/O.

Kinds: postgres mysql mssql oracle mongodb redis memcached rabbitmq kafka nats elasticsearch opensearch neo4j clickhouse cassandra influxdb
minio couchdb rethinkdb dynamodb etcd consul zookeeper mqtt pulsar meilisearch typesense qdrant weaviate milvus chroma ollama.
SQLite is no backing service: it is a file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise

KIND_BY_SCHEME: Mapping[str, str] = {
    "postgres": "postgres", "postgresql": "postgres", "postgis": "postgres", "pgsql": "postgres", "psql": "postgres", "cockroachdb": "postgres",
    "timescale": "postgres", "mysql": "mysql", "mysql2": "mysql", "mariadb": "mysql", "mssql": "mssql", "sqlserver": "mssql", "oracle": "oracle",
    "mongodb": "mongodb", "redis": "redis", "rediss": "redis", "valkey": "redis", "valkeys": "redis", "redis-sentinel": "redis", "sentinel": "redis",
    "rediscache": "redis", "memcached": "memcached", "memcache": "memcached", "pymemcache": "memcached", "pylibmc": "memcached",
    "amqp": "rabbitmq", "amqps": "rabbitmq", "pyamqp": "rabbitmq", "rabbitmq": "rabbitmq", "confluentkafka": "kafka", "kafka": "kafka",
    "nats": "nats", "neo4j": "neo4j", "neo4js": "neo4j", "bolt": "neo4j", "elasticsearch": "elasticsearch", "elasticsearch2": "elasticsearch",
    "elasticsearch5": "elasticsearch", "elasticsearch7": "elasticsearch", "opensearch": "opensearch", "clickhouse": "clickhouse",
    "clickhousedb": "clickhouse", "cassandra": "cassandra", "influxdb": "influxdb", "couchdb": "couchdb", "etcd": "etcd", "mqtt": "mqtt",
    "mqtts": "mqtt", "pulsar": "pulsar", "zookeeper": "zookeeper", "consul": "consul",
}  # fmt: skip
"""By the part of a URL before `://`, without a driver suffix (`postgresql+psycopg2` and `mongodb+srv` are cut at the plus)."""
_PYTHON = {
    "psycopg": "postgres", "psycopg2": "postgres", "psycopg2-binary": "postgres", "psycopg-binary": "postgres", "asyncpg": "postgres",
    "aiopg": "postgres", "pg8000": "postgres", "psycopg2cffi": "postgres", "psycopg-pool": "postgres", "pgvector": "postgres",
    "langchain-postgres": "postgres", "mysqlclient": "mysql", "pymysql": "mysql", "aiomysql": "mysql", "asyncmy": "mysql",
    "mysql-connector-python": "mysql", "mysql-connector": "mysql", "mariadb": "mysql", "pyodbc": "mssql", "pymssql": "mssql",
    "mssql-django": "mssql", "aioodbc": "mssql", "cx-oracle": "oracle", "oracledb": "oracle", "pymongo": "mongodb", "motor": "mongodb",
    "mongoengine": "mongodb", "flask-mongoengine": "mongodb", "flask-pymongo": "mongodb", "beanie": "mongodb", "odmantic": "mongodb",
    "umongo": "mongodb", "djongo": "mongodb", "django-mongodb-backend": "mongodb", "redis": "redis", "hiredis": "redis", "aioredis": "redis",
    "django-redis": "redis", "channels-redis": "redis", "flask-redis": "redis", "redis-om": "redis", "rq": "redis", "django-rq": "redis",
    "arq": "redis", "valkey": "redis", "coredis": "redis", "walrus": "redis", "huey": "redis", "fastapi-limiter": "redis",
    "taskiq-redis": "redis", "langchain-redis": "redis", "pymemcache": "memcached", "pylibmc": "memcached", "python-memcached": "memcached",
    "aiomcache": "memcached", "pika": "rabbitmq", "aio-pika": "rabbitmq", "amqp": "rabbitmq", "amqpstorm": "rabbitmq", "aiormq": "rabbitmq",
    "librabbitmq": "rabbitmq", "taskiq-aio-pika": "rabbitmq", "aiokafka": "kafka", "kafka-python": "kafka", "kafka-python-ng": "kafka",
    "confluent-kafka": "kafka", "faust": "kafka", "faust-streaming": "kafka", "quixstreams": "kafka", "nats-py": "nats",
    "elasticsearch": "elasticsearch", "elasticsearch-dsl": "elasticsearch", "django-elasticsearch-dsl": "elasticsearch",
    "langchain-elasticsearch": "elasticsearch", "elasticsearch7": "elasticsearch", "elasticsearch8": "elasticsearch",
    "opensearch-py": "opensearch", "opensearch-dsl": "opensearch", "neo4j": "neo4j", "py2neo": "neo4j", "neomodel": "neo4j",
    "langchain-neo4j": "neo4j", "clickhouse-driver": "clickhouse", "clickhouse-connect": "clickhouse", "clickhouse-sqlalchemy": "clickhouse",
    "asynch": "clickhouse", "cassandra-driver": "cassandra", "scylla-driver": "cassandra", "influxdb": "influxdb", "influxdb-client": "influxdb",
    "influxdb3-python": "influxdb", "minio": "minio", "couchdb": "couchdb", "rethinkdb": "rethinkdb", "python-etcd": "etcd", "etcd3": "etcd",
    "python-consul": "consul", "kazoo": "zookeeper", "paho-mqtt": "mqtt", "aiomqtt": "mqtt", "asyncio-mqtt": "mqtt", "flask-mqtt": "mqtt",
    "pulsar-client": "pulsar", "meilisearch": "meilisearch", "meilisearch-python-sdk": "meilisearch", "typesense": "typesense",
    "qdrant-client": "qdrant", "langchain-qdrant": "qdrant", "weaviate-client": "weaviate", "langchain-weaviate": "weaviate",
    "pymilvus": "milvus", "langchain-milvus": "milvus", "ollama": "ollama", "langchain-ollama": "ollama",
}  # fmt: skip

_NODE = {
    "pg": "postgres", "pg-promise": "postgres", "postgres": "postgres", "pg-pool": "postgres", "pg-boss": "postgres", "slonik": "postgres",
    "@prisma/adapter-pg": "postgres", "@vercel/postgres": "postgres", "@mikro-orm/postgresql": "postgres", "connect-pg-simple": "postgres",
    "@fastify/postgres": "postgres", "graphile-worker": "postgres", "postgraphile": "postgres", "pg-native": "postgres",
    "mysql": "mysql", "mysql2": "mysql", "mariadb": "mysql", "@mikro-orm/mysql": "mysql", "@mikro-orm/mariadb": "mysql",
    "@prisma/adapter-mariadb": "mysql", "@fastify/mysql": "mysql", "tedious": "mssql", "mssql": "mssql", "oracledb": "oracle",
    "mongodb": "mongodb", "mongoose": "mongodb", "mongoist": "mongodb", "@nestjs/mongoose": "mongodb", "connect-mongo": "mongodb",
    "@fastify/mongodb": "mongodb", "@mikro-orm/mongodb": "mongodb", "agenda": "mongodb", "@typegoose/typegoose": "mongodb",
    "redis": "redis", "@redis/client": "redis", "ioredis": "redis", "ioredis-xyz": "redis", "iovalkey": "redis", "@valkey/valkey-glide": "redis",
    "bull": "redis", "bullmq": "redis", "@nestjs/bull": "redis", "@nestjs/bullmq": "redis", "bee-queue": "redis", "connect-redis": "redis",
    "@fastify/redis": "redis", "@keyv/redis": "redis", "keyv-redis": "redis", "cache-manager-redis-store": "redis", "cache-manager-ioredis": "redis",
    "cache-manager-redis-yet": "redis", "rate-limit-redis": "redis", "@socket.io/redis-adapter": "redis", "socket.io-redis": "redis",
    "@liaoliaots/nestjs-redis": "redis", "@nestjs-modules/ioredis": "redis", "memcached": "memcached", "memjs": "memcached",
    "amqplib": "rabbitmq", "amqp": "rabbitmq", "amqp-connection-manager": "rabbitmq", "@golevelup/nestjs-rabbitmq": "rabbitmq",
    "rabbitmq-client": "rabbitmq", "@cloudamqp/amqp-client": "rabbitmq", "rascal": "rabbitmq", "kafkajs": "kafka", "node-rdkafka": "kafka",
    "kafka-node": "kafka", "@confluentinc/kafka-javascript": "kafka", "@platformatic/kafka": "kafka", "nats": "nats",
    "@nats-io/transport-node": "nats", "@nats-io/jetstream": "nats", "@elastic/elasticsearch": "elasticsearch", "elasticsearch": "elasticsearch",
    "@nestjs/elasticsearch": "elasticsearch", "@opensearch-project/opensearch": "opensearch", "neo4j-driver": "neo4j", "@neo4j/graphql": "neo4j",
    "@clickhouse/client": "clickhouse", "clickhouse": "clickhouse", "cassandra-driver": "cassandra", "influx": "influxdb",
    "@influxdata/influxdb-client": "influxdb", "minio": "minio", "nestjs-minio-client": "minio", "nano": "couchdb", "rethinkdb": "rethinkdb",
    "rethinkdbdash": "rethinkdb", "etcd3": "etcd", "consul": "consul", "node-zookeeper-client": "zookeeper", "mqtt": "mqtt",
    "async-mqtt": "mqtt", "pulsar-client": "pulsar", "meilisearch": "meilisearch", "typesense": "typesense",
    "@qdrant/js-client-rest": "qdrant", "weaviate-ts-client": "weaviate", "weaviate-client": "weaviate", "@zilliz/milvus2-sdk-node": "milvus",
    "chromadb": "chroma", "ollama": "ollama",
}  # fmt: skip

_GO = {
    "github.com/lib/pq": "postgres", "github.com/jackc/pgx": "postgres", "github.com/go-pg/pg": "postgres", "gorm.io/driver/postgres": "postgres",
    "github.com/uptrace/bun/driver/pgdriver": "postgres", "github.com/jackc/pgconn": "postgres", "github.com/riverqueue/river": "postgres",
    "entgo.io/ent/dialect/postgres": "postgres", "github.com/jinzhu/gorm/dialects/postgres": "postgres",
    "github.com/golang-migrate/migrate/v4/database/postgres": "postgres", "github.com/go-sql-driver/mysql": "mysql",
    "gorm.io/driver/mysql": "mysql", "github.com/jinzhu/gorm/dialects/mysql": "mysql", "github.com/go-mysql-org/go-mysql": "mysql",
    "github.com/golang-migrate/migrate/v4/database/mysql": "mysql", "github.com/denisenkom/go-mssqldb": "mssql",
    "github.com/microsoft/go-mssqldb": "mssql", "gorm.io/driver/sqlserver": "mssql", "github.com/godror/godror": "oracle",
    "github.com/sijms/go-ora": "oracle", "go.mongodb.org/mongo-driver": "mongodb", "gopkg.in/mgo.v2": "mongodb",
    "github.com/globalsign/mgo": "mongodb",
    "github.com/redis/go-redis": "redis", "github.com/go-redis/redis": "redis", "github.com/gomodule/redigo": "redis",
    "github.com/garyburd/redigo": "redis", "github.com/redis/rueidis": "redis", "github.com/valkey-io/valkey-go": "redis",
    "github.com/hibiken/asynq": "redis", "github.com/gocraft/work": "redis", "github.com/mediocregopher/radix": "redis",
    "github.com/bradfitz/gomemcache": "memcached", "github.com/streadway/amqp": "rabbitmq", "github.com/rabbitmq/amqp091-go": "rabbitmq",
    "github.com/wagslane/go-rabbitmq": "rabbitmq", "github.com/ThreeDotsLabs/watermill-amqp": "rabbitmq", "github.com/segmentio/kafka-go": "kafka",
    "github.com/Shopify/sarama": "kafka", "github.com/IBM/sarama": "kafka", "github.com/confluentinc/confluent-kafka-go": "kafka",
    "github.com/twmb/franz-go": "kafka", "github.com/ThreeDotsLabs/watermill-kafka": "kafka", "github.com/nats-io/nats.go": "nats",
    "github.com/nats-io/stan.go": "nats", "github.com/elastic/go-elasticsearch": "elasticsearch", "github.com/olivere/elastic": "elasticsearch",
    "github.com/opensearch-project/opensearch-go": "opensearch", "github.com/neo4j/neo4j-go-driver": "neo4j",
    "github.com/ClickHouse/clickhouse-go": "clickhouse", "gorm.io/driver/clickhouse": "clickhouse", "github.com/gocql/gocql": "cassandra",
    "github.com/apache/cassandra-gocql-driver": "cassandra", "github.com/scylladb/gocqlx": "cassandra",
    "github.com/influxdata/influxdb-client-go": "influxdb", "github.com/minio/minio-go": "minio", "github.com/go-kivik/kivik": "couchdb",
    "gopkg.in/rethinkdb/rethinkdb-go.v6": "rethinkdb", "go.etcd.io/etcd/client": "etcd", "go.etcd.io/etcd/clientv3": "etcd",
    "github.com/hashicorp/consul/api": "consul", "github.com/go-zookeeper/zk": "zookeeper", "github.com/eclipse/paho.mqtt.golang": "mqtt",
    "github.com/apache/pulsar-client-go": "pulsar", "github.com/meilisearch/meilisearch-go": "meilisearch",
    "github.com/typesense/typesense-go": "typesense", "github.com/qdrant/go-client": "qdrant",
    "github.com/weaviate/weaviate-go-client": "weaviate", "github.com/milvus-io/milvus-sdk-go": "milvus", "github.com/ollama/ollama/api": "ollama",
}  # fmt: skip

KIND_BY_PACKAGE: Mapping[str, Mapping[str, str]] = {"python": _PYTHON, "node": _NODE, "go": _GO}
"""Client libraries per ecosystem. Python names are normalised (lower case, dashes); Go paths stand without their /vN suffix.

A library in a manifest alone is weak evidence: drivers are often listed as alternatives. Its import in code that is no test counts.
"""


def kind_of_package(ecosystem: str, name: str) -> str | None:
    """The kind that `name` is a client of. For Go an import path may continue below the module (`.../v9/maintnotifications`)."""
    table = KIND_BY_PACKAGE[ecosystem]
    if ecosystem == "python":
        return table.get(re.sub(r"[-_.]+", "-", name).lower())
    if ecosystem != "go" or name in table:
        return table.get(name)
    parts = [part for part in name.split("/") if not re.fullmatch(r"v\d+", part)]
    return next((table[path] for size in range(len(parts), 1, -1) if (path := "/".join(parts[:size])) in table), None)


def kind_of_url(value: str) -> str | None:
    """The kind that a connection URL speaks of, by its scheme; None for http, files, SQLite and what is no URL."""
    scheme, separator, _ = value.strip().lower().partition("://")
    base = scheme.removeprefix("jdbc:").partition("+")[0]
    return KIND_BY_SCHEME.get(base) if separator else None


_KIND_BY_WORD: Mapping[str, str] = {
    "POSTGRES": "postgres", "POSTGRESQL": "postgres", "PG": "postgres", "PGSQL": "postgres", "PGHOST": "postgres", "PGPORT": "postgres",
    "PGUSER": "postgres", "PGPASSWORD": "postgres", "PGDATABASE": "postgres", "PSQL": "postgres", "MYSQL": "mysql", "MARIADB": "mysql",
    "MSSQL": "mssql", "SQLSERVER": "mssql", "MONGO": "mongodb", "MONGODB": "mongodb", "MONGOOSE": "mongodb", "REDIS": "redis", "REDISHOST": "redis",
    "VALKEY": "redis", "MEMCACHED": "memcached", "MEMCACHE": "memcached", "RABBITMQ": "rabbitmq", "RABBIT": "rabbitmq", "AMQP": "rabbitmq",
    "CLOUDAMQP": "rabbitmq", "KAFKA": "kafka", "NATS": "nats", "ELASTICSEARCH": "elasticsearch", "ELASTIC": "elasticsearch",
    "OPENSEARCH": "opensearch", "NEO4J": "neo4j", "CLICKHOUSE": "clickhouse", "CASSANDRA": "cassandra", "INFLUXDB": "influxdb",
    "INFLUX": "influxdb", "MINIO": "minio", "COUCHDB": "couchdb", "ETCD": "etcd", "MQTT": "mqtt", "PULSAR": "pulsar",
    "MEILISEARCH": "meilisearch", "MEILI": "meilisearch", "TYPESENSE": "typesense", "QDRANT": "qdrant", "WEAVIATE": "weaviate",
    "MILVUS": "milvus", "OLLAMA": "ollama",
}  # fmt: skip


def kind_of_env(name: str) -> str | None:
    """The kind that an environment variable's name speaks of (`REDIS_HOST`, `APP_POSTGRES_URL`, `PGHOST`); None when it does not say."""
    if name.startswith(("ELASTIC_APM", "OTEL_")):
        return None
    return next((_KIND_BY_WORD[word] for word in _words(name) if word in _KIND_BY_WORD), None)


_SECRET_WORDS = frozenset(
    (
        "PASSWORD",
        "PASSWD",
        "PASSPHRASE",
        "PASS",
        "PWD",
        "SECRET",
        "SECRETS",
        "TOKEN",
        "APIKEY",
        "CREDENTIAL",
        "CREDENTIALS",
        "DSN",
        "PGPASSWORD",
        "SALT",
    )
)
_SECRET_PAIRS = frozenset(
    f"{first} KEY"
    for first in (
        "API",
        "PRIVATE",
        "ACCESS",
        "SECRET",
        "ENCRYPTION",
        "SIGNING",
        "MASTER",
        "ACCOUNT",
        "APP",
        "AUTH",
        "JWT",
        "HMAC",
        "LICENSE",
        "SERVICE",
    )
)
_NOT_SECRET_WORDS = frozenset(
    (
        "EXPIRE", "EXPIRES", "EXPIRY", "EXPIRATION", "LIFETIME", "TTL", "TIMEOUT", "MIN", "MAX", "ROUNDS", "ALGORITHM", "ALG", "ENABLED", "ENABLE",
        "DISABLED", "DISABLE", "PUBLIC", "PUBLISHABLE", "RESET", "HASHERS", "VALIDATORS", "REQUIRED", "ALLOW", "USE", "POLICY", "THRESHOLD",
    )
)  # fmt: skip
"""Wherever one of these stands, the name speaks of how something is handled."""
_SETTING_ENDINGS = frozenset(
    (
        "LIMIT", "MS", "MILLISECONDS", "SECS", "SECONDS", "MINUTES", "HOURS", "DAYS", "WEEKS", "AGE", "DURATION", "INTERVAL", "DELAY", "PERIOD",
        "WINDOW", "LEEWAY", "LENGTH", "BYTES", "SIZE", "COUNT", "ATTEMPTS", "RETRIES", "ITERATIONS", "STRENGTH", "COST", "HEADER", "HEADERS", "NAME",
        "NAMES", "FIELD", "PREFIX", "SUFFIX", "TYPE", "TYPES", "FORMAT", "MODE", "STRATEGY", "BACKEND", "PROVIDER", "DRIVER", "CLASS", "PATH",
        "PATHS", "FILE", "FILENAME", "FILES", "DIR", "DIRECTORY", "FOLDER", "ISSUER", "AUDIENCE", "SCOPE", "SCOPES", "REGION", "DOMAIN", "NAMESPACE",
        "VERSION", "ENDPOINT", "URL", "URI", "HOST", "PORT", "REALM", "LEVEL", "AT", "IN",
    )
)  # fmt: skip
"""What the last word of a setting about a secret is (SECRET_NAME); further in front the same word says nothing (FILE_ENCRYPTION_KEY)."""
_PLAIN = re.compile(r"(?i)true|false|yes|no|on|off|\d+(?:\.\d+)?\s*(?:ms|s|m|h|d|w|(?:milli)?sec(?:ond)?s?|min(?:ute)?s?|hours?|days?|weeks?)")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_URL_WITH_PASSWORD = re.compile(r"://[^/@:\s]*:[^/@\s]+@")
_ADDRESS_WORDS = frozenset(("URL", "URI", "DSN", "CONNECTION", "CONN"))
_CREDENTIAL_KINDS = frozenset(("postgres", "mysql", "mssql", "oracle", "mongodb", "redis", "rabbitmq", "clickhouse"))


def is_secret(name: str, default: str | None = None) -> bool:
    """Whether the value of an environment variable named so has to be kept secret: passwords, tokens, keys, addresses that carry them.

    A `default` that is a switch, a number or a duration tells of a setting, one that carries a password of a secret.
    """
    if default and _URL_WITH_PASSWORD.search(default):
        return True
    words = _words(name)
    if not words or _NOT_SECRET_WORDS & set(words):
        return False
    if _is_connection_address(words):
        return True
    return words[-1] not in _SETTING_ENDINGS and _speaks_of_secret(words) and not _is_plain(words, default or "")


def _speaks_of_secret(words: list[str]) -> bool:
    pairs = {f"{first} {second}" for first, second in pairwise(words)}
    return bool(_SECRET_WORDS & set(words)) or bool(_SECRET_PAIRS & pairs)


def _is_plain(words: list[str], default: str) -> bool:
    """A number can be somebody's password, where the name ends in the secret itself."""
    if _NUMBER.fullmatch(default):
        return words[-1] not in _SECRET_WORDS and " ".join(words[-2:]) not in _SECRET_PAIRS
    return _PLAIN.fullmatch(default) is not None


def _is_connection_address(words: list[str]) -> bool:
    if not _ADDRESS_WORDS & set(words):
        return False
    return bool({"DATABASE", "DB", "BROKER", "SQLALCHEMY"} & set(words)) or any(_KIND_BY_WORD.get(word) in _CREDENTIAL_KINDS for word in words)


def _words(name: str) -> list[str]:
    """`appMongoUrl` and `APP_MONGO_URL` alike."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name)
    return [word for word in re.split(r"[^A-Za-z0-9]+", spaced.upper()) if word]
