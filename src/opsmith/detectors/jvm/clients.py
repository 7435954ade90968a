"""Which backing service a library is a client of."""

from __future__ import annotations

from collections.abc import Mapping

SQL = frozenset(("postgres", "mysql", "mssql", "oracle", "clickhouse"))

EMBEDDED = ("com.h2database:", "org.hsqldb:", "org.apache.derby:", "org.xerial:sqlite-jdbc", "io.r2dbc:r2dbc-h2", "hsqldb:",
"io.quarkus:quarkus-jdbc-h2",
            "io.quarkus:quarkus-jdbc-derby")  # fmt: skip
"""Databases that live in the process or in a file."""

DRIVERS: Mapping[str, str] = {
    "org.postgresql:postgresql": "postgres", "postgresql:postgresql": "postgres", "org.postgresql:r2dbc-postgresql": "postgres",
    "io.r2dbc:r2dbc-postgresql": "postgres", "com.impossibl.pgjdbc-ng:": "postgres", "io.vertx:vertx-pg-client": "postgres",
    "io.quarkus:quarkus-jdbc-postgresql": "postgres", "io.quarkus:quarkus-reactive-pg-client": "postgres",
    "com.github.jasync-sql:jasync-postgresql": "postgres",
    "io.zonky.test": "", "app.cash.sqldelight:postgresql": "",
    "mysql:mysql-connector": "mysql", "com.mysql:mysql-connector": "mysql", "org.mariadb.jdbc:": "mysql", "org.mariadb:r2dbc-mariadb": "mysql",
    "dev.miku:r2dbc-mysql": "mysql", "io.asyncer:r2dbc-mysql": "mysql", "io.vertx:vertx-mysql-client": "mysql",
    "io.quarkus:quarkus-jdbc-mysql": "mysql",
    "io.quarkus:quarkus-jdbc-mariadb": "mysql", "io.quarkus:quarkus-reactive-mysql-client": "mysql", "com.github.jasync-sql:jasync-mysql": "mysql",
    "com.microsoft.sqlserver:": "mssql", "io.r2dbc:r2dbc-mssql": "mssql", "net.sourceforge.jtds:": "mssql", "io.quarkus:quarkus-jdbc-mssql": "mssql",
    "com.oracle.database.jdbc:": "oracle", "com.oracle.ojdbc:": "oracle", "com.oracle:ojdbc": "oracle", "io.quarkus:quarkus-jdbc-oracle": "oracle",
    "com.clickhouse:": "clickhouse", "ru.yandex.clickhouse:": "clickhouse",
}  # fmt: skip
"""JDBC, R2DBC and reactive drivers, by the beginning of `group:name`."""

