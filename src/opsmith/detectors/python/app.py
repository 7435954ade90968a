"""One process type of a project, before the facts that all of them share are added."""

from __future__ import annotations

import ast
import sys
from dataclasses import dataclass, field

from opsmith.detectors.python.packages import join
from opsmith.detectors.python.source import Module, Source, dotted_name
from opsmith.model.survey import Evidence, Protocol, Role

Facts = dict[str, list[Evidence]]


@dataclass(slots=True, kw_only=True)
class App:
    """`label` names it beside others of the same project; `entry` is the file that its process begins in."""

    label: str
    role: Role
    framework: str | None
    entry: Module | None
    start_command: str | None
    ports: tuple[int, ...] = ()
    port_env: str | None = None
    protocol: Protocol | None = None
    health_path: str | None = None
    server_packages: tuple[str, ...] = ()
    traits: tuple[str, ...] = ()
    evidence: Facts = field(default_factory=dict[str, list[Evidence]])
    choices: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """Competing candidates by fact, the taken one first."""
    undecided: dict[str, str] = field(default_factory=dict[str, str])
    """What the repository does not say at all, by fact: what somebody has to know to decide it."""
    primary: bool = True
    """Carries the project's own name; workers and the like carry their label."""

    def note(self, fact: str, *evidence: Evidence) -> None:
        self.evidence.setdefault(fact, []).extend(evidence)


def worker_app(label: str, framework: str, module: Module, command: str, at: ast.AST | None, shows: str) -> App:
    app = App(label=label, role="worker", framework=framework, entry=module, start_command=command, primary=False)
    app.note("framework", module.evidence(at, shows, 0.95))
    app.note("start_command", module.evidence(at, shows, 0.9))
    return app


def import_base(source: Source, module: Module) -> str:
    """The folder that has to be on the import path for `module`: where its own absolute imports of the project are found."""
    package_top = module.path.rpartition("/")[0]
    while source.is_package(package_top) and package_top != source.root:
        package_top = package_top.rpartition("/")[0]
    candidates = list(dict.fromkeys((package_top, source.root, *_ancestors(source, module))))
    wanted = {name.partition(".")[0] for name in source.imports.get(module.path, ())} - sys.stdlib_module_names
    # shop/celery.py, which says `from celery import Celery`, does not mean itself.
    scores = {base: sum(source.has_package(base, top) and join(base, f"{top}.py") != module.path for top in wanted) for base in candidates}
    best = max(scores.values(), default=0)
    if best == 0:
        return package_top if source.is_package(module.path.rpartition("/")[0]) else source.root
    return next(base for base in candidates if scores[base] == best)


def _ancestors(source: Source, module: Module) -> list[str]:
    found: list[str] = []
    folder = module.path.rpartition("/")[0]
    while folder and folder != source.root:
        found.append(folder)
        folder = folder.rpartition("/")[0]
    return found


def dotted(source: Source, module: Module) -> tuple[str, str]:
    """The name to import `module` by, and the folder (relative to the project) that must be on the path for it."""
    base = import_base(source, module)
    return dotted_name(module.path, base), inside(source, base)


def inside(source: Source, path: str) -> str:
    """`path` relative to the project."""
    return path[len(source.root) :].lstrip("/") if source.root else path


def script_command(source: Source, module: Module) -> str:
    """How to run a file as a program: by its path, or as a module when it lies in a package."""
    name, base = dotted(source, module)
    relative = inside(source, module.path)
    if "." not in name or not source.is_package(module.path.rpartition("/")[0]):
        return f"python {relative}"
    return f"python -m {name}" if not base else f"python {relative}"
