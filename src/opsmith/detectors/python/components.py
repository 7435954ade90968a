"""Every component of each Python project."""

from __future__ import annotations

from collections.abc import Iterable

from opsmith.detectors.python import django, loads, packaged, programs, scripts, web, workers
from opsmith.detectors.python.app import App
from opsmith.detectors.python.component import component, share
from opsmith.detectors.python.packages import Packages, read_packages
from opsmith.detectors.python.projects import project_files
from opsmith.detectors.python.source import Source, open_source
from opsmith.model.survey import Component
from opsmith.repo import Repo


def components(repo: Repo) -> Iterable[Component]:
    for root, files in sorted(project_files(repo).items()):
        source = open_source(repo, root, files)
        if source.files:
            yield from _components(repo, source, read_packages(repo, root))


def _components(repo: Repo, source: Source, packages: Packages) -> Iterable[Component]:
    project = django.find_project(source)
    apps = _apps(source, packages, project)
    servers = [app for app in apps if app.role == "web"]
    shared = share(repo, source, packages, project, scoped=len(servers) > 1 and project is None) if apps else None
    if shared is not None:
        for app in apps:
            yield component(shared, app, apps)


def _apps(source: Source, packages: Packages, project: django.Project | None) -> list[App]:
    """Servers first, then what works beside them; loops only where there is neither, and packages for use by others last of all."""
    servers = django.find(source, packages, project) if project else [*web.find(source, packages), *scripts.find(source)]
    _tell_apart([app for app in servers if app.role == "web"])
    found = [*servers, *workers.find(source, packages)]
    found = [*found, *workers.from_commands(source, found)]
    workers.witnessed(source, found)
    return found or loads.find(source) or scripts.find_loops(source) or _without_process(source, packages)


def _without_process(source: Source, packages: Packages) -> list[App]:
    packaged_apps = packaged.find(source, packages)
    is_command = any(app.role == "cli" for app in packaged_apps)
    return packaged_apps if is_command else programs.find(source) or packaged_apps


def _tell_apart(servers: list[App]) -> None:
    """Only a single server carries the project's name."""
    if len(servers) > 1:
        for app in servers:
            app.primary = False
