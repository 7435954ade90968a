"""Where a program listens: calls of listen, bindAsync, serve; and the port that each comes to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from opsmith.detectors.javascript.facts import Found, Read, found, shorten
from opsmith.detectors.javascript.source import Module, Sources
from opsmith.detectors.javascript.syntax import arguments, callee, entries, line, receiver, string_value, text
from opsmith.detectors.javascript.values import Value, resolve
from opsmith.model.survey import Protocol

if TYPE_CHECKING:
    from tree_sitter import Node

_SERVERS = re.compile(
    r"(?i)(^|\.)(app|server|fastify|http\w*|https|api|koa|express|httpserver|\w*app|\w*server|instance|nest\w*|hapi|io)\)?$|createServer|listen|express\(\)"
)
_NO_SERVER = re.compile(
    r"(?i)history|window|i18n|emitter|router$|socket$|store|keyboard|mousetrap|event|bus|queue|redis|subscri|linking|backend\.listen"
)
_OFFERS_SERVE = re.compile(r"^(?:@hono/node-server|bun|srvx)$|(?:^|[/:@])std(?:@[^/]*)?/http|(?:^|/)deps\.ts$")
"""Modules whose `serve` opens a port; deps.ts is where Deno programs name what they import from elsewhere."""
PORT_NAMES = ("PORT", "APP_PORT", "SERVER_PORT", "HTTP_PORT", "API_PORT", "NODE_PORT", "LISTEN_PORT", "WEB_PORT", "FASTIFY_PORT", "NITRO_PORT")


@dataclass(frozen=True, slots=True)
class Listener:
    """One place that opens a port. `value` is None when the port could not be followed."""

    protocol: Protocol
    value: Value | None
    file: str
    line: int
    shows: str


def listeners(sources: Sources) -> list[Listener]:
    """Every server that the code starts, nearest to the top of the tree first."""
    result = [item for module in sources.modules() for item in _in_module(sources, module)]
    if any(item.protocol == "grpc" for item in result):
        result = [item for item in result if item.protocol == "grpc" or item.value is not None]
    return sorted(result, key=lambda item: (item.value is None or item.value.literal is None, item.file.count("/"), item.file, item.line))


def _in_module(sources: Sources, module: Module) -> Iterator[Listener]:
    for call, name in module.named_calls():
        match name:
            case "listen" if _is_server(sources, module, call):
                yield _listener("http", module, call, _port_argument(sources, module, call))
            case "bindAsync" | "bind" if name == "bindAsync" or "grpc" in text(receiver(call)):
                yield _listener("grpc", module, call, _address(sources, module, next(iter(arguments(call)), None)))
            case "serve" if text(callee(call)) in ("Bun.serve", "serve", "Deno.serve") and _serves(module, call):
                yield _listener("http", module, call, _option(sources, module, call, "port"))
            case "startStandaloneServer":
                yield _listener("http", module, call, _nested_port(sources, module, call))
            case "WebSocketServer" if (value := _option(sources, module, call, "port")) is not None:
                yield _listener("http", module, call, value)
            case _:
                continue
    yield from _default_export(sources, module)


def _listener(protocol: Protocol, module: Module, call: Node, value: Value | None) -> Listener:
    return Listener(protocol, value, module.path, line(call), shorten(text(call).partition("=>")[0].partition("function")[0], 100))


def _is_server(sources: Sources, module: Module, call: Node) -> bool:
    target, given = text(receiver(call)), arguments(call)
    if _NO_SERVER.search(target.rpartition(".")[2]) or not target:
        return False
    if _SERVERS.search(target) or target.startswith("new Elysia"):
        return True
    if not given:
        return False
    value = _port_argument(sources, module, call)
    return re.search(r"(?i)port", text(given[0])) is not None or (value is not None and (value.literal or "").isdigit())


def _port_argument(sources: Sources, module: Module, call: Node) -> Value | None:
    given = arguments(call)
    if not given:
        return None
    if given[0].type == "object":
        return resolve(sources, module, entries(given[0]).get("port"))
    return resolve(sources, module, given[0])


def _serves(module: Module, call: Node) -> bool:
    imported = module.imports.get("serve")
    return text(callee(call)) != "serve" or (imported is not None and _OFFERS_SERVE.search(imported.specifier) is not None)


def _option(sources: Sources, module: Module, call: Node, name: str) -> Value | None:
    given = (module.names.get(text(argument), argument) if argument.type == "identifier" else argument for argument in arguments(call))
    literal = next((argument for argument in given if argument.type == "object"), None)
    return resolve(sources, module, entries(literal).get(name))


def _nested_port(sources: Sources, module: Module, call: Node) -> Value | None:
    given = arguments(call)
    listen = entries(given[1]).get("listen") if len(given) > 1 else None
    return resolve(sources, module, entries(listen).get("port"))


def _address(sources: Sources, module: Module, node: Node | None, depth: int = 6) -> Value | None:
    """The port at the end of "0.0.0.0:50051", `0.0.0.0:${PORT}` or host + ":" + port."""
    if node is None or depth <= 0:
        return None
    literal = string_value(node)
    if literal is not None:
        match = re.search(r":(\d+)$", literal)
        return Value(match[1], None, module.path, line(node)) if match else None
    inserts = [child for child in node.named_children if child.type == "template_substitution"]
    if inserts and inserts[-1].named_children:
        return resolve(sources, module, inserts[-1].named_children[0])
    if node.type == "binary_expression":
        right = node.child_by_field_name("right")
        return _address(sources, module, right, depth - 1) or resolve(sources, module, right)
    if node.type == "identifier" and text(node) in module.names:
        return _address(sources, module, module.names[text(node)], depth - 1)
    value = resolve(sources, module, node)
    match = re.search(r":(\d+)$", value.literal or "") if value else None
    return replace(value, literal=match[1]) if match and value else value


def _default_export(sources: Sources, module: Module) -> Iterator[Listener]:
    """Bun serves a default export that has `fetch`."""
    given = entries(module.exported)
    if module.exported is not None and "fetch" in given and ("port" in given or b"Bun" in module.data):
        yield _listener("http", module, module.exported, resolve(sources, module, given.get("port")))


# -- which port ------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Port:
    number: int
    env: str | None


def port_of(listener: Listener, reads: list[Read], listed: Mapping[str, Read]) -> Found[Port] | None:
    """The port that one listener opens: its literal, else what schema or example file give its variable."""
    value = listener.value
    if value is None:
        return None
    number = _number(value.literal)
    if number is not None:
        return found(Port(number, value.env), value.file, value.line, listener.shows, 0.95)
    return by_variable(value.env, reads, listed) if value.env else None


def by_variable(name: str, reads: list[Read], listed: Mapping[str, Read]) -> Found[Port] | None:
    for read in reads:
        number = _number(read.default) if read.name == name else None
        if number is not None:
            return found(Port(number, name), read.file, read.line, read.shows, 0.9)
    example = listed.get(name)
    number = _number(example.default) if example else None
    if example is not None and number is not None:
        return found(Port(number, name), example.file, example.line, f"{name}={number}", 0.7)
    return None


def _number(literal: str | None) -> int | None:
    return int(literal) if literal and re.fullmatch(r"\d{2,5}", literal) and 0 < int(literal) < 65536 else None


def configured_port(sources: Sources) -> Found[Port] | None:
    """A `port:` in a configuration module, when the listening call could not be followed."""
    for module in sources.modules(b"port"):
        if not re.search(r"(?i)config|settings|env|constants", module.path):
            continue
        for pair in module.pairs:
            if text(pair.child_by_field_name("key")).strip("'\"") == "port" and _stands_alone(pair):
                value = resolve(sources, module, pair.child_by_field_name("value"))
                number = _number(value.literal) if value else None
                if value is not None and number is not None:
                    return found(Port(number, value.env), module.path, line(pair), text(pair), 0.6)
    return None


def _stands_alone(pair: Node) -> bool:
    """No database's or mail server's port."""
    owner = pair.parent.parent if pair.parent is not None else None
    name = text(owner.child_by_field_name("key")) if owner is not None and owner.type == "pair" else ""
    beside = entries(pair.parent)
    return not {"username", "user", "database", "password", "auth", "pass", "secure", "db"} & set(beside) and not re.search(
        r"(?i)redis|db|database|mail|smtp|mongo|postgres|mysql|cache|queue|proxy", name
    )
