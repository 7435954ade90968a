"""Package manager, and the commands and Debian packages that installing takes."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, cast

from opsmith.detectors.python.packages import Packages, join
from opsmith.model.survey import Evidence
from opsmith.repo import Repo

_NATIVE: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "psycopg2": (("gcc", "libc6-dev", "libpq-dev"), ("libpq5",)),
    "psycopg": ((), ("libpq5",)),
    "psycopg-c": (("gcc", "libc6-dev", "libpq-dev"), ("libpq5",)),
    "mysqlclient": (("gcc", "libc6-dev", "default-libmysqlclient-dev", "pkg-config"), ("libmariadb3",)),
    "uwsgi": (("gcc", "libc6-dev"), ()),
    "pycurl": (("gcc", "libc6-dev", "libcurl4-openssl-dev", "libssl-dev"), ("libcurl4",)),
    "python-ldap": (("gcc", "libc6-dev", "libldap2-dev", "libsasl2-dev"), ("ldap-utils", "libsasl2-2")),
    "pycairo": (("gcc", "libc6-dev", "libcairo2-dev", "pkg-config"), ("libcairo2",)),
    "cairosvg": ((), ("libcairo2",)),
    "weasyprint": ((), ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0")),
    "xmlsec": (("gcc", "libc6-dev", "libxml2-dev", "libxmlsec1-dev", "libxmlsec1-openssl", "pkg-config"), ("libxmlsec1-openssl",)),
    "python3-saml": ((), ("libxmlsec1-openssl",)),
    "pylibmc": (("gcc", "libc6-dev", "libmemcached-dev", "zlib1g-dev"), ("libmemcached11",)),
    "python-magic": ((), ("libmagic1",)),
    "pyodbc": ((), ("unixodbc",)),
    "pygraphviz": (("gcc", "libc6-dev", "libgraphviz-dev", "pkg-config"), ("graphviz",)),
    "graphviz": ((), ("graphviz",)),
    "pytesseract": ((), ("tesseract-ocr",)),
    "pdf2image": ((), ("poppler-utils",)),
    "pydub": ((), ("ffmpeg",)),
    "ffmpeg-python": ((), ("ffmpeg",)),
    "opencv-python": ((), ("libgl1", "libglib2.0-0")),
    "gdal": (("g++", "libgdal-dev"), ("gdal-bin",)),
    "gitpython": ((), ("git",)),
    "pyaudio": (("gcc", "libc6-dev", "portaudio19-dev"), ("libportaudio2",)),
    "jpype1": ((), ("default-jre-headless",)),
    "pyzbar": ((), ("libzbar0",)),
    "meinheld": (("gcc", "libc6-dev"), ()),
    "netifaces": (("gcc", "libc6-dev"), ()),
}
"""Debian packages (to build, to run) of libraries that publish no complete wheels; names as in the current python:*-slim images."""

_GEODJANGO = ("binutils", "gdal-bin", "libproj-dev")
"""gdal-bin brings libgdal and libgeos in whatever version the release has; Django looks for them with binutils."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    manager: str | None
    evidence: Evidence | None
    command: str | None
    runner: str
    """What goes before a tool's name to run it from the project's environment ("uv run ")."""
    context: str | None
    """Root of the workspace that holds the lock, when that is not the project itself."""
    manifests: tuple[str, ...]


def installation(repo: Repo, packages: Packages) -> Installation:
    root = packages.root
    workspace = _uv_workspace(repo, root)
    if workspace is not None:
        member = f" --package {packages.name}" if packages.name else ""
        files = tuple(path for name in ("pyproject.toml", "uv.lock", ".python-version") if repo.has(path := join(workspace, name)))
        lock = Evidence(file=join(workspace, "uv.lock"), line=None, shows="uv workspace", confidence=0.95)
        return _made("uv", lock, f"uv sync --locked{member}", "uv run ", workspace, (*files, *packages.manifests))
    manager, file = _manager(repo, packages)
    if manager is None:
        return _made(None, None, None, "", None, ())
    lock = Evidence(file=file, line=None, shows=f"{manager} project", confidence=0.95)
    runner = "" if manager in ("pip", "conda") else f"{manager} run "
    return _made(manager, lock, _command(packages, manager), runner, None, tuple(packages.manifests))


def _made(
    manager: str | None, evidence: Evidence | None, command: str | None, runner: str, context: str | None, files: tuple[str, ...]
) -> Installation:
    return Installation(manager=manager, evidence=evidence, command=command, runner=runner, context=context, manifests=tuple(sorted(set(files))))