CLIENTS: Mapping[str, str] = {
    "org.springframework.boot:spring-boot-starter-data-mongodb": "mongodb", "org.mongodb:mongodb-driver": "mongodb",
    "org.mongodb:mongo-java-driver": "mongodb", "org.litote.kmongo:": "mongodb", "io.quarkus:quarkus-mongodb": "mongodb",
    "io.micronaut.mongodb:": "mongodb", "io.vertx:vertx-mongo-client": "mongodb", "dev.morphia.morphia:": "mongodb",
    "org.springframework.data:spring-data-mongodb": "mongodb", "org.springframework.boot:spring-boot-starter-mongodb": "mongodb",
    "org.springframework.boot:spring-boot-starter-data-redis": "redis", "org.springframework.boot:spring-boot-starter-redis": "redis",
    "redis.clients:jedis": "redis", "io.lettuce:lettuce": "redis", "org.redisson:": "redis", "io.quarkus:quarkus-redis": "redis",
    "io.micronaut.redis:": "redis", "io.vertx:vertx-redis-client": "redis", "org.springframework.session:spring-session-data-redis": "redis",
    "org.springframework.data:spring-data-redis": "redis", "io.github.crackthecodeabhi:kreds": "redis", "io.github.domgew:kedis": "redis",
    "org.springframework.kafka:": "kafka", "org.springframework.boot:spring-boot-starter-kafka": "kafka", "org.apache.kafka:kafka-clients": "kafka",
    "org.apache.kafka:kafka-streams": "kafka", "io.quarkus:quarkus-kafka": "kafka", "io.quarkus:quarkus-messaging-kafka": "kafka",
    "io.quarkus:quarkus-smallrye-reactive-messaging-kafka": "kafka", "io.micronaut.kafka:": "kafka",
    "org.springframework.cloud:spring-cloud-starter-stream-kafka": "kafka", "org.springframework.cloud:spring-cloud-stream-binder-kafka": "kafka",
    "io.projectreactor.kafka:": "kafka", "io.vertx:vertx-kafka-client": "kafka", "io.github.nomisrev:kotlin-kafka": "kafka",
    "org.springframework.boot:spring-boot-starter-amqp": "rabbitmq", "org.springframework.boot:spring-boot-starter-rabbitmq": "rabbitmq",
    "org.springframework.amqp:": "rabbitmq", "com.rabbitmq:amqp-client": "rabbitmq", "io.quarkus:quarkus-messaging-rabbitmq": "rabbitmq",
    "io.quarkus:quarkus-smallrye-reactive-messaging-rabbitmq": "rabbitmq", "io.micronaut.rabbitmq:": "rabbitmq",
    "org.springframework.cloud:spring-cloud-starter-stream-rabbit": "rabbitmq",
    "org.springframework.cloud:spring-cloud-stream-binder-rabbit": "rabbitmq",
    "org.springframework.cloud:spring-cloud-starter-bus-amqp": "rabbitmq", "org.springframework.cloud:spring-cloud-starter-bus-kafka": "kafka",
    "org.springframework.boot:spring-boot-starter-data-elasticsearch": "elasticsearch",
    "org.springframework.boot:spring-boot-starter-elasticsearch": "elasticsearch",
    "co.elastic.clients:": "elasticsearch", "org.elasticsearch.client:": "elasticsearch", "io.quarkus:quarkus-elasticsearch": "elasticsearch",
    "io.quarkus:quarkus-hibernate-search-orm-elasticsearch": "elasticsearch", "io.micronaut.elasticsearch:": "elasticsearch",
    "org.opensearch.client:": "opensearch", "org.springframework.boot:spring-boot-starter-data-neo4j": "neo4j", "org.neo4j.driver:": "neo4j",
    "io.quarkus:quarkus-neo4j": "neo4j", "org.springframework.boot:spring-boot-starter-data-cassandra": "cassandra",
    "com.datastax.oss:": "cassandra", "com.datastax.cassandra:": "cassandra", "org.apache.cassandra:java-driver": "cassandra",
    "io.quarkus:quarkus-cassandra": "cassandra", "com.datastax.oss.quarkus:": "cassandra", "io.micronaut.cassandra:": "cassandra",
    "com.influxdb:": "influxdb", "org.influxdb:": "influxdb", "io.minio:minio": "minio",
    "org.springframework.boot:spring-boot-starter-data-couchbase": "couchbase",
    "com.couchbase.client:": "couchbase", "io.nats:jnats": "nats", "io.quarkus:quarkus-messaging-amqp": "activemq",
    "org.springframework.boot:spring-boot-starter-activemq": "activemq", "org.springframework.boot:spring-boot-starter-artemis": "activemq",
    "org.apache.pulsar:pulsar-client": "pulsar", "org.springframework.boot:spring-boot-starter-pulsar": "pulsar", "org.eclipse.paho:": "mqtt",
    "com.hivemq:hivemq-mqtt-client": "mqtt", "net.spy:spymemcached": "memcached", "com.googlecode.xmemcached:": "memcached", "io.etcd:jetcd": "etcd",
    "org.springframework.cloud:spring-cloud-starter-consul": "consul", "org.springframework.cloud:spring-cloud-starter-zookeeper": "zookeeper",
    "org.apache.curator:curator-": "zookeeper", "org.apache.zookeeper:zookeeper": "zookeeper", "io.micronaut.discovery:": "consul",
    "org.springframework.boot:spring-boot-starter-data-solr": "solr", "org.apache.solr:solr-solrj": "solr", "com.meilisearch.sdk:": "meilisearch",
    "org.springframework.boot:spring-boot-starter-data-ldap": "ldap", "io.qdrant:client": "qdrant", "io.milvus:": "milvus",
    "io.weaviate:client": "weaviate",
    "org.springframework.ai:spring-ai-starter-vector-store-pgvector": "postgres",
    "org.springframework.ai:spring-ai-starter-vector-store-qdrant": "qdrant",
    "org.springframework.ai:spring-ai-starter-model-ollama": "ollama", "io.dapr:": "", "com.amazonaws:aws-java-sdk-dynamodb": "dynamodb",
    "software.amazon.awssdk:dynamodb": "dynamodb",
}  # fmt: skip

ADDRESSES: Mapping[str, tuple[str, ...]] = {
    "mongodb": ("spring.data.mongodb.uri", "spring.mongodb.uri", "spring.data.mongodb.host", "spring.mongodb.host",
    "quarkus.mongodb.connection-string", "mongodb.uri"),
    "redis": ("spring.data.redis.url", "spring.data.redis.host", "spring.redis.url", "spring.redis.host", "quarkus.redis.hosts", "redis.uri",
    "redis.host"),
    "kafka": ("spring.kafka.bootstrap-servers", "spring.cloud.stream.kafka.binder.brokers", "kafka.bootstrap.servers",
    "spring.kafka.consumer.bootstrap-servers",
              "spring.kafka.producer.bootstrap-servers"),
    "rabbitmq": ("spring.rabbitmq.addresses", "spring.rabbitmq.host", "rabbitmq-host", "rabbitmq.uri"),
    "elasticsearch": ("spring.elasticsearch.uris", "spring.elasticsearch.rest.uris", "spring.data.elasticsearch.cluster-nodes",
    "quarkus.elasticsearch.hosts"),
    "neo4j": ("spring.neo4j.uri", "spring.data.neo4j.uri", "quarkus.neo4j.uri"),
    "cassandra": ("spring.cassandra.contact-points", "spring.data.cassandra.contact-points", "quarkus.cassandra.contact-points"),
    "activemq": ("spring.activemq.broker-url", "spring.artemis.broker-url", "spring.artemis.host"),
    "consul": ("spring.cloud.consul.host", "consul.client.defaultzone"), "zookeeper": ("spring.cloud.zookeeper.connect-string",),
    "ollama": ("spring.ai.ollama.base-url",),
}  # fmt: skip
"""Where settings keep the address of a service, the most telling first."""


def kind_of_library(group: str, name: str, table: Mapping[str, str]) -> str | None:
    """The kind by the longest beginning that fits; "" in a table says that a library is no client in spite of its name."""
    whole = f"{group}:{name}"
    fitting = [prefix for prefix in table if whole.startswith(prefix)]
    return table[max(fitting, key=len)] or None if fitting else None
