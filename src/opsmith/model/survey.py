"""What the repository is: Survey JSON version 1 (the keys of `Component` are the keys of the JSON)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from opsmith.model.finding import Finding
from opsmith.redaction import HIDDEN, redacted

Role = Literal["web", "worker", "cron", "static", "job", "cli", "library"]
Protocol = Literal["http", "grpc", "tcp"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Where a fact was read: `file` is relative to the root, `line` counts from 1, `confidence` is 0..1."""

    file: str
    line: int | None = None
    shows: str
    confidence: float = 0.9

    def __post_init__(self) -> None:
        object.__setattr__(self, "shows", redacted(self.shows)[:300])


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime:
    """`name` is python, node, go, ...; `version` is as the repository states it (may be a range)."""

    name: str
    version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BackingService:
    """A database, cache, queue or the like that a component needs but is not itself in the repository.

    `env` names the variables that carry its address or credentials; `host` is the address that code has fixed.
    `instead_of_file`: optional only because the code falls back to an SQLite file.
    `selected_by`: the variables, with their values, by which the code chooses this one among several.
    """

    kind: str
    name: str
    version: str | None = None
    env: tuple[str, ...] = ()
    host: str | None = None
    optional: bool = False
    instead_of_file: bool = False
    selected_by: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvVar:
    """`required`: the process does not start or work without it. `default` is the literal that the code falls back to."""

    name: str
    required: bool
    secret: bool = False
    default: str | None = None

    def __post_init__(self) -> None:
        if self.default is not None:
            shown = redacted(self.default)
            object.__setattr__(self, "default", HIDDEN if self.secret and "://" not in shown and shown else shown)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestMetric:
    """The request metrics that a known library emits.

    `counter` is the name of a counter of requests, `errors` the label matchers that select server errors in it
    (`status=~"5.."`), `histogram` the base name of a latency histogram in seconds.
    """

    counter: str
    errors: str
    histogram: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """A path that the development server hands on to another server, so that in production somebody has to do the same.

    `prefix` None: everything that is no page and no file. `url` is where it goes, its own path put before the request's; or, where reading
    cannot tell, the expression as it is written. `strips`: the prefix is taken off before.
    """

    prefix: str | None
    url: str
    strips: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ambiguity:
    fact: str
    component: str
    choices: tuple[str, ...]
    how_to_decide: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """One deployable: what it is, how it is built, started, reached and configured.

    Paths are POSIX and relative to the repository root; "" is the root itself. Unknown is None or empty.
    """

    name: str
    path: str
    role: Role
    language: str
    framework: str | None = None
    package_manager: str | None = None
    runtime: Runtime | None = None
    build_command: str | None = None
    start_command: str | None = None
    ports: tuple[int, ...] = ()
    health_path: str | None = None
    metrics_path: str | None = None
    migration_command: str | None = None
    static_dir: str | None = None
    backing_services: tuple[BackingService, ...] = ()
    env: tuple[EnvVar, ...] = ()
    depends_on: tuple[str, ...] = ()

    protocol: Protocol | None = None
    """What the first port speaks; None for a component without ports."""
    port_env: str | None = None
    """The variable that sets the first port, where the code reads one."""
    install_command: str | None = None
    """Installs the locked dependencies (development ones included, as a build or test needs them)."""
    test_command: str | None = None
    lint_command: str | None = None
    context: str | None = None
    """Folder that a build has to see (the workspace's root); None = `path`."""
    manifests: tuple[str, ...] = ()
    """Files, relative to the root, that decide the dependencies: manifests, lock files, package manager settings."""
    server_packages: tuple[str, ...] = ()
    """What the start command needs beyond the repository's own dependencies, as pinned requirements."""
    build_packages: tuple[str, ...] = ()
    """Debian packages that the build needs (compilers, headers)."""
    runtime_packages: tuple[str, ...] = ()
    """Debian packages that the running process needs (shared libraries, programs it calls)."""
    request_metric: RequestMetric | None = None
    proxies: tuple[Proxy, ...] = ()
    """For role static: what the development server answers by asking another server."""
    traits: tuple[str, ...] = ()
    """Stack-specific marks that a build reads, e.g. "next-standalone", "prisma", "django-static", "cgo"."""
    evidence: Mapping[str, tuple[Evidence, ...]] = field(default_factory=dict[str, tuple[Evidence, ...]])
    ambiguities: tuple[Ambiguity, ...] = ()

    @property
    def build_context(self) -> str:
        return self.path if self.context is None else self.context

    @property
    def language_family(self) -> str:
        """The language whose toolchain builds it: TypeScript and JavaScript are both node, unless Deno runs them; Java stands for the whole JVM."""
        if self.runtime is not None and self.runtime.name in ("deno", "dotnet", "java"):
            return self.runtime.name
        return "node" if self.language in ("javascript", "typescript") else self.language


@dataclass(frozen=True, slots=True, kw_only=True)
class Existing:
    """A deployment file that is already there. `kind`: dockerfile, compose, kubernetes, helm, terraform, ci, platform ...

    `component` is the one that it builds, runs or configures; None where it is about several, or none.
    """

    kind: str
    path: str
    component: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A file that could not be used, and why. A `manifest` problem stops a run; others are told."""

    file: str
    line: int | None = None
    what: str
    manifest: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    root: str
    components: tuple[Component, ...] = ()
    existing: tuple[Existing, ...] = ()
    ambiguities: tuple[Ambiguity, ...] = ()
    problems: tuple[Problem, ...] = ()
    findings: tuple[Finding, ...] = ()
    """Where deployment files that are already there contradict the code, or each other."""
    remote: str | None = None
    """The git remote's owner/name, where .git/config tells one."""
    default_branch: str | None = None
    version: int = 1
