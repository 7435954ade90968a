"""The JVM detector on small trees, each showing one way in which Java and Kotlin services are written."""

from __future__ import annotations

from pathlib import Path

import pytest

from opsmith.detectors import jvm
from opsmith.model.survey import Ambiguity, BackingService, Component, EnvVar, Evidence, RequestMetric, Runtime
from opsmith.repo import Repo

BOOT = "org.springframework.boot"


def detect(root: Path, files: dict[str, str]) -> list[Component]:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return list(jvm.detect(Repo(root)))


def only(root: Path, files: dict[str, str]) -> Component:
    (component,) = detect(root, files)
    return component


def pom(artifact: str, *libraries: str, parent: str = "", extra: str = "", version: str = "1.2.0") -> str:
    listed = "".join(
        f"<dependency><groupId>{group}</groupId><artifactId>{name}</artifactId></dependency>\n"
        for group, name in (library.split(":") for library in libraries)
    )
    return (
        f"<project>\n{parent}<groupId>com.acme</groupId><artifactId>{artifact}</artifactId><version>{version}</version>\n"
        f"<dependencies>\n{listed}</dependencies>\n{extra}</project>\n"
    )


PARENT = f"<parent><groupId>{BOOT}</groupId><artifactId>spring-boot-starter-parent</artifactId><version>3.2.0</version></parent>\n"
PLUGIN = f"<build><plugins><plugin><groupId>{BOOT}</groupId><artifactId>spring-boot-maven-plugin</artifactId></plugin></plugins></build>\n"
APP = """package com.acme;

@SpringBootApplication
public class App {
    public static void main(String[] args) {
        SpringApplication.run(App.class, args);
    }
}
"""
MAIN = "src/main/java/com/acme/App.java"
SETTINGS = "src/main/resources/application.yml"


def test_a_spring_boot_service_built_by_maven(tmp_path: Path) -> None:
    files = {
        "pom.xml": pom("shop", f"{BOOT}:spring-boot-starter-web", f"{BOOT}:spring-boot-starter-actuator", parent=PARENT, extra=PLUGIN),
        MAIN: APP,
        SETTINGS: "server:\n  port: ${PORT:9000}\n",
    }
    assert only(tmp_path, files) == Component(
        name="shop",
        path="",
        role="web",
        language="java",
        framework="spring-boot",
        package_manager="maven",
        runtime=Runtime(name="java", version="17"),
        install_command="mvn -B dependency:go-offline",
        build_command="mvn -B package -DskipTests",
        start_command="java -jar target/*.jar",
        ports=(9000,),
        protocol="http",
        port_env="PORT",
        health_path="/actuator/health",
        env=(EnvVar(name="PORT", required=False, default="9000"),),
        test_command="mvn -B test",
        manifests=("pom.xml",),
        traits=("spring-boot:3.2.0",),
        evidence={
            "role": (Evidence(file="pom.xml", line=5, shows=f"{BOOT}:spring-boot-starter-web", confidence=0.9),),
            "language": (Evidence(file=MAIN, shows="1 of 1 source files", confidence=0.95),),
            "framework": (Evidence(file="pom.xml", line=5, shows=f"{BOOT}:spring-boot-starter-web", confidence=0.9),),
            "package_manager": (Evidence(file="pom.xml", shows="pom.xml", confidence=1.0),),
            "runtime": (Evidence(file="pom.xml", shows="17 is the default of Spring Boot 3.2.0; no java.version is set", confidence=0.6),),
            "start_command": (
                Evidence(file=MAIN, line=5, shows="main of com.acme.App", confidence=0.9),
                Evidence(file="pom.xml", shows="target/shop-1.2.0", confidence=0.9),
            ),
            "ports": (Evidence(file=SETTINGS, line=2, shows="server.port: ${PORT:9000}", confidence=0.95),),
            "health_path": (Evidence(file="pom.xml", line=6, shows=f"{BOOT}:spring-boot-starter-actuator", confidence=0.9),),
            "env": (Evidence(file=SETTINGS, line=2, shows="server.port: ${PORT:9000}", confidence=0.9),),
        },
    )


def test_a_repository_without_a_build_has_no_component(tmp_path: Path) -> None:
    assert detect(tmp_path, {MAIN: APP}) == []


