"""What prepares the database before a release: Entity Framework's migrations, where the process does not apply them itself."""

from __future__ import annotations

import re

from opsmith.detectors.dotnet.commands import file_of, quoted, relative
from opsmith.detectors.dotnet.msbuild import Project
from opsmith.detectors.dotnet.program import Program
from opsmith.model.survey import Evidence
from opsmith.repo import Repo

_SNAPSHOT = "ModelSnapshot.cs"
_LIBRARIES = ("fluentmigrator.runner", "dbup", "dbup-core", "evolve", "marten")


def snapshots(repo: Repo) -> list[str]:
    """Files in which Entity Framework keeps what the last migration has made of a context."""
    return [path for path in repo.files if path.endswith(_SNAPSHOT)]


def migrates_itself(program: Program) -> Evidence | None:
    for call in program.called("Migrate", "MigrateAsync", "EnsureCreated", "EnsureCreatedAsync", "MigrateUp", "PerformUpgrade", "MigrateDatabase"):
        if call.name in ("MigrateUp", "PerformUpgrade") or "Database" in call.receiver or call.receiver in ("db", "…"):
            return Evidence(file=call.source.path, line=call.line, shows=f"{call.name}()", confidence=0.85)
    return None


def migration(program: Program, known: list[str]) -> tuple[str, Evidence] | None:
    """One command for each context; None when the process does it itself, or nothing is known of migrations."""
    if migrates_itself(program) is not None:
        return None
    found = [(path, project) for path in known if (project := _holding(path, program)) is not None]
    if not found:
        return None
    commands = [_command(path, project, program.project, several=len(found) > 1) for path, project in found[:4]]
    return " && ".join(dict.fromkeys(commands)), Evidence(file=found[0][0], shows="migrations that no code applies", confidence=0.75)


def _holding(path: str, program: Program) -> Project | None:
    inside = [item for item in program.projects if not item.folder or path.startswith(item.folder + "/")]
    return max(inside, key=lambda item: len(item.folder), default=None)


def _command(path: str, project: Project, startup: Project, *, several: bool) -> str:
    parts = ["dotnet ef database update"]
    if project is not startup:
        parts += [f"--project {quoted(relative(project.path, startup.folder))}", f"--startup-project {file_of(startup)}"]
    name = path.rpartition("/")[2].removesuffix(_SNAPSHOT)
    if several and re.fullmatch(r"\w+", name):
        parts.append(f"--context {name}")
    return " ".join(parts)
