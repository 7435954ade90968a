"""The Scala detector on small sbt builds, and the reader of HOCON that it stands on."""

from __future__ import annotations

from pathlib import Path

from opsmith.detectors import scala
from opsmith.detectors.scala.hocon import Setting, settings
from opsmith.model.survey import Ambiguity, BackingService, Component, EnvVar, Evidence, Runtime
from opsmith.repo import Repo

NATIVE = 'addSbtPlugin("com.github.sbt" % "sbt-native-packager" % "1.10.0")\naddSbtPlugin("org.scalameta" % "sbt-scalafmt" % "2.5.0")\n'
BUILD = """name := "Shop Api"
version := "0.2.0"
scalaVersion := "2.13.12"
javacOptions ++= Seq("--release", "17")
libraryDependencies += "org.http4s" %% "http4s-ember-server" % "0.23"

enablePlugins(JavaAppPackaging)
"""
MAIN = """package shop

import cats.effect._
import doobie.postgres.implicits._
import org.http4s.ember.server.EmberServerBuilder

object Main extends IOApp.Simple {
  val config = load
  val routes = HttpRoutes.of[IO] {
    case GET -> Root / "items" => Ok()
    case GET -> Root / "internal" / "health" => Ok()
  }
  def run = EmberServerBuilder.default[IO].withPort(config.port).withHttpApp(routes.orNotFound).build.useForever
}
"""
CONF = """# settings of the shop
http {
  host = "0.0.0.0"
  port = 8090
  port = ${?HTTP_PORT}
}
db { url = "jdbc:postgresql://db/shop", url = ${?DATABASE_URL}, password = ${DB_PASSWORD} }
smtp.port = 25
"""


def detect(root: Path, files: dict[str, str]) -> list[Component]:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return list(scala.detect(Repo(root)))


def only(root: Path, files: dict[str, str]) -> Component:
    (component,) = detect(root, files)
    return component


HTTP4S = {
    "build.sbt": BUILD,
    "project/build.properties": "sbt.version=1.9.9\n",
    "project/plugins.sbt": NATIVE,
    ".scalafmt.conf": "version = 3.8.0\n",
    "src/main/scala/shop/Main.scala": MAIN,
    "src/main/resources/application.conf": CONF,
    "src/test/scala/shop/Fake.scala": 'object Fake extends App { sys.env("ONLY_IN_TESTS") }\n',
}


def test_http4s_packed_by_sbt_native_packager(tmp_path: Path) -> None:
    assert only(tmp_path, HTTP4S) == Component(
        name="shop-api",
        path="",
        role="web",
        language="scala",
        framework="http4s",
        package_manager="sbt",
        runtime=Runtime(name="java", version="17"),
        install_command="sbt update",
        build_command="sbt stage",
        start_command="target/universal/stage/bin/shop-api",
        ports=(8090,),
        protocol="http",
        port_env="HTTP_PORT",
        health_path="/internal/health",
        backing_services=(BackingService(kind="postgres", name="postgres", env=("DATABASE_URL", "DB_PASSWORD")),),
        env=(
            EnvVar(name="DATABASE_URL", required=False, secret=True, default="jdbc:postgresql://db/shop"),
            EnvVar(name="DB_PASSWORD", required=True, secret=True),
            EnvVar(name="HTTP_PORT", required=False, default="8090"),
        ),
        test_command="sbt test",
        lint_command="sbt scalafmtCheckAll",
        manifests=("build.sbt", "project/plugins.sbt", "project/build.properties"),
        traits=("sbt-native-packager",),
        evidence={
            "role": (Evidence(file="src/main/scala/shop/Main.scala", line=5, shows="EmberServerBuilder"),),
            "language": (Evidence(file="build.sbt", shows="build.sbt", confidence=1.0),),
            "framework": (Evidence(file="src/main/scala/shop/Main.scala", line=5, shows="EmberServerBuilder"),),
            "runtime": (Evidence(file="build.sbt", line=4, shows='"--release", "17"', confidence=0.75),),
            "start_command": (
                Evidence(file="build.sbt", line=1, shows="sbt-native-packager, JavaAppPackaging"),
                Evidence(file="src/main/scala/shop/Main.scala", line=7, shows="extends IOApp", confidence=0.85),
            ),
            "ports": (Evidence(file="src/main/resources/application.conf", line=4, shows="http.port = 8090", confidence=0.85),),
            "health_path": (Evidence(file="src/main/scala/shop/Main.scala", line=11, shows="/internal/health", confidence=0.85),),
            "backing_services": (Evidence(file="src/main/scala/shop/Main.scala", line=4, shows="import doobie.postgres", confidence=0.85),),
            "env": (
                Evidence(file="src/main/resources/application.conf", line=7, shows="DATABASE_URL"),
                Evidence(file="src/main/resources/application.conf", line=7, shows="DB_PASSWORD"),
                Evidence(file="src/main/resources/application.conf", line=5, shows="HTTP_PORT"),
            ),
            "lint_command": (Evidence(file=".scalafmt.conf", shows=".scalafmt.conf", confidence=0.85),),
        },
    )


