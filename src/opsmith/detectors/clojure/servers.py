"""What listens: the web servers of Clojure by the calls and configuration keys that start them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from opsmith.detectors.clojure.reader import Form, options, table, walk
from opsmith.detectors.clojure.source import Source
from opsmith.detectors.clojure.values import Value, Values
from opsmith.model.survey import Evidence

_STARTS: Mapping[str, tuple[str, int, tuple[bytes, ...]]] = {
    "run-jetty": ("ring", 80, (b"ring.adapter.jetty", b"jetty9", b"ring-jetty")),
    "run-server": ("http-kit", 8090, (b"org.httpkit.server",)),
    "run-undertow": ("ring", 80, (b"undertow",)),
    "server": ("ring", 11010, (b"yetti.adapter",)),
    "start-server": ("aleph", 8080, (b"aleph.http",)),
    "default-connector-map": ("pedestal", 8080, (b"io.pedestal",)),
    "create-server": ("pedestal", 8080, (b"io.pedestal.http",)),
    "create-connector": ("pedestal", 8080, (b"io.pedestal",)),
}
"""By the function: its framework, the port it takes when none is told, and the namespaces it comes from."""
_IMMUTANT = (b"immutant.web",)
_LUMINUS = (b"luminus.http-server", b"luminus-http-server")
_PORT_KEYS = re.compile(r":(?:[\w.*+!?<>=-]+/)?(?:http-)?port|::(?:\w[\w.]*/)?port")
_CONFIG_SERVER = re.compile(r"(?:^|[./])(?:http|server|web|jetty|httpkit|undertow|adapter|api|app|port)(?:$|[./-])|server|jetty|http-kit|undertow")
_NOT_HTTP = re.compile(r"nrepl|repl|smtp|mail|redis|postgres|mysql|database|\bdb\b|kafka|rabbit|metrics|statsd|amqp|mongo|elastic|ssl|socket|spec")
_MARKS = tuple(mark for _, _, marks in _STARTS.values() for mark in marks) + _IMMUTANT + _LUMINUS
_LIBRARIES = (
    ("io.pedestal/pedestal.service", "pedestal"), ("io.pedestal/pedestal.jetty", "pedestal"), ("io.pedestal/pedestal.http-kit", "pedestal"),
    ("io.pedestal/pedestal.immutant", "pedestal"), ("io.github.kit-clj/kit-core", "kit"), ("luminus-immutant", "luminus"),
    ("luminus-http-kit", "luminus"), ("luminus-jetty", "luminus"), ("luminus-undertow", "luminus"), ("luminus-transit", "luminus"),
    ("ring-webjars/luminus", "luminus"), ("luminus/ring-undertow-adapter", "luminus"), ("luminus/ring-ttl-session", "luminus"),
    ("duct/core", "duct"), ("duct/module.web", "duct"), ("duct/server.http.jetty", "duct"), ("org.duct-framework/main", "duct"),
    ("compojure", "compojure"), ("compojure/compojure", "compojure"), ("metosin/compojure-api", "compojure"), ("metosin/reitit", "reitit"),
    ("metosin/reitit-ring", "reitit"), ("bidi/bidi", "bidi"), ("yada/yada", "yada"), ("liberator/liberator", "liberator"), ("liberator", "liberator"),
    ("http-kit/http-kit", "http-kit"), ("http-kit", "http-kit"), ("aleph/aleph", "aleph"), ("aleph", "aleph"), ("ring/ring-core", "ring"),
    ("ring/ring", "ring"),    ("ring/ring-jetty-adapter", "ring"), ("ring", "ring"),
)  # fmt: skip
"""Of several, the one that shapes the program most stands first."""


@dataclass(frozen=True, slots=True)
class Listener:
    framework: str
    port: int | None
    env: str | None
    default: bool
    evidence: Evidence
    namespace: str


def listeners(sources: list[Source], values: Values) -> list[Listener]:
    """Those whose port is stated first."""
    found = [item for source in sources if source.mentions(*_MARKS) for item in _in_file(source, sources, values)]
    if not found:
        found = list(_configured(values))
    return sorted(found, key=lambda item: (item.default, item.port is None))


def framework(dependencies: Mapping[str, int], found: Listener, file: str) -> tuple[str, Evidence]:
    for library, name in _LIBRARIES:
        if library in dependencies:
            return name, Evidence(file=file, line=dependencies[library], shows=library, confidence=0.9)
    return found.framework, found.evidence


def _in_file(source: Source, sources: list[Source], values: Values) -> Iterator[Listener]:
    for top in source.forms:
        for form in walk(top):
            started = _started(form, source)
            if started is not None:
                yield _listener(started[0], _Start(form, top, source, sources), values, started[1])


def _started(form: Form, source: Source) -> tuple[str, int] | None:
    """The framework whose server a call starts, and the port it takes when none is told."""
    name = form.head().rpartition("/")[2]
    if name in _STARTS and source.mentions(*_STARTS[name][2]):
        return _STARTS[name][:2]
    if name in ("run", "run-dmc") and source.mentions(*_IMMUTANT) and len(form.items) > 1:
        return "immutant", 8080
    if name == "start" and source.mentions(*_LUMINUS) and "http" in form.head():
        return "luminus", 3000
    return None


@dataclass(frozen=True, slots=True)
class _Start:
    """A call that starts a server, with the definition and the file that it stands in."""

    form: Form
    top: Form
    source: Source
    sources: list[Source]


def _listener(name: str, start: _Start, values: Values, default: int) -> Listener:
    form, source = start.form, start.source
    found = _ports(start, values)
    port = next((value for value in found if value.port), None)
    env = next((value.env for value in found if value.env), None)
    if port is not None:
        shown = Evidence(file=port.file, line=port.line, shows=f"{form.head()}: port {port.port}", confidence=0.85)
        return Listener(name, port.port, env, False, shown, source.namespace)
    silent = env is None and _is_whole(form)
    shows = f"{form.head()}'s default, {default}: no port is stated" if silent else f"{form.head()}, port from {env or 'elsewhere'}"
    shown = Evidence(file=source.path, line=form.line, shows=shows, confidence=0.5)
    return Listener(name, default if silent else None, env, True, shown, source.namespace)


def _is_whole(form: Form) -> bool:
    """Whether the options stand in the call and tell no port."""
    last = form.items[-1]
    return last.kind == "map" and not any(_PORT_KEYS.fullmatch(key) for key in table(last)) and ":keys" not in table(last)


def _ports(start: _Start, values: Values) -> list[Value]:
    """Told in the call itself, in what its arguments are bound to, by callers, else in configuration, last of all elsewhere in the file."""
    form, source = start.form, start.source
    if form.head().endswith("default-connector-map"):
        told = [value for item in form.items[1:] for value in values.of(item, source)]
        if told:
            return told
    arguments = [inner for item in form.items[1:] for inner in (item, *_reached(item, source))]
    ports = [port for item in arguments for port in _port_forms(item)]
    told = [value for port in ports for value in values.of(port, source)]
    if any(value.port for value in told):
        return told
    elsewhere = (value for place in (_passed(start, values), _from_settings(values), _beside(source, values)) for value in place)
    found = list(elsewhere)[:40]
    return found if any(value.port for value in found) else [value for value in told if value.env]


def _beside(source: Source, values: Values) -> Iterator[Value]:
    return (value for item in source.forms for port in _port_forms(item) for value in values.of(port, source))


def _passed(start: _Start, values: Values) -> Iterator[Value]:
    """What a function that takes the port as a parameter is called with, and what it takes otherwise (`:or {port 3000}`)."""
    top = start.top
    parameters = next((item for item in top.items[2:5] if item.kind == "vector"), None) if top.head() in ("defn", "defn-") else None
    if parameters is None:
        return
    for item in walk(parameters):
        if item.text == ":or" or item.kind == "map":
            yield from (value for key, form in table(table(item).get(":or")).items() if "port" in key for value in values.of(form, start.source))
    for position, parameter in enumerate(parameters.items):
        if parameter.kind == "symbol" and "port" in parameter.text:
            yield from _called_with(top.items[1].text, position, start, values)


def _called_with(name: str, position: int, start: _Start, values: Values) -> Iterator[Value]:
    for source in start.sources:
        for form in walk(*source.forms) if source.mentions(name.encode()) else ():
            if form.head().rpartition("/")[2] == name and len(form.items) > position + 1:
                yield from values.of(form.items[position + 1], source)


def _reached(form: Form, source: Source) -> list[Form]:
    """What the symbols of an argument are bound to in the same file."""
    return [bound for item in walk(form) if item.kind == "symbol" and (bound := source.bound(item.text)) is not None][:8]


def _port_forms(form: Form) -> Iterator[Form]:
    """What is told under `:port`, in maps and in keyword arguments (`(assoc m ::http/port 80)`)."""
    for item in walk(form):
        pairs = table(item) if item.kind == "map" else options(item.items[1:] if item.kind == "list" else ())
        shifted = options(item.items[2:] if item.head() in ("assoc", "run", "web/run", "merge", "update") else ())
        for key, value in (*pairs.items(), *shifted.items()):
            if _PORT_KEYS.fullmatch(key):
                yield value


def _from_settings(values: Values) -> Iterator[Value]:
    for item in values.settings:
        if item.path[-1].rpartition("/")[2] in ("port", "http-port") and not _NOT_HTTP.search("/".join(item.path)):
            yield from values.of_setting(item)


def _configured(values: Values) -> Iterator[Listener]:
    """Servers that a framework starts from its configuration alone (Kit's `:server/http`, Duct's `:duct.server.http/jetty`)."""
    for item in values.settings:
        named = "/".join(item.path[:-1])
        if item.path[-1] == "port" and _CONFIG_SERVER.search(named) and not _NOT_HTTP.search(named):
            found = values.of_setting(item)
            port, env = next((value.port for value in found if value.port), None), next((value.env for value in found if value.env), None)
            shown = Evidence(file=item.source.path, line=item.form.line, shows=f"{named}: port {port or env}", confidence=0.8)
            yield Listener("duct" if "duct" in named else "ring", port, env, False, shown, "")
