"""Backing services: the database, where queues, caches and sessions are kept, and what code connects to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from opsmith.detectors.php import laravel, symfony
from opsmith.detectors.php.clients import KIND_BY_DRIVER, KIND_BY_PACKAGE, SURE
from opsmith.detectors.php.code import Connection, connections
from opsmith.detectors.php.project import Project
from opsmith.detectors.services import kind_of_env
from opsmith.model.survey import BackingService, Evidence

SQL = frozenset(("postgres", "mysql", "mssql", "oracle"))
_LARAVEL_DECIDES = frozenset(("redis", "memcached", "meilisearch", "typesense", "elasticsearch", "opensearch"))
"""Kinds for which Laravel's settings name a driver."""
_CHOICE = re.compile(r"(?:\w+_)?(?:DB|DATABASE)_(?:DRIVER|TYPE|ENGINE|CONNECTION|DIALECT)")
_DATABASE = re.compile(r"(?:\w+_)?(?:DB|DATABASE)(?:_\w+)?")
_CARRIES = re.compile(r".*(?:URL|URI|DSN|HOST|HOSTS|HOSTNAME|PORT|USER|USERNAME|PASSWORD|PASS|PWD|DATABASE|NAME|SERVERS?|BROKERS|NODES|ADDRESS|KEY)$")
"""How the names of variables end that carry an address or credentials."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clue:
    """A service, where it shows, and what the evidence tells of it besides."""

    kind: str
    evidence: Evidence
    version: str | None = None
    host: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Backing:
    services: tuple[BackingService, ...]
    evidence: tuple[Evidence, ...]
    sqlite: tuple[Evidence, ...] = ()
    choices: tuple[str, ...] = ()


def backing(project: Project, framework: str | None) -> Backing:
    opened = connections(project)
    clues = [
        *_framework(project, framework),
        *_chosen(project),
        *(Clue(kind=item.kind, evidence=item.evidence, host=item.host) for item in _of_code(opened, framework)),
    ]
    clues += list(_packages(project, {clue.kind for clue in clues}))
    clues += list(_wordpress(project, framework))
    kept = _decided(clues)
    found: dict[str, Clue] = {}
    for clue in kept:
        known = found.get(clue.kind)
        found[clue.kind] = clue if known is None else _joined(known, clue)
    in_file = found.pop("sqlite", None)
    services = tuple(_service(project, clue) for clue in found.values())
    only_file = in_file is not None and not (SQL | {"mongodb"}) & set(found)
    return Backing(
        services=services,
        evidence=tuple(clue.evidence for clue in found.values()),
        sqlite=(in_file.evidence,) if only_file and in_file is not None else (),
        choices=_choices(project, found, framework, decided=bool(kept)),
    )


def _joined(one: Clue, other: Clue) -> Clue:
    return Clue(kind=one.kind, evidence=one.evidence, version=one.version or other.version, host=one.host or other.host)


def _framework(project: Project, framework: str | None) -> Iterator[Clue]:
    """What a framework's own settings say."""
    told = laravel.services(project) if framework in ("laravel", "lumen") else symfony.services(project) if framework == "symfony" else ()
    for kind, evidence, version in told:
        yield Clue(kind=kind, evidence=evidence, version=version)


def _chosen(project: Project) -> Iterator[Clue]:
    """`DB_DRIVER` and its like, by their value in a file of variables or their default in code."""
    told = [(setting.name, setting.value, setting.evidence) for setting in project.settings.values()]
    told += [(read.name, read.default or "", read.evidence) for read in project.reads]
    for name, value, evidence in told:
        kind = KIND_BY_DRIVER.get(value.lower()) if _CHOICE.fullmatch(name) else None
        if kind is not None:
            yield Clue(kind=kind, evidence=evidence)
            return


def _of_code(opened: Iterable[Connection], framework: str | None) -> Iterator[Connection]:
    """The settings of these frameworks list every driver there is, and their own reader has read them."""
    return (item for item in opened if framework not in ("laravel", "lumen", "symfony") or "/config/" not in f"/{item.evidence.file}")


def _decided(clues: list[Clue]) -> list[Clue]:
    """One database: the first that is told; a second one in code is the way to another system only where it has an address of its own."""
    first = next((clue.kind for clue in clues if clue.kind in SQL or clue.kind == "sqlite"), None)
    return [clue for clue in clues if clue.kind == first or clue.kind not in (SQL | {"sqlite"}) or clue.host is not None]


def _packages(project: Project, known: set[str]) -> Iterator[Clue]:
    """A client library counts where settings, code or its own nature say that it is used."""
    spoken = {kind_of_env(read.name) for read in project.reads} | {kind_of_env(name) for name in project.settings}
    for name, kind in KIND_BY_PACKAGE.items():
        composer = project.composer
        if composer is None or name not in composer.requires or kind in known:
            continue
        laravel_decides = kind in _LARAVEL_DECIDES and "laravel/framework" in composer.requires
        if name in SURE or (kind in spoken and not laravel_decides):
            yield Clue(kind=kind, evidence=composer.evidence(name))


def _wordpress(project: Project, framework: str | None) -> Iterator[Clue]:
    if framework in ("wordpress", "drupal", "magento", "prestashop", "joomla", "typo3"):
        place = project.first("wp-config-sample.php", "wp-load.php", "web/wp-config.php", "composer.json", "index.php") or "index.php"
        yield Clue(kind="mysql", evidence=Evidence(file=project.path(place), shows=f"{framework} keeps its data in MySQL or MariaDB", confidence=0.8))


def _service(project: Project, clue: Clue) -> BackingService:
    names = {read.name for read in project.reads} | set(project.settings)
    own = {name for name in names if kind_of_env(name) == clue.kind}
    if clue.kind in SQL:
        own |= {name for name in names if kind_of_env(name) is None and _DATABASE.fullmatch(name)}
    if clue.kind == "rabbitmq":
        own |= {name for name in names if name == "MESSENGER_TRANSPORT_DSN"}
    own = {name for name in own if _CARRIES.fullmatch(name) and not name.startswith("TEST_")}
    return BackingService(kind=clue.kind, name=clue.kind, version=clue.version, env=tuple(sorted(own)), host=clue.host)


def _choices(project: Project, found: dict[str, Clue], framework: str | None, *, decided: bool) -> tuple[str, ...]:
    """Whether a database is wanted, by the extensions, and nothing says which."""
    if decided or project.composer is None or framework in ("laravel", "symfony"):
        return ()
    named = {"pdo_mysql": "mysql", "mysqli": "mysql", "pdo_pgsql": "postgres", "pgsql": "postgres"}
    kinds = tuple(dict.fromkeys(kind for name, kind in named.items() if f"ext-{name}" in project.composer.requires))
    return kinds if kinds and not set(kinds) & set(found) else ()
