"""The Rust detector on small trees, each showing one way in which Rust services are written."""

from __future__ import annotations

from pathlib import Path

import pytest

from opsmith.detectors import rust
from opsmith.model.survey import Ambiguity, BackingService, Component, EnvVar, Evidence, RequestMetric, Runtime
from opsmith.repo import Repo


def detect(root: Path, files: dict[str, str]) -> list[Component]:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return list(rust.detect(Repo(root)))


def only(root: Path, files: dict[str, str]) -> Component:
    (component,) = detect(root, files)
    return component


def cargo(name: str, *dependencies: str, head: str = "") -> str:
    listed = "".join(f"{line}\n" for line in dependencies)
    return f'[package]\nname = "{name}"\nversion = "0.1.0"\nedition = "2021"\n{head}\n[dependencies]\n{listed}'


def service(root: Path, dependency: str, source: str) -> Component:
    return only(root, {"Cargo.toml": cargo("app", dependency), "src/main.rs": source})


AXUM = """use axum::Router;
mod routes;

#[tokio::main]
async fn main() {
    let url = std::env::var("DATABASE_URL").expect("DATABASE_URL must be set");
    let pool = sqlx::PgPool::connect(&url).await.unwrap();
    let port: u16 = std::env::var("PORT").ok().and_then(|p| p.parse().ok()).unwrap_or(3000);
    let app = Router::new().nest("/api", routes::router()).with_state(pool);
    let addr = std::net::SocketAddr::from(([0, 0, 0, 0], port));
    let listener = tokio::net::TcpListener::bind(addr).await.unwrap();
    axum::serve(listener, app).await.unwrap();
}
"""
ROUTES = """use axum::{routing::get, Router};

pub fn router() -> Router {
    Router::new().route("/healthz", get(health)).route("/users/{id}", get(user))
}
"""


def test_axum_with_sqlx(tmp_path: Path) -> None:
    files = {
        "Cargo.toml": cargo("api", 'axum = "0.7"', 'sqlx = { version = "0.8", features = ["postgres"] }'),
        "Cargo.lock": "version = 3\n",
        "rust-toolchain.toml": '[toolchain]\nchannel = "1.81.0"\n',
        "migrations/20240101000000_users.sql": "select 1;\n",
        "src/main.rs": AXUM,
        "src/routes.rs": ROUTES,
    }
    assert only(tmp_path, files) == Component(
        name="api",
        path="",
        role="web",
        language="rust",
        framework="axum",
        package_manager="cargo",
        runtime=Runtime(name="rust", version="1.81.0"),
        install_command="cargo fetch --locked",
        build_command="cargo build --release --locked",
        start_command="./target/release/api",
        ports=(3000,),
        protocol="http",
        port_env="PORT",
        health_path="/api/healthz",
        migration_command="sqlx migrate run",
        backing_services=(BackingService(kind="postgres", name="postgres", env=("DATABASE_URL",)),),
        env=(EnvVar(name="DATABASE_URL", required=True, secret=True), EnvVar(name="PORT", required=False, default="3000")),
        test_command="cargo test",
        lint_command="cargo clippy --all-targets",
        manifests=("Cargo.toml", "Cargo.lock", "rust-toolchain.toml"),
        evidence={
            "role": (Evidence(file="src/main.rs", line=5, shows="binary api", confidence=0.9),),
            "language": (Evidence(file="Cargo.toml", shows="Cargo.toml", confidence=1.0),),
            "framework": (Evidence(file="Cargo.toml", line=7, shows="dependency axum", confidence=0.95),),
            "runtime": (Evidence(file="rust-toolchain.toml", line=2, shows="channel 1.81.0", confidence=0.95),),
            "ports": (Evidence(file="src/main.rs", line=8, shows="tokio::net::TcpListener::bind(addr)", confidence=0.9),),
            "health_path": (Evidence(file="src/routes.rs", line=4, shows="/api/healthz", confidence=0.9),),
            "backing_services": (Evidence(file="Cargo.toml", line=8, shows="dependency sqlx with postgres", confidence=0.9),),
            "env": (
                Evidence(file="src/main.rs", line=6, shows="DATABASE_URL", confidence=0.9),
                Evidence(file="src/main.rs", line=8, shows="PORT", confidence=0.9),
            ),
            "migration_command": (Evidence(file="migrations/20240101000000_users.sql", shows="a migration of sqlx", confidence=0.8),),
            "start_command": (Evidence(file="src/main.rs", line=5, shows="binary api of package api", confidence=0.85),),
        },
    )


