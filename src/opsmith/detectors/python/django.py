"""Django projects: manage.py, settings, WSGI and ASGI modules, static files, management commands that run for ever."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from opsmith.detectors.python import ports, server
from opsmith.detectors.python.app import App, dotted, inside
from opsmith.detectors.python.packages import Packages
from opsmith.detectors.python.places import in_image
from opsmith.detectors.python.reads import constant
from opsmith.detectors.python.source import Function, Module, Source, argument, dotted_name, text_of
from opsmith.model.survey import Evidence

_DEFAULT_PORT = 8000


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """`settings` are the modules that configure it, the one that production most likely uses first."""

    manage: Module
    settings_name: str
    settings: tuple[Module, ...]
    folder: str
    """Folder of manage.py, relative to the project."""


def find_project(source: Source) -> Project | None:
    for path in sorted((p for p in source.files if p.rpartition("/")[2] == "manage.py"), key=lambda p: (p.count("/"), p)):
        module = source.module(path)
        name = (_settings_default(module) or _settings_beside(source, module)) if module else None
        if module and name:
            settings = _settings_modules(source, name, path)
            return Project(manage=module, settings_name=name, settings=settings, folder=inside(source, path).rpartition("/")[0])
    return None


def _settings_default(module: Module) -> str | None:
    for call in module.calls:
        if module.called(call) == "os.environ.setdefault" and text_of(argument(call, "key", 0)) == "DJANGO_SETTINGS_MODULE":
            return constant(module, argument(call, "value", 1))
    for node in module.of(ast.Assign):
        if isinstance(node.targets[0], ast.Subscript) and text_of(node.targets[0].slice) == "DJANGO_SETTINGS_MODULE":
            return text_of(node.value)
    return next((text_of(call.args[1]) for call in module.calls if len(call.args) > 1 and text_of(call.args[0]) == "DJANGO_SETTINGS_MODULE"), None)


def _settings_beside(source: Source, manage: Module) -> str | None:
    """Where manage.py leaves the choice to the environment: what wsgi.py or asgi.py say, else the only module that looks like settings."""
    if "django.core.management" not in str(manage.names.values()):
        return None
    home = manage.path.rpartition("/")[0]
    below = [path for path in source.files if not home or path.startswith(home + "/")]
    gateways = [source.module(path) for path in below if path.rpartition("/")[2] in ("wsgi.py", "asgi.py")]
    told = next((name for module in gateways if module is not None and (name := _settings_default(module))), None)
    named = [path for path in below if path.endswith(("/settings.py", "/settings/__init__.py"))]
    settings = [path for path in named if b"INSTALLED_APPS" in (source.repo.bytes(path) or b"")]
    return told or (dotted_name(settings[0], home) if len(settings) == 1 else None)


def _settings_modules(source: Source, name: str, manage: str) -> tuple[Module, ...]:
    """The named settings and their siblings in the same package, production first, local and test ones left out."""
    first = source.locate(name, manage)
    siblings = _siblings(source, name, manage)
    paths = list(dict.fromkeys((*((first,) if first else ()), *siblings)))
    modules = [module for path in paths if (module := source.module(path)) is not None]
    kept = [module for module in modules if not re.search(r"(?:^|[._/])(?:dev|development|local|test|tests|testing|ci)(?=[._/])", module.path)]
    ranked = sorted(kept or modules, key=lambda module: 0 if re.search(r"prod", module.path) else 1)
    return tuple(ranked)


def _siblings(source: Source, name: str, manage: str) -> list[str]:
    package = source.locate(name.rpartition(".")[0], manage) if "." in name else None
    if package is None or not package.endswith("__init__.py") or ("settings" not in package and "config" not in package):
        return []
    folder = package.rpartition("/")[0]
    return [path for path in source.files if path.startswith(folder + "/") and path.count("/") == folder.count("/") + 1]


def find(source: Source, packages: Packages, project: Project) -> list[App]:
    return [_web(source, packages, project), *_endless_commands(source, project), *_command_workers(project)]


def _web(source: Source, packages: Packages, project: Project) -> App:
    app = App(label="web", role="web", framework="django", entry=project.manage, start_command=None, protocol="http")
    app.note("framework", project.manage.evidence(None, "a Django project's manage.py", 0.95))
    port = ports.of_django(source, project.settings_name.partition(".")[0])
    number = port.number if port and port.number >= 1024 else _DEFAULT_PORT
    app.ports = (number,)
    app.note("ports", port.evidence if port else project.manage.evidence(None, "Django's and gunicorn's default, 8000: no port is stated", 0.6))
    _serve(source, packages, project, app, number)
    return app


def _serve(source: Source, packages: Packages, project: Project, app: App, port: int) -> None:
    gateway, style = _gateway(source, packages, project)
    if gateway is None:
        target, folder = f"{project.settings_name.partition('.')[0]}.wsgi:application", project.folder
    else:
        name, folder = dotted(source, gateway)
        folder = project.folder or folder
        target = f"{name.removeprefix(folder.replace('/', '.') + '.') if folder else name}:application"
    serving = server.asgi(packages, target, port, folder) if style == "asgi" else server.wsgi(packages, target, port, folder)
    app.start_command, app.server_packages, app.traits = serving.command, serving.packages, ("django", style)
    shown = gateway or project.manage
    app.note("start_command", shown.evidence(None, f"{style.upper()} callable {target}", 0.9 if gateway else 0.5))
    if serving.evidence:
        app.note("start_command", serving.evidence)


def _gateway(source: Source, packages: Packages, project: Project) -> tuple[Module | None, str]:
    """The module of the WSGI callable, or of the ASGI one where the project speaks WebSockets or has only an ASGI server."""
    wsgi, asgi = _named_gateway(source, project, "WSGI_APPLICATION", "wsgi"), _named_gateway(source, project, "ASGI_APPLICATION", "asgi")
    wants_asgi = packages.lists("channels") or (
        packages.lists("daphne", "uvicorn", "hypercorn", "uvicorn-worker") and not packages.lists("gunicorn", "uwsgi")
    )
    if asgi is not None and (wants_asgi or wsgi is None):
        return asgi, "asgi"
    return wsgi, "wsgi"


def _named_gateway(source: Source, project: Project, setting: str, stem: str) -> Module | None:
    """As the settings name it, else the nearest file of that name beside them."""
    for module in project.settings:
        for value in module.assigns.get(setting, ()):
            path = source.locate((text_of(value) or "").rpartition(".")[0], project.manage.path) if text_of(value) else None
            if path:
                return source.module(path)
    package = project.settings_name.partition(".")[0]
    named = [path for path in source.files if f"/{path}".endswith((f"/{stem}.py", f"/{stem}/__init__.py"))]
    found = [path for path in named if f"/{package}/" in f"/{path}"] or named
    return source.module(min(found, key=lambda path: (path.count("/"), path))) if found else None


def settings_values(project: Project, name: str) -> Iterator[tuple[Module, ast.expr]]:
    for module in project.settings:
        for value in module.assigns.get(name, ()):
            yield module, value


def installed_apps(project: Project) -> dict[str, tuple[Module, ast.AST]]:
    """Every string in INSTALLED_APPS and lists that look like parts of it."""
    found: dict[str, tuple[Module, ast.AST]] = {}
    for module in project.settings:
        for name, values in module.assigns.items():
            if name.endswith("APPS") or name == "MIDDLEWARE":
                for value in values:
                    for node in ast.walk(value):
                        if text := text_of(node):
                            found.setdefault(text, (module, node))
    return found


def manage_command(project: Project, command: str) -> str:
    return f"python {project.folder + '/' if project.folder else ''}manage.py {command}"


def _endless_commands(source: Source, project: Project) -> Iterator[App]:
    for path in source.files:
        if "/management/commands/" not in path or path.rpartition("/")[2].startswith("_"):
            continue
        data = source.repo.bytes(path) or b""
        module = source.module(path) if b"while " in data or b"run_forever" in data or b"serve_forever" in data else None
        loop = _endless_loop(module) if module else None
        if module and loop:
            name = path.rpartition("/")[2].removesuffix(".py")
            yield _command_app(project, module, name, loop)


def _endless_loop(module: Module) -> ast.AST | None:
    for node in module.of(ast.While):
        if _waits_for_shutdown(node.test) and _is_outermost(module, node):
            return node
    return next((call for call in module.calls if isinstance(call.func, ast.Attribute) and call.func.attr in ("run_forever", "serve_forever")), None)


def _waits_for_shutdown(test: ast.expr) -> bool:
    """`while True`, `while not self.stopped`, `while self.running`"""
    if isinstance(test, ast.Constant):
        return bool(test.value)
    inner = test.operand if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not) else test
    name = inner.attr if isinstance(inner, ast.Attribute) else inner.id if isinstance(inner, ast.Name) else ""
    return re.search(r"shutdown|stop|exit|terminat|quit|kill|running|alive", name) is not None


def _is_outermost(module: Module, node: ast.While) -> bool:
    """In handle() or a method of the command that is not merely a helper for one page of results."""
    function = module.function_of(node)
    if function is None or any(isinstance(parent, (ast.While, ast.For)) for parent in module.enclosing(node)):
        return False
    has_way_out = any(isinstance(child, (ast.Break, ast.Return)) and not _under_option(module, child, node) for child in ast.walk(node))
    return not (isinstance(node.test, ast.Constant) and has_way_out)


def _under_option(module: Module, child: ast.AST, loop: ast.While) -> bool:
    """`if not options["loop"]: break`, or a break of an inner loop."""
    for parent in module.enclosing(child):
        if parent is loop:
            return False
        if isinstance(parent, (ast.For, ast.While, Function)):
            return True
        if isinstance(parent, ast.If) and re.search(r"loop|once|daemon|forever|shutdown|stop|single", ast.unparse(parent.test)):
            return True
    return False


def _command_app(project: Project, module: Module, name: str, loop: ast.AST) -> App:
    flags = [
        text_of(flag) for call in module.calls if isinstance(call.func, ast.Attribute) and call.func.attr == "add_argument" for flag in call.args
    ]
    option = next((f" {flag}" for flag in ("--loop", "--forever", "--daemon") if flag in flags), "")
    app = App(label=name, role="worker", framework="django", entry=module, start_command=manage_command(project, name + option), primary=False)
    app.traits = ("django",)
    app.note("start_command", module.evidence(loop, f"the management command {name} does not end by itself", 0.8))
    return app


_WORKER_APPS = {
    "django_rq": ("rqworker default", "rq worker of django-rq"),
    "django_q": ("qcluster", "cluster of django-q"),
    "huey.contrib.djhuey": ("run_huey", "consumer of huey"),
    "django_dramatiq": ("rundramatiq", "workers of django-dramatiq"),
    "background_task": ("process_tasks", "runner of django-background-tasks"),
    "procrastinate.contrib.django": ("procrastinate worker", "worker of procrastinate"),
    "django_tasks.backends.database": ("db_worker", "worker of django-tasks"),
}


def _command_workers(project: Project) -> Iterator[App]:
    for name, (module, node) in installed_apps(project).items():
        if name in _WORKER_APPS:
            command, shows = _WORKER_APPS[name]
            app = App(label="worker", role="worker", framework="django", entry=module, start_command=manage_command(project, command), primary=False)
            app.traits = ("django",)
            app.note("start_command", module.evidence(node, f"{name} is installed: {shows}", 0.85))
            yield app


def static_build(project: Project) -> tuple[str, Module, ast.expr] | None:
    """`collectstatic`, where STATIC_ROOT says into which folder."""
    if "django.contrib.staticfiles" not in installed_apps(project):
        return None
    return next(
        ((manage_command(project, "collectstatic --noinput"), module, value) for module, value in settings_values(project, "STATIC_ROOT")), None
    )


def media_files(source: Source, project: Project) -> tuple[str, Evidence] | None:
    """The folder into which uploads are written, as it is called in the image."""
    for module, value in settings_values(project, "MEDIA_ROOT"):
        folder = in_image(source, module, value)
        if folder is not None:
            return folder, module.evidence(value, f"MEDIA_ROOT is {folder} in the image", 0.85)
    return None


def migration(source: Source, project: Project) -> tuple[str, Module, str] | None:
    """`migrate`, where the project has migrations of its own or applications that bring some."""
    own = next((path for path in source.files if re.search(r"/migrations/\d{4}_\w+\.py$", path)), None)
    apps = installed_apps(project)
    shipped = next((apps[name] for name in ("django.contrib.auth", "django.contrib.sessions") if name in apps), None)
    command = manage_command(project, "migrate --noinput")
    if own:
        return command, project.manage, f"migrations in {inside(source, own).rpartition('/')[0]}"
    return (command, shipped[0], "installed applications bring migrations") if shipped else None


def production_settings(project: Project) -> str | None:
    """The settings module for production, when manage.py names one that is for development, or none at all."""
    if _settings_default(project.manage) is None:
        return project.settings_name
    if not re.search(r"(?:^|\.)(?:dev|development|local|debug)\w*$", project.settings_name):
        return None
    package = project.settings_name.rpartition(".")[0]
    stems = [module.path.rpartition("/")[2].removesuffix(".py") for module in project.settings]
    return next((f"{package}.{stem}" for stem in stems if stem.startswith("prod")), None)
