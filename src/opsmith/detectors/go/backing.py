"""Backing services: from drivers that the program imports, and what decides between several."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from opsmith.detectors.go.environment import SWITCHED_ON, Read, only_when_asked
from opsmith.detectors.go.program import Expression, Program
from opsmith.detectors.go.source import Source, arguments, callee, line, literal
from opsmith.detectors.go.values import Resolver
from opsmith.detectors.services import KIND_BY_SCHEME, kind_of_env, kind_of_package, kind_of_url
from opsmith.model.survey import BackingService, Evidence

SQL = frozenset(("postgres", "mysql", "mssql", "oracle"))
_SQLITE = (
    "github.com/mattn/go-sqlite3",
    "modernc.org/sqlite",
    "gorm.io/driver/sqlite",
    "github.com/glebarez/sqlite",
    "github.com/jinzhu/gorm/dialects/sqlite",
)
_DRIVERS = {"pgx": "postgres", "pq": "postgres", "sqlite3": "sqlite", "sqlite": "sqlite", "godror": "oracle"}
_CHOICE = re.compile(r"(?i)(^|_|-|db|database)(type|driver|dialect|engine|adapter)$")
_DATABASE = re.compile(r"(?:\w+_)?(DB|DATABASE|DSN|SQL)(?:_|$)")
_TELEMETRY = ("go.opentelemetry.io", "gopkg.in/DataDog", "github.com/DataDog")


def backing(program: Program, resolver: Resolver, reads: Iterable[Read]) -> tuple[tuple[BackingService, ...], tuple[Evidence, ...], tuple[str, ...]]:
    """The services, their evidence, and the databases among which the code leaves the choice."""
    imported = {kind: where for kind, where in _imported(program) if _is_used(kind, program)}
    listed = tuple(reads)
    undecided: tuple[str, ...] = ()
    databases = [kind for kind in imported if kind in SQL]
    embedded = any(path.startswith(_SQLITE) for path in program.imports)
    if len(databases) + embedded > 1:
        decided = _decided(program, resolver, listed)
        kept = [kind for kind in databases if kind in decided]
        undecided = () if decided else tuple([*databases, "sqlite"] if embedded else databases)
        imported = {kind: where for kind, where in imported.items() if kind not in SQL or kind in kept}
    services = tuple(_service(kind, program, resolver, listed, [other for other in imported if other in SQL]) for kind in imported)
    return services, tuple(imported.values()), undecided


def sqlite_file(program: Program, resolver: Resolver, services: tuple[BackingService, ...], undecided: tuple[str, ...]) -> tuple[Evidence, ...]:
    """What shows that the only database is a file."""
    if undecided or any(service.kind in SQL or service.kind == "mongodb" for service in services):
        return ()
    opened = [
        name for call in program.called("Open", "MustOpen", "Connect") if callee(call.node)[0] != "os" for name in _last_argument(call, resolver)
    ]
    if opened and all("memory" in name for name in opened):
        return ()
    places = ((source, path) for source in program.sources for path in sorted(source.imported) if path.startswith(_SQLITE))
    return tuple(
        Evidence(file=source.path, line=_line_of(source, path), shows=f'import "{path}": SQLite, a file', confidence=0.85) for source, path in places
    )[:2]


def _last_argument(call: Expression, resolver: Resolver) -> list[str]:
    given = arguments(call.node)
    return [name for name in resolver.texts(Expression(given[-1], call.source)) if name] if given else []


def _imported(program: Program) -> Iterator[tuple[str, Evidence]]:
    seen: set[str] = set()
    for source in program.sources:
        for path in sorted(source.imported):
            kind = kind_of_package("go", path) if not path.startswith(_TELEMETRY) else None
            if kind is not None and kind not in seen and not (kind == "consul" and "/consul/api" not in path):
                seen.add(kind)
                yield kind, Evidence(file=source.path, line=_line_of(source, path), shows=f'import "{path}"', confidence=0.9)


def _line_of(source: Source, path: str) -> int:
    return source.data[: max(source.data.find(f'"{path}"'.encode()), 0)].count(b"\n") + 1


def _decided(program: Program, resolver: Resolver, reads: tuple[Read, ...]) -> set[str]:
    """The databases that a default or loaded file chooses, else the only one that code opens by a known name."""
    opened: set[str] = set()
    for call in program.called("Open", "Connect", "MustConnect", "MustOpen", "ConnectContext", "New", "NewConnection"):
        given = arguments(call.node)
        if len(given) > 1:
            opened |= _databases(resolver.texts(Expression(given[0], call.source)))
    settings = [item.value for item in resolver.settings if _CHOICE.search(item.key[-1])]
    defaults = [read.default for read in reads if read.default and _CHOICE.search(read.name)]
    flags = [value for flag in program.flags.values() if flag.default and _CHOICE.search(flag.name) for value in resolver.texts(flag.default)]
    return _databases([*settings, *defaults, *flags]) or (opened if len(opened) == 1 else set())


def _databases(names: Iterable[str]) -> set[str]:
    kinds = {_DRIVERS.get(name.lower()) or KIND_BY_SCHEME.get(name.lower()) for name in names}
    return {kind for kind in kinds if kind in SQL or kind == "sqlite"}


def _service(kind: str, program: Program, resolver: Resolver, reads: tuple[Read, ...], databases: list[str]) -> BackingService:
    own = [read for read in reads if kind_of_env(read.name) == kind]
    if kind in SQL and databases == [kind]:
        own += [read for read in reads if read not in own and kind_of_env(read.name) is None and _DATABASE.match(read.name)]
    return BackingService(
        kind=kind,
        name=kind,
        env=tuple(sorted(read.name for read in own)),
        host=_host(kind, program),
        optional=_is_optional(kind, program, resolver, own),
    )


def _is_optional(kind: str, program: Program, resolver: Resolver, reads: list[Read]) -> bool:
    """Whether it is used only when a flag or variable that is empty by default gets a value."""
    for flag in program.flags.values():
        if flag.default is not None and kind in f"{flag.name} {flag.help}".lower() and resolver.texts(flag.default) == [""]:
            return True
    uses = list(_uses(kind, program))
    if uses and all(only_when_asked(call.node, program) for call in uses):
        return True
    addresses = [read for read in reads if re.search(r"(URL|URI|ADDR|HOST|DSN|SERVER|ENDPOINT|BROKERS?|ENABLED?)", read.name)]
    return bool(addresses) and all(read.guarded and not read.default and not read.required for read in addresses)


def _is_used(kind: str, program: Program) -> bool:
    """Whether some call into the driver runs without anybody asking for it; a driver imported for its effect counts as used."""
    uses = list(_uses(kind, program))
    return not uses or any(program.reached(call) and not only_when_asked(call.node, program, SWITCHED_ON) for call in uses)


def _uses(kind: str, program: Program) -> Iterator[Expression]:
    """Calls into the driver's package."""
    for source in program.sources:
        names = {name for name, path in source.imports.items() if kind_of_package("go", path) == kind}
        for (operand, _), node in source.calls() if names else ():
            if operand in names:
                yield Expression(node, source)


def _host(kind: str, program: Program) -> str | None:
    """The address that a literal of the code fixes; one that stands as the default of a variable is none."""
    for source in program.sources:
        if not source.mentions(b"://", b"@tcp("):
            continue
        for node in source.syntax("string"):
            value = literal(node) or ""
            match = re.search(r"://(?:[^@/\s]*@)?([A-Za-z][\w.-]*)(?::\d+)?(?:/|$)|@tcp\(([A-Za-z][\w.-]*)(?::\d+)?\)", value[:300])
            speaks = kind_of_url(value) == kind or (kind == "mysql" and "@tcp(" in value)
            if match and speaks and not _is_default(source, line(node)):
                return match[1] or match[2]
    return None


def _is_default(source: Source, number: int) -> bool:
    rows = source.data.split(b"\n", number)
    return bool(re.search(rb"(?i)env|default|flag|usage|example|doc", b"\n".join(rows[max(number - 2, 0) : number])))