def _manager(repo: Repo, packages: Packages) -> tuple[str | None, str]:
    """By lock file first, then by the table a tool keeps in pyproject.toml, then by what pip can read."""
    root = packages.root
    for name, manager in (("uv.lock", "uv"), ("poetry.lock", "poetry"), ("pdm.lock", "pdm"), ("Pipfile.lock", "pipenv"), ("Pipfile", "pipenv")):
        if repo.has(join(root, name)):
            return manager, join(root, name)
    tool = _tool(repo, join(root, "pyproject.toml"))
    if "poetry" in tool and "dependencies" in tool["poetry"] and not packages.requirement_files:
        return "poetry", join(root, "pyproject.toml")
    if packages.requirement_files:
        return "pip", packages.requirement_files[0]
    if packages.has_file("environment.yml") or packages.has_file("environment.yaml"):
        return "conda", next(path for path in packages.manifests if "environment.y" in path)
    for manager in ("uv", "pdm"):
        if manager in tool:
            return manager, join(root, "pyproject.toml")
    for name in ("pyproject.toml", "setup.py", "setup.cfg"):
        if packages.has_file(name):
            return "pip", join(root, name)
    return None, ""


def _command(packages: Packages, manager: str) -> str:
    locked = packages.has_file
    match manager:
        case "uv":
            return "uv sync --locked" if locked("uv.lock") else "uv sync"
        case "poetry":
            return "poetry install --no-interaction"
        case "pdm":
            return "pdm sync --dev" if locked("pdm.lock") else "pdm install"
        case "pipenv":
            return "pipenv sync --dev" if locked("Pipfile.lock") else "pipenv install --dev"
        case "conda":
            return "conda env update --file " + next(path for path in packages.manifests if "environment.y" in path).rpartition("/")[2]
        case _:
            return _pip(packages)


def _pip(packages: Packages) -> str:
    files = [*packages.requirement_files, *_needed_for_tests(packages)]
    if not files and packages.groups.main:
        return "pip install " + " ".join(f"--group={name}" for name in (*packages.groups.main, *packages.groups.tests))
    if not files:
        return "pip install ."
    inside = len(packages.root) + 1 if packages.root else 0
    return "pip install " + " ".join(f"-r {path[inside:]}" for path in files)


def _needed_for_tests(packages: Packages) -> list[str]:
    """The development file that brings a test runner which the main file lacks."""
    if "pytest" in packages.main:
        return []
    found = [packages.development[name].evidence.file for name in ("pytest", "pytest-django", "nose2", "tox") if name in packages.development]
    return [path for path in packages.development_files if path in found][:1]


def _tool(repo: Repo, path: str) -> dict[str, Any]:
    document = (repo.toml(path) if repo.has(path) else None) or {}
    tool = document.get("tool")
    return cast("dict[str, Any]", tool) if isinstance(tool, dict) else {}


def _uv_workspace(repo: Repo, root: str) -> str | None:
    """The folder above `root` whose uv workspace counts it as a member."""
    folder = root
    while folder:
        folder = folder.rpartition("/")[0]
        if not repo.has(join(folder, "uv.lock")):
            continue
        table = _tool(repo, join(folder, "pyproject.toml")).get("uv")
        workspace = cast("dict[str, Any]", table).get("workspace") if isinstance(table, dict) else None
        members: object = cast("dict[str, Any]", workspace).get("members") if isinstance(workspace, dict) else None
        inside = root[len(folder) :].lstrip("/") if folder else root
        if any(
            isinstance(pattern, str) and fnmatchcase(inside, pattern)
            for pattern in cast("list[object]", members if isinstance(members, list) else [])
        ):
            return folder
    return None


def native_packages(packages: Packages, *, geodjango: bool = False) -> tuple[tuple[str, ...], tuple[str, ...], tuple[Evidence, ...]]:
    """Debian packages to build and to run, with the requirements that ask for them."""
    build: set[str] = set()
    run: set[str] = set(_GEODJANGO if geodjango else ())
    evidence: list[Evidence] = []
    for name, entry in sorted(packages.main.items()):
        wanted = _NATIVE.get(name)
        if wanted is None or (name == "psycopg" and {"binary", "c"} & set(entry.extras)):
            continue
        if name == "psycopg" and "psycopg-binary" in packages.main:
            continue
        build.update(wanted[0])
        run.update(wanted[1])
        evidence.append(entry.evidence)
    psycopg = packages.main.get("psycopg")
    if psycopg and "c" in psycopg.extras:
        build.update(_NATIVE["psycopg-c"][0])
        run.update(_NATIVE["psycopg-c"][1])
        evidence.append(psycopg.evidence)
    return tuple(sorted(build)), tuple(sorted(run)), tuple(evidence)
