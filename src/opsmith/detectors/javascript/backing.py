"""What signs of databases, caches and queues come to: one backing service a kind, with its variables and its host."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from opsmith.detectors.javascript.facts import Read
from opsmith.detectors.javascript.source import Sources
from opsmith.detectors.javascript.syntax import line, string_value, text
from opsmith.detectors.services import kind_of_env, kind_of_url
from opsmith.model.survey import BackingService, Evidence

DATABASES = frozenset(("postgres", "mysql", "mssql", "oracle", "mongodb"))
_LOCAL = ("localhost", "127.0.0.1", "0.0.0.0", "::1")  # noqa: S104  # compared with, not bound to
_ADDRESS = re.compile(
    r"(?:.*_)?(?:URL|URI|URLS|HOST|HOSTS|HOSTNAME|PORT|USER|USERNAME|PASSWORD|PASS|PWD|NAME|DB|DATABASE|DSN|CONNECTION|CONNECTION_STRING|CONN|ADDR|ADDRESS|"
    r"BROKERS?|SERVERS?|NODES?|ENDPOINT|TOKEN|API_KEY|ACCESS_KEY|SECRET_KEY|SSL|TLS|SCHEMA|AUTH)|PG\w+"
)
_ANY_DATABASE = re.compile(r"(?:.*_)?(?:DATABASE|DB|TYPEORM|SQL)(?:_.*)?")
_ABOUT_BEHAVIOUR = re.compile(r"CAN_.*|ENABLE.*|DISABLE.*|PRESERVE_.*|TEST_.*|.*_(?:LOG|POOL|TIMEOUT|INTERVAL|MAX|MIN).*")


@dataclass(frozen=True, slots=True)
class Sign:
    """Something that says that `kind` is needed; `host` where the code fixes it."""

    kind: str
    file: str
    line: int | None
    shows: str
    confidence: float
    host: str | None = None


def summed_up(
    signs: Iterable[Sign], reads: list[Read], listed: Mapping[str, Read], further: Iterable[str] = ()
) -> tuple[tuple[BackingService, ...], tuple[Evidence, ...]]:
    """One entry a kind, the surest sign first. `further` are variables that something other than the code reads."""
    table: dict[str, list[Sign]] = {}
    for sign in signs:
        table.setdefault(sign.kind, []).append(sign)
    file_instead = bool(table.pop("sqlite", None))
    _forget_visited(table, reads, listed)
    ranked = {kind: sorted(found, key=lambda sign: -sign.confidence) for kind, found in sorted(table.items())}
    names = {read.name for read in reads} | set(listed) | set(further)
    services = tuple(_service(kind, found, names, reads, set(ranked), file_instead) for kind, found in ranked.items())
    evidence = tuple(
        Evidence(file=sign.file, line=sign.line, shows=f"{kind}: {sign.shows}", confidence=sign.confidence)
        for kind, found in ranked.items()
        for sign in found[:2]
    )
    return services, evidence


def _forget_visited(table: dict[str, list[Sign]], reads: list[Read], listed: Mapping[str, Read]) -> None:
    """A program with clients for many databases talks to its users' ones; its own has an address somewhere in the code."""
    if len(DATABASES & set(table)) > 2:
        asked = {kind_of_env(read.name) for read in reads} | {kind_of_env(name) for name in listed}
        for kind in [kind for kind, signs in table.items() if kind not in asked and not any(sign.host for sign in signs)]:
            del table[kind]


def _service(kind: str, signs: list[Sign], names: Iterable[str], reads: list[Read], kinds: set[str], file_instead: bool) -> BackingService:
    variables = tuple(sorted(name for name in names if _speaks_of(name, kind, kinds)))
    host = next((sign.host for sign in signs if sign.host), None)
    own = [read for read in reads if read.name in variables and re.search(r"URL|URI|HOST|ADDR|BROKER", read.name)]
    unasked = kind not in DATABASES and host is None and any(read.need == "may" and read.default is None for read in own)
    unasked = unasked and not any(read.need == "must" for read in own)
    instead_of_file = file_instead and kind in DATABASES
    return BackingService(kind=kind, name=kind, env=variables, host=host, optional=unasked or instead_of_file, instead_of_file=instead_of_file)


def _speaks_of(name: str, kind: str, kinds: set[str]) -> bool:
    """Whether the variable carries the address or credentials of `kind`; DB_HOST and its like do when there is one database."""
    if _ADDRESS.fullmatch(name) is None or _ABOUT_BEHAVIOUR.fullmatch(name):
        return False
    said = kind_of_env(name)
    return said == kind or (said is None and kinds & DATABASES == {kind} and _ANY_DATABASE.fullmatch(name) is not None)


def host_near(sources: Sources, path: str, kind: str) -> str | None:
    """`host: "redis"` or an address of this kind in the file that imports the client."""
    module = sources.module(path)
    for pair in module.pairs if module else ():
        if text(pair.child_by_field_name("key")) in ("host", "hostname"):
            value = string_value(pair.child_by_field_name("value"))
            if value and value not in _LOCAL and re.fullmatch(r"[A-Za-z][\w.-]*", value):
                return value
    return next((host for node in (module.strings if module else ()) if (host := _url_host(string_value(node), kind))), None)


def _url_host(value: str | None, kind: str) -> str | None:
    if not value or kind_of_url(value) != kind:
        return None
    address = value.partition("://")[2].rpartition("@")[2] or value.partition("://")[2]
    host = re.split(r"[:/?,]", address)[0]
    return host if host and host not in _LOCAL and re.fullmatch(r"[A-Za-z][\w.-]*", host) else None


def of_addresses(sources: Sources, known: set[str]) -> Iterator[Sign]:
    """Connection URLs in the code; only of kinds that a client library speaks for, when they point to this machine."""
    for module in sources.modules(b"://"):
        for node in module.strings:
            raw = text(node)[1:-1]
            kind = kind_of_url(raw) if "://" in raw and "\n" not in raw else None
            if kind is not None and kind in known:
                yield Sign(kind, module.path, line(node), re.sub(r"//[^/@\s]*@", "//…@", raw), 0.85, _url_host(raw, kind))
