"""Background processes that run from the same code: Celery (worker, beat, Flower), RQ, Dramatiq, ARQ, Huey, TaskIQ, and a Procfile's lines."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from opsmith.detectors.python.app import App, dotted
from opsmith.detectors.python.packages import Packages, join
from opsmith.detectors.python.source import Module, Source
from opsmith.model.survey import Evidence

_BEAT_MARKS = ("beat_schedule", "CELERY_BEAT_SCHEDULE", "CELERYBEAT_SCHEDULE", "on_after_configure", "CELERY_BEAT_SCHEDULER", "crontab(")


def find(source: Source, packages: Packages) -> list[App]:
    return [*_celery(source, packages), *_dramatiq(source), *_arq(source), *_huey(source), *_taskiq(source), *_rq(source, packages)]


def _app(label: str, framework: str, module: Module, command: str, at: ast.AST | None, shows: str) -> App:
    app = App(label=label, role="worker", framework=framework, entry=module, start_command=command, primary=False)
    app.note("framework", module.evidence(at, shows, 0.95))
    app.note("start_command", module.evidence(at, shows, 0.9))
    return app


# -- Celery ------------------------------------------------------------------------------------------------------------------------------


def _celery(source: Source, packages: Packages) -> Iterator[App]:
    found = _celery_app(source)
    if found is None:
        return
    module, variable, node = found
    name, folder = dotted(source, module)
    workdir = f"--workdir {folder} " if folder and not (folder == "src" and packages.installable) else ""
    target = f"celery {workdir}-A {name}.{variable}"
    yield _app("worker", "celery", module, f"{target} worker --loglevel=info", node, f"Celery application {variable}")
    beat = _beat(source)
    if beat is not None:
        scheduler = _app("beat", "celery", beat[0], f"{target} beat --loglevel=info", beat[1], "a periodic schedule")
        scheduler.traits = ("singleton",)
        yield scheduler


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
    candidates.sort(key=lambda item: (item[0], "test" in item[1].path, item[1].path.count("/"), item[1].path))
    return candidates[0][1:] if candidates else None


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


# -- others ------------------------------------------------------------------------------------------------------------------------------


def _dramatiq(source: Source) -> Iterator[App]:
    actors = [
        module for module in source.modules() if any(name.startswith("dramatiq") for name in module.names.values()) and _decorated(module, "actor")
    ]
    if actors and not any(name == "django_dramatiq" for module in source.modules() for name in module.names.values()):
        names = " ".join(dotted(source, module)[0] for module in actors)
        yield _app("worker", "dramatiq", actors[0], f"dramatiq {names}", None, "defines dramatiq actors")


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
            yield _app("worker", "arq", module, f"arq {name}.WorkerSettings", settings, "arq WorkerSettings")


def _huey(source: Source) -> Iterator[App]:
    for module in source.modules():
        for name, value in module.top_level():
            if isinstance(value, ast.Call) and re.fullmatch(r"huey\.\w*Huey", module.called(value)):
                yield _app("worker", "huey", module, f"huey_consumer {dotted(source, module)[0]}.{name}", value, f"huey queue {name}")


def _taskiq(source: Source) -> Iterator[App]:
    for module in source.modules():
        for name, value in module.top_level():
            if (
                isinstance(value, ast.Call)
                and re.search(r"^taskiq[\w.]*\.\w+Broker$", module.called(value))
                and "InMemory" not in module.called(value)
            ):
                yield _app("worker", "taskiq", module, f"taskiq worker {dotted(source, module)[0]}:{name}", value, f"TaskIQ broker {name}")
                return


def _rq(source: Source, packages: Packages) -> Iterator[App]:
    if not packages.lists("rq") or packages.lists("django-rq"):
        return
    for module in source.modules():
        for call in module.calls:
            if module.called(call) in ("rq.Queue", "rq.queue.Queue"):
                yield _app("worker", "rq", module, 'rq worker --url "$REDIS_URL"', call, "enqueues jobs with RQ")
                return


# -- Procfile ----------------------------------------------------------------------------------------------------------------------------


def from_procfile(source: Source, known: list[App]) -> list[App]:
    """Process types that nothing else showed; a `web` line only where no server was found."""
    path = join(source.root, "Procfile")
    lines = (source.repo.read(path) or "").splitlines() if source.repo.has(path) else []
    found: list[App] = []
    for number, line in enumerate(lines, start=1):
        match = re.match(r"^([A-Za-z][\w-]*):\s*(\S.*)$", line)
        if match and match[1] != "release" and not _is_known(match[1], match[2], known):
            shown = Evidence(file=path, line=number, shows=f"process type {match[1]}", confidence=0.85)
            found.append(_process(match[1], match[2].strip(), shown))
    return found


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
