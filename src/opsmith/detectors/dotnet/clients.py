"""Client libraries of backing services: NuGet packages, and the calls that show that one is really used."""

from __future__ import annotations

from collections.abc import Mapping

KIND_BY_PACKAGE: Mapping[str, str] = {
    "npgsql": "postgres", "npgsql.entityframeworkcore.postgresql": "postgres", "npgsql.dependencyinjection": "postgres", "marten": "postgres",
    "marten.aspnetcore": "postgres", "wolverinefx.marten": "postgres", "wolverinefx.postgresql": "postgres", "hangfire.postgresql": "postgres",
    "dbup-postgresql": "postgres", "linq2db.postgresql": "postgres", "devart.data.postgresql": "postgres",
    "aspire.npgsql": "postgres", "aspire.npgsql.entityframeworkcore.postgresql": "postgres", "npgsql.fsharp": "postgres",
    "fluentmigrator.runner.postgres": "postgres",
    "microsoft.entityframeworkcore.sqlserver": "mssql", "microsoft.data.sqlclient": "mssql", "system.data.sqlclient": "mssql",
    "hangfire.sqlserver": "mssql", "dbup-sqlserver": "mssql", "aspire.microsoft.data.sqlclient": "mssql",
    "aspire.microsoft.entityframeworkcore.sqlserver": "mssql", "microsoft.extensions.caching.sqlserver": "mssql",
    "fluentmigrator.runner.sqlserver": "mssql",
    "pomelo.entityframeworkcore.mysql": "mysql", "mysqlconnector": "mysql", "mysql.data": "mysql", "mysql.entityframeworkcore": "mysql",
    "mysql.data.entityframeworkcore": "mysql", "aspire.mysqlconnector": "mysql", "aspire.pomelo.entityframeworkcore.mysql": "mysql",
    "hangfire.mysqlstorage": "mysql", "dbup-mysql": "mysql", "fluentmigrator.runner.mysql": "mysql",
    "oracle.manageddataaccess.core": "oracle", "oracle.manageddataaccess": "oracle", "oracle.entityframeworkcore": "oracle",
    "aspire.oracle.entityframeworkcore": "oracle",
    "mongodb.driver": "mongodb", "mongodb.entityframeworkcore": "mongodb", "aspire.mongodb.driver": "mongodb", "mongodb.entities": "mongodb",
    "aspnetcore.identity.mongodbcore": "mongodb", "hangfire.mongo": "mongodb",
    "stackexchange.redis": "redis", "microsoft.extensions.caching.stackexchangeredis": "redis", "microsoft.extensions.caching.redis": "redis",
    "servicestack.redis": "redis", "csredis": "redis", "csrediscore": "redis", "freeredis": "redis", "aspire.stackexchange.redis": "redis",
    "aspire.stackexchange.redis.distributedcaching": "redis", "aspire.stackexchange.redis.outputcaching": "redis",
    "microsoft.aspnetcore.signalr.stackexchangeredis": "redis", "hangfire.redis.stackexchange": "redis", "easycaching.redis": "redis",
    "easycaching.csredis": "redis", "redis.om": "redis", "microsoft.aspnetcore.dataprotection.stackexchangeredis": "redis",
    "ziggycreatures.fusioncache.backplane.stackexchangeredis": "redis", "stackexchange.redis.extensions.core": "redis",
    "enyimmemcachedcore": "memcached",
    "rabbitmq.client": "rabbitmq", "masstransit.rabbitmq": "rabbitmq", "easynetq": "rabbitmq", "rawrabbit": "rabbitmq",
    "aspire.rabbitmq.client": "rabbitmq", "rebus.rabbitmq": "rabbitmq", "nservicebus.rabbitmq": "rabbitmq", "wolverinefx.rabbitmq": "rabbitmq",
    "dotnetcore.cap.rabbitmq": "rabbitmq", "silverback.messaging.rabbitmq": "rabbitmq",
    "confluent.kafka": "kafka", "masstransit.kafka": "kafka", "aspire.confluent.kafka": "kafka", "kafkaflow": "kafka",
    "kafkaflow.microsoft.dependencyinjection": "kafka", "dotnetcore.cap.kafka": "kafka", "silverback.messaging.kafka": "kafka",
    "nats.client": "nats", "nats.net": "nats", "nats.client.core": "nats", "aspire.nats.net": "nats",
    "elastic.clients.elasticsearch": "elasticsearch", "nest": "elasticsearch", "elasticsearch.net": "elasticsearch",
    "aspire.elastic.clients.elasticsearch": "elasticsearch", "opensearch.client": "opensearch", "opensearch.net": "opensearch",
    "neo4j.driver": "neo4j", "neo4jclient": "neo4j", "clickhouse.client": "clickhouse", "clickhouse.driver": "clickhouse",
    "octonica.clickhouseclient": "clickhouse", "cassandracsharpdriver": "cassandra", "influxdb.client": "influxdb", "minio": "minio",
    "minio.aspnetcore": "minio", "couchdb.net": "couchdb", "couchdb.net.dependencyinjection": "couchdb", "ravendb.client": "ravendb",
    "dotnet-etcd": "etcd", "consul": "consul", "mqttnet": "mqtt", "mqttnet.extensions.managedclient": "mqtt", "pulsar.client": "pulsar",
    "dotpulsar": "pulsar", "meilisearch": "meilisearch", "typesense": "typesense", "qdrant.client": "qdrant", "aspire.qdrant.client": "qdrant",
    "weaviate.net": "weaviate", "milvus.client": "milvus", "aspire.milvus.client": "milvus", "ollamasharp": "ollama",
    "communitytoolkit.aspire.ollamasharp": "ollama", "eventstore.client.grpc.streams": "eventstore", "eventstore.client": "eventstore",
    "kurrentdb.client": "eventstore",
    "azure.messaging.servicebus": "azure-service-bus", "microsoft.azure.servicebus": "azure-service-bus",
    "masstransit.azure.servicebus.core": "azure-service-bus", "aspire.azure.messaging.servicebus": "azure-service-bus",
    "awssdk.dynamodbv2": "dynamodb", "microsoft.azure.cosmos": "cosmosdb", "microsoft.entityframeworkcore.cosmos": "cosmosdb",
    "aspire.microsoft.azure.cosmos": "cosmosdb",
}  # fmt: skip
"""By package, in lower case. Packages that only watch a service (health checks, telemetry) stand for none."""

