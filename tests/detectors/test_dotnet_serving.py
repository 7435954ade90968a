"""Ports, health, metrics, migrations, environment, backing services and AppHosts of ASP.NET Core applications."""

from __future__ import annotations

from pathlib import Path

from opsmith.detectors.dotnet.conditions import holds
from opsmith.detectors.dotnet.connections import host_of, kind_of_connection
from opsmith.model.survey import Ambiguity, BackingService, EnvVar, Evidence, RequestMetric
from tests.detectors.test_dotnet import LIBRARY, detect, only, package, project, reference, web

START = "var builder = WebApplication.CreateBuilder(args);\nvar app = builder.Build();\n"


# -- ports -----------------------------------------------------------------------------------------------------------------------------------


def test_ports_of_settings_and_code(tmp_path: Path) -> None:
    kestrel = (
        '{\n  "Kestrel": {\n    "Endpoints": {\n      "Http": { "Url": "http://*:5000" },\n      "Https": { "Url": "https://*:5001" }\n    }\n  }\n}'
    )
    component = web(tmp_path / "a", START, appsettings_json=kestrel)
    assert (component.ports, component.port_env) == ((5000,), None)
    assert component.evidence["ports"] == (
        Evidence(file="appsettings.json", line=4, shows="Kestrel:Endpoints:Http:Url: http://*:5000", confidence=0.9),
    )
    assert web(tmp_path / "b", START + 'app.Urls.Add("http://0.0.0.0:3000");\n').ports == (3000,)
    assert web(tmp_path / "c", START + 'app.Run("http://*:3001");\n').ports == (3001,)
    assert web(tmp_path / "d", 'Host.CreateDefaultBuilder(args).ConfigureWebHostDefaults(w => w.UseUrls("http://+:3002;https://+:3003"));').ports == (
        3002,
    )
    listens = (
        "builder.WebHost.ConfigureKestrel(o => { o.ListenAnyIP(4000); o.ListenAnyIP(4001, l => l.UseHttps()); o.Listen(IPAddress.Any, 4002); });"
    )
    assert web(tmp_path / "e", START + listens).ports == (4000, 4002)


def test_a_port_that_a_variable_sets(tmp_path: Path) -> None:
    code = 'var port = Environment.GetEnvironmentVariable("PORT") ?? "5050";\n' + START + 'app.Run($"http://0.0.0.0:{port}");\n'
    component = web(tmp_path, code)
    assert (component.ports, component.port_env) == ((5050,), "PORT")
    assert component.env == (EnvVar(name="PORT", required=False, default="5050"),)
    assert component.evidence["ports"] == (Evidence(file="Program.cs", line=4, shows='Run($"http://0.0.0.0:{port}")', confidence=0.9),)


def test_the_images_decide_where_nothing_else_does(tmp_path: Path) -> None:
    """launchSettings.json is for the developer's machine, and is not published."""
    launch = '{"profiles": {"x": {"applicationUrl": "http://localhost:7070"}}}'
    files = {"A.csproj": project(properties="<TargetFramework>net7.0</TargetFramework>"), "Properties/launchSettings.json": launch}
    component = only(tmp_path, files)
    assert (component.ports, component.port_env) == ((80,), None)
    assert [item.shows for item in component.evidence["ports"]] == [
        "the default of Microsoft's ASP.NET Core images: ASPNETCORE_URLS=http://+:80 before 8.0"
    ]
    assert only(tmp_path / "b", {"A.csproj": project('<ContainerPort Include="8081" Type="tcp" />')}).ports == (8081,)


# -- health and metrics -----------------------------------------------------------------------------------------------------------------------


def health(root: Path, code: str) -> str | None:
    return web(root, START + code).health_path


def test_health_paths(tmp_path: Path) -> None:
    assert health(tmp_path / "a", 'app.MapHealthChecks("/healthz");') == "/healthz"
    assert health(tmp_path / "b", 'app.MapHealthChecks("/health/live"); app.MapHealthChecks("/health/ready");') == "/health/ready"
    assert health(tmp_path / "c", 'var api = app.MapGroup("/api").MapGroup("v1"); api.MapGet("/ping", () => "pong");') == "/api/v1/ping"
    assert health(tmp_path / "d", 'app.MapHealthChecks(Paths.Health);\nstatic class Paths { public const string Health = "/hc"; }') == "/hc"
    controller = '[ApiController]\n[Route("api/[controller]")]\nclass HealthController : ControllerBase { [HttpGet] public string Get() => "ok"; }'
    assert health(tmp_path / "e", controller) == "/api/health"
    assert health(tmp_path / "f", 'app.MapGet("/orders", () => 1); app.MapHealthChecksUI();') is None


