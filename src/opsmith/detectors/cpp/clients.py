"""Client libraries of C and C++ by the headers that programs include, and the Debian packages of libraries that builds look for."""

from __future__ import annotations

import re
from collections.abc import Mapping

_HEADERS: tuple[tuple[str, str], ...] = (
    (r"^pqxx/|(?:^|/)libpq-fe\.h$|^sqlpp11/postgresql|^soci/postgresql|^ozo/", "postgres"),
    (r"^mysql(?:x|/|_|\+\+|cppconn)|^mariadb|^cppconn/|^jdbc/mysql|^boost/mysql|^sqlpp11/mysql|^soci/mysql", "mysql"),
    (r"^hiredis|^sw/redis|^cpp_redis|^bredis|^boost/redis|^redisclient|^async_redis", "redis"),
    (r"^mongocxx/|^bsoncxx/|^mongoc(?:\.h|/)", "mongodb"),
    (r"^amqpcpp|^SimpleAmqpClient|^amqp(?:_tcp_socket)?\.h$|^rabbitmq-c/", "rabbitmq"),
    (r"^librdkafka/|^cppkafka/|^kafka/Kafka|^rdkafka", "kafka"),
    (r"^nats(?:\.h|/)", "nats"),
    (r"^cassandra\.h$", "cassandra"),
    (r"^mqtt/|^mosquitto(?:pp)?\.h$|^MQTT(?:Async|Client)\.h$", "mqtt"),
    (r"^clickhouse/", "clickhouse"),
    (r"^InfluxDB", "influxdb"),
    (r"^etcd/", "etcd"),
    (r"^elasticlient/", "elasticsearch"),
    (r"^libmemcached/", "memcached"),
    (r"^pulsar/Client", "pulsar"),
    (r"^zookeeper/", "zookeeper"),
    (r"^neo4j-client", "neo4j"),
    (r"^sqlite3\.h$|^SQLiteCpp/|^sqlite_(?:modern_cpp|orm)|^soci/sqlite", "sqlite"),
)
KIND_BY_HEADER: tuple[tuple[re.Pattern[str], str], ...] = tuple((re.compile(pattern), kind) for pattern, kind in _HEADERS)
DROGON: Mapping[str, str] = {"postgresql": "postgres", "mysql": "mysql", "sqlite3": "sqlite"}
"""`rdbms` of Drogon's configuration."""

DEBIAN: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "openssl": (("libssl-dev",), ("libssl3",)), "libpq": (("libpq-dev",), ("libpq5",)), "postgresql": (("libpq-dev",), ("libpq5",)),
    "curl": (("libcurl4-openssl-dev",), ("libcurl4",)), "libcurl": (("libcurl4-openssl-dev",), ("libcurl4",)),
    "zlib": (("zlib1g-dev",), ("zlib1g",)), "sqlite3": (("libsqlite3-dev",), ("libsqlite3-0",)), "libpqxx": (("libpqxx-dev",), ()),
    "boost": (("libboost-all-dev",), ()), "protobuf": (("libprotobuf-dev", "protobuf-compiler"), ()),
    "grpc": (("libgrpc++-dev", "protobuf-compiler-grpc"), ()), "nlohmann_json": (("nlohmann-json3-dev",), ()), "spdlog": (("libspdlog-dev",), ()),
    "fmt": (("libfmt-dev",), ()), "jsoncpp": (("libjsoncpp-dev",), ()), "yaml-cpp": (("libyaml-cpp-dev",), ()), "hiredis": (("libhiredis-dev",), ()),
    "asio": (("libasio-dev",), ()), "uuid": (("uuid-dev",), ("libuuid1",)), "libmicrohttpd": (("libmicrohttpd-dev",), ()),
    "libevent": (("libevent-dev",), ()), "poco": (("libpoco-dev",), ()), "cpprestsdk": (("libcpprest-dev",), ()), "libuv": (("libuv1-dev",),
    ("libuv1",)),
    "drogon": (("libjsoncpp-dev", "libssl-dev", "uuid-dev", "zlib1g-dev"), ()),
}  # fmt: skip
"""To build and to run; what runs is left out where its name changes with every release of Debian."""


def kind_of_header(name: str) -> str | None:
    return next((kind for pattern, kind in KIND_BY_HEADER if pattern.search(name)), None)
