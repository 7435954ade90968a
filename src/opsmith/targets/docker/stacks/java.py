"""Java, Kotlin, Scala and Clojure: packed by the repository's own build tool, run by a JRE."""

from __future__ import annotations

import re
from typing import Any

from opsmith import conventions
from opsmith.model.blueprint import Build
from opsmith.targets.docker import layout

TEMPLATE = "java.j2"
# Packages of the source may be called like the folders that the tools make.
IGNORED = (
    "**/target", "**/build", "!**/src/**/target", "!**/src/**/build", "**/.gradle", "**/.bsp", "**/.metals", "**/.bloop", "**/.cpcache",
    "**/node_modules", "**/*.class",
)  # fmt: skip

GRADLE_HOME = "/gradle"
_CACHES = {
    "maven": ("/root/.m2/repository",),
    "gradle": (f"{GRADLE_HOME}/caches",),
    "sbt": ("/root/.cache/coursier", "/root/.ivy2"),
    "lein": ("/root/.m2/repository",),
    "tools.deps": ("/root/.m2/repository", "/root/.gitlibs"),
}
_WRAPPERS = {"maven": ("mvnw", "maven-wrapper.properties"), "gradle": ("gradlew", "gradle-wrapper.jar")}
"""The script, and the file beside it without which it does nothing."""


def images(build: Build) -> dict[str, str]:
    builder = _builder(build)
    java = build.runtime_version
    if build.package_manager == "sbt":
        # Classes of a newer JDK do not run on an older one, and sbt compiles for the one it runs on.
        java = max(java, _java_of(builder), key=int)
    return {
        "base": conventions.image(builder),
        "runtime": conventions.image(f"eclipse-temurin:{java}-jre-noble"),
        "node": conventions.image("node:24-bookworm-slim"),
    }


def _builder(build: Build) -> str:
    """The image with the build tool; a wrapper brings its own."""
    match build.package_manager:
        case "gradle" if not _wrapper(build):
            return _nearest("gradle", build.runtime_version)
        case "sbt":
            return _nearest("sbtscala/scala-sbt", build.runtime_version)
        case "lein" | "tools.deps" as tool:
            return next(tag for tag in conventions.image_tags("clojure") if ("lein" in tag) == (tool == "lein"))
        case "maven" if not _wrapper(build):
            return f"maven:3.9-eclipse-temurin-{build.runtime_version}"
        case _:
            return f"eclipse-temurin:{build.runtime_version}-jdk-noble"


def _nearest(image: str, java: str) -> str:
    """The oldest JDK that is not older than the one wanted."""
    tags = sorted(conventions.image_tags(image), key=lambda tag: int(_java_of(tag)))
    return next((tag for tag in tags if int(_java_of(tag)) >= int(java)), tags[-1])


def _java_of(tag: str) -> str:
    match = re.search(r"(?:jdk|temurin-)(\d+)", tag)
    return match[1] if match else "0"


def _wrapper(build: Build) -> str | None:
    """The wrapper's script, where all that it needs lies in the repository."""
    script, needed = _WRAPPERS.get(build.package_manager or "", ("", ""))
    names = {path.rpartition("/")[2] for path in build.manifests}
    return script if script in names and needed in names else None


def plan(build: Build) -> layout.Plan:
    manager = build.package_manager or "maven"
    command = build.build_command or ("lein uberjar" if manager == "lein" else None)
    in_component = manager in ("lein", "tools.deps") and ":project " not in (command or "")
    # Gradle and projects that refer to others beside them can only be resolved as a whole.
    whole = manager == "gradle" or (in_component and build.path != build.context) or ":project " in (command or "")
    install = None if whole else _portable(build.install_command, build)
    return layout.Plan(
        tools=tuple(f"sh {script} --version" for script in (_wrapper(build),) if script),
        copies=layout.grouped([path for path in build.manifests if not _is_of_wrapper(path)], build) if install else (),
        caches=_CACHES.get(manager, ()),
        install=(install,) if install else (),
        build=(_portable(command, build) or "true",),
        build_folder=layout.inside(build) if in_component else "",
        environment=(("GRADLE_USER_HOME", GRADLE_HOME),) if manager == "gradle" else (),
    )


def _is_of_wrapper(path: str) -> bool:
    return path.rpartition("/")[2] in ("mvnw", "gradlew") or "/wrapper/" in f"/{path}"


def _portable(command: str | None, build: Build) -> str | None:
    """As it runs in the image: the wrapper by `sh`, since it need not be executable in the repository; Gradle without a daemon to leave behind."""
    if command is None:
        return None
    tool = {"maven": "mvn", "gradle": "gradle"}.get(build.package_manager or "", "")
    script = _wrapper(build)
    program = f"sh {script}" if script else tool
    plain = re.sub(r"^(?:\./(?:mvnw|gradlew)|mvn|gradle)(?=\s)", program, command) if tool else command
    return f"{program} --no-daemon{plain[len(program) :]}" if tool == "gradle" and plain.startswith(program) else plain


def values(build: Build) -> dict[str, Any]:
    """`wrapper`: the files of the wrapper. `packed`: how what the build leaves is laid out in the image."""
    of_wrapper = [path for path in build.manifests if _is_of_wrapper(path)] if _wrapper(build) else []
    return {
        "wrapper": layout.grouped(of_wrapper, build),
        "packed": _packed(build),
        "artifact": build.artifact or "",
        "with_node": "shadow-cljs" in build.traits,
        "graceful": _needs_to_be_told_to_drain(build),
    }


def _packed(build: Build) -> str:
    mode = next((trait.partition(":")[2] for trait in build.traits if trait.startswith("layers:")), None)
    artifact = build.artifact or ""
    if mode is not None:
        return mode
    if artifact.endswith("/quarkus-app"):
        return "quarkus"
    if artifact.endswith("target"):
        return "classes"
    return artifact.rpartition(".")[2] if artifact.endswith((".jar", ".war")) else "folder"


def _needs_to_be_told_to_drain(build: Build) -> bool:
    """Spring Boot ends requests that run before it stops by itself since 3.4, and on demand since 2.3."""
    told = next((trait.partition(":")[2] for trait in build.traits if trait.startswith("spring-boot:")), "")
    match = re.match(r"(\d+)\.(\d+)", told)
    return match is not None and (2, 3) <= (int(match[1]), int(match[2])) < (3, 4)
