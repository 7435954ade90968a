"""Background processes that run from the same code: Celery, RQ, Dramatiq, ARQ, Huey, TaskIQ, and what a Procfile or task tables start."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from opsmith.detectors.python import celery
from opsmith.detectors.python.app import App, dotted, worker_app
from opsmith.detectors.python.packages import Packages
from opsmith.detectors.python.source import Module, Source
from opsmith.detectors.python.tasks import procfile, task_tables
from opsmith.model.survey import Evidence

_WORKER_PROGRAM = re.compile(r"^(?:(?:poetry|uv|pdm|pipenv|hatch) run )?(?:python3? -m )?(?:celery|dramatiq|rq|arq|taskiq|huey_consumer(?:\.py)?)\s")
_FOR_DEVELOPMENT = re.compile(r"--(?:reload|watch|help)|watchfiles|watchmedo|\b(?:inspect|flower|purge|status|shell|info|control|empty)\b")


def find(source: Source, packages: Packages) -> list[App]:
    return [*celery.find(source, packages), *_dramatiq(source), *_arq(source), *_huey(source), *_taskiq(source), *_rq(source, packages)]


# -- others ------------------------------------------------------------------------------------------------------------------------------


def _dramatiq(source: Source) -> Iterator[App]:
    actors = [
        module for module in source.modules() if any(name.startswith("dramatiq") for name in module.names.values()) and _decorated(module, "actor")
    ]
    if actors and not any(name == "django_dramatiq" for module in source.modules() for name in module.names.values()):
        names = " ".join(dotted(source, module)[0] for module in actors)
        yield worker_app("worker", "dramatiq", actors[0], f"dramatiq {names}", None, "defines dramatiq actors")


def _decorated(module: Module, name: str) -> bool:
    for function in module.functions.values():
        for decorator in function.decorator_list:
            target = decorator.func if isinstance(decorator, ast.Call) else decorator
            if module.qualified(target).rpartition(".")[2] == name:
                return True
    return False


def _arq(source: Source) -> Iterator[App]:
    for module in source.modules():
        settings = module.classes.get("WorkerSettings")
        if settings is not None and any(name.startswith("arq") for found in source.modules() for name in found.names.values()):
            name, _ = dotted(source, module)
            yield worker_app("worker", "arq", module, f"arq {name}.WorkerSettings", settings, "arq WorkerSettings")


def _huey(source: Source) -> Iterator[App]:
    for module in source.modules():
        for name, value in module.top_level():
            if isinstance(value, ast.Call) and re.fullmatch(r"huey\.\w*Huey", module.called(value)):
                yield worker_app("worker", "huey", module, f"huey_consumer {dotted(source, module)[0]}.{name}", value, f"huey queue {name}")


def _taskiq(source: Source) -> Iterator[App]:
    for module in source.modules():
        for name, value in module.top_level():
            if (
                isinstance(value, ast.Call)
                and re.search(r"^taskiq[\w.]*\.\w+Broker$", module.called(value))
                and "InMemory" not in module.called(value)
            ):
                yield worker_app("worker", "taskiq", module, f"taskiq worker {dotted(source, module)[0]}:{name}", value, f"TaskIQ broker {name}")
                return


def _rq(source: Source, packages: Packages) -> Iterator[App]:
    if not packages.lists("rq") or packages.lists("django-rq"):
        return
    for module in source.modules():
        for call in module.calls:
            if module.called(call) in ("rq.Queue", "rq.queue.Queue"):
                yield worker_app("worker", "rq", module, 'rq worker --url "$REDIS_URL"', call, "enqueues jobs with RQ")
                return


# -- Procfile and task tables -----------------------------------------------------------------------------------------------------------


def from_commands(source: Source, known: list[App]) -> list[App]:
    """Process types that nothing else showed; a `web` line only where no server was found. Task tables hold much else, so only worker programs."""
    found: list[App] = []
    tables = [task for task in task_tables(source) if _WORKER_PROGRAM.match(task.command) and not _FOR_DEVELOPMENT.search(task.command)]
    for task in (*procfile(source), *tables):
        if task.name != "release" and not _is_known(task.name, task.command, [*known, *found]):
            found.append(_process(task.name, task.command, task.evidence))
    return found


def witnessed(source: Source, apps: list[App]) -> None:
    """Commands of the repository that serve the same application are evidence for ours."""
    for app in apps:
        target = re.search(r"[\w.]+:\w+", app.start_command or "") if app.role == "web" else None
        for task in task_tables(source) if target else ():
            if target and re.search(rf"(?<![\w.]){re.escape(target[0])}(?!\w)", task.command):
                app.note("start_command", task.evidence)


def _process(name: str, command: str, shown: Evidence) -> App:
    app = App(label=name, role="web" if name == "web" else "worker", framework=None, entry=None, start_command=command, primary=name == "web")
    app.protocol = "http" if name == "web" else None
    app.port_env = "PORT" if "$PORT" in command or "${PORT}" in command else None
    app.note("start_command", shown)
    return app


def _is_known(name: str, command: str, known: list[App]) -> bool:
    if name == "web":
        return any(app.role == "web" for app in known)
    kinds = ("celery", "rq", "dramatiq", "arq", "huey", "taskiq")
    if any(app.framework in kinds and re.search(rf"\b{app.framework}", command) and (app.label in command) for app in known):
        return True
    words = set(re.findall(r"[\w.]+", command)) - {"python", "python3", "manage.py"}
    return any(app.start_command and words <= set(re.findall(r"[\w.]+", app.start_command)) for app in known)
