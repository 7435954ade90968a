"""Programs that a build packs into a file or folder: what that is, and how it is started from where the image puts it.

The image has the folder /app. A jar is `app.jar` in it, whatever the build called it; a distribution with a start script keeps its folders.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass

from opsmith.model.blueprint import Build
from opsmith.model.survey import Component

_JAR = re.compile(r"(?<=-jar )[\w./*+-]+\.[jw]ar\b")
_ON_CLASSPATH = re.compile(r"(?<=-cp )([\w./*+-]+\.jar)\b(?!:)")
_CLASSES = re.compile(r"(?<=-cp )(?P<folder>[\w./-]*target)/classes:(?P=folder)/dependency/\*")
_SCRIPT = re.compile(r"^(?:exec )?(?:\./)?(?P<folder>[\w./*+-]+)/bin/(?P<name>[\w.-]+)(?=\s|$)")
_OUTPUT = re.compile(r"(?:-o|--output)[ =]([\w./-]+)")
_LEIN = re.compile(r"^lein run(?: -m (?P<namespace>[\w.-]+))?")


@dataclass(frozen=True, slots=True)
class Packed:
    """`artifact`: the file or folder, as the build leaves it, relative to where the build command runs. `command`: started in /app."""

    artifact: str
    command: str


def packed(command: str | None, traits: tuple[str, ...] = ()) -> Packed | None:
    """None where the command starts nothing that a build of Java packs."""
    if not command:
        return None
    if match := _JAR.search(command):
        return _of_jar(command, match, traits)
    if match := _CLASSES.search(command):
        # Quoted: the star is Java's own, not the shell's.
        return Packed(match["folder"], command.replace(match[0], "'classes:dependency/*'"))
    if match := _ON_CLASSPATH.search(command):
        return Packed(match[1], command.replace(match[1], "app.jar", 1))
    if match := _SCRIPT.search(command):
        return Packed(match["folder"], f"bin/{match['name']}{command[match.end() :]}")
    if (match := _LEIN.search(command)) and match["namespace"]:
        return Packed("target/*-standalone.jar", f"java -cp app.jar clojure.main -m {match['namespace']}{command[match.end() :]}")
    return None


def _of_jar(command: str, match: re.Match[str], traits: tuple[str, ...]) -> Packed:
    path = match[0]
    folder, _, name = path.rpartition("/")
    if name == "quarkus-run.jar":
        return Packed(folder, command.replace(path, name, 1))
    launcher = launcher_of(traits) if path.endswith(".jar") else None
    if launcher:
        return Packed(path, command.replace(f"-jar {path}", launcher, 1))
    return Packed(path, command.replace(path, "app.war" if path.endswith(".war") else "app.jar", 1))


def spring_boot(traits: tuple[str, ...]) -> tuple[int, int] | None:
    """Major and minor version of the Spring Boot that packs the jar in layers; None where it does not (before 2.4)."""
    told = next((trait.partition(":")[2] for trait in traits if trait.startswith("spring-boot:")), "")
    match = re.match(r"(\d+)\.(\d+)", told)
    version = (int(match[1]), int(match[2])) if match else None
    return version if version is not None and version >= (2, 4) else None


def layers(traits: tuple[str, ...], command: str | None) -> tuple[str, ...]:
    """The mode of the jar that takes it apart into layers: `tools` since Spring Boot 3.3, `layertools` before."""
    version = spring_boot(traits)
    found = _JAR.search(command or "")
    if version is None or found is None or not found[0].endswith(".jar"):
        return ()
    return ("layers:tools" if version >= (3, 3) else "layers:layertools",)


def launcher_of(traits: tuple[str, ...]) -> str | None:
    """The class that starts layers extracted by Spring Boot before 3.3; later ones leave a plain jar beside its libraries."""
    version = spring_boot(traits)
    if version is None or version >= (3, 3):
        return None
    return "org.springframework.boot.loader.launch.JarLauncher" if version >= (3, 2) else "org.springframework.boot.loader.JarLauncher"


def artifact(item: Component) -> str | None:
    """Relative to the build's context; None where nothing is packed."""
    match item.language_family:
        case "java":
            found = packed(item.start_command, item.traits)
            if found is None:
                return None
            return posixpath.join(_below(item), found.artifact) if runs_in_component(item) else found.artifact
        case "dotnet":
            output = _OUTPUT.search(item.build_command or "")
            return posixpath.join(_below(item), output[1] if output else "out")
        case _:
            return None


def runs_in_component(item: Component) -> bool:
    """Leiningen and Clojure's own tool work in the project's folder; Maven, Gradle and sbt in that of the whole build, as Polylith does."""
    return item.package_manager in ("lein", "tools.deps")


def _below(item: Component) -> str:
    context = item.build_context
    return item.path[len(context) :].strip("/") if context else item.path


def started(command: str, build: Build) -> str:
    """`command` as it is written for /app."""
    if build.language == "java":
        found = packed(command, build.traits)
        return found.command if found is not None else command
    return command


def is_runnable(command: str, build: Build) -> bool:
    """Whether the image holds what the command starts: build tools stay behind."""
    first = command.split()[0] if command.split() else ""
    match build.language:
        case "java":
            return packed(command, build.traits) is not None or first == "java"
        case "dotnet":
            return bool(re.match(r"dotnet [\w./'+-]+\.dll", command))
        case _:
            return True
