"""Where a program listens and what it answers: one row for each library, by its own calls."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from opsmith.detectors.cpp.lexer import calls, texts
from opsmith.detectors.cpp.program import Program
from opsmith.model.survey import Evidence, Protocol
from opsmith.repo import Repo
from opsmith.shapes import items, table


@dataclass(frozen=True, slots=True)
class Library:
    """`header`: what a program that uses it includes. `opens`: the call that opens the door, `argument` the number of the one with the port."""

    name: str
    header: re.Pattern[str]
    opens: re.Pattern[str]
    argument: int
    protocol: Protocol = "http"
    needs: re.Pattern[str] | None = None
    """What has to stand in the code besides: the library has clients too."""
    default: int | None = None
    envs: tuple[str, ...] = ()
    """Variables that the library reads its port from by itself."""


@dataclass(frozen=True, slots=True)
class Door:
    library: str
    protocol: Protocol
    ports: tuple[int, ...]
    envs: tuple[str, ...]
    local: bool
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Route:
    path: str
    evidence: Evidence


def _library(
    name: str, header: str, opens: str, argument: int, protocol: Protocol = "http", needs: str | None = None, default: int | None = None
) -> Library:
    return Library(name, re.compile(header), re.compile(opens), argument, protocol, re.compile(needs) if needs else None, default)


LIBRARIES = (
    _library("drogon", r"^drogon/", r"\baddListener\s*\(", 1),
    _library("crow", r"^crow(?:\.h|/|_all\.h)", r"\.\s*port\s*\(", 0, needs=r"\bcrow::(?:SimpleApp|App\b|Crow\b)|\bCROW_ROUTE", default=80),
    _library("oatpp", r"^oatpp", r"(?:ConnectionProvider::createShared|\bAddress)\s*\(\s*\{", 1,
             needs=r"Server|AppComponent|serverConnectionProvider"),
    _library("pistache", r"^pistache/", r"\b(?:Pistache::)?Port\s+\w+\s*\(|(?<!::)\bPort\s*[({]|\bPistache::Port\s*[({]", 0),
    _library("httplib", r"(?:^|/)httplib\.h$", r"(?:\.|->)\s*(?:listen|bind_to_port)\s*\(", 1,
             needs=r"\bhttplib::(?:SSL)?Server|\b(?:SSL)?Server\s+\w+\s*[;({]"),
    Library("functions-framework", re.compile(r"^google/cloud/functions/"), re.compile(r"\bgcf::Run\s*\("), 9, default=8080, envs=("PORT",)),
    _library("restinio", r"^restinio/", r"\.\s*port\s*\(", 0),
    _library("uwebsockets", r"(?:^|/)App\.h$|^uwebsockets/", r"\.\s*listen\s*\(", 0, needs=r"\buWS::"),
    _library("cpprestsdk", r"^cpprest/http_listener", r"\bhttp_listener\s*(?:\w+\s*)?\(", 0),
    _library("poco", r"^Poco/Net/HTTPServer", r"\bServerSocket\s*(?:\w+\s*)?\(", 0),
    _library("mongoose", r"(?:^|/)mongoose\.h$", r"\bmg_(?:http_)?listen\s*\(", 1),
    _library("libmicrohttpd", r"^microhttpd\.h$", r"\bMHD_start_daemon\s*\(", 1),
    _library("libevent", r"^event2/http\.h$|^evhttp\.h$", r"\bevhttp_bind_socket\w*\s*\(", 2),
    _library("grpc", r"^grpc(?:pp|\+\+)/", r"(?:\.|->)\s*AddListeningPort\s*\(", 0, "grpc"),
    _library("boost.beast", r"^boost/beast", r"\btcp::endpoint\s*(?:\w+\s*)?[({]", 1, needs=r"\bacceptor\b|\btcp::acceptor"),
    _library("asio", r"^(?:boost/)?asio", r"\btcp::endpoint\s*(?:\w+\s*)?[({]", 1, "tcp", needs=r"\btcp::acceptor"),
    _library("sockets", r"^(?:sys/socket|netinet/in|arpa/inet)\.h$", r"\bhtons\s*\(", 0, "tcp", needs=r"(?<![\w.>:])(?:::)?listen\s*\(\s*\w"),
)  # fmt: skip
_LOOPBACK = re.compile(r"^(?:\w+://)?(?:127\.\d|localhost\b|\[?::1\b)")
_ROUTES = re.compile(
    r"\b(?:CROW_ROUTE|CROW_BP_ROUTE|ENDPOINT|ENDPOINT_ASYNC|METHOD_ADD|ADD_METHOD_TO|PATH_ADD|registerHandler|registerHandlerViaRegex)\s*\(|"
    r"(?:\.|->)\s*(?:Get|get|route_dynamic|http_get)\s*\(|\bRoutes::Get\s*\(|\b(?:http::)?verb::get\b()"
)
_HEALTH = ("healthz", "health", "_healthz", "_health", "health-check", "healthcheck", "health_check", "livez", "liveness", "live", "alive", "readyz",
           "readiness", "ready", "heartbeat", "ping")  # fmt: skip
_COMPARED = re.compile(r'\b(?:target|path|uri|url)\s*(?:\(\s*\))?\s*==\s*"(/[\w./-]*)"')
_GRPC_HEALTH = re.compile(r"\bEnableDefaultHealthCheckService\s*\(\s*true\s*\)|\bHealth::Service\b|\bHealthCheckServiceInterface\b")


def doors(repo: Repo, program: Program) -> tuple[Door, ...]:
    """The doors of the first library in use that has any, its own configuration file included."""
    for library in LIBRARIES:
        if not any(library.header.search(name) for name in program.includes):
            continue
        if library.needs is not None and not any(library.needs.search(code.text) for code in program.files):
            continue
        found = [*_opened(library, program), *(_drogon_file(repo, program) if library.name == "drogon" else ())]
        known = [door for door in found if door.ports or door.envs]
        if library.default is not None and not known:
            return (_without_port(library, program),)
        if found:
            return tuple(dict.fromkeys(known or found[:1]))
    return ()


def _opened(library: Library, program: Program) -> Iterator[Door]:
    for code in program.files:
        for match, given, line in calls(code.text, library.opens) if library.opens.search(code.text) else ():
            argument = given[library.argument] if library.argument < len(given) else given[-1] if given and library.argument < 2 else None
            if argument is None:
                continue
            found = program.address(argument)
            local = any(_LOOPBACK.match(value) for expression in given for value in texts(expression)[:1])
            shown = " ".join(f"{match[0].strip()}{', '.join(given)}".split())[:100]
            yield Door(
                library.name, library.protocol, found.ports[:1], found.envs, local, Evidence(file=code.path, line=line, shows=shown, confidence=0.9)
            )


def _without_port(library: Library, program: Program) -> Door:
    """The library's own default, told as one."""
    name = next(name for name in program.includes if library.header.search(name))
    file, line = program.includes[name]
    shown = Evidence(file=file, line=line, shows=f"the default port {library.default} of {library.name}", confidence=0.7)
    return Door(library.name, "http", (library.default,) if library.default else (), library.envs, False, shown)