def test_a_repository_without_cargo_has_no_component(tmp_path: Path) -> None:
    assert detect(tmp_path, {"README.md": "hello", "src/main.rs": "fn main() {}"}) == []


ACTIX = """use actix_web::{get, web, App, HttpResponse, HttpServer};

#[get("/health")]
async fn health() -> HttpResponse { HttpResponse::Ok().finish() }

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let host = std::env::var("HOST").unwrap_or_else(|_| "0.0.0.0".to_string());
    let port = std::env::var("PORT").unwrap_or("8080".into()).parse::<u16>().unwrap();
    let metrics = actix_web_prom::PrometheusMetricsBuilder::new("shop").endpoint("/metrics").build().unwrap();
    let client = redis::Client::open(std::env::var("REDIS_URL").unwrap()).unwrap();
    HttpServer::new(move || App::new().wrap(metrics.clone()).service(web::scope("/api").service(health)))
        .bind((host, port))?
        .run()
        .await
}
"""


def test_actix_with_scopes_metrics_and_redis(tmp_path: Path) -> None:
    found = only(tmp_path, {"Cargo.toml": cargo("shop", 'actix-web = "4"', 'actix-web-prom = "0.8"', 'redis = "0.25"'), "src/main.rs": ACTIX})
    assert (found.framework, found.ports, found.port_env, found.health_path, found.metrics_path) == (
        "actix-web", (8080,), "PORT", "/api/health", "/metrics",
    )  # fmt: skip
    assert found.request_metric == RequestMetric(
        counter="shop_http_requests_total", errors='status=~"5.."', histogram="shop_http_requests_duration_seconds"
    )
    assert found.backing_services == (BackingService(kind="redis", name="redis", env=("REDIS_URL",)),)
    assert found.env == (
        EnvVar(name="HOST", required=False, default="0.0.0.0"),
        EnvVar(name="PORT", required=False, default="8080"),
        EnvVar(name="REDIS_URL", required=True, secret=True),
    )


LISTENERS = {
    'warp = "0.3"': (
        'fn main() { let h = warp::path!("health").map(|| "ok"); warp::serve(h).run(([127, 0, 0, 1], 3030)).await; }',
        ("warp", 3030, "http", "/health", ("binds-loopback",)),
    ),
    'poem = "3"': (
        'use poem::*;\nfn main() { let a = Route::new().at("/health", get(h)); Server::new(TcpListener::bind("0.0.0.0:3001")).run(a) }',
        ("poem", 3001, "http", "/health", ()),
    ),
    'salvo = "0.66"': (
        'use salvo::*;\nfn main() { Router::new().push(Router::with_path("health").get(h)); TcpListener::new("0.0.0.0:5800").bind().await; }',
        ("salvo", 5800, "http", "/health", ()),
    ),
    'tide = "0.16"': (
        'fn main() { let mut app = tide::new(); app.at("/status/health").get(f); app.listen("127.0.0.1:8089").await?; }',
        ("tide", 8089, "http", "/status/health", ("binds-loopback",)),
    ),
    'hyper = "0.14"': (
        (
            "lazy_static::lazy_static! {\n    static ref PORT: u16 = 6000;\n}\n"
            "fn main() { let addr = ([0, 0, 0, 0], *PORT).into(); hyper::Server::bind(&addr).serve(s); }\n"
            'fn route(m: &Method, p: &str) { match (m, p) { (&Method::GET, "/health") => {} _ => {} } }'
        ),
        ("hyper", 6000, "http", "/health", ()),
    ),
    'tokio = "1"': (
        'use tokio::net::TcpListener;\nconst ADDR: &str = "0.0.0.0:7000";\nfn main() { let l = TcpListener::bind(ADDR).await.unwrap(); loop {} }',
        (None, 7000, "tcp", None, ()),
    ),
    'shuttle-runtime = "0.49"\naxum = "0.7"': (
        '#[shuttle_runtime::main]\nasync fn main() -> ShuttleAxum { Ok(axum::Router::new().route("/live", get(l)).into()) }',
        ("axum", 8000, "http", "/live", ()),
    ),
}


