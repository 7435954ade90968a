"""What listens: Phoenix endpoints by their configuration; Plug, gRPC and bare sockets by the child specifications that start them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from opsmith.detectors.elixir.source import Call, Source, keywords, line, literal, module_around, options, text, walk
from opsmith.detectors.elixir.values import Values
from opsmith.model.survey import Evidence, Protocol

if TYPE_CHECKING:
    from tree_sitter import Node

DEFAULT = 4000
_HTTP = frozenset(("Plug.Cowboy", "Bandit", "Plug.Adapters.Cowboy", "Plug.Adapters.Cowboy2"))
_SERVERS: Mapping[str, tuple[str, Protocol]] = {
    **dict.fromkeys(_HTTP, ("plug", "http")),
    "GRPC.Server.Supervisor": ("grpc", "grpc"),
    "ThousandIsland": ("thousand_island", "tcp"),
}
_STARTS = frozenset(("http", "child_spec", "start_link"))


@dataclass(frozen=True, slots=True)
class Listener:
    framework: str
    protocol: Protocol
    port: int | None
    env: str | None
    evidence: Evidence


def listeners(sources: list[Source], values: Values) -> list[Listener]:
    """Phoenix first, then HTTP by other means, then the rest."""
    found = [*_endpoints(sources, values), *(item for source in sources for item in _children(source, values))]
    ranked = sorted(found, key=lambda item: (item.framework != "phoenix", item.protocol != "http", item.port is None))
    if ranked and ranked[0].protocol == "http" and ranked[0].port is None and ranked[0].env is not None:
        ranked[0] = _with_default(ranked[0])
    return [item for item in ranked if item.port or item is ranked[0]]


def _with_default(item: Listener) -> Listener:
    shows = f"Plug's default, {DEFAULT}: {item.env} has none"
    return replace(item, port=DEFAULT, evidence=replace(item.evidence, shows=shows, confidence=0.5))


def _endpoints(sources: list[Source], values: Values) -> Iterator[Listener]:
    for source in sources:
        if source.mentions(b"use Phoenix.Endpoint"):
            for call in source.calls():
                if call.name == "use" and call.arguments and literal(call.arguments[0]) == "Phoenix.Endpoint":
                    yield _endpoint(module_around(call.node), call, source, values)


def _endpoint(module: str, used: Call, source: Source, values: Values) -> Listener:
    port, env, shown = None, None, None
    for item in values.settings:
        if item.path == (module, "http", "port") or (item.path == (module, "http") and item.node.type == "identifier"):
            for value in values.of(item.node, item.source):
                if value.port and port is None:
                    port, shown = (
                        value.port,
                        Evidence(file=item.source.path, line=item.line, shows=f"{module}, http: port {value.port}", confidence=0.9),
                    )
                env = env or value.env
    if shown is None:
        shown = Evidence(file=source.path, line=used.line, shows=f"Phoenix's default, {DEFAULT}: no port is stated", confidence=0.6)
    return Listener("phoenix", "http", port or DEFAULT, env, shown)


def _children(source: Source, values: Values) -> Iterator[Listener]:
    """`{Bandit, plug: Shop.Router, port: 4000}` and what means the same."""
    if not source.path.endswith(".ex") or not source.mentions(*(name.encode() for name in _SERVERS), b":gen_tcp", b":ranch"):
        return
    for node in walk(source.root):
        if node.type == "tuple" and node.named_child_count and (name := literal(node.named_children[0]) or "") in _SERVERS:
            yield from _started(name, node, node.named_children[-1], source, values)
    for call in source.calls():
        if call.operand in _HTTP and call.name in _STARTS and call.arguments:
            yield from _started(call.operand, call.node, call.arguments[-1], source, values)
        elif (call.operand, call.name) in ((":gen_tcp", "listen"), (":ranch", "start_listener")) and call.arguments:
            yield from _socket(call, source, values)


def _started(name: str, node: Node, told: Node, source: Source, values: Values) -> Iterator[Listener]:
    framework, protocol = _SERVERS[name]
    given = _options(told, source)
    inner = _options(given["options"], source) if "options" in given else given
    if literal(given.get("scheme")) == "https":
        return
    chosen = inner.get("port") or given.get("port")
    found = values.of(chosen, source) if chosen is not None else []
    port = next((value.port for value in found if value.port), None)
    env = next((value.env for value in found if value.env), None)
    if chosen is None and protocol == "http" and _is_whole(told):
        shows = f"{name}'s default, {DEFAULT}: no port is stated"
        yield Listener(framework, protocol, DEFAULT, None, Evidence(file=source.path, line=line(node), shows=shows, confidence=0.6))
    else:
        yield Listener(
            framework, protocol, port, env, Evidence(file=source.path, line=line(node), shows=f"{name}, port {port or env}", confidence=0.9)
        )


def _is_whole(told: Node) -> bool:
    """Whether every option stands where reading sees it."""
    inner = keywords(told).get("options")
    return told.type in ("list", "keywords") and (inner is None or inner.type == "list")


def _options(node: Node, source: Source) -> Mapping[str, Node]:
    if node.type == "identifier":
        return next((found for right in source.assigned(text(node)) if (found := keywords(right))), keywords(node))
    return keywords(node)


def _socket(call: Call, source: Source, values: Values) -> Iterator[Listener]:
    given = [call.arguments[0]] if call.name == "listen" else [item for item in call.arguments if item.type in ("list", "map")]
    found = [value for item in [*given, *options(call).values()][:4] for value in values.of(item, source)]
    port = next((value.port for value in found if value.port), None)
    if port:
        env = next((value.env for value in found if value.env), None)
        shown = Evidence(file=source.path, line=call.line, shows=f"{call.operand}.{call.name}, port {port}", confidence=0.8)
        yield Listener("otp", "tcp", port, env, shown)
