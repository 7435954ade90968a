"""Where a project starts, how it is packed, and the commands for both."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass

from opsmith.detectors.clojure.projects import Packing, Project, packing
from opsmith.detectors.clojure.reader import Form, plain, table
from opsmith.detectors.clojure.source import Source
from opsmith.model.survey import Evidence
from opsmith.repo import Repo

_PREFERRED = (":run", ":start", ":server", ":serve", ":prod", ":main", ":web", ":api", ":app", ":run-m", ":run-x", ":cli")
_TELLING = ("main", "server", "system", "core", "app", "web", "cli")


@dataclass(frozen=True, slots=True, kw_only=True)
class Main:
    """`namespace` is what starts, `jar` what it is packed into relative to the project; `choices` where several could."""

    namespace: str | None
    start: str
    build: str | None
    evidence: Evidence
    choices: tuple[str, ...] = ()
    ring_port: int | None = None


def main(repo: Repo, project: Project, sources: list[Source], root: Project | None) -> Main | None:
    if project.tool == "lein":
        return _of_lein(project, sources)
    packed = packing(repo, project)
    if packed is not None:
        return _of_build(project, packed, sources)
    alias = _of_uberjar(repo, project, root) or _of_aliases(project, sources)
    if alias is not None and alias.start.endswith(":cli") and _serves(sources):
        return _of_sources(project, sources)
    return alias or _of_sources(project, sources)


def _serves(sources: list[Source]) -> bool:
    """Whether a namespace with a `-main` of its own is named after the server, so that a command line is not what is deployed."""
    return any(source.namespace.rpartition(".")[2] in ("server", "system") for source in _starting(sources))


# -- Leiningen -------------------------------------------------------------------------------------------------------------------------


def _of_lein(project: Project, sources: list[Source]) -> Main | None:
    form, ring = project.shipped(":main"), table(project.told.get(":ring"))
    jar = _lein_jar(project)
    if form is not None and (name := plain(form)):
        shown = Evidence(file=project.file, line=form.line, shows=f":main {name}", confidence=0.95)
        return Main(namespace=name.partition("/")[0], start=f"java -jar {jar}", build="lein uberjar", evidence=shown)
    if ":handler" in ring:
        shown = Evidence(file=project.file, line=ring[":handler"].line, shows=f":ring, handler {ring[':handler'].text}", confidence=0.9)
        port = plain(ring.get(":port"))
        number = int(port) if port and port.isdigit() else 3000
        return Main(namespace=None, start=f"java -jar {jar}", build="lein ring uberjar", evidence=shown, ring_port=number)
    return _of_sources(project, sources)


def _lein_jar(project: Project) -> str:
    named = plain(project.shipped(":uberjar-name"))
    folder = (plain(project.told.get(":target-path")) or "target").replace("%s", "uberjar").strip("/")
    return f"{folder}/{named or f'{project.name}-{project.version}-standalone.jar'}"


# -- tools.deps ------------------------------------------------------------------------------------------------------------------------


def _of_build(project: Project, packed: Packing, sources: list[Source]) -> Main:
    alias = next((name for name, told in project.profiles.items() if plain(table(told).get(":ns-default")) == "build"), ":build")
    jar = packed.jar or "target/*.jar"
    named = packed.main if packed.main != "clojure.main" else None
    found = named or next((source.namespace for source in _starting(sources)), None)
    start = f"java -jar {jar}" if named or found is None else f"java -cp {jar} clojure.main -m {found}"
    shown = Evidence(
        file=packed.file, line=packed.line, shows=f"build.clj makes {jar}" + (f", main {packed.main}" if packed.main else ""), confidence=0.9
    )
    return Main(namespace=found, start=start, build=f"clojure -T{alias} {packed.function}", evidence=shown)


def _of_uberjar(repo: Repo, project: Project, root: Project | None) -> Main | None:
    """An alias that packs: of Polylith, whose build.clj stands at the root, of depstar, of uberdeps."""
    alias = table(project.profiles.get(":uberjar"))
    if not alias:
        return None
    line = project.profiles[":uberjar"].line
    name = plain(alias.get(":main")) or plain(table(alias.get(":exec-args")).get(":main-class"))
    jar = plain(alias.get(":uber-file")) or plain(table(alias.get(":exec-args")).get(":jar")) or f"target/{project.name}.jar"
    shown = Evidence(file=project.file, line=line, shows=f":uberjar{f', main {name}' if name else ''}", confidence=0.85)
    start = f"java -jar {jar}" if name else f"java -cp {jar} clojure.main"
    if root is not None and project.folder and repo.has(posixpath.join(root.folder, "build.clj")):
        return Main(namespace=name, start=start, build=f"clojure -T:build uberjar :project {project.name}", evidence=shown)
    if ":exec-fn" in alias or ":main-opts" in alias:
        return Main(namespace=name, start=start, build=f"clojure -{'X' if ':exec-fn' in alias else 'M'}:uberjar", evidence=shown)
    return None


def _of_aliases(project: Project, sources: list[Source]) -> Main | None:
    """Aliases that run a namespace of the project itself; those of tools run others."""
    own = {source.namespace for source in sources}
    found = [item for item in _runs(project) if item[2] in own]
    found.sort(key=lambda item: _PREFERRED.index(item[0]) if item[0] in _PREFERRED else len(_PREFERRED))
    if not found:
        return None
    alias, flag, namespace, form = found[0]
    several = tuple(f"clojure -{other}{name}" for name, other, _, _ in found) if len(found) > 1 and found[0][0] not in _PREFERRED else ()
    shown = Evidence(file=project.file, line=form.line, shows=f"{alias} runs {namespace}", confidence=0.85)
    return Main(namespace=namespace, start=f"clojure -{flag}{alias}", build=None, evidence=shown, choices=several)


def _runs(project: Project) -> Iterator[tuple[str, str, str, Form]]:
    for alias, told in project.profiles.items():
        opened = table(told)
        options = [plain(item) or "" for item in opened[":main-opts"].items] if ":main-opts" in opened else []
        if "-m" in options[:-1]:
            yield alias, "M", options[options.index("-m") + 1], told
        elif function := plain(opened.get(":exec-fn")):
            yield alias, "X", function.rpartition("/")[0], told


# -- sources ---------------------------------------------------------------------------------------------------------------------------


def _starting(sources: list[Source]) -> list[Source]:
    """Files with a `-main`, the name that tells most first."""
    found = [source for source in sources if source.mentions(b"-main") and _has_main(source)]
    words = {source: source.namespace.rpartition(".")[2] for source in found}
    return sorted(found, key=lambda item: _TELLING.index(words[item]) if words[item] in _TELLING else len(_TELLING))


def _has_main(source: Source) -> bool:
    return any(form.head() in ("defn", "defn-") and len(form.items) > 1 and form.items[1].text == "-main" for form in source.forms)


def _of_sources(project: Project, sources: list[Source]) -> Main | None:
    found = [source for source in _starting(sources) if source.namespace]
    if not found:
        return None
    first = found[0]
    command = "lein run -m" if project.tool == "lein" else "clojure -M -m"
    number = first.data.count(b"\n", 0, first.data.find(b"-main")) + 1
    shown = Evidence(file=first.path, line=number, shows=f"-main of {first.namespace}", confidence=0.7)
    choices = tuple(f"{command} {source.namespace}" for source in found) if len(found) > 1 else ()
    return Main(namespace=first.namespace, start=f"{command} {first.namespace}", build=None, evidence=shown, choices=choices)