@pytest.mark.parametrize("dependency", LISTENERS)
def test_listeners_of_each_framework(tmp_path: Path, dependency: str) -> None:
    source, expected = LISTENERS[dependency]
    found = service(tmp_path, dependency, source)
    assert (found.framework, *found.ports, found.protocol, found.health_path, found.traits) == expected


def test_grpc_with_its_health_service(tmp_path: Path) -> None:
    source = """use tonic::transport::Server;
async fn main() -> Result<(), Error> {
    let addr = "0.0.0.0:50051".parse()?;
    let (mut reporter, health) = tonic_health::server::health_reporter();
    Server::builder().add_service(health).serve(addr).await?;
    Ok(())
}
"""
    manifest = cargo("greeter", 'tonic = "0.12"', 'tonic-health = "0.12"') + '[build-dependencies]\ntonic-build = "0.12"\n'
    found = only(tmp_path, {"Cargo.toml": manifest, "src/main.rs": source})
    assert (found.framework, found.ports, found.protocol, found.health_path, found.build_packages) == (
        "tonic", (50051,), "grpc", "grpc", ("protobuf-compiler",),
    )  # fmt: skip


ROCKET = '#[get("/ping")]\nfn ping() -> &\'static str { "pong" }\n#[launch]\nfn rocket() -> _ { rocket::build().mount("/v1", routes![ping]) }\n'


def test_rocket_takes_its_port_from_its_file(tmp_path: Path) -> None:
    files = {"Cargo.toml": cargo("pages", 'rocket = "0.5"'), "Rocket.toml": '[default]\nport = 9000\naddress = "0.0.0.0"\n', "src/main.rs": ROCKET}
    found = only(tmp_path, files)
    assert (found.ports, found.port_env, found.health_path, found.traits) == ((9000,), "ROCKET_PORT", "/v1/ping", ("runtime-files:Rocket.toml",))
    assert found.evidence["ports"] == (Evidence(file="Rocket.toml", line=2, shows="[default] port = 9000", confidence=0.9),)


def test_rockets_default_is_told_as_one(tmp_path: Path) -> None:
    found = service(tmp_path, 'rocket = "0.5"', ROCKET)
    shown = Evidence(file="src/main.rs", line=4, shows="Rocket's default port 8000; ROCKET_PORT sets another", confidence=0.7)
    assert (found.ports, found.evidence["ports"], found.traits) == ((8000,), (shown,), ("binds-loopback",))
    assert found.env == (
        EnvVar(name="ROCKET_PORT", required=False, default="8000"),
        EnvVar(name="ROCKET_ADDRESS", required=False, default="127.0.0.1"),
    )


def test_clap_attributes_tell_variables(tmp_path: Path) -> None:
    source = """use clap::Parser;
#[derive(Parser)]
struct Args {
    #[arg(long, env = "GATE_PORT", default_value_t = 7070)]
    port: u16,
    #[arg(long, env)]
    upstream_url: String,
    #[arg(long, env = "API_TOKEN")]
    token: Option<String>,
}
async fn main() {
    let args = Args::parse();
    let listener = tokio::net::TcpListener::bind(format!("0.0.0.0:{}", args.port)).await.unwrap();
}
"""
    found = only(tmp_path, {"Cargo.toml": cargo("gate", 'clap = "4"', 'axum = "0.7"'), "src/main.rs": source})
    assert (found.ports, found.port_env) == ((7070,), "GATE_PORT")
    assert found.env == (
        EnvVar(name="GATE_PORT", required=False, default="7070"),
        EnvVar(name="UPSTREAM_URL", required=True),
        EnvVar(name="API_TOKEN", required=False, secret=True),
    )