def test_health_checks_of_development_only_are_an_ambiguity(tmp_path: Path) -> None:
    component = web(tmp_path, START + 'if (app.Environment.IsDevelopment()) { app.MapHealthChecks("/health"); }')
    assert component.health_path is None
    assert component.ambiguities == (
        Ambiguity(fact="health_path", component="shop", choices=("/health",), how_to_decide="set components.shop.health_path in opsmith.yaml"),
    )
    assert health(tmp_path / "b", 'if (!app.Environment.IsDevelopment()) { app.MapHealthChecks("/health"); }') == "/health"


def test_grpc(tmp_path: Path) -> None:
    only_grpc = web(tmp_path / "a", START + 'app.MapGrpcService<Cart>(); app.MapGrpcHealthChecksService(); app.MapGet("/", () => "use gRPC");')
    assert (only_grpc.protocol, only_grpc.health_path, only_grpc.traits) == ("grpc", "grpc", ("grpc",))
    both = web(tmp_path / "b", START + 'app.MapGrpcService<Cart>(); app.MapControllers(); app.MapHealthChecks("/health");')
    assert (both.protocol, both.health_path) == ("http", "/health")


def test_metrics(tmp_path: Path) -> None:
    net = web(tmp_path / "a", START + "app.UseHttpMetrics();\napp.MapMetrics();")
    assert (net.metrics_path, net.request_metric) == (
        "/metrics",
        RequestMetric(counter="http_requests_received_total", errors='code=~"5.."', histogram="http_request_duration_seconds"),
    )
    assert net.evidence["metrics_path"] == (Evidence(file="Program.cs", line=4, shows="MapMetrics()", confidence=0.9),)
    instrumented = "builder.Services.AddOpenTelemetry().WithMetrics(m => m.AddAspNetCoreInstrumentation());\n"
    code = instrumented + 'app.MapPrometheusScrapingEndpoint("/internal/metrics");'
    open_telemetry = web(tmp_path / "b", START + code)
    assert (open_telemetry.metrics_path, open_telemetry.request_metric) == (
        "/internal/metrics",
        RequestMetric(
            counter="http_server_request_duration_seconds_count",
            errors='http_response_status_code=~"5.."',
            histogram="http_server_request_duration_seconds",
        ),
    )
    assert web(tmp_path / "c", START + "app.UseMetricServer();").request_metric is None


# -- environment ------------------------------------------------------------------------------------------------------------------------------


def test_variables_of_code_and_settings(tmp_path: Path) -> None:
    code = """
var builder = WebApplication.CreateBuilder(args);
var key = builder.Configuration["Jwt:SigningKey"] ?? throw new InvalidOperationException();
var mail = builder.Configuration.GetSection("Mail")["Host"];
var size = builder.Configuration.GetValue<int>("Page:Size", 20);
var region = Environment.GetEnvironmentVariable("REGION")!;
var cache = Environment.GetEnvironmentVariable("CACHE_DIR");
if (!string.IsNullOrEmpty(cache)) { Use(cache); }
var db = builder.Configuration.GetConnectionString("Shop");
builder.Services.Configure<PayOptions>(builder.Configuration.GetSection(PayOptions.Section));
"""
    options = """
class PayOptions {
    public const string Section = "Pay";
    [Required] public string ApiKey { get; set; }
    public int Retries { get; set; } = 3;
    public string Colour { get; set; }
    public Uri BaseUrl { get; set; }
}
"""
    settings = '{"Mail": {"Host": "smtp.example.com"}, "Pay": {"Retries": 5}, "ConnectionStrings": {"Shop": "Server=localhost;Uid=a;Pwd=b"}}'
    component = web(tmp_path, code, PayOptions_cs=options, appsettings_json=settings)
    assert component.env == (
        EnvVar(name="CACHE_DIR", required=False),
        EnvVar(name="ConnectionStrings__Shop", required=True, secret=True, default="***"),
        EnvVar(name="Jwt__SigningKey", required=True, secret=True),
        EnvVar(name="Mail__Host", required=False, default="smtp.example.com"),
        EnvVar(name="Page__Size", required=False, default="20"),
        EnvVar(name="Pay__ApiKey", required=True, secret=True),
        EnvVar(name="Pay__BaseUrl", required=False),
        EnvVar(name="Pay__Retries", required=False, default="5"),
        EnvVar(name="REGION", required=True),
    )
    assert component.evidence["env"][2] == Evidence(file="Program.cs", line=3, shows="Jwt__SigningKey", confidence=0.9)


def test_keys_that_a_method_of_the_program_reads(tmp_path: Path) -> None:
    code = """
var section = builder.Configuration.GetSection("Identity");
var url = section.Needed("Url");
static class More {
    public static string Needed(this IConfiguration configuration, string name) => configuration[name] ?? throw new Exception();
}
"""
    assert web(tmp_path, START + code).env == (EnvVar(name="Identity__Url", required=True),)


