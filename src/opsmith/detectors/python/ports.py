"""The port a process listens on: what the code says, then what configuration and documents say, then the server's default."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

from opsmith.detectors.python.packages import join
from opsmith.detectors.python.source import Module, Source, argument, text_of
from opsmith.detectors.python.values import UNKNOWN, Value, resolve
from opsmith.model.survey import Evidence

_RUNNERS = ("run", "run_app", "run_server", "run_simple", "serve", "launch", "listen", "start_server", "run_async", "run_task")
_COMMANDS = re.compile(
    r"\b(?:uvicorn|gunicorn|hypercorn|daphne|granian|sanic|waitress-serve|flask|fastapi|streamlit|chainlit|python3?|runserver|uwsgi)\b[^\n|;&]{0,200}"
)
_PORT_FLAG = re.compile(r"(?:--port|--server\.port|--bind|-b|-p|--listen|--http-socket|--http|--http-port|runserver)[ =](?:[\w.\[\]*]*:)?(\d{2,5})\b")
_HINT_FILES = re.compile(r"(?:readme[\w.-]*|makefile|justfile|taskfile\.ya?ml|[\w.-]+\.sh|development\.md|contributing\.md)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Port:
    number: int
    env: str | None
    evidence: Evidence


def of_web(source: Source, module: Module, variable: str, default: int, *, raised: bool) -> Port:
    """`raised`: the server is ours to start, so a port below 1024, which needs root, gives way to the default."""
    found = in_code(source, module, variable) or gunicorn_config(source) or in_flaskenv(source) or in_documents(source, module)
    if found is None:
        shows = f"the server's default, {default}: no port is stated"
        return Port(default, None, Evidence(file=module.path, line=None, shows=shows, confidence=0.5))
    if found.number < 1024 and raised:
        shows = f"{found.evidence.shows}; a port below 1024 needs root, so {default}"
        return Port(default, found.env, Evidence(file=found.evidence.file, line=found.evidence.line, shows=shows, confidence=0.6))
    return found


def in_code(source: Source, module: Module, variable: str) -> Port | None:
    """The port given to the call that runs the application, in its own module or in one that runs it."""
    others = [item for item in source.modules() if item is not module and item.main_guard is not None and _mentions(source, item, module, variable)]
    for item in (module, *others):
        for call in item.calls:
            if _runs(item, call):
                value = resolve(source, item, _port_argument(item, call))
                if value.number or value.env:
                    return _port(item, call, value)
    return None


def _mentions(source: Source, item: Module, module: Module, variable: str) -> bool:
    for qualified in item.names.values():
        if qualified.endswith((f".{variable}", f".{module.dotted.rpartition('.')[2]}")):
            found = source.find(qualified, item.path)
            if (found and found[0] is module) or source.locate(qualified, item.path) == module.path:
                return True
    return any(text_of(argument(call, "app", 0)) and _runs(item, call) for call in item.calls)


def _runs(module: Module, call: ast.Call) -> bool:
    name = module.called(call)
    if name.rpartition(".")[2] in ("WSGIServer", "Server", "make_server", "Config"):
        return name.startswith(("gevent.", "uvicorn.", "wsgiref.", "eventlet."))
    method = call.func.attr if isinstance(call.func, ast.Attribute) else name.rpartition(".")[2]
    return method in _RUNNERS and not name.startswith(("asyncio.", "subprocess.", "anyio.", "trio."))


def _port_argument(module: Module, call: ast.Call) -> ast.expr | None:
    given = argument(call, "port") or argument(call, "server_port")
    if given is not None:
        return given
    name = module.called(call)
    if name.endswith("WSGIServer") and call.args:
        pair = call.args[0]
        return pair.elts[1] if isinstance(pair, ast.Tuple) and len(pair.elts) == 2 else pair
    if name.endswith(".listen") and call.args:
        return call.args[0]
    position = 1 if name.rpartition(".")[2] in ("run", "make_server", "run_simple") else None
    return call.args[position] if position is not None and len(call.args) > position and "uvicorn" not in name else None


def _port(module: Module, call: ast.Call, value: Value) -> Port | None:
    if value.number is None:
        return None
    shows = f"listens on {value.number}" + (f", or what {value.env} says" if value.env else "")
    return Port(value.number, value.env, module.evidence(call, shows, 0.9))


def gunicorn_config(source: Source) -> Port | None:
    for name in ("gunicorn.conf.py", "gunicorn_config.py", "gunicorn_conf.py"):
        path = join(source.root, name)
        module = source.module(path) if source.repo.has(path) else None
        for value in module.assigns.get("bind", ()) if module else ():
            bound = resolve(source, module, value) if module else UNKNOWN
            match = re.search(r":(\d{2,5})$", bound.text or "")
            if module and match:
                return Port(int(match[1]), bound.env, module.evidence(value, f"gunicorn binds {bound.text}", 0.9))
    return None


def in_flaskenv(source: Source) -> Port | None:
    path = join(source.root, ".flaskenv")
    for number, line in enumerate((source.repo.read(path) or "").splitlines() if source.repo.has(path) else (), start=1):
        match = re.match(r"\s*(?:export\s+)?FLASK_RUN_PORT\s*=\s*[\"']?(\d{2,5})", line)
        if match:
            return Port(int(match[1]), None, Evidence(file=path, line=number, shows=f"flask run listens on {match[1]}", confidence=0.7))
    return None


def in_documents(source: Source, module: Module) -> Port | None:
    """A command line in a README, Makefile or script that starts this module with a port."""
    stem = module.path.rpartition("/")[2].removesuffix(".py")
    return _documented(source, _names(module, stem))


def of_django(source: Source, package: str) -> Port | None:
    """gunicorn's configuration, or a command line that serves the project."""
    return gunicorn_config(source) or _documented(source, {"runserver", f"{package}.wsgi", f"{package}.asgi"})


def _names(module: Module, stem: str) -> set[str]:
    return {stem, module.path.rpartition("/")[0].rpartition("/")[2] or stem} if stem == "__init__" else {stem}


def _documented(source: Source, names: set[str]) -> Port | None:
    for path in hint_files(source):
        for number, line in enumerate((source.repo.read(path) or "").splitlines(), start=1):
            match = _command_port(line)
            if match and any(re.search(rf"\b{re.escape(name)}\b", line) for name in names):
                return Port(match, None, Evidence(file=path, line=number, shows=f"a command line with port {match}", confidence=0.6))
    return None


def hint_files(source: Source) -> list[str]:
    """Documents and scripts at the project's top, and scripts in scripts/ and bin/."""
    folders = [source.root, *(join(source.root, name) for name in ("scripts", "bin", "script"))]
    return [join(folder, name) for folder in folders for name in source.repo.folder(folder) if _HINT_FILES.match(name)]


def _command_port(line: str) -> int | None:
    command = _COMMANDS.search(line[:2000])
    flag = _PORT_FLAG.search(command[0]) if command else None
    number = int(flag[1]) if flag else 0
    return number if 0 < number < 65536 else None
