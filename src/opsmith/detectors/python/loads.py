"""Load generators written for Locust, in a project of their own."""

from __future__ import annotations

import ast
import re

from opsmith.detectors.python.app import App, inside
from opsmith.detectors.python.source import Module, Source
from opsmith.detectors.python.values import resolve
from opsmith.model.survey import Evidence


def find(source: Source) -> list[App]:
    """A job where the code or locust.conf tells whom to load; else a library, which nobody runs until the host is told."""
    described = [(module, user) for module in source.modules() if (user := _user(module)) is not None]
    entry = min(described, key=lambda item: (item[0].path.count("/"), "locustfile" not in item[0].path, item[0].path), default=None)
    return [_app(source, *entry)] if entry is not None else []


def _user(module: Module) -> ast.ClassDef | None:
    users = (name for name, made in module.classes.items() if any(_is_user(module.qualified(base)) for base in made.bases))
    return next((module.classes[name] for name in users), None)


def _is_user(name: str) -> bool:
    return re.fullmatch(r"locust\.(?:[\w.]+\.)?(?:Fast)?Http(?:User|Locust)", name) is not None


def _app(source: Source, module: Module, user: ast.ClassDef) -> App:
    file = inside(source, module.path)
    told = _host(source, module)
    command = f"locust -f {file} --headless"
    app = App(label="load", role="job" if told else "library", framework="locust", entry=module, start_command=command if told else None)
    app.note("framework", module.evidence(user, f"the user {user.name} of Locust", 0.95))
    app.note("role", told or module.evidence(user, "a load generator; whom it loads is told on its command line", 0.7))
    if told:
        app.note("start_command", told)
    else:
        app.undecided["start_command"] = f"a load generator: with role `job` it runs as `{command} --host=<address>`"
    return app


def _host(source: Source, module: Module) -> Evidence | None:
    for name, values in module.assigns.items():
        text = resolve(source, module, values[0]).text if name == "host" else None
        if text and text.startswith("http"):
            return module.evidence(values[0], f"loads {text}", 0.8)
    folder = f"{source.root}/" if source.root else ""
    for path in (f"{folder}locust.conf", f"{folder}.locust.conf"):
        found = re.search(r"^\s*host\s*[=:]\s*(http\S+)", source.repo.read(path) or "", re.MULTILINE) if source.repo.has(path) else None
        if found:
            return Evidence(file=path, line=source.repo.line_of(path, found[1]), shows=f"loads {found[1]}", confidence=0.9)
    return None