def drogon_files(repo: Repo, program: Program) -> Iterator[str]:
    """What `loadConfigFile` names, beside the sources, above them, or at the root."""
    for code in program.files:
        for _, given, _ in calls(code.text, re.compile(r"\bloadConfigFile\s*\(")) if "loadConfigFile" in code.text else ():
            for name in (value.removeprefix("./").removeprefix("../") for argument in given[:1] for value in texts(argument)):
                folder = code.path.rpartition("/")[0]
                places = (f"{place}/{name}".lstrip("/") for place in (folder, folder.rpartition("/")[0], ""))
                path = next((place for place in places if repo.has(place)), None)
                if path is not None:
                    yield path


def drogon_document(repo: Repo, path: str) -> dict[str, object]:
    document = next(iter(repo.yaml(path) or []), None) if path.endswith((".yaml", ".yml")) else repo.json(path)
    return table(document)


def _drogon_file(repo: Repo, program: Program) -> Iterator[Door]:
    for path in drogon_files(repo, program):
        for listener in items(drogon_document(repo, path).get("listeners")):
            port, address = table(listener).get("port"), str(table(listener).get("address", ""))
            if isinstance(port, int) and 0 < port < 65536:
                evidence = Evidence(file=path, line=repo.line_of(path, str(port)), shows=f"listeners: port {port}", confidence=0.9)
                yield Door("drogon", "http", (port,), (), bool(_LOOPBACK.match(address)), evidence)


def health(program: Program, *, grpc: bool) -> Route | None:
    found = list(_routes(program))
    ranked = [(_HEALTH.index(word), route.path.count("/"), index) for index, route in enumerate(found) if (word := _last(route.path)) in _HEALTH]
    if ranked:
        return found[min(ranked)[2]]
    for code in program.files if grpc else ():
        match = _GRPC_HEALTH.search(code.text)
        if match:
            shown = Evidence(file=code.path, line=code.text.count("\n", 0, match.start()) + 1, shows=match[0], confidence=0.95)
            return Route("grpc", shown)
    return None


def _last(path: str) -> str:
    return path.rstrip("/").rpartition("/")[2].lower()


def _routes(program: Program) -> Iterator[Route]:
    for code in program.files:
        for _, given, line in calls(code.text, _ROUTES):
            path = next((value for argument in given[:3] for value in texts(argument)[:1] if value.startswith("/")), None)
            if path is not None:
                yield Route(path, Evidence(file=code.path, line=line, shows=path, confidence=0.9))
        for match in _COMPARED.finditer(code.text):
            line = code.text.count("\n", 0, match.start()) + 1
            yield Route(match[1], Evidence(file=code.path, line=line, shows=match[0], confidence=0.8))
