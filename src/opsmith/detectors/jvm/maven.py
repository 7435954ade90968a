"""Maven modules: what each one depends on, and how it is packed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from opsmith.detectors.jvm.modules import Dependency, Module, Start, folders_up, join, normal
from opsmith.detectors.jvm.poms import Pom, poms
from opsmith.model.survey import Evidence
from opsmith.repo import Repo
from opsmith.xml_safe import Element

_SKIPPED_PATHS = re.compile(r"(?:^|/)(?:src/(?:test|it|main/resources)|target|testdata|archetype-resources)/")


def modules(repo: Repo) -> list[Module]:
    """Every pom.xml that packs something; those that only gather others are none."""
    known = {path: pom for path, pom in poms(repo).items() if not _SKIPPED_PATHS.search(path)}
    gathered = _gathered(known)
    by_coordinates = {(pom.group, pom.artifact): pom for pom in reversed(known.values())}
    return [_module(repo, pom, gathered, by_coordinates) for pom in known.values() if pom.text(pom.root.value("packaging")) != "pom"]


def _gathered(known: dict[str, Pom]) -> dict[str, str]:
    """By the folder of a module the folder of the outermost build that names it."""
    above: dict[str, str] = {}
    for pom in known.values():
        listed = [*pom.root.all("modules", "module"), *pom.root.all("profiles", "profile", "modules", "module")]
        for item in listed:
            place = normal(join(pom.folder, pom.text(item.text)))
            folder = place.removesuffix("/pom.xml") if place is not None else None
            if folder is not None and join(folder, "pom.xml") in known and folder != pom.folder:
                above.setdefault(folder, pom.folder)
    return {folder: _outermost(folder, above) for folder in above}


def _outermost(folder: str, above: dict[str, str]) -> str:
    seen: set[str] = set()
    while folder in above and folder not in seen:
        seen.add(folder)
        folder = above[folder]
    return folder


def _module(repo: Repo, pom: Pom, gathered: dict[str, str], by_coordinates: dict[tuple[str, str], Pom]) -> Module:
    context = gathered.get(pom.folder, pom.folder)
    dependencies = tuple(_dependencies(repo, pom))
    own = {by_coordinates[key].folder: None for item in dependencies if not item.test and (key := (item.group, item.name)) in by_coordinates}
    plugins = dict(_plugins(repo, pom))
    return Module(
        folder=pom.folder,
        context=context,
        manifest=pom.path,
        tool="maven",
        name=pom.text(pom.artifact),
        version=pom.version,
        address=pom.folder[len(context) :].strip("/") if context != pom.folder else "",
        wrapper=repo.has(join(context, "mvnw")),
        dependencies=dependencies,
        plugins=frozenset(plugins),
        siblings=tuple(folder for folder in own if folder != pom.folder),
        java=_java(pom, plugins),
        main_classes=tuple(_main_classes(pom, plugins)),
        start=_start(pom, plugins),
        sources=_sources(pom),
        manifests=_manifests(repo, pom, context),
        exposed=_exposed(pom),
        managed=dict(_managed(repo, pom)),
    )


def _dependencies(repo: Repo, pom: Pom) -> Iterator[Dependency]:
    scopes = dict(_managed_scopes(repo, pom))
    for holder, element in pom.parts(repo):
        for item in element.all("dependencies", "dependency"):
            group, name = pom.text(item.value("groupId")), pom.text(item.value("artifactId"))
            scope = pom.text(item.value("scope")) or scopes.get((group, name), "")
            if item.value("type") not in ("pom", "test-jar"):
                version = pom.text(item.value("version")) or None
                yield Dependency(group, name, version, scope in ("test", "system"), holder.path, item.line)


def _managed_scopes(repo: Repo, pom: Pom) -> Iterator[tuple[tuple[str, str], str]]:
    for _, element in pom.parts(repo):
        for item in element.all("dependencyManagement", "dependencies", "dependency"):
            if scope := item.value("scope"):
                yield (pom.text(item.value("groupId")), pom.text(item.value("artifactId"))), scope


def _managed(repo: Repo, pom: Pom) -> Iterator[tuple[str, str]]:
    """Versions that parents and imported bills of materials decide, by group."""
    for holder, element in pom.parts(repo):
        for item in (*element.all("dependencyManagement", "dependencies", "dependency"), *holder.root.all("parent")):
            version = pom.text(item.value("version"))
            if version and "${" not in version:
                yield pom.text(item.value("groupId")), version


def _plugins(repo: Repo, pom: Pom) -> Iterator[tuple[str, list[tuple[Pom, Element]]]]:
    """By artifact id what the chain says of each plugin that is used; what is only managed adds to it."""
    used: dict[str, list[tuple[Pom, Element]]] = {}
    managed: dict[str, list[tuple[Pom, Element]]] = {}
    for holder, element in pom.parts(repo):
        for item in element.all("build", "plugins", "plugin"):
            used.setdefault(item.value("artifactId") or "", []).append((holder, item))
        for item in element.all("build", "pluginManagement", "plugins", "plugin"):
            managed.setdefault(item.value("artifactId") or "", []).append((holder, item))
    for name, found in used.items():
        yield name, [*found, *managed.get(name, ())]


def _told(pom: Pom, found: list[tuple[Pom, Element]], tag: str) -> tuple[str, Evidence] | None:
    """The first value of `tag` anywhere in the configuration of a plugin."""
    for holder, plugin in found:
        for item in plugin.walk():
            if item.tag == tag and item.text:
                value = pom.text(item.text)
                return value, Evidence(file=holder.path, line=item.line, shows=f"<{tag}>{value}", confidence=0.95)
    return None


_RELEASES = ("maven.compiler.release", "java.version", "maven.compiler.target", "maven.compiler.source", "kotlin.compiler.jvmTarget", "jdk.version",
             "java.release", "project.java.version", "javaVersion")  # fmt: skip


def _java(pom: Pom, plugins: dict[str, list[tuple[Pom, Element]]]) -> tuple[str, Evidence] | None:
    """The compiler's own configuration, then the properties that decide it."""
    compiler = plugins.get("maven-compiler-plugin", [])
    for tag in ("release", "target", "source"):
        found = _told(pom, compiler, tag)
        if found is not None and "${" not in found[0]:
            return found
    for name in _RELEASES:
        for holder in pom.chain:
            item = holder.root.first("properties", name)
            value = pom.text(item.text) if item is not None else ""
            if item is not None and re.fullmatch(r"[\d.]+", value):
                return value, Evidence(file=holder.path, line=item.line, shows=f"<{name}>{value}", confidence=0.95)
    return _told(pom, plugins.get("kotlin-maven-plugin", []), "jvmTarget")


