"""Dependabot: keeps what the repository pins up to date, one grouped pull request a week for each ecosystem."""

from __future__ import annotations

from typing import Any

from opsmith.emit import noted
from opsmith.model.blueprint import Blueprint, Build

COOLDOWN_DAYS = 7
FIRST = "github-actions"


def document(blueprint: Blueprint) -> dict[str, Any]:
    return {"version": 2, "updates": [_update(name, folders, explain=name == FIRST) for name, folders in _ecosystems(blueprint).items()]}


def _ecosystems(blueprint: Blueprint) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {FIRST: ["/"]}
    for build in blueprint.builds:
        _add(found, "docker", build.dockerfile.rpartition("/")[0])
    for build in blueprint.builds:
        if build.manifests and (ecosystem := _ecosystem(build)):
            _add(found, ecosystem, _folder(build))
    return found


def _add(found: dict[str, list[str]], ecosystem: str, folder: str) -> None:
    folders = found.setdefault(ecosystem, [])
    if f"/{folder}" not in folders:
        folders.append(f"/{folder}")


def _folder(build: Build) -> str:
    """Where the component's own manifest lies; the first one there is where it has none of its own."""
    folders = [path.rpartition("/")[0] for path in build.manifests]
    return build.path if build.path in folders else folders[0]


def _ecosystem(build: Build) -> str | None:
    """None where Dependabot knows none: Clojure's tools."""
    match build.language, build.package_manager:
        case "go", _:
            return "gomod"
        case "python", "uv":
            return "uv"
        case "python", _:
            return "pip"
        case "java", "maven" | "gradle" | "sbt" as manager:
            return manager
        case "java", _:
            return None
        case "dotnet", _:
            return "nuget"
        case "elixir", _:
            return "mix"
        case "php", _:
            return "composer"
        case "ruby", _:
            return "bundler"
        case _, "bun":
            return "bun"
        case _:
            return "npm"


def _update(ecosystem: str, folders: list[str], *, explain: bool) -> dict[str, Any]:
    why = "A release that is withdrawn or malicious is usually known by then." if explain else None
    where = {"directory": folders[0]} if len(folders) == 1 else {"directories": folders}
    return {
        "package-ecosystem": ecosystem,
        **where,
        "schedule": {"interval": "weekly"},
        "cooldown": noted({"default-days": COOLDOWN_DAYS}, above=why),
        "groups": {ecosystem: {"patterns": ["*"]}},
    }
