"""What listens: the server libraries of Scala by the calls that bind them, their ports by code and configuration."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from opsmith.detectors.scala.environment import Read, variable_of
from opsmith.detectors.scala.hocon import Setting
from opsmith.detectors.scala.source import Source, arguments, last_name, line, literal, text, walk
from opsmith.model.survey import Evidence, Protocol

if TYPE_CHECKING:
    from tree_sitter import Node

_SERVERS: tuple[tuple[bytes, str, int | None, Protocol], ...] = (
    (b"EmberServerBuilder", "http4s", 8080, "http"), (b"BlazeServerBuilder", "http4s", 8080, "http"), (b"BlazeBuilder", "http4s", 8080, "http"),
    (b"http4s.jetty.server", "http4s", 8080, "http"), (b"http4s.netty.server", "http4s", 8080, "http"), (b"JettyBuilder", "http4s", 8080, "http"),
    (b"sttp.tapir.server.netty", "tapir", 8080, "http"), (b"sttp.tapir.server.jdkhttp", "tapir", 8080, "http"),
    (b"sttp.tapir.server.vertx", "tapir", None, "http"), (b"sttp.tapir.server.nima", "tapir", None, "http"),
    (b"import org.apache.pekko.http", "pekko-http", None, "http"), (b"import akka.http", "akka-http", None, "http"),
    (b"import zio.http", "zio-http", 8080, "http"), (b"import zhttp", "zio-http", None, "http"),
    (b"com.twitter.finatra.http", "finatra", 8888, "http"),
    (b"com.twitter.finagle", "finagle", None, "http"), (b"cask.Main", "cask", 8080, "http"), (b"org.scalatra", "scalatra", 8080, "http"),
    (b"unfiltered.", "unfiltered", 8080, "http"), (b"NettyServerBuilder", "grpc", None, "grpc"), (b"io.grpc.ServerBuilder", "grpc", None, "grpc"),
    (b"scalapb.zio_grpc", "grpc", None, "grpc"), (b"io.netty.bootstrap", "netty", None, "http"),
)  # fmt: skip
"""By a mark of the library: its name, the port that it takes when none is told, what it speaks."""
_BINDS = {
    "http4s": ("bindHttp", "withPort", "bindSocketAddress"), "tapir": ("port", "bind", "host"), "akka-http": ("newServerAt", "bindAndHandle", "bind"),
    "pekko-http": ("newServerAt", "bindAndHandle", "bind"), "zio-http": ("port", "defaultWithPort", "defaultWith", "start", "binding"),
    "finagle": ("serve",), "grpc": ("forPort",), "netty": ("bind",), "scalatra": ("Server",), "unfiltered": ("http", "apply", "local"),
}  # fmt: skip
_STARTS = (
    b"EmberServerBuilder", b"BlazeServerBuilder", b"BlazeBuilder", b"JettyBuilder", b"NettyServerBuilder", b"newServerAt", b"bindAndHandle",
    b"Server.serve", b"Server.start", b"ServerBootstrap", b"forPort", b"Http.serve", b"Http.server", b"HttpServer", b"cask.Main", b"NettySyncServer",
    b"NettyFutureServer", b"NettyCatsServer", b"NettyZioServer", b"NettyConfig", b"new Server(", b"unfiltered.", b"JdkHttpServer", b"Server.install",
    b"Server.default", b"ServerBuilder.", b"ServerMain",
)  # fmt: skip
_PORT_FIELDS = frozenset(
    ("port", "httpPort", "http-port", "http_port", "serverPort", "server-port", "listen-port", "listenPort", "bind-port", "bindPort")
)
_NOT_HTTP = re.compile(
    r"(?i)(?:^|[._-])(?:db|database|jdbc|postgres\w*|pg|mysql|sql|redis|mongo\w*|kafka|smtp|mail\w*|e-?mail|cassandra|elastic\w*|rabbit\w*|amqp|metrics|"
    r"prometheus|kamon|statsd|influx\w*|client|remote|artery|canonical|cluster|management|memcached|jaeger|zipkin|otel|proxy|debug|jmx|ssl|https)(?:$|[._-])"
)
_SERVER_CONFIG = re.compile(r"(?i)(?:http|server|api|web|app|rest|service)\w*?(?:config\w*|conf|settings|cfg)?$")


@dataclass(frozen=True, slots=True)
class Listener:
    framework: str
    protocol: Protocol
    port: int | None
    env: str | None
    where: Evidence
    """Where the server is started."""
    told: Evidence | None
    """Where the port is told."""


def listener(sources: list[Source], settings: list[Setting], reads: list[Read]) -> Listener | None:
    """The server that the program starts; of several libraries the one that names the framework."""
    started = [item for item in sources if item.mentions(*_STARTS)]
    for mark, name, default, protocol in _SERVERS:
        source = next((item for item in started if item.mentions(mark)), None)
        if source is not None:
            return _found(mark, name, default, protocol, [item for item in started if item.mentions(mark)], sources, settings, reads)
    return None


def _found(
    mark: bytes,
    name: str,
    default: int | None,
    protocol: Protocol,
    started: list[Source],
    sources: list[Source],
    settings: list[Setting],
    reads: list[Read],
) -> Listener:
    where = Evidence(file=started[0].path, line=started[0].line_of(mark), shows=mark.decode(), confidence=0.9)
    for place in (_bound(name, started, reads), of_settings(settings), _of_code(sources), _of_reads(reads)):
        port, env, told = place
        if port is not None:
            return Listener(name, protocol, port, env or _of_reads(reads)[1], where, told)
    env = _bound(name, started, reads)[1] or _of_reads(reads)[1]
    told = Evidence(file=where.file, line=where.line, shows=f"{name}'s default, {default}: no port is stated", confidence=0.5) if default else None
    return Listener(name, protocol, default, env, where, told)


Told = tuple[int | None, str | None, Evidence | None]


def _bound(name: str, started: list[Source], reads: list[Read]) -> Told:
    """The port in the call that binds, or in a value of the same file that it names."""
    env: str | None = None
    for source in started:
        for node in source.nodes("call_expression", "val_definition", "function_definition"):
            for value in _binding(name, node):
                port, variable = _number(value, source, reads, 0)
                env = env or variable
                if port is not None:
                    return port, variable, Evidence(file=source.path, line=line(value), shows=" ".join(text(value).split())[:80], confidence=0.9)
    return None, env, None


def _binding(name: str, node: Node) -> list[Node]:
    if node.type == "call_expression":
        return arguments(node) if last_name(node) in _BINDS.get(name, ()) else []
    told = text(node.child_by_field_name("pattern") or node.child_by_field_name("name"))
    body = node.child_by_field_name("value") or node.child_by_field_name("body")
    fixed = (name == "cask" and told == "port") or (name == "finatra" and told in ("defaultHttpPort", "defaultFinatraHttpPort"))
    return [body] if fixed and body is not None else []


def _number(node: Node, source: Source, reads: list[Read], depth: int) -> tuple[int | None, str | None]:
    """The first port in an expression, and the first variable; names are followed within the file."""
    env: str | None = None
    for item in islice(walk(node), 40):
        value = literal(item)
        variable = variable_of(item) if item.type == "call_expression" else None
        if variable is not None:
            env = env or variable
            default = next((read.default for read in reads if read.name == variable), None)
            if default and (port := _port(default)):
                return port, env
        elif value is not None and (port := _port(value.rpartition(":")[2])):
            return port, env
        elif item.type == "identifier" and depth < 2:
            for body in source.values(text(item))[:3]:
                port, variable = _number(body, source, reads, depth + 1)
                env = env or variable
                if port is not None:
                    return port, env
    return None, env


def _port(value: str) -> int | None:
    number = int(value) if value.isascii() and value.isdigit() and len(value) < 6 else 0
    return number if 0 < number < 65536 else None


def of_settings(settings: list[Setting]) -> Told:
    """A port in HOCON whose sections speak of no other service; the nearest to the top first."""
    fitting = [
        item for item in settings if item.path[-1] in _PORT_FIELDS and not _NOT_HTTP.search(".".join(item.path[:-1])) and "akka" not in item.path[:1]
    ]
    for item in sorted(fitting, key=lambda one: len(one.path)):
        port = _port(item.value or "")
        if port is not None:
            env = next((other.env for other in reversed(settings) if other.path == item.path and other.env), None)
            return port, env, Evidence(file=item.file, line=item.line, shows=f"{'.'.join(item.path)} = {port}", confidence=0.85)
    return None, next((item.env for item in fitting if item.env), None), None


def _of_code(sources: list[Source]) -> Told:
    """`HttpServerConfig(port = port"8080")`, and the default of such a class's parameter."""
    for source in sources:
        for node in source.nodes("assignment_expression", "class_parameter") if source.mentions(b"ort") else ():
            name = text(node.child_by_field_name("left") or node.child_by_field_name("name"))
            value = node.child_by_field_name("right") or node.child_by_field_name("default_value")
            port = _port(literal(value) or "") if name in _PORT_FIELDS else None
            if port is not None and _SERVER_CONFIG.match(_owner(node)) and not _NOT_HTTP.search(_owner(node)):
                return port, None, Evidence(file=source.path, line=line(node), shows=f"{_owner(node)}: {name} = {port}", confidence=0.8)
    return None, None, None


def _owner(node: Node) -> str:
    """The class or the call that a parameter belongs to."""
    above = node.parent.parent if node.parent is not None else None
    if above is None:
        return ""
    return last_name(above) if above.type == "call_expression" else text(above.child_by_field_name("name"))


def _of_reads(reads: list[Read]) -> Told:
    for name in ("PORT", "HTTP_PORT", "SERVER_PORT", "APP_PORT", "API_PORT", "SERVICE_PORT"):
        for read in reads:
            if read.name == name or (read.name.endswith(f"_{name}") and not _NOT_HTTP.search(read.name) and name != "PORT"):
                port = _port(read.default or "")
                return port, read.name, Evidence(file=read.file, line=read.line, shows=f"{read.name}, else {port}", confidence=0.8) if port else None
    return None, None, None