def _main_classes(pom: Pom, plugins: dict[str, list[tuple[Pom, Element]]]) -> Iterator[tuple[str, Evidence]]:
    for name in ("spring-boot-maven-plugin", "maven-shade-plugin", "maven-assembly-plugin", "maven-jar-plugin", "jib-maven-plugin",
    "exec-maven-plugin",
                 "appassembler-maven-plugin"):  # fmt: skip
        for tag in ("mainClass", "Main-Class"):
            found = _told(pom, plugins.get(name, []), tag)
            if found is not None and "${" not in found[0]:
                yield found
    for name in ("start-class", "exec.mainClass", "mainClass", "main.class", "main.verticle"):
        for holder in pom.chain:
            item = holder.root.first("properties", name)
            if item is not None and item.text:
                yield pom.text(item.text), Evidence(file=holder.path, line=item.line, shows=f"<{name}>{item.text}", confidence=0.95)


def _start(pom: Pom, plugins: dict[str, list[tuple[Pom, Element]]]) -> Start:
    final = next((item for holder in pom.chain if (item := holder.root.first("build", "finalName")) is not None and item.text), None)
    base = pom.text(final.text) if final is not None else f"{pom.text(pom.artifact)}-{pom.version or '*'}"
    base = re.sub(r"(?:\$\{[^}]*\}?)+", "*", base)
    is_versioned = final is None or "version" in final.text
    shown = Evidence(file=pom.path, line=final.line if final is not None else None, shows=f"target/{base}", confidence=0.6 if "*" in base else 0.9)
    packaging = pom.text(pom.root.value("packaging")) or "jar"
    if is_versioned and not {"maven-source-plugin", "maven-javadoc-plugin"} & plugins.keys():
        # The version changes with each release; shading leaves original-NAME beside the program.
        base = f"{pom.text(pom.artifact)}-*" if "maven-shade-plugin" in plugins else "*"
    if "quarkus-maven-plugin" in plugins:
        return Start("jar", "target/quarkus-app/quarkus-run.jar", "package", shown)
    if "spring-boot-maven-plugin" in plugins:
        named, classifier = (_told(pom, plugins["spring-boot-maven-plugin"], tag) for tag in ("finalName", "classifier"))
        name = (named[0] if named else base) + (f"-{classifier[0]}" if classifier else "")
        packer = None if _told(pom, plugins["spring-boot-maven-plugin"], "layers") else "spring-boot"
        return Start("jar", f"target/{name}.{'war' if packaging == 'war' else 'jar'}", "package", shown, packer)
    if packaging == "war":
        return Start("war", f"target/{base}.war", "package", shown)
    return _packed(pom, plugins, base, shown)


