"""The command that brings the database to the code's schema: Alembic, Flask-Migrate, Aerich (Django's is in django.py)."""

from __future__ import annotations

from opsmith.detectors.python.app import App, dotted, inside
from opsmith.detectors.python.packages import Packages, join
from opsmith.detectors.python.source import Source
from opsmith.model.survey import Evidence

Answer = tuple[str, Evidence]


def migration(source: Source, packages: Packages, web: App | None) -> Answer | None:
    return _flask_migrate(source, packages, web) or _alembic(source, packages) or _aerich(source, packages)


def _flask_migrate(source: Source, packages: Packages, web: App | None) -> Answer | None:
    folder = _ini_folder(source, "migrations")
    if folder is None or not packages.lists("flask-migrate"):
        return None
    shown = Evidence(file=join(folder, "alembic.ini"), line=None, shows="migrations of Flask-Migrate", confidence=0.9)
    target = _flask_target(source, web)
    extra = f" --directory {inside(source, folder)}" if inside(source, folder) != "migrations" else ""
    return f"flask {target}db upgrade{extra}", shown


def _flask_target(source: Source, web: App | None) -> str:
    """`--app`, unless Flask finds the application by itself or is told by the environment."""
    if web is None or web.entry is None:
        return ""
    name, folder = dotted(source, web.entry)
    return (
        ""
        if name in ("app", "wsgi") and not folder
        else f"--app {inside(source, web.entry.path).removesuffix('.py').removesuffix('/__init__').replace('/', '.')} "
    )


def _ini_folder(source: Source, name: str) -> str | None:
    found = [path.rpartition("/")[0] for path in source.repo.under(source.root, f"{name}/alembic.ini")]
    return min(found, key=lambda path: (path.count("/"), path), default=None)


def _alembic(source: Source, packages: Packages) -> Answer | None:
    files = [path for path in source.repo.under(source.root, "alembic.ini") if path.rpartition("/")[2] == "alembic.ini"]
    if not files:
        return None
    path = min(files, key=lambda item: (item.count("/"), item))
    config = "" if inside(source, path) == "alembic.ini" else f"-c {inside(source, path)} "
    return f"alembic {config}upgrade head", Evidence(
        file=path, line=None, shows="Alembic migrations", confidence=0.95 if packages.lists("alembic") else 0.8
    )


def _aerich(source: Source, packages: Packages) -> Answer | None:
    path = join(source.root, "pyproject.toml")
    line = source.repo.line_of(path, "[tool.aerich]") if source.repo.has(path) else None
    return (
        ("aerich upgrade", Evidence(file=path, line=line, shows="Aerich migrations", confidence=0.9)) if line and packages.lists("aerich") else None
    )