def test_the_port_of_nobody_is_told_as_the_default(tmp_path: Path) -> None:
    found = only(tmp_path, {"pom.xml": pom("shop", f"{BOOT}:spring-boot-starter-web"), MAIN: APP})
    assert (found.ports, found.port_env) == ((8080,), "SERVER_PORT")
    assert found.evidence["ports"] == (Evidence(file="pom.xml", shows="8080 is the default of Spring Boot; no server.port is set", confidence=0.6),)


def test_the_actuator_on_its_own_port_and_path(tmp_path: Path) -> None:
    settings = (
        "server.port=8080\nserver.servlet.context-path=/shop\nmanagement.server.port=9001\nmanagement.endpoints.web.base-path=/manage\n"
        "management.endpoints.web.exposure.include=health,prometheus\n"
    )
    libraries = [f"{BOOT}:spring-boot-starter-web", f"{BOOT}:spring-boot-starter-actuator", "io.micrometer:micrometer-registry-prometheus"]
    found = only(tmp_path, {"pom.xml": pom("shop", *libraries), MAIN: APP, "src/main/resources/application.properties": settings})
    assert (found.ports, found.health_path, found.metrics_path) == ((8080, 9001), "/manage/health", "/manage/prometheus")
    assert found.request_metric == RequestMetric(counter="http_server_requests_seconds_count", errors='status=~"5.."')


def test_metrics_that_are_not_exposed_are_none(tmp_path: Path) -> None:
    libraries = [f"{BOOT}:spring-boot-starter-web", f"{BOOT}:spring-boot-starter-actuator", "io.micrometer:micrometer-registry-prometheus"]
    found = only(tmp_path, {"pom.xml": pom("shop", *libraries), MAIN: APP})
    assert (found.health_path, found.metrics_path, found.request_metric) == ("/actuator/health", None, None)


# -- backing services --------------------------------------------------------------------------------------------------------------------

JPA = (f"{BOOT}:spring-boot-starter-web", f"{BOOT}:spring-boot-starter-data-jpa")


def test_a_database_by_the_address_in_settings(tmp_path: Path) -> None:
    settings = "spring.datasource.url=jdbc:postgresql://${DB_HOST:db}:5432/shop\nspring.datasource.password=${DB_PASSWORD}\n"
    found = only(
        tmp_path, {"pom.xml": pom("shop", *JPA, "org.postgresql:postgresql"), MAIN: APP, "src/main/resources/application.properties": settings}
    )
    assert found.backing_services == (BackingService(kind="postgres", name="postgres", env=("DB_HOST", "DB_PASSWORD"), host="db"),)
    assert found.env == (
        EnvVar(name="DB_HOST", required=False, default="db"),
        EnvVar(name="DB_PASSWORD", required=True, secret=True),
    )


def test_a_driver_without_an_address_needs_the_variables_of_spring(tmp_path: Path) -> None:
    found = only(tmp_path, {"pom.xml": pom("shop", *JPA, "com.mysql:mysql-connector-j"), MAIN: APP})
    names = ("SPRING_DATASOURCE_PASSWORD", "SPRING_DATASOURCE_URL", "SPRING_DATASOURCE_USERNAME")
    assert found.backing_services == (BackingService(kind="mysql", name="mysql", env=names),)
    assert [item.name for item in found.env if item.required] == list(names)


def test_profiles_beside_an_embedded_database_are_a_choice(tmp_path: Path) -> None:
    files = {
        "pom.xml": pom("shop", *JPA, "com.h2database:h2", "org.postgresql:postgresql"),
        MAIN: APP,
        "src/main/resources/application-postgres.properties": "spring.datasource.url=${POSTGRES_URL:jdbc:postgresql://localhost/shop}\n",
    }
    found = only(tmp_path, files)
    assert found.backing_services == (BackingService(kind="postgres", name="postgres", env=("POSTGRES_URL",), optional=True),)
    assert "embedded-database" in found.traits
    assert found.ambiguities == (
        Ambiguity(
            fact="backing_services",
            component="shop",
            choices=("h2", "postgres"),
            how_to_decide="set components.shop.backing_services in opsmith.yaml (the profile that runs decides)",
        ),
    )


