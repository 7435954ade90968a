"""Client libraries of Clojars and Maven Central that Clojure programs use, and the words that show their use."""

from __future__ import annotations

from collections.abc import Mapping

JDBC: Mapping[str, tuple[str, bytes]] = {
    "org.postgresql/postgresql": ("postgres", b"postgres"), "postgresql/postgresql": ("postgres", b"postgres"),
    "postgresql": ("postgres", b"postgres"), "com.impossibl.pgjdbc-ng/pgjdbc-ng": ("postgres", b"pgsql"),
    "mysql/mysql-connector-java": ("mysql", b"mysql"), "com.mysql/mysql-connector-j": ("mysql", b"mysql"),
    "org.mariadb.jdbc/mariadb-java-client": ("mysql", b"mariadb"), "com.microsoft.sqlserver/mssql-jdbc": ("mssql", b"sqlserver"),
    "com.oracle.database.jdbc/ojdbc8": ("oracle", b"oracle"), "org.xerial/sqlite-jdbc": ("sqlite", b"sqlite"),
    "com.clickhouse/clickhouse-jdbc": ("clickhouse", b"clickhouse"), "ru.yandex.clickhouse/clickhouse-jdbc": ("clickhouse", b"clickhouse"),
}  # fmt: skip
"""Drivers that a connection's text chooses; the word decides between several."""
CLIENTS: Mapping[str, tuple[str, tuple[bytes, ...]]] = {
    "com.taoensso/carmine": ("redis", (b"taoensso.carmine",)),
    "redis.clients/jedis": ("redis", (b"redis.clients",)),
    "io.lettuce/lettuce-core": ("redis", (b"io.lettuce", b"lettuce")),
    "com.novemberain/monger": ("mongodb", (b"monger.",)),
    "congomongo/congomongo": ("mongodb", (b"congomongo",)),
    "org.mongodb/mongodb-driver-sync": ("mongodb", (b"com.mongodb",)),
    "mongo-driver-3/mongo-driver-3": ("mongodb", (b"mongo-driver-3",)),
    "com.novemberain/langohr": ("rabbitmq", (b"langohr.",)),
    "com.rabbitmq/amqp-client": ("rabbitmq", (b"com.rabbitmq",)),
    "io.bunnicula/bunnicula": ("rabbitmq", (b"bunnicula",)),
    "fundingcircle/jackdaw": ("kafka", (b"jackdaw.",)),
    "org.apache.kafka/kafka-clients": ("kafka", (b"org.apache.kafka",)),
    "dvlopt/kafka": ("kafka", (b"dvlopt.kafka",)),
    "ketu/ketu": ("kafka", (b"ketu.",)),
    "clj-kafka/clj-kafka": ("kafka", (b"clj-kafka",)),
    "spootnik/kinsky": ("kafka", (b"kinsky.",)),
    "cc.qbits/spandex": ("elasticsearch", (b"qbits.spandex",)),
    "clojurewerkz/elastisch": ("elasticsearch", (b"elastisch",)),
    "mpenet/spandex": ("elasticsearch", (b"qbits.spandex",)),
    "cc.qbits/alia": ("cassandra", (b"qbits.alia",)),
    "clojurewerkz/neocons": ("neo4j", (b"neocons",)),
    "gorillalabs/neo4j-clj": ("neo4j", (b"neo4j-clj",)),
    "org.neo4j.driver/neo4j-java-driver": ("neo4j", (b"neo4j",)),
    "clojurewerkz/spyglass": ("memcached", (b"spyglass",)),
    "clojurewerkz/machine_head": ("mqtt", (b"machine-head",)),
    "io.nats/jnats": ("nats", (b"io.nats",)),
    "com.apa512/rethinkdb": ("rethinkdb", (b"rethinkdb",)),
    "com.ashafa/clutch": ("couchdb", (b"clutch",)),
    "zookeeper-clj/zookeeper-clj": ("zookeeper", (b"zookeeper",)),
    "capacitor/capacitor": ("influxdb", (b"capacitor.",)),
}  # fmt: skip
"""A library in a manifest alone is weak evidence; one of the words has to stand in the code."""
IN_PROCESS = ("com.h2database/h2", "org.hsqldb/hsqldb", "hsqldb/hsqldb")
