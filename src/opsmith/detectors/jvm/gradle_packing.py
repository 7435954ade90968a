"""How a Gradle project is packed and started: by the plugins that make programs, and the names that the script gives."""

from __future__ import annotations

import re
from collections.abc import Iterator

from opsmith.detectors.jvm.gradle_build import Project
from opsmith.detectors.jvm.gradle_script import Statement
from opsmith.detectors.jvm.modules import Start
from opsmith.model.survey import Evidence

_MAIN = re.compile(r"(?:^|\.)(?:mainClass|mainClassName|main)(?:\.set)?$")
_CLASS = re.compile(r"[A-Za-z_]\w*(?:\.\w+)*")
SHADOW = ("com.github.johnrengel.shadow", "com.github.johnrengelman.shadow", "com.gradleup.shadow", "io.github.goooler.shadow", "shadow")
BOOT = "org.springframework.boot"


def main_classes(project: Project) -> Iterator[tuple[str, Evidence]]:
    """Those of the application first, then what manifests name."""
    found: list[tuple[int, str, Evidence]] = []
    for file, path, item in project.statements:
        value = _main_class(project, item)
        if value and _CLASS.fullmatch(value) and not any("test" in head.lower() for head in path):
            rank = 0 if not path or path[-1] in ("application", "springBoot") else 1
            found.append((rank, value, Evidence(file=file, line=item.line, shows=value, confidence=0.95)))
    for _, value, shown in sorted(found, key=lambda entry: entry[0]):
        yield value, shown


def _main_class(project: Project, item: Statement) -> str:
    if _MAIN.search(item.head) or (item.head in ("set", "def", "val") and any(_MAIN.search(word) for word in item.words()[1:2])):
        return project.text(item.value())
    texts = item.strings()
    if "Main-Class" in texts or "Main-Verticle" in texts:
        place = next(index for index, text in enumerate(texts) if text in ("Main-Class", "Main-Verticle"))
        after = texts[place + 1 : place + 2]
        return project.filled(after[0]) if after else project.text(item.value())
    return ""


def start(project: Project, plugins: frozenset[str], version: str | None) -> Start | None:
    """The program that the build's own plugins make; None for a library."""
    shown = Evidence(file=project.script, shows=f"project {project.name}" + (f", version {version}" if version else ""), confidence=0.9)
    if "io.quarkus" in plugins:
        return Start("jar", "build/quarkus-app/quarkus-run.jar", "build -x test", shown)
    if BOOT in plugins:
        kind = "bootWar" if "war" in plugins else "bootJar"
        packer = None if any(item.head.startswith("layered") for _, _, item in project.statements) else "spring-boot"
        return Start("jar", f"build/libs/{_file(project, (kind,), version, 'war' if 'war' in plugins else 'jar')}", kind, shown, packer)
    if "io.ktor.plugin" in plugins and ("application" in plugins or not _is_application(plugins)):
        named = _archive(project, ("fatJar", "ktor"))
        return Start("jar", f"build/libs/{named or f'{project.name}-all.jar'}", "buildFatJar", shown)
    if any(plugin in plugins for plugin in SHADOW):
        return Start("jar", f"build/libs/{_file(project, ('shadowJar',), version, 'jar', classifier='all')}", "shadowJar", shown)
    if _is_application(plugins):
        return _installed(project, shown)
    if "war" in plugins:
        return Start("war", f"build/libs/{_file(project, ('war',), version, 'war')}", "war", shown)
    fat = any("Main-Class" in item.strings() for _, _, item in project.statements)
    return Start("jar", f"build/libs/{_file(project, ('jar', 'fatJar', 'uberJar'), version, 'jar')}", _jar_task(project), shown) if fat else None


def _is_application(plugins: frozenset[str]) -> bool:
    return bool({"application", "io.micronaut.application", "com.google.cloud.tools.jib"} & plugins)


def _jar_task(project: Project) -> str:
    """The task that writes a manifest with a main class."""
    for _, path, item in project.statements:
        if "Main-Class" in item.strings():
            for head in reversed(path):
                if re.fullmatch(r"(?:fat|uber|shadow)?[jJ]ar", head):
                    return head
    return "jar"


def _installed(project: Project, shown: Evidence) -> Start:
    """`installDist`: its folder carries the distribution's name, its script the application's."""
    script = _named_script(project) or (project.name, shown)
    folder = next((project.text(item.value()) for _, _, item in project.named("distributionBaseName.set", "distributionBaseName")), project.name)
    return Start("script", f"build/install/{folder}/bin/{script[0]}", "installDist", script[1])


def _named_script(project: Project) -> tuple[str, Evidence] | None:
    for file, _, item in project.statements:
        if re.search(r"(?:^|\.)applicationName(?:\.set)?$", item.head) and item.value() is not None:
            name = project.text(item.value())
            if re.fullmatch(r"[\w.-]+", name):
                return name, Evidence(file=file, line=item.line, shows=f"applicationName {name}", confidence=0.9)
    return None


def _file(project: Project, tasks: tuple[str, ...], version: str | None, ending: str, *, classifier: str = "") -> str:
    """BASE-VERSION-CLASSIFIER.ENDING, each part as the task states it; the version, which changes with each release, as a pattern."""
    named = _archive(project, tasks)
    if named:
        return named
    base = _stated(project, tasks, "archiveBaseName") or _base(project) or project.name
    told_version = _stated(project, tasks, "archiveVersion")
    told_classifier = _stated(project, tasks, "archiveClassifier")
    version = version if told_version is None else told_version
    classifier = classifier if told_classifier is None else told_classifier
    if not version:
        return "-".join(part for part in (base, classifier) if part) + f".{ending}"
    return (f"*-{classifier}" if classifier else "*") + f".{ending}"


def _base(project: Project) -> str | None:
    for _, _, item in project.named("archivesBaseName", "archivesName", "archivesName.set", "base.archivesName", "project.archivesBaseName"):
        value = project.text(item.value())
        if re.fullmatch(r"[\w.-]+", value):
            return value
    return None


def _archive(project: Project, tasks: tuple[str, ...]) -> str | None:
    named = _stated(project, tasks, "archiveFileName") or _stated(project, tasks, "archiveName")
    return named if named and named.endswith((".jar", ".war")) else None


def _stated(project: Project, tasks: tuple[str, ...], key: str) -> str | None:
    """What a task is told under `key`; "" where it is told nothing on purpose."""
    for _, path, item in project.statements:
        around = " ".join(path)
        direct = any(item.head.startswith(f"{task}.{key}") for task in tasks)
        if direct or (item.head.removesuffix(".set") == key and any(task in around or task in _task_names(project, path) for task in tasks)):
            texts = item.strings()
            return re.sub(r"\$\{[^}]*\}|\$\w+", "*", project.filled(texts[-1])) if texts else ""
    return None


def _task_names(project: Project, path: tuple[str, ...]) -> set[str]:
    """Names that `tasks.named("bootJar")` and `withType<ShadowJar>` around a statement speak of."""
    found: set[str] = set()
    for _, outer, item in project.statements:
        if (*outer, item.head) == path and item.body:
            found |= set(item.strings())
            found |= {word[:1].lower() + word[1:] for word in item.words()[1:]}
    return found