def test_envy_fills_a_struct(tmp_path: Path) -> None:
    source = """#[derive(serde::Deserialize)]
struct Config {
    #[serde(default = "default_port")]
    port: u16,
    database_url: String,
    sentry_dsn: Option<String>,
}
fn default_port() -> u16 { 4000 }
async fn main() {
    let config = envy::from_env::<Config>().unwrap();
    let addr = format!("0.0.0.0:{}", config.port).parse().unwrap();
    axum::Server::bind(&addr).serve(app).await.unwrap();
}
"""
    found = only(tmp_path, {"Cargo.toml": cargo("app", 'envy = "0.4"', 'axum = "0.6"'), "src/main.rs": source})
    assert (found.ports, found.port_env) == ((4000,), "PORT")
    assert [(item.name, item.required, item.default) for item in found.env] == [
        ("PORT", False, "4000"), ("DATABASE_URL", True, None), ("SENTRY_DSN", False, None),
    ]  # fmt: skip


def test_configuration_files_and_what_overrides_them(tmp_path: Path) -> None:
    source = """use actix_web::{App, HttpServer};
#[derive(serde::Deserialize)]
struct Settings { application: Application, auth_token: String }
#[derive(serde::Deserialize)]
struct Application { port: u16, host: String }
fn settings() -> Result<Settings, config::ConfigError> {
    config::Config::builder()
        .add_source(config::File::from(base.join("configuration").join("base.yaml")))
        .add_source(config::Environment::with_prefix("APP").prefix_separator("_").separator("__"))
        .build()?
        .try_deserialize::<Settings>()
}
async fn main() {
    let configuration = settings().unwrap();
    let address = format!("{}:{}", configuration.application.host, configuration.application.port);
    let listener = std::net::TcpListener::bind(address).unwrap();
}
"""
    files = {
        "Cargo.toml": cargo("mail", 'actix-web = "4"', 'config = "0.14"'),
        "configuration/base.yaml": "application:\n  port: 8000\n  host: 0.0.0.0\n",
        "src/main.rs": source,
    }
    found = only(tmp_path, files)
    assert (found.ports, found.port_env, found.traits) == ((8000,), "APP_APPLICATION__PORT", ("runtime-files:configuration/base.yaml",))
    assert found.evidence["ports"] == (Evidence(file="configuration/base.yaml", line=2, shows="0.0.0.0:8000", confidence=0.9),)
    assert [(item.name, item.required, item.default) for item in found.env] == [
        ("APP_APPLICATION__PORT", False, "8000"), ("APP_APPLICATION__HOST", False, "0.0.0.0"), ("APP_AUTH_TOKEN", True, None),
    ]  # fmt: skip


FALLBACKS = {
    'env::var("KEY")?': ("KEY", True, None),
    'env::var("KEY").ok()': ("KEY", False, None),
    'env::var("KEY").unwrap_or_else(|_| panic!("no X"))': ("KEY", True, None),
    'match env::var("KEY") { Ok(x) => x, Err(_) => "dev".to_string() }': ("KEY", False, "dev"),
    'if let Ok(x) = env::var("KEY") { x } else { std::process::exit(1) }': ("KEY", True, None),
    'env::var(NAME).context("set it")?': ("NAMED", True, None),
    'or_default("KEY", "plain")': ("KEY", False, "plain"),
    'required("KEY")': ("KEY", True, None),
    'optional("KEY")?.ok_or_else(missing)?': ("KEY", True, None),
    'optional("KEY")?': ("KEY", False, None),
    'println!("{}", env::var("KEY").unwrap())': ("KEY", True, None),
}


