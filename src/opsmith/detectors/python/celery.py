"""Celery: its workers, and the scheduler beside them where something is scheduled."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator, Sequence

from opsmith.detectors.python.app import App, dotted, worker_app
from opsmith.detectors.python.packages import Packages
from opsmith.detectors.python.queues import queues
from opsmith.detectors.python.source import Module, Source
from opsmith.detectors.python.tasks import Task, procfile, task_tables

_BEAT_MARKS = ("beat_schedule", "CELERY_BEAT_SCHEDULE", "CELERYBEAT_SCHEDULE", "on_after_configure", "CELERY_BEAT_SCHEDULER", "crontab(")
_OPTIONS = {
    "worker": (
        "-c", "--concurrency", "--autoscale", "-P", "--pool", "-Q", "--queues", "-O", "--prefetch-multiplier", "--max-tasks-per-child",
        "--max-memory-per-child",
    ),
    "beat": ("-S", "--scheduler", "-s", "--schedule", "--max-interval"),
}  # fmt: skip
"""What a command of the repository says of its work, with a value; how it talks and where it writes is ours to say."""
_FLAGS = ("-E", "--task-events", "--without-gossip", "--without-mingle", "--without-heartbeat")
_VALUE = re.compile(r"[\w.,:/@%+-]+")
_CONCURRENCY = re.compile(rb"^[^#\n]*\b(?:worker_concurrency|CELERY_WORKER_CONCURRENCY|CELERYD_CONCURRENCY)\b[\"']?\s*[=:,]", re.MULTILINE)
_SCHEDULER = re.compile(rb"^[^#\n]*\b(?:beat_scheduler|CELERY_BEAT_SCHEDULER|CELERYBEAT_SCHEDULER)\b[\"']?\s*[=:,]", re.MULTILINE)
_PROCESSES = 2
_SCHEDULE = "/tmp/celerybeat-schedule"  # noqa: S108  # in a container of its own


def find(source: Source, packages: Packages) -> Iterator[App]:
    found = _celery_app(source)
    if found is None:
        return
    module, variable, node = found
    name, folder = dotted(source, module)
    workdir = f"--workdir {folder} " if folder and not (folder == "src" and packages.installable) else ""
    target = f"celery {workdir}-A {name}.{variable}"
    commands = (*procfile(source), *task_tables(source))
    yield _worker(
        source, commands, worker_app("worker", "celery", module, f"{target} worker --loglevel=info", node, f"Celery application {variable}")
    )
    beat = _beat(source)
    told = _commands_for("beat", commands)
    if beat is not None or told:
        place, at = beat or (module, node)
        shows = "a periodic schedule" if beat else "a scheduler is started for it"
        yield _scheduler(source, commands, worker_app("beat", "celery", place, f"{target} beat --loglevel=info", at, shows))


# -- the command line --------------------------------------------------------------------------------------------------------------------


def _worker(source: Source, commands: Sequence[Task], app: App) -> App:
    options = _told(app, "worker", commands)
    pool = next((value for name, value in options if name in ("-P", "--pool")), "prefork")
    stated = any(name in ("-c", "--concurrency", "--autoscale") for name, _ in options) or _is_set(source, _CONCURRENCY)
    if not stated and pool in ("prefork", "processes") and app.entry is not None:
        options.append(("--concurrency", str(_PROCESSES)))
        app.note(
            "start_command", app.entry.evidence(None, "no concurrency is stated: 2, as Celery would start a process per processor of the node", 0.6)
        )
    if not _commands_for("worker", commands):
        found = queues(source)
        options += [("--queues", ",".join(found.names))] if found.names else []
        app.note("start_command", *found.evidence)
        if found.worked_out is not None:
            where = f"{found.worked_out.file}:{found.worked_out.line}"
            app.undecided["start_command"] = f"{where} works out into which queue a task goes, and the worker takes only from those it is told of"
    return _with(app, options)


def _scheduler(source: Source, commands: Sequence[Task], app: App) -> App:
    """A schedule that is kept in a file goes where a process may write."""
    options = [(name, value) for name, value in _told(app, "beat", commands) if name not in ("-s", "--schedule") or value.startswith("/")]
    stated = any(name in ("-S", "--scheduler", "-s", "--schedule") for name, _ in options) or _is_set(source, _SCHEDULER)
    app.traits = ("singleton",)
    return _with(app, options if stated else [*options, ("--schedule", _SCHEDULE)])


def _with(app: App, options: list[tuple[str, str]]) -> App:
    written = [name if not value else f"{name}={value}" if name.startswith("--") else f"{name} {value}" for name, value in options]
    app.start_command = " ".join((app.start_command or "", *written))
    return app


def _told(app: App, kind: str, commands: Sequence[Task]) -> list[tuple[str, str]]:
    """The options of the repository's own command; several commands are for several kinds of workers, and none of them speaks for all."""
    found = _commands_for(kind, commands)
    if len(found) != 1:
        return []
    task, words = found[0]
    app.note("start_command", task.evidence)
    return list(_options(kind, words))


