"""Backing services: from client crates that the program names, and what decides between several databases."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from opsmith.detectors.rust import clients
from opsmith.detectors.rust.config import Setting
from opsmith.detectors.rust.environment import Read
from opsmith.detectors.rust.manifests import Dependency, Package
from opsmith.detectors.rust.program import Program
from opsmith.detectors.services import KIND_BY_SCHEME, kind_of_env, kind_of_url
from opsmith.model.survey import BackingService, Evidence
from opsmith.repo import Repo
from opsmith.shapes import items, table

SQL = frozenset(("postgres", "mysql", "mssql", "oracle"))
_DATABASE = re.compile(r"(?:\w+_)?(DB|DATABASE)(?:_|$)|DSN$")
_URL = re.compile(rb'"((?:postgres(?:ql)?|mysql|mariadb|redis|rediss|mongodb(?:\+srv)?|amqps?|nats|sqlite)://[^"\s]{0,200})')
_HOST = re.compile(r"://(?:[^@/\s]*@)?([A-Za-z][\w.-]*)(?::\d+)?(?:/|$)")
_LOCAL = frozenset(("localhost", "localhost.localdomain"))


@dataclass(frozen=True, slots=True)
class Backing:
    services: tuple[BackingService, ...]
    evidence: tuple[Evidence, ...]
    undecided: tuple[str, ...] = ()
    """The databases among which the code leaves the choice."""
    in_file: tuple[Evidence, ...] = ()
    """What shows that the only database is a file."""


def backing(repo: Repo, program: Program, reads: tuple[Read, ...], samples: dict[str, Setting], settings: tuple[Setting, ...]) -> Backing:
    found = dict(_used(repo, program))
    databases = [kind for kind in found if kind in SQL or kind == "sqlite"]
    undecided: tuple[str, ...] = ()
    if len(databases) > 1:
        decided = _decided(program, databases, reads, samples, settings)
        undecided = () if decided else tuple(sorted(databases))
        found = {kind: shown for kind, shown in found.items() if kind not in databases or kind in decided}
    in_file = (found["sqlite"],) if "sqlite" in found and not any(kind in SQL or kind == "mongodb" for kind in found) else ()
    kinds = [kind for kind in found if kind != "sqlite"]
    services = tuple(_service(kind, reads, program, [other for other in kinds if other in SQL]) for kind in kinds)
    return Backing(services, tuple(found[kind] for kind in kinds), undecided, in_file)


def _used(repo: Repo, program: Program) -> Iterator[tuple[str, Evidence]]:
    """Every client crate that code names, with the manifest's line. A crate that only derives from another counts where its name is spoken."""
    seen: set[str] = set()
    for package in program.packages:
        for item in package.active:
            for kind in clients.kinds(item.package, item.features):
                if kind not in seen and _is_spoken(item, program):
                    seen.add(kind)
                    yield kind, _shown(repo, package, item, kind)


def _is_spoken(item: Dependency, program: Program) -> bool:
    return program.mentioned(item.name) is not None


def _shown(repo: Repo, package: Package, item: Dependency, kind: str) -> Evidence:
    key = item.package if item.package.replace("-", "_") == item.name else item.name
    line = _line_of(repo, package.manifest, key)
    feature = f" with {kind}" if item.package in clients.SEVERAL else ""
    return Evidence(file=package.manifest, line=line, shows=f"dependency {item.package}{feature}", confidence=0.9)


def _line_of(repo: Repo, manifest: str, name: str) -> int | None:
    pattern = re.compile(rf'^(?:\[(?:[^\]]*\.)?dependencies\.)?"?{re.escape(name).replace("_", "[-_]")}"?(?:\]|[ \t.=])', re.MULTILINE)
    text = repo.read(manifest) or ""
    match = pattern.search(text)
    return text.count("\n", 0, match.start()) + 1 if match else None


def asked_for(package: Package) -> tuple[tuple[str, str], ...]:
    """Databases that a feature brings which nobody switches on by default: the feature and the kind."""
    found: dict[str, str] = {}
    for feature, parts in table(package.document.get("features")).items():
        for part in items(parts):
            crate, _, inner = str(part).partition("/")
            kinds = clients.kinds(crate.rstrip("?"), frozenset((inner,))) if inner else ()
            if kinds and feature not in package.features and feature != "default" and kinds[0] in (*SQL, "sqlite"):
                found.setdefault(feature, kinds[0])
    return tuple(sorted(found.items()))


def _decided(program: Program, databases: list[str], reads: Iterable[Read], samples: dict[str, Setting], settings: tuple[Setting, ...]) -> set[str]:
    """The databases that types of the code name; else what defaults, samples and settings speak of."""
    typed = {kind for kind in databases if any(source.mentions(*clients.TYPES.get(kind, ())) for source in program.sources)}
    if len(typed) == 1:
        return typed
    addresses = [read.default for read in reads if read.default] + [samples[read.name].value for read in reads if read.name in samples]
    addresses += [item.value for item in settings]
    spoken = {
        "sqlite" if value.lower().startswith(("sqlite:", "file:")) else kind_of_url(value) or KIND_BY_SCHEME.get(value.lower()) for value in addresses
    }
    chosen = {kind for kind in databases if kind in spoken}
    return chosen if len(chosen) == 1 else set()


def _service(kind: str, reads: tuple[Read, ...], program: Program, databases: list[str]) -> BackingService:
    own = [read for read in reads if kind_of_env(read.name) == kind or (read.default and kind_of_url(read.default) == kind)]
    if kind in SQL and databases == [kind]:
        own += [read for read in reads if read not in own and kind_of_env(read.name) is None and _DATABASE.match(read.name)]
    return BackingService(kind=kind, name=kind, env=tuple(sorted(read.name for read in own)), host=_host(kind, program), optional=_is_optional(own))


def _is_optional(reads: list[Read]) -> bool:
    """Whether it is used only when a variable that nobody has to set gets a value."""
    addresses = [read for read in reads if re.search(r"URL|URI|ADDR|HOST|DSN|SERVER|ENDPOINT|BROKERS?|ENABLED?", read.name)]
    return bool(addresses) and all(read.guarded and not read.default and not read.required and not read.assigns for read in addresses)


def _host(kind: str, program: Program) -> str | None:
    """The address that a literal of the code fixes; one that stands beside a variable is its default."""
    for source in program.sources:
        for match in _URL.finditer(source.data) if b"://" in source.data else ():
            value = match[1].decode("utf-8", "replace")
            around = source.data[max(match.start() - 200, source.data.rfind(b"\n\n", 0, match.start())) : match.start()]
            host = _HOST.search(value)
            if (
                host
                and kind_of_url(value) == kind
                and not re.search(rb"(?i)env|default|unwrap_or|doc|example|//|arg\(", around)
                and host[1] not in _LOCAL
            ):
                return host[1]
    return None
