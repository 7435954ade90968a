"""What is known of each backing service: its image, port, files, credentials and how it says that it is ready.

Sources: the engines' own image documentation (Docker Official Images) as of the date in pins.toml.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """One kind of backing service.

    In `environment`, `arguments` and `url`, ${PASSWORD} stands for its password, ${NAME} for the host name, ${USER} and ${DATABASE} for
    what `user_name` and `database` say. `health` runs inside the container.
    """

    kind: str
    image: str
    """Image name without tag; the tag is the newest pinned one unless a version is told."""
    port: int
    user: int
    url: str
    health: tuple[str, ...]
    environment: Mapping[str, str]
    arguments: tuple[str, ...] = ()
    data_path: str | None = None
    user_name: str | None = None
    database: str | None = None
    password: bool = True
    writable: tuple[str, ...] = ("/tmp",)  # noqa: S108  # a mount point in a container
    memory: tuple[str, str] = ("256Mi", "512Mi")


ENGINES: Mapping[str, Engine] = {
    engine.kind: engine
    for engine in (
        Engine(
            kind="postgres", image="postgres", port=5432, user=70, user_name="app", database="app",
            url="postgresql://${USER}:${PASSWORD}@${NAME}:5432/${DATABASE}",
            environment={
                "POSTGRES_USER": "${USER}", "POSTGRES_DB": "${DATABASE}", "POSTGRES_PASSWORD": "${PASSWORD}",
                "PGDATA": "/var/lib/postgresql/data/pgdata",
            },
            health=("pg_isready", "--username=app", "--dbname=app"),
            data_path="/var/lib/postgresql/data", writable=("/tmp", "/var/run/postgresql"),  # noqa: S108
        ),
        Engine(
            kind="mysql", image="mysql", port=3306, user=999, user_name="app", database="app",
            url="mysql://${USER}:${PASSWORD}@${NAME}:3306/${DATABASE}",
            environment={
                "MYSQL_USER": "${USER}", "MYSQL_DATABASE": "${DATABASE}", "MYSQL_PASSWORD": "${PASSWORD}", "MYSQL_RANDOM_ROOT_PASSWORD": "yes",
            },
            health=("mysqladmin", "ping", "--host=127.0.0.1", "--silent"),
            data_path="/var/lib/mysql", writable=("/tmp", "/var/run/mysqld", "/var/lib/mysql-files"), memory=("512Mi", "1Gi"),  # noqa: S108
        ),
        Engine(
            kind="mariadb", image="mariadb", port=3306, user=999, user_name="app", database="app",
            url="mysql://${USER}:${PASSWORD}@${NAME}:3306/${DATABASE}",
            environment={
                "MARIADB_USER": "${USER}", "MARIADB_DATABASE": "${DATABASE}", "MARIADB_PASSWORD": "${PASSWORD}",
                "MARIADB_RANDOM_ROOT_PASSWORD": "yes",
            },
            health=("healthcheck.sh", "--connect", "--innodb_initialized"),
            data_path="/var/lib/mysql", writable=("/tmp", "/run/mysqld"),  # noqa: S108
        ),
        Engine(
            kind="mongodb", image="mongo", port=27017, user=999, user_name="app", database="app",
            url="mongodb://${USER}:${PASSWORD}@${NAME}:27017/${DATABASE}?authSource=admin",
            environment={
                "MONGO_INITDB_ROOT_USERNAME": "${USER}", "MONGO_INITDB_ROOT_PASSWORD": "${PASSWORD}", "MONGO_INITDB_DATABASE": "${DATABASE}",
            },
            health=("mongosh", "--quiet", "--eval", "quit(db.adminCommand({ ping: 1 }).ok ? 0 : 1)"),
            data_path="/data/db", writable=("/tmp", "/data/configdb"), memory=("512Mi", "1Gi"),  # noqa: S108
        ),
        Engine(
            kind="redis", image="redis", port=6379, user=999,
            url="redis://:${PASSWORD}@${NAME}:6379/0",
            environment={"REDISCLI_AUTH": "${PASSWORD}"},
            arguments=("redis-server", "--appendonly", "yes", "--requirepass", "${PASSWORD}"),
            health=("redis-cli", "ping"), data_path="/data", memory=("128Mi", "256Mi"),
        ),
        Engine(
            kind="rabbitmq", image="rabbitmq", port=5672, user=100, user_name="app",
            url="amqp://${USER}:${PASSWORD}@${NAME}:5672/",
            environment={"RABBITMQ_DEFAULT_USER": "${USER}", "RABBITMQ_DEFAULT_PASS": "${PASSWORD}"},
            health=("rabbitmq-diagnostics", "--quiet", "ping"), data_path="/var/lib/rabbitmq", memory=("256Mi", "1Gi"),
        ),
        Engine(
            kind="memcached", image="memcached", port=11211, user=11211, url="${NAME}:11211", environment={}, password=False,
            health=("sh", "-c", "echo version | nc -w 2 127.0.0.1 11211 | grep -q VERSION"), memory=("96Mi", "128Mi"),
        ),
        Engine(
            kind="elasticsearch", image="elasticsearch", port=9200, user=1000, user_name="elastic",
            url="http://${USER}:${PASSWORD}@${NAME}:9200",
            environment={
                "discovery.type": "single-node", "xpack.security.http.ssl.enabled": "false", "ELASTIC_PASSWORD": "${PASSWORD}",
                "ES_JAVA_OPTS": "-Xms512m -Xmx512m",
            },
            health=("sh", "-c", 'curl -fsS -u "elastic:$ELASTIC_PASSWORD" http://127.0.0.1:9200/_cluster/health'),
            data_path="/usr/share/elasticsearch/data", memory=("1Gi", "2Gi"),
            writable=("/tmp", "/usr/share/elasticsearch/logs", "/usr/share/elasticsearch/config"),  # noqa: S108
        ),
        Engine(
            kind="neo4j", image="neo4j", port=7687, user=7474, user_name="neo4j", database="neo4j", url="bolt://${NAME}:7687",
            environment={"NEO4J_AUTH": "neo4j/${PASSWORD}"},
            health=("wget", "--quiet", "--tries=1", "--spider", "http://127.0.0.1:7474"),
            data_path="/data", writable=("/tmp", "/logs", "/var/lib/neo4j/conf", "/var/lib/neo4j/run"), memory=("1Gi", "2Gi"),  # noqa: S108
        ),
        Engine(
            kind="nats", image="nats", port=4222, user=1000, url="nats://${NAME}:4222", environment={}, password=False,
            arguments=("--http_port", "8222"), health=("wget", "--quiet", "--tries=1", "--spider", "http://127.0.0.1:8222/healthz"),
            memory=("64Mi", "128Mi"),
        ),
        Engine(
            kind="minio", image="minio/minio", port=9000, user=1000, user_name="app", url="http://${NAME}:9000",
            environment={"MINIO_ROOT_USER": "${USER}", "MINIO_ROOT_PASSWORD": "${PASSWORD}"},
            arguments=("server", "/data"), health=("mc", "ready", "local"), data_path="/data",
        ),
        Engine(
            kind="ollama", image="ollama/ollama", port=11434, user=1000, url="http://${NAME}:11434", environment={"HOME": "/data"},
            password=False, health=("ollama", "list"), data_path="/data", memory=("2Gi", "8Gi"),
        ),
    )
}  # fmt: skip
"""By kind. A kind that is not here is always external: a person tells its address."""
