"""Every component that is a Scala program."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from opsmith.detectors.healthpaths import health
from opsmith.detectors.scala import commands, environment, hocon, routes, servers
from opsmith.detectors.scala.backing import Backings, backings
from opsmith.detectors.scala.build import PACKAGERS, PLAY, Build, Project, builds
from opsmith.detectors.scala.servers import Listener
from opsmith.detectors.scala.source import Source, source
from opsmith.model.survey import Ambiguity, Component, Evidence, Role, Runtime
from opsmith.repo import Repo

_MAIN = re.compile(
    rb"\bextends\s+(?:[\w.]+\.)?(?:IOApp|ZIOAppDefault|ZIOApp|App|TaskApp|OxApp|ResourceApp|ZIOCliDefault|MainRoutes|Main|TwitterServer|HttpServer|"
    rb"ServerMain|CommandIOApp)\b|def main\(\w+: *Array\[String\]\)|@main\b"
)
_CONFIGS = re.compile(r"(?:^|/)(?:src/main/resources|conf)/(?:application|reference|server|app|base|common|prod|production)\.conf$")
_CONSUMES = (b"fs2.kafka", b"org.apache.kafka", b"zio.kafka", b"akka.kafka", b"pekko.kafka", b"fs2rabbit", b"com.rabbitmq",
             b"akka.stream", b"pekko.stream",
             b"fs2.Stream", b"quartz", b"ZStream", b"ActorSystem")  # fmt: skip
_COMMAND_LINE = (b"import scopt", b"com.monovore.decline", b"import org.rogach.scallop", b"import mainargs", b"import caseapp", b"zio.cli")


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A project with a main object, everything it depends on included."""

    build: Build
    project: Project
    packer: Project
    main: Evidence
    sources: list[Source]
    configs: list[str]


def components(repo: Repo) -> list[Component]:
    return [component for build in builds(repo) for program in _programs(repo, build) if (component := _component(repo, program)) is not None]


def _programs(repo: Repo, build: Build) -> Iterator[Program]:
    """Projects with a plugin that packs them; without any such, all that have a main object."""
    own = {project.id: _own_sources(repo, build, project) for project in build.projects}
    starting = [(project, main) for project in build.projects if (main := _main(project, own[project.id])) is not None]
    for project, main in starting:
        packers = [item for item in build.projects if item.plugins & PACKAGERS and project in build.reached(item)]
        packer = project if project in packers or not packers else packers[0]
        reached = build.reached(project)
        folders = tuple(item.folder for item in reached)
        yield Program(
            build=build,
            project=project,
            packer=packer,
            main=main,
            sources=[item for needed in reached for item in own[needed.id]],
            configs=[
                path for folder in folders for path in repo.under(folder, ".conf") if _CONFIGS.search(path) and not _in_other(path, folder, build)
            ],
        )


def _in_other(path: str, folder: str, build: Build) -> bool:
    return any(item.folder != folder and len(item.folder) > len(folder) and path.startswith(f"{item.folder}/") for item in build.projects)


def _own_sources(repo: Repo, build: Build, project: Project) -> list[Source]:
    prefix = f"{project.folder}/" if project.folder else ""
    play = bool(project.plugins & PLAY)
    paths = [
        path
        for path in repo.under(project.folder, ".scala")
        if _is_product(path[len(prefix) :], play=play) and not _in_other(path, project.folder, build)
    ]
    return [item for path in paths if (item := source(repo, path)) is not None]


def _is_product(path: str, *, play: bool) -> bool:
    if play:
        return path.startswith(("app/", "src/main/"))
    pieces = path.split("/")
    return bool({"src", "jvm", "shared"} & set(pieces[:-1])) and "main" in pieces and "test" not in pieces


def _main(project: Project, sources: list[Source]) -> Evidence | None:
    if project.plugins & PLAY:
        return Evidence(file=project.file, line=project.line, shows=", ".join(sorted(project.plugins & PLAY)), confidence=0.95)
    named = (project.setting("mainClass") or "").rpartition(".")[2].encode()
    found = [(item, match) for item in sources if (match := _MAIN.search(item.data))]
    chosen = next(((item, match) for item, match in found if named and named in item.data), found[0] if found else None)
    if chosen is None:
        return None
    number = chosen[0].data.count(b"\n", 0, chosen[1].start()) + 1
    return Evidence(file=chosen[0].path, line=number, shows=chosen[1][0].decode("utf-8", "replace"), confidence=0.85)