@pytest.mark.parametrize("expression", FALLBACKS)
def test_what_happens_without_a_variable(tmp_path: Path, expression: str) -> None:
    source = f"""use std::env;
const NAME: &str = "NAMED";
fn or_default(key: &str, default: &str) -> String {{ env::var(key).unwrap_or_else(|_| default.to_string()) }}
fn required(key: &str) -> String {{ env::var(key).expect("missing") }}
fn optional(key: &str) -> Result<Option<String>, Error> {{
    match env::var(key) {{ Ok(x) => Ok(Some(x)), Err(VarError::NotPresent) => Ok(None), Err(error) => Err(error.into()) }}
}}
fn main() {{ let value = {expression}; }}
#[cfg(test)]
mod tests {{
    #[test]
    fn one() {{}}
    fn other() {{ env::var("ONLY_TESTS").unwrap(); }}
}}
"""
    found = service(tmp_path, 'clap = "4"', source)
    assert [(item.name, item.required, item.default) for item in found.env] == [FALLBACKS[expression]]


WORKSPACE = {
    "Cargo.toml": '[workspace]\nmembers = ["crates/*"]\n[workspace.package]\nrust-version = "1.75"\n'
    '[workspace.dependencies]\naxum = "0.7"\nlapin = "2"\ncommon = { path = "crates/common" }\n',
    "Cargo.lock": "version = 3\n",
    "crates/common/Cargo.toml": cargo("common"),
    "crates/common/src/lib.rs": 'pub const PORT: u16 = 8081;\npub fn amqp() -> String { std::env::var("AMQP_URL").expect("no") }\n',
    "crates/api/Cargo.toml": '[package]\nname = "api"\nrust-version.workspace = true\n[dependencies]\n'
    "axum.workspace = true\ncommon.workspace = true\n",
    "crates/api/src/main.rs": 'async fn main() { tokio::net::TcpListener::bind(("0.0.0.0", common::PORT)).await; axum::serve(l, r); }\n',
    "crates/mailer/Cargo.toml": '[package]\nname = "mailer"\n[dependencies]\nlapin.workspace = true\ncommon.workspace = true\n',
    "crates/mailer/src/main.rs": "async fn main() { lapin::Connection::connect(&common::amqp(), d).await.unwrap(); }\n",
    "crates/xtask/Cargo.toml": cargo("xtask"),
    "crates/xtask/src/main.rs": "fn main() {}\n",
    "crates/api_test_db/Cargo.toml": cargo("prepare"),
    "crates/api_test_db/src/main.rs": "fn main() {}\n",
    "examples/Cargo.toml": cargo("shown"),
    "examples/src/main.rs": "fn main() {}\n",
}


def test_a_workspace_has_one_component_for_each_deployable(tmp_path: Path) -> None:
    api, mailer = detect(tmp_path, WORKSPACE)
    assert (api.name, api.path, api.role, api.context, api.ports, api.env) == ("api", "crates/api", "web", "", (8081,), ())
    assert api.runtime == Runtime(name="rust", version="1.75")
    assert (api.build_command, api.test_command) == ("cargo build --release --locked -p api", "cargo test -p api")
    assert api.manifests == ("crates/api/Cargo.toml", "Cargo.toml", "Cargo.lock", "crates/common/Cargo.toml")
    assert (mailer.name, mailer.role, mailer.env) == ("mailer", "worker", (EnvVar(name="AMQP_URL", required=True, secret=True),))
    assert mailer.backing_services == (BackingService(kind="rabbitmq", name="rabbitmq", env=("AMQP_URL",)),)