# -- backing services ---------------------------------------------------------------------------------------------------------------------------

CHOICE = "if (provider == 1) { o.UseSqlServer(c); } else { o.UseNpgsql(c); }"
BOTH = (package("Microsoft.EntityFrameworkCore.SqlServer"), package("Npgsql.EntityFrameworkCore.PostgreSQL"))


def test_a_database_with_its_connection_string(tmp_path: Path) -> None:
    code = 'builder.Services.AddDbContext<Db>(o => o.UseNpgsql(builder.Configuration.GetConnectionString("Default")));'
    component = web(tmp_path, START + code, package("Npgsql.EntityFrameworkCore.PostgreSQL"))
    assert component.backing_services == (BackingService(kind="postgres", name="postgres", env=("ConnectionStrings__Default",)),)
    assert component.evidence["backing_services"] == (
        Evidence(file="Shop.csproj", line=1, shows="Npgsql.EntityFrameworkCore.PostgreSQL 8.0.0, used in Program.cs:3", confidence=0.9),
    )


def test_a_choice_of_databases(tmp_path: Path) -> None:
    undecided = web(tmp_path / "a", START + CHOICE, *BOTH)
    assert undecided.backing_services == ()
    assert undecided.ambiguities == (
        Ambiguity(
            fact="backing_services",
            component="shop",
            choices=("mssql", "postgres"),
            how_to_decide="set components.shop.backing_services in opsmith.yaml",
        ),
    )
    told = web(tmp_path / "b", START + CHOICE, *BOTH, appsettings_json='{"Database": {"Provider": "PostgreSql"}}')
    assert [item.kind for item in told.backing_services] == ["postgres"]
    written = web(tmp_path / "c", START + CHOICE, *BOTH, appsettings_json='{"ConnectionStrings": {"X": "Server=.;Initial Catalog=x"}}')
    assert [item.kind for item in written.backing_services] == ["mssql"]


def test_what_the_tools_of_migrations_open_is_no_service(tmp_path: Path) -> None:
    code = "class DesignTimeFactory { Db Create() { o.UseSqlServer(c); } }"
    component = web(tmp_path, START + code + "o.UseNpgsql(c);", *BOTH)
    assert [item.kind for item in component.backing_services] == ["postgres"]


def test_a_database_in_a_file_is_no_service(tmp_path: Path) -> None:
    code = 'builder.Services.AddDbContext<Db>(o => o.UseSqlite("Data Source=shop.db"));'
    component = web(tmp_path, START + code, package("Microsoft.EntityFrameworkCore.Sqlite"))
    assert (component.backing_services, component.traits) == ((), ("sqlite",))


def test_what_runs_only_where_a_setting_asks_for_it_is_optional(tmp_path: Path) -> None:
    code = """
var redis = builder.Configuration["REDIS_ADDR"];
var other = builder.Configuration["PG_ADDR"];
if (!string.IsNullOrEmpty(redis)) { builder.Services.AddStackExchangeRedisCache(o => o.Configuration = redis); }
else if (!string.IsNullOrEmpty(other)) { builder.Services.AddSingleton<IStore, PgStore>(); }
else { builder.Services.AddDistributedMemoryCache(); }
"""
    store = 'class PgStore : IStore { void Open() { var x = NpgsqlDataSource.Create("Host=pg"); } }'
    items = (package("Microsoft.Extensions.Caching.StackExchangeRedis"), package("Npgsql"))
    component = web(tmp_path, START + code, *items, PgStore_cs=store)
    assert component.backing_services == (BackingService(kind="redis", name="redis", env=("REDIS_ADDR",), optional=True),)


def test_a_shared_library_counts_as_far_as_it_is_reached(tmp_path: Path) -> None:
    blocks = """
static class Blocks {
    public static void AddQueue(this IServiceCollection services) { var f = new ConnectionFactory { HostName = "rabbit" }; }
    public static void AddDocuments(this IServiceCollection services) { var c = new MongoClient("mongodb://mongo:27017"); }
    public static void AddChecks(this IServiceCollection services) { services.AddHealthChecks().AddRabbitMQ("x").AddMongoDb("y"); }
}
"""
    items = f"<ItemGroup>{package('RabbitMQ.Client')}{package('MongoDB.Driver')}</ItemGroup>"
    files = {
        "Blocks/Blocks.csproj": LIBRARY.format(items),
        "Blocks/Blocks.cs": blocks,
        "A/A.csproj": project(reference("../Blocks/Blocks.csproj")),
        "A/Program.cs": START + "builder.Services.AddQueue(); builder.Services.AddChecks();",
        "B/B.csproj": project(reference("../Blocks/Blocks.csproj")),
        "B/Program.cs": START + "builder.Services.AddDocuments();",
    }
    first, second = detect(tmp_path, files)
    assert [(item.kind, item.host) for item in first.backing_services] == [("rabbitmq", "rabbit")]
    assert [(item.kind, item.host) for item in second.backing_services] == [("mongodb", "mongo")]