def test_an_embedded_database_alone_is_none(tmp_path: Path) -> None:
    found = only(tmp_path, {"pom.xml": pom("shop", *JPA, "com.h2database:h2"), MAIN: APP})
    assert found.backing_services == ()
    assert "embedded-database" in found.traits


def test_the_profile_of_containers_holds_and_is_asked_for(tmp_path: Path) -> None:
    files = {
        "pom.xml": pom("shop", f"{BOOT}:spring-boot-starter-web", f"{BOOT}:spring-boot-starter-data-redis"),
        MAIN: APP,
        "src/main/resources/application.properties": "spring.profiles.active=dev\nspring.data.redis.host=localhost\n",
        "src/main/resources/application-docker.properties": "spring.data.redis.host=cache\n",
    }
    found = only(tmp_path, files)
    assert found.backing_services == (BackingService(kind="redis", name="redis", host="cache"),)
    assert found.env == (EnvVar(name="SPRING_PROFILES_ACTIVE", required=True, default="docker"),)


def test_migrations_that_run_in_the_process_have_no_command(tmp_path: Path) -> None:
    found = only(tmp_path, {"pom.xml": pom("shop", *JPA, "org.postgresql:postgresql", "org.flywaydb:flyway-core"), MAIN: APP})
    assert found.migration_command is None
    assert found.evidence["migration_command"][0].shows == "org.flywaydb:flyway-core: the process migrates while it starts"


# -- several modules ---------------------------------------------------------------------------------------------------------------------


def test_a_maven_build_of_several_modules(tmp_path: Path) -> None:
    parent = "<parent><groupId>com.acme</groupId><artifactId>all</artifactId><version>1.2.0</version></parent>\n"
    root = (
        f"<project>{PARENT}<groupId>com.acme</groupId><artifactId>all</artifactId><version>1.2.0</version><packaging>pom</packaging>"
        f"<modules><module>core</module><module>web</module></modules><properties><java.version>21</java.version></properties>{PLUGIN}</project>"
    )
    files = {
        "pom.xml": root,
        "mvnw": "",
        "core/pom.xml": pom("core", "org.postgresql:postgresql", parent=parent),
        "core/src/main/java/Core.java": "class Core {}",
        "web/pom.xml": pom("web", f"{BOOT}:spring-boot-starter-web", f"{BOOT}:spring-boot-starter-jdbc", "com.acme:core", parent=parent),
        f"web/{MAIN}": APP,
    }
    found = only(tmp_path, files)
    assert (found.name, found.path, found.context, found.runtime) == ("web", "web", "", Runtime(name="java", version="21"))
    assert found.build_command == "./mvnw -B -pl web -am package -DskipTests"
    assert found.start_command == "java -jar web/target/*.jar"
    assert found.manifests == ("pom.xml", "web/pom.xml")
    assert [item.kind for item in found.backing_services] == ["postgres"]


def test_a_config_server_hands_out_ports_and_is_called(tmp_path: Path) -> None:
    cloud = "org.springframework.cloud"
    files = {
        "config/pom.xml": pom("config", f"{cloud}:spring-cloud-config-server"),
        f"config/{MAIN}": APP,
        "config/src/main/resources/application.yml": "server:\n  port: 8888\n",
        "config/src/main/resources/shared/orders.yml": "server:\n  port: 6000\n",
        "orders/pom.xml": pom("orders", f"{BOOT}:spring-boot-starter-web", f"{cloud}:spring-cloud-starter-config"),
        f"orders/{MAIN}": APP,
        "orders/src/main/resources/bootstrap.yml": "spring:\n  application:\n    name: orders\n",
    }
    config, orders = detect(tmp_path, files)
    assert (config.name, config.ports, orders.name, orders.ports) == ("config", (8888,), "orders", (6000,))
    assert orders.depends_on == ("config",)


GROOVY = """plugins {
    id 'org.springframework.boot' version '3.2.0'
    id 'java'
}
version = '0.3.0'
java { toolchain { languageVersion = JavaLanguageVersion.of(21) } }
dependencies {
    implementation 'org.springframework.boot:spring-boot-starter-web'
    implementation project(':core')
    testImplementation 'org.postgresql:postgresql'
}
"""


