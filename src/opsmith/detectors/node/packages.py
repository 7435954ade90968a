"""The package.json files of a repository, and which workspace each one belongs to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from opsmith.detectors.javascript.facts import ancestors, items, join, json_table, parent, table
from opsmith.detectors.javascript.places import is_not_deployed, on_deno
from opsmith.repo import Repo

_LONGEST_SCRIPT = 4_000
_MOST_STARS = 4


@dataclass(frozen=True, slots=True)
class Package:
    """One package.json. `members` are the folders of its workspace (empty when it is no workspace root)."""

    path: str
    manifest: Mapping[str, Any]
    members: tuple[str, ...] = ()
    root: str | None = None
    """Folder of the workspace that it is a member of."""

    @property
    def file(self) -> str:
        return join(self.path, "package.json")

    @property
    def name(self) -> str:
        name = self.manifest.get("name")
        return name if isinstance(name, str) else ""

    @property
    def scripts(self) -> dict[str, str]:
        return {name: body for name, body in texts(self.manifest.get("scripts")).items() if len(body) <= _LONGEST_SCRIPT}

    @property
    def dependencies(self) -> dict[str, str]:
        return {**texts(self.manifest.get("optionalDependencies")), **texts(self.manifest.get("dependencies"))}

    @property
    def development(self) -> dict[str, str]:
        return texts(self.manifest.get("devDependencies"))

    @property
    def context(self) -> str:
        return self.path if self.root is None else self.root

    def uses(self, *names: str) -> str | None:
        """The first of `names` that it depends on, at run time or for development."""
        listed = [table(self.manifest.get(key)) for key in ("devDependencies", "optionalDependencies", "dependencies", "peerDependencies")]
        return next((name for name in names if any(isinstance(group.get(name), str) for group in listed)), None)


def texts(value: object) -> dict[str, str]:
    """The entries of a mapping whose values are text."""
    return {key: item for key, item in table(value).items() if isinstance(item, str)}


def read_packages(repo: Repo) -> dict[str, Package]:
    """Every package.json that is one, by its folder."""
    plain: dict[str, Package] = {}
    for file in repo.named("package.json"):
        folder = parent(file)
        if (is_not_deployed(folder) and _is_buried(folder)) or on_deno(repo, folder):
            continue
        manifest = json_table(repo, file)
        if manifest:
            plain[folder] = Package(folder, manifest)
    return _with_workspaces(repo, plain)


def _is_buried(folder: str) -> bool:
    """Fixtures may hold thousands of broken manifests, none of which says anything about the repository."""
    parts = folder.lower().split("/")
    return bool({"fixtures", "__fixtures__", "__tests__", "testdata", "test", "tests", "templates", "template"} & set(parts)) and len(parts) > 1


def _with_workspaces(repo: Repo, packages: dict[str, Package]) -> dict[str, Package]:
    owners: dict[str, str] = {}
    members: dict[str, tuple[str, ...]] = {}
    for folder, package in packages.items():
        patterns = _workspace_patterns(repo, package)
        if patterns and folder not in owners:
            inside = tuple(path for path in packages if path != folder and _is_member(path, folder, patterns))
            members[folder] = inside
            owners.update(dict.fromkeys(inside, folder))
    return {folder: Package(folder, item.manifest, members.get(folder, ()), owners.get(folder)) for folder, item in packages.items()}


def _workspace_patterns(repo: Repo, package: Package) -> tuple[str, ...]:
    declared = package.manifest.get("workspaces")
    patterns = [*items(declared), *items(table(declared).get("packages"))]
    for name in ("pnpm-workspace.yaml", "pnpm-workspace.yml"):
        file = join(package.path, name)
        patterns += [
            pattern for document in (repo.yaml(file) if repo.has(file) else None) or () for pattern in items(table(document).get("packages"))
        ]
    patterns = patterns or items(json_table(repo, join(package.path, "lerna.json")).get("packages"))
    return tuple(pattern for pattern in patterns if isinstance(pattern, str))


def _is_member(path: str, root: str, patterns: Iterable[str]) -> bool:
    if root and not path.startswith(root + "/"):
        return False
    below = path[len(root) :].lstrip("/")
    wanted = [pattern for pattern in patterns if not pattern.startswith("!")]
    unwanted = [pattern[1:] for pattern in patterns if pattern.startswith("!")]
    return any(_glob(pattern).fullmatch(below) for pattern in wanted) and not any(_glob(pattern).fullmatch(below) for pattern in unwanted)


@lru_cache(maxsize=1024)
def _glob(pattern: str) -> re.Pattern[str]:
    """A workspace pattern: `*` stays inside one folder, `**` does not."""
    text = re.sub(r"\*{3,}", "**", pattern.removeprefix("./").strip("/"))
    if text.count("*") > _MOST_STARS:
        return re.compile(re.escape(text))
    parts = [re.escape(part) for part in re.split(r"\*\*/?", text)]
    return re.compile("(?:.+/)?".join(part.replace(r"\*", "[^/]*") for part in parts) if text != "**" else ".+")


def linked(package: Package, packages: Mapping[str, Package]) -> list[Package]:
    """The packages of the same workspace that `package` depends on, directly or not, nearest first."""
    if package.root is None:
        return []
    by_name = {packages[path].name: packages[path] for path in packages[package.root].members if path in packages}
    pending, result = [package], list[Package]()
    while pending:
        current = pending.pop(0)
        for name in current.dependencies | current.development:
            other = by_name.get(name)
            if other is not None and other is not package and other not in result:
                result.append(other)
                pending.append(other)
    return result


def other_stack(repo: Repo, folder: str) -> str | None:
    """The manifest of another language in the same folder, beside which a package.json only builds assets."""
    files = repo.folder(folder)
    known = ("composer.json", "Gemfile", "mix.exs", "manage.py", "pyproject.toml", "requirements.txt", "go.mod", "Cargo.toml", "pom.xml", "artisan")
    more = ("build.gradle", "build.gradle.kts", "setup.py", "Pipfile")
    direct = next((join(folder, name) for name in (*known, *more) if name in files), None)
    return direct or next((join(folder, name) for name in files if name.endswith((".csproj", ".sln", ".cabal"))), None)


def embedding_file(repo: Repo, folder: str) -> str | None:
    """The file of another stack whose build takes in what the package in `folder` makes."""
    for above in ancestors(folder)[1:]:
        for name in repo.folder(above):
            path = join(above, name)
            below = folder[len(above) :].strip("/")
            if name == "pom.xml" and _mentions(repo, path, b"frontend-maven-plugin", below):
                return path
            if name.endswith(".csproj") and _mentions(repo, path, b"SpaRoot", below):
                return path
            if name.endswith(".go") and _mentions(repo, path, b"//go:embed", below.partition("/")[0]):
                return path
            if name == "mix.exs" and below == "assets":
                return path
    return next(
        (join(folder, name) for name in repo.folder(folder) if name.endswith(".go") and b"//go:embed" in (repo.bytes(join(folder, name)) or b"")),
        None,
    )


def _mentions(repo: Repo, path: str, mark: bytes, folder: str) -> bool:
    data = repo.bytes(path) or b""
    if mark == b"//go:embed":
        return any(folder.encode() in line for line in data.splitlines() if line.startswith(mark))
    return mark in data and folder.encode() in data
