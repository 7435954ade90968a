"""What Deno runs: folders with a deno.json, and older programs that have none and import from addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from opsmith.detectors.javascript.facts import ancestors, items, join, json_table, parent, table, written
from opsmith.detectors.javascript.places import DENO_MANIFESTS, is_not_deployed, on_deno
from opsmith.repo import Repo

_ENTRIES = ("main.ts", "server.ts", "app.ts", "index.ts", "mod.ts", "main.js", "server.js", "main.tsx", "main.jsx")
_ELSEWHERE = ("supabase/functions", "netlify/edge-functions")
"""Functions that a platform runs one by one: there is no program to deploy."""
_LONGEST_TASK = 4_000


@dataclass(frozen=True, slots=True)
class Project:
    """A folder that Deno runs. `file` is its configuration (None: it has none), `root` the folder of the workspace it belongs to."""

    path: str
    file: str | None
    tasks: Mapping[str, str]
    imports: Mapping[str, str]
    """Names that the import map gives to addresses (`jsr:@oak/oak@^17`) and to files."""
    root: str | None = None
    members: tuple[str, ...] = ()

    @property
    def context(self) -> str:
        return self.path if self.root is None else self.root


def projects(repo: Repo) -> list[Project]:
    """Every project, workspace members among them. Examples, tests and templates are none, unless they are all there is."""
    files = {parent(file): file for file in reversed(repo.named(*DENO_MANIFESTS)) if on_deno(repo, parent(file)) and not _is_elsewhere(file)}
    usual = {folder: file for folder, file in files.items() if not is_not_deployed(folder)}
    roots = {member: folder for folder, file in usual.items() for member in _members(repo, folder, file)}
    result = [_project(repo, folder, file, roots) for folder, file in sorted((usual or files).items())]
    return result or list(_without_configuration(repo))


def _is_elsewhere(path: str) -> bool:
    return any(f"/{place}/" in f"/{path}" for place in _ELSEWHERE)


def _members(repo: Repo, folder: str, file: str) -> list[str]:
    declared = json_table(repo, file).get("workspace") or json_table(repo, file).get("workspaces")
    listed = items(declared) or items(table(declared).get("members"))
    return [join(folder, member.removesuffix("/*")) for member in listed if isinstance(member, str)]


def _project(repo: Repo, folder: str, file: str, roots: Mapping[str, str]) -> Project:
    root = next((roots[place] for place in (folder, parent(folder)) if place in roots and roots[place] != folder), None)
    above = _imports(repo, root) if root is not None else {}
    members = tuple(sorted(member for member, owner in roots.items() if owner == folder))
    return Project(folder, file, {**_scripts(repo, folder), **_tasks(repo, file)}, {**above, **_imports(repo, folder)}, root, members)


def _tasks(repo: Repo, file: str) -> dict[str, str]:
    """Each task's command; a task may be text or a table that holds it."""
    told = {name: written(value) or written(table(value).get("command")) for name, value in table(json_table(repo, file).get("tasks")).items()}
    return {name: body for name, body in told.items() if body is not None and len(body) <= _LONGEST_TASK}


def _scripts(repo: Repo, folder: str) -> dict[str, str]:
    """Scripts of package.json that Deno runs: `deno task` knows them, too."""
    told = table(json_table(repo, join(folder, "package.json")).get("scripts"))
    bodies = {name: body for name, body in told.items() if isinstance(body, str) and len(body) <= _LONGEST_TASK}
    return {name: body for name, body in bodies.items() if re.search(r"(?:^|&&|;|\s)deno\s", body)}


def _imports(repo: Repo, folder: str) -> dict[str, str]:
    """The import map: in the configuration, in the file that it names, and what a package.json depends on."""
    told: dict[str, str] = {}
    manifest = json_table(repo, join(folder, "package.json"))
    for name, version in (*table(manifest.get("devDependencies")).items(), *table(manifest.get("dependencies")).items()):
        told[name] = f"npm:{name}@{version}"
    for name in DENO_MANIFESTS:
        settings = json_table(repo, join(folder, name))
        named = written(settings.get("importMap"))
        tables = (json_table(repo, join(folder, named)) if named else {}, settings)
        told |= {alias: target for one in tables for alias, target in table(one.get("imports")).items() if isinstance(target, str)}
    return told


def _without_configuration(repo: Repo) -> Iterator[Project]:
    """The shallowest folders whose entry point speaks of Deno, where no package.json claims them."""
    claimed = {parent(file) for file in repo.named("package.json")}
    for file in repo.named(*_ENTRIES):
        folder = parent(file)
        home = folder.removesuffix("/src") if folder.endswith("/src") else "" if folder == "src" else folder
        if is_not_deployed(home) or _is_elsewhere(file) or not claimed.isdisjoint(ancestors(home)):
            continue
        if _speaks_of_deno(repo.bytes(file) or b""):
            claimed.add(home)
            named = table(json_table(repo, join(home, "import_map.json")).get("imports"))
            yield Project(home, None, {}, {alias: target for alias, target in named.items() if isinstance(target, str)})


def _speaks_of_deno(data: bytes) -> bool:
    return b"Deno." in data or b"https://deno.land/" in data or b'"jsr:' in data or b"'jsr:" in data
