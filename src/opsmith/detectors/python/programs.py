"""What the repository runs where it serves nothing and loops nowhere: the program at its top, which ends by itself."""

from __future__ import annotations

import ast

from opsmith.detectors.python.app import App, inside, script_command
from opsmith.detectors.python.source import Module, Source

_STEMS = ("main", "app", "bot", "run", "start", "server", "__main__")


def find(source: Source) -> list[App]:
    """The program at the top of the repository; its role is asked for, as nothing tells how often it runs."""
    if source.root:
        return []
    named = [f"{stem}.py" for stem in _STEMS if f"{stem}.py" in source.files]
    entry = next((module for path in named if (module := source.module(path)) is not None and _runs(module)), None)
    return [_app(source, entry)] if entry is not None else []


def _runs(module: Module) -> bool:
    """It does something when it is started, rather than only defining."""
    return module.main_guard is not None or any(isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) for node in module.tree.body)


def _app(source: Source, module: Module) -> App:
    stem = inside(source, module.path).removesuffix(".py")
    app = App(label=stem, role="job", framework=None, entry=module, start_command=script_command(source, module))
    shows = "a program at the top of the repository that listens nowhere"
    app.note("start_command", module.evidence(module.main_guard, shows, 0.6))
    app.note("role", module.evidence(module.main_guard, shows, 0.4))
    app.choices["role"] = ("job", "worker", "cli")
    return app
