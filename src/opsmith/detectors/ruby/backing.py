"""Backing services: the database, Redis where something uses it, and what the gems are clients of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from opsmith.detectors.ruby.clients import KIND_BY_ADAPTER, KIND_BY_GEM, SEARCH
from opsmith.detectors.ruby.database import Database, database
from opsmith.detectors.ruby.erb import settings
from opsmith.detectors.ruby.project import Project
from opsmith.detectors.ruby.syntax import arguments, literal, method, options, receiver, shown
from opsmith.detectors.services import kind_of_env, kind_of_url
from opsmith.model.survey import BackingService, Evidence

_SQL = frozenset(("postgres", "mysql", "mssql", "oracle"))
_NAMED_ONLY = frozenset(("mqtt", "dynamodb", "ollama", "influxdb"))
"""Clients of what users, not operators, point at: they count where a variable says the address."""
_DATABASE = re.compile(r"(?:\w+_)?(?:DB|DATABASE)(?:_\w+)?")
_REDIS_USED = re.compile(
    rb"\bRedis\.new\b|\bRedisClient\b|\bRedis::(?:Namespace|Pool|Store|Objects|Value|Counter|Lock)|\bRedis\.current\b|:redis_cache_store|:redis_store"
)
_CHANNEL = re.compile(
    rb"class\s+\w+(?:::\w+)*\s*<\s*(?:::)?ApplicationCable::Channel|ActionCable\.server\.broadcast|\bbroadcasts(?:_to|_refreshes)?\b|\bbroadcast_\w+_to\b"
)
_CONNECTS = re.compile(rb"PG(?:::Connection\.new|\.connect)|Mysql2::Client\.new|Sequel\.(?:connect|postgres|mysql2?)|Mongo::Client\.new")


@dataclass(frozen=True, slots=True, kw_only=True)
class Backing:
    services: tuple[BackingService, ...]
    evidence: tuple[Evidence, ...]
    database: Database | None
    choices: tuple[str, ...] = ()


def backing(project: Project) -> Backing:
    stored = database(project)
    found: dict[str, tuple[Evidence, bool]] = {}
    for kind, evidence, optional in (*_databases(stored), *_clients(project), *_redis(project), *_adapters(project)):
        known = found.get(kind)
        if known is None or (known[1] and not optional):
            found[kind] = (evidence, optional)
    services = tuple(_service(project, kind, stored, optional=optional) for kind, (_, optional) in found.items())
    shown_all = tuple(evidence for evidence, _ in found.values())
    return Backing(services=services, evidence=shown_all, database=stored, choices=stored.choices if stored else ())


Clue = tuple[str, Evidence, bool]
"""A kind, where it shows, and whether the application does without."""


def _databases(stored: Database | None) -> Iterator[Clue]:
    if stored is not None:
        yield from ((kind, stored.evidence[0], False) for kind in stored.kinds)


def _clients(project: Project) -> Iterator[Clue]:
    told = {kind_of_env(read.name) for read in project.reads}
    for name, kind in KIND_BY_GEM.items():
        gem = project.gem(name)
        if gem is not None and (kind not in _NAMED_ONLY or kind in told) and (name != "anycable-rails" or project.gem("redis") is not None):
            yield kind, gem.evidence, False
    if (gem := project.gem(*SEARCH)) is not None:
        if gem.name.startswith("sunspot"):
            yield "solr", gem.evidence, False
        elif not project.gem("opensearch-ruby", "elasticsearch"):
            yield "elasticsearch", gem.evidence, False


def _redis(project: Project) -> Iterator[Clue]:
    """The `redis` gem alone says little: Rails listed it for everybody. A use of it counts."""
    if project.gem("redis", "redis-client", "hiredis-client", "redis-namespace") is None:
        return
    for source in project.sources:
        if (match := _REDIS_USED.search(source.data)) is not None:
            number = source.data.count(b"\n", 0, match.start()) + 1
            yield "redis", Evidence(file=source.path, line=number, shows=match[0].decode(), confidence=0.9), False
            return
    yield from _cable(project)


def _cable(project: Project) -> Iterator[Clue]:
    known = settings(project.repo, project.path("config/cable.yml"))
    if known is not None and known.production.get("adapter") == "redis":
        talks = any(_CHANNEL.search(source.data) for source in project.sources) or _streams(project)
        if talks:
            line = project.repo.line_of(known.path, "production:")
            yield "redis", Evidence(file=known.path, line=line, shows="Action Cable: adapter redis in production", confidence=0.85), False


def _streams(project: Project) -> bool:
    """Whether a page subscribes to what the server broadcasts."""
    if project.gem("turbo-rails", "hotwire-rails") is None:
        return False
    views = project.repo.under(project.path("app/views"), ".erb", ".haml", ".slim")
    return any(b"turbo_stream_from" in (project.repo.bytes(path) or b"") for path in views)


def _adapters(project: Project) -> Iterator[Clue]:
    """What code connects to by an address or a cache store, where no gem has told it yet."""
    for source in project.marked(b"cache_store"):
        for call in source.calls("config", "cache_store"):
            if [literal(node) for node in arguments(call)][:1] == ["mem_cache_store"]:
                yield "memcached", Evidence(file=source.path, line=source.line(call), shows=shown(call), confidence=0.85), False
        if (match := re.search(rb"config\.cache_store\s*=\s*:mem_cache_store|cache_store\s*=\s*:dalli_store", source.data)) is not None:
            number = source.data.count(b"\n", 0, match.start()) + 1
            yield "memcached", Evidence(file=source.path, line=number, shows=match[0].decode(), confidence=0.85), False
    for source in project.marked(b"Sequel."):
        for call in source.calls("connect"):
            given = [literal(node) or "" for node in arguments(call)[:1]]
            adapter = literal(options(call).get("adapter")) or (given[0].partition("://")[0] if given else "")
            kind = KIND_BY_ADAPTER.get(adapter) or (kind_of_url(given[0]) if given else None)
            if receiver(call) == "Sequel" and kind and kind != "sqlite":
                yield kind, Evidence(file=source.path, line=source.line(call), shows=f"Sequel.{method(call)} by {adapter}", confidence=0.9), False


def _service(project: Project, kind: str, stored: Database | None, *, optional: bool) -> BackingService:
    told = stored.env if stored is not None and kind in stored.kinds else ()
    own = [read.name for read in project.reads if kind_of_env(read.name) == kind]
    if kind in _SQL:
        own += [read.name for read in project.reads if kind_of_env(read.name) is None and _DATABASE.fullmatch(read.name)]
        own += (
            ["DATABASE_URL"] if stored is not None and kind in stored.kinds and project.gem("rails", "activerecord") and not stored.addressed else []
        )
    host = (stored.host if stored is not None and kind in stored.kinds else None) or _host(project, kind)
    implied = () if own or told or host or kind not in IMPLIED else (IMPLIED[kind],)
    return BackingService(
        kind=kind, name=kind, env=tuple(sorted(name for name in {*told, *own, *implied} if _CARRIES.fullmatch(name))), host=host, optional=optional
    )


IMPLIED = {
    "redis": "REDIS_URL", "elasticsearch": "ELASTICSEARCH_URL", "opensearch": "OPENSEARCH_URL", "rabbitmq": "RABBITMQ_URL",
    "memcached": "MEMCACHE_SERVERS",
}  # fmt: skip
"""The variable from which the client itself takes the address when code gives it none."""
_CARRIES = re.compile(
    r".*(?:URL|URI|DSN|HOST|HOSTS|HOSTNAME|PORT|USER|USERNAME|PASSWORD|PASS|PWD|DB|DATABASE|NAME|SERVERS?|BROKERS|NODES|ADDRESS|KEY)$"
)
"""How the names of variables end that carry an address or credentials."""


def _host(project: Project, kind: str) -> str | None:
    """The address that a literal of the code fixes: `host: "db"` in a file that connects, or a whole URL."""
    for source in project.marked(b"PG", b"Mysql2::Client", b"Sequel.", b"Mongo::Client", b"://"):
        for pair in source.nodes("pair") if kind in _SQL and _CONNECTS.search(source.data) else ():
            value = literal(pair.child_by_field_name("value"))
            if literal(pair.child_by_field_name("key")) == "host" and value and re.fullmatch(r"[A-Za-z][\w.-]*", value) and value != "localhost":
                return value
    return None


def needs_address(found: Backing) -> bool:
    """Whether nothing in the repository says where ActiveRecord's database is, so that DATABASE_URL has to."""
    stored = found.database
    return stored is not None and bool(stored.kinds) and not stored.addressed


def sqlite(found: Backing) -> tuple[Evidence, ...]:
    """What shows that the only database is a file."""
    stored = found.database
    others: Iterable[str] = (service.kind for service in found.services)
    return stored.evidence if stored is not None and stored.sqlite and not (_SQL | {"mongodb"}) & set(others) else ()
