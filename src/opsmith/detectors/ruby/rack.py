"""Rack applications without Rails (Sinatra, Roda, Hanami, Grape, plain config.ru) and programs that run on without a web server."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from opsmith.detectors.paths import parent
from opsmith.detectors.ruby.project import Project
from opsmith.detectors.ruby.routes import Route, roda_routes, sinatra_routes, superclasses
from opsmith.detectors.ruby.servers import Server, server, setting
from opsmith.detectors.ruby.syntax import Source, arguments, arrows, block, literal, method, receiver, shown, text
from opsmith.model.survey import Evidence

_BASES = (
    (re.compile(r"(?:::)?Sinatra::(?:Base|Application)$"), "sinatra"), (re.compile(r"(?:::)?Roda\b"), "roda"),
    (re.compile(r"(?:::)?Grape::API"), "grape"),
    (re.compile(r"(?:::)?Hanami::(?:App|Application|Routes|Slice)$"), "hanami"), (re.compile(r"(?:::)?Padrino::Application$"), "padrino"),
    (re.compile(r"(?:::)?Cuba$"), "cuba"),
)  # fmt: skip
_GEMS = ("hanami", "padrino", "sinatra", "roda", "grape", "cuba", "syro", "camping")
_CLASSIC = re.compile(rb"^\s*require\s*\(?\s*['\"]sinatra['\"]", re.MULTILINE)
_ENTRIES = ("app.rb", "server.rb", "main.rb", "web.rb", "application.rb", "api.rb", "index.rb", "src/app.rb", "lib/app.rb", "bin/server")
_BOTS = {"discordrb": b"Discordrb", "telegram-bot-ruby": b"Telegram::Bot", "slack-ruby-bot": b"SlackRubyBot", "rufus-scheduler": b"Rufus"}
_RACK_PORT, _SINATRA_PORT, _HANAMI_PORT = 9292, 4567, 2300


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    framework: str | None
    framework_evidence: tuple[Evidence, ...]
    server: Server
    default_port: int
    default_shows: str


def application(project: Project) -> Application | None:
    """The web application of a project without Rails; None when there is none."""
    rack = project.source("config.ru")
    named = _framework(project)
    if rack is not None:
        hanami = named is not None and named[0] == "hanami"
        port = _HANAMI_PORT if hanami else _RACK_PORT
        started = _hanami(project, port) if hanami else server(project, port) or _rackup(project, port)
        shows = f"{'Hanami' if hanami else 'Rack'}'s default, {port}: no port is stated"
        return Application(
            framework=named[0] if named else "rack",
            framework_evidence=(named[1],) if named else (Evidence(file=rack.path, shows="a Rack application", confidence=0.9),),
            server=started, default_port=port, default_shows=shows,
        )  # fmt: skip
    return _classic(project) or _socket(project)


def _framework(project: Project) -> tuple[str, Evidence] | None:
    """By the class that an application inherits from, else by the gem; a class that the others mount speaks last."""
    found: dict[str, Evidence] = {}
    for source in project.marked(b"Sinatra", b"Roda", b"Grape", b"Hanami", b"Padrino", b"Cuba"):
        for node, base in superclasses(source):
            kind = next((kind for pattern, kind in _BASES if pattern.match(base)), None)
            if kind is not None:
                found.setdefault(
                    kind, Evidence(file=source.path, line=source.line(node), shows=f"class {text(node.child_by_field_name('name'))} < {base}")
                )
    gems = {name: gem.evidence for name in _GEMS if (gem := project.gem(name)) is not None}
    chosen = next((name for name in _GEMS if name in found), None) or next(iter(gems), None)
    return (chosen, found.get(chosen) or gems[chosen]) if chosen else None


def _rackup(project: Project, port: int) -> Server:
    gem = project.gem("rackup", "rack", "webrick")
    shows = gem.evidence if gem else Evidence(file=project.path("config.ru"), shows="config.ru", confidence=0.8)
    prefix = "bundle exec " if project.bundle is not None else ""
    return Server(command=f"{prefix}rackup --host 0.0.0.0 --port {port}", evidence=(shows,))


def _hanami(project: Project, port: int) -> Server:
    found = server(project, port)
    if found is not None and "-C" in found.command:
        return found
    gem = project.gem("hanami")
    shows = gem.evidence if gem else Evidence(file=project.path("config.ru"), shows="config.ru")
    return Server(command=f"bundle exec hanami server --host 0.0.0.0 --port {port}", evidence=(shows,))


def _classic(project: Project) -> Application | None:
    """A file that requires `sinatra` and starts itself when it is run."""
    found = [source for source in project.marked(b"sinatra") if _CLASSIC.search(source.data) or b"run!" in source.data]
    if not found:
        return None
    source = min(found, key=lambda item: (_rank(project.relative(item.path)), item.path))
    port = setting(iter(found), "port")
    number = int(port[0]) if port and port[0].isdigit() else None
    prefix = "bundle exec " if project.bundle is not None else ""
    shows = Evidence(file=source.path, line=source.line_of(b"sinatra"), shows="requires sinatra: it starts a server when it is run", confidence=0.85)
    bound = "" if setting(iter(found), "bind") else " -o 0.0.0.0"
    return Application(
        framework="sinatra",
        framework_evidence=(shows,),
        server=Server(
            command=f"{prefix}ruby {project.relative(source.path)}{bound}", evidence=(shows,), port=number,
            port_env=port[1] if port else None, port_evidence=(port[2],) if port and number else (),
        ),
        default_port=_SINATRA_PORT,
        default_shows="Sinatra's default, 4567: no port is stated",
    )  # fmt: skip


def _rank(relative: str) -> int:
    return _ENTRIES.index(relative) if relative in _ENTRIES else len(_ENTRIES) + relative.count("/")


def _socket(project: Project) -> Application | None:
    """WEBrick or a plain TCP server with the port in its code."""
    for source in project.marked(b"WEBrick::HTTPServer", b"TCPServer.new"):
        for call in source.calls("new"):
            if receiver(call) not in ("WEBrick::HTTPServer", "TCPServer"):
                continue
            written = re.search(r"Port(?:\s*=>|:)\s*(?:.{0,60}?)(\d{2,5})|TCPServer\.new\D{0,60}?(\d{2,5})\s*\)?$", text(call)[:400])
            number = int(written[1] or written[2]) if written else None
            shows = Evidence(file=source.path, line=source.line(call), shows=shown(call), confidence=0.85)
            prefix = "bundle exec " if project.bundle is not None else ""
            made = Server(
                command=f"{prefix}ruby {project.relative(source.path)}", evidence=(shows,), port=number, port_evidence=(shows,) if number else ()
            )
            return Application(
                framework=None, framework_evidence=(), server=made, default_port=80, default_shows="WEBrick's default, 80: no port is stated"
            )
    return None


def program(project: Project) -> tuple[str, Evidence] | None:
    """The command of a bot or a scheduler that runs on without listening."""
    for gem, mark in _BOTS.items():
        listed = project.gem(gem)
        found = [source for source in project.marked(mark) if source.holds(b"run", b"listen", b"join")] if listed else []
        if found and listed:
            source = min(found, key=lambda item: (parent(project.relative(item.path)).count("/"), item.path))
            return f"bundle exec ruby {project.relative(source.path)}", listed.evidence
    return None


def routes(project: Project) -> tuple[Route, ...]:
    sources = list(project.marked(b"Sinatra", b"sinatra", b"Grape", b"Hanami", b"Padrino"))
    rack = project.source("config.ru")
    mounts = dict(_mounts(rack)) if rack is not None else {}
    mapped = tuple(_mapped(rack)) if rack is not None else ()
    return (*sinatra_routes(sources, mounts), *roda_routes(project.marked(b"Roda", b"r.get", b"r.on")), *mapped)


def _mounts(rack: Source) -> Iterator[tuple[str, str]]:
    """`map "/api" do run Api end`"""
    for call in rack.calls("map"):
        path = next((literal(node) for node in arguments(call)), None)
        body = block(call)
        if path and body is not None:
            for match in re.finditer(r"\brun\s+\(?([A-Z][\w:]*)", text(body)[:2000]):
                yield match[1].rpartition("::")[2], path.rstrip("/")


def _mapped(rack: Source) -> Iterator[Route]:
    """`map "/health" do run ->(env) { ... } end`, and `run Rack::URLMap.new("/health" => ...)`."""
    for call in rack.calls("map", "new"):
        pairs = arrows(call) if method(call) == "new" and receiver(call).endswith("URLMap") else []
        path = next((literal(node) for node in arguments(call)), None) if method(call) == "map" else None
        for value in (*([path] if path else []), *(literal(key) for key, _ in pairs)):
            if value:
                evidence = Evidence(file=rack.path, line=rack.line(call), shows=f"map {value}", confidence=0.85)
                yield Route("/" + value.strip("/"), text(block(call))[:300], evidence)
