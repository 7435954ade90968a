"""Gradle modules: what each project depends on, and how it is packed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from opsmith.detectors.jvm.catalogs import Catalog
from opsmith.detectors.jvm.gradle_build import Build, Project, builds
from opsmith.detectors.jvm.gradle_packing import main_classes, start
from opsmith.detectors.jvm.gradle_script import Statement
from opsmith.detectors.jvm.modules import Dependency, Module, join
from opsmith.model.survey import Evidence
from opsmith.repo import Repo

_CONFIGURATION = re.compile(
    r"^(?:\w*[iI]mplementation|\w*[aA]pi|compile|runtime|\w*[rR]untimeOnly|\w*[cC]ompileOnly|provided\w*|developmentOnly|shade|shadow|kapt|ksp|annotationProcessor)$"
)
_TESTS = re.compile(r"(?i)test|^kapt|^ksp|annotationProcessor|jmh|bench")
_COORDINATES = re.compile(r"^[\w.-]+:[\w.${}-]+(?::[^:]*){0,3}$")


def modules(repo: Repo) -> list[Module]:
    """Every project that has sources or dependencies of its own."""
    return [_module(repo, build, project) for build in builds(repo) for project in build.projects]


def _module(repo: Repo, build: Build, project: Project) -> Module:
    plugins = frozenset(_plugins(project, build.catalogs))
    version = _version(project)
    folders = {other.path: other.folder for other in build.projects}
    several = len(build.projects) > 1
    return Module(
        folder=project.folder,
        context=build.folder,
        manifest=project.script,
        tool="gradle",
        name=project.name,
        version=version,
        address=project.path if several else "",
        wrapper=repo.has(join(build.folder, "gradlew")),
        dependencies=tuple(_dependencies(project, build.catalogs)),
        plugins=plugins,
        siblings=tuple(dict.fromkeys(folder for folder in _siblings(project, folders) if folder != project.folder)),
        java=_java(project),
        main_classes=tuple(main_classes(project)),
        start=start(project, plugins, version),
        sources=tuple(_sources(project)),
        manifests=_manifests(repo, build, project),
        managed=dict(_managed(project)),
    )


# -- plugins and versions --------------------------------------------------------------------------------------------------------------


def _plugins(project: Project, catalogs: dict[str, Catalog]) -> Iterator[str]:
    for _, path, item in project.statements:
        inside = path == ("plugins",)
        texts = item.strings()
        if item.head == "apply" and texts and "plugin" in item.words():
            yield texts[0]
        elif item.head == "apply" and (plugin := item.after("plugin")) is not None and plugin.kind == "word":
            yield plugin.text
        elif (inside or item.head in ("plugins.apply", "pluginManager.apply")) and not _is_put_off(item):
            yield from _plugin(item, catalogs)


def _is_put_off(item: Statement) -> bool:
    """`apply false`: only subprojects take it."""
    words = item.words()
    return "apply" in words and "false" in words


def _plugin(item: Statement, catalogs: dict[str, Catalog]) -> Iterator[str]:
    texts, words = item.strings(), item.words()
    if item.head == "kotlin" and texts:
        yield f"org.jetbrains.kotlin.{texts[0]}"
    elif item.head == "alias":
        for word in words[1:]:
            name, _, accessor = word.partition(".plugins.")
            if name in catalogs and accessor:
                yield catalogs[name].plugins.get(accessor.replace("_", "."), _published(catalogs[name], accessor))
    elif item.head in ("id", "plugins.apply", "pluginManager.apply") and texts:
        yield texts[0]
    elif item.head:
        yield item.head


def _published(catalog: Catalog, accessor: str) -> str:
    return "io.ktor.plugin" if catalog.published is not None and accessor.startswith("ktor") else accessor


def _version(project: Project) -> str | None:
    """`version = "1.0"`, as far as it is known; a project without a version has none in its file names."""
    for _, path, item in reversed(project.statements):
        if item.head in ("version", "project.version") and not path and item.value() is not None:
            value = project.text(item.value())
            return value if re.fullmatch(r"[\w.+-]+", value) and re.search(r"\d|SNAPSHOT", value) and "$" not in value else "*"
    return project.variables.get("version")


_JAVA_HEADS = re.compile(r"(?:^|\.)(?:languageVersion|sourceCompatibility|targetCompatibility|jvmTarget|jvmToolchain|release|jdkVersion)(?:\.set)?$")
_JAVA_VALUE = re.compile(r"(?:VERSION_|JVM_)?(?:1[._])?(\d{1,2})(?:\.0)?")


def _java(project: Project) -> tuple[str, Evidence] | None:
    """The toolchain first, then what the compiler is told."""
    found: list[tuple[int, str, Evidence]] = []
    for file, path, item in project.statements:
        head = next((word for word in item.words()[:2] if _JAVA_HEADS.search(word)), None)
        if (
            head is None
            or "test" in path
            or (head.startswith("languageVersion") and "toolchain" not in " ".join(path).lower() and "JavaLanguageVersion.of" not in item.words())
        ):
            continue
        version = _java_version(project, item)
        if version is not None:
            rank = 0 if "languageVersion" in head or "Toolchain" in head else 1 if "release" in head or "target" in head else 2
            shown = Evidence(file=file, line=item.line, shows=" ".join(token.text for token in item.tokens)[:120], confidence=0.95)
            found.append((rank, version, shown))
    best = min(found, key=lambda entry: entry[0], default=None)
    return (best[1], best[2]) if best else None


def _java_version(project: Project, item: Statement) -> str | None:
    for token in reversed(item.tokens):
        text = project.text(token) if token.kind != "mark" else ""
        match = _JAVA_VALUE.fullmatch(text.removesuffix(".get").rpartition("JavaVersion.")[2].rpartition("JvmTarget.")[2])
        if match and (token.kind != "word" or text != token.text or "VERSION_" in text or "JVM_" in text):
            return match[1]
    return None


# -- dependencies ----------------------------------------------------------------------------------------------------------------------


def _dependencies(project: Project, catalogs: dict[str, Catalog]) -> Iterator[Dependency]:
    for file, path, item in project.statements:
        if "dependencies" in path and _CONFIGURATION.match(item.head) and "dependencyManagement" not in path:
            test = bool(_TESTS.search(item.head))
            for group, name, version in _libraries(project, item, catalogs):
                yield Dependency(group, name, version, test, file, item.line)


def _libraries(project: Project, item: Statement, catalogs: dict[str, Catalog]) -> Iterator[tuple[str, str, str | None]]:
    named = {word: item.after(word) for word in ("group", "name", "version") if word in item.words()}
    if named.get("group") and named.get("name"):
        yield project.text(named["group"]), project.text(named["name"]), project.text(named.get("version")) or None
        return
    kotlin = item.after("kotlin")
    if kotlin is not None and kotlin.kind == "string":
        yield "org.jetbrains.kotlin", f"kotlin-{kotlin.text}", None
        return
    for text in item.strings():
        filled = project.filled(text)
        if _COORDINATES.match(filled) and not filled.startswith(":"):
            group, name, *rest = filled.split(":")
            yield group, name, rest[0].partition("@")[0] if rest and rest[0] else None
    for word in item.words()[1:]:
        first, _, accessor = word.partition(".")
        if first in catalogs and accessor:
            yield from catalogs[first].found(accessor.removesuffix(".get"))


def _siblings(project: Project, folders: dict[str, str]) -> Iterator[str]:
    typed = {re.sub(r"[^a-z0-9]", "", path.lower()): folder for path, folder in folders.items()}
    for _, path, item in project.statements:
        if "dependencies" not in path or not _CONFIGURATION.match(item.head) or _TESTS.search(item.head):
            continue
        for text in item.strings():
            address = text if text.startswith(":") else f":{text}"
            if "project" in item.words() and address in folders:
                yield folders[address]
        for word in item.words()[1:]:
            if word.startswith("projects.") and (folder := typed.get(re.sub(r"[^a-z0-9]", "", word.removeprefix("projects.").lower()))) is not None:
                yield folder


def _managed(project: Project) -> Iterator[tuple[str, str]]:
    """Versions of frameworks that plugins and platforms state."""
    for _, path, item in project.statements:
        texts = item.strings()
        if path and path[-1] == "plugins" and item.head == "id" and len(texts) > 1:
            yield texts[0], project.filled(texts[1])
        for text in texts:
            parts = project.filled(text).split(":")
            if "dependencies" in " ".join(path) and len(parts) == 3 and "$" not in parts[2]:
                yield parts[0], parts[2]


# -- places ----------------------------------------------------------------------------------------------------------------------------


def _sources(project: Project) -> Iterator[str]:
    """What `sourceSets` names, then the usual places."""
    for _, path, item in project.statements:
        if "sourceSets" in path and "main" in path and item.head.startswith(("srcDir", "java.srcDir", "kotlin.srcDir")):
            yield from (text for text in item.strings() if not text.startswith(("/", "..", "build/", "$")))
    yield from ("src/main/java", "src/main/kotlin", "src/jvmMain/kotlin", "src/jvmMain/java", "src/commonMain/kotlin")


def _manifests(repo: Repo, build: Build, project: Project) -> tuple[str, ...]:
    named = (
        "settings.gradle",
        "settings.gradle.kts",
        "build.gradle",
        "build.gradle.kts",
        "gradle.properties",
        "gradle/libs.versions.toml",
        "gradle.lockfile",
        "gradlew",
        "gradle/wrapper/gradle-wrapper.properties",
        "gradle/wrapper/gradle-wrapper.jar",
    )
    found = [join(folder, name) for folder in (build.folder, project.folder) for name in named]
    found += [join(build.folder, "gradle", name) for name in repo.folder(join(build.folder, "gradle")) if name.endswith(".versions.toml")]
    return tuple(sorted({path for path in (*found, project.script) if path and repo.has(path)}))
