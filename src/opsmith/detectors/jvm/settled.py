"""Quarkus, Micronaut, Helidon, Dropwizard: frameworks whose settings files say where they listen."""

from __future__ import annotations

import re

from opsmith.detectors.jvm import routes
from opsmith.detectors.jvm.app import App, Serving
from opsmith.detectors.jvm.modules import Dependency, join
from opsmith.detectors.jvm.ports import or_default
from opsmith.detectors.jvm.settings import Files, Settings
from opsmith.model.survey import Evidence, RequestMetric

_QUARKUS_WEB = (
    "io.quarkus:quarkus-rest", "io.quarkus:quarkus-resteasy", "io.quarkus:quarkus-vertx-http", "io.quarkus:quarkus-reactive-routes",
    "io.quarkus:quarkus-undertow", "io.quarkus:quarkus-smallrye-graphql", "io.quarkus:quarkus-smallrye-health",
    "io.quarkus:quarkus-micrometer-registry",
    "io.quarkus:quarkus-qute", "io.quarkus:quarkus-websockets", "io.quarkus:quarkus-spring-web", "io.quarkus:quarkus-grpc", "io.quarkiverse.",
)  # fmt: skip
_MICROMETER = RequestMetric(counter="http_server_requests_seconds_count", errors='status=~"5.."')


def coded_health(app: App, prefix: str = "") -> tuple[str, Evidence] | None:
    found = routes.health(routes.routes(app.program))
    return (prefix.rstrip("/") + found.path, Evidence(file=found.file, line=found.line, shows=found.path, confidence=0.9)) if found else None


def quarkus(app: App, framework: Dependency) -> Serving:
    web = app.has(*_QUARKUS_WEB)
    if web is None:
        sure = app.has(
            "io.quarkus:quarkus-messaging",
            "io.quarkus:quarkus-smallrye-reactive-messaging",
            "io.quarkus:quarkus-kafka",
            "io.quarkus:quarkus-scheduler",
        )
        shown = (sure or framework).evidence
        return Serving(framework="quarkus", framework_evidence=framework.evidence, role="worker" if sure else "job", role_evidence=shown,
                       guessed=sure is None, protocol=None)  # fmt: skip
    port = or_default(app, 8080, "Quarkus", "quarkus.http.port")
    root = (app.settings.text("quarkus.http.root-path") or "").strip("/")
    inner = app.settings.text("quarkus.http.non-application-root-path") or "q"
    base = inner.rstrip("/") if inner.startswith("/") else "/" + "/".join(part for part in (root, inner.strip("/")) if part)
    health = app.has("io.quarkus:quarkus-smallrye-health")
    registry, older = app.has("io.quarkus:quarkus-micrometer-registry-prometheus"), app.has("io.quarkus:quarkus-smallrye-metrics")
    metrics = registry or older
    path = app.settings.text("quarkus.smallrye-health.root-path") or "health"
    scraped = app.settings.text("quarkus.micrometer.export.prometheus.path") or "metrics"
    return Serving(
        framework="quarkus",
        framework_evidence=framework.evidence,
        role_evidence=web.evidence,
        ports=(port.number,) if port.number is not None else (),
        port_evidence=(port.evidence,),
        port_env=port.env or "QUARKUS_HTTP_PORT",
        undecided_port=port.number is None,
        health=(_below(base, path), health.evidence) if health is not None else coded_health(app, f"/{root}" if root else ""),
        metrics=(_below(base, scraped), metrics.evidence) if metrics is not None else None,
        metric=_MICROMETER if registry is not None else None,
    )


def _below(base: str, path: str) -> str:
    return path if path.startswith("/") else f"{base}/{path}"


def micronaut(app: App, framework: Dependency) -> Serving:
    web = app.has("io.micronaut:micronaut-http-server", "io.micronaut:micronaut-runtime", "io.micronaut.servlet:", "io.micronaut.views:")
    plugins = {"io.micronaut.application", "io.micronaut.minimal.application"} & app.module.plugins
    grpc = app.has("io.micronaut.grpc:micronaut-grpc-server", "io.micronaut.grpc:micronaut-grpc-runtime")
    if grpc is not None and app.has("io.micronaut:micronaut-http-server") is None:
        port = or_default(app, 50051, "Micronaut gRPC", "grpc.server.port")
        return Serving(framework="micronaut", framework_evidence=framework.evidence, role_evidence=grpc.evidence, protocol="grpc",
                       ports=(port.number,) if port.number else (), port_evidence=(port.evidence,), port_env=port.env,
                       health=("grpc", grpc.evidence))  # fmt: skip
    if web is None and not plugins:
        return Serving(framework="micronaut", framework_evidence=framework.evidence, role="worker", guessed=True, protocol=None)
    port = or_default(app, 8080, "Micronaut", "micronaut.server.port")
    root = (app.settings.text("micronaut.server.context-path") or "").strip("/")
    prefix = f"/{root}" if root else ""
    endpoints = "/" + (app.settings.text("endpoints.all.path") or "").strip("/") if app.settings.text("endpoints.all.path") else ""
    management, registry = app.has("io.micronaut:micronaut-management"), app.has("io.micronaut.micrometer:micronaut-micrometer-registry-prometheus")
    shown = app.settings.text("endpoints.prometheus.sensitive") == "false" or app.settings.text("endpoints.all.sensitive") == "false"
    return Serving(
        framework="micronaut",
        framework_evidence=framework.evidence,
        role_evidence=(web or framework).evidence,
        ports=(port.number,) if port.number is not None else (),
        port_evidence=(port.evidence,),
        port_env=port.env or "MICRONAUT_SERVER_PORT",
        undecided_port=port.number is None,
        health=(f"{prefix}{endpoints}/health", management.evidence) if management is not None else coded_health(app, prefix),
        metrics=(f"{prefix}{endpoints}/prometheus", registry.evidence) if registry is not None and management is not None and shown else None,
        metric=_MICROMETER if registry is not None and management is not None and shown else None,
    )