def test_several_binaries_of_one_package(tmp_path: Path) -> None:
    files = {
        "Cargo.toml": cargo("svc", 'actix-web = "4"', 'diesel = { version = "2", features = ["postgres"] }'),
        "diesel.toml": "",
        "src/lib.rs": "pub mod db;\n",
        "src/db.rs": 'use diesel::PgConnection;\npub fn url() -> String { dotenvy::var("DATABASE_URL").unwrap() }\n',
        "src/main.rs": 'use svc::db::url;\nfn main() { url(); HttpServer::new(|| App::new().route("/up", get())).bind("0.0.0.0:8088").unwrap(); }\n',
        "src/bin/worker.rs": "use svc::db;\nfn main() { db::url(); loop {} }\n",
        "src/bin/generate_schema.rs": "use svc::db;\nfn main() {}\n",
    }
    web, worker = detect(tmp_path, files)
    assert (web.name, web.build_command) == ("svc", "cargo build --release --bin svc")
    assert web.migration_command == "diesel migration run"
    assert (worker.name, worker.role, worker.start_command) == ("worker", "worker", "./target/release/worker")
    assert (worker.env, web.health_path) == ((EnvVar(name="DATABASE_URL", required=True, secret=True),), "/up")


def test_subcommands_serve_work_and_migrate(tmp_path: Path) -> None:
    source = """use clap::Parser;
#[derive(Parser)]
enum Command { Server, BackgroundWorker, Migrate }
fn main() { Command::parse(); axum::Server::bind(&"0.0.0.0:80".parse().unwrap()); tokio_postgres::connect(u, NoTls); }
"""
    web, worker = detect(tmp_path, {"Cargo.toml": cargo("app", 'clap = "4"', 'axum = "0.6"', 'tokio-postgres = "0.7"'), "src/main.rs": source})
    assert (web.start_command, web.migration_command) == ("./target/release/app server", "./target/release/app migrate")
    assert (worker.name, worker.role, worker.start_command) == ("app-background-worker", "worker", "./target/release/app background-worker")


def test_a_subcommand_may_come_from_a_flattened_enum(tmp_path: Path) -> None:
    main = """mod admin;
#[derive(clap::Parser)]
enum Command { #[command(flatten)] Admin(admin::Command), Serve }
fn main() { axum::Server::bind(&"0.0.0.0:80".parse().unwrap()); tokio_postgres::connect(u, NoTls); }
"""
    files = {
        "Cargo.toml": cargo("app", 'clap = "4"', 'axum = "0.6"', 'tokio-postgres = "0.7"'),
        "src/main.rs": main,
        "src/admin.rs": "#[derive(clap::Subcommand)]\npub enum Command { Migrate, Other }\n",
    }
    found = only(tmp_path, files)
    assert (found.start_command, found.migration_command) == ("./target/release/app serve", "./target/release/app migrate")


def test_a_health_route_of_something_else_is_not_the_programs(tmp_path: Path) -> None:
    source = """fn main() {
    let app = Router::new().route("/api/v4/image/health", get(i)).route("/api/v4/internal/ping", get(p));
    axum::Server::bind(&"0.0.0.0:80".parse().unwrap()).serve(app);
}
"""
    assert service(tmp_path, 'axum = "0.6"', source).health_path == "/api/v4/internal/ping"


def test_databases_behind_features_are_left_to_the_user(tmp_path: Path) -> None:
    manifest = cargo("vault", 'rocket = "0.5"', 'diesel = "2"') + '[features]\nmysql = ["diesel/mysql"]\nsqlite = ["diesel/sqlite"]\n'
    found = only(tmp_path, {"Cargo.toml": manifest, "src/main.rs": ROCKET + "use diesel::prelude::*;\n"})
    assert found.ambiguities == (
        Ambiguity(
            fact="build_command",
            component="vault",
            choices=("cargo build --release --features mysql", "cargo build --release --features sqlite"),
            how_to_decide="set components.vault.build_command in opsmith.yaml",
        ),
        Ambiguity(
            fact="backing_services",
            component="vault",
            choices=("mysql", "sqlite"),
            how_to_decide="set components.vault.backing_services in opsmith.yaml",
        ),
    )


