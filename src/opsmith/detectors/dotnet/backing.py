"""Backing services: from the clients that are shipped, the code that opens them, and what decides between several databases."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from tree_sitter import Node

from opsmith.detectors.dotnet.branches import Branch, branch
from opsmith.detectors.dotnet.clients import CONNECTION_CALLS, KIND_BY_PACKAGE, SQL_BY_WORD, USES
from opsmith.detectors.dotnet.connections import host_of, kind_of_connection
from opsmith.detectors.dotnet.environment import LOCAL, Read
from opsmith.detectors.dotnet.msbuild import Package
from opsmith.detectors.dotnet.program import Program, in_development
from opsmith.detectors.dotnet.source import Call, Source, arguments, callee, line, literal, text
from opsmith.detectors.dotnet.values import Resolver
from opsmith.detectors.services import kind_of_env
from opsmith.model.survey import BackingService, Evidence

SQL = frozenset(("postgres", "mysql", "mssql", "oracle"))
_FILES = ("microsoft.entityframeworkcore.sqlite", "microsoft.data.sqlite", "system.data.sqlite", "system.data.sqlite.core", "sqlite-net-pcl")
_CHOICE = re.compile(r"(?i)(?:provider|dbtype|databasetype|dbprovider|engine|dialect|storage)$")
_WORDS = {"mssql": ("sqlserver", "sqlconnection"), "redis": ("redis", "connectionmultiplexer"), "postgres": ("npgsql", "postgres", "marten"),
          "azure-service-bus": ("servicebus",), "elasticsearch": ("elastic", "nest"), "cosmosdb": ("cosmos",),
          "dynamodb": ("dynamo",), "rabbitmq": ("rabbit", "connectionfactory", "rabbithutch"), "mongodb": ("mongo",)}  # fmt: skip


_WATCHED = re.compile(r"(?i)health|^hc\w*$")
_CONNECTS = re.compile(r"Connect\w*|Create\w*|Host|Parse|Use\w+|AddStackExchangeRedis\w*|AddRedis|AddMarten")
_ADDRESSES = ("HostName", "Host", "BootstrapServers", "Server", "Hostname")


@dataclass(frozen=True, slots=True)
class Use:
    """A call or `new` that opens a service."""

    node: Node
    source: Source


@dataclass(frozen=True, slots=True)
class Found:
    services: tuple[BackingService, ...]
    evidence: tuple[Evidence, ...]
    undecided: tuple[str, ...]
    """Databases among which nothing chooses."""
    in_file: tuple[Evidence, ...]
    """What shows that the only database is a file."""


def backing(program: Program, resolver: Resolver, reads: tuple[Read, ...]) -> Found:
    clients = _clients(program)
    uses = {kind: list(_uses(kind, program)) for kind in {*clients, *(("sqlite",) if _has_sqlite(program) else ())}}
    uses = {kind: found for kind, found in uses.items() if _counts(kind, found, clients, program)}
    branches = {kind: _branch(found, program) for kind, found in uses.items()}
    kept = [kind for kind in (*clients, "sqlite") if kind in uses and branches[kind] is not Branch.OTHER]
    databases = [kind for kind in kept if kind in SQL or kind == "sqlite"]
    chosen, undecided = _chosen(databases, uses, program, resolver)
    wanted = [kind for kind in kept if kind != "sqlite" and (kind not in SQL or kind in chosen)]
    services = tuple(_service(kind, uses[kind], branches[kind], program, resolver, reads, wanted) for kind in wanted)
    evidence = tuple(_evidence(clients[kind], uses[kind]) for kind in wanted)
    return Found(services, evidence, undecided, _in_file(uses.get("sqlite", []), chosen, wanted))


def _clients(program: Program) -> dict[str, Package]:
    """The client that is shipped for each kind; the project's own before those of libraries."""
    found: dict[str, Package] = {}
    for key, package in program.packages.items():
        kind = KIND_BY_PACKAGE.get(key)
        if kind is not None and not package.private:
            found.setdefault(kind, package)
    return found


def _has_sqlite(program: Program) -> bool:
    return any(name in program.packages for name in _FILES)


def _uses(kind: str, program: Program) -> Iterator[Use]:
    """Calls and `new` that speak of a client; what only watches whether the service is well does not."""
    exact = USES.get(kind)
    words = _WORDS.get(kind, (kind,))

    @cache
    def speaks(name: str) -> bool:
        return name in exact if exact else any(word in name.lower() for word in words)

    for call in program.calls_with(speaks):
        if _is_live(call, program):
            yield Use(call.node, call.source)
    for node, source in program.made_with(speaks):
        if program.reached(node, source):
            yield Use(node, source)


def _is_live(call: Call, program: Program) -> bool:
    return program.reached(call.node, call.source) and not in_development(call.node) and not _watches(call)


def _watches(call: Call) -> bool:
    """Whether it stands in a chain of `AddHealthChecks()`, or on a variable called so."""
    current: Node | None = call.node
    for _ in range(30):
        if current is None or current.type != "invocation_expression":
            break
        _, name = callee(current)
        if "HealthCheck" in name or "Instrumentation" in name:
            return True
        function = current.child_by_field_name("function")
        current = function.child_by_field_name("expression") if function is not None and function.type == "member_access_expression" else None
    return bool(_WATCHED.search(text(current)[:100])) if current is not None and current.type == "identifier" else False


def _counts(kind: str, uses: list[Use], clients: dict[str, Package], program: Program) -> bool:
    """Without a call that opens it, a client counts where the project itself asks for it and it is the only one of databases."""
    if uses:
        return True
    if kind not in clients:
        return False
    alone = kind not in SQL or not any(other in SQL and other != kind for other in clients)
    own = any(key in program.project.packages for key in (clients[kind].name.lower(),)) or not any(
        source.path.endswith(".cs") for source in program.main
    )
    return alone and own and not _has_sqlite(program) if kind in SQL else own


