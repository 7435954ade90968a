"""Spring Boot: what its starters serve, where, and what its actuator tells."""

from __future__ import annotations

from opsmith.detectors.jvm import routes
from opsmith.detectors.jvm.app import App, Serving
from opsmith.detectors.jvm.ports import Port, or_default, stated
from opsmith.model.survey import Evidence, Protocol, RequestMetric, Role

BOOT = "org.springframework.boot:"
CLOUD = "org.springframework.cloud:"
_WEB = (
    f"{BOOT}spring-boot-starter-web", f"{BOOT}spring-boot-starter-jersey", f"{BOOT}spring-boot-starter-graphql",
    f"{BOOT}spring-boot-starter-data-rest",
    f"{BOOT}spring-boot-starter-hateoas", f"{BOOT}spring-boot-starter-tomcat", f"{BOOT}spring-boot-starter-jetty",
    f"{BOOT}spring-boot-starter-undertow", f"{BOOT}spring-boot-webmvc", f"{BOOT}spring-boot-webflux", f"{BOOT}spring-boot-starter-reactor-netty",
    f"{CLOUD}spring-cloud-starter-gateway", f"{CLOUD}spring-cloud-gateway", f"{CLOUD}spring-cloud-config-server",
    f"{CLOUD}spring-cloud-starter-netflix-eureka-server", f"{CLOUD}spring-cloud-starter-eureka-server", f"{CLOUD}spring-cloud-starter-netflix-zuul",
    f"{CLOUD}spring-cloud-starter-zuul", f"{CLOUD}spring-cloud-starter-netflix-hystrix-dashboard", f"{CLOUD}spring-cloud-starter-netflix-turbine",
    "de.codecentric:spring-boot-admin-starter-server", "de.codecentric:spring-boot-admin-server", "org.springdoc:springdoc-openapi",
    "com.vaadin:vaadin-spring-boot-starter", "io.springfox:springfox-boot-starter", "tech.jhipster:jhipster-framework",
    "org.apache.cxf:cxf-spring-boot",
    "com.graphql-java-kickstart:graphql-spring-boot", "com.netflix.graphql.dgs:graphql-dgs-spring", "com.linecorp.armeria:armeria-spring",
    "org.springframework.ai:spring-ai-starter-mcp-server-web",
)  # fmt: skip
"""What brings an HTTP server with it."""
_ACTUATOR = (
    f"{BOOT}spring-boot-starter-actuator", f"{BOOT}spring-boot-actuator", f"{CLOUD}spring-cloud-config-server",
    f"{CLOUD}spring-cloud-starter-netflix-eureka-server", f"{CLOUD}spring-cloud-starter-netflix-zuul",
)  # fmt: skip
"""The last three bring the actuator themselves."""
_GRPC = {
    "net.devh:grpc-server-spring-boot-starter": ("grpc.server.port", 9090), "net.devh:grpc-spring-boot-starter": ("grpc.server.port", 9090),
    "io.github.lognet:grpc-spring-boot-starter": ("grpc.port", 6565), "org.springframework.grpc:spring-grpc": ("spring.grpc.server.port", 9090),
}  # fmt: skip
_LISTENERS = ("KafkaListener", "RabbitListener", "JmsListener", "SqsListener", "StreamListener", "Scheduled", "EnableScheduling", "PulsarListener")


def shown_by(app: App) -> Evidence | None:
    """What shows that the module is a Spring Boot application; None for what is none."""
    starter = app.has(f"{BOOT}spring-boot-starter", BOOT, f"{CLOUD}spring-cloud", "de.codecentric:spring-boot-admin")
    if starter is not None:
        return starter.evidence
    plugin = {"spring-boot-maven-plugin", "org.springframework.boot"} & app.module.plugins
    return Evidence(file=app.module.manifest, shows=next(iter(plugin)), confidence=0.85) if plugin else None


def serving(app: App) -> Serving:
    shown = shown_by(app)
    web = app.has(*_WEB)
    if app.settings.text("spring.main.web-application-type") == "none":
        web = app.has("com.linecorp.armeria:armeria-spring")  # a server that Spring itself does not know
    grpc = next(((key, port, found) for name, (key, port) in _GRPC.items() if (found := app.has(name)) is not None), None)
    if web is None and grpc is None:
        return _without_server(app, shown)
    doors: list[tuple[Port, Protocol]] = []
    if web is not None:
        doors.append((_web_port(app), "http"))
    if grpc is not None:
        doors.append((or_default(app, grpc[1], grpc[2].name, grpc[0]), "grpc"))
    first, protocol = doors[0]
    management = stated(app, "management.server.port", "management.port") if web is not None else None
    ports = [door.number for door, _ in doors if door.number is not None]
    if management is not None and management.number is not None:
        ports.append(management.number)
    separate = management is not None and management.number is not None and management.number != first.number
    health = _health(app, separate=separate) if web is not None else _grpc_health(app)
    metrics = _metrics(app, separate=separate) if web is not None else None
    brought = web or (grpc[2] if grpc is not None else None)
    return Serving(
        framework="spring-boot",
        framework_evidence=shown,
        role_evidence=brought.evidence if brought is not None else None,
        ports=tuple(dict.fromkeys(ports)),
        port_evidence=tuple(door.evidence for door, _ in doors) + ((management.evidence,) if management is not None else ()),
        port_env=first.env or ("SERVER_PORT" if web is not None else None),
        undecided_port=first.number is None or (app.served and not first.stated),
        protocol=protocol,
        health=health,
        metrics=metrics,
        metric=_request_metric(app) if metrics is not None else None,
    )