def test_loco_reads_its_configuration(tmp_path: Path) -> None:
    files = {
        "Cargo.toml": cargo("blog", 'loco-rs = "0.13"', 'sea-orm = { version = "1", features = ["sqlx-postgres"] }'),
        "config/production.yaml": 'server:\n  port: {{ get_env(name="PORT", default="5150") }}\ndatabase:\n  uri: {{ get_env(name="DATABASE_URL") }}',
        "src/bin/main.rs": "use loco_rs::cli;\nuse sea_orm::Database;\nasync fn main() { cli::main::<App>().await }\n",
    }
    found = only(tmp_path, files)
    assert (found.name, found.framework, found.ports, found.port_env) == ("blog", "loco", (5150,), "PORT")
    assert (found.start_command, found.migration_command) == ("./target/release/main start", "./target/release/main db migrate")
    assert [(item.name, item.required) for item in found.env] == [("PORT", False), ("DATABASE_URL", True)]


def test_a_page_that_trunk_builds(tmp_path: Path) -> None:
    files = {"Cargo.toml": cargo("page", 'yew = "0.21"'), "index.html": '<link data-trunk rel="rust">', "src/main.rs": "fn main() {}"}
    found = only(tmp_path, files)
    assert (found.role, found.framework, found.build_command, found.static_dir) == ("static", "yew", "trunk build --release", "dist")


def test_native_packages_by_the_lock_file(tmp_path: Path) -> None:
    lock = (
        'version = 3\n[[package]]\nname = "reqwest"\nversion = "0.12.0"\ndependencies = ["native-tls"]\n'
        '[[package]]\nname = "native-tls"\nversion = "0.2.0"\ndependencies = ["openssl-sys", "openssl-probe"]\n'
    )
    files = {"Cargo.toml": cargo("fetch", 'reqwest = "0.12"', 'clap = "4"'), "Cargo.lock": lock, "src/main.rs": "fn main() {}"}
    found = only(tmp_path, files)
    assert (found.role, found.build_packages, found.runtime_packages) == ("cli", ("libssl-dev", "pkg-config"), ("ca-certificates", "libssl3"))


def test_what_is_not_deployed(tmp_path: Path) -> None:
    files = {
        "Cargo.toml": cargo("desk", 'tauri = "2"'),
        "src/main.rs": "fn main() {}",
        "lib/Cargo.toml": cargo("lib"),
        "lib/src/lib.rs": "pub fn f() {}",
    }
    assert detect(tmp_path, files) == []


def test_versions_take_precedence_in_the_documented_order(tmp_path: Path) -> None:
    base = {"Cargo.toml": cargo("app", head='rust-version = "1.70"'), "src/main.rs": "fn main() {}"}
    steps: list[dict[str, str]] = [{}, {"mise.toml": '[tools]\nrust = "1.71"\n'}, {".tool-versions": "rust 1.72.0\n"}, {"rust-toolchain": "1.73\n"}]
    found: list[str | None] = []
    for number, step in enumerate(steps):
        base |= step
        runtime = only(tmp_path / str(number), base).runtime
        found.append(runtime.version if runtime else None)
    assert found == ["1.70", "1.71", "1.72.0", "1.73"]


def test_hostile_sources_end(tmp_path: Path) -> None:
    deep = "(" * 20000 + "1" + ")" * 20000 + "; " + "a.b(" * 4000 + ")" * 4000 + "; " + "f(" * 3000 + 'env::var("KEY")' + ")" * 3000
    found = service(tmp_path / "a", 'axum = "0.7"', "fn main() { let x = " + deep + "; TcpListener::bind(x); }")
    assert (found.role, found.ports) == ("job", ())
    circle = "const A: &str = B;\nconst B: &str = A;\nfn f() -> u16 { f() }\nfn main() { TcpListener::bind((A, f())); }"
    assert service(tmp_path / "b", 'axum = "0.7"', circle).ports == ()


def test_a_broken_manifest_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "Cargo.toml").write_text("[package\nname=")
    repo = Repo(tmp_path)
    assert list(rust.detect(repo)) == []
    assert [(item.file, item.manifest) for item in repo.problems] == [("Cargo.toml", True)]
