"""Commands of a module; all of them run in the folder of the whole build."""

from __future__ import annotations

import shlex

from opsmith.detectors.jvm.modules import Module
from opsmith.model.survey import Evidence

_LINTERS_GRADLE = (
    ("io.gitlab.arturbosch.detekt", "detekt"), ("dev.detekt", "detekt"), ("org.jlleitschuh.gradle.ktlint", "ktlintCheck"),
    ("org.jmailen.kotlinter", "lintKotlin"), ("com.diffplug.spotless", "spotlessCheck"), ("checkstyle", "checkstyleMain"), ("pmd", "pmdMain"),
    ("com.github.spotbugs", "spotbugsMain"),
)  # fmt: skip
_LINTERS_MAVEN = (
    ("spotless-maven-plugin", "spotless:check"), ("maven-checkstyle-plugin", "checkstyle:check"), ("ktlint-maven-plugin", "ktlint:check"),
    ("detekt-maven-plugin", "detekt:check"), ("maven-pmd-plugin", "pmd:check"), ("spotbugs-maven-plugin", "spotbugs:check"),
)  # fmt: skip


def program(module: Module) -> str:
    match module.tool, module.wrapper:
        case "maven", True:
            return "./mvnw -B"
        case "maven", False:
            return "mvn -B"
        case _, True:
            return "./gradlew"
        case _:
            return "gradle"


def install_command(module: Module) -> str | None:
    """Maven fetches what a single project needs beforehand; a module of several needs its siblings built first, and Gradle has no such task."""
    return f"{program(module)} dependency:go-offline" if module.tool == "maven" and not module.address else None


def build_command(module: Module) -> str:
    if module.tool == "maven":
        task = module.start.task if module.start is not None else "package"
        return f"{program(module)} {_selected(module)}{task} -DskipTests"
    task = module.start.task if module.start is not None else "assemble"
    words = " ".join(f"{module.address}:{word}" if module.address and word.isalpha() and word != "test" else word for word in task.split())
    return f"{program(module)} {words}"


def _selected(module: Module) -> str:
    return f"-pl {shlex.quote(module.address)} -am " if module.address else ""


def start_command(module: Module, main: str | None) -> str | None:
    """None where nothing tells how the program is packed."""
    start = module.start
    if start is None:
        return None
    folder = module.folder.removeprefix(module.context).strip("/")
    place = f"{folder}/" if folder else ""
    match start.kind:
        case "jar":
            return f"java -jar {place}{start.file}"
        case "script":
            return f"{place}{start.file}"
        case "classpath":
            return f"java -cp {place}{start.file}:{place}target/dependency/* {main}" if main else None
        case "war":
            return None


def test_command(module: Module) -> str:
    if module.tool == "maven":
        return f"{program(module)} {_selected(module)}test"
    return f"{program(module)} {module.address}:test" if module.address else f"{program(module)} test"


def lint_command(module: Module) -> tuple[str, Evidence] | None:
    table = _LINTERS_MAVEN if module.tool == "maven" else _LINTERS_GRADLE
    for plugin, task in table:
        if plugin in module.plugins:
            prefix = _selected(module) if module.tool == "maven" else f"{module.address}:" if module.address else ""
            return f"{program(module)} {prefix}{task}", Evidence(file=module.manifest, shows=plugin, confidence=0.85)
    return None
