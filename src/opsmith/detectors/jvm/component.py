"""One component of one module."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from opsmith.detectors.jvm import commands, environment, migrations
from opsmith.detectors.jvm.app import App, Serving
from opsmith.detectors.jvm.backing import Backings, backings, needed
from opsmith.detectors.jvm.program import Main
from opsmith.detectors.jvm.versions import runtime
from opsmith.model.survey import Ambiguity, BackingService, Component, EnvVar, Evidence

_TOO_PLAIN = frozenset(("demo", "app", "application", "service", "server", "api", "example", "main", "project"))


def component(app: App, serving: Serving) -> Component:
    module = app.module
    main = entry(app)
    reads = environment.reads(app)
    found = backings(app, tuple(item.name for item in reads))
    services = tuple(needed(found.services, app))
    java, java_evidence = runtime(app.repo, module)
    start = commands.start_command(module, main[0] if main else None)
    migration, migration_evidence = migrations.migration(app, serving.arguments) if services or found.undecided else (None, None)
    lint = commands.lint_command(module)
    name = _name(app)
    evidence = {
        "role": _listed(serving.role_evidence),
        "language": _language_evidence(app),
        "framework": _listed(serving.framework_evidence),
        "package_manager": (Evidence(file=module.manifest, shows=module.manifest.rpartition("/")[2], confidence=1.0),),
        "runtime": _listed(java_evidence),
        "start_command": _listed(main[1] if main else None, module.start.evidence if module.start else None),
        "ports": serving.port_evidence,
        "health_path": _listed(serving.health[1] if serving.health else None),
        "metrics_path": _listed(serving.metrics[1] if serving.metrics else None),
        "request_metric": _listed(serving.metrics[1] if serving.metrics and serving.metric else None),
        "backing_services": tuple(dict.fromkeys(found.evidence)),
        "env": tuple(item.evidence for item in reads),
        "migration_command": _listed(migration_evidence),
        "lint_command": _listed(lint[1] if lint else None),
        "traits": (*found.in_file, *((found.embedded,) if found.embedded else ())),
    }  # fmt: skip
    return Component(
        name=name,
        path=module.folder,
        role=serving.role,
        language=language(app),
        framework=serving.framework,
        package_manager=module.tool,
        runtime=java,
        install_command=commands.install_command(module),
        build_command=commands.build_command(module),
        start_command=f"{start} {serving.arguments}".strip() if start else None,
        ports=serving.ports,
        protocol=serving.protocol if serving.ports else None,
        port_env=serving.port_env,
        health_path=serving.health[0] if serving.health else None,
        metrics_path=serving.metrics[0] if serving.metrics else None,
        request_metric=serving.metric,
        migration_command=migration,
        backing_services=services,
        env=_variables(environment.variables(reads), services),
        test_command=commands.test_command(module),
        lint_command=lint[0] if lint else None,
        context=module.context if module.context != module.folder else None,
        manifests=module.manifests,
        traits=(*serving.traits, *_layered(app), *(("sqlite",) if found.in_file else ()), *(("embedded-database",) if found.embedded else ())),
        evidence=_kept(evidence),
        ambiguities=tuple(_ambiguities(app, name, serving, found, start)),
    )


def _layered(app: App) -> tuple[str, ...]:
    """`spring-boot:3.4.1`, where that version's plugin packs the program in layers of its own choice."""
    module = app.module
    version = module.managed.get("org.springframework.boot") if module.start is not None and module.start.packer == "spring-boot" else None
    return (f"spring-boot:{version}",) if version and re.match(r"\d+\.\d+", version) else ()


def _kept(evidence: Mapping[str, tuple[Evidence, ...]]) -> dict[str, tuple[Evidence, ...]]:
    return {fact: tuple(dict.fromkeys(shown)) for fact, shown in evidence.items() if shown}


def _listed(*shown: Evidence | None) -> tuple[Evidence, ...]:
    return tuple(item for item in shown if item is not None)


def language(app: App) -> str:
    """What most of the module's source files are written in."""
    kotlin = sum(source.language == "kotlin" for source in app.program.own)
    return "kotlin" if kotlin * 2 > len(app.program.own) else "java"


def _language_evidence(app: App) -> tuple[Evidence, ...]:
    chosen = language(app)
    own = [source for source in app.program.own if source.language == chosen]
    return (Evidence(file=own[0].path, shows=f"{len(own)} of {len(app.program.own)} source files", confidence=0.95),) if own else ()


def _name(app: App) -> str:
    """The name it registers under, else its folder, else what the build calls it."""
    stated = (app.settings.text("spring.application.name", "quarkus.application.name", "micronaut.application.name") or "").lower()
    folder = app.module.folder.rpartition("/")[2]
    if re.fullmatch(r"[a-z][a-z0-9-]{1,60}", stated) and stated not in _TOO_PLAIN:
        return stated
    name = folder or app.module.name
    return re.sub(r"[^a-z0-9_-]+", "-", name.lower()).strip("-_") or "app"


def entry(app: App) -> tuple[str, Evidence] | None:
    """The class that starts: named by the build, else the only one, else the one of the framework."""
    if app.module.main_classes:
        return app.module.main_classes[0]
    chosen = _mains(app)
    return (
        (chosen[0].name, Evidence(file=chosen[0].source.path, line=chosen[0].line, shows=f"main of {chosen[0].name}", confidence=0.9))
        if chosen
        else None
    )


def _mains(app: App) -> list[Main]:
    spring = [main for main in app.mains if main.spring]
    return spring or list(app.mains)


def _variables(found: tuple[EnvVar, ...], services: tuple[BackingService, ...]) -> tuple[EnvVar, ...]:
    """What the framework reads by itself for the database is a variable of the process too."""
    known = {item.name for item in found}
    own = [
        name
        for service in services
        if not service.optional
        for name in service.env
        if name.startswith(("SPRING_DATASOURCE_", "QUARKUS_DATASOURCE_")) and name not in known
    ]
    added = [EnvVar(name=name, required=True, secret=name.endswith("PASSWORD")) for name in dict.fromkeys(own)]
    return tuple(sorted((*found, *added), key=lambda item: item.name))


def _ambiguities(app: App, name: str, serving: Serving, found: Backings, start: str | None) -> Iterator[Ambiguity]:
    def asked(fact: str, choices: tuple[str, ...], why: str = "") -> Ambiguity:
        told = f"set components.{name}.{fact} in opsmith.yaml" + (f" ({why})" if why else "")
        return Ambiguity(fact=fact, component=name, choices=choices, how_to_decide=told)

    if serving.guessed:
        yield asked("role", ("job", "worker", "cli"))
    if serving.role == "web" and serving.undecided_port:
        yield asked("ports", tuple(map(str, serving.ports)), "settings outside this repository may decide it" if app.served else "")
    if found.undecided:
        yield asked("backing_services", found.undecided, "the profile that runs decides")
    if start is None:
        kind = app.module.start.kind if app.module.start is not None else ""
        yield asked("start_command", (), "a servlet container starts it" if kind == "war" else "the build packs no program")
    elif not app.module.main_classes and len(mains := _mains(app)) > 1:
        yield asked("start_command", tuple(main.name for main in mains), "several classes have a main function")
    if "gradle" in app.module.managed:
        yield asked("package_manager", ("maven", "gradle"))
