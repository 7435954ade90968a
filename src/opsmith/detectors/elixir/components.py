"""Every component that is an Elixir application."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping

from opsmith.detectors.elixir import commands, environment
from opsmith.detectors.elixir.backing import Backings, backings, ecto_repos
from opsmith.detectors.elixir.configs import configuration, settings
from opsmith.detectors.elixir.metrics import metrics
from opsmith.detectors.elixir.routes import routes
from opsmith.detectors.elixir.servers import Listener, listeners
from opsmith.detectors.elixir.units import Unit, units
from opsmith.detectors.elixir.values import Values, wrappers
from opsmith.detectors.elixir.versions import versions
from opsmith.detectors.healthpaths import health
from opsmith.model.survey import Ambiguity, Component, EnvVar, Evidence, Role, Runtime
from opsmith.repo import Repo

_IN_PROCESS = ("oban", "broadway", "quantum")


def components(repo: Repo) -> list[Component]:
    return [component for unit in units(repo) if (component := _component(repo, unit)) is not None]


def _component(repo: Repo, unit: Unit) -> Component | None:
    values = Values(settings(configuration(unit.sources)), wrappers(unit.sources))
    doors = listeners(unit.sources, values)
    role = _role(unit, doors)
    return None if role is None else _described(repo, unit, values, doors, *role)


def _role(unit: Unit, doors: list[Listener]) -> tuple[Role, Evidence] | None:
    """None for a library; a server first, then an application with a callback, then a command-line program."""
    if doors:
        return "web", doors[0].evidence
    started, project = unit.callback, unit.project
    if started is not None and not project.packaged and project.script is None:
        return "worker", Evidence(file=started[0], line=started[1], shows="an OTP application that listens on no port", confidence=0.75)
    if project.script is not None:
        return "cli", Evidence(file=project.file, line=project.script, shows="escript", confidence=0.85)
    return None


def _described(repo: Repo, unit: Unit, values: Values, doors: list[Listener], role: Role, shown: Evidence) -> Component:
    reads = environment.reads(unit.sources, configuration(unit.sources), values)
    repos = ecto_repos(unit.sources, unit.dependencies, values)
    backing = backings(unit.sources, unit.dependencies, repos, values, reads)
    answered = routes(unit.sources) if role == "web" else []
    probe, published = health(answered), metrics(unit.sources, answered) if role == "web" else None
    release = commands.release_name(repo, unit) if role != "cli" else None
    phoenix = any(door.framework == "phoenix" for door in doors)
    started, unset = commands.start(repo, unit, release, phoenix=phoenix)
    migration = commands.migration(repo, unit, release[0] if release else None, repos)
    elixir, erlang = versions(repo, unit.project)
    lint = commands.lint(repo, unit)
    build_packages, runtime_packages = commands.native(unit, release[0] if release else None)
    framework = _framework(unit, doors)
    app = unit.project.app or unit.name
    evidence: Mapping[str, tuple[Evidence, ...]] = {
        "role": (shown,),
        "language": (Evidence(file=unit.project.file, shows="mix.exs", confidence=1.0),),
        "framework": (framework[1],) if framework else (),
        "runtime": (elixir.evidence,) if elixir else (),
        "start_command": (started.evidence,),
        "ports": tuple(door.evidence for door in doors if door.port),
        "health_path": (Evidence(file=probe.file, line=probe.line, shows=probe.path),) if probe else (),
        "metrics_path": (published.evidence,) if published else (),
        "request_metric": (published.request[1],) if published and published.request else (),
        "migration_command": (migration.evidence,) if migration else (),
        "backing_services": backing.evidence,
        "env": environment.evidence(reads),
        "lint_command": (lint.evidence,) if lint else (),
        "traits": backing.sqlite,
    }
    return Component(
        name=unit.name,
        path=unit.project.folder,
        role=role,
        language="elixir",
        framework=framework[0] if framework else None,
        package_manager="mix",
        runtime=Runtime(name="elixir", version=elixir.version if elixir else None),
        install_command=commands.INSTALL,
        build_command="MIX_ENV=prod mix escript.build"
        if role == "cli"
        else commands.build(repo, unit, release[0] if release else None, served=phoenix),
        start_command=f"./{app}" if role == "cli" else started.command,
        ports=tuple(dict.fromkeys(door.port for door in doors if door.port)),
        protocol=doors[0].protocol if doors and doors[0].port else None,
        port_env=_port_env(unit, doors, reads),
        health_path=probe.path if probe else None,
        metrics_path=published.path if published else None,
        request_metric=published.request[0] if published and published.request else None,
        migration_command=migration.command if migration else None,
        backing_services=backing.services,
        env=_variables(environment.variables(reads, backing.services), started.command, unset=unset),
        test_command=commands.test(repo, unit),
        lint_command=lint.command if lint else None,
        context=commands.context(unit),
        manifests=commands.manifests(repo, unit),
        build_packages=build_packages,
        runtime_packages=runtime_packages,
        traits=_traits(repo, unit, backing, release[0] if release else None, erlang),
        evidence={fact: items for fact, items in evidence.items() if items},
        ambiguities=tuple(_ambiguities(unit, backing, doors)),
    )


def _port_env(unit: Unit, doors: list[Listener], reads: list[environment.Read]) -> str | None:
    """Where the configuration hides how the port is set, the variable that is named after it."""
    if not doors or doors[0].env is not None or doors[0].protocol != "http":
        return doors[0].env if doors else None
    named = ("PORT", f"{(unit.project.app or '').upper()}_PORT", "HTTP_PORT")
    return next((read.name for name in named for read in reads if read.name == name), None)


def _framework(unit: Unit, doors: list[Listener]) -> tuple[str, Evidence] | None:
    if doors and doors[0].framework in ("phoenix", "plug", "grpc"):
        return doors[0].framework, _listed(unit, doors[0].framework) or doors[0].evidence
    shown = _listed(unit, "broadway")
    return ("broadway", shown) if shown is not None else None


def _listed(unit: Unit, name: str) -> Evidence | None:
    for member in unit.members:
        if name in member.dependencies:
            return Evidence(file=member.file, line=member.dependencies[name].line, shows=f":{name}", confidence=0.95)
    return None


def _variables(read: tuple[EnvVar, ...], command: str, *, unset: bool) -> tuple[EnvVar, ...]:
    """With what the start command needs: a release that serves only when PHX_SERVER is set, Mix that would start in development."""
    found = {item.name: item for item in read}
    if unset and "PHX_SERVER" in found:
        found["PHX_SERVER"] = dataclasses.replace(found["PHX_SERVER"], required=True, default="true")
    if command.startswith("mix "):
        found["MIX_ENV"] = EnvVar(name="MIX_ENV", required=True, default="prod")
    return tuple(found[name] for name in sorted(found))


def _traits(repo: Repo, unit: Unit, backing: Backings, release: str | None, erlang: str | None) -> tuple[str, ...]:
    found = [f"release:{release}"] if release else []
    found += [f"otp:{erlang}"] if erlang else []
    found += [f"app:{unit.project.app}"] if unit.project.app else []
    found += ["mix-config"] if repo.has(commands.join(unit.project.folder, "config/config.exs")) else []
    # Those of an umbrella are among the manifests; a path elsewhere has to be there before anything is fetched.
    own = {member.folder for member in unit.members}
    found += ["own-packages"] if any(item.path is not None and item.path not in own for item in unit.dependencies.values()) else []
    found += ["node-assets"] if any(commands.node_assets(repo, member) for member in unit.members) else []
    found += ["sqlite"] if backing.sqlite else []
    return (*found, *(name for name in _IN_PROCESS if name in unit.dependencies))


def _ambiguities(unit: Unit, backing: Backings, doors: list[Listener]) -> Iterable[Ambiguity]:
    where = f"components.{unit.name}"
    if unit.undecided:
        choices = tuple(f"bin/{name} start" for name in unit.undecided)
        yield Ambiguity(fact="start_command", component=unit.name, choices=choices, how_to_decide=f"set {where}.start_command in opsmith.yaml")
    if backing.choices:
        how = f"set {where}.backing_services in opsmith.yaml"
        yield Ambiguity(fact="backing_services", component=unit.name, choices=backing.choices, how_to_decide=how)
    if doors and not any(door.port for door in doors):
        yield Ambiguity(fact="ports", component=unit.name, choices=(), how_to_decide=f"set {where}.ports in opsmith.yaml")
