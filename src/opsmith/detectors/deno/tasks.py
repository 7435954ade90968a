"""The tasks of deno.json: what they run, and what of it fits production."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from opsmith.detectors.deno.projects import Project
from opsmith.detectors.javascript.facts import join
from opsmith.repo import Repo

_STARTS = (
    "start:prod", "start:production", "prod:start", "serve:prod", "production", "prod", "start", "preview", "serve", "server", "start:server",
    "run", "web", "api", "listen", "app", "deno:start", "main",
)  # fmt: skip
_DEVELOPING = ("dev", "start:dev", "dev:start", "develop", "watch", "start:watch", "debug")
_WATCHING = re.compile(r"^--(watch|watch-hmr|watch-exclude|inspect|inspect-brk|inspect-wait|hot)(=|$)")
_TAKES_VALUE = frozenset(("--config", "-c", "--import-map", "--lock", "--cert", "--location", "--env-file", "--port", "--host", "--log-level", "-L"))
_DEPTH = 4
_WORKER = re.compile(r"(?:[\w-]+[:_-])?(worker|workers|queue|consumer|scheduler|cron|jobs?)(?:[:_-](?:start|prod|run))?")


@dataclass(frozen=True, slots=True)
class Start:
    """A way to start: `command` is what it comes to, `target` the file that it runs (relative to the project), where that is told."""

    task: str
    command: str
    body: str
    target: str | None
    file: str
    line: int | None
    watched: bool = False
    """It was a command for development, from which the watching was taken."""


def starts(repo: Repo, project: Project) -> Iterator[Start]:
    """The tasks that may start the program, best first: those for production, the others without a watcher, then those for development."""
    named = [*_STARTS, *sorted(name for name in project.tasks if _is_other_start(name)), *_DEVELOPING]
    found = [start for name in dict.fromkeys(named) if name in project.tasks and (start := task_start(repo, project, name)) is not None]
    yield from sorted(found, key=lambda start: (start.watched, start.task in _DEVELOPING))


def _is_other_start(name: str) -> bool:
    return name not in _STARTS and re.search(r"^(start|serve|run|prod)[:_-]", name) is not None and re.search(r"test|watch|dev", name) is None


def workers(repo: Repo, project: Project, taken: str | None) -> Iterator[tuple[str, Start]]:
    """Word and start of each task that runs a further process."""
    seen: set[str] = set()
    for name in sorted(project.tasks):
        match = _WORKER.fullmatch(name)
        start = task_start(repo, project, name) if match else None
        if match and start is not None and start.target not in (None, taken) and match[1] not in seen and not start.watched:
            seen.add(match[1])
            yield match[1], start


def task_start(repo: Repo, project: Project, name: str) -> Start | None:
    body, place = project.tasks[name], task_place(repo, project, name)
    last, plain = _last_step(project, body)
    words = words_of(last)
    if words[:1] != ["deno"] or len(words) < 2 or words[1] not in ("run", "serve"):
        return Start(name, f"deno task {name}", body, None, *place) if _runs_a_server(words) and name not in _DEVELOPING else None
    target = target_of(words)
    kept = [word for word in words if not _WATCHING.match(word)]
    watched = kept != words or name in _DEVELOPING
    if target is not None and _is_local(target):
        if not _plausible(repo, project, target):
            return None
        command = shlex.join(kept) if plain or watched else f"deno task {name}"
        return Start(name, command, body, join(target), *place, watched)
    return None if watched or _is_development(words) else Start(name, shlex.join(kept) if plain else f"deno task {name}", body, None, *place)


def _last_step(project: Project, body: str, depth: int = _DEPTH) -> tuple[str, bool]:
    """The last step of a task with `deno task x` followed, and whether it can stand without a shell."""
    steps = [step.strip() for step in re.split(r"&&|;", body) if step.strip()]
    last = steps[-1] if steps else ""
    match = re.fullmatch(r"deno\s+(?:task|run)\s+([\w:.-]+)", last)
    if match and depth > 0 and match[1] in project.tasks and project.tasks[match[1]] != body:
        return _last_step(project, project.tasks[match[1]], depth - 1)
    return last, re.search(r"[|<>$`*&]|^\w+=", last) is None


def task_place(repo: Repo, project: Project, name: str) -> tuple[str, int | None]:
    """File and line of a task: in deno.json, else among the scripts of package.json."""
    file = project.file or ""
    line = repo.line_of(file, f'"{name}"', after=(repo.line_of(file, '"tasks"') or 1) - 1)
    manifest = join(project.path, "package.json")
    if line is None and repo.has(manifest):
        return manifest, repo.line_of(manifest, f'"{name}"', after=(repo.line_of(manifest, '"scripts"') or 1) - 1)
    return file, line


def words_of(command: str) -> list[str]:
    try:
        words = shlex.split(command)
    except ValueError:
        words = command.split()
    while words and (re.fullmatch(r"[A-Za-z_]\w*=.*", words[0]) or words[0] in ("exec", "env")):
        words = words[1:]
    return words


def target_of(words: list[str]) -> str | None:
    """What `deno run [flags] TARGET` runs."""
    rest = iter(words[2:])
    for word in rest:
        if word in _TAKES_VALUE:
            next(rest, None)
        elif not word.startswith("-"):
            return word
    return None


def _is_local(target: str) -> bool:
    return not target.startswith(("npm:", "jsr:", "http:", "https:", "node:"))


def _plausible(repo: Repo, project: Project, target: str) -> bool:
    """The file is in the repository, or in a folder that a build makes."""
    path = join(project.path, target)
    return any(repo.has(path + end) for end in ("", ".ts", ".js", ".tsx")) or target.removeprefix("./").split("/")[0] in (
        "_fresh",
        "dist",
        "build",
        ".output",
        "out",
        "_site",
    )


def _runs_a_server(words: list[str]) -> bool:
    return words[:1] == ["denon"] or (words[:2] == ["deno", "task"] and len(words) > 2)


def _is_development(words: list[str]) -> bool:
    """`deno run npm:vite`: a bundler's server, not the program."""
    target = target_of(words) or ""
    return re.match(r"(npm|jsr):/?(@[\w.-]+/)?(vite|lume|astro|next|webpack|parcel|storybook)\b", target) is not None and not re.search(
        r"\b(start|preview)\b", " ".join(words)
    )


def port_in(command: str) -> int | None:
    match = re.search(r"(?:--port[= ]|\bPORT=)(\d{2,5})\b", command)
    return int(match[1]) if match and 0 < int(match[1]) < 65536 else None
