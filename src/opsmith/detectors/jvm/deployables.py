"""Which modules somebody starts, and by which framework: libraries, tests and benchmarks are no deployables."""

from __future__ import annotations

import re

from opsmith.detectors.jvm import servers, settled, spring
from opsmith.detectors.jvm.app import App, Serving
from opsmith.detectors.jvm.modules import Module
from opsmith.model.survey import Evidence

_TESTING = re.compile(
    r"(?i)(?:^|[/_-])(?:e2e|it|tests?|testing|integration-?tests?|acceptance-?tests?|benchmarks?|jmh|perf(?:ormance)?-?tests?|gatling|archetypes?|buildSrc|"
    r"build-logic|testdata|fixtures|test-?support|test-?utils?)(?:$|/)|(?:^|/)tests?-[\w-]+(?:$|/)"
)
_SHOWING = re.compile(r"(?i)(?:^|[/_-])(?:samples?|examples?|demos?|docs?|tutorials?|playground)(?:$|/)")
_SERVLET = ("jakarta.servlet:", "javax.servlet:", "javax:javaee", "jakarta.platform:", "org.springframework:spring-webmvc", "org.apache.struts:",
            "org.glassfish.jersey.containers:", "com.vaadin:", "org.eclipse.microprofile:", "javax.servlet.jsp")  # fmt: skip
_MODULE_MAINS = ("io.ktor.server", "io.vertx.core.Launcher", "io.vertx.launcher", "EngineMain")
_CLI = ("info.picocli:", "com.github.ajalt.clikt:", "com.beust:jcommander", "args4j:", "org.jetbrains.kotlinx:kotlinx-cli", "commons-cli:")


def is_testing(module: Module) -> bool:
    """Tests, benchmarks and parts of the build; the root of the repository is none of them."""
    return bool(module.folder) and _TESTING.search(module.folder) is not None


def is_showing(module: Module) -> bool:
    """A sample, which counts only where there is nothing else."""
    return bool(module.folder) and _SHOWING.search(module.folder) is not None


def serving(app: App) -> Serving | None:
    """How the module's process is reached; None for one that has no process."""
    packed = app.module.start is not None and app.module.start.kind != "classpath"
    if not (app.mains or packed or app.module.main_classes):
        return None  # a library: its sources need not be parsed
    quarkus, micronaut = app.has("io.quarkus:", "io.quarkus.platform:"), app.has("io.micronaut")
    helidon, dropwizard = app.has("io.helidon"), app.has("io.dropwizard:dropwizard-core")
    if any(main.spring for main in app.mains) and spring.shown_by(app) is not None:
        return spring.serving(app)
    if quarkus is not None:
        return settled.quarkus(app, quarkus)
    if micronaut is not None:
        return settled.micronaut(app, micronaut)
    if helidon is not None:
        return settled.helidon(app, helidon)
    if dropwizard is not None:
        return settled.dropwizard(app, dropwizard)
    return _of_code(app)


def _of_code(app: App) -> Serving | None:
    for name, prefixes in servers.FRAMEWORKS:
        library = app.has(*prefixes)
        if library is not None:
            found = servers.serving(app, name, library)
            if found is not None:
                return found
    if app.module.start is not None and app.module.start.kind == "war":
        return _war(app)
    return servers.serving(app, None, None) or _quiet(app)


def _war(app: App) -> Serving:
    """Served by a container of servlets, whose port nobody states."""
    library = app.has("org.springframework:spring-webmvc") or app.has(*_SERVLET)
    shown = Evidence(file=app.module.manifest, shows="war: a servlet container serves it, 8080 is the default of Tomcat", confidence=0.6)
    return Serving(
        framework="spring-mvc" if library is not None and library.name == "spring-webmvc" else "servlet",
        framework_evidence=library.evidence if library is not None else shown,
        role_evidence=shown,
        ports=(8080,),
        port_evidence=(shown,),
        health=settled.coded_health(app),
        traits=(f"war:{app.module.start.file}",) if app.module.start is not None else (),
    )


def _quiet(app: App) -> Serving | None:
    """A program that listens to nothing: a worker when it reads from a queue, a tool when it reads a command line, else nobody knows."""
    if not app.mains:
        return None
    main = app.mains[0]
    queue = app.has(
        "org.apache.kafka:kafka-clients",
        "com.rabbitmq:amqp-client",
        "redis.clients:jedis",
        "io.nats:",
        "org.apache.kafka:kafka-streams",
        "org.redisson:",
    )
    tool = app.has(*_CLI)
    if queue is not None and tool is None:
        return Serving(role="worker", role_evidence=queue.evidence, guessed=False, protocol=None)
    shown = Evidence(file=main.source.path, line=main.line, shows="main, without a server", confidence=0.4 if tool is None else 0.9)
    return Serving(role="cli", role_evidence=tool.evidence if tool is not None else shown, guessed=tool is None, protocol=None)


def is_started(app: App, found: Serving) -> bool:
    """A process needs an entry, and something that says it is meant to run: a server, or a build that packs a program."""
    start = app.module.start
    if start is not None and start.kind == "war":
        return True
    names = [name for name, _ in app.module.main_classes]
    entry = bool(app.mains) or any(name.startswith(_MODULE_MAINS) for name in names) or _needs_no_main(app)
    packed = start is not None and start.kind in ("jar", "script")
    listens = bool(found.ports) or found.undecided_port or found.framework is not None
    alone = not app.module.address and found.role != "cli"
    return entry and (packed or listens or alone or bool(names and start is not None))


def _needs_no_main(app: App) -> bool:
    """Quarkus and verticles have their main functions in the framework."""
    quarkus = bool({"quarkus-maven-plugin", "io.quarkus"} & app.module.plugins)
    verticle = "vertx-maven-plugin" in app.module.plugins or "io.vertx.vertx-plugin" in app.module.plugins
    return (quarkus or verticle) and bool(app.program.own or app.repo.under(app.module.folder))
