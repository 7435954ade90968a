"""Every component that is a Clojure program."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from opsmith.detectors.clojure import commands, environment, servers
from opsmith.detectors.clojure.backing import Backings, backings
from opsmith.detectors.clojure.mains import Main, main
from opsmith.detectors.clojure.metrics import metrics
from opsmith.detectors.clojure.projects import Project, projects, reached
from opsmith.detectors.clojure.routes import routes
from opsmith.detectors.clojure.servers import Listener
from opsmith.detectors.clojure.source import Source, configs, sources
from opsmith.detectors.clojure.values import Values, settings
from opsmith.detectors.healthpaths import health
from opsmith.detectors.javaversions import java_version
from opsmith.model.survey import Ambiguity, Component, Evidence, Role, Runtime
from opsmith.repo import Repo

_CONSUMES = (
    b"jackdaw",
    b"langohr.consumers",
    b"org.apache.kafka",
    b"chime",
    b"quartzite",
    b"at-at",
    b"farmhand",
    b"goose.",
    b"tea-time",
    b"proletarian",
)
_COMMAND_LINE = ("org.clojure/tools.cli", "org.babashka/cli", "cli-matic/cli-matic")


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A project that somebody deploys, with everything that is read of it once."""

    project: Project
    folders: tuple[str, ...]
    dependencies: Mapping[str, int]
    sources: list[Source]
    configs: list[Source]
    main: Main
    doors: list[Listener]


def components(repo: Repo) -> list[Component]:
    return [_component(repo, program) for program in _programs(repo)]


def _programs(repo: Repo) -> Iterator[Program]:
    known = {project.folder: project for project in projects(repo)}
    shared: dict[str, Source] = {}
    needed = {folder for project in known.values() for folder in project.locals}
    for project in known.values():
        own = reached(project, known)
        folders = tuple(item.folder for item in own)
        nested = tuple(f"{folder}/" for folder in known if folder and folder not in folders)
        read = sources(
            repo, folders, tuple(other for other in nested if not any(f"{folder}/".startswith(other) for folder in folders if folder)), shared
        )
        found = main(repo, project, read, known.get("")) if read else None
        if found is not None and _is_of_another(project, found, known):
            continue
        if found is None or (project.folder in needed and found.build is None):
            continue
        told = configs(repo, tuple(dict.fromkeys((*folders, ""))) if len(own) > 1 else folders, nested)
        listed = {name: line for item in reversed(own) for name, line in item.dependencies.items()}
        doors = servers.listeners(read, Values(settings(told), overridden="cprop" in listed or "cprop/cprop" in listed))
        if found.ring_port is not None and not doors:
            shown = Evidence(file=project.file, line=found.evidence.line, shows=f"lein-ring serves on port {found.ring_port}", confidence=0.7)
            doors = [Listener("ring", found.ring_port, "PORT", False, shown, "")]
        program = Program(project=project, folders=folders, dependencies=listed, sources=read, configs=told, main=found, doors=doors)
        if not project.folder or found.build or _role(program)[0] in ("web", "worker"):
            yield program  # scripts that lie in a folder of their own are nothing to deploy


def _is_of_another(project: Project, found: Main, known: Mapping[str, Project]) -> bool:
    """A namespace that starts the project that it lies in, and was only found through what this one depends on."""
    holders = [folder for folder in known if not folder or found.evidence.file.startswith(f"{folder}/")]
    return found.build is None and max(holders, key=len, default=project.folder) != project.folder


