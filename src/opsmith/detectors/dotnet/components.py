"""Every component that is a .NET project."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from opsmith.detectors.dotnet import aspire, backing, commands, environment, metrics, migrations, roles, routes, traits, versions
from opsmith.detectors.dotnet import ports as listening
from opsmith.detectors.dotnet.msbuild import Project
from opsmith.detectors.dotnet.program import Program, Sources
from opsmith.detectors.dotnet.projects import Solution, kind, solution
from opsmith.detectors.dotnet.settings import Settings
from opsmith.detectors.dotnet.solutions import solutions
from opsmith.detectors.dotnet.values import Resolver
from opsmith.model.survey import Ambiguity, Component, EnvVar, Evidence, Role, Runtime
from opsmith.repo import Repo

_LANGUAGES = {".csproj": "csharp", ".fsproj": "fsharp", ".vbproj": "visualbasic"}


@dataclass(frozen=True, slots=True)
class _Tree:
    """What all components of a repository share."""

    repo: Repo
    solution: Solution
    sources: Sources
    solutions: dict[str, set[str]]
    snapshots: list[str]
    wiring: dict[str, aspire.Wiring]
    names: dict[str, str]


def components(repo: Repo) -> list[Component]:
    known = solution(repo)
    if not known.deployables:
        return []
    sources = Sources(repo, known)
    wiring = aspire.wiring(known, sources)
    names = {project.path: wiring[project.path].name if project.path in wiring else plain(project.name) for project in known.deployables}
    tree = _Tree(repo, known, sources, solutions(repo), migrations.snapshots(repo), wiring, names)
    return [_component(tree, project) for project in known.deployables]


def plain(name: str) -> str:
    """`Basket.API` as `basket-api`, so that it can be a key of opsmith.yaml."""
    return re.sub(r"[^a-z0-9_]+", "-", name.lower()).strip("-") or "app"


def _component(tree: _Tree, project: Project) -> Component:
    program = Program(project, tree.solution, tree.sources)
    version, version_evidence = versions.version(tree.repo, project)
    base = _base(tree, project, program, version, version_evidence)
    if base.role == "static":
        return _static(base)
    resolver = Resolver(program, Settings(tree.repo, project))
    return _process(tree, program, resolver, base, version)


def _base(tree: _Tree, project: Project, program: Program, version: str | None, version_evidence: Evidence | None) -> Component:
    """What the project files alone tell."""
    repo, name = tree.repo, tree.names[project.path]
    role, sure = roles.role(program)
    framework = roles.framework(program)
    test = commands.test_command(repo, tree.solution, tree.solutions, project)
    lint = commands.lint_command(repo, project)
    start, start_evidence = commands.start_command(project)
    manifests = commands.manifests(repo, program.projects)
    evidence = {
        "role": (Evidence(file=project.path, line=1, shows=_shown(project), confidence=sure),),
        "language": (Evidence(file=project.path, shows=project.path.rpartition("/")[2], confidence=1.0),),
        "framework": (framework[1],) if framework else (),
        "runtime": (version_evidence,) if version_evidence else (),
        "start_command": (start_evidence,),
        "test_command": (test[1],) if test else (),
        "lint_command": (lint[1],) if lint else (),
        "depends_on": aspire.depends_on(tree.wiring.get(project.path), tree.names)[1],
    }
    return Component(
        name=name,
        path=project.folder,
        role=role,
        language=_LANGUAGES[project.path[project.path.rfind(".") :]],
        framework=framework[0] if framework else None,
        package_manager="nuget",
        runtime=Runtime(name="dotnet", version=version),
        install_command=commands.install_command(repo, project),
        build_command=commands.build_command(project),
        start_command=start,
        test_command=test[0] if test else None,
        lint_command=lint[0] if lint else None,
        depends_on=aspire.depends_on(tree.wiring.get(project.path), tree.names)[0],
        context=commands.context(project, (*manifests, *program.project.linked)),
        manifests=manifests,
        build_packages=traits.build_packages(project),
        runtime_packages=traits.runtime_packages(program),
        traits=commands.sdk_traits(repo, project),
        evidence={fact: shown for fact, shown in evidence.items() if shown},
        ambiguities=tuple(_doubts(name, role, sure, version)),
    )


def _shown(project: Project) -> str:
    output = project.text("outputtype")
    return ", ".join([*project.sdks, *([f"OutputType {output}"] if output else [])]) or "Project"


def _static(base: Component) -> Component:
    """A Blazor application that runs in the browser: what is published below wwwroot is served as it is."""
    shown = Evidence(
        file=base.evidence["role"][0].file, shows="dotnet publish writes a Blazor WebAssembly application to out/wwwroot", confidence=0.9
    )
    return replace(
        base, start_command=None, static_dir="out/wwwroot", traits=(*base.traits, "blazor-wasm"),
        evidence={**{fact: seen for fact, seen in base.evidence.items() if fact != "start_command"}, "static_dir": (shown,)},
    )  # fmt: skip


def _process(tree: _Tree, program: Program, resolver: Resolver, base: Component, version: str | None) -> Component:
    """With what code and settings tell."""
    reads = environment.reads(program, resolver)
    found = backing.backing(program, resolver, reads)
    wired, wired_evidence = aspire.services(tree.wiring.get(program.project.path), found.services)
    migration = migrations.migration(program, tree.snapshots) if base.role == "web" else None
    itself = migrations.migrates_itself(program) if migration is None else None
    evidence = {
        "backing_services": (*found.evidence, *wired_evidence),
        "env": tuple(Evidence(file=read.file, line=read.line, shows=read.name, confidence=0.9) for read in reads),
        "migration_command": (migration[1],) if migration else (itself,) if itself else (),
        "traits": found.in_file,
    }
    told = replace(
        base,
        backing_services=(*found.services, *wired),
        env=tuple(EnvVar(name=read.name, required=read.required, secret=read.secret, default=read.default) for read in reads),
        migration_command=migration[0] if migration else None,
        traits=(*base.traits, *traits.traits(program, in_file=bool(found.in_file))),
        evidence={**base.evidence, **{fact: shown for fact, shown in evidence.items() if shown}},
        ambiguities=(*base.ambiguities, *_undecided(base.name, found.undecided)),
    )
    return _serving(program, resolver, told, version) if base.role == "web" else told


def _serving(program: Program, resolver: Resolver, base: Component, version: str | None) -> Component:
    if kind(program.project) == "functions":
        return _functions(base)
    doors = listening.ports(program, resolver, version)
    mapped = routes.health_routes(program, resolver)
    health, grpc = routes.health(mapped), routes.grpc_health(program)
    only_grpc = routes.speaks_only_grpc(program)
    watched = metrics.metrics(program, resolver, version)
    evidence = {
        "ports": doors.evidence,
        "health_path": (Evidence(file=health.file, line=health.line, shows=health.shows, confidence=0.9),) if health else (grpc,) if grpc else (),
        "metrics_path": (watched.evidence,) if watched else (),
        "request_metric": (watched.metric_evidence,) if watched and watched.metric_evidence else (),
    }
    return replace(
        base,
        ports=doors.ports,
        port_env=doors.env,
        protocol="grpc" if only_grpc else "http",
        health_path="grpc" if grpc and (only_grpc or health is None) else health.path if health else None,
        metrics_path=watched.path if watched else None,
        request_metric=watched.metric if watched else None,
        traits=(*base.traits, *(("image-port",) if doors.default and doors.ports[0] < 1024 else ())),
        evidence={**base.evidence, **{fact: shown for fact, shown in evidence.items() if shown}},
        ambiguities=(*base.ambiguities, *(_hidden_health(base.name, mapped) if health is None and grpc is None else ())),
    )


def _functions(base: Component) -> Component:
    """The host of the image starts the functions and listens on 80; the published folder is what it loads."""
    shown = Evidence(file=base.evidence["role"][0].file, shows="the default of Microsoft's Azure Functions images: port 80", confidence=0.6)
    evidence = {**{fact: seen for fact, seen in base.evidence.items() if fact != "start_command"}, "ports": (shown,)}
    doubt = _doubt(base.name, "start_command", ("the host of the image mcr.microsoft.com/azure-functions/dotnet-isolated",))
    return replace(base, start_command=None, ports=(80,), protocol="http", evidence=evidence, ambiguities=(*base.ambiguities, doubt))


# -- what reading cannot decide ------------------------------------------------------------------------------------------------------------


def _doubt(name: str, fact: str, choices: tuple[str, ...]) -> Ambiguity:
    return Ambiguity(fact=fact, component=name, choices=choices, how_to_decide=f"set components.{name}.{fact} in opsmith.yaml")


def _doubts(name: str, role: Role, sure: float, version: str | None) -> Iterator[Ambiguity]:
    if sure < 0.5:
        yield _doubt(name, "role", ("job", "worker", "cli") if role == "job" else (role,))
    if version is None:
        yield _doubt(name, "runtime", ())


def _undecided(name: str, databases: tuple[str, ...]) -> Iterator[Ambiguity]:
    if databases:
        yield _doubt(name, "backing_services", databases)


def _hidden_health(name: str, mapped: list[routes.Route]) -> Iterator[Ambiguity]:
    """Health checks that are mapped in development only answer nobody in production."""
    paths = tuple(dict.fromkeys(route.path for route in mapped if route.development))
    if paths:
        yield _doubt(name, "health_path", paths)
