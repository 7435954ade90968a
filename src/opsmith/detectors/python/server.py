"""Production start commands: the server that the dependencies hold, else one that the image adds."""

from __future__ import annotations

from dataclasses import dataclass

from opsmith import conventions
from opsmith.detectors.python.packages import Packages, Requirement
from opsmith.model.survey import Evidence

_GUNICORN = f"gunicorn=={conventions.package('gunicorn')}"
_UVICORN = f"uvicorn=={conventions.package('uvicorn')}"


@dataclass(frozen=True, slots=True)
class Serving:
    command: str
    packages: tuple[str, ...] = ()
    evidence: Evidence | None = None


def wsgi(packages: Packages, target: str, port: int, folder: str = "") -> Serving:
    """Serve a WSGI callable. `folder` is what must be on the import path, "" when it is the project itself."""
    chdir = f"--chdir {folder} " if folder else ""
    quoted = f"'{target}'" if "(" in target else target
    if found := packages.lists("gunicorn"):
        return Serving(f"gunicorn {chdir}{quoted} --bind 0.0.0.0:{port}", (), found.evidence)
    if found := packages.lists("uwsgi", "pyuwsgi"):
        called = target.replace("()", "").replace(":", " --callable ", 1) if "(" in target else target
        return Serving(f"uwsgi {chdir}--http-socket 0.0.0.0:{port} --master --die-on-term --module {called}", (), found.evidence)
    if (found := packages.lists("waitress")) and not folder:
        call = "--call " if "(" in target else ""
        return Serving(f"waitress-serve --listen=0.0.0.0:{port} {call}{target.removesuffix('()')}", (), found.evidence)
    if (found := packages.lists("granian")) and "(" not in target:
        return Serving(f"granian --interface wsgi --host 0.0.0.0 --port {port} {_chdir(folder, '--working-dir')}{target}", (), found.evidence)
    return Serving(f"gunicorn {chdir}{quoted} --bind 0.0.0.0:{port}", (_GUNICORN,))


def asgi(packages: Packages, target: str, port: int, folder: str = "", *, factory: bool = False) -> Serving:
    """Serve an ASGI callable, or with `factory` a function that makes one."""
    flag = " --factory" if factory else ""
    found = packages.lists("uvicorn-worker", "uvicorn") or _fastapi_standard(packages)
    if found and (manager := packages.lists("gunicorn")) and not factory:
        worker = "uvicorn_worker" if found.name == "uvicorn-worker" else "uvicorn.workers"
        command = f"gunicorn {_chdir(folder, '--chdir')}{target} --worker-class {worker}.UvicornWorker --bind 0.0.0.0:{port}"
        return Serving(command, (), manager.evidence)
    if found:
        return Serving(_uvicorn(target, port, folder) + flag, (), found.evidence)
    if (found := packages.lists("daphne")) and not factory and not folder:
        return Serving(f"daphne -b 0.0.0.0 -p {port} {target}", (), found.evidence)
    if (found := packages.lists("hypercorn")) and not folder:
        return Serving(f"hypercorn --bind 0.0.0.0:{port} {target}{'()' if factory else ''}", (), found.evidence)
    if found := packages.lists("granian"):
        command = f"granian --interface asgi --host 0.0.0.0 --port {port} {_chdir(folder, '--working-dir')}{target}{flag}"
        return Serving(command, (), found.evidence)
    return Serving(_uvicorn(target, port, folder) + flag, (_UVICORN,))


def _uvicorn(target: str, port: int, folder: str) -> str:
    return f"uvicorn {_chdir(folder, '--app-dir')}{target} --host 0.0.0.0 --port {port}"


def _chdir(folder: str, flag: str) -> str:
    return f"{flag} {folder} " if folder else ""


def _fastapi_standard(packages: Packages) -> Requirement | None:
    """fastapi[standard] and fastapi[all] bring uvicorn."""
    found = packages.lists("fastapi", "fastapi-cli")
    return found if found and (found.name == "fastapi-cli" or {"standard", "all"} & set(found.extras)) else None