USES: Mapping[str, tuple[str, ...]] = {
    "postgres": (
        "UseNpgsql", "UsePostgreSQL", "AddNpgsqlDataSource", "AddNpgsqlDbContext", "NpgsqlConnection", "NpgsqlDataSource", "AddMarten",
        "UsePostgreSqlStorage", "NpgsqlDataSourceBuilder", "AddPostgres11_0", "PostgresqlDatabase", "UsePostgreSqlConnection",
    ),
    "mssql": (
        "UseSqlServer", "SqlConnection", "AddSqlServerClient", "AddSqlServerDbContext", "UseSqlServerStorage", "UseAzureSql",
        "AddDistributedSqlServerCache", "SqlDatabase",
    ),
    "mysql": (
        "UseMySql", "UseMySQL", "MySqlConnection", "AddMySqlDataSource", "AddMySqlDbContext", "MySqlStorage", "MySqlConnectionStringBuilder",
        "AddMySql5", "AddMySqlConnector", "MySqlDataSource",
    ),
    "oracle": ("UseOracle", "OracleConnection", "AddOracleDatabaseDbContext"),
    "sqlite": ("UseSqlite", "SqliteConnection", "SQLiteConnection"),
}  # fmt: skip
"""What opens a database, where a project often has the clients of several. Of other kinds the package alone is enough."""

SQL_BY_WORD: Mapping[str, str] = {
    "postgres": "postgres", "postgresql": "postgres", "npgsql": "postgres", "pgsql": "postgres", "sqlserver": "mssql", "mssql": "mssql",
    "mysql": "mysql", "mariadb": "mysql", "oracle": "oracle", "sqlite": "sqlite", "inmemory": "memory", "memory": "memory",
}  # fmt: skip
"""What a setting that chooses the database may say."""

CONNECTION_CALLS = (
    "AddRedisClient", "AddKeyedRedisClient", "AddRedisDistributedCache", "AddRedisOutputCache", "AddRedisClientBuilder", "AddNpgsqlDataSource",
    "AddNpgsqlDbContext", "AddKeyedNpgsqlDataSource", "AddRabbitMQClient", "AddKeyedRabbitMQClient", "AddSqlServerClient", "AddSqlServerDbContext",
    "AddMongoDBClient", "AddKafkaProducer", "AddKafkaConsumer", "AddMySqlDataSource", "AddMySqlDbContext", "AddOracleDatabaseDbContext",
    "AddNatsClient", "AddElasticsearchClient", "AddQdrantClient", "AddMilvusClient", "AddAzureServiceBusClient", "AddAzureBlobClient",
    "AddAzureBlobServiceClient", "AddAzureQueueClient", "AddAzureTableClient", "AddAzureCosmosClient", "AddCosmosDbContext", "AddOllamaApiClient",
    "AddOllamaSharpChatClient", "AddMeilisearchClient", "AddMinioClient", "AddRavenDBClient", "AddEventStoreClient", "AddSeqEndpoint",
)  # fmt: skip
"""Of Aspire's client packages: the first argument names a connection string."""
