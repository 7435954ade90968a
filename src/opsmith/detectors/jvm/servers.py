"""Servers that code starts: Ktor, Javalin, Spark, Vert.x, http4k, gRPC, Jetty, Undertow, sockets."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from opsmith.detectors.jvm import routes
from opsmith.detectors.jvm.app import App, Serving
from opsmith.detectors.jvm.modules import Dependency
from opsmith.detectors.jvm.ports import Port, stated
from opsmith.detectors.jvm.source import Call, head
from opsmith.detectors.jvm.values import Value, numbers, resolve
from opsmith.model.survey import Evidence, Protocol

if TYPE_CHECKING:
    from tree_sitter import Node

FRAMEWORKS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("ktor", ("io.ktor:ktor-server",)),
    ("javalin", ("io.javalin:javalin",)),
    ("spark", ("com.sparkjava:",)),
    ("http4k", ("org.http4k:http4k-",)),
    ("vertx", ("io.vertx:vertx-web", "io.vertx:vertx-core", "io.vertx:vertx-lang")),
    ("jooby", ("io.jooby:", "org.jooby:")),
    ("ratpack", ("io.ratpack:",)),
    ("armeria", ("com.linecorp.armeria:",)),
    ("grpc", ("io.grpc:grpc-netty", "io.grpc:grpc-services", "io.grpc:grpc-protobuf", "io.grpc:grpc-stub", "io.grpc:grpc-kotlin")),
    ("undertow", ("io.undertow:",)),
    ("jersey", ("org.glassfish.jersey.containers",)),
    ("jetty", ("org.eclipse.jetty:jetty-server", "org.eclipse.jetty:jetty-servlet", "org.eclipse.jetty.http2")),
    ("jetty", ("org.eclipse.jetty:",)),
)
_FALLBACKS = {"javalin": 8080, "spark": 4567, "jooby": 8080, "ratpack": 5050}
"""Ports that a framework takes when code names none."""


@dataclass(frozen=True, slots=True)
class Door:
    ports: tuple[int, ...]
    env: str | None
    key: str | None
    protocol: Protocol
    evidence: Evidence
    main: bool
    """It stands in the file of the main function."""


@dataclass(frozen=True, slots=True)
class _Opening:
    """Which calls open a door: their name, where the port stands, and what has to be true of the call."""

    names: tuple[str, ...]
    position: int
    label: str = "port"
    protocol: Protocol = "http"
    only: Callable[[Call], bool] = lambda _: True


def _new(call: Call) -> bool:
    return call.receiver == "new" or call.source.language == "kotlin"


def _imports(*prefixes: str) -> Callable[[Call], bool]:
    return lambda call: any(name.startswith(prefixes) for name in call.source.imports)


def _of_grpc(call: Call) -> bool:
    return "ServerBuilder" in call.receiver or call.name == "newServerBuilderForPort"


_OPENINGS: tuple[_Opening, ...] = (
    _Opening(("forPort", "newServerBuilderForPort", "forAddress"), 0, protocol="grpc", only=_of_grpc),
    _Opening(("embeddedServer", "server"), 1, only=_imports("io.ktor", "arrow.continuations.ktor")),
    _Opening(("port", "setPort"), 0, only=_imports("spark", "io.helidon", "io.javalin", "io.vertx", "io.jooby", "com.linecorp", "ratpack",
    "org.springframework.boot.web")),
    _Opening(("start",), 0, only=lambda call: bool(call.arguments) and (_imports("io.javalin")(call) or "avalin" in call.receiver)),
    _Opening(("listen",), 0, only=_imports("io.vertx")),
    _Opening(("asServer", "Netty", "Jetty", "Undertow", "SunHttp", "SunHttpLoom", "KtorCIO", "KtorNetty",
    "ApacheServer"), 0, only=_imports("org.http4k")),
    _Opening(("addHttpListener",), 0),
    _Opening(("http",), 0, only=_imports("com.linecorp.armeria")),
    _Opening(("Server", "ServerConnector"), 0, only=lambda call: _new(call) and _imports("org.eclipse.jetty")(call)),
    _Opening(("create", "createHttpServer"), 0, only=lambda call: call.receiver.endswith("HttpServer") or "GrizzlyHttpServer" in call.receiver),
    _Opening(("ServerSocket",), 0, protocol="tcp", only=_new),
    _Opening(("bind",), 0, protocol="tcp", only=_imports("io.netty", "java.nio.channels", "java.net")),
)  # fmt: skip


def doors(app: App) -> tuple[Door, ...]:
    """Everything that listens, what the main function's own file opens first."""
    files = {main.source.path for main in app.mains}
    found = [door for opening in _OPENINGS for call in app.program.called(*opening.names) if opening.only(call)
             for door in _door(app, opening, call, files)]  # fmt: skip
    return tuple(sorted(found, key=lambda door: not door.main))


