"""What installs, builds, starts, tests, lints and migrates a program on Deno. Commands run in the project's folder."""

from __future__ import annotations

import re
from collections.abc import Iterator

from opsmith.detectors.deno.programs import Program
from opsmith.detectors.deno.projects import Project
from opsmith.detectors.deno.tasks import task_place
from opsmith.detectors.javascript.facts import Found, found, join
from opsmith.detectors.javascript.source import Sources
from opsmith.repo import Repo

NGINX = "nginx -g 'daemon off;'"
_MANIFESTS = ("deno.json", "deno.jsonc", "deno.lock", "import_map.json", "package.json", "deps.ts")
_BUILDS = ("build", "build:prod", "bundle", "compile:assets")
_MIGRATES = re.compile(r"(?:db[:_-])?migrat(?:e|ions?)(?:[:_-](?:up|run|deploy|latest|prod))?|migrate[:_-]db")
_BACKWARDS = re.compile(r"down|rollback|undo|make|generate|create|reset")


def language(sources: Sources) -> Found[str]:
    typed = sum(path.endswith((".ts", ".tsx", ".mts", ".cts")) for path in sources.files)
    name = "typescript" if typed * 2 >= len(sources.files) else "javascript"
    return found(name, sources.files[0], None, f"{typed} of {len(sources.files)} sources are TypeScript", 0.95)


def manager(repo: Repo, program: Program) -> Found[str]:
    """Deno fetches what it imports itself."""
    file = program.project.file
    lock = next((path for folder in (program.project.path, program.project.context) if repo.has(path := join(folder, "deno.lock"))), None)
    return found("deno", lock or file or program.sources.files[0], None, "lock file of deno" if lock else file or "imports from addresses", 0.95)


def install(repo: Repo, program: Program) -> str:
    target = program.start.target if program.start is not None else None
    return f"deno cache {target}" if target is not None and repo.has(join(program.project.path, target)) else "deno install"


def start(program: Program) -> Found[str] | None:
    way = program.start
    if program.role == "static":
        place = program.framework.evidence[0] if program.framework is not None else None
        return found(NGINX, place.file if place else "", None, f"static files in {_folder(program)}", 0.85)
    if way is None:
        return None
    if not way.task:
        return found(way.command, way.file, way.line, way.body, 0.5, choices=(way.command,))
    shows = f'"{way.task}": "{way.body}"'
    return found(way.command, way.file, way.line, f"{shows}, without watching" if way.watched else shows, 0.7 if way.watched else 0.9)


def _folder(program: Program) -> str:
    """Lume's `dest`, where its build task names one."""
    bodies = " ".join(program.project.tasks.get(name, "") for name in ("build", "lume"))
    match = re.search(r"--dest[= ](?:\./)?([\w./-]+)", bodies)
    return match[1].rstrip("/") if match and ".." not in match[1] else "_site"


def output(program: Program) -> Found[str] | None:
    if program.role != "static" or program.framework is None:
        return None
    place = program.framework.evidence[0]
    return found(_folder(program), place.file, place.line, f"build folder of {program.framework.value.name}", 0.85)


def build(repo: Repo, program: Program) -> Found[str] | None:
    return next(_tasks(repo, program.project, _BUILDS), None) or (
        found("deno run -A https://deno.land/x/lume/cli.ts", program.sources.files[0], None, "Lume without a build task", 0.5)
        if program.role == "static"
        else None
    )


def test(repo: Repo, program: Program) -> Found[str] | None:
    told = next(_tasks(repo, program.project, ("test:ci", "test", "test:unit")), None)
    if told is not None:
        return told
    tests = (path for path in repo.under(program.project.path, ".ts", ".tsx", ".js") if re.search(r"[._]test\.[jt]sx?$", path))
    first = next(tests, None)
    return found("deno test -A", first, None, "files that deno test finds", 0.7) if first is not None else None


def lint(repo: Repo, program: Program) -> Found[str] | None:
    file = program.sources.files[0]
    return next(_tasks(repo, program.project, ("lint:ci", "lint", "check")), None) or found("deno lint", file, None, "Deno's own linter", 0.7)


def _tasks(repo: Repo, project: Project, names: tuple[str, ...]) -> Iterator[Found[str]]:
    for name in names:
        if name in project.tasks:
            yield found(f"deno task {name}", *task_place(repo, project, name), f'"{name}": "{project.tasks[name]}"')


def migration(repo: Repo, program: Program) -> Found[str] | None:
    """A task that migrates forward, else a script beside committed SQL that applies it."""
    project = program.project
    names = [name for name in project.tasks if _MIGRATES.fullmatch(name) and not _BACKWARDS.search(name)]
    best = min(names, key=lambda name: (not re.search(r"deploy|up|prod", name), len(name), name), default=None)
    if best is not None:
        return next(_tasks(repo, project, (best,)))
    for name in sorted(repo.folder(project.path)):
        data = (repo.bytes(join(project.path, name)) or b"")[:20_000] if re.fullmatch(r"(?:db[_-])?(?:init|migrat\w*)\.sh", name) else b""
        if b"migrations/" in data and b"psql" in data and repo.under(join(project.path, "migrations"), ".sql"):
            return found(f"sh {name}", join(project.path, name), None, "applies the committed migrations with psql", 0.6)
    return None


def manifests(repo: Repo, project: Project) -> tuple[str, ...]:
    folders = dict.fromkeys((project.context, project.path, *project.members))
    named = [join(folder, name) for folder in folders for name in _MANIFESTS]
    return tuple(sorted({file for file in named if repo.has(file)}))