def test_a_gradle_build_in_groovy_with_a_library(tmp_path: Path) -> None:
    files = {
        "settings.gradle": "rootProject.name = 'shop'\ninclude 'core', 'web'\n",
        "gradlew": "",
        "core/build.gradle": "plugins { id 'java-library' }\ndependencies { api 'redis.clients:jedis:5.0.0' }\n",
        "web/build.gradle": GROOVY,
        f"web/{MAIN}": APP,
    }
    found = only(tmp_path, files)
    assert (found.build_command, found.start_command) == ("./gradlew :web:bootJar", "java -jar web/build/libs/*.jar")
    assert (found.runtime, found.context) == (Runtime(name="java", version="21"), "")
    assert found.backing_services == (BackingService(kind="redis", name="redis", optional=True),)


KTOR = """@Suppress("DSL_SCOPE_VIOLATION")
plugins {
    application
    alias(libs.plugins.ktor)
}
application { mainClass.set("com.acme.MainKt") }
dependencies {
    implementation(libs.bundles.server)
    implementation(libs.postgresql)
}
kotlin { jvmToolchain(17) }
"""
CATALOG = """[versions]
ktor = "3.0.0"
[libraries]
ktor-server-netty = { module = "io.ktor:ktor-server-netty", version.ref = "ktor" }
postgresql = "org.postgresql:postgresql:42.7.0"
[bundles]
server = ["ktor-server-netty"]
[plugins]
ktor = { id = "io.ktor.plugin", version.ref = "ktor" }
"""
KTOR_MAIN = """package com.acme

import io.ktor.server.engine.embeddedServer
import io.ktor.server.netty.Netty

fun main() {
    val port = System.getenv("PORT")?.toInt() ?: 8085
    embeddedServer(Netty, port = port) { module() }.start(wait = true)
}

fun Application.module() {
    val secret = System.getenv("JWT_SECRET") ?: error("no secret")
    routing { route("/internal") { get("/healthz") { call.respondText("ok") } } }
}
"""


def test_ktor_with_a_version_catalog(tmp_path: Path) -> None:
    files = {
        "settings.gradle.kts": 'rootProject.name = "shop"\n',
        "build.gradle.kts": KTOR,
        "gradle/libs.versions.toml": CATALOG,
        "src/main/kotlin/Main.kt": KTOR_MAIN,
    }
    found = only(tmp_path, files)
    assert (found.language, found.framework, found.runtime) == ("kotlin", "ktor", Runtime(name="java", version="17"))
    assert (found.ports, found.port_env, found.health_path) == ((8085,), "PORT", "/internal/healthz")
    assert (found.build_command, found.start_command) == ("gradle buildFatJar", "java -jar build/libs/shop-all.jar")
    assert found.env == (EnvVar(name="JWT_SECRET", required=True, secret=True), EnvVar(name="PORT", required=False, default="8085"))
    assert [item.kind for item in found.backing_services] == ["postgres"]


def test_ktor_started_by_its_engine(tmp_path: Path) -> None:
    files = {
        "build.gradle.kts": 'plugins { application }\napplication { mainClass = "io.ktor.server.netty.EngineMain" }\n'
        'dependencies { implementation("io.ktor:ktor-server-netty:3.0.0") }\n',
        "src/main/kotlin/App.kt": "package a\nfun Application.module() {}\n",
        "src/main/resources/application.conf": "ktor {\n  deployment {\n    port = 8090\n    port = ${?PORT}\n  }\n}\n",
    }
    found = only(tmp_path, files)
    assert (found.framework, found.ports, found.port_env) == ("ktor", (8090,), "PORT")


GRPC = """package shop;

public final class Ads {
  private void start() {
    int port = Integer.parseInt(System.getenv().getOrDefault("PORT", "9555"));
    ServerBuilder.forPort(port).addService(new HealthStatusManager().getHealthService()).build().start();
  }
  public static void main(String[] args) { new Ads().start(); }
}
"""


