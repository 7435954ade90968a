"""Web applications that are an object in a module: Flask, FastAPI, Starlette, Quart, Sanic, Litestar, aiohttp, Bottle, Falcon, Dash ..."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from opsmith.detectors.python import ports, server
from opsmith.detectors.python.app import App, dotted, script_command
from opsmith.detectors.python.packages import Packages
from opsmith.detectors.python.source import Function, Module, Source, argument

Style = Literal["wsgi", "asgi", "sanic", "script"]

_FRAMEWORKS: dict[str, tuple[str, Style, int]] = {
    "flask.Flask": ("flask", "wsgi", 8000),
    "apiflask.APIFlask": ("flask", "wsgi", 8000),
    "flask_openapi3.OpenAPI": ("flask", "wsgi", 8000),
    "fastapi.FastAPI": ("fastapi", "asgi", 8000),
    "fastapi.applications.FastAPI": ("fastapi", "asgi", 8000),
    "starlette.applications.Starlette": ("starlette", "asgi", 8000),
    "quart.Quart": ("quart", "asgi", 8000),
    "litestar.Litestar": ("litestar", "asgi", 8000),
    "litestar.app.Litestar": ("litestar", "asgi", 8000),
    "blacksheep.Application": ("blacksheep", "asgi", 8000),
    "connexion.AsyncApp": ("connexion", "asgi", 8000),
    "connexion.FlaskApp": ("connexion", "wsgi", 8000),
    "connexion.App": ("connexion", "wsgi", 8000),
    "fasthtml.common.FastHTML": ("fasthtml", "asgi", 5001),
    "fasthtml.common.fast_app": ("fasthtml", "asgi", 5001),
    "falcon.App": ("falcon", "wsgi", 8000),
    "falcon.API": ("falcon", "wsgi", 8000),
    "falcon.asgi.App": ("falcon", "asgi", 8000),
    "bottle.Bottle": ("bottle", "wsgi", 8000),
    "dash.Dash": ("dash", "wsgi", 8050),
    "sanic.Sanic": ("sanic", "sanic", 8000),
    "aiohttp.web.Application": ("aiohttp", "script", 8080),
    "tornado.web.Application": ("tornado", "script", 8888),
    "robyn.Robyn": ("robyn", "script", 8080),
}
_PYRAMID: tuple[str, Style, int] = ("pyramid", "wsgi", 8000)
"""Made by a method of its configurator, wherever that comes from."""
_MODULE_ORDER = ("wsgi", "asgi", "main", "app", "application", "server", "api", "web", "run", "__init__")
_SIDE_MODULES = ("celery", "worker", "task", "manage", "cli", "shell", "seed", "migrat", "script", "command", "alembic", "mock", "fake", "stub")
_VARIABLE_ORDER = ("application", "app", "asgi_app", "api", "server")
_MAX_APPS = 6


@dataclass(frozen=True, slots=True)
class Instance:
    """`variable` of `module` is an application, or with `factory` a function that makes one."""

    module: Module
    variable: str
    framework: str
    style: Style
    default_port: int
    node: ast.AST
    factory: bool = False
    made: bool = False
    """Made by calling a factory, not by the framework's class itself."""


def find(source: Source, packages: Packages) -> list[App]:
    """Every web application of the project; one per module unless they are parts of each other."""
    factories = dict(_factories(source))
    made = list(_instances(source, factories))
    entries = _entries(source, made)
    if not entries:
        entries = _chosen([factory for factory in factories.values() if _needs_no_argument(factory)])[:1]
    separate = entries if len(entries) <= _MAX_APPS and not any(entry.made for entry in entries) else entries[:1]
    apps = [_app(source, packages, entry, alone=len(separate) == 1) for entry in separate]
    if len(separate) < len(entries) and apps:
        apps[0].choices["start_command"] = tuple(_app(source, packages, entry, alone=False).start_command or "" for entry in entries)
    return apps


def framework_of(source: Source, module: Module, call: ast.Call) -> tuple[str, Style, int] | None:
    """By the class that is called, or the class of a framework that the project's own class extends."""
    qualified = module.called(call)
    if qualified in _FRAMEWORKS:
        return _FRAMEWORKS[qualified]
    if isinstance(call.func, ast.Attribute) and call.func.attr == "make_wsgi_app":
        return _PYRAMID if any(name.partition(".")[0] == "pyramid" for names in source.imports.values() for name in names) else None
    found = (module, qualified) if qualified in module.classes else source.find(qualified, module.path) if qualified[:1].isalpha() else None
    own = found[0].classes.get(found[1]) if found else None
    bases = [found[0].qualified(base) for base in own.bases] if found and own else []
    return next((_FRAMEWORKS[base] for base in bases if base in _FRAMEWORKS), None)


