"""Backing services: from drivers and clients among the dependencies, and from the addresses that settings and code state."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from opsmith.detectors.jvm.app import App
from opsmith.detectors.jvm.clients import ADDRESSES, CLIENTS, DRIVERS, EMBEDDED, SQL, kind_of_library
from opsmith.detectors.jvm.placeholders import fill
from opsmith.detectors.jvm.settings import Setting
from opsmith.detectors.services import KIND_BY_SCHEME, kind_of_env
from opsmith.model.survey import BackingService, Evidence

_URL_KEYS = re.compile(r"(?:^|\.)(?:url|jdbc-?url|uri|connection-?string|jdbc\.url|address)$|datasource|database", re.IGNORECASE)
_JDBC = re.compile(r"(?:jdbc|r2dbc(?::pool)?|vertx-reactive):(?:tc:|p6spy:|otel:)*([a-z0-9]+):", re.IGNORECASE)
_SQL_STARTERS = ("org.springframework.boot:spring-boot-starter-data-jpa", "org.springframework.boot:spring-boot-starter-jdbc",
                 "org.springframework.boot:spring-boot-starter-data-jdbc", "org.springframework.boot:spring-boot-starter-data-r2dbc",
                 "io.quarkus:quarkus-hibernate", "io.micronaut.sql", "org.mybatis.spring.boot:")  # fmt: skip
_EMBEDDED_SCHEMES = frozenset(("h2", "hsqldb", "derby", "sqlite"))
_HOST = re.compile(r"(?://|@|^)(?:[^@/\s]*@)?\(?(?:host=)?([A-Za-z][\w.-]*)(?::\d+)?\)?(?:[/;,?]|$)")
_LOCAL = frozenset(("localhost", "host.docker.internal", "mem", "file"))
_DATABASE_WORD = re.compile(r"(?:^|_)(?:DB|DATABASE|DATASOURCE|JDBC|SQL)(?:_|$)")
_ADDRESS = re.compile(
    r"(?:^|_)(?:URL|URI|URIS|URLS|HOST|HOSTS|HOSTNAME|PORT|USER|USERNAME|PASSWORD|PASS|PASSWD|PWD|DB|DATABASE|NAME|ADDR|ADDRESS|ADDRESSES|SERVER|SERVERS|"
    r"BROKER|BROKERS|ENDPOINT|ENDPOINTS|DSN|CREDENTIALS|TOKEN|VHOST|KEYSPACE|BUCKET|SECRET|KEY|STRING)$"
)
"""What a variable that leads to a service ends in; others only tune its client."""


@dataclass(slots=True)
class Backings:
    """`undecided`: databases among which the settings leave the choice."""

    services: list[BackingService] = field(default_factory=list[BackingService])
    evidence: list[Evidence] = field(default_factory=list[Evidence])
    undecided: tuple[str, ...] = ()
    in_file: tuple[Evidence, ...] = ()
    embedded: Evidence | None = None
    """The library of a database inside the process, which is used where no profile names another."""


def backings(app: App, variables: tuple[str, ...]) -> Backings:
    found = Backings()
    _databases(app, variables, found)
    for kind, shown, sure in _clients(app):
        if kind not in {service.kind for service in found.services}:
            host, stated = _address(app, kind)
            env = tuple(sorted({*(name for name in variables if kind_of_env(name) == kind and _ADDRESS.search(name)), *_variables(app, stated)}))
            empty = stated is not None and app.settings.text(stated.key) == ""
            optional = _is_off(app, kind) or (not sure and (empty or (stated is None and not env)))
            found.services.append(BackingService(kind=kind, name=kind, env=env, host=host, optional=optional))
            found.evidence += [shown, *([app.settings.evidence(stated)] if stated is not None else [])]
    return found


# -- databases ---------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Url:
    kind: str
    host: str | None
    evidence: Evidence
    active: bool
    variables: tuple[str, ...] = ()


def _databases(app: App, variables: tuple[str, ...], found: Backings) -> None:
    """What an active address says decides; else a driver that is alone; profiles and further drivers are a choice."""
    drivers = dict(_drivers(app))
    urls = [*_stated(app), *_in_code(app)]
    embedded = app.has(*EMBEDDED)
    active = [url for url in urls if url.active]
    chosen = list(dict.fromkeys(url.kind for url in active if url.kind in SQL))
    others = list(dict.fromkeys(url.kind for url in urls if not url.active and url.kind in SQL))
    if chosen:
        for kind in chosen:
            _add(found, kind, next(url for url in active if url.kind == kind), drivers.get(kind), variables, chosen)
    elif embedded is not None and (drivers or others):
        for kind in others:
            _add(found, kind, next(url for url in urls if url.kind == kind), drivers.get(kind), variables, others, optional=True)
        found.undecided = (embedded.name, *dict.fromkeys((*drivers, *others)))
    elif len(drivers) == 1:
        kind, shown = next(iter(drivers.items()))
        url = next((url for url in urls if url.kind == kind), None)
        brought = url is None and app.module.has(*DRIVERS) is None and app.has(*_SQL_STARTERS) is None
        _add(found, kind, url, shown, variables, [kind], optional=brought)
    elif drivers:
        for kind in others:
            _add(found, kind, next(url for url in urls if url.kind == kind), drivers.get(kind), variables, others, optional=len(others) > 1)
        found.undecided = tuple(drivers) if len(others) != 1 else ()
    files = [url.evidence for url in active if url.kind in _EMBEDDED_SCHEMES and url.host == "file"]
    found.in_file = tuple(files[:2]) if not chosen else ()
    found.embedded = embedded.evidence if embedded is not None and not chosen and not files else None


def _add(
    found: Backings, kind: str, url: _Url | None, driver: Evidence | None, variables: tuple[str, ...], databases: list[str],
    *, optional: bool = False,
) -> None:  # fmt: skip
    variables = tuple(name for name in variables if _ADDRESS.search(name))
    own = {name for name in variables if kind_of_env(name) == kind or (len(databases) == 1 and _DATABASE_WORD.search(name) and not kind_of_env(name))}
    own |= set(url.variables if url is not None else ())
    found.services.append(BackingService(kind=kind, name=kind, env=tuple(sorted(own)), host=url.host if url is not None else None, optional=optional))
    found.evidence += [item for item in (url.evidence if url is not None else None, driver) if item is not None]


def _drivers(app: App) -> Iterator[tuple[str, Evidence]]:
    seen: set[str] = set()
    for part in app.parts:
        for item in part.dependencies:
            kind = None if item.test else kind_of_library(item.group, item.name, DRIVERS)
            if kind is not None and kind not in seen:
                seen.add(kind)
                yield kind, item.evidence


def _stated(app: App) -> Iterator[_Url]:
    """Addresses of databases in settings, those that hold first."""
    for item in sorted(app.settings.all, key=lambda setting: not app.settings.is_active(setting)):
        active = app.settings.setting(item.key) == item
        if not _URL_KEYS.search(item.key) and not re.search(r"db-kind$|platform$|dialect$", item.key):
            continue
        filled = app.settings.filled(item) if active else fill(item.value, lambda _: None)
        names = tuple(variable.name for variable in filled.variables)
        if (item.key.endswith("db-kind") or item.key.endswith(".datasource.platform")) and (kind := KIND_BY_SCHEME.get(filled.text)):
            yield _Url(kind, None, app.settings.evidence(item), active)
            continue
        match = _JDBC.search(filled.text) or _JDBC.search(item.value)
        if match:
            scheme = match[1].lower()
            kind = KIND_BY_SCHEME.get(scheme, scheme)
            yield _Url(kind, _host(filled.text, scheme), app.settings.evidence(item), active and "test" not in item.file.split("/"), names)


def _in_code(app: App) -> Iterator[_Url]:
    """`jdbc:mysql://db/shop` as a literal."""
    for source in app.program.sources:
        match = _JDBC.search(source.data.decode("utf-8", "replace")) if b"dbc:" in source.data else None
        if match:
            scheme = match[1].lower()
            if scheme not in KIND_BY_SCHEME and scheme not in _EMBEDDED_SCHEMES:
                continue
            number = source.data[: source.data.find(match[0].encode())].count(b"\n") + 1
            row = source.data.split(b"\n", number)[number - 1].decode("utf-8", "replace") if number else ""
            shown = re.search(r"r?2?j?dbc:[^\"'\s]{0,200}", row)
            value = shown[0] if shown else match[0]
            host = _host(value, scheme) if "env" not in row.lower() else None
            yield _Url(KIND_BY_SCHEME.get(scheme, scheme), host, Evidence(file=source.path, line=number, shows=value, confidence=0.9), True)
            return


def _host(url: str, scheme: str) -> str | None:
    """The host that an address fixes; "file" for a database in a file, None for one in memory or a host of the developer's own."""
    if scheme in _EMBEDDED_SCHEMES:
        return None if ":mem" in url or url.endswith(":") else "file"
    if "${" in url:
        return None
    match = _HOST.search(url.partition("://")[1] + url.partition("://")[2] if "://" in url else url.rpartition("@")[2].lstrip("/"))
    return match[1] if match and match[1] not in _LOCAL else None


