"""Building, starting, migrating, testing: with a release where the project has one, else with Mix itself."""

from __future__ import annotations

from dataclasses import dataclass

from opsmith.detectors.elixir.backing import EctoRepo
from opsmith.detectors.elixir.clients import COMPILED
from opsmith.detectors.elixir.mix import Project
from opsmith.detectors.elixir.source import Call, Source, defined_name, module_around
from opsmith.detectors.elixir.units import Unit
from opsmith.model.survey import Evidence
from opsmith.repo import Repo
from opsmith.shapes import table

INSTALL = "mix local.hex --force && mix local.rebar --force && mix deps.get"
_RELEASE_NEEDS = ("libncurses6", "libstdc++6", "openssl")
_SERVER_SCRIPT = b"PHX_SERVER=true"


@dataclass(frozen=True, slots=True)
class Told:
    command: str
    evidence: Evidence


def join(*parts: str) -> str:
    return "/".join(part for part in parts if part)


def release_name(repo: Repo, unit: Unit) -> tuple[str, Evidence] | None:
    """The release that production starts; None where nothing speaks of releases."""
    folder, file = unit.project.folder, unit.project.file
    if unit.release is not None:
        return unit.release.name, Evidence(file=file, line=unit.release.line, shows=f"releases: {unit.release.name}", confidence=0.95)
    app = unit.project.app
    if app is None:
        return None
    for path in (join(folder, "config/runtime.exs"), join(folder, "config/releases.exs")):
        if repo.has(path):
            return app, Evidence(
                file=path, shows=f"configuration that is read when a release starts; Mix names it after the application, {app}", confidence=0.75
            )
    scripts = repo.under(join(folder, "rel"))
    return (app, Evidence(file=scripts[0], shows="files that a release is made with", confidence=0.75)) if scripts else None


def build(repo: Repo, unit: Unit, release: str | None, *, served: bool) -> str:
    steps = ["mix compile", *(_assets(repo, unit) if served else ())]
    if release is not None:
        named = unit.release is not None and (len(unit.project.releases) > 1 or bool(unit.project.umbrella))
        steps.append(f"mix release {release}" if named else "mix release")
    return " && ".join(step if step.startswith("npm ") else f"MIX_ENV=prod {step}" for step in steps)


def _assets(repo: Repo, unit: Unit) -> list[str]:
    steps: list[str] = []
    for member in unit.members:
        relative = member.folder[len(unit.project.folder) :].strip("/")
        packages = node_assets(repo, member)
        if packages:
            steps.append(f"npm {'ci' if repo.has(join(packages, 'package-lock.json')) else 'install'} --prefix {join(relative, 'assets')}")
        steps += ["mix assets.setup"] if "assets.setup" in member.aliases and member is unit.project else []
        task = next((name for name in ("assets.deploy", "assets.build") if name in member.aliases), None)
        if task is not None:
            steps.append(f"mix cmd --app {member.app} mix {task}" if relative and task not in unit.project.aliases else f"mix {task}")
        elif packages and (script := _script(repo, packages)):
            steps += [f"npm run {script} --prefix {join(relative, 'assets')}", "mix phx.digest"]
    return list(dict.fromkeys(steps))


def node_assets(repo: Repo, member: Project) -> str | None:
    """The folder of front-end packages that npm installs; Mix's own bun installs them itself."""
    packages = join(member.folder, "assets")
    return packages if repo.has(join(packages, "package.json")) and "bun" not in member.dependencies else None


def _script(repo: Repo, folder: str) -> str | None:
    scripts = table(table(repo.json(join(folder, "package.json"))).get("scripts"))
    return next((name for name in ("deploy", "build") if name in scripts), None)


