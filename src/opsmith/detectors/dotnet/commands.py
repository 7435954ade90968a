"""Restoring, publishing, starting, testing, checking; and the files that decide the dependencies."""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Iterable

from opsmith.detectors.dotnet.msbuild import Project, above
from opsmith.detectors.dotnet.projects import Solution, is_test
from opsmith.model.survey import Evidence
from opsmith.repo import Repo
from opsmith.shapes import table


def relative(path: str, folder: str) -> str:
    return posixpath.relpath(path, folder or ".") if folder else path


def quoted(path: str) -> str:
    """As one word of a shell, whatever a file is called."""
    return shlex.quote(path)


def file_of(project: Project) -> str:
    return quoted(project.path.rpartition("/")[2])


def install_command(repo: Repo, project: Project) -> str:
    locked = repo.has(posixpath.join(project.folder, "packages.lock.json"))
    return f"dotnet restore {file_of(project)}" + (" --locked-mode" if locked else "")


def build_command(project: Project) -> str:
    return f"dotnet publish {file_of(project)} -c Release -o out"


def start_command(project: Project) -> tuple[str, Evidence]:
    told = project.properties.get("assemblyname")
    if told is not None and re.fullmatch(r"[\w.+-]+", told.text):
        return f"dotnet {told.text}.dll", Evidence(file=told.file, line=told.line, shows=f"AssemblyName {told.text}", confidence=0.95)
    shown = f"the assembly is called as the project: {project.name}"
    return f"dotnet {quoted(project.name + '.dll')}", Evidence(file=project.path, shows=shown, confidence=0.85)


def test_command(repo: Repo, solution: Solution, solutions: dict[str, set[str]], project: Project) -> tuple[str, Evidence] | None:
    """The one test project that refers to this one; of several, the smallest solution that holds them all."""
    tests = [item for item in solution.projects.values() if is_test(item) and project.path in item.references]
    if not tests:
        tests = [item for item in solution.projects.values() if is_test(item) and _tests_libraries(item, project, solution)]
    if not tests:
        return None
    if len(tests) == 1:
        return _test(repo, project, tests[0].path, "--project")
    holding = [path for path, held in solutions.items() if project.path in held and all(test.path in held for test in tests)]
    if holding:
        return _test(repo, project, min(holding, key=lambda path: (len(solutions[path]), path)), "--solution")
    return _test(repo, project, min(tests, key=lambda item: item.path).path, "--project")


def _tests_libraries(test: Project, project: Project, solution: Solution) -> bool:
    """Whether it tests a library that only this deployable has."""
    shared = solution.shared(project)
    own = {item.path for item in solution.closure(project) if item.path not in shared and item is not project}
    return any(path in own for path in test.references)


def _test(repo: Repo, project: Project, path: str, option: str) -> tuple[str, Evidence]:
    """The newer test platform, which global.json chooses, wants to be told what kind of file it gets."""
    place = above(repo, project.folder, "global.json")
    runner = table(table(repo.json(place)).get("test")).get("runner") if place is not None else None
    target = quoted(relative(path, project.folder))
    command = f"dotnet test {option} {target}" if runner == "Microsoft.Testing.Platform" else f"dotnet test {target}"
    return command, Evidence(file=path, shows=path.rpartition("/")[2], confidence=0.85)


def lint_command(repo: Repo, project: Project) -> tuple[str, Evidence] | None:
    """CSharpier where it is a tool of the repository, else `dotnet format` where an .editorconfig says how code has to look."""
    tools = above(repo, project.folder, "dotnet-tools.json") or _in_config(repo, project.folder)
    told = table(table(repo.json(tools)).get("tools")) if tools is not None else {}
    if tools is not None and "csharpier" in told:
        recent = not str(table(told["csharpier"]).get("version", "")).startswith("0.")
        return "dotnet csharpier check ." if recent else "dotnet csharpier --check .", Evidence(file=tools, shows="csharpier", confidence=0.9)
    style = above(repo, project.folder, ".editorconfig")
    if style is None:
        return None
    return f"dotnet format {file_of(project)} --verify-no-changes", Evidence(file=style, shows=".editorconfig", confidence=0.7)


def _in_config(repo: Repo, folder: str) -> str | None:
    current = folder
    while True:
        path = posixpath.join(current, ".config/dotnet-tools.json")
        if repo.has(path):
            return path
        if not current:
            return None
        current = current.rpartition("/")[0]


def manifests(repo: Repo, projects: Iterable[Project]) -> tuple[str, ...]:
    """Project files and everything they import, lock files, the SDK's version, sources of packages."""
    found: list[str] = []
    for project in projects:
        found += project.files
        found.append(posixpath.join(project.folder, "packages.lock.json"))
        found += [path for name in ("global.json", "nuget.config") if (path := above(repo, project.folder, name)) is not None]
    return tuple(path for path in dict.fromkeys(found) if repo.has(path))


def sdk_traits(repo: Repo, project: Project) -> tuple[str, ...]:
    """`sdk:9.0.100` as global.json asks for it; `sdk-exact` where it takes no newer one than a fix of that, and whether it states so."""
    path = above(repo, project.folder, "global.json")
    told = table(table(repo.json(path)).get("sdk")) if path is not None else {}
    version, policy = told.get("version"), told.get("rollForward")
    if not isinstance(version, str) or not re.fullmatch(r"[\w.-]+", version):
        return ()
    exact = f"sdk-exact:{'unstated' if policy is None else 'stated'}"
    return (f"sdk:{version}", *((exact,) if policy in (None, "patch", "latestPatch", "disable") else ()))


def context(project: Project, files: Iterable[str]) -> str | None:
    """The folder that holds everything the build reads; None where that is the project's own."""
    parts = project.folder.split("/") if project.folder else []
    for path in files:
        folder = path.rpartition("/")[0]
        other = folder.split("/") if folder else []
        size = next((index for index, (one, two) in enumerate(zip(parts, other, strict=False)) if one != two), min(len(parts), len(other)))
        parts = parts[:size]
    found = "/".join(parts)
    return found if found != project.folder else None