# -- candidates --------------------------------------------------------------------------------------------------------------------------


def _factories(source: Source) -> Iterator[tuple[tuple[str, str], Instance]]:
    """Functions that make an application and return it."""
    for module in source.modules():
        for call in module.calls:
            function = module.function_of(call)
            known = framework_of(source, module, call) if function is not None else None
            if known and function and _returns(function) and isinstance(module.parents.get(function), (ast.Module, ast.If, ast.Try)):
                yield (module.path, function.name), Instance(module, function.name, *known, call, factory=True)


def _returns(function: Function) -> bool:
    return any(isinstance(node, ast.Return) and node.value is not None for node in ast.walk(function))


def _needs_no_argument(factory: Instance) -> bool:
    function = factory.module.functions[factory.variable]
    keywords = [default for default in function.args.kw_defaults if default is None]
    return not function.args.args[: len(function.args.args) - len(function.args.defaults)] and not keywords


def _instances(source: Source, factories: dict[tuple[str, str], Instance]) -> Iterator[Instance]:
    for module in source.modules():
        for name, value in module.top_level():
            if not isinstance(value, ast.Call) or _in_main_guard(module, value):
                continue
            known = framework_of(source, module, value)
            if known:
                yield Instance(module, name, *known, value)
            elif factory := _factory_called(source, module, value, factories):
                yield Instance(module, name, factory.framework, factory.style, factory.default_port, value, made=True)


def _in_main_guard(module: Module, node: ast.AST) -> bool:
    guard = module.main_guard
    return guard is not None and any(parent is guard for parent in module.enclosing(node))


def _factory_called(source: Source, module: Module, call: ast.Call, factories: dict[tuple[str, str], Instance]) -> Instance | None:
    name = module.called(call)
    if "." not in name:
        return factories.get((module.path, name))
    if not any(name.endswith("." + function) for _, function in factories):
        return None
    found = source.find(name, module.path)
    return factories.get((found[0].path, found[1])) if found else None


def _entries(source: Source, made: list[Instance]) -> list[Instance]:
    """Without parts that are mounted in others, without modules that another candidate imports, and one per module."""
    mounted = _mounted(source)
    whole = [item for item in made if (item.module.path, item.variable) not in mounted]
    by_module: dict[str, list[Instance]] = {}
    for item in whole:
        by_module.setdefault(item.module.path, []).append(item)
    single = [min(items, key=_variable_rank) for items in by_module.values()]
    front = [item for item in single if not any(_uses(source, other, item) for other in single if other is not item)] or single
    main = [item for item in front if not _is_side(item)] or front
    return _chosen(main)


def _chosen(items: list[Instance]) -> list[Instance]:
    return sorted(items, key=lambda item: (_module_rank(item), item.module.path.count("/"), item.module.path))


def _mounted(source: Source) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for module in source.modules():
        for call in module.calls:
            part = _mounted_in(module, call)
            if isinstance(part, ast.Name):
                owner = source.find(module.names[part.id], module.path) if part.id in module.names else None
                found.add((owner[0].path, owner[1]) if owner else (module.path, part.id))
    return found


def _mounted_in(module: Module, call: ast.Call) -> ast.expr | None:
    """What a call puts below another application: `main.mount("/x", part)`, `WSGIMiddleware(part)`, Starlette's `Mount("/x", app=part)`."""
    if isinstance(call.func, ast.Attribute) and call.func.attr in ("mount", "register_app", "add_subapp"):
        return argument(call, "app", 1)
    called = module.called(call).rpartition(".")[2]
    if called in ("WSGIMiddleware", "WsgiToAsgi"):
        return argument(call, "app", 0)
    return argument(call, "app", 1) if called == "Mount" else None


def _uses(source: Source, other: Instance, item: Instance) -> bool:
    return item.module.path in source.reachable(other.module.path) and other.module.path not in source.reachable(item.module.path)


def _is_side(item: Instance) -> bool:
    words = f"{item.module.path.rpartition('/')[0].rpartition('/')[2]}_{_stem(item)}".lower().replace("-", "_").split("_")
    return _stem(item) not in _MODULE_ORDER and any(word.startswith(_SIDE_MODULES) for word in words)


def _stem(item: Instance) -> str:
    return item.module.path.rpartition("/")[2].removesuffix(".py")


def _module_rank(item: Instance) -> int:
    return _MODULE_ORDER.index(_stem(item)) if _stem(item) in _MODULE_ORDER else len(_MODULE_ORDER)