# -- everything else ---------------------------------------------------------------------------------------------------------------------


def _clients(app: App) -> Iterator[tuple[str, Evidence, bool]]:
    """The kind, what shows it, and whether it is sure to be used: a plain client that only a sibling module brings may be one of several ways."""
    seen: set[str] = set()
    for part in app.parts:
        for item in part.dependencies:
            kind = None if item.test else kind_of_library(item.group, item.name, CLIENTS)
            if kind is not None and kind not in seen:
                seen.add(kind)
                yield (
                    kind,
                    item.evidence,
                    part is app.module or "starter" in item.name or item.group.startswith(("org.springframework", "io.quarkus")),
                )


def _address(app: App, kind: str) -> tuple[str | None, Setting | None]:
    """The host name that settings fix, and the setting that states the address."""
    for key in ADDRESSES.get(kind, ()):
        found = app.settings.value(key) or app.settings.value(f"{key}[0]")
        if found is not None:
            filled, setting = found
            match = _HOST.search(filled.text.partition("://")[1] + filled.text.partition("://")[2] if "://" in filled.text else filled.text)
            return (match[1] if match and match[1] not in _LOCAL and "$" not in filled.text else None), setting
    return None, None


def _variables(app: App, stated: Setting | None) -> tuple[str, ...]:
    return tuple(item.name for item in app.settings.filled(stated).variables) if stated is not None else ()


def _is_off(app: App, kind: str) -> bool:
    """Switched off unless somebody asks: every switch that settings have for it says so."""
    ours = (item for item in app.settings.active() if kind in item.key and item.key.endswith("enabled"))
    switches = [app.settings.filled(item).text for item in ours if not re.search(r"^management|repositor|metrics|health|ssl|tls", item.key)]
    return bool(switches) and all(value == "false" for value in switches)


_OWN_NAMES = {
    "spring": ("SPRING_DATASOURCE_PASSWORD", "SPRING_DATASOURCE_URL", "SPRING_DATASOURCE_USERNAME"),
    "quarkus": ("QUARKUS_DATASOURCE_JDBC_URL", "QUARKUS_DATASOURCE_PASSWORD", "QUARKUS_DATASOURCE_USERNAME"),
}


def needed(services: list[BackingService], app: App) -> list[BackingService]:
    """With the variables that Spring and Quarkus read by themselves for a database whose address nothing else leaves open."""
    names = _OWN_NAMES["quarkus" if app.has("io.quarkus:") is not None else "spring"] if app.has("org.springframework.boot:", "io.quarkus:") else ()
    return [replace(item, env=names) if item.kind in SQL and not (item.env or item.host or item.optional) else item for item in services]
