"""Cargo packages and workspaces: their binaries, and the dependencies that are active without anybody naming a feature."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from opsmith.repo import Repo
from opsmith.shapes import items, table

_NOT_DEPLOYED = re.compile(
    r"(?i)(?:^|/)(?:tests?|testing|testdata|examples?|benches|bench(?:marks?)?|fuzz|xtask|fixtures?|templates?|tutorials?|demos?|samples?|"
    r"[\w-]*[-_]tests?(?:[-_][\w-]*)?|tests?[-_][\w-]*|playground|third[-_]?party|vendor|hack|scripts?|codegen|docs?|e2e|integration[-_]tests?|crates-testing|\{\{[^/]*)(?:/|$)"
)
_ALL_SECTIONS = ("dependencies", "build-dependencies")
_OTHER_SYSTEM = re.compile(r"windows|macos|wasm|target_os\s*=\s*\"(?:ios|android|freebsd)|not\(unix\)|not\(target_os = \"linux\"\)|darwin|msvc")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependency:
    """`package` is the crate's name at the registry, `name` what the code calls it, `path` the folder of a crate of this repository."""

    name: str
    package: str
    features: frozenset[str]
    default_features: bool
    optional: bool
    path: str | None
    build: bool
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Binary:
    """`file` is the crate root. `named`: somebody declared it, rather than Cargo finding it."""

    name: str
    file: str
    named: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    folder: str
    name: str
    workspace: str
    """The folder of the workspace's root; its own folder where it belongs to none."""
    manifest: str
    document: dict[str, Any] = field(hash=False, compare=False)
    shared: dict[str, Any] = field(hash=False, compare=False)
    """The `[workspace]` table of the root."""
    binaries: tuple[Binary, ...]
    library: str | None
    default_run: str | None
    dependencies: tuple[Dependency, ...]
    features: frozenset[str]
    """Those that `default` switches on."""
    members: int
    """Packages of the workspace."""

    @property
    def crate(self) -> str:
        named = str(table(self.document.get("lib")).get("name") or self.name)
        return named.replace("-", "_")

    @property
    def active(self) -> tuple[Dependency, ...]:
        return tuple(item for item in self.dependencies if not item.optional and not item.build)

    def uses(self, *packages: str) -> Dependency | None:
        return next((item for item in self.active if item.package in packages), None)


def packages(repo: Repo) -> tuple[Package, ...]:
    """Every package, those of workspaces too, sorted by folder."""
    documents: dict[str, dict[str, Any]] = {}
    for path in repo.named("Cargo.toml"):
        document = repo.toml(path)
        if document is not None:
            documents[path.rpartition("/")[0]] = document
    roots = {folder: table(document["workspace"]) for folder, document in documents.items() if "workspace" in document}
    homes = {folder: _home(folder, roots, document) for folder, document in documents.items()}
    counts = {root: sum(1 for folder, home in homes.items() if home == root and "package" in documents[folder]) for root in {*homes.values()}}
    found = (_package(repo, folder, homes[folder], documents, counts[homes[folder]]) for folder in sorted(documents))
    return tuple(package for package in found if package is not None)


def deployed(folder: str, root: str = "") -> bool:
    """Whether a folder holds what is shipped, rather than what tests, shows or builds it."""
    return not _NOT_DEPLOYED.search(folder[len(root) :].strip("/"))


def join(*parts: str) -> str:
    """POSIX join with the root as ""; a path that climbs out of the root becomes the root."""
    path = posixpath.normpath("/".join(part for part in parts if part) or ".")
    return "" if path in (".", "..") or path.startswith(("../", "/")) else path


def inside(folder: str, outer: str) -> bool:
    return not outer or folder == outer or folder.startswith(outer + "/")


def _home(folder: str, roots: dict[str, dict[str, Any]], document: dict[str, Any]) -> str:
    told = table(document.get("package")).get("workspace")
    if isinstance(told, str) and join(folder, told) in roots:
        return join(folder, told)
    above = sorted((root for root in roots if inside(folder, root)), key=len, reverse=True)
    return next((root for root in above if root == folder or _is_member(folder, root, roots[root])), folder)


def _is_member(folder: str, root: str, workspace: dict[str, Any]) -> bool:
    """By the globs, or as a path dependency, which Cargo counts among the members; `exclude` takes both away."""
    relative = folder[len(root) :].strip("/")
    if any(inside(relative, str(item).strip("/")) for item in items(workspace.get("exclude"))):
        return False
    patterns = [posixpath.normpath(str(item)) for item in items(workspace.get("members"))]
    if any(fnmatchcase(relative, pattern) and relative.count("/") == pattern.count("/") for pattern in patterns):
        return True
    listed = table(workspace.get("dependencies")).values()
    return any(posixpath.normpath(str(table(item).get("path"))) == relative for item in listed if "path" in table(item))