def helidon(app: App, framework: Dependency) -> Serving:
    """Helidon MP answers /health; SE does from version 4 on below /observe."""
    profile = app.has("io.helidon.microprofile")
    port = or_default(app, 8080 if profile is None else 7001, "Helidon", "server.port")
    health = app.has(
        "io.helidon.health",
        "io.helidon.microprofile.health",
        "io.helidon.microprofile.bundles",
        "io.helidon.webserver.observe:helidon-webserver-observe-health",
    )
    metrics = app.has("io.helidon.metrics", "io.helidon.microprofile.metrics", "io.helidon.microprofile.bundles:helidon-microprofile",
    "io.helidon.webserver.observe:helidon-webserver-observe-metrics")  # fmt: skip
    base = "/observe" if app.has("io.helidon.webserver.observe") is not None else ""
    return Serving(
        framework="helidon",
        framework_evidence=framework.evidence,
        role_evidence=framework.evidence,
        ports=(port.number,) if port.number is not None and (port.stated or profile is None) else (),
        port_evidence=(port.evidence,) if port.stated or profile is None else (),
        port_env=port.env or "SERVER_PORT",
        undecided_port=port.number is None or (not port.stated and profile is not None),
        health=(f"{base}/health", health.evidence) if health is not None else coded_health(app),
        metrics=(f"{base}/metrics", metrics.evidence) if metrics is not None else None,
    )


def dropwizard(app: App, framework: Dependency) -> Serving:
    """Its configuration is a file that the command line names; health and metrics answer on the port for administrators."""
    found = _configuration(app)
    settings = found[1] if found else app.settings
    connectors = ("server.applicationConnectors[0].port", "server.connector.port", "http.port")
    whole = [setting for key in connectors if (setting := settings.setting(key)) is not None]
    admin = settings.setting("server.adminConnectors[0].port")
    stated = [(settings.filled(item).text, settings.evidence(item)) for item in (*whole[:1], *([admin] if admin is not None else []))]
    ports = [int(value) for value, _ in stated if re.fullmatch(r"\d{2,5}", value)]
    simple = settings.text("server.type") == "simple"
    shown = [evidence for _, evidence in stated]
    if not whole:
        ports = [8080, *ports] if simple else [8080, *(ports or [8081])]
        shown.append(Evidence(file=app.module.manifest, shows="8080 and 8081 are the defaults of Dropwizard", confidence=0.6))
    base = settings.text("server.adminContextPath") or ("/admin" if simple else "")
    variables = settings.filled(whole[0]).variables if whole else ()
    return Serving(
        framework="dropwizard",
        framework_evidence=framework.evidence,
        role_evidence=framework.evidence,
        ports=tuple(dict.fromkeys(ports)),
        port_evidence=tuple(shown),
        port_env=variables[0].name if variables else None,
        health=(f"{base.rstrip('/')}/healthcheck", framework.evidence),
        arguments=f"server {found[0]}" if found else "server",
        traits=(f"runtime-files:{found[0]}",) if found else (),
    )


def _configuration(app: App) -> tuple[str, Settings] | None:
    """The shallowest YAML file of the module with a server in it, named as the module's folder sees it."""
    folder = app.module.folder
    files = Files(app.repo)
    names = [join(folder, place, name) for place in ("", "config", "src/main/resources") for name in app.repo.folder(join(folder, place))]
    for path in (name for name in names if name.endswith((".yml", ".yaml")) and b"server:" in (app.repo.bytes(name) or b"")):
        settings = Settings(app.repo, files.read(path))
        if any(item.key.startswith(("server.", "logging.")) for item in settings.all):
            return path[len(folder) :].lstrip("/"), settings
    return None
