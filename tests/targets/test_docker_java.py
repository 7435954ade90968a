"""Images of Java, Kotlin, Scala and Clojure, from the files of a repository to the whole Dockerfile."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from opsmith.model.survey import Component, Runtime
from opsmith.stages.draft.packed import Packed, artifact, packed
from opsmith.targets.github_actions import dependabot, toolchains
from tests.targets.blueprints import build
from tests.targets.drafting import dockerfiles, drafted

BOOT = "org.springframework.boot"
WRAPPER = {
    "mvnw": "#!/bin/sh\n",
    ".mvn/wrapper/maven-wrapper.properties": "distributionUrl=https://example.org/apache-maven-3.9.9-bin.zip\n",
}
APP = """package com.acme;

@SpringBootApplication
public class App {
  public static void main(String[] args) { SpringApplication.run(App.class); }
}
"""
SETTINGS = "server:\n  port: 9000\n"


def pom(version: str) -> str:
    return (
        f"<project><parent><groupId>{BOOT}</groupId><artifactId>spring-boot-starter-parent</artifactId><version>{version}</version></parent>\n"
        "<groupId>com.acme</groupId><artifactId>shop</artifactId><version>1.0.0</version>\n"
        "<properties><java.version>17</java.version></properties>\n"
        f"<dependencies><dependency><groupId>{BOOT}</groupId><artifactId>spring-boot-starter-web</artifactId></dependency>\n"
        f"<dependency><groupId>{BOOT}</groupId><artifactId>spring-boot-starter-actuator</artifactId></dependency></dependencies>\n"
        f"<build><plugins><plugin><groupId>{BOOT}</groupId><artifactId>spring-boot-maven-plugin</artifactId></plugin></plugins></build></project>\n"
    )


def spring(version: str) -> dict[str, str]:
    return {"pom.xml": pom(version), "src/main/java/com/acme/App.java": APP, "src/main/resources/application.yml": SETTINGS}


RUNTIME = """\
FROM eclipse-temurin:17-jre-noble AS runtime
LABEL org.opencontainers.image.title="shop"
RUN groupadd --gid 10001 app && useradd --uid 10001 --gid app --no-create-home --shell /usr/sbin/nologin app
# The heap follows the container's memory limit; out of memory ends the process, so that a fresh one takes over.
ENV JAVA_TOOL_OPTIONS="-XX:MaxRAMPercentage=75 -XX:+ExitOnOutOfMemoryError"
"""
LAYERS = """\
WORKDIR /app
# Owned by root: the process can read its code, not change it.
COPY --from=build /out/dependencies/ ./
COPY --from=build /out/spring-boot-loader/ ./
COPY --from=build /out/snapshot-dependencies/ ./
COPY --from=build /out/application/ ./
USER 10001:10001
EXPOSE 9000
HEALTHCHECK --interval=30s --timeout=5s --start-period=90s --retries=3 \\
    CMD ["wget", "--quiet", "--tries=1", "--timeout=4", "--output-document=/dev/null", "http://127.0.0.1:9000/actuator/health"]
"""
TAKEN_APART = "# Libraries and the program's own classes become layers of their own: a release that changes only the code ships only that.\n"


def test_spring_boot_is_taken_apart_into_layers(tmp_path: Path) -> None:
    made = drafted(tmp_path / "shop", spring("3.4.1") | WRAPPER)
    assert made.pipeline is not None
    assert [test.test_command for test in made.pipeline.tests] == ["sh mvnw -B test"]
    assert dockerfiles(made) == {
        "Dockerfile": """\
FROM eclipse-temurin:17-jdk-noble AS build
WORKDIR /src
# The wrapper downloads its build tool here, once for each version that it names. By sh: it need not be executable in the repository.
COPY mvnw ./
COPY .mvn/wrapper/maven-wrapper.properties ./.mvn/wrapper/
RUN sh mvnw --version
# Dependencies first: they change less often than the code, and this layer is then reused.
COPY pom.xml ./
RUN --mount=type=cache,target=/root/.m2/repository,sharing=locked \\
    sh mvnw -B dependency:go-offline
COPY . .
RUN --mount=type=cache,target=/root/.m2/repository,sharing=locked \\
    sh mvnw -B package -DskipTests
"""
        + TAKEN_APART
        + """\