def _package(repo: Repo, folder: str, home: str, documents: dict[str, dict[str, Any]], members: int) -> Package | None:
    document = documents[folder]
    head = table(document.get("package"))
    name = head.get("name")
    if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z0-9_-]{1,100}", name):
        return None
    shared = table(documents.get(home, {}).get("workspace"))
    features = _default_features(document)
    library = str(table(document.get("lib")).get("path") or "src/lib.rs")
    default_run = head.get("default-run")
    return Package(
        folder=folder,
        name=name,
        workspace=home,
        manifest=join(folder, "Cargo.toml"),
        document=document,
        shared=shared,
        binaries=tuple(_binaries(repo, folder, name, document, features)),
        library=join(folder, library) if repo.has(join(folder, library)) else None,
        default_run=default_run if isinstance(default_run, str) else None,
        dependencies=tuple(_dependencies(folder, home, document, shared, features)),
        features=features,
        members=members,
    )


def _binaries(repo: Repo, folder: str, name: str, document: dict[str, Any], features: frozenset[str]) -> Iterator[Binary]:
    """Declared ones first; those that need a feature nobody switches on are left out."""
    seen: set[str] = set()
    for item in items(document.get("bin")):
        told = table(item)
        title = str(told.get("name") or name)
        path = told.get("path")
        places = [str(path)] if path else [f"src/bin/{title}.rs", f"src/bin/{title}/main.rs", *(["src/main.rs"] if title == name else [])]
        file = next((join(folder, place) for place in places if repo.has(join(folder, place))), None)
        if file is None or not re.fullmatch(r"[A-Za-z0-9_-]{1,100}", title):
            continue
        seen.add(file)
        if all(str(feature) in features for feature in items(told.get("required-features"))):
            yield Binary(name=title, file=file, named=True)
    if table(document.get("package")).get("autobins") is False:
        return
    for title, file in _found(repo, folder, name):
        if file not in seen:
            yield Binary(name=title, file=file)


def _found(repo: Repo, folder: str, name: str) -> Iterator[tuple[str, str]]:
    if repo.has(join(folder, "src/main.rs")):
        yield name, join(folder, "src/main.rs")
    for base in repo.folder(join(folder, "src/bin")):
        if base.endswith(".rs"):
            yield base[:-3], join(folder, "src/bin", base)
    for path in repo.under(join(folder, "src/bin"), "/main.rs"):
        parts = path[len(join(folder, "src/bin")) :].strip("/").split("/")
        if len(parts) == 2:
            yield parts[0], path


def _default_features(document: dict[str, Any]) -> frozenset[str]:
    listed = table(document.get("features"))
    found: set[str] = set()
    pending = ["default"]
    while pending:
        name = pending.pop()
        if name not in found:
            found.add(name)
            pending.extend(str(item) for item in items(listed.get(name)))
    return frozenset(found)


def _dependencies(folder: str, home: str, document: dict[str, Any], shared: dict[str, Any], features: frozenset[str]) -> Iterator[Dependency]:
    for where, section, build in _sections(document):
        if where and _OTHER_SYSTEM.search(where):
            continue
        for name, told in section.items():
            yield _dependency(folder, home, name, told, shared, features, build=build)


def _sections(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], bool]]:
    """The condition, the table, and whether only build scripts see it."""
    for key in _ALL_SECTIONS:
        yield "", table(document.get(key)), key == "build-dependencies"
    for condition, inner in table(document.get("target")).items():
        for key in _ALL_SECTIONS:
            yield condition, table(table(inner).get(key)), key == "build-dependencies"


def _dependency(folder: str, home: str, name: str, told: object, shared: dict[str, Any], features: frozenset[str], *, build: bool) -> Dependency:
    own = table(told)
    base = folder
    if own.get("workspace") is True:
        inherited = table(shared.get("dependencies")).get(name)
        outer = table(inherited) or {"version": inherited}
        own = {**outer, "optional": own.get("optional", False), "features": [*items(outer.get("features")), *items(own.get("features"))]}
        base = home
    path = own.get("path")
    switched = _switched(name, features)
    version = told if isinstance(told, str) else own.get("version")
    return Dependency(
        name=name.replace("-", "_"),
        package=str(own.get("package") or name),
        features=frozenset((*(str(item) for item in items(own.get("features"))), *switched)),
        default_features=own.get("default-features") is not False,
        optional=own.get("optional") is True and name not in features and f"dep:{name}" not in features and not switched,
        path=join(base, str(path)) if isinstance(path, str) else None,
        build=build,
        version=str(version or ""),
    )


def _switched(name: str, features: frozenset[str]) -> list[str]:
    """Features of a dependency that the package's own defaults switch on (`sqlx/postgres`); a weak `?` switches on no dependency."""
    return [item.partition("/")[2] for item in features if item.startswith(f"{name}/")]
