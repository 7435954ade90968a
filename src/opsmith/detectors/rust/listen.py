"""Where a program listens: the address that is handed to a server of each framework, resolved as far as reading can."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from opsmith.detectors.rust.config import Setting
from opsmith.detectors.rust.program import Expression, Program
from opsmith.detectors.rust.source import arguments, callee, function_of, name_of, text
from opsmith.detectors.rust.values import Resolver, Value
from opsmith.model.survey import Protocol

if TYPE_CHECKING:
    from tree_sitter import Node

_PORT = re.compile(r"^(?:(?:https?|tcp)://)?(?:\[[^\]]*\]|[\w.*-]*):(\d{1,5})/?$|^(\d{1,5})$")
_LOOPBACK = re.compile(r"^(?:\w+://)?(?:127\.\d|localhost\b|\[?::1\b)")
_TONIC = re.compile(r"add_service|Server::builder|add_routes|^\s*(?:server|router)\b")
_ANY_FREE = re.compile(r":0$")
"""Whatever port is free: a test, or a helper of one."""
_BINDS = frozenset(
    ("bind", "bind_rustls", "bind_rustls_0_22", "bind_rustls_0_23", "bind_rustls_021", "bind_openssl", "bind_auto_h2c", "try_bind", "bind_uds",
     "bind_with_graceful_shutdown", "try_bind_with_graceful_shutdown", "bind_dual_protocol")
)  # fmt: skip
_SERVES = frozenset(("serve", "serve_with_shutdown", "serve_with_incoming_shutdown", "listen", "run", "listen_with"))
_NOT_SERVERS = re.compile(r"UdpSocket|UnixListener|UnixDatagram|UnixStream|TcpSocket|Endpoint$|Listen?erFd")
_SIDE = re.compile(r"(?i)metric|prometheus|pprof|admin|debug|health|probe|internal|monitor|telemetry|redirect|acme|mock|test")


@dataclass(frozen=True, slots=True)
class Listener:
    """`ports` are defaults, `envs` the variables that the address comes from; `side` is a door for operators. `local`: only loopback."""

    protocol: Protocol
    ports: tuple[int, ...]
    envs: tuple[str, ...]
    file: str
    line: int | None
    shows: str
    side: bool = False
    local: bool = False
    confidence: float = 0.9
    address: str = ""


def listeners(program: Program, resolver: Resolver, samples: dict[str, Setting]) -> tuple[Listener, ...]:
    """The doors of a program, the one for its clients first."""
    found: dict[tuple[object, ...], Listener] = {}
    for place, protocol, values in (*_bound(program, resolver), *_served(program, resolver)):
        if not program.reached(place):
            continue
        if any(_ANY_FREE.search(value.text) for value in values):
            continue
        door = _listener(place, protocol, _with_samples(values, samples))
        found.setdefault((door.ports, door.envs, door.ports or door.line), door)
    doors = sorted(found.values(), key=lambda door: (door.side, not door.ports, not door.envs))
    return tuple(door for door in doors if door.ports or door.envs or not any(other.ports for other in doors))


def _bound(program: Program, resolver: Resolver) -> Iterator[tuple[Expression, Protocol, list[Value]]]:
    """`TcpListener::bind(a)`, `Server::bind(&a)`, `HttpServer::new(..).bind(a)`, `axum_server::bind(a)`, `warp::serve(r).bind(a)`."""
    for call in program.called(*sorted(_BINDS)):
        receiver, path, _ = callee(call.node)
        given = arguments(call.node)
        if not given or _NOT_SERVERS.search(path) or not _is_server(receiver, path, call, program):
            continue
        if path.endswith("TcpListener") and receiver is None and _is_only_tried(call):
            continue
        yield call, _spoken(call, program), resolver.values(Expression(given[0], call.source))
    for call in program.called("new"):
        if callee(call.node)[1].endswith("TcpListener") and program.uses("salvo"):
            yield call, "http", [value for node in arguments(call.node)[:1] for value in resolver.values(Expression(node, call.source))]


def _is_server(receiver: Node | None, path: str, call: Expression, program: Program) -> bool:
    if receiver is None:
        return path.endswith(("TcpListener", "Server", "axum_server", "hyper_server", "AddrIncoming", "TcpIncoming"))
    made = text(receiver)
    if "HttpServer" in made or "warp::serve" in made or made.startswith("serve("):
        return True
    given = arguments(call.node)
    looks = bool(given) and given[0].type != "closure_expression" and ("server" in made.lower() or "axum_server" in made)
    return looks and program.uses("actix-web", "ntex", "warp", "axum-server")


def _is_only_tried(call: Expression) -> bool:
    """A port that is bound to see whether it is free."""
    method = call.node.parent
    after = method.parent if method is not None else None
    return after is not None and after.type == "call_expression" and callee(after)[2] in ("is_ok", "is_err")


def _served(program: Program, resolver: Resolver) -> Iterator[tuple[Expression, Protocol, list[Value]]]:
    """Servers that are given the address when they start: tonic, warp, tide, poem and their kind."""
    for call in program.called(*sorted(_SERVES)):
        receiver, _, name = callee(call.node)
        given = arguments(call.node)
        if receiver is None or not given:
            continue
        made = text(receiver)
        protocol: Protocol | None = None
        if name.startswith("serve") and program.uses("tonic") and _TONIC.search(made):
            protocol = "grpc"
        elif (name == "run" and ("warp::serve" in made or re.match(r"serve\(", made))) or (name == "listen" and program.uses("tide")):
            protocol = "http"
        if protocol is not None:
            yield call, protocol, resolver.values(Expression(given[0], call.source))


def _spoken(call: Expression, program: Program) -> Protocol:
    """What is spoken on a plain listener: HTTP where an HTTP server is nearby, gRPC where only that is."""
    receiver, path, _ = callee(call.node)
    if receiver is not None or not path.endswith("TcpListener"):
        return "http"
    function = function_of(call.node)
    body = text(function)
    if program.uses(*HTTP_LIBRARIES):
        return "grpc" if "tonic" in body and "serve_with_incoming" in body else "http"
    return "grpc" if program.uses("tonic") else "tcp"


HTTP_LIBRARIES = (
    "axum", "actix-web", "hyper", "hyper-util", "poem", "salvo", "warp", "tide", "rocket", "ntex", "viz", "gotham", "trillium", "tiny_http",
    "rouille", "nickel", "iron", "thruster", "may_minihttp", "tower-http", "loco-rs", "leptos_axum", "leptos_actix", "cot", "pavex", "rama",
)  # fmt: skip


def _with_samples(values: list[Value], samples: dict[str, Setting]) -> list[Value]:
    """Where a variable decides and code has no default for it: what the repository's own .env file or sample sets."""
    if any(value.env is None and port_of(value.text) is not None for value in values):
        return values
    found = [samples[value.env] for value in values if value.env is not None and value.env in samples]
    return [*(Value(item.value, item.file, item.line) for item in found if port_of(item.value) is not None), *values]


def _listener(place: Expression, protocol: Protocol, values: list[Value]) -> Listener:
    ports = [(port, value) for value in values if value.env is None and (port := port_of(value.text)) is not None]
    envs = [value.env for value in values if value.env is not None]
    where = ports[0][1] if ports else Value("", place.source.path, place.line)
    shown = " ".join(text(place.node).split())[-100:]
    around = f"{name_of(function_of(place.node))} {text(next(iter(arguments(place.node)), None))} {place.source.path.rpartition('/')[2]}"
    return Listener(
        protocol=protocol,
        ports=tuple(dict.fromkeys(port for port, _ in ports[:1])),
        envs=tuple(dict.fromkeys(envs)),
        file=where.file,
        line=where.line,
        shows=where.text if ports and where.text and where.file != place.source.path else shown,
        side=bool(_SIDE.search(around)),
        local=any(is_local(value.text) for _, value in ports[:1]),
    )


def is_local(address: str) -> bool:
    """Whether only the machine itself reaches it, which in a container is nobody."""
    return _LOOPBACK.match(address) is not None


def port_of(address: str) -> int | None:
    match = _PORT.match(address.strip())
    number = int(match[1] or match[2]) if match else 0
    return number if 0 < number < 65536 else None
