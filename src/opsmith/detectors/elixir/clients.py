"""Client libraries of Hex: what each is a client of, and the words that show its use in code or configuration."""

from __future__ import annotations

from collections.abc import Mapping

DRIVERS: Mapping[str, str] = {
    "Ecto.Adapters.Postgres": "postgres", "Ecto.Adapters.MyXQL": "mysql", "Ecto.Adapters.MySQL": "mysql", "Ecto.Adapters.Tds": "mssql",
    "Ecto.Adapters.SQLite3": "sqlite", "Ecto.Adapters.ClickHouse": "clickhouse", "Ecto.Adapters.CockroachDB": "postgres",
    "Mongo.Ecto": "mongodb", "MongoDB.Ecto": "mongodb", "Sqlite.Ecto2": "sqlite", "Sqlite3.Ecto": "sqlite", "Ecto.Adapters.Exqlite": "sqlite",
    "Ecto.Adapters.LibSql": "sqlite",
}  # fmt: skip
"""By the adapter of an Ecto repository."""
BY_DRIVER_PACKAGE: Mapping[str, str] = {"postgrex": "postgres", "myxql": "mysql", "mariaex": "mysql", "tds": "mssql", "ecto_sqlite3": "sqlite"}
CLIENTS: Mapping[str, tuple[str, tuple[bytes, ...]]] = {
    "postgrex": ("postgres", (b"Postgrex.start_link", b"{Postgrex,", b"Postgrex.Notifications")),
    "myxql": ("mysql", (b"MyXQL.start_link", b"{MyXQL,")),
    "eventstore": ("postgres", (b"use EventStore", b"EventStore.Adapters")),
    "commanded_eventstore_adapter": ("postgres", (b"EventStore",)),
    "redix": ("redis", (b"Redix.", b"{Redix,")),
    "redix_pubsub": ("redis", (b"Redix.PubSub",)),
    "eredis": ("redis", (b":eredis",)),
    "exredis": ("redis", (b"Exredis",)),
    "phoenix_pubsub_redis": ("redis", (b"PubSub.Redis",)),
    "exq": ("redis", (b"Exq", b":exq")),
    "verk": ("redis", (b"Verk", b":verk")),
    "hammer_backend_redis": ("redis", (b"Hammer.Redis", b"Hammer.Backend.Redis")),
    "nebulex_redis_adapter": ("redis", (b"NebulexRedisAdapter", b"Adapters.Redis")),
    "toniq": ("redis", (b"Toniq",)),
    "mongodb_driver": ("mongodb", (b"Mongo.", b"{Mongo,")),
    "mongodb": ("mongodb", (b"Mongo.", b"{Mongo,")),
    "amqp": ("rabbitmq", (b"AMQP.", b"use AMQP", b"config :amqp")),
    "broadway_rabbitmq": ("rabbitmq", (b"BroadwayRabbitMQ",)),
    "gen_rmq": ("rabbitmq", (b"GenRMQ",)),
    "rabbitmq_stream": ("rabbitmq", (b"RabbitMQStream",)),
    "brod": ("kafka", (b":brod", b"config :brod")),
    "kafka_ex": ("kafka", (b"KafkaEx", b":kafka_ex")),
    "broadway_kafka": ("kafka", (b"BroadwayKafka",)),
    "kaffe": ("kafka", (b"Kaffe", b":kaffe")),
    "elsa": ("kafka", (b"Elsa.",)),
    "gnat": ("nats", (b"Gnat",)),
    "jetstream": ("nats", (b"Jetstream",)),
    "elastix": ("elasticsearch", (b"Elastix",)),
    "elasticsearch": ("elasticsearch", (b"Elasticsearch",)),
    "snap": ("elasticsearch", (b"Snap.",)),
    "tirexs": ("elasticsearch", (b"Tirexs",)),
    "ch": ("clickhouse", (b"Ch.start_link", b"{Ch,", b"Ch.query")),
    "pillar": ("clickhouse", (b"Pillar",)),
    "clickhousex": ("clickhouse", (b"Clickhousex",)),
    "xandra": ("cassandra", (b"Xandra",)),
    "bolt_sips": ("neo4j", (b"Bolt.Sips", b":bolt_sips")),
    "boltx": ("neo4j", (b"Boltx",)),
    "memcachex": ("memcached", (b"Memcache",)),
    "instream": ("influxdb", (b"Instream",)),
    "tortoise": ("mqtt", (b"Tortoise",)),
    "tortoise311": ("mqtt", (b"Tortoise311",)),
    "emqtt": ("mqtt", (b":emqtt",)),
    "pulserl": ("pulsar", (b":pulserl",)),
    "couchdb_connector": ("couchdb", (b"Couchdb",)),
    "meilisearch": ("meilisearch", (b"Meilisearch",)),
    "meilisearch_ex": ("meilisearch", (b"Meilisearch",)),
    "ex_typesense": ("typesense", (b"ExTypesense",)),
    "open_api_typesense": ("typesense", (b"Typesense",)),
    "qdrant": ("qdrant", (b"Qdrant",)),
    "etcdex": ("etcd", (b"Etcdex",)),
    "zookeeper": ("zookeeper", (b"Zookeeper",)),
}  # fmt: skip
"""A library in mix.exs alone is weak evidence; one of the words has to stand in the code."""
COMPILED = frozenset(
    ("bcrypt_elixir", "argon2_elixir", "pbkdf2_elixir", "rustler", "exqlite", "ecto_sqlite3", "jiffy", "fast_yaml", "comeonin", "enacl",
     "picosat_elixir", "fast_html", "majic", "expty", "circuits_uart", "eblurhash", "crc32cer", "snappyer", "brotli", "ex_sodium", "libsodium",
     "ex_dlib")
)  # fmt: skip
"""Libraries with C code that is compiled where no built one fits."""