def _web_port(app: App) -> Port:
    """server.port; else what a script of the repository starts it with; else what the build exposes; else 8080."""
    found = stated(app, "server.port")
    if found is not None:
        return found
    if app.script is not None:
        return Port(app.script.port, None, app.script.evidence, stated=False)
    if app.module.exposed is not None:
        return Port(app.module.exposed[0], None, app.module.exposed[1], stated=False)
    return or_default(app, 8080, "Spring Boot", "server.port")


def _without_server(app: App, shown: Evidence | None) -> Serving:
    """A worker listens to a queue or a clock, a job runs once; which of the two is said only by code."""
    listening = next(iter(app.program.marked(*_LISTENERS)), None)
    stream = app.has(f"{CLOUD}spring-cloud-stream", f"{CLOUD}spring-cloud-starter-stream")
    batch = app.has(f"{BOOT}spring-boot-starter-batch", f"{CLOUD}spring-cloud-starter-task")
    role: Role = "worker" if listening or stream else "job"
    if listening is not None:
        source, mark = listening
        why = Evidence(file=source.path, line=mark.line, shows=f"@{mark.name}", confidence=0.9)
    else:
        why = stream.evidence if stream is not None else batch.evidence if batch is not None else Evidence(
            file=app.module.manifest, shows="Spring Boot without a server", confidence=0.4
        )  # fmt: skip
    sure = listening is not None or stream is not None or batch is not None
    return Serving(framework="spring-boot", framework_evidence=shown, role=role, role_evidence=why, guessed=not sure, protocol=None)


# -- the actuator ------------------------------------------------------------------------------------------------------------------------


def _base(app: App, *, separate: bool) -> str:
    """Where the actuator answers; on a port of its own the application's path does not count."""
    base = app.settings.text("management.endpoints.web.base-path")
    own = app.settings.text("management.server.base-path", "management.server.servlet.context-path") if separate else _context_path(app)
    actuator = "/actuator" if base is None else base
    return (own or "").rstrip("/") + "/" + actuator.strip("/") if actuator.strip("/") else (own or "").rstrip("/")


def _context_path(app: App) -> str:
    found = app.settings.text("server.servlet.context-path", "server.context-path", "spring.webflux.base-path") or ""
    return "" if found == "/" else found.rstrip("/")


def _health(app: App, *, separate: bool) -> tuple[str, Evidence] | None:
    actuator = app.has(*_ACTUATOR)
    if actuator is not None and app.settings.text("management.endpoint.health.enabled", "management.health.defaults.enabled") != "false":
        name = app.settings.text("management.endpoints.web.path-mapping.health") or "health"
        return f"{_base(app, separate=separate)}/{name.strip('/')}", actuator.evidence
    found = routes.health(routes.routes(app.program))
    if found is None:
        return None
    return _context_path(app) + found.path, Evidence(file=found.file, line=found.line, shows=found.path, confidence=0.9)


def _grpc_health(app: App) -> tuple[str, Evidence] | None:
    """Every gRPC starter registers the health service where grpc-services is there; the net.devh one brings it."""
    found = app.has(
        "net.devh:grpc-server-spring-boot-starter", "net.devh:grpc-spring-boot-starter", "io.grpc:grpc-services", "org.springframework.grpc:"
    )
    return ("grpc", found.evidence) if found is not None else None


def _metrics(app: App, *, separate: bool) -> tuple[str, Evidence] | None:
    registry = app.has("io.micrometer:micrometer-registry-prometheus")
    if registry is None or app.has(*_ACTUATOR) is None:
        return None
    exposed = [item for item in app.settings.active() if item.key.partition("[")[0] == "management.endpoints.web.exposure.include"]
    names = {name.strip().strip("'\"") for item in exposed for name in app.settings.filled(item).text.split(",")}
    if not names & {"*", "prometheus"}:
        return None
    mapped = app.settings.text("management.endpoints.web.path-mapping.prometheus") or "prometheus"
    return f"{_base(app, separate=separate)}/{mapped.strip('/')}", app.settings.evidence(exposed[-1])


def _request_metric(app: App) -> RequestMetric:
    """Buckets are there only when they are asked for."""
    base = "http_server_requests_seconds"
    keys = ("management.metrics.distribution.percentiles-histogram.http.server.requests", "management.metrics.distribution.percentiles-histogram.all")
    asked = any(app.settings.text(key) == "true" for key in keys)
    return RequestMetric(counter=f"{base}_count", errors='status=~"5.."', histogram=base if asked else None)
