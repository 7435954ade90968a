"""The one plan that every target reads. Each number, name and path stands here once.

`origins` says for each node, by its dotted path ("services.api.port"), which facts, words, settings or defaults it came from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from opsmith import conventions
from opsmith.model.survey import Protocol, RequestMetric, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """`kind`: a fact of the survey, words of the task, a setting of the user, a default of ours, or a model's proposal; `text` says it in words."""

    kind: Literal["fact", "word", "setting", "default", "model"]
    text: str
    file: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    number: int
    name: str
    protocol: Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """How a service is asked whether it works. `path` is set for http only; tcp means that only a connection is tried."""

    kind: Literal["http", "grpc", "tcp"]
    port: int
    path: str | None = None
    host: str | None = None
    """The Host header to send, for applications that answer only to names they know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """One environment variable of a service.

    literal: `value` is known and no secret. secret: the value lies under `key` of the secret `secret`.
    composed: `value` holds ${KEY} where the value under `key` of the secret `secret` belongs (a connection URL with a password).
    unset: required, no secret, and nobody but a person knows the value.
    """

    name: str
    kind: Literal["literal", "secret", "composed", "unset"]
    value: str | None = None
    secret: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """Kubernetes quantities ("250m", "256Mi")."""

    cpu_request: str
    cpu_limit: str
    memory_request: str
    memory_limit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """How one image is made. Several services may run from one image. Paths are relative to the repository root.

    `runtime_version` is resolved (major.minor or major), `commands` are single shell lines without `cd`.
    """

    name: str
    reference: str
    """Registry, repository and tag, e.g. ghcr.io/acme/shop-api:0.1.0."""
    dockerfile: str
    context: str
    path: str
    language: str
    framework: str | None
    package_manager: str | None
    runtime_version: str
    install_command: str | None
    build_command: str | None
    static_dir: str | None
    manifests: tuple[str, ...]
    server_packages: tuple[str, ...]
    build_packages: tuple[str, ...]
    runtime_packages: tuple[str, ...]
    traits: tuple[str, ...]
    programs: tuple[tuple[str, str], ...] = ()
    """Go: the programs in the image, each with the package it is built from."""
    build_variables: tuple[tuple[str, str], ...]
    """Names and placeholder values of variables that the build must find set although no value matters."""
    user: int
    """Numeric uid (and gid) of the process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Requests below `prefix` are handed on to `service`; None = all that ask for neither a page nor a file.

    `strips`: the prefix is taken off. `path` is put before what is left.
    """

    prefix: str | None
    service: str
    strips: bool = False
    path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaling:
    """Between `minimum` and `maximum` pods, by the average CPU in percent of what is requested."""

    minimum: int
    maximum: int
    cpu_percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One process type: a Deployment, a compose service, a scrape target."""

    name: str
    component: str
    role: Role
    build: str
    """Name of the `Build` whose image it runs."""
    command: str | None
    """As a person would type it; None = the image's own command."""
    argv: tuple[str, ...]
    """The same as words, with a shell only where the command needs one; empty = the image's own."""
    port: Port | None
    extra_ports: tuple[Port, ...]
    probe: Probe | None
    variables: tuple[Variable, ...]
    needs: tuple[str, ...]
    """Names of backing services."""
    calls: tuple[str, ...]
    """Names of other services that it connects to."""
    migration: str | None
    """Run once before each release; only on the service that owns the schema."""
    migration_argv: tuple[str, ...]
    health_argv: tuple[str, ...]
    """Asks the probe from inside the image with what the image has; empty = it cannot be asked from there."""
    replicas: int
    """At the start; where it scales, the least."""
    resources: Resources
    user: int
    writable: tuple[str, ...]
    """Absolute paths that must be writable although the root file system is read-only."""
    public: bool
    """Reached from outside the cluster."""
    routes: tuple[Route, ...] = ()
    """What the web server of a static site hands on to other services."""
    singleton: bool = False
    """Two at the same time would do everything twice (a scheduler), so the old one ends before the new one starts."""
    host: str | None = None
    """The name under which it is reached from outside."""
    schedule: str | None = None
    """Cron expression, for role cron."""
    startup_seconds: int = 60
    """How long a start may take before it counts as failed."""
    grace_seconds: int = 30
    scaling: Scaling | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Backing:
    """A backing service as it runs beside the services (`placement` in_cluster) or elsewhere (external)."""

    name: str
    kind: str
    placement: Literal["in_cluster", "external"]
    image: str
    port: int
    user: int
    variables: tuple[Variable, ...]
    data_path: str | None
    volume_size: str
    health_command: tuple[str, ...]
    arguments: tuple[str, ...]
    resources: Resources
    writable: tuple[str, ...]
    version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """A secret object and its keys; values are never part of a blueprint."""

    name: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scrape:
    """Prometheus reads `path` on port `port` of `service`."""

    service: str
    port: Port
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Slo:
    """`sli` "requests": from `metric` of the application; "probe": from the blackbox exporter's probe_success.

    `objective` in percent over `window_days`; latency is None where no histogram or no want exists.
    """

    service: str
    sli: Literal["requests", "probe"]
    objective: float
    window_days: int
    metric: RequestMetric | None
    latency_ms: float | None
    latency_percentile: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """`name` is CamelCase and unique; `runbook` is the delivered file that tells what to do."""

    name: str
    service: str
    kind: Literal["burn_fast", "burn_slow", "absent", "latency"]
    severity: Literal["P1", "P2", "P3", "P4"]
    summary: str
    runbook: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Monitoring:
    namespace: str
    scrapes: tuple[Scrape, ...]
    probes: tuple[str, ...]
    """Services that the blackbox exporter asks."""
    slos: tuple[Slo, ...]
    alerts: tuple[Alert, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TestJob:
    """Lint and test one component as its repository does. `needs` are backing services that the tests reach."""

    name: str
    path: str
    language: str
    package_manager: str | None
    runtime_version: str
    install_command: str | None
    lint_command: str | None
    test_command: str | None
    lock_files: tuple[str, ...]
    needs: tuple[str, ...]
    variables: tuple[tuple[str, str], ...]
    service: str | None = None
    """The service whose configuration the tested code reads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    branch: str
    tests: tuple[TestJob, ...]
    environments: tuple[str, ...]
    deploys: bool
    """Applies the Kubernetes manifests after the images are pushed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """Where a release runs beside (or before) the one that the rest of the blueprint describes: its own namespace, hosts and numbers."""

    name: str
    namespace: str
    services: tuple[Service, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Blueprint:
    name: str
    """The system's name: a DNS label."""
    namespace: str
    targets: tuple[str, ...]
    strategy: Literal["rolling", "recreate"]
    builds: tuple[Build, ...]
    services: tuple[Service, ...]
    backings: tuple[Backing, ...]
    secrets: tuple[Secret, ...]
    settings: tuple[Secret, ...] = ()
    """Config maps with the values that only a person knows, by the same form."""
    monitoring: Monitoring | None
    pipeline: Pipeline | None
    registry: str
    ingress_namespace: str = "ingress-nginx"
    """Where the ingress controller runs."""
    environments: tuple[Environment, ...] = ()
    """In the order of promotion; the last one is what the rest of the blueprint describes. Empty = there is only that one."""
    open_points: tuple[str, ...] = ()
    """What only a person can fill in or decide, in words, each with where."""
    origins: Mapping[str, tuple[Origin, ...]] = field(default_factory=dict[str, tuple[Origin, ...]])

    def build(self, name: str) -> Build:
        return next(build for build in self.builds if build.name == name)

    def service(self, name: str) -> Service:
        return next(service for service in self.services if service.name == name)

    def backing(self, name: str) -> Backing:
        return next(backing for backing in self.backings if backing.name == name)

    def within(self, environment: Environment) -> Blueprint:
        """The blueprint as it stands in `environment`."""
        return replace(self, namespace=environment.namespace, services=environment.services)

    @property
    def running(self) -> tuple[Service | Backing, ...]:
        """Everything that runs as part of the system: services first, then the backing services that are not elsewhere."""
        return (*self.services, *(backing for backing in self.backings if backing.placement == "in_cluster"))

    def is_made_up(self, secret: str, key: str) -> bool:
        """Whether any random value does: it starts a backing service of ours, or signs. Nobody can make up what somebody else issued."""
        starts = any((item.secret, item.key) == (secret, key) for backing in self.backings for item in backing.variables)
        return starts or conventions.SIGNING_KEY.fullmatch(key) is not None

    def callers(self, name: str) -> tuple[str, ...]:
        """Services that connect to the service or backing service `name`."""
        return tuple(service.name for service in self.services if name in service.calls or name in service.needs)