def _component(repo: Repo, program: Program) -> Component | None:
    build, project = program.build, program.project
    settings = [item for path in sorted(program.configs, key=lambda path: "reference" in path) for item in hocon.settings(repo, path)]
    reads = environment.reads(program.sources, settings)
    door = _door(program, settings, reads)
    role = _role(program, door)
    if role is None:
        return None
    texts = [item for path in program.configs if (item := source(repo, path)) is not None]
    backing = backings(build, [*program.sources, *texts], settings, reads)
    answered = _routes(repo, program) if door is not None else []
    probe = health(answered)
    metrics = next((item for item in answered if item.path.rpartition("/")[2] == "metrics"), None)
    packed, version, lint = commands.packed(build, project, program.packer), commands.runtime(repo, build, project), commands.lint(repo, build)
    evidence: Mapping[str, tuple[Evidence, ...]] = {
        "role": (door.where if door is not None else program.main,),
        "language": (Evidence(file=build.file, shows="build.sbt", confidence=1.0),),
        "framework": (door.where,) if door is not None else (),
        "runtime": (version[1],) if version else (),
        "start_command": (packed.evidence, program.main),
        "ports": (door.told,) if door is not None and door.told and door.port else (),
        "health_path": (Evidence(file=probe.file, line=probe.line, shows=probe.path, confidence=0.85),) if probe else (),
        "metrics_path": (Evidence(file=metrics.file, line=metrics.line, shows=metrics.path, confidence=0.8),) if metrics else (),
        "backing_services": backing.evidence,
        "env": environment.evidence(reads),
        "lint_command": (lint[1],) if lint else (),
        "traits": backing.sqlite,
    }
    name = _name(repo, program)
    port = door.port if door is not None else None
    return Component(
        name=name,
        path=project.folder,
        role=role,
        language="scala",
        framework=door.framework if door is not None and door.framework != "netty" else None,
        package_manager="sbt",
        runtime=Runtime(name="java", version=version[0] if version else None),
        install_command="sbt update",
        build_command=packed.build,
        start_command=packed.start,
        ports=(port,) if port else (),
        protocol=door.protocol if door is not None and port else None,
        port_env=door.env if door is not None else None,
        health_path=probe.path if probe else None,
        metrics_path=metrics.path if metrics else None,
        backing_services=backing.services,
        env=environment.variables(reads, backing.services),
        test_command=commands.test(project, build),
        lint_command=lint[0] if lint else None,
        context=build.folder if build.folder != project.folder else None,
        manifests=commands.manifests(repo, build),
        traits=(*((packed.trait,) if packed.trait else ()), *(("sqlite",) if backing.sqlite else ())),
        evidence={fact: items for fact, items in evidence.items() if items},
        ambiguities=tuple(_ambiguities(name, door, backing, role)),
    )


def _door(program: Program, settings: list[hocon.Setting], reads: list[environment.Read]) -> Listener | None:
    if not program.project.plugins & PLAY:
        return servers.listener(program.sources, settings, reads)
    told = [item for item in settings if item.path[-2:] == ("http", "port") or item.path == ("http.port",)]
    port, env, shown = servers.of_settings(told)
    default = Evidence(file=program.project.file, line=program.project.line, shows="Play's default, 9000: no port is stated", confidence=0.6)
    return Listener("play", "http", port or 9000, env, program.main, shown or default)


def _routes(repo: Repo, program: Program) -> list[routes.Route]:
    if program.project.plugins & PLAY:
        return list(routes.of_play(repo, f"{program.project.folder}/conf/routes".lstrip("/")))
    return routes.of_code(program.sources)


def _role(program: Program, door: Listener | None) -> Role | None:
    """None for a main object that nothing packs beside servers: examples, benchmarks and tools of the build."""
    if door is not None:
        return "web"
    packs = program.project.plugins & PACKAGERS or len(program.build.projects) == 1 or program.packer is not program.project
    if any(item.mentions(*_COMMAND_LINE) for item in program.sources):
        return "cli" if packs else None
    if not packs:
        return None
    return "worker" if any(item.mentions(*_CONSUMES) for item in program.sources) else "job"


def _name(repo: Repo, program: Program) -> str:
    project = program.project
    if project.folder == program.build.folder:
        told = project.setting("name") or project.id or project.folder.rpartition("/")[2] or repo.root.name
        return re.sub(r"[^a-z0-9_.-]+", "-", told.lower())
    return project.folder.rpartition("/")[2]


def _ambiguities(name: str, door: Listener | None, backing: Backings, role: Role) -> Iterable[Ambiguity]:
    if role == "web" and (door is None or door.port is None):
        yield Ambiguity(fact="ports", component=name, choices=(), how_to_decide=f"set components.{name}.ports in opsmith.yaml")
    if role == "job":
        how = f"set components.{name}.role in opsmith.yaml"
        yield Ambiguity(fact="role", component=name, choices=("job", "worker", "cli"), how_to_decide=how)
    if backing.choices:
        how = f"set components.{name}.backing_services in opsmith.yaml"
        yield Ambiguity(fact="backing_services", component=name, choices=backing.choices, how_to_decide=how)