def _variable_rank(item: Instance) -> int:
    return _VARIABLE_ORDER.index(item.variable) if item.variable in _VARIABLE_ORDER else len(_VARIABLE_ORDER)


# -- one application ---------------------------------------------------------------------------------------------------------------------


def _app(source: Source, packages: Packages, entry: Instance, *, alone: bool) -> App:
    app = App(label=_label(entry), role="web", framework=entry.framework, entry=entry.module, start_command=None, protocol="http", primary=alone)
    app.note("framework", entry.module.evidence(entry.node, f"{entry.framework} application {entry.variable}", 0.95))
    own_server = entry.style == "script" or _needs_own_server(source, packages, entry)
    port = ports.of_web(source, entry.module, entry.variable, entry.default_port, raised=not own_server)
    app.ports, app.port_env = (port.number,), port.env
    app.note("ports", port.evidence)
    app.traits = () if own_server else ("asgi",) if entry.style in ("asgi", "sanic") else ("wsgi",)
    _serve(source, packages, entry, app, port.number, own_server=own_server)
    return app


def _label(entry: Instance) -> str:
    stem = _stem(entry)
    folder = entry.module.path.rpartition("/")[0].rpartition("/")[2]
    return folder if stem in (*_MODULE_ORDER,) and folder and stem != "api" else stem


def _serve(source: Source, packages: Packages, entry: Instance, app: App, port: int, *, own_server: bool) -> None:
    if own_server:
        script = _script(source, entry)
        app.start_command = script_command(source, script)
        app.note("start_command", script.evidence(script.main_guard, "runs its own server", 0.85))
        return
    target, folder = _target(source, packages, entry)
    if entry.style == "sanic":
        serving = server.Serving(f"sanic {target} --host=0.0.0.0 --port={port}")
    elif entry.style == "asgi":
        serving = server.asgi(packages, target, port, folder, factory=entry.factory)
    else:
        serving = server.wsgi(packages, target + "()" if entry.factory else target, port, folder)
    app.start_command, app.server_packages = serving.command, serving.packages
    app.note("start_command", entry.module.evidence(entry.node, f"{entry.variable} is the application object", 0.9))
    if serving.evidence:
        app.note("start_command", serving.evidence)


def _target(source: Source, packages: Packages, entry: Instance) -> tuple[str, str]:
    """module:variable and the folder that must be on the path; a package that re-exports the application stands for its module."""
    exporter = _exporter(source, entry)
    name, folder = dotted(source, exporter or entry.module)
    if folder == "src" and packages.installable:
        folder = ""
    variable = f"{entry.variable}.server" if entry.framework == "dash" else entry.variable
    return f"{name}:{_dash_server(entry) or variable}", folder


def _dash_server(entry: Instance) -> str | None:
    """`server = app.server`"""
    if entry.framework != "dash":
        return None
    for name, value in entry.module.top_level():
        if isinstance(value, ast.Attribute) and value.attr == "server":
            return name
    return None


def _exporter(source: Source, entry: Instance) -> Module | None:
    """A wsgi or asgi module that imports the application by name, else the package whose __init__ imports it."""
    wanted = f"{entry.module.dotted}.{entry.variable}"
    for path in source.files:
        stem = path.rpartition("/")[2]
        if stem in ("wsgi.py", "asgi.py") and path != entry.module.path and (module := source.module(path)) is not None:
            for qualified in (module.names.get(entry.variable, ""),):
                found = source.find(qualified, path) if qualified else None
                if found and found[0] is entry.module and found[1] == entry.variable:
                    return module
    package = source.module(entry.module.path.rpartition("/")[0] + "/__init__.py") if not entry.module.path.endswith("__init__.py") else None
    if package is None or package.path not in source.files:
        return None
    star = f"{entry.module.dotted}.*"
    return package if wanted in package.names.values() or package.names.get("*") == star else None


def _needs_own_server(source: Source, packages: Packages, entry: Instance) -> bool:
    """Flask-SocketIO serves WebSockets only through its own run() unless an asynchronous worker is installed."""
    if entry.style != "wsgi" or not packages.lists("flask-socketio") or packages.lists("eventlet", "gevent", "gevent-websocket"):
        return False
    return any(item.called(call).endswith(".run") for item in source.modules() for call in item.calls if "socketio" in item.called(call).lower())


def _script(source: Source, entry: Instance) -> Module:
    """The file with the main block that runs the application: its own, or one that imports it."""
    if entry.module.main_guard is not None:
        return entry.module
    users = [module for module in source.modules() if module.main_guard is not None and entry.module.path in source.reachable(module.path)]
    return min(users, key=lambda module: (module.path.count("/"), module.path), default=entry.module)
