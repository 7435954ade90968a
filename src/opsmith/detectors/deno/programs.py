"""Which programs a Deno project holds, and as what each is deployed. Libraries and command line tools are none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from opsmith.detectors.deno.frameworks import Framework, framework_of
from opsmith.detectors.deno.ports import nearest
from opsmith.detectors.deno.projects import Project
from opsmith.detectors.deno.tasks import Start, starts, task_start
from opsmith.detectors.javascript.facts import Found, join
from opsmith.detectors.javascript.servers import Listener, listeners
from opsmith.detectors.javascript.source import Sources, collect
from opsmith.model.survey import Role
from opsmith.repo import Repo

_ENTRIES = ("main.ts", "server.ts", "app.ts", "index.ts", "mod.ts", "main.tsx", "main.js", "server.js", "app.js", "index.js")
_IN_PRODUCTION = ("prod", "production", "start", "start:prod", "serve:prod")
_LASTING = (b"Deno.cron(", b".listenQueue(")


@dataclass(frozen=True, slots=True)
class Program:
    project: Project
    role: Role
    framework: Found[Framework] | None
    heard: list[Listener]
    start: Start | None
    sources: Sources
    name: str | None = None
    """Told where one project holds several programs."""


def programs(repo: Repo, projects: list[Project]) -> list[Program]:
    return [program for project in projects for program in _of_project(repo, project, projects)]


def _of_project(repo: Repo, project: Project, projects: list[Project]) -> Iterator[Program]:
    deeper = [other.path for other in projects if other is not project and (not project.path or other.path.startswith(project.path + "/"))]
    packages = [file.rpartition("/")[0] for file in repo.named("package.json") if file.rpartition("/")[0] != project.path]
    inside = [folder for folder in packages if not project.path or folder.startswith(project.path + "/")]
    sources = collect(repo, [project.path], [*deeper, *inside])
    if not sources.files or _of_a_platform(project):
        return
    heard = listeners(sources)
    framework = framework_of(repo, project, sources)
    ways = list(starts(repo, project))
    several = _several(repo, project, heard)
    if len(several) > 1:
        yield from (Program(project, "web", framework, nearest(heard, project.path, way), way, sources, name) for name, way in several)
        return
    start = _best(ways, heard, project)
    role = _role(repo, sources, framework, heard, start)
    if role is not None:
        yield Program(project, role, framework, nearest(heard, project.path, start), start or _without_task(repo, project, sources, heard), sources)


def _of_a_platform(project: Project) -> bool:
    """A worker that wrangler hands to Cloudflare."""
    return any(body.startswith("wrangler ") for body in project.tasks.values()) and "start" not in project.tasks


def _best(ways: list[Start], heard: list[Listener], project: Project) -> Start | None:
    """A task whose file listens goes before one of the same rank that only runs something."""
    files = {listener.file for listener in heard}
    return min(
        ways, key=lambda way: (way.watched, way.target is not None and bool(files) and join(project.path, way.target) not in files), default=None
    )


def _several(repo: Repo, project: Project, heard: list[Listener]) -> list[tuple[str, Start]]:
    """Tasks that start different files which all listen: the programs of a monorepo with a single deno.json."""
    files = {listener.file for listener in heard}
    chosen: dict[str, tuple[str, Start]] = {}
    for name in project.tasks:
        way = task_start(repo, project, name)
        if way is not None and way.target is not None and "/" in way.target and join(project.path, way.target) in files:
            folder = next((part for part in reversed(way.target.split("/")[:-1]) if part not in ("src", "app")), way.target.split("/")[0])
            known = chosen.get(way.target)
            if known is None or (known[1].watched and not way.watched):
                chosen[way.target] = (folder, way)
    return list(chosen.values())


def _role(repo: Repo, sources: Sources, framework: Found[Framework] | None, heard: list[Listener], start: Start | None) -> Role | None:
    kind = framework.value.kind if framework is not None else None
    if kind == "site":
        return "web" if heard or (start is not None and start.task in _IN_PRODUCTION and start.target is not None and not start.watched) else "static"
    serves = start is not None and start.command.startswith("deno serve")
    if heard or serves or kind == "meta":
        return "web"
    if kind == "lasting" or any(mark in (repo.bytes(path) or b"") for path in sources.files for mark in _LASTING):
        return "worker"
    return None


def _without_task(repo: Repo, project: Project, sources: Sources, heard: list[Listener]) -> Start | None:
    """The entry point that no task names, with the permissions that its sources ask for."""
    listening = [listener.file for listener in heard]
    names = [join(project.path, folder, name) for folder in ("", "src") for name in _ENTRIES]
    usual = [path for path in names if repo.has(path)]
    entry = next((path for path in usual if path in listening), None) or next(iter(usual), None) or next(iter(listening), None)
    if entry is None:
        return None
    target = entry[len(project.path) :].lstrip("/")
    return Start(
        "", f"deno run {permissions(repo, sources)} {target}", "no task starts it; permissions by what the sources call", target, entry, None
    )


_PERMISSIONS = (
    ("--allow-write", (b"Deno.write", b"Deno.mkdir", b"Deno.remove", b"Deno.create", b"Deno.rename", b"Deno.makeTemp", b"openKv")),
    ("--allow-run", (b"Deno.Command", b"Deno.run(")),
    ("--allow-sys", (b"npm:", b"Deno.hostname", b"Deno.osRelease", b"Deno.memory", b"systemMemoryInfo")),
    ("--allow-ffi", (b"Deno.dlopen", b"sqlite3")),
)


def permissions(repo: Repo, sources: Sources) -> str:
    further = [flag for flag, marks in _PERMISSIONS if any(mark in (repo.bytes(path) or b"") for path in sources.files for mark in marks)]
    return " ".join(("--allow-net", "--allow-env", "--allow-read", *further))