def _packed(pom: Pom, plugins: dict[str, list[tuple[Pom, Element]]], base: str, shown: Evidence) -> Start:
    """What plugins for programs of any kind make."""
    if "micronaut-maven-plugin" in plugins:
        return Start("jar", f"target/{base}.jar", "package", shown)
    if "maven-shade-plugin" in plugins:
        named, attached, classifier = (
            _told(pom, plugins["maven-shade-plugin"], tag) for tag in ("finalName", "shadedArtifactAttached", "shadedClassifierName")
        )
        suffix = f"-{classifier[0] if classifier else 'shaded'}" if attached and attached[0] == "true" else ""
        return Start("jar", f"target/{named[0] if named else base}{suffix}.jar", "package", shown)
    if "maven-assembly-plugin" in plugins:
        return _assembled(pom, plugins["maven-assembly-plugin"], base, shown)
    if "vertx-maven-plugin" in plugins:
        return Start("jar", f"target/{base}.jar", "package", shown)
    if _told(pom, plugins.get("maven-jar-plugin", []), "mainClass") and _told(pom, plugins.get("maven-jar-plugin", []), "addClasspath"):
        return Start("jar", f"target/{base}.jar", "package", shown)
    return Start("classpath", "target/classes", "package dependency:copy-dependencies -DincludeScope=runtime", shown)


def _assembled(pom: Pom, plugin: list[tuple[Pom, Element]], base: str, shown: Evidence) -> Start:
    named, appended, descriptor = (_told(pom, plugin, tag) for tag in ("finalName", "appendAssemblyId", "descriptorRef"))
    suffix = "" if appended and appended[0] == "false" else f"-{descriptor[0] if descriptor else 'jar-with-dependencies'}"
    bound = any(item.tag == "phase" for _, element in plugin for item in element.walk())
    task = "package" if bound else "package assembly:single"
    return Start("jar", f"target/{named[0] if named else base}{suffix}.jar", task, named[1] if named else shown)


def _sources(pom: Pom) -> tuple[str, ...]:
    stated = [pom.text(pom.root.value("build", "sourceDirectory"))]
    stated = [re.sub(r"^(?:\./|\$\{(?:project\.)?basedir\}/)", "", path) for path in stated if path]
    return tuple(dict.fromkeys((*stated, "src/main/java", "src/main/kotlin")))


def _manifests(repo: Repo, pom: Pom, context: str) -> tuple[str, ...]:
    found = [item.path for item in pom.chain]
    for folder in folders_up(pom.folder):
        if (path := join(folder, "pom.xml")) not in found and repo.has(path) and folder == context:
            found.append(path)
    wrapper = _WRAPPER if repo.has(join(context, _WRAPPER[1])) else ()
    return (*sorted(found), *(path for name in (*wrapper, *_SETTINGS) if repo.has(path := join(context, name))))


_WRAPPER = ("mvnw", ".mvn/wrapper/maven-wrapper.properties", ".mvn/wrapper/maven-wrapper.jar", ".mvn/wrapper/MavenWrapperDownloader.java")
_SETTINGS = (".mvn/maven.config", ".mvn/jvm.config", ".mvn/extensions.xml")
"""What Maven reads before any pom.xml."""


def _exposed(pom: Pom) -> tuple[int, Evidence] | None:
    """`docker.image.exposed.port` and the like, of the module itself first."""
    for holder in pom.chain:
        for item in holder.root.all("properties"):
            for value in item.children:
                if re.search(r"(?:docker|container|image|exposed?)[\w.]*\.port$", value.tag) and re.fullmatch(r"\d{2,5}", value.text):
                    return int(value.text), Evidence(file=holder.path, line=value.line, shows=f"<{value.tag}>{value.text}", confidence=0.6)
    return None