def test_a_grpc_server_with_a_start_script(tmp_path: Path) -> None:
    build = (
        'plugins { id \'application\' }\ndependencies {\n  implementation "io.grpc:grpc-netty:1.6",\n    "io.grpc:grpc-services:1.6"\n}\n'
        "task ads(type: CreateStartScripts) {\n  mainClass.set('shop.Ads')\n  applicationName = 'Ads'\n}\n"
    )
    files = {"settings.gradle": "rootProject.name = 'shop'\n", "build.gradle": build, "src/main/java/shop/Ads.java": GRPC}
    found = only(tmp_path, files)
    assert (found.framework, found.protocol, found.ports, found.health_path) == ("grpc", "grpc", (9555,), "grpc")
    assert (found.build_command, found.start_command) == ("gradle installDist", "build/install/shop/bin/Ads")
    assert found.env == (EnvVar(name="PORT", required=False, default="9555"),)


# -- other frameworks --------------------------------------------------------------------------------------------------------------------


def test_quarkus(tmp_path: Path) -> None:
    extra = "<build><plugins><plugin><artifactId>quarkus-maven-plugin</artifactId></plugin></plugins></build>"
    libraries = ["io.quarkus:quarkus-rest", "io.quarkus:quarkus-smallrye-health", "io.quarkus:quarkus-micrometer-registry-prometheus"]
    files = {
        "pom.xml": pom("fights", *libraries, "io.quarkus:quarkus-jdbc-postgresql", extra=extra),
        "src/main/java/Fights.java": "class Fights {}",
        "src/main/resources/application.properties": "quarkus.http.port=8082\n%dev.quarkus.http.port=9999\n",
    }
    found = only(tmp_path, files)
    assert (found.framework, found.ports, found.health_path, found.metrics_path) == ("quarkus", (8082,), "/q/health", "/q/metrics")
    assert found.start_command == "java -jar target/quarkus-app/quarkus-run.jar"
    assert found.backing_services[0].env == ("QUARKUS_DATASOURCE_JDBC_URL", "QUARKUS_DATASOURCE_PASSWORD", "QUARKUS_DATASOURCE_USERNAME")


def test_micronaut(tmp_path: Path) -> None:
    build = (
        'plugins { id("io.micronaut.application") version "4.0.0"\n id("com.gradleup.shadow") version "8.3" }\nversion = "0.1"\n'
        'dependencies { implementation("io.micronaut:micronaut-http-server-netty")\n implementation("io.micronaut:micronaut-management") }\n'
        'application { mainClass = "a.App" }\n'
    )
    files = {
        "settings.gradle.kts": 'rootProject.name = "shop"\n',
        "build.gradle.kts": build,
        "src/main/kotlin/a/App.kt": "package a\nfun main(args: Array<String>) { run(*args) }\n",
        SETTINGS: "micronaut:\n  server:\n    port: ${SHOP_PORT:8081}\n",
    }
    found = only(tmp_path, files)
    assert (found.framework, found.ports, found.port_env, found.health_path) == ("micronaut", (8081,), "SHOP_PORT", "/health")
    assert found.start_command == "java -jar build/libs/*-all.jar"


@pytest.mark.parametrize(
    ("library", "code", "framework", "port"),
    [
        ("com.sparkjava:spark-core", "import static spark.Spark.*;\nclass A { public static void main(String[] a) { port(8081); } }", "spark", 8081),
        ("com.sparkjava:spark-core", "class A { public static void main(String[] a) { } }", "spark", 4567),
        (
            "io.javalin:javalin",
            "import io.javalin.Javalin;\nclass A { public static void main(String[] a) { Javalin.create().start(7070); } }",
            "javalin",
            7070,
        ),
        (
            "io.vertx:vertx-web",
            "import io.vertx.core.Vertx;\nclass A { public static void main(String[] a) { v.createHttpServer().listen(8888); } }",
            "vertx",
            8888,
        ),
    ],
)
def test_servers_in_code(tmp_path: Path, library: str, code: str, framework: str, port: int) -> None:
    found = only(tmp_path, {"pom.xml": pom("shop", library), "src/main/java/A.java": code})
    assert (found.framework, found.ports, found.role) == (framework, (port,), "web")


def test_a_war_is_started_by_its_container(tmp_path: Path) -> None:
    files = {"pom.xml": pom("shop", "javax.servlet:servlet-api", extra="<packaging>war</packaging>"), "src/main/java/A.java": "class A {}"}
    found = only(tmp_path, files)
    assert (found.framework, found.ports, found.start_command, found.traits) == ("servlet", (8080,), None, ("war:target/*.war",))
    assert [item.fact for item in found.ambiguities] == ["start_command"]


