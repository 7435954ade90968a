"""What the imports and connection texts of Scala programs tell of backing services."""

from __future__ import annotations

from collections.abc import Mapping

CLIENTS: Mapping[bytes, str] = {
    b"import skunk": "postgres", b"import doobie.postgres": "postgres", b"jdbc:postgresql": "postgres", b"org.postgresql.Driver": "postgres",
    b"org.postgresql.ds": "postgres", b"PostgresProfile": "postgres", b"PostgresDriver": "postgres", b"PostgresJdbcContext": "postgres",
    b"PostgresZioJdbcContext": "postgres", b"com.github.tminglei.slickpg": "postgres", b"jdbc:mysql": "mysql", b"jdbc:mariadb": "mysql",
    b"com.mysql.": "mysql", b"MySQLProfile": "mysql", b"MysqlJdbcContext": "mysql", b"jdbc:sqlserver": "mssql", b"SQLServerProfile": "mssql",
    b"jdbc:oracle": "oracle", b"jdbc:clickhouse": "clickhouse", b"import dev.profunktor.redis4cats": "redis", b"import io.lettuce": "redis",
    b"import redis.clients": "redis", b"import com.redis": "redis", b"import zio.redis": "redis", b"import org.redisson": "redis",
    b"play.api.cache.redis": "redis", b"import scredis": "redis", b"import reactivemongo": "mongodb", b"import org.mongodb": "mongodb",
    b"import mongo4cats": "mongodb", b"play.modules.reactivemongo": "mongodb", b"import fs2.kafka": "kafka", b"import org.apache.kafka": "kafka",
    b"import akka.kafka": "kafka", b"import org.apache.pekko.kafka": "kafka", b"import zio.kafka": "kafka", b"import com.rabbitmq": "rabbitmq",
    b"import dev.profunktor.fs2rabbit": "rabbitmq", b"import lepus": "rabbitmq", b"import akka.stream.alpakka.amqp": "rabbitmq",
    b"import com.sksamuel.elastic4s": "elasticsearch", b"import org.elasticsearch": "elasticsearch", b"import org.opensearch": "opensearch",
    b"import com.datastax": "cassandra", b"import akka.persistence.cassandra": "cassandra", b"import com.outworkers.phantom": "cassandra",
    b"import neotypes": "neo4j", b"import org.neo4j.driver": "neo4j", b"import net.spy.memcached": "memcached",
    b"import shade.memcached": "memcached",     b"import io.nats": "nats", b"import com.influxdb": "influxdb",
    b"import kamon.influxdb": "influxdb", b"import org.eclipse.paho": "mqtt",
    b"import com.sksamuel.pulsar4s": "pulsar", b"import org.apache.zookeeper": "zookeeper", b"import io.minio": "minio",
}  # fmt: skip
ARTIFACTS: Mapping[bytes, str] = {
    b'"postgresql"': "postgres", b'"skunk-core"': "postgres", b'"doobie-postgres"': "postgres", b'"flyway-database-postgresql"': "postgres",
    b'"mysql-connector-java"': "mysql", b'"mysql-connector-j"': "mysql", b'"mariadb-java-client"': "mysql", b'"mssql-jdbc"': "mssql",
}  # fmt: skip
"""Drivers that a build lists: asked where a program reaches a database in a way that does not tell which."""
DATABASE_USE = (b"import doobie", b"import slick", b"import anorm", b"import scalikejdbc", b"import io.getquill", b"play.api.db", b"slick.jdbc",
                b"com.zaxxer.hikari", b"import com.augustnagro.magnum", b"slick.dbs", b"db.default")  # fmt: skip
SQLITE = (b"jdbc:sqlite", b"SQLiteProfile")
