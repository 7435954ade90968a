"""What the development server of a static site hands on becomes routes of the web server that serves it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from opsmith import conventions
from opsmith.model.blueprint import Route
from opsmith.model.survey import Component, Proxy
from opsmith.stages.draft.notes import Notes

_LOCAL = frozenset(("localhost", "127.0.0.1", "0.0.0.0", "[::1]", "host.docker.internal"))  # noqa: S104  # compared, never bound
_URL = re.compile(r"(?:https?|wss?)://(\[::1\]|[\w.-]+)(?::(\d{1,5}))?(/[^?#]*)?", re.ASCII)
_PATH = re.compile(r"/[\w/.~@-]{0,200}", re.ASCII)
"""What may stand in the web server's configuration as it is."""


def routes(components: tuple[Component, ...], names: Mapping[str, str], notes: Notes) -> dict[str, tuple[Route, ...]]:
    """By component name; what leads nowhere that is known becomes an open point."""
    found = {item.name: _routes(item, components, names, notes) for item in components if item.role == "static" and item.name in names}
    return {name: listed for name, listed in found.items() if listed}


def _routes(item: Component, components: tuple[Component, ...], names: Mapping[str, str], notes: Notes) -> tuple[Route, ...]:
    made: dict[str | None, Route] = {}
    for proxy in item.proxies:
        target = _target(proxy, item, components, names)
        if target is None:
            prefix = proxy.prefix or "everything else"
            notes.open_for(prefix, f"the development server of {item.name} proxies {{names}} to {proxy.url}; no component is known there")
        elif proxy.prefix is None or _PATH.fullmatch(proxy.prefix):
            made.setdefault(proxy.prefix, _route(proxy, names[target.name]))
    if made:
        notes.fact(f"services.{names[item.name]}.routes", item, "proxies")
    return tuple(made.values())


def _route(proxy: Proxy, service: str) -> Route:
    match = _URL.match(proxy.url)
    path = (match[3] or "").rstrip("/") if match else ""
    return Route(prefix=proxy.prefix, service=service, strips=proxy.strips, path=path)


def _target(proxy: Proxy, item: Component, components: tuple[Component, ...], names: Mapping[str, str]) -> Component | None:
    """By the host's name; on this machine by the port; else the one that is known to be called, on that port."""
    match = _URL.match(proxy.url)
    if match is None or (match[3] and not _PATH.fullmatch(match[3])):
        return None
    host, port = match[1].lower(), int(match[2]) if match[2] else None
    answering = [other for other in components if other is not item and other.role == "web" and other.ports and other.name in names]
    if host in _LOCAL:
        return _only([other for other in answering if port in other.ports])
    named = [other for other in answering if host in (other.name, conventions.dns_label(other.name), other.path.rpartition("/")[2].lower())]
    if named:
        return _only(named)
    return None if "." in host else _only([other for other in answering if other.name in item.depends_on and port in other.ports])


def _only(found: list[Component]) -> Component | None:
    return found[0] if len(found) == 1 else None