def test_connection_strings() -> None:
    given = ("Server=.;Initial Catalog=a", "Host=db;Username=u;Database=d", "Server=db;Uid=u;Port=3306", "Data Source=a.db", "amqp://mq", "x")
    assert [kind_of_connection(value) for value in given] == ["mssql", "postgres", "mysql", "sqlite", "rabbitmq", None]
    assert host_of("Server=tcp:sql.internal,1433;Database=x", "mssql") == "sql.internal"
    assert (host_of("mongodb://u:p@mongo:27017", "mongodb"), host_of("redis:6379", "redis"), host_of("shop", "mysql")) == ("mongo", "redis", None)


# -- migrations ---------------------------------------------------------------------------------------------------------------------------------


def test_migrations_that_no_code_applies(tmp_path: Path) -> None:
    files = {
        "Web/Web.csproj": project(reference("../Data/Data.csproj")),
        "Web/Program.cs": START + "if (app.Environment.IsDevelopment()) { db.Database.Migrate(); }",
        "Data/Data.csproj": LIBRARY.format(""),
        "Data/Migrations/ShopContextModelSnapshot.cs": "class ShopContextModelSnapshot {}",
    }
    component = only(tmp_path / "a", files)
    assert component.migration_command == "dotnet ef database update --project ../Data/Data.csproj --startup-project Web.csproj"
    assert component.evidence["migration_command"][0].file == "Data/Migrations/ShopContextModelSnapshot.cs"
    files["Web/Program.cs"] = START + "await db.Database.MigrateAsync();"
    applied = only(tmp_path / "b", files)
    assert applied.migration_command is None
    assert applied.evidence["migration_command"] == (Evidence(file="Web/Program.cs", line=3, shows="MigrateAsync()", confidence=0.85),)


# -- Aspire -------------------------------------------------------------------------------------------------------------------------------------


def test_what_an_apphost_says(tmp_path: Path) -> None:
    host = """
var builder = DistributedApplication.CreateBuilder(args);
var redis = builder.AddRedis("cache");
var db = builder.AddPostgres("pg").WithImageTag("16.2").AddDatabase("shopdb");
var api = builder.AddProject<Projects.Shop_Api>("api").WithReference(db).WaitFor(db);
builder.AddProject<Projects.Shop_Web>("web").WithReference(api).WithReference(redis);
"""
    exe = "<OutputType>Exe</OutputType><IsAspireHost>true</IsAspireHost><TargetFramework>net9.0</TargetFramework>"
    files = {
        "Host/Host.csproj": project(sdk="Microsoft.NET.Sdk", properties=exe),
        "Host/Program.cs": host,
        "Shop.Api/Shop.Api.csproj": project(),
        "Shop.Web/Shop.Web.csproj": project(),
    }
    api, shop = detect(tmp_path, files)
    assert (api.name, api.depends_on, api.backing_services) == (
        "api", (), (BackingService(kind="postgres", name="postgres", version="16.2", env=("ConnectionStrings__shopdb",)),),
    )  # fmt: skip
    assert (shop.name, shop.depends_on) == ("web", ("api",))
    assert shop.backing_services == (BackingService(kind="redis", name="redis", env=("ConnectionStrings__cache",)),)
    assert shop.evidence["depends_on"] == (Evidence(file="Host/Program.cs", line=6, shows="web: WithReference(api)", confidence=0.9),)


def test_connections_of_aspire_clients(tmp_path: Path) -> None:
    component = web(tmp_path, START + 'builder.AddRedisClient("cache");', package("Aspire.StackExchange.Redis"))
    assert component.backing_services == (BackingService(kind="redis", name="redis", env=("ConnectionStrings__cache",)),)
    assert component.env == (EnvVar(name="ConnectionStrings__cache", required=True, secret=True),)


def test_conditions_of_msbuild() -> None:
    properties = {"a": "x"}
    assert [holds(text, properties) for text in (None, "'$(A)' == 'X'", "'$(B)' != ''", "'$(A)'=='x' And '$(B)'==''", "false")] == [
        True, True, False, True, False,
    ]  # fmt: skip
    assert [holds(text, properties) for text in ("Exists('x')", "$([X]::Y()) == 'z'", "Exists('x') And '$(A)' == 'y'")] == [None, None, False]
