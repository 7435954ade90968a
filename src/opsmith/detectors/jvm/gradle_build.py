"""One Gradle build: its settings, its projects with their scripts, and what all of them are told by the projects above them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from opsmith.detectors.jvm.catalogs import Catalog, catalogs
from opsmith.detectors.jvm.gradle_script import Statement, Token, parse, walk
from opsmith.detectors.jvm.modules import folders_up, join, normal
from opsmith.detectors.jvm.properties import properties
from opsmith.repo import Repo

SCRIPTS = ("build.gradle.kts", "build.gradle")
SETTINGS = ("settings.gradle.kts", "settings.gradle")
_SHARED = frozenset(("allprojects", "subprojects"))
_CONVENTION = re.compile(r"/src/main/(?:kotlin|groovy)/(?:.*/)?([\w.-]+)\.gradle(?:\.kts)?$")
_INTERPOLATED = re.compile(r"\$\{([^${}]{1,100})\}|\$(\w{1,100})")


@dataclass(eq=False, slots=True)
class Project:
    """`statements` are those of its own script and of every script that acts on it, each with the file it stands in."""

    folder: str
    script: str
    path: str
    name: str
    statements: list[tuple[str, tuple[str, ...], Statement]] = field(default_factory=list[tuple[str, tuple[str, ...], Statement]])
    variables: dict[str, str] = field(default_factory=dict[str, str])

    def named(self, *heads: str) -> Iterator[tuple[str, tuple[str, ...], Statement]]:
        return (item for item in self.statements if item[2].head in heads)

    def text(self, token: Token | None) -> str:
        """The value of a text, number or variable."""
        if token is None:
            return ""
        if token.kind == "word":
            return self.variables.get(token.text.rpartition(".")[2], self.variables.get(token.text, token.text))
        return self.filled(token.text)

    def filled(self, text: str) -> str:
        def value(match: re.Match[str]) -> str:
            key = re.sub(r"""^.*(?:property|extra|ext)[\[(]["']([\w.-]+)["'][\])].*$""", r"\1", match[1] or match[2])
            return self.variables.get(key, self.variables.get(key.rpartition(".")[2], match[0]))

        return _INTERPOLATED.sub(value, text)[:500]


@dataclass(eq=False, slots=True)
class Build:
    """`folder` is where the settings lie."""

    folder: str
    projects: list[Project]
    catalogs: dict[str, Catalog]


def builds(repo: Repo) -> list[Build]:
    """Every build; a script that no settings include is a build of its own."""
    roots = [path.rpartition("/")[0] for path in repo.named(*SETTINGS)]
    roots = [folder for folder in dict.fromkeys(roots) if not _is_part(folder)]
    found: list[Build] = []
    taken: set[str] = set()
    conventions = {match[1]: path for path in repo.files if path.endswith((".gradle", ".gradle.kts")) and (match := _CONVENTION.search("/" + path))}
    for folder in sorted(roots, key=lambda item: item.count("/")):
        made = _build(repo, folder, conventions)
        made.projects = [project for project in made.projects if project.folder not in taken]
        taken |= {project.folder for project in made.projects}
        found.append(made)
    for path in repo.named(*SCRIPTS):
        folder = path.rpartition("/")[0]
        if folder not in taken and not _is_part(folder) and not any(above in roots for above in folders_up(folder)):
            taken.add(folder)
            found.append(_build(repo, folder, conventions))
    return found


def _is_part(folder: str) -> bool:
    """What belongs to the build itself, or to tests of it."""
    return (
        re.search(r"(?:^|/)(?:buildSrc|build-logic|build-conventions|gradle/plugins|src/(?:test|main)|testdata|build|target)(?:/|$)", folder)
        is not None
    )


def _build(repo: Repo, folder: str, conventions: dict[str, str]) -> Build:
    path = next((join(folder, name) for name in SETTINGS if repo.has(join(folder, name))), None)
    settings = parse(repo.read(path) or "") if path else []
    root_name = next((text for _, item in walk(settings) if item.head == "rootProject.name" for text in item.strings()[:1]), None)
    known = catalogs(repo, folder, settings)
    included = {place: address for address, place in _included(folder, settings)}
    gradle_properties = properties(repo, join(folder, "gradle.properties"))
    root_script = _script(repo, folder)
    root = parse(repo.read(root_script) or "") if root_script else []
    projects: list[Project] = []
    for place, address in {folder: "", **included}.items():
        script = _script(repo, place)
        if script is None and not (address and root_script and repo.under(join(place, "src"))):
            continue
        name = (root_name or folder.rpartition("/")[2] or repo.root.name) if not address else address.rpartition(":")[2]
        project = Project(place, script or root_script or "", address, name)
        _read(repo, project, folder, root_script or "", root, conventions)
        project.variables = _variables(repo, project, root, gradle_properties, known)
        projects.append(project)
    return Build(folder, projects, known)


def _script(repo: Repo, folder: str) -> str | None:
    own = folder.rpartition("/")[2]
    names = (*SCRIPTS, f"{own}.gradle.kts", f"{own}.gradle")
    return next((join(folder, name) for name in names if repo.has(join(folder, name))), None)


def _included(folder: str, settings: list[Statement]) -> Iterator[tuple[str, str]]:
    """Project paths with their folders; `project(":x").projectDir = file("y")` moves one."""
    moved: dict[str, str] = {}
    for _, item in walk(settings):
        texts = item.strings()
        if "projectDir" in " ".join(item.words()) and len(texts) > 1:
            moved[texts[0]] = re.sub(r"^\$\{?(?:rootDir|settingsDir|rootProject\.projectDir)\}?/", "", texts[-1])
    for _, item in walk(settings):
        if item.head in ("include", "includeFlat"):
            for text in item.strings():
                address = ":" + text.lstrip(":").replace("/", ":")
                place = normal(join(folder, moved.get(address, moved.get(text, address[1:].replace(":", "/")))))
                if place is not None and place != folder:
                    yield address, place


def _read(repo: Repo, project: Project, folder: str, root_script: str, root: list[Statement], conventions: dict[str, str]) -> None:
    """The statements that act on a project: those that the root has for all, then its own, then of the scripts that these apply."""
    is_root = project.folder == folder
    own = root if is_root else parse(repo.read(project.script) or "") if project.script != root_script else []
    pending: list[tuple[str, list[Statement]]] = []
    shared = [item for item in root if item.head in _SHARED or (item.head == "configure" and item.body and not item.strings())]
    pending.extend((root_script, item.body) for item in shared if not (is_root and item.head != "allprojects"))
    pending.extend((root_script, item.body) for item in root if not is_root and item.head == "project" and project.path in item.strings())
    pending.append((project.script, [item for item in own if item not in shared]))
    seen: set[str] = set()
    while pending:
        file, statements = pending.pop(0)
        for path, statement in walk(statements):
            if "buildscript" in path or "pluginManagement" in path or (path and path[0] in _SHARED):
                continue
            project.statements.append((file, path, statement))
            for applied in _applied(repo, folder, file, path, statement, conventions):
                if applied not in seen and len(seen) < 50:
                    seen.add(applied)
                    pending.append((applied, parse(repo.read(applied) or "")))


def _applied(repo: Repo, folder: str, file: str, path: tuple[str, ...], statement: Statement, conventions: dict[str, str]) -> Iterator[str]:
    """Script files that a statement brings in: `apply from: "x.gradle"`, and convention plugins of the build."""
    texts = statement.strings()
    if statement.head == "apply" and "from" in statement.words() and texts:
        inner = re.sub(r"^\$\{?(?:rootDir|rootProject\.projectDir|rootProject\.rootDir|projectDir)\}?/", "", texts[0])
        for base in (folder, file.rpartition("/")[0]):
            place = normal(join(base, inner))
            if place is not None and repo.has(place):
                yield place
                break
    elif statement.head in ("id", "plugin", "apply") or (path and path[-1] == "plugins" and statement.head):
        for name in (*texts[:1], statement.head):
            if name in conventions:
                yield conventions[name]


def _variables(repo: Repo, project: Project, root: list[Statement], gradle_properties: dict[str, str], known: dict[str, Catalog]) -> dict[str, str]:
    """What the build calls by name: properties files, catalog versions, `ext`, `def` and `val`; the nearest last."""
    found = dict(gradle_properties)
    for name, catalog in known.items():
        found |= {f"{name}.versions.{alias}.get": version for alias, version in catalog.versions.items()}
        found |= {f"{name}.versions.{alias}": version for alias, version in catalog.versions.items()}
    found |= properties(repo, join(project.folder, "gradle.properties"))
    statements = [*walk(root), *((path, item) for _, path, item in project.statements)]
    for path, item in statements:
        found |= dict(_assigned(path, item, found))
    return found


def _assigned(path: tuple[str, ...], item: Statement, known: dict[str, str]) -> Iterator[tuple[str, str]]:
    texts = item.strings()
    tokens = [token for token in item.tokens if token.kind in ("string", "number")]
    if item.head in ("def", "val", "var", "String", "final") and tokens and len(item.tokens) > 1 and not item.body:
        name = next((token.text for token in item.tokens[1:] if token.kind == "word" and token.text not in ("String", "def")), "")
        if len(item.tokens) <= 8:
            yield name, known.get(tokens[-1].text, tokens[-1].text)
    elif item.head.startswith(("ext.", "project.ext.", "rootProject.ext.")) and tokens:
        yield item.head.rpartition(".")[2], tokens[-1].text
    elif item.head in ("extra", "ext") and len(texts) > 1:
        yield texts[0], texts[-1]
    elif path and path[-1] in ("ext", "extra") and tokens:
        yield (texts[0], texts[-1]) if item.head == "set" and len(texts) > 1 else (item.head, tokens[-1].text)
