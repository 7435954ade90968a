"""Every component that is a Go program."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from opsmith.detectors.go import backing, commands, config, environment, http, listen, metrics, roles
from opsmith.detectors.go.mains import Main, mains
from opsmith.detectors.go.modules import Module, join, modules
from opsmith.detectors.go.program import Program
from opsmith.detectors.go.source import Sources
from opsmith.detectors.go.values import Resolver
from opsmith.model.survey import Ambiguity, Component, EnvVar, Evidence, Role, Runtime
from opsmith.repo import Repo


def components(repo: Repo) -> list[Component]:
    known, sources = modules(repo), Sources(repo)
    found = mains(known, sources)
    return [_component(repo, main, found, known, sources) for main in found]


def _component(repo: Repo, main: Main, siblings: tuple[Main, ...], known: tuple[Module, ...], sources: Sources) -> Component:
    program = Program(main.folder, main.module, known, sources)
    settings = config.settings(repo, program, main.path)
    samples = config.samples(repo, (main.path, main.module.folder, *config.config_folders(program, main.path), ""))
    resolver = Resolver(program, settings, samples)
    reads = environment.reads(program, resolver)
    doors = listen.listeners(program, resolver, frozenset(read.name for read in reads if read.required))
    role, sure = roles.role(program, main, doors)
    serving = doors if role in ("web", "worker") else ()
    framework = roles.framework(program, serving)
    routes = http.routes(program, resolver) if serving else ()
    health, metrics_route = http.health(routes, program), http.metrics(routes, program)
    grpc_health = _grpc_health(program)
    services, service_evidence, undecided = backing.backing(program, resolver, reads)
    in_file = backing.sqlite_file(program, resolver, services, undecided)
    metric = metrics.request_metric(program, resolver) if metrics_route else None
    migration = commands.migration(repo, program, main, siblings) if role == "web" and services else None
    lint, lint_evidence = commands.lint_command(repo, main)
    ports = tuple(dict.fromkeys(port for door in serving for port in door.ports))
    first = next((door for door in serving if door.ports or door.envs), None)
    module = main.module
    evidence: Mapping[str, tuple[Evidence, ...]] = {
        "role": (Evidence(file=_main_file(program), line=1, shows="package main", confidence=sure),),
        "language": tuple(Evidence(file=path, shows=path.rpartition("/")[2], confidence=1.0) for path in module.manifests[:1]),
        "framework": (framework[1],) if framework else (),
        "runtime": (module.version_evidence,) if module.version_evidence else (),
        "ports": tuple(Evidence(file=door.file, line=door.line, shows=door.shows, confidence=0.9) for door in serving if door.ports),
        "health_path": _seen(health, grpc_health),
        "metrics_path": (Evidence(file=metrics_route.file, line=metrics_route.line, shows=metrics_route.path),) if metrics_route else (),
        "request_metric": (metric[1],) if metric else (),
        "backing_services": service_evidence,
        "env": tuple(Evidence(file=read.file, line=read.line, shows=read.name, confidence=0.9) for read in reads),
        "migration_command": (migration[1],) if migration else (),
        "traits": in_file,
        "lint_command": (lint_evidence,) if lint_evidence else (),
        "start_command": (Evidence(file=_main_file(program), line=1, shows=f"main package {main.folder or '.'}", confidence=0.85),),
    }
    return Component(
        name=main.name,
        path=main.path,
        role=role,
        language="go",
        framework=framework[0] if framework else None,
        package_manager=module.manager,
        runtime=Runtime(name="go", version=module.version),
        install_command=_install(module),
        build_command=commands.build_command(main),
        start_command=f"./{main.binary}",
        ports=ports,
        protocol=first.protocol if first is not None and ports else None,
        port_env=_port_env(first),
        health_path=health.path if health else "grpc" if grpc_health and _speaks_grpc(serving) else None,
        metrics_path=metrics_route.path if metrics_route else None,
        request_metric=metric[0] if metric else None,
        migration_command=migration[0] if migration else None,
        backing_services=services,
        env=tuple(_variable(read) for read in reads),
        test_command="go test ./...",
        lint_command=lint,
        context=_context(main, program),
        manifests=module.manifests,
        traits=(*commands.traits(repo, program, main, resolver.settings), *(("sqlite",) if in_file else ())),
        evidence={fact: shown for fact, shown in evidence.items() if shown},
        ambiguities=tuple(_ambiguities(main, role, sure, serving, undecided)),
    )


def _main_file(program: Program) -> str:
    return next((source.path for source in program.sources if b"func main()" in source.data), program.sources[0].path)


def _seen(health: http.Route | None, grpc_health: Evidence | None) -> tuple[Evidence, ...]:
    if health is not None:
        return (Evidence(file=health.file, line=health.line, shows=health.path, confidence=0.9),)
    return (grpc_health,) if grpc_health else ()


def _grpc_health(program: Program) -> Evidence | None:
    for call in program.called("RegisterHealthServer"):
        return Evidence(file=call.source.path, line=call.node.start_point[0] + 1, shows="RegisterHealthServer", confidence=0.95)
    return None


def _speaks_grpc(doors: tuple[listen.Listener, ...]) -> bool:
    return bool(doors) and any(door.protocol == "grpc" for door in doors)


def _install(module: Module) -> str | None:
    return {"go": "go mod download" if module.path else None, "dep": "dep ensure -vendor-only", "glide": "glide install"}.get(module.manager)


def _port_env(door: listen.Listener | None) -> str | None:
    names = [name for name in door.envs if "PORT" in name.upper()] if door is not None else []
    return names[0] if names else None


def _variable(read: environment.Read) -> EnvVar:
    return EnvVar(name=read.name, required=environment.needed(read), secret=environment.secret(read), default=read.default)


def _context(main: Main, program: Program) -> str | None:
    """The folder that holds everything the build reads: other modules of the workspace too."""
    folders = [main.module.folder, main.path, *program.outside]
    parts = folders[0].split("/") if folders[0] else []
    for folder in folders[1:]:
        other = folder.split("/") if folder else []
        size = next((index for index, (one, two) in enumerate(zip(parts, other, strict=False)) if one != two), min(len(parts), len(other)))
        parts = parts[:size]
    context = join(*parts)
    return context if context != main.path else None


def _ambiguities(main: Main, role: Role, sure: float, doors: tuple[listen.Listener, ...], undecided: tuple[str, ...]) -> Iterable[Ambiguity]:
    where = f"components.{main.name}"
    if sure < 0.5:
        yield Ambiguity(fact="role", component=main.name, choices=("job", "worker", "cli"), how_to_decide=f"set {where}.role in opsmith.yaml")
    if role == "web" and not any(door.ports for door in doors):
        yield Ambiguity(fact="ports", component=main.name, choices=(), how_to_decide=f"set {where}.ports in opsmith.yaml")
    if undecided:
        yield Ambiguity(
            fact="backing_services", component=main.name, choices=undecided, how_to_decide=f"set {where}.backing_services in opsmith.yaml"
        )