def _door(app: App, opening: _Opening, call: Call, files: set[str]) -> Iterator[Door]:
    node = _port_node(opening, call)
    if node is None:
        if opening.names[0] == "embeddedServer" and call.name == "embeddedServer":
            yield Door((), None, None, opening.protocol, _shown(call), call.source.path in files)
        return
    values = resolve(app.program, node, call.source)
    ports = tuple(dict.fromkeys(int(value.text) for value in numbers(values)))
    env, key = (next((getattr(value, name) for value in values if getattr(value, name)), None) for name in ("env", "key"))
    if ports or env or key:
        yield Door(ports[:1], env, key, opening.protocol, _shown(call, values), call.source.path in files)


def _port_node(opening: _Opening, call: Call) -> Node | None:
    labelled = next((node for label, node in call.arguments if label == opening.label), None)
    if labelled is not None:
        return labelled
    plain = [node for label, node in call.arguments if not label]
    return plain[opening.position] if len(plain) > opening.position else None


def _shown(call: Call, values: list[Value] | None = None) -> Evidence:
    whole = " ".join(head(call.node, call.source, 160).split())
    where = next(iter(numbers(values or [])), None)
    if where is not None and where.file != call.source.path:
        return Evidence(file=where.file, line=where.line, shows=f"{where.text} for {whole[:100]}", confidence=0.85)
    return Evidence(file=call.source.path, line=call.line, shows=whole[:120], confidence=0.9)


def serving(app: App, name: str | None, framework: Dependency | None) -> Serving | None:
    """None when nothing listens."""
    found = list(doors(app))
    port = _configured(app, name, found)
    chosen = next((door for door in found if door.ports or door.env), None)
    if port is None and chosen is None and not found and name not in _FALLBACKS:
        return None
    protocol: Protocol = chosen.protocol if chosen is not None else found[0].protocol if found else "http"
    if port is None and chosen is None:
        port = _fallback(app, name)
    numbers_found = [port.number] if port is not None and port.number is not None else []
    numbers_found += [number for door in found for number in door.ports if (door.main or len(found) == 1) and (port is None or name != "ktor")]
    if chosen is not None and not numbers_found:
        numbers_found += chosen.ports
    shown = (port.evidence,) if port is not None else (chosen.evidence,) if chosen is not None else ()
    answered = routes.routes(app.program)
    framework_shown = framework.evidence if framework is not None else None
    health, metrics = routes.health(answered), routes.metrics(answered)
    return Serving(
        framework=name if not (name == "grpc" and protocol != "grpc") else None,
        framework_evidence=framework_shown,
        role_evidence=shown[0] if shown else framework_shown,
        ports=tuple(dict.fromkeys(numbers_found)),
        port_evidence=shown,
        port_env=(port.env if port is not None else None) or (chosen.env if chosen is not None else None),
        undecided_port=not numbers_found,
        protocol=protocol,
        health=_grpc_health(app) if protocol == "grpc" else _seen(health),
        metrics=_seen(metrics),
    )


def _seen(route: routes.Route | None) -> tuple[str, Evidence] | None:
    return (route.path, Evidence(file=route.file, line=route.line, shows=route.path, confidence=0.9)) if route is not None else None


def _grpc_health(app: App) -> tuple[str, Evidence] | None:
    for call in app.program.called("HealthStatusManager", "HealthGrpcService", "HealthServiceImpl", "getHealthService"):
        return "grpc", Evidence(file=call.source.path, line=call.line, shows=call.name, confidence=0.95)
    return None


def _configured(app: App, name: str | None, found: list[Door]) -> Port | None:
    """The port that settings state under the key which code reads, or under the framework's own."""
    if name == "ktor":
        own = stated(app, "ktor.deployment.port")
        started_by_engine = any("EngineMain" in main for main, _ in app.module.main_classes) or any(app.program.called("EngineMain"))
        if own is not None and (started_by_engine or not any(door.ports or door.env for door in found)):
            return own
    for door in found:
        for key in _keys(door.key):
            port = stated(app, key)
            if port is not None and port.number is not None:
                return port
    return None


def _keys(key: str | None) -> Iterator[str]:
    """`env.server.port` may be `server.port` of the file that was read into `env`."""
    parts = [part for part in re.split(r"\.", key or "") if part]
    for index in range(len(parts)):
        yield ".".join(parts[index:])


def _fallback(app: App, name: str | None) -> Port | None:
    number = _FALLBACKS.get(name or "")
    if number is None:
        return None
    return Port(number, None, Evidence(file=app.module.manifest, shows=f"{number} is the default of {name}; code names no port", confidence=0.6))