def test_a_repository_without_sbt_has_no_component(tmp_path: Path) -> None:
    assert detect(tmp_path, {"README.md": "hello"}) == []


def test_a_play_application(tmp_path: Path) -> None:
    files = {
        "build.sbt": 'lazy val root = (project in file(".")).enablePlugins(PlayScala).settings(name := "shop")\n',
        "project/plugins.sbt": 'addSbtPlugin("org.playframework" % "sbt-plugin" % "3.0.1")\n',
        "conf/application.conf": 'play.http.secret.key = "changeme"\nplay.http.secret.key = ${?APPLICATION_SECRET}\n'
        "slick.dbs.default.db.url = ${?DATABASE_URL}\n",
        "conf/routes": "# routes\nGET  /            controllers.Home.index\n->   /admin       admin.Routes\n",
        "conf/admin.routes": "GET  /health  controllers.Health.check\n",
        "app/controllers/Home.scala": "package controllers\nimport slick.jdbc.PostgresProfile\nclass Home\n",
    }
    found = only(tmp_path, files)
    assert (found.framework, found.ports, found.health_path) == ("play", (9000,), "/admin/health")
    assert (found.build_command, found.start_command) == ("sbt stage", "target/universal/stage/bin/shop")
    assert [(item.name, item.required) for item in found.env] == [("APPLICATION_SECRET", True), ("DATABASE_URL", True)]
    assert found.backing_services == (BackingService(kind="postgres", name="postgres", env=("DATABASE_URL",)),)
    assert found.evidence["ports"] == (Evidence(file="build.sbt", line=1, shows="Play's default, 9000: no port is stated", confidence=0.6),)


PROJECTS = """lazy val common = (project in file("modules/common"))
lazy val api = project.in(file("modules/api")).settings(name := "shop-api").dependsOn(common)
lazy val jobs = project.in(file("modules/jobs")).dependsOn(common % "compile->compile")
lazy val bench = project.in(file("bench"))
lazy val image = project.in(file("image")).enablePlugins(JavaServerAppPackaging).dependsOn(api)
lazy val jobsImage = project.in(file("jobs-image")).enablePlugins(DockerPlugin).dependsOn(jobs)
"""
AKKA = """package api
import akka.http.scaladsl.Http
object Server extends App {
  val route = pathPrefix("api") { path("health") { get { complete("") } } }
  Http().newServerAt("0.0.0.0", sys.env.getOrElse("API_PORT", "9001").toInt).bind(route)
}
"""


def test_projects_of_one_build_are_components_and_others_pack_them(tmp_path: Path) -> None:
    files = {
        "build.sbt": PROJECTS,
        "project/plugins.sbt": NATIVE,
        "modules/api/src/main/scala/Server.scala": AKKA,
        "modules/common/src/main/scala/Db.scala": 'package common\nimport com.redis._\nobject Db { val host = sys.env("REDIS_HOST") }\n',
        "modules/jobs/src/main/scala/Jobs.scala": "package jobs\nimport fs2.kafka._\nobject Jobs extends IOApp { }\n",
        "bench/src/main/scala/Bench.scala": "object Bench extends App\n",
    }
    found = {item.name: item for item in detect(tmp_path, files)}
    assert {name: (item.role, item.path, item.context) for name, item in found.items()} == {
        "api": ("web", "modules/api", ""),
        "jobs": ("worker", "modules/jobs", ""),
    }
    api = found["api"]
    assert (api.framework, api.ports, api.port_env, api.health_path) == ("akka-http", (9001,), "API_PORT", "/api/health")
    assert (api.build_command, api.start_command) == ("sbt image/stage", "image/target/universal/stage/bin/image")
    assert api.backing_services == (BackingService(kind="redis", name="redis", env=("REDIS_HOST",)),)
    assert found["jobs"].build_command == "sbt jobsImage/stage"


