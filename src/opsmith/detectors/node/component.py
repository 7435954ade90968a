"""One deployable with all its facts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from opsmith.detectors.javascript import health
from opsmith.detectors.javascript.environment import examples, read_environment, variables
from opsmith.detectors.javascript.facts import Found, Read, found, join
from opsmith.detectors.javascript.places import is_for_documents
from opsmith.detectors.javascript.servers import PORT_NAMES, Listener, Port, by_variable, configured_port, port_of
from opsmith.detectors.javascript.versions import release_line, runtime_version
from opsmith.detectors.node import fileroutes, metrics, nestjs, sqlite, static
from opsmith.detectors.node.backing import backing_services
from opsmith.detectors.node.commands import Commands, commands
from opsmith.detectors.node.deployables import DOCUMENTING, Deployable
from opsmith.detectors.node.manager import Manager, manager_of, manifests, traits
from opsmith.detectors.node.migrations import Schema, migration_command, prisma_schema
from opsmith.detectors.node.scripts import node_target
from opsmith.model.survey import Ambiguity, Component, Protocol, Runtime
from opsmith.repo import Repo

_NATIVE = (
    "bcrypt",
    "canvas",
    "sqlite3",
    "better-sqlite3",
    "argon2",
    "node-sass",
    "re2",
    "node-rdkafka",
    "zeromq",
    "libxmljs",
    "isolated-vm",
    "pg-native",
    "deasync",
    "node-pty",
)
_HTTP_PORT = 3000
_GRPC_PORT = 50051


def component(repo: Repo, item: Deployable, name: str) -> Component:
    """Every fact of `item`, each with where it was read."""
    package, framework = item.package, item.framework
    chosen = manager_of(repo, package)
    manager = chosen.value
    owners = [package, *item.links]
    schema = None if item.is_static else prisma_schema(repo, owners)
    listed = examples(repo, [package.path, join(package.path, "src"), package.context])
    reads = read_environment(item.sources)
    reads += [] if schema is None else _schema_reads(repo, schema, reads, listed)
    run = commands(repo, item, manager, schema)
    port = _port(item, run, reads, listed)
    rules = nestjs.routing(item.own) if framework is not None and framework.value.name == "nestjs" else None
    path = _health(repo, item, rules)
    measured = None if item.is_static else metrics.metrics_path(item.sources, rules)
    metric = None if measured is None else metrics.request_metric(item.sources)
    migration = None if item.is_static else migration_command(repo, owners, manager, schema)
    services, service_evidence = ((), ()) if item.is_static else backing_services(item.sources, owners, schema, reads, listed)
    in_file = () if item.is_static else sqlite.only_database(item.sources, owners, schema, listed, services)
    env, env_evidence = variables(reads, listed, static=item.is_static, home=package.path)
    runtime = "bun" if (run.start and run.start.value.startswith(("bun ", "bunx "))) else "node"
    version = runtime_version(repo, package.path, runtime)
    facts: dict[str, Found[Any] | None] = {
        "framework": framework, "package_manager": chosen, "runtime": version, "start_command": run.start, "build_command": run.build,
        "ports": port, "health_path": path, "metrics_path": measured, "request_metric": metric, "migration_command": migration,
        "static_dir": run.static_dir, "test_command": run.test, "lint_command": run.lint,
    }  # fmt: skip
    evidence = {key: fact.evidence for key, fact in facts.items() if fact is not None and fact.evidence}
    evidence |= {"backing_services": service_evidence} if service_evidence else {}
    evidence |= {"env": env_evidence} if env_evidence else {}
    evidence |= {"traits": in_file} if in_file else {}
    language = _language(repo, item)
    marks = _traits(repo, item, manager, schema, run, version, language)
    return Component(
        name=name,
        path=package.path,
        role=item.role,
        language=language,
        framework=framework.value.name if framework else None,
        package_manager=manager.name,
        runtime=Runtime(name=runtime, version=version.value if version else None),
        install_command=manager.install,
        build_command=run.build.value if run.build else None,
        start_command=run.start.value if run.start else None,
        ports=(port.value.number,) if port else (),
        port_env=port.value.env if port else None,
        protocol=_protocol(item) if port else None,
        health_path=path.value if path else None,
        metrics_path=measured.value if measured else None,
        request_metric=metric.value if metric else None,
        migration_command=migration.value if migration else None,
        static_dir=run.static_dir.value if run.static_dir else None,
        backing_services=services,
        env=env,
        test_command=run.test.value if run.test else None,
        lint_command=run.lint.value if run.lint else None,
        context=package.context if package.context != package.path else None,
        manifests=manifests(repo, package, manager, _members(item), (schema.file,) if schema else ()),
        runtime_packages=("openssl",) if schema else (),
        build_packages=("g++", "make", "python3") if "native-modules" in marks else (),
        traits=tuple(sorted((*marks, "sqlite"))) if in_file else marks,
        evidence=evidence,
        ambiguities=(*_ambiguities(name, facts), *_role(item, name)),
    )


def _schema_reads(repo: Repo, schema: Schema, reads: list[Read], listed: Mapping[str, Read]) -> list[Read]:
    """The address of the database: named in the schema, in prisma.config.ts, else DATABASE_URL where the repository knows that name."""
    if schema.variables or schema.kind is None:
        return [Read(name, "must", None, schema.file, number, "schema: datasource") for name, number in schema.variables]
    for name in (name for name in repo.folder(schema.owner) if re.fullmatch(r"prisma\.config\.[cm]?[jt]s", name)):
        file = join(schema.owner, name)
        match = re.search(r"""(?:env\(['"]|process\.env\.|process\.env\[['"])(\w*(?:DATABASE|DB|POSTGRES)\w*)""", (repo.read(file) or "")[:20_000])
        if match:
            return [Read(match[1], "must", None, file, repo.line_of(file, match[1]) or 1, "schema: datasource of prisma.config")]
    known = {read.name for read in reads} | set(listed)
    return [Read("DATABASE_URL", "must", None, schema.file, schema.line or 1, "schema: datasource")] if "DATABASE_URL" in known else []


def _members(item: Deployable) -> tuple[str, ...]:
    return item.above.members if item.above is not None else item.package.members


# -- port ------------------------------------------------------------------------------------------------------------------------------


def _protocol(item: Deployable) -> Protocol:
    return "grpc" if item.listeners and all(listener.protocol == "grpc" for listener in item.listeners) else "http"


def _port(item: Deployable, run: Commands, reads: list[Read], listed: Mapping[str, Read]) -> Found[Port] | None:
    if item.is_static:
        return found(Port(static.NGINX_PORT, None), item.package.file, None, "static files, served by an unprivileged nginx", 0.8)
    if run.port is not None:
        return run.port
    main = [
        listener for listener in _nearest(_heard(item, run), item, run) if not re.search(r"(?i)metric|admin|probe|debug|inspector", listener.shows)
    ]
    hits = [hit for listener in main if (hit := port_of(listener, reads, listed)) is not None]
    if hits:
        numbers = dict.fromkeys(str(hit.value.number) for hit in hits)
        return replace(hits[0], choices=tuple(numbers) if len(numbers) > 1 else ())
    return _assumed_port(item, main, reads, listed)


def _nearest(heard: tuple[Listener, ...], item: Deployable, run: Commands) -> list[Listener]:
    """Servers of the program that is started: in its file, else in its folder, else anywhere."""
    target = node_target(run.start.value) if run.start is not None else None
    path = join(item.package.path, target or "")
    file = [listener for listener in heard if target and listener.file.startswith(path)]
    folder = [listener for listener in heard if target and "/" in target and listener.file.startswith(path.rpartition("/")[0] + "/")]
    return file or folder or list(heard)


def _heard(item: Deployable, run: Commands) -> tuple[Listener, ...]:
    """Listening calls of the program itself; a framework that starts itself listens where it likes."""
    if item.framework is None or item.framework.value.kind == "server":
        return item.listeners
    own = run.start is not None and any(start.direct and start.command == run.start.value for start in item.starts)
    served = [listener for listener in item.listeners if own or "fetch" in listener.shows]
    return tuple(served)


def _assumed_port(item: Deployable, main: list[Listener], reads: list[Read], listed: Mapping[str, Read]) -> Found[Port] | None:
    """The port when the listening call does not tell: a variable's default, a configuration module, the framework's default."""
    framework = item.framework.value if item.framework else None
    named = [listener.value.env for listener in main if listener.value is not None and listener.value.env]
    for name in dict.fromkeys((*named, *(PORT_NAMES if main else PORT_NAMES[:1]))):
        hit = by_variable(name, reads, listed)
        if hit is not None:
            return hit
    configured = configured_port(item.own) if main else None
    if configured is not None:
        return configured
    if framework is not None and framework.port is not None and item.framework is not None and item.role == "web":
        evidence = item.framework.evidence[0]
        return found(Port(framework.port, "PORT"), evidence.file, evidence.line, f"{framework.name} listens on {framework.port} by default", 0.7)
    if not main:
        return None
    if "Bun.serve" in main[0].shows and main[0].value is None and "port" not in main[0].shows:
        return found(Port(_HTTP_PORT, "PORT"), main[0].file, main[0].line, f"{main[0].shows}: Bun listens on PORT, else {_HTTP_PORT}", 0.8)
    number = _GRPC_PORT if _protocol(item) == "grpc" else _HTTP_PORT
    variable = named[0] if named else _port_variable(main[0], reads)
    shows = f"{main[0].shows}: no port is written{f' but {variable}' if variable else ''}; {number} by convention"
    return found(Port(number, variable), main[0].file, main[0].line, shows, 0.4, choices=(str(number),))


def _port_variable(listener: Listener, reads: list[Read]) -> str | None:
    """The port that a program reads is the one that it listens on, also where it went through constructors on the way."""
    speaks = re.search(r"(?i)port", listener.shows) is not None
    return next((name for name in PORT_NAMES if any(read.name == name for read in reads)), None) if speaks else None


# -- health, language, marks -----------------------------------------------------------------------------------------------------------


def _health(repo: Repo, item: Deployable, rules: nestjs.Routing | None) -> Found[str] | None:
    if item.role != "web":
        return None
    if _protocol(item) == "grpc":
        return health.grpc_health(item.sources)
    routes = list(nestjs.health_routes(item.own, rules)) if rules is not None else []
    if item.framework is not None:
        routes += fileroutes.health_routes(repo, item.package.path, item.framework.value.name)
    return health.choose(routes) or health.choose(health.declared_routes(item.own)) or health.choose(health.declared_routes(item.sources))


def _language(repo: Repo, item: Deployable) -> str:
    """TypeScript when it is set up and most of the sources are."""
    package = item.package
    typed = sum(path.endswith((".ts", ".tsx", ".mts", ".cts")) for path in item.own.files)
    configured = any(repo.has(join(folder, name)) for folder in (package.path, package.context) for name in ("tsconfig.json", "tsconfig.base.json"))
    if typed and typed >= len(item.own.files) - typed:
        return "typescript"
    return "typescript" if configured and not len(item.own.files) > typed and package.uses("typescript", "astro") else "javascript"


def _traits(
    repo: Repo, item: Deployable, manager: Manager, schema: Schema | None, run: Commands, version: Found[str] | None, language: str
) -> tuple[str, ...]:
    marks = traits(item.package, manager, item.above)
    marks += ["typescript"] if language == "typescript" else []
    marks += ["prisma"] if schema is not None else []
    marks += [run.trait] if run.trait else []
    marks += ["public-folder"] if run.trait == "next-standalone" and repo.under(join(item.package.path, "public")) else []
    marks += ["multi-page"] if item.is_static and item.framework is not None and item.framework.value.kind != "spa" else []
    marks += (
        ["native-modules"]
        if not item.is_static and any(name in package.dependencies for package in (item.package, *item.links) for name in _NATIVE)
        else []
    )
    marks += ["documentation"] if _documents(item) else []
    marks += [line] if version is not None and (line := release_line(version.value)) else []
    marks += ["runtime-dev-dependencies"] if _starts_with_development(item, run) else []
    return tuple(sorted(set(marks)))


def _documents(item: Deployable) -> bool:
    return is_for_documents(item.package.path) or (item.framework is not None and item.framework.value.name in DOCUMENTING)


def _starts_with_development(item: Deployable, run: Commands) -> bool:
    """The start command needs a program that only the development dependencies bring."""
    bodies = [start.command for start in item.starts[:1]] + ([run.start.value] if run.start else [])
    words = {word for body in bodies for word in re.split(r"[\s/]+", body)}
    names = {"tsx", "ts-node", "cross-env", "dotenv", "dotenv-cli", "pm2", "next", "vite", "@remix-run/serve"}
    return not item.is_static and any(name.rpartition("/")[2] in words and name in item.package.development for name in names)


def _ambiguities(name: str, facts: Mapping[str, Found[Any] | None]) -> tuple[Ambiguity, ...]:
    return tuple(
        Ambiguity(fact=key, component=name, choices=fact.choices, how_to_decide=_how(name, key, fact.choices))
        for key, fact in facts.items()
        if fact is not None and fact.choices
    )


def _role(item: Deployable, name: str) -> tuple[Ambiguity, ...]:
    """A program that listens nowhere may end by itself, or not."""
    told = "set components.{}.role in opsmith.yaml"
    return (Ambiguity(fact="role", component=name, choices=("job", "worker", "cli"), how_to_decide=told.format(name)),) if item.role == "job" else ()


def _how(name: str, key: str, choices: tuple[str, ...]) -> str:
    guess = f" ({choices[0]} is a guess: the repository does not say)" if len(choices) == 1 else ""
    return f"set components.{name}.{key} in opsmith.yaml{guess}"
