"""Where a program listens, and what is spoken there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from opsmith.detectors.go.program import Expression, Program, keyed
from opsmith.detectors.go.source import arguments, callee, function_of, line, name_of, text
from opsmith.detectors.go.values import Resolver, Value
from opsmith.model.survey import Protocol

if TYPE_CHECKING:
    from tree_sitter import Node

_SIDE = re.compile(r"(?i)(metric|pprof|debug|admin|prom|profil|monitor|telemetry|internal|swagger)")
_SECURE = re.compile(r"(?i)(tls|secure|ssl|https(?!erver))")
_PORT = re.compile(r"(?:^|:)(\d{2,5})(?:$|/)|^(\d{2,5})$")
_GRPC = "google.golang.org/grpc"

# Frameworks whose own method starts the server: module prefix, methods, position of the address, port without an address.
_STARTERS: tuple[tuple[str, frozenset[str], int | None], ...] = (
    ("github.com/gin-gonic/gin", frozenset(("Run", "RunTLS")), 8080),
    ("github.com/labstack/echo", frozenset(("Start", "StartTLS", "StartH2CServer", "StartAutoTLS")), None),
    ("github.com/gofiber/fiber", frozenset(("Listen", "ListenTLS")), None),
    ("github.com/kataras/iris", frozenset(("Listen", "Run")), 8080),
    ("github.com/urfave/negroni", frozenset(("Run",)), 8080),
    ("github.com/codegangsta/negroni", frozenset(("Run",)), 8080),
    ("github.com/go-martini/martini", frozenset(("RunOnAddr",)), 3000),
    ("github.com/beego/beego", frozenset(("Run",)), 8080),
    ("github.com/astaxie/beego", frozenset(("Run",)), 8080),
    ("github.com/gobuffalo/buffalo", frozenset(("Serve",)), 3000),
    ("github.com/gogf/gf", frozenset(("SetPort", "SetAddr")), None),
)
_OPTIONS: tuple[tuple[str, frozenset[str]], ...] = (
    ("github.com/cloudwego/hertz", frozenset(("WithHostPorts",))),
    ("github.com/go-kratos/kratos", frozenset(("Address",))),
    ("github.com/micro/", frozenset(("Address",))),
    ("go-micro.dev", frozenset(("Address",))),
    ("github.com/asim/go-micro", frozenset(("Address",))),
)


@dataclass(frozen=True, slots=True)
class Listener:
    """One place where the program listens. `ports` and `envs` may be empty: it listens, and the code does not say where."""

    protocol: Protocol
    ports: tuple[int, ...]
    envs: tuple[str, ...]
    file: str
    line: int | None
    shows: str
    side: bool


def listeners(program: Program, resolver: Resolver, required: frozenset[str]) -> tuple[Listener, ...]:
    """Where the program listens; `required` are variables that have no default.

    Main ones first: HTTP, then gRPC, then others; TLS and side doors (metrics, pprof) last.
    """
    found = [
        _listener(place, protocol, _with_samples(values, resolver, required))
        for place, protocol, values in _places(program, resolver)
        if program.reached(place)
    ]
    order: dict[Protocol, int] = {"http": 0, "grpc": 1, "tcp": 2}
    return tuple(sorted(found, key=lambda item: (item.side, order[item.protocol], not item.ports)))


def _places(program: Program, resolver: Resolver) -> Iterator[tuple[Expression, Protocol, list[Value]]]:
    servers = list(_servers(program))
    for place, node in servers:
        yield place, "http", resolver.values(Expression(node, place.source)) if node is not None else []
    for call in program.called("ListenAndServe", "ListenAndServeTLS", "ListenAndServeAutoCert"):
        given = arguments(call.node)
        size = 4 if callee(call.node)[1].endswith("TLS") else 2
        if len(given) >= size:
            yield call, "http", resolver.values(Expression(given[0], call.source))
        elif not servers and "net/http" in program.imports and callee(call.node)[0]:
            yield call, "http", []
    for call in program.called("Listen"):
        given = arguments(call.node)
        if len(given) in (2, 3) and _is_network(resolver.texts(Expression(given[-2], call.source))):
            yield call, _spoken(call, program), resolver.values(Expression(given[-1], call.source))
    for prefix, names, default in _STARTERS:
        yield from _started(program, resolver, prefix, names, default)
    for prefix, names in _OPTIONS:
        if any(path.startswith(prefix) for path in program.imports):
            for call in program.called(*sorted(names)):
                protocol: Protocol = "grpc" if "grpc" in callee(call.node)[0].lower() or "grpc" in call.source.path.rpartition("/")[2] else "http"
                for node in arguments(call.node)[:1]:
                    yield call, protocol, resolver.values(Expression(node, call.source))


def _servers(program: Program) -> Iterator[tuple[Expression, Node | None]]:
    """Literals of http.Server, and what is assigned to the address of one."""
    for source in program.sources:
        if not source.mentions(b"http.Server{", b"fasthttp.Server{"):
            continue
        for node in source.syntax("composite"):
            if text(node.child_by_field_name("type")) in ("http.Server", "fasthttp.Server"):
                address = dict(keyed(node)).get("Addr")
                yield Expression(node, source), address


def _started(
    program: Program, resolver: Resolver, prefix: str, names: frozenset[str], default: int | None
) -> Iterator[tuple[Expression, Protocol, list[Value]]]:
    if not any(path.startswith(prefix) for path in program.imports):
        return
    near = {source.folder for source in program.sources if any(path.startswith(prefix) for path in source.imported)}
    for call in program.called(*sorted(names)):
        operand, _ = callee(call.node)
        package = call.source.imports.get(operand)
        given = arguments(call.node)
        if not operand or (package is not None and not package.startswith(prefix)) or call.source.folder not in near | {program.folder}:
            continue
        if given and text(given[0]).startswith(("context.", "ctx")):
            continue
        if not given and not any(path.startswith(prefix) for path in call.source.imported):
            continue
        values = resolver.values(Expression(given[0], call.source)) if given else []
        if given and not values and given[0].type == "call_expression" and callee(given[0])[1] in ("Addr", "Address"):
            values = [value for node in arguments(given[0])[:1] for value in resolver.values(Expression(node, call.source))]
        if not given and default is not None:
            where = line(call.node)
            values = [Value(f":{default}", call.source.path, where), Value("", call.source.path, where, env="PORT")]
        if given or default is not None:
            yield call, "http", values


def _is_network(texts: list[str]) -> bool:
    return any(value in ("tcp", "tcp4", "tcp6") for value in texts)


def _spoken(call: Expression, program: Program) -> Protocol:
    """What is spoken on a plain listener: gRPC when a gRPC server is made nearby, HTTP when the function serves that."""
    function = function_of(call.node)
    body = text(function) if function is not None else ""
    if "http.Serve(" in body or "http.Server{" in body or ("http.NewServeMux" in body and "grpc.NewServer" not in body):
        return "http"
    if "grpc.NewServer" in body or call.source.mentions(b"grpc.NewServer", b"grpc.Server"):
        return "grpc"
    if any(_GRPC in source.imported and source.mentions(b"grpc.NewServer") for source in program.sources):
        return "grpc" if "http" not in body else "http"
    return "http" if "http" in body or ("net/http" in program.imports and any(program.called("Serve", "ServeTLS"))) else "tcp"


def _with_samples(values: list[Value], resolver: Resolver, required: frozenset[str]) -> list[Value]:
    """Where a variable decides and code has no default for it: what the repository's own .env file or sample sets."""
    if any(value.env is None and _port(value.text) is not None for value in values) and not required & {value.env for value in values}:
        return values
    found = [resolver.samples[value.env] for value in values if value.env is not None and value.env in resolver.samples]
    return [*(Value(item.value, item.file, item.line) for item in found if _port(item.value) is not None), *values]


def _listener(place: Expression, protocol: Protocol, values: list[Value]) -> Listener:
    ports = [(port, value) for value in values if value.env is None and (port := _port(value.text)) is not None]
    envs = [value.env for value in values if value.env is not None]
    where = ports[0][1] if ports else Value("", place.source.path, line(place.node))
    around = name_of(function_of(place.node))
    shown = text(place.node).partition("\n")[0][:100]
    side = bool(_SIDE.search(f"{around} {shown} {place.source.path.rpartition('/')[2]}")) or bool(_SECURE.search(f"{around} {shown}"))
    return Listener(protocol, tuple(dict.fromkeys(port for port, _ in ports[:1])), tuple(dict.fromkeys(envs)), where.file, where.line, shown, side)


def _port(address: str) -> int | None:
    match = _PORT.search(address.strip())
    number = int(match[1] or match[2]) if match else 0
    return number if 0 < number < 65536 else None