def test_dropwizard_is_started_with_its_configuration(tmp_path: Path) -> None:
    extra = "<build><plugins><plugin><artifactId>maven-shade-plugin</artifactId></plugin></plugins></build>"
    files = {
        "pom.xml": pom("shop", "io.dropwizard:dropwizard-core", extra=extra),
        "src/main/java/A.java": "class A { public static void main(String[] a) { } }",
        "config.yml": "server:\n  applicationConnectors:\n    - port: 9000\n  adminConnectors:\n    - port: 9001\n",
    }
    found = only(tmp_path, files)
    assert (found.framework, found.ports, found.health_path) == ("dropwizard", (9000, 9001), "/healthcheck")
    assert found.start_command == "java -jar target/shop-*.jar server config.yml"


def test_a_listener_of_a_queue_is_a_worker(tmp_path: Path) -> None:
    listener = 'package com.acme;\nclass Listener {\n  @KafkaListener(topics = "orders")\n  void on(String order) { }\n}\n'
    files = {
        "pom.xml": pom("mailer", f"{BOOT}:spring-boot-starter", "org.springframework.kafka:spring-kafka"),
        MAIN: APP,
        "src/main/java/com/acme/Listener.java": listener,
    }
    found = only(tmp_path, files)
    assert (found.role, found.ports, found.protocol) == ("worker", (), None)
    assert found.evidence["role"] == (Evidence(file="src/main/java/com/acme/Listener.java", line=3, shows="@KafkaListener", confidence=0.9),)


# -- what is no deployable, and what is hostile --------------------------------------------------------------------------------------------


def test_tests_and_benchmarks_are_no_deployables(tmp_path: Path) -> None:
    boot = pom("x", f"{BOOT}:spring-boot-starter-web")
    assert detect(tmp_path, {"e2e-tests/pom.xml": boot, f"e2e-tests/{MAIN}": APP, "benchmarks/pom.xml": boot, f"benchmarks/{MAIN}": APP}) == []


def test_a_library_is_no_deployable(tmp_path: Path) -> None:
    assert detect(tmp_path, {"pom.xml": pom("lib", f"{BOOT}:spring-boot-starter-web"), "src/main/java/A.java": "class A {}"}) == []


def test_parents_in_a_circle_and_properties_that_grow_end(tmp_path: Path) -> None:
    def circular(name: str, other: str) -> str:
        above = f"<parent><artifactId>{other}</artifactId><groupId>com.acme</groupId><relativePath>../{other}/pom.xml</relativePath></parent>"
        grow = "<properties><a>${b}${b}${b}</a><b>${a}${a}${a}</b></properties>"
        return pom(name, f"{BOOT}:spring-boot-starter-web", parent=above, extra=grow, version="${a}")

    files = {"one/pom.xml": circular("one", "two"), "two/pom.xml": circular("two", "one"), f"one/{MAIN}": APP}
    assert only(tmp_path, files).start_command == "java -cp target/classes:target/dependency/* com.acme.App"


def test_a_script_that_nests_without_end_is_read(tmp_path: Path) -> None:
    assert detect(tmp_path, {"build.gradle": "a {" * 100_000, "settings.gradle": "include " + "'a'," * 1000}) == []


SPARK = "import static spark.Spark.*;\nclass A { public static void main(String[] a) { port(8081); } }"


@pytest.mark.parametrize("nest", ["port(" * 20_000 + "1" + ")" * 20_000, "x" + ".get(1)" * 40_000, "get(() -> {" * 5_000 + "})" * 5_000])
def test_a_source_that_nests_without_end_is_left_aside(tmp_path: Path, nest: str) -> None:
    files = {"pom.xml": pom("shop", "com.sparkjava:spark-core"), "src/main/java/A.java": SPARK}
    files["src/main/java/B.java"] = f"import static spark.Spark.*;\nclass B {{ void f() {{ port(1); {nest}; }} }}"
    assert only(tmp_path, files).ports == (8081,)