def _component(repo: Repo, program: Program) -> Component:
    project, started, doors = program.project, program.main, program.doors
    everything = [*program.sources, *program.configs]
    reads = environment.reads(everything)
    backing = backings(project.file, program.dependencies, everything, reads)
    role, sure, why = _role(program)
    door = doors[0] if doors else None
    answered = routes(program.sources) if door is not None else []
    probe = health(answered)
    published = metrics(program.sources, answered) if door is not None else None
    named = servers.framework(program.dependencies, door, project.file) if door is not None else None
    version = java_version(repo, (project.folder, "")) or commands.java_release(repo, project)
    migration = commands.migration(project, started, program.sources) if backing.services or backing.sqlite else None
    test, lint = commands.test(project), commands.lint(project)
    evidence: Mapping[str, tuple[Evidence, ...]] = {
        "role": (Evidence(file=why.file, line=why.line, shows=why.shows, confidence=sure),),
        "language": (Evidence(file=project.file, shows=project.file.rpartition("/")[2], confidence=1.0),),
        "framework": (named[1],) if named else (),
        "runtime": (version[1],) if version else (),
        "start_command": (started.evidence,),
        "ports": (door.evidence,) if door is not None and door.port else (),
        "health_path": (Evidence(file=probe.file, line=probe.line, shows=probe.path),) if probe else (),
        "metrics_path": (published.evidence,) if published else (),
        "request_metric": (published.evidence,) if published and published.request else (),
        "backing_services": backing.evidence,
        "env": environment.evidence(reads),
        "migration_command": (migration.evidence,) if migration else (),
        "test_command": (test.evidence,) if test else (),
        "lint_command": (lint.evidence,) if lint else (),
        "traits": backing.sqlite,
    }
    name = _name(repo, project)
    return Component(
        name=name,
        path=project.folder,
        role=role,
        language="clojure",
        framework=named[0] if named else None,
        package_manager="lein" if project.tool == "lein" else "tools.deps",
        runtime=Runtime(name="java", version=version[0] if version else None),
        install_command=commands.install(project),
        build_command=commands.build(repo, project, started),
        start_command=started.start,
        ports=(door.port,) if door is not None and door.port else (),
        protocol="http" if door is not None and door.port else None,
        port_env=door.env if door is not None else None,
        health_path=probe.path if probe else None,
        metrics_path=published.path if published else None,
        request_metric=published.request if published else None,
        migration_command=migration.command if migration else None,
        backing_services=backing.services,
        env=environment.variables(reads, backing.services),
        test_command=test.command if test else None,
        lint_command=lint.command if lint else None,
        context=_context(program, started),
        manifests=_manifests(repo, project),
        traits=_traits(repo, program, backing),
        evidence={fact: items for fact, items in evidence.items() if items},
        ambiguities=tuple(_ambiguities(name, program, backing, role)),
    )


def _role(program: Program) -> tuple[Role, float, Evidence]:
    if program.doors:
        return "web", 0.9, program.doors[0].evidence
    if any(source.mentions(*_CONSUMES) for source in program.sources):
        return "worker", 0.75, program.main.evidence
    if any(library in program.dependencies for library in _COMMAND_LINE):
        return "cli", 0.75, program.main.evidence
    return "job", 0.4, program.main.evidence


def _name(repo: Repo, project: Project) -> str:
    return project.folder.rpartition("/")[2] if project.folder else project.name or repo.root.name


def _context(program: Program, started: Main) -> str | None:
    """The folder that holds the project and those beside it that it is built from."""
    if started.build and ":project " in started.build:
        return ""
    parts = program.project.folder.split("/") if program.project.folder else []
    for folder in program.folders:
        other = folder.split("/") if folder else []
        size = next((index for index, (one, two) in enumerate(zip(parts, other, strict=False)) if one != two), min(len(parts), len(other)))
        parts = parts[:size]
    return "/".join(parts) if "/".join(parts) != program.project.folder else None


def _manifests(repo: Repo, project: Project) -> tuple[str, ...]:
    beside = ("build.clj", "shadow-cljs.edn", "package.json", "package-lock.json")
    return (project.file, *(path for name in beside if repo.has(path := posixpath.join(project.folder, name))))


def _traits(repo: Repo, program: Program, backing: Backings) -> tuple[str, ...]:
    packed = ("uberjar",) if program.main.build else ()
    front = ("shadow-cljs",) if commands.has_front(repo, program.project) else ()
    return (*packed, *front, *(("sqlite",) if backing.sqlite else ()))


def _ambiguities(name: str, program: Program, backing: Backings, role: Role) -> Iterable[Ambiguity]:
    where = f"components.{name}"
    if program.main.choices:
        yield Ambiguity(
            fact="start_command", component=name, choices=program.main.choices, how_to_decide=f"set {where}.start_command in opsmith.yaml"
        )
    if role == "web" and not program.doors[0].port:
        yield Ambiguity(fact="ports", component=name, choices=(), how_to_decide=f"set {where}.ports in opsmith.yaml")
    if role == "job":
        yield Ambiguity(fact="role", component=name, choices=("job", "worker", "cli"), how_to_decide=f"set {where}.role in opsmith.yaml")
    if backing.choices:
        how = f"set {where}.backing_services in opsmith.yaml"
        yield Ambiguity(fact="backing_services", component=name, choices=backing.choices, how_to_decide=how)