def _branch(uses: list[Use], program: Program) -> Branch:
    found = {branch(use.node, use.source, program) for use in uses[:40]}
    if Branch.ALWAYS in found or not found:
        return Branch.ALWAYS
    return Branch.ASKED if Branch.ASKED in found else Branch.OTHER


def _chosen(databases: list[str], uses: Mapping[str, list[Use]], program: Program, resolver: Resolver) -> tuple[set[str], tuple[str, ...]]:
    """The databases that are needed; and those among which nothing decides."""
    if len(databases) < 2:
        return set(databases), ()
    told = {kind for word in _told(program, resolver) if (kind := SQL_BY_WORD.get(re.sub(r"[^a-z]", "", word.lower())))}
    written = {kind_of_connection(setting.value) for setting in resolver.settings.all().values()}
    forms = {kind for kind in databases if kind in written}
    for decided in (told & set(databases), forms):
        if len(decided) == 1:
            return decided, ()
    if told == {"memory"}:
        return set(), ()
    apart = _apart(databases, uses)
    return (apart, ()) if apart else (set(), tuple(databases))


def _told(program: Program, resolver: Resolver) -> Iterator[str]:
    """What settings, or variables of the code, say of the choice."""
    for setting in resolver.settings.all().values():
        if _CHOICE.search(setting.key):
            yield setting.value
    for source in program.own:
        for name, values in source.given().items():
            if _CHOICE.search(name):
                yield from (known for value, _ in values if (known := literal(value)))


def _apart(databases: list[str], uses: Mapping[str, list[Use]]) -> set[str]:
    """All of them, where each is opened in a file of its own: they are no alternatives but used side by side."""
    files = [{use.source.path for use in uses[kind]} for kind in databases]
    return (
        set(databases) if not any(one & two for index, one in enumerate(files) for two in files[index + 1 :]) and "sqlite" not in databases else set()
    )


def _service(
    kind: str, uses: list[Use], where: Branch, program: Program, resolver: Resolver, reads: tuple[Read, ...], kinds: Iterable[str]
) -> BackingService:
    named = {key for use in uses[:40] for key in _keys(use, resolver)}
    only = kind in SQL and not named and not any(other in SQL for other in kinds if other != kind)
    env = tuple(sorted({read.name for read in reads if read.key in named or _speaks_of(read, kind, only)}))
    optional = where is Branch.ASKED
    return BackingService(kind=kind, name=kind, version=_version(kind, program), env=env, host=_host(kind, uses, resolver), optional=optional)


def _keys(use: Use, resolver: Resolver) -> Iterator[str]:
    """The configuration keys that the arguments hold; Aspire's clients are told the name of a connection string."""
    by_name = callee(use.node)[1] in CONNECTION_CALLS
    for _, node in arguments(use.node)[:4]:
        for value in resolver.values(node, use.source):
            if value.key is not None:
                yield value.key
            elif by_name:
                yield f"ConnectionStrings:{value.text}"


def _speaks_of(read: Read, kind: str, only: bool) -> bool:
    by_value = kind_of_connection(read.default or "")
    if by_value is not None:
        return by_value == kind
    by_name = kind_of_env(read.name)
    if by_name is not None:
        return by_name == kind
    return only and read.key.lower().startswith("connectionstrings:")


def _host(kind: str, uses: list[Use], resolver: Resolver) -> str | None:
    """The address that a literal of the code fixes; one that configuration can set is none."""
    for use in uses[:40]:
        for node in _addresses(use):
            values = resolver.values(node, use.source)
            if values and all(value.key is None for value in values):
                found = next((host for value in values if (host := host_of(value.text, kind)) and not LOCAL.search(value.text)), None)
                if found is not None:
                    return found
    return None


def _addresses(use: Use) -> Iterator[Node]:
    """Arguments of what connects, and the members that an object of settings is made with."""
    made = use.node.type == "object_creation_expression"
    name = callee(use.node)[1]
    if made or (_CONNECTS.fullmatch(name) and name not in CONNECTION_CALLS):
        yield from (node for _, node in arguments(use.node)[:3])
    listed = use.node.child_by_field_name("initializer") if made else None
    for item in listed.named_children if listed is not None else ():
        left, right = item.child_by_field_name("left"), item.child_by_field_name("right")
        if left is not None and right is not None and text(left) in _ADDRESSES:
            yield right


def _version(kind: str, program: Program) -> str | None:
    """`new MySqlServerVersion(new Version(8, 0, 36))`."""
    for node, _ in program.made("MySqlServerVersion", "MariaDbServerVersion") if kind == "mysql" else ():
        numbers = [value for _, inner in arguments(node) for _, number in arguments(inner) if (value := literal(number))]
        if numbers and all(number.isdigit() for number in numbers):
            return ".".join(numbers)
    return None


def _evidence(package: Package, uses: list[Use]) -> Evidence:
    shown = f"{package.name} {package.version}" if package.version else package.name
    where = f", used in {uses[0].source.path}:{line(uses[0].node)}" if uses else ""
    return Evidence(file=package.file, line=package.line, shows=shown + where, confidence=0.9 if uses else 0.7)


def _in_file(uses: list[Use], chosen: set[str], wanted: list[str]) -> tuple[Evidence, ...]:
    if not uses or "sqlite" not in chosen or any(kind in SQL for kind in wanted):
        return ()
    return (Evidence(file=uses[0].source.path, line=line(uses[0].node), shows="SQLite, a file", confidence=0.85),)
