"""Projects without a process of their own: command line programs and libraries that are plainly packages."""

from __future__ import annotations

from opsmith.detectors.python.app import App
from opsmith.detectors.python.packages import Packages, join
from opsmith.detectors.python.source import Source
from opsmith.model.survey import Evidence


def find(source: Source, packages: Packages) -> list[App]:
    if not packages.installable or not packages.name:
        return []
    path = join(source.root, "pyproject.toml" if packages.has_file("pyproject.toml") else "setup.py")
    if packages.scripts:
        name = min(packages.scripts, key=lambda script: (script != packages.name, script))
        app = App(label=packages.name, role="cli", framework=None, entry=None, start_command=name)
        shown = Evidence(file=path, line=source.repo.line_of(path, packages.scripts[name]), shows=f"script {name}", confidence=0.9)
        app.note("start_command", shown)
    else:
        app = App(label=packages.name, role="library", framework=None, entry=None, start_command=None)
        shown = Evidence(file=path, line=None, shows="a package without a program", confidence=0.8)
    app.note("role", shown)
    return [app]
