"""Every component that is a Rust program."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from opsmith.detectors.rust import backing, commands, environment, framed, listen, metrics, native, roles, routes, toolchain
from opsmith.detectors.rust.config import Layers, samples
from opsmith.detectors.rust.mains import Main, mains
from opsmith.detectors.rust.manifests import Package, packages
from opsmith.detectors.rust.program import Program
from opsmith.detectors.rust.source import Sources
from opsmith.detectors.rust.subcommands import Subcommands, subcommands
from opsmith.detectors.rust.values import Resolver
from opsmith.model.survey import Ambiguity, Component, EnvVar, Evidence, Role, Runtime
from opsmith.repo import Repo

_HIDDEN_FROM_OTHERS = "binds-loopback"


def components(repo: Repo) -> list[Component]:
    known, sources = packages(repo), Sources(repo)
    found = mains(known)
    return [component for main in found for component in _components(repo, main, found, known, sources)]


@dataclass(frozen=True, slots=True)
class Facts:
    """What reading one program has told."""

    program: Program
    layers: Layers
    verbs: Subcommands
    reads: tuple[environment.Read, ...]
    doors: tuple[listen.Listener, ...]
    role: Role
    sure: float
    routes: tuple[routes.Route, ...]
    backing: backing.Backing
    metrics: metrics.Found | None
    grpc_health: Evidence | None
    build_command: str


def _components(repo: Repo, main: Main, siblings: tuple[Main, ...], known: tuple[Package, ...], sources: Sources) -> Iterator[Component]:
    site = roles.static_site(repo, main)
    if site is not None:
        yield _static(repo, main, site, known, sources)
        return
    facts = _facts(repo, main, known, sources)
    component = _component(repo, main, siblings, facts)
    yield component
    for verb in facts.verbs.works if facts.role == "web" else ():
        yield _worker(component, main, verb.name, verb.evidence)


def _facts(repo: Repo, main: Main, known: tuple[Package, ...], sources: Sources) -> Facts:
    program = Program(main.package, main.binary, known, sources)
    layers = Layers(repo, program)
    resolver = Resolver(program, layers)
    folders = tuple(dict.fromkeys((main.package.folder, main.package.workspace, "")))
    examples = samples(repo, folders)
    doors = framed.framed(repo, program) or listen.listeners(program, resolver, examples)
    reads = _with_framed(environment.reads(program, resolver), repo, program, doors)
    role, sure = roles.role(program, main, doors)
    found = routes.routes(program, resolver) if role in ("web", "worker") and doors else ()
    return Facts(
        program=program,
        layers=layers,
        verbs=subcommands(program),
        reads=reads,
        doors=doors if role in ("web", "worker") else (),
        role=role,
        sure=sure,
        routes=found,
        backing=backing.backing(repo, program, reads, examples, layers.settings),
        metrics=metrics.metrics(program, resolver, found) if found else None,
        grpc_health=_grpc_health(program),
        build_command=commands.build_command(repo, main, leptos=program.uses("leptos_axum", "leptos_actix")),
    )


def _with_framed(
    reads: tuple[environment.Read, ...], repo: Repo, program: Program, doors: tuple[listen.Listener, ...]
) -> tuple[environment.Read, ...]:
    """And the variables that frameworks read by themselves."""
    found = {read.name: read for read in reads}
    for name, default, file, line in (*framed.loco_variables(repo, program), *framed.rocket_variables(doors)):
        found.setdefault(name, environment.Read(name, default is None, default, default is not None, file, line))
    return tuple(found.values())


def _component(repo: Repo, main: Main, siblings: tuple[Main, ...], facts: Facts) -> Component:
    program, doors = facts.program, facts.doors
    framework = roles.framework(repo, program, doors)
    health = routes.health(facts.routes)
    version, version_evidence = toolchain.version(repo, main.package)
    migration = commands.migration(repo, program, main, siblings, facts.verbs) if facts.role == "web" and facts.backing.services else None
    build_packages, runtime_packages = native.packages(repo, program)
    first = next((door for door in doors if door.ports or door.envs), None)
    ports = tuple(dict.fromkeys(port for door in doors for port in door.ports))
    evidence: Mapping[str, tuple[Evidence, ...]] = {
        "role": (_shown(main, program, f"binary {main.binary.name}", facts.sure),),
        "language": (Evidence(file=main.package.manifest, shows="Cargo.toml", confidence=1.0),),
        "framework": (framework[1],) if framework else (),
        "runtime": (version_evidence,) if version_evidence else (),
        "ports": tuple(framed.evidence(door) for door in doors if door.ports),
        "health_path": _seen(health, facts.grpc_health),
        "metrics_path": (facts.metrics[1],) if facts.metrics else (),
        "request_metric": (facts.metrics[1],) if facts.metrics and facts.metrics[2] else (),
        "backing_services": facts.backing.evidence,
        "env": tuple(Evidence(file=read.file, line=read.line, shows=read.name, confidence=0.9) for read in facts.reads),
        "migration_command": (migration[1],) if migration else (),
        "traits": facts.backing.in_file,
        "start_command": (_start_evidence(main, facts),),
    }
    return Component(
        name=main.name,
        path=main.package.folder,
        role=facts.role,
        language="rust",
        framework=framework[0] if framework else None,
        package_manager="cargo",
        runtime=Runtime(name="rust", version=version),
        install_command="cargo fetch --locked" if commands.lock_file(repo, main.package) else "cargo fetch",
        build_command=facts.build_command,
        start_command=_start(main, facts),
        ports=ports,
        protocol=first.protocol if first is not None and ports else None,
        port_env=_port_env(first),
        health_path=health.path if health else "grpc" if facts.grpc_health and any(door.protocol == "grpc" for door in doors) else None,
        metrics_path=facts.metrics[0] if facts.metrics else None,
        request_metric=facts.metrics[2] if facts.metrics else None,
        migration_command=migration[0] if migration else None,
        backing_services=facts.backing.services,
        env=tuple(_variables(facts)),
        test_command=commands.test_command(main),
        lint_command=commands.lint_command(main),
        context=commands.context(program),
        manifests=commands.manifests(repo, program),
        build_packages=build_packages,
        runtime_packages=runtime_packages,
        traits=tuple(_traits(repo, facts, first)),
        evidence={fact: shown for fact, shown in evidence.items() if shown},
        ambiguities=tuple(_ambiguities(main, facts)),
    )


def _port_env(door: listen.Listener | None) -> str | None:
    names = [name for name in door.envs if "PORT" in name.upper()] if door is not None else []
    return "PORT" if "PORT" in names else next(iter(names), None)


def _start(main: Main, facts: Facts) -> str:
    """From the folder of the build (the workspace's root), where Cargo leaves the binary."""
    verb = "start" if facts.program.uses("loco-rs") else facts.verbs.serves.name if facts.verbs.serves and facts.role == "web" else ""
    return f"./target/release/{main.binary.name} {verb}".rstrip()


def _start_evidence(main: Main, facts: Facts) -> Evidence:
    if facts.verbs.serves is not None and facts.role == "web":
        return facts.verbs.serves.evidence
    return _shown(main, facts.program, f"binary {main.binary.name} of package {main.package.name}", 0.85)


def _shown(main: Main, program: Program, shows: str, sure: float) -> Evidence:
    roots = [item for item in program.functions.get("main", []) if item.source.path == main.binary.file]
    return Evidence(file=main.binary.file, line=roots[0].line if roots else None, shows=shows, confidence=sure)


def _seen(health: routes.Route | None, grpc_health: Evidence | None) -> tuple[Evidence, ...]:
    if health is not None:
        return (Evidence(file=health.file, line=health.line, shows=health.path, confidence=0.9),)
    return (grpc_health,) if grpc_health else ()


def _grpc_health(program: Program) -> Evidence | None:
    place = next(program.called("health_reporter"), None) if program.uses("tonic-health") else None
    return Evidence(file=place.source.path, line=place.line, shows="tonic_health::server::health_reporter()", confidence=0.95) if place else None


def _variables(facts: Facts) -> Iterator[EnvVar]:
    connected = frozenset(item.kind for item in facts.backing.services if not item.optional)
    for read in facts.reads:
        yield EnvVar(name=read.name, required=environment.needed(read, connected), secret=environment.secret(read), default=read.default)


def _traits(repo: Repo, facts: Facts, first: listen.Listener | None) -> Iterator[str]:
    package = facts.program.package
    if facts.backing.in_file:
        yield "sqlite"
    if facts.program.uses("sqlx") and (repo.under(f"{package.workspace}/.sqlx".lstrip("/")) or repo.under(f"{package.folder}/.sqlx".lstrip("/"))):
        yield "sqlx-offline"
    if first is not None and first.local:
        yield _HIDDEN_FROM_OTHERS
    for path in commands.runtime_files(
        repo, facts.program, facts.layers, tuple(door.file for door in facts.doors if door.file.endswith("Rocket.toml"))
    ):
        yield f"runtime-files:{path}"


def _worker(web: Component, main: Main, verb: str, evidence: Evidence) -> Component:
    """The same binary, started to work in the background."""
    kept = {fact: shown for fact, shown in web.evidence.items() if fact in ("language", "runtime", "backing_services", "env", "traits")}
    return dataclasses.replace(
        web,
        name=f"{web.name}-{verb}",
        role="worker",
        framework=None,
        start_command=f"./target/release/{main.binary.name} {verb}",
        ports=(),
        protocol=None,
        port_env=None,
        health_path=None,
        metrics_path=None,
        request_metric=None,
        migration_command=None,
        ambiguities=(),
        evidence={**kept, "role": (evidence,), "start_command": (evidence,)},
    )


def _static(repo: Repo, main: Main, site: Evidence, known: tuple[Package, ...], sources: Sources) -> Component:
    program = Program(main.package, main.binary, known, sources)
    version, version_evidence = toolchain.version(repo, main.package)
    crate = next((name for name in ("yew", "leptos", "dioxus", "sycamore", "seed", "perseus") if main.package.uses(name)), None)
    runtime = {"runtime": (version_evidence,)} if version_evidence else {}
    return Component(
        name=main.name,
        path=main.package.folder,
        role="static",
        language="rust",
        framework=crate,
        package_manager="cargo",
        runtime=Runtime(name="rust", version=version),
        install_command="cargo fetch --locked" if commands.lock_file(repo, main.package) else "cargo fetch",
        build_command="trunk build --release",
        static_dir="dist",
        test_command=commands.test_command(main),
        lint_command=commands.lint_command(main),
        context=commands.context(program),
        manifests=commands.manifests(repo, program),
        evidence={"role": (site,), "build_command": (site,), "static_dir": (site,), **runtime},
    )


def _ambiguities(main: Main, facts: Facts) -> Iterable[Ambiguity]:
    where = f"components.{main.name}"
    if facts.sure < 0.5:
        yield Ambiguity(fact="role", component=main.name, choices=("job", "worker", "cli"), how_to_decide=f"set {where}.role in opsmith.yaml")
    if facts.role == "web" and not any(door.ports for door in facts.doors):
        yield Ambiguity(fact="ports", component=main.name, choices=(), how_to_decide=f"set {where}.ports in opsmith.yaml")
    asked = backing.asked_for(main.package)
    if asked and not facts.backing.services and not facts.backing.in_file and not facts.backing.undecided:
        command = facts.build_command
        choices = tuple(f"{command} --features {feature}" for feature, _ in asked)
        yield Ambiguity(fact="build_command", component=main.name, choices=choices, how_to_decide=f"set {where}.build_command in opsmith.yaml")
        kinds = tuple(dict.fromkeys(kind for _, kind in asked))
        yield Ambiguity(fact="backing_services", component=main.name, choices=kinds, how_to_decide=f"set {where}.backing_services in opsmith.yaml")
    if facts.backing.undecided:
        yield Ambiguity(
            fact="backing_services",
            component=main.name,
            choices=facts.backing.undecided,
            how_to_decide=f"set {where}.backing_services in opsmith.yaml",
        )