def _commands_for(kind: str, commands: Sequence[Task]) -> list[tuple[Task, list[str]]]:
    """Each command `celery ... worker` or `celery ... beat`, in words."""
    return [
        (task, words)
        for task in commands
        for part in re.split(r"&&|;|\|", task.command)
        if "celery" in part and (words := _words(part)) and "celery" in words and kind in words[words.index("celery") :]
    ]


def _words(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError:
        return []


def _options(kind: str, words: list[str]) -> Iterator[tuple[str, str]]:
    for index, word in enumerate(words):
        name, equals, value = word.partition("=")
        if kind == "worker" and word in _FLAGS:
            yield word, ""
        elif name in _OPTIONS[kind]:
            value = value if equals else next(iter(words[index + 1 : index + 2]), "")
            if _VALUE.fullmatch(value) and not value.startswith("-"):
                yield name, value


def _is_set(source: Source, setting: re.Pattern[bytes]) -> bool:
    return any(setting.search(source.repo.bytes(path) or b"") for path in source.marked)


# -- the application ---------------------------------------------------------------------------------------------------------------------


def _celery_app(source: Source) -> tuple[Module, str, ast.AST] | None:
    """The module-level Celery application; a function that makes one counts through the name it is bound to."""
    candidates: list[tuple[int, Module, str, ast.AST]] = []
    makers = {
        function.name for module in source.modules() for call in module.calls if _is_celery(module, call) and (function := module.function_of(call))
    }
    for module in source.modules():
        for name, value in module.top_level():
            if isinstance(value, ast.Call):
                called = module.called(value).rpartition(".")[2]
                if _is_celery(module, value):
                    candidates.append((0, module, name, value))
                elif called in makers or (called == "celery_init_app"):
                    candidates.append((1, module, name, value))
            elif isinstance(value, ast.Subscript) and "celery" in name and ast.unparse(value).endswith("extensions['celery']"):
                candidates.append((1, module, name, value))
    # One that looks for the tasks itself is what a worker starts; another may be there only to put them into queues.
    candidates.sort(key=lambda item: (item[0], not _discovers(item[1], item[2]), "test" in item[1].path, item[1].path.count("/"), item[1].path))
    return candidates[0][1:] if candidates else None


def _discovers(module: Module, name: str) -> bool:
    return any(module.called(call) == f"{name}.autodiscover_tasks" for call in module.calls)


def _is_celery(module: Module, call: ast.Call) -> bool:
    return module.called(call) in ("celery.Celery", "celery.app.Celery")


def _beat(source: Source) -> tuple[Module, ast.AST | None] | None:
    for module in source.modules():
        stored = [(item.attr, item) for item in module.of(ast.Attribute)] + [(item.id, item) for item in module.of(ast.Name)]
        for name, item in stored:
            if name == "on_after_configure" or (name in _BEAT_MARKS and isinstance(item.ctx, ast.Store)):
                return module, item
        for keyword in module.of(ast.keyword):
            if keyword.arg == "beat_schedule":
                return module, keyword.value
        for literal in module.of(ast.Constant):
            if literal.value == "django_celery_beat":
                return module, literal
    return None
