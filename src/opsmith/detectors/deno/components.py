"""Every component that is a program on Deno, with all its facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from opsmith.detectors.deno import commands, ports, routes
from opsmith.detectors.deno.backing import backing_services
from opsmith.detectors.deno.programs import Program, programs
from opsmith.detectors.deno.projects import projects
from opsmith.detectors.deno.tasks import workers
from opsmith.detectors.javascript.environment import examples, read_environment, variables
from opsmith.detectors.javascript.facts import Found, Read, found, label
from opsmith.detectors.javascript.servers import Port
from opsmith.detectors.javascript.versions import runtime_version
from opsmith.model.survey import Ambiguity, Component, Evidence, Runtime
from opsmith.repo import Repo

NGINX_PORT = 8080
"""An unprivileged nginx cannot open port 80."""


def components(repo: Repo) -> list[Component]:
    listed = programs(repo, projects(repo))
    return [item for program in listed for item in _with_workers(repo, program, _component(repo, program))]


def _component(repo: Repo, program: Program) -> Component:
    project, sources = program.project, program.sources
    name = program.name or project.path.rpartition("/")[2] or repo.root.resolve().name
    static = program.role == "static"
    listed = examples(repo, [project.path, project.context])
    reads = read_environment(sources)
    start = commands.start(program)
    build, output = commands.build(repo, program), commands.output(program)
    port = _port(program, reads, listed)
    services, service_evidence = ((), ()) if static else backing_services(sources, project, reads, listed)
    env, env_evidence = variables(reads, listed, static=static, home=project.path)
    version = runtime_version(repo, project.path, "deno")
    facts: dict[str, Found[Any] | None] = {
        "language": commands.language(sources), "framework": program.framework, "package_manager": commands.manager(repo, program),
        "runtime": version, "start_command": start, "build_command": build, "ports": port, "health_path": routes.health_path(repo, program),
        "migration_command": None if static else commands.migration(repo, program), "static_dir": output,
        "test_command": commands.test(repo, program), "lint_command": commands.lint(repo, program),
    }  # fmt: skip
    evidence = {key: fact.evidence for key, fact in facts.items() if fact is not None and fact.evidence}
    evidence |= {"backing_services": service_evidence} if service_evidence else {}
    evidence |= {"env": env_evidence} if env_evidence else {}
    values = {key: fact.value if fact is not None else None for key, fact in facts.items()}
    framework = program.framework.value.name if program.framework is not None else None
    return Component(
        name=label(name),
        path=project.path,
        role=program.role,
        language=str(values["language"]),
        framework=framework,
        package_manager="deno",
        runtime=Runtime(name="deno", version=version.value if version else None),
        install_command=commands.install(repo, program),
        build_command=values["build_command"],
        start_command=values["start_command"],
        ports=(port.value.number,) if port else (),
        port_env=port.value.env if port else None,
        protocol="http" if port else None,
        health_path=values["health_path"],
        migration_command=values["migration_command"],
        static_dir=values["static_dir"],
        backing_services=services,
        env=env,
        test_command=values["test_command"],
        lint_command=values["lint_command"],
        context=project.context if project.context != project.path else None,
        manifests=commands.manifests(repo, project),
        traits=("multi-page",) if static else (),
        evidence=evidence,
        ambiguities=_ambiguities(label(name), facts),
    )


def _port(program: Program, reads: list[Read], listed: Mapping[str, Read]) -> Found[Port] | None:
    match program.role:
        case "static":
            file = program.framework.evidence[0].file if program.framework is not None else program.project.file or ""
            return found(Port(NGINX_PORT, None), file, None, "static files, served by an unprivileged nginx", 0.8)
        case "web":
            told = ports.port(program.heard, program.start, program.framework, program.sources, reads, listed)
            serves = program.start is not None and program.start.command.startswith("deno serve")
            return ports.of_serve(program.start) if told is None and serves and program.start is not None else told
        case _:
            return None


def _with_workers(repo: Repo, program: Program, web: Component) -> Iterator[Component]:
    """The component, then one for each task that starts a further process of the same code."""
    yield web
    if program.role != "web" or program.name is not None:
        return
    for word, start in workers(repo, program.project, program.start.target if program.start is not None else None):
        kept = {key: value for key, value in web.evidence.items() if key not in ("ports", "health_path", "migration_command")}
        kept["start_command"] = (Evidence(file=start.file, line=start.line, shows=start.body, confidence=0.85),)
        yield replace(
            web, name=f"{web.name}-{word}", role="worker", start_command=start.command, ports=(), port_env=None, protocol=None,
            health_path=None, migration_command=None, evidence=kept, ambiguities=(),
        )  # fmt: skip


def _ambiguities(name: str, facts: Mapping[str, Found[Any] | None]) -> tuple[Ambiguity, ...]:
    return tuple(
        Ambiguity(fact=key, component=name, choices=fact.choices, how_to_decide=_how(name, key, fact.choices))
        for key, fact in facts.items()
        if fact is not None and fact.choices
    )


def _how(name: str, key: str, choices: tuple[str, ...]) -> str:
    guess = f" ({choices[0]} is a guess: the repository does not say)" if len(choices) == 1 else ""
    return f"set components.{name}.{key} in opsmith.yaml{guess}"