def test_broken_settings_are_a_problem_that_stops_nothing(tmp_path: Path) -> None:
    for name, text in {"pom.xml": pom("shop", f"{BOOT}:spring-boot-starter-web"), MAIN: APP, SETTINGS: "a: [\n", "README": ""}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    repo = Repo(tmp_path)
    (found,) = jvm.detect(repo)
    assert found.ports == (8080,)
    assert [(item.file, item.manifest) for item in repo.problems] == [(SETTINGS, False)]


def test_values_that_maven_fills_in_are_no_broken_settings(tmp_path: Path) -> None:
    files = {
        "pom.xml": pom("shop", f"{BOOT}:spring-boot-starter-web"),
        MAIN: APP,
        SETTINGS: "info:\n  version: @project.version@\nserver:\n  port: 81\n",
    }
    assert only(tmp_path, files).ports == (81,)


def test_samples_count_only_where_there_is_nothing_else(tmp_path: Path) -> None:
    files = {"demo/pom.xml": pom("demo", f"{BOOT}:spring-boot-starter-web"), f"demo/{MAIN}": APP}
    assert [item.path for item in detect(tmp_path / "alone", files)] == ["demo"]
    files |= {"shop/pom.xml": pom("shop", f"{BOOT}:spring-boot-starter-web"), f"shop/{MAIN}": APP}
    assert [item.path for item in detect(tmp_path / "beside", files)] == ["shop"]


def test_settings_under_a_name_that_code_chooses(tmp_path: Path) -> None:
    files = {
        "pom.xml": pom("shop", f"{BOOT}:spring-boot-starter-web"),
        MAIN: APP.replace("SpringApplication.run(App.class", 'System.setProperty("spring.config.name", "shop-api"); SpringApplication.run(App.class'),
        "src/main/resources/shop-api.yml": "spring.profiles.include: shared\n",
        "src/main/resources/shop-api-shared.yml": "server.port: ${QUERY_PORT:9411}\n",
        "src/main/resources/other.yml": "server.port: 1\n",
    }
    found = only(tmp_path, files)
    assert (found.ports, found.port_env) == ((9411,), "QUERY_PORT")


def test_a_script_that_starts_the_jar_tells_its_port(tmp_path: Path) -> None:
    files = {
        "pom.xml": pom("shop", f"{BOOT}:spring-boot-starter-web"),
        MAIN: APP,
        "run.sh": "nohup java -jar target/shop-*.jar --server.port=8083 &\n",
    }
    found = only(tmp_path, files)
    assert found.ports == (8083,)
    assert found.evidence["ports"] == (Evidence(file="run.sh", line=1, shows="-jar target/shop-*.jar --server.port=8083", confidence=0.75),)


def test_clients_by_annotation_name_whom_they_call(tmp_path: Path) -> None:
    client = 'package com.acme;\n@FeignClient(name = "orders")\ninterface Orders { }\n'
    files = {
        "orders/pom.xml": pom("orders", f"{BOOT}:spring-boot-starter-web"),
        f"orders/{MAIN}": APP,
        "shop/pom.xml": pom("shop", f"{BOOT}:spring-boot-starter-web"),
        f"shop/{MAIN}": APP,
        "shop/src/main/java/com/acme/Orders.java": client,
    }
    orders, shop = detect(tmp_path, files)
    assert (orders.depends_on, shop.depends_on) == ((), ("orders",))
    assert shop.evidence["depends_on"] == (
        Evidence(file="shop/src/main/java/com/acme/Orders.java", line=2, shows="@FeignClient orders", confidence=0.9),
    )


def test_a_queue_that_is_switched_off_is_optional(tmp_path: Path) -> None:
    settings = "shop.events.kafka.enabled=${KAFKA_ENABLED:false}\nspring.kafka.bootstrap-servers=${KAFKA_BROKERS:localhost:9092}\n"
    libraries = (f"{BOOT}:spring-boot-starter-web", "org.springframework.kafka:spring-kafka")
    found = only(tmp_path, {"pom.xml": pom("shop", *libraries), MAIN: APP, "src/main/resources/application.properties": settings})
    assert found.backing_services == (BackingService(kind="kafka", name="kafka", env=("KAFKA_BROKERS",), optional=True),)