def test_an_assembled_jar_of_tapir_with_ciris(tmp_path: Path) -> None:
    source = """package shop
import ciris._
import sttp.tapir.server.netty.NettyFutureServer
case class HttpServerConfig(host: String = "0.0.0.0", port: Int = 8181)
object Main extends App {
  val health = endpoint.get.in("v1").in("health")
  val key = (env("API_KEY").secret, env("LEVEL").default("info"), env("REGION").option)
  NettyFutureServer().port(config.port).start()
}
"""
    files = {
        "build.sbt": BUILD.replace("enablePlugins(JavaAppPackaging)", ""),
        "project/plugins.sbt": 'addSbtPlugin("com.eed3si9n" % "sbt-assembly" % "2.1.5")\n',
        "src/main/scala/Main.scala": source,
    }
    found = only(tmp_path, files)
    assert (found.framework, found.ports, found.health_path) == ("tapir", (8181,), "/v1/health")
    assert (found.build_command, found.start_command) == ("sbt assembly", "java -jar target/scala-2.13/shop-api-assembly-0.2.0.jar")
    assert found.env == (
        EnvVar(name="API_KEY", required=True, secret=True),
        EnvVar(name="LEVEL", required=False, default="info"),
        EnvVar(name="REGION", required=False),
    )


def test_defaults_of_servers_are_told_as_such(tmp_path: Path) -> None:
    def of(name: str, source: str) -> tuple[str | None, tuple[int, ...], str | None]:
        found = only(tmp_path / name, {"build.sbt": 'name := "x"\n', "src/main/scala/M.scala": source})
        return found.framework, found.ports, found.start_command

    cask = 'object M extends cask.MainRoutes {\n  override def port = 8085\n  @cask.get("/health") def h() = ""\n}\n// cask.Main\n'
    finatra = 'import com.twitter.finatra.http.HttpServer\nclass S extends HttpServer { override val defaultHttpPort = ":9999" }\n'
    zio = "import zio.http._\nobject M extends ZIOAppDefault { def run = Server.serve(app).provide(Server.default) }\n"
    assert of("cask", cask) == ("cask", (8085,), "sbt run")
    assert of("finatra", finatra) == ("finatra", (9999,), "sbt run")
    assert of("zio", zio) == ("zio-http", (8080,), "sbt run")


def test_what_reading_cannot_tell_is_an_ambiguity(tmp_path: Path) -> None:
    source = "import akka.http.scaladsl.Http\nobject M extends App { Http().newServerAt(host, secret.number).bind(route) }\n"
    found = only(tmp_path, {"build.sbt": 'name := "x"\n', "src/main/scala/M.scala": source})
    assert found.ambiguities == (Ambiguity(fact="ports", component="x", choices=(), how_to_decide="set components.x.ports in opsmith.yaml"),)


def test_the_java_version_of_files_comes_before_that_of_the_build(tmp_path: Path) -> None:
    found = only(tmp_path, {**HTTP4S, ".tool-versions": "sbt 1.9.9\njava temurin-21.0.2+13\n"})
    assert found.runtime == Runtime(name="java", version="21.0.2")


def test_hocon(tmp_path: Path) -> None:
    first = 'a.b { c = "x"\n  c = ${?C}, list = [1, {d = 2}]\n}\n// no\n'
    text = first + 'url = "http://"${a.host}":80"\nneeded: ${SECRET}\n"quoted.key" = """t\nu"""\nlast = 1'
    (tmp_path / "a.conf").write_text(text + "\n")
    assert settings(Repo(tmp_path), "a.conf") == [
        Setting(("a", "b", "c"), "x", None, False, "a.conf", 1),
        Setting(("a", "b", "c"), None, "C", False, "a.conf", 2),
        Setting(("a", "b", "list"), None, None, False, "a.conf", 2),
        Setting(("url",), "http://${a.host}:80", None, False, "a.conf", 5),
        Setting(("needed",), None, "SECRET", True, "a.conf", 6),
        Setting(("quoted", "key"), "t\nu", None, False, "a.conf", 7),
        Setting(("last",), "1", None, False, "a.conf", 9),
    ]


def test_broken_and_deep_files_do_no_harm(tmp_path: Path) -> None:
    files = {
        "build.sbt": BUILD + "lazy val = ((((",
        "project/plugins.sbt": NATIVE,
        "src/main/resources/application.conf": "a {" * 5000 + "port = 1\n",
        "src/main/scala/M.scala": MAIN + "object X { val a = " + "(" * 3000 + "}",
    }
    (tmp_path / "src/main/scala").mkdir(parents=True)
    (tmp_path / "src/main/scala/B.scala").write_bytes(b"object \xff\xfe {{{ import")
    assert [(item.role, item.framework, item.ports) for item in detect(tmp_path, files)] == [("web", "http4s", (8080,))]