def start(repo: Repo, unit: Unit, release: tuple[str, Evidence] | None, *, phoenix: bool) -> tuple[Told, bool]:
    """The command, and whether PHX_SERVER is still to be set."""
    if release is None:
        command = "mix phx.server" if phoenix else "mix run --no-halt"
        return Told(command, Evidence(file=unit.project.file, shows="no release is described, so Mix starts the application", confidence=0.7)), False
    script = _overlay(repo, unit, "server")
    if phoenix and script is not None and _SERVER_SCRIPT in (repo.bytes(script) or b""):
        return Told("bin/server", Evidence(file=script, shows="starts the release with PHX_SERVER=true", confidence=0.95)), False
    return Told(f"bin/{release[0]} start", release[1]), phoenix


def _overlay(repo: Repo, unit: Unit, name: str) -> str | None:
    ending = f"/overlays/bin/{name}"
    return next((path for path in repo.under(join(unit.project.folder, "rel")) if path.endswith(ending)), None)


def migration(repo: Repo, unit: Unit, release: str | None, repos: list[EctoRepo]) -> Told | None:
    if not repos or any(b"{Ecto.Migrator," in source.data for source in unit.sources):
        return None
    script = _overlay(repo, unit, "migrate") if release else None
    if script is not None:
        return Told("bin/migrate", Evidence(file=script, shows="the release's own script", confidence=0.95))
    task = next((found for source in unit.sources if source.path.endswith(".ex") and (found := _migrates(source))), None)
    if release and task is not None:
        name = f"{module_around(task[1].node)}.migrate"
        return Told(f'bin/{release} eval "{name}()"', Evidence(file=task[0].path, line=task[1].line, shows=name, confidence=0.85))
    changes = next((path for member in unit.members for path in repo.under(join(member.folder, "priv"), ".exs") if "/migrations/" in path), None)
    return Told("mix ecto.migrate", Evidence(file=changes, shows="a migration of Ecto", confidence=0.85)) if changes else None


def _migrates(source: Source) -> tuple[Source, Call] | None:
    """A function for releases to call, where there is no Mix."""
    if not source.mentions(b"Ecto.Migrator"):
        return None
    return next(((source, call) for call in source.calls() if call.name == "def" and defined_name(call.node) == "migrate"), None)


def test(repo: Repo, unit: Unit) -> str | None:
    return "mix test" if any(repo.under(join(member.folder, "test"), "_test.exs") for member in unit.members) else None


def lint(repo: Repo, unit: Unit) -> Told | None:
    credo = next(((member, member.dependencies["credo"]) for member in unit.members if "credo" in member.dependencies), None)
    if credo is not None:
        return Told("mix credo", Evidence(file=credo[0].file, line=credo[1].line, shows=":credo", confidence=0.9))
    path = join(unit.project.folder, ".formatter.exs")
    return Told("mix format --check-formatted", Evidence(file=path, shows=".formatter.exs", confidence=0.8)) if repo.has(path) else None


def native(unit: Unit, release: str | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Debian packages for building and for running."""
    used = [item for item in unit.dependencies.values() if item.in_production]
    build_packages = ("build-essential",) if any(item.name in COMPILED for item in used) else ()
    return (*build_packages, *(("git",) if any(item.git for item in used) else ())), _RELEASE_NEEDS if release else ()


def manifests(repo: Repo, unit: Unit) -> tuple[str, ...]:
    lock = join(unit.project.folder, "mix.lock")
    return (*(member.file for member in unit.members), *((lock,) if repo.has(lock) else ()))


def context(unit: Unit) -> str | None:
    """The folder that holds the project and what it takes from beside itself."""
    folders = [item.path for member in unit.members for item in member.dependencies.values() if item.path is not None and item.in_production]
    parts = unit.project.folder.split("/") if unit.project.folder else []
    for folder in folders:
        other = folder.split("/") if folder not in ("", ".") else []
        if ".." in other:
            continue
        size = next((index for index, (one, two) in enumerate(zip(parts, other, strict=False)) if one != two), min(len(parts), len(other)))
        parts = parts[:size]
    found = "/".join(parts)
    return found if found != unit.project.folder else None
