"""Projects of Leiningen and of tools.deps: what each needs, where it starts and what it is packed into."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from opsmith.detectors.clojure.reader import Form, options, plain, table, walk
from opsmith.detectors.clojure.source import forms
from opsmith.repo import Repo

_NO_PROJECT = frozenset(("test", "tests", "checkouts", "fixtures", "node_modules", "target", "templates", "examples"))
_SHIPPED = (":uberjar", ":prod", ":production")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Project:
    """`told` is everything the manifest says at its top, by key."""

    folder: str
    file: str
    tool: str
    name: str
    version: str | None
    told: Mapping[str, Form]
    dependencies: Mapping[str, int]
    """Libraries that are shipped, each with its line."""
    plugins: frozenset[str]
    locals: tuple[str, ...]
    """Folders of the repository that it depends on."""

    @property
    def profiles(self) -> Mapping[str, Form]:
        return table(self.told.get(":profiles" if self.tool == "lein" else ":aliases"))

    def shipped(self, key: str) -> Form | None:
        """What is said for the delivered program, else for all."""
        found = (table(self.profiles.get(name)).get(key) for name in _SHIPPED)
        return next((form for form in found if form is not None), self.told.get(key))


def projects(repo: Repo) -> list[Project]:
    listed = [path for path in repo.named("project.clj", "deps.edn") if not _NO_PROJECT & set(path.split("/")[:-1])]
    found: dict[str, Project] = {}
    for path in listed:
        project = _lein(repo, path) if path.endswith("project.clj") else _deps(repo, path)
        if project is not None and (project.folder not in found or project.tool == "lein"):
            found[project.folder] = project
    return list(found.values())


def _lein(repo: Repo, path: str) -> Project | None:
    form = next((form for form in forms(repo, path, manifest=True) if form.head() == "defproject"), None)
    if form is None or len(form.items) < 3:
        return None
    told = options(form.items[3:])
    shipped = [table(table(told.get(":profiles")).get(name)) for name in _SHIPPED]
    return Project(
        folder=path.rpartition("/")[0],
        file=path,
        tool="lein",
        name=form.items[1].text.rpartition("/")[2],
        version=plain(form.items[2]),
        told=told,
        dependencies={name: line for part in (told, *shipped) for name, line in _vectors(part.get(":dependencies"))},
        plugins=frozenset(name for name, _ in _vectors(told.get(":plugins"))),
        locals=(),
    )


def _vectors(form: Form | None) -> Iterator[tuple[str, int]]:
    """`[[ring "1.9"] [h2 "1" :scope "test"]]`."""
    for item in form.items if form is not None else ():
        if item.kind == "vector" and item.items and plain(options(item.items[2:]).get(":scope")) not in ("test", "provided"):
            yield item.items[0].text, item.line


def _deps(repo: Repo, path: str) -> Project | None:
    found = forms(repo, path, manifest=True)
    if not found or found[0].kind != "map":
        return None
    told, folder = table(found[0]), path.rpartition("/")[0]
    shipped = [told, *(table(table(told.get(":aliases")).get(name)) for name in _SHIPPED)]
    listed = {name: value for part in shipped for key in (":deps", ":extra-deps") for name, value in table(part.get(key)).items()}
    roots = (plain(table(value).get(":local/root")) for value in listed.values())
    return Project(
        folder=folder,
        file=path,
        tool="clojure",
        name=folder.rpartition("/")[2] or repo.root.name,
        version=None,
        told=told,
        dependencies={name: value.line for name, value in listed.items()},
        plugins=frozenset(),
        locals=tuple(posixpath.normpath(posixpath.join(folder, root)) for root in roots if root and not root.startswith("/")),
    )


def reached(project: Project, known: Mapping[str, Project]) -> list[Project]:
    """The project and the projects of the repository that it depends on."""
    pending, chosen = [project], {project.folder: project}
    while pending:
        for folder in pending.pop().locals:
            other = known.get("" if folder == "." else folder)
            if other is not None and other.folder not in chosen:
                chosen[other.folder] = other
                pending.append(other)
    return list(chosen.values())


@dataclass(frozen=True, slots=True)
class Packing:
    """How build.clj makes the jar: the function to call, the file it writes, the namespace that the jar starts."""

    function: str
    jar: str | None
    main: str | None
    file: str
    line: int


def packing(repo: Repo, project: Project) -> Packing | None:
    path = posixpath.join(project.folder, "build.clj")
    found = forms(repo, path, manifest=False) if repo.has(path) else []
    for function in found:
        call = next((form for form in walk(function) if form.head().rpartition("/")[2] == "uber" and len(form.items) > 1), None)
        if call is not None and function.head() in ("defn", "defn-") and len(function.items) > 1:
            told = {key: value for form in walk(function) if form.kind == "map" for key, value in table(form).items()}
            given = table(call.items[1])
            named = _named(given.get(":uber-file") or told.get(":uber-file"), found)
            main = plain(given.get(":main") or told.get(":main"))
            return Packing(function.items[1].text, named, _symbol(main, found), path, call.line)
    return None


def _symbol(name: str | None, found: list[Form]) -> str | None:
    """A namespace, also through a `def`."""
    if name is None or "." in name:
        return name
    return plain(_defined(name, found)) or name


def _defined(name: str, found: list[Form]) -> Form | None:
    return next((form.items[-1] for form in found if form.head() == "def" and len(form.items) > 2 and form.items[1].text == name), None)


def _named(form: Form | None, found: list[Form], depth: int = 0) -> str | None:
    """The jar's path: a text, a `def` of one, or a `format` of them; what reading cannot tell becomes `*`."""
    if form is None or depth > 4:
        return None
    if form.kind == "symbol":
        return _named(_defined(form.text, found), found, depth + 1)
    if form.kind == "quote":
        return plain(form)
    if form.head() == "name" and len(form.items) == 2:
        inner = _named(form.items[1], found, depth + 1)
        return inner.rpartition("/")[2] if inner else None
    if form.head() in ("format", "str") and len(form.items) > 1:
        parts = [_named(item, found, depth + 1) or "*" for item in form.items[1:]]
        return _filled(parts) if form.head() == "format" else "".join(parts)
    return form.text if form.kind == "string" else None


def _filled(parts: list[str]) -> str:
    text, rest = parts[0], iter(parts[1:])
    pieces = text.split("%s")
    return "".join(piece + (next(rest, "*") if index < len(pieces) - 1 else "") for index, piece in enumerate(pieces))
