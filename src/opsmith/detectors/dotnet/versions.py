"""The .NET version that a project needs at run time.

Precedence: TargetFramework or TargetFrameworks as MSBuild sees them (the project before Directory.Build.props; of several the newest that runs
on Linux), then the SDK of global.json, which only builds. Neither: None.
"""

from __future__ import annotations

import re

from opsmith.detectors.dotnet.msbuild import Project, above
from opsmith.detectors.dotnet.projects import target_frameworks
from opsmith.model.survey import Evidence
from opsmith.repo import Repo
from opsmith.shapes import table

_FRAMEWORK = re.compile(r"net(?:coreapp)?(\d{1,2})\.(\d)")


def version(repo: Repo, project: Project) -> tuple[str | None, Evidence | None]:
    runs = [match for name in target_frameworks(project) if (match := _FRAMEWORK.fullmatch(name))]
    if runs:
        newest = max(runs, key=lambda match: (int(match[1]), int(match[2])))
        told = project.properties.get("targetframework") or project.properties["targetframeworks"]
        if not told.text:
            told = project.properties["targetframeworks"]
        return f"{newest[1]}.{newest[2]}", Evidence(file=told.file, line=told.line, shows=told.text, confidence=0.95)
    return _sdk(repo, project)


def _sdk(repo: Repo, project: Project) -> tuple[str | None, Evidence | None]:
    path = above(repo, project.folder, "global.json")
    told = str(table(table(repo.json(path)).get("sdk")).get("version", "")) if path is not None else ""
    match = re.match(r"(\d{1,2}\.\d)\b", told)
    if path is None or match is None:
        return None, None
    return match[1], Evidence(file=path, line=repo.line_of(path, told), shows=f"sdk {told}", confidence=0.7)