RUN cp /src/target/*.jar /tmp/app.jar \\
 && java -Djarmode=tools -jar /tmp/app.jar extract --layers --destination /out

"""
        + RUNTIME
        + LAYERS
        + 'CMD ["java", "-jar", "app.jar"]\n'
    }


def test_an_older_spring_boot_has_another_mode_and_has_to_be_told_to_drain(tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    assert dockerfiles(drafted(folder, spring("2.7.18"))) == {
        "Dockerfile": """\
FROM maven:3.9-eclipse-temurin-17 AS build
WORKDIR /src
# Dependencies first: they change less often than the code, and this layer is then reused.
COPY pom.xml ./
RUN --mount=type=cache,target=/root/.m2/repository,sharing=locked \\
    mvn -B dependency:go-offline
COPY . .
RUN --mount=type=cache,target=/root/.m2/repository,sharing=locked \\
    mvn -B package -DskipTests
"""
        + TAKEN_APART
        + """\
RUN mkdir /out && cp /src/target/*.jar /tmp/app.jar
WORKDIR /out
RUN java -Djarmode=layertools -jar /tmp/app.jar extract

"""
        + RUNTIME
        + "# Requests that run are answered before the process ends.\nENV SERVER_SHUTDOWN=graceful\n"
        + LAYERS
        + 'CMD ["java", "org.springframework.boot.loader.JarLauncher"]\n'
    }


KTOR = {
    "settings.gradle.kts": 'rootProject.name = "shop"\ninclude("web")\n',
    "web/build.gradle.kts": 'plugins {\n  kotlin("jvm") version "2.1.0"\n  application\n}\nkotlin { jvmToolchain(17) }\n'
    'dependencies { implementation("io.ktor:ktor-server-netty:3.0.0") }\napplication { mainClass.set("com.acme.AppKt") }\n',
    "web/src/main/kotlin/App.kt": "package com.acme\n\nimport io.ktor.server.engine.embeddedServer\nimport io.ktor.server.netty.Netty\n\n"
    "fun main() {\n  embeddedServer(Netty, port = 8080) { }.start(wait = true)\n}\n",
}


def test_a_gradle_module_keeps_its_start_script(tmp_path: Path) -> None:
    made = drafted(tmp_path / "shop", KTOR)
    assert dockerfiles(made) == {
        "web/Dockerfile": """\
FROM gradle:8.14-jdk17 AS build
WORKDIR /src
ENV GRADLE_USER_HOME=/gradle
# What the tool downloads stays in the cache between builds: it cannot tell what that is before all modules are there.
COPY . .
RUN --mount=type=cache,target=/gradle/caches,sharing=locked \\
    gradle --no-daemon installDist

"""
        + RUNTIME.replace('title="shop"', 'title="web"')
        + """\
WORKDIR /app
# Owned by root: the process can read its code, not change it.
COPY --from=build /src/web/build/install/web/ ./
USER 10001:10001
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=90s --retries=3 \\
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080"]
CMD ["bin/web"]
"""
    }
    assert made.pipeline is not None
    assert [(test.path, test.test_command) for test in made.pipeline.tests] == [("", "gradle test")]


@pytest.mark.parametrize(
    ("command", "traits", "expected"),
    [
        ("java -jar api/target/*.jar", (), Packed("api/target/*.jar", "java -jar app.jar")),
        ("java $JAVA_OPTS -jar target/api.jar server c.yml", (), Packed("target/api.jar", "java $JAVA_OPTS -jar app.jar server c.yml")),
        ("java -jar target/api.war", ("spring-boot:3.4.1",), Packed("target/api.war", "java -jar app.war")),
        ("java -jar build/libs/*.jar", ("spring-boot:3.2.0",), Packed("build/libs/*.jar", "java org.springframework.boot.loader.launch.JarLauncher")),
        ("java -jar build/libs/*.jar", ("spring-boot:2.3.0",), Packed("build/libs/*.jar", "java -jar app.jar")),
        ("java -jar web/target/quarkus-app/quarkus-run.jar", (), Packed("web/target/quarkus-app", "java -jar quarkus-run.jar")),
        ("java -cp web/target/classes:web/target/dependency/* Main", (), Packed("web/target", "java -cp 'classes:dependency/*' Main")),
        ("java -cp target/shop.jar clojure.main -m shop", (), Packed("target/shop.jar", "java -cp app.jar clojure.main -m shop")),
        ("target/universal/stage/bin/shop -Dx=1", (), Packed("target/universal/stage", "bin/shop -Dx=1")),
        ("lein run -m shop.core", (), Packed("target/*-standalone.jar", "java -cp app.jar clojure.main -m shop.core")),
        ("sbt run", (), None),
        ("clojure -M:run", (), None),
        (None, (), None),
    ],
)
def test_what_a_start_command_starts(command: str | None, traits: tuple[str, ...], expected: Packed | None) -> None:
    assert packed(command, traits) == expected


def clojure(**changes: Any) -> Component:
    plain: dict[str, Any] = {
        "name": "api", "path": "apps/api", "context": "", "role": "web", "language": "clojure", "package_manager": "lein",
        "runtime": Runtime(name="java"), "start_command": "java -jar target/api.jar",
    }  # fmt: skip
    return Component(**(plain | changes))


def test_leiningen_works_in_the_project_and_sbt_in_the_build() -> None:
    assert artifact(clojure()) == "apps/api/target/api.jar"
    assert artifact(clojure(package_manager="sbt", start_command="apps/api/target/x/bin/api")) == "apps/api/target/x"


def test_what_a_tool_of_the_build_starts_gets_no_image_and_is_told(tmp_path: Path) -> None:
    files = KTOR | {
        "tool/build.sbt": 'name := "tool"\n',
        "tool/src/main/scala/Tool.scala": "object Tool extends cask.MainRoutes {\n  override def port = 8081\n}\n",
    }
    made = drafted(tmp_path / "shop", files)
    assert [item.name for item in made.builds] == ["web"]
    told = "tool: opsmith builds no image of it yet: `sbt run` starts it with the build tool; let sbt-native-packager or sbt-assembly pack it"
    assert told in made.open_points


@pytest.mark.parametrize(
    ("manager", "titles", "ecosystem"),
    [
        ("maven", ["Set up Java"], "maven"),
        ("gradle", ["Set up Java"], "gradle"),
        ("sbt", ["Set up Java", "Set up sbt"], "sbt"),
        ("lein", ["Set up Java", "Set up Clojure"], None),
    ],
)
def test_the_pipeline_sets_up_the_build_tool(tmp_path: Path, manager: str, titles: list[str], ecosystem: str | None) -> None:
    made = drafted(tmp_path / "shop", KTOR)
    assert made.pipeline is not None
    test = dataclasses.replace(made.pipeline.tests[0], package_manager=manager)
    assert [step["name"] for step in toolchains.setup(made, test)] == titles
    changed = dataclasses.replace(made, builds=(dataclasses.replace(build("web"), language="java", package_manager=manager, manifests=("pom.xml",)),))
    found = [update["package-ecosystem"] for update in dependabot.document(changed)["updates"]]
    assert found == ["github-actions", "docker", *([ecosystem] if ecosystem else [])]
