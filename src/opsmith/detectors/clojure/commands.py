"""Installing, testing, linting, migrating, and the front end that is built beside the program."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass

from opsmith.detectors.clojure.mains import Main
from opsmith.detectors.clojure.projects import Project
from opsmith.detectors.clojure.reader import plain, table
from opsmith.detectors.clojure.source import Source, forms
from opsmith.model.survey import Evidence
from opsmith.repo import Repo

_MIGRATE = re.compile(r":(?:[\w.]+/)?(?:db[-:])?migrat(?:e|ions?|or|e-db)")
_LINT = (":clj-kondo", ":lint", ":kondo", ":eastwood", ":cljfmt")
_TEST = (":test", ":kaocha", ":test-runner", ":runner")


@dataclass(frozen=True, slots=True)
class Told:
    command: str
    evidence: Evidence


def install(project: Project) -> str:
    return "lein deps" if project.tool == "lein" else "clojure -P"


def build(repo: Repo, project: Project, main: Main) -> str | None:
    front = _front(repo, project)
    return " && ".join(step for step in (*front, main.build) if step) or None


def _front(repo: Repo, project: Project) -> list[str]:
    """The release builds of shadow-cljs."""
    path = posixpath.join(project.folder, "shadow-cljs.edn")
    found = forms(repo, path, manifest=False) if repo.has(path) else []
    builds = table(table(found[0] if found else None).get(":builds"))
    pages = [name for name, told in builds.items() if plain(table(told).get(":target")) in (":browser", ":esm")]
    if not pages or not repo.has(posixpath.join(project.folder, "package.json")):
        return []
    locked = repo.has(posixpath.join(project.folder, "package-lock.json"))
    return ["npm ci" if locked else "npm install", f"npx shadow-cljs release {' '.join(name.lstrip(':') for name in pages)}"]


def has_front(repo: Repo, project: Project) -> bool:
    return bool(_front(repo, project))


def test(project: Project) -> Told | None:
    if project.tool == "lein":
        return Told("lein test", Evidence(file=project.file, shows="project.clj", confidence=0.8))
    return _alias(project, _TEST)


def lint(project: Project) -> Told | None:
    if project.tool == "lein":
        plugin = next(
            (name for name in ("lein-cljfmt", "dev.weavejester/lein-cljfmt", "jonase/eastwood", "lein-kibit") if name in project.plugins), None
        )
        command = {"jonase/eastwood": "lein eastwood", "lein-kibit": "lein kibit"}.get(plugin or "", "lein cljfmt check")
        return Told(command, Evidence(file=project.file, shows=plugin, confidence=0.85)) if plugin else None
    return _alias(project, _LINT)


def _alias(project: Project, names: tuple[str, ...]) -> Told | None:
    for name in names:
        told = table(project.profiles.get(name))
        if ":main-opts" in told or ":exec-fn" in told:
            shown = Evidence(file=project.file, line=project.profiles[name].line, shows=name, confidence=0.85)
            return Told(f"clojure -{'M' if ':main-opts' in told else 'X'}{name}", shown)
    return None


def migration(project: Project, main: Main, sources: list[Source]) -> Told | None:
    """A command of its own; a program that migrates when it starts has none."""
    for source in sources:
        if source.mentions(b"luminus-migrations.core", b"luminus_migrations") and source.mentions(b"migrations/migrate"):
            number = source.data.count(b"\n", 0, source.data.find(b"migrations/migrate")) + 1
            return Told(f"{main.start} migrate", Evidence(file=source.path, line=number, shows="migrations/migrate args", confidence=0.8))
    if project.tool == "lein":
        return _lein_migration(project)
    name = next((name for name in project.profiles if _MIGRATE.fullmatch(name)), None)
    return _alias(project, (name,)) if name else None


def _lein_migration(project: Project) -> Told | None:
    plugin = next((name for name in ("migratus-lein", "migratus-lein/migratus-lein") if name in project.plugins), None)
    if plugin is not None:
        line = project.told[":migratus"].line if ":migratus" in project.told else None
        return Told("lein migratus migrate", Evidence(file=project.file, line=line, shows=plugin, confidence=0.85))
    aliases = table(project.told.get(":aliases"))
    name = next((name for name in aliases if _MIGRATE.fullmatch(f":{name}")), None)
    return Told(f"lein {name}", Evidence(file=project.file, line=aliases[name].line, shows=f"alias {name}", confidence=0.85)) if name else None


def java_release(repo: Repo, project: Project) -> tuple[str, Evidence] | None:
    """What the Java sources beside the program are compiled for."""
    form = project.told.get(":javac-options")
    given = [plain(item) or "" for item in form.items] if form is not None else []
    for flag in ("--release", "-target"):
        if form is not None and flag in given[:-1]:
            version = given[given.index(flag) + 1].removeprefix("1.")
            return version, Evidence(file=project.file, line=form.line, shows=f"{flag} {version}", confidence=0.8)
    path = posixpath.join(project.folder, "build.clj")
    match = re.search(r'"--release"\s+"(\d+)"', repo.read(path) or "") if repo.has(path) else None
    return (match[1], Evidence(file=path, line=repo.line_of(path, "--release"), shows=f"--release {match[1]}", confidence=0.8)) if match else None
