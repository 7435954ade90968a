"""Blueprints made by hand: what the targets are tested with."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from opsmith.conventions import image
from opsmith.model.blueprint import (
    Alert,
    Backing,
    Blueprint,
    Build,
    Monitoring,
    Pipeline,
    Port,
    Probe,
    Resources,
    Scrape,
    Secret,
    Service,
    Slo,
    TestJob,
    Variable,
)
from opsmith.model.survey import RequestMetric

HTTP_METRIC = RequestMetric(counter="http_requests_total", errors='status=~"5.."', histogram="http_request_duration_seconds")
SIZES = Resources(cpu_request="250m", cpu_limit="500m", memory_request="256Mi", memory_limit="512Mi")


def build(name: str, **changes: Any) -> Build:
    plain = Build(
        name=name, reference=f"ghcr.io/acme/shop/{name}:0.1.0", dockerfile=f"{name}/Dockerfile", context=name, path=name, language="python",
        framework=None, package_manager="pip", runtime_version="3.12", install_command=None, build_command=None, static_dir=None,
        manifests=(), server_packages=(), build_packages=(), runtime_packages=(), programs=(), traits=(), build_variables=(), user=10001,
    )  # fmt: skip
    return replace(plain, **changes)


def service(name: str, **changes: Any) -> Service:
    plain = Service(
        name=name, component=name, role="web", build=name, command=None, argv=(), port=Port(number=8000, name="http", protocol="http"),
        extra_ports=(), probe=Probe(kind="http", port=8000, path="/health"), variables=(), needs=(), calls=(), migration=None, migration_argv=(),
        health_argv=(), replicas=2, resources=SIZES, user=10001, writable=("/tmp",), public=True,
    )  # fmt: skip
    return replace(plain, **changes)


def job(name: str, **changes: Any) -> TestJob:
    plain = TestJob(
        name=name, path=name, language="python", package_manager="pip", runtime_version="3.12", install_command="pip install -r requirements.txt",
        lint_command=None, test_command="pytest", lock_files=(f"{name}/requirements.txt",), needs=(), variables=(),
    )  # fmt: skip
    return replace(plain, **changes)


def slo(name: str, **changes: Any) -> Slo:
    plain = Slo(service=name, sli="probe", objective=99.9, window_days=30, metric=None, latency_ms=None, latency_percentile=None)
    return replace(plain, **changes)


def requests_slo(name: str, **changes: Any) -> Slo:
    return slo(name, **({"sli": "requests", "metric": HTTP_METRIC} | changes))


def alerts(item: Slo) -> tuple[Alert, ...]:
    stem = item.service.capitalize()
    page = f"docs/runbooks/{item.service}.md"
    kinds = (("ErrorBudgetBurnFast", "burn_fast", "P1"), ("ErrorBudgetBurnSlow", "burn_slow", "P3"), ("MetricsAbsent", "absent", "P2"))
    made = tuple(
        Alert(name=stem + name, service=item.service, kind=kind, severity=severity, summary=f"{item.service}: {kind}", runbook=page)  # type: ignore[arg-type]
        for name, kind, severity in kinds
    )
    if item.latency_ms is None:
        return made
    return (
        *made,
        Alert(
            name=f"{stem}LatencyHigh",
            service=item.service,
            kind="latency",
            severity="P2",
            summary=f"{item.service}: latency",
            runbook=page,
        ),
    )


def monitoring(*slos: Slo, scrapes: tuple[Scrape, ...] = ()) -> Monitoring:
    return Monitoring(
        namespace="monitoring",
        scrapes=scrapes,
        probes=tuple(item.service for item in slos if item.sli == "probe"),
        slos=slos,
        alerts=tuple(alert for item in slos for alert in alerts(item)),
    )


def postgres(**changes: Any) -> Backing:
    plain = Backing(
        name="postgres", kind="postgres", placement="in_cluster", image=image("postgres:17-alpine"), port=5432, user=70,
        variables=(
            Variable(name="POSTGRES_USER", kind="literal", value="app"),
            Variable(name="POSTGRES_DB", kind="literal", value="app"),
            Variable(name="POSTGRES_PASSWORD", kind="secret", secret="postgres-secrets", key="POSTGRES_PASSWORD"),
            Variable(name="PGDATA", kind="literal", value="/var/lib/postgresql/data/pgdata"),
        ),
        data_path="/var/lib/postgresql/data", volume_size="10Gi", health_command=("pg_isready", "--username=app", "--dbname=app"), arguments=(),
        resources=SIZES, writable=("/tmp",),
    )  # fmt: skip
    return replace(plain, **changes)


def redis(**changes: Any) -> Backing:
    plain = Backing(
        name="redis", kind="redis", placement="in_cluster", image=image("redis:8-alpine"), port=6379, user=999,
        variables=(Variable(name="REDISCLI_AUTH", kind="secret", secret="redis-secrets", key="REDIS_PASSWORD"),), data_path="/data",
        volume_size="10Gi", health_command=("redis-cli", "ping"),
        arguments=("redis-server", "--appendonly", "yes", "--requirepass", "${REDIS_PASSWORD}"), resources=SIZES, writable=("/tmp",),
    )  # fmt: skip
    return replace(plain, **changes)


CONNECTIONS = (
    Variable(
        name="DATABASE_URL", kind="composed", value="postgresql://app:${POSTGRES_PASSWORD}@postgres:5432/app",
        secret="postgres-secrets", key="POSTGRES_PASSWORD",
    ),
    Variable(
        name="CELERY_BROKER_URL", kind="composed", value="redis://:${REDIS_PASSWORD}@redis:6379/0", secret="redis-secrets", key="REDIS_PASSWORD"
    ),
)  # fmt: skip

SHOP = Blueprint(
    name="shop",
    namespace="shop",
    targets=("docker", "compose", "kubernetes", "github_actions", "prometheus", "runbooks"),
    strategy="rolling",
    builds=(build("api", manifests=("api/requirements.txt",)),),
    services=(
        service(
            "api", command="gunicorn shop.wsgi --bind 0.0.0.0:8000", needs=("postgres", "redis"), migration="python manage.py migrate",
            variables=(
                *CONNECTIONS,
                Variable(name="SECRET_KEY", kind="secret", secret="api-secrets", key="SECRET_KEY"),
                Variable(name="APP_ENV", kind="literal", value="production"),
            ),
        ),
        service(
            "worker", component="worker", role="worker", build="api", command="celery -A shop worker", port=None, probe=None, replicas=1,
            needs=("postgres", "redis"), variables=CONNECTIONS, public=False,
        ),
    ),
    backings=(postgres(), redis()),
    secrets=(
        Secret(name="api-secrets", keys=("SECRET_KEY",)),
        Secret(name="postgres-secrets", keys=("POSTGRES_PASSWORD",)),
        Secret(name="redis-secrets", keys=("REDIS_PASSWORD",)),
    ),
    monitoring=monitoring(
        requests_slo("api", latency_ms=200.0, latency_percentile=99.0),
        scrapes=(Scrape(service="api", port=Port(number=8000, name="http", protocol="http"), path="/metrics"),),
    ),
    pipeline=Pipeline(
        branch="main",
        tests=(job("api", lint_command="ruff check .", needs=("postgres", "redis"), service="api"),),
        environments=("staging", "production"),
        deploys=True,
    ),
    registry="ghcr.io/acme/shop",
)  # fmt: skip
"""A Python web service and its Celery worker with PostgreSQL and Redis, measured by its own request metrics, on Kubernetes."""

SITE = Blueprint(
    name="site",
    namespace="site",
    targets=("docker", "compose", "github_actions", "prometheus", "runbooks"),
    strategy="rolling",
    builds=(
        build(
            "site", reference="registry.example.org/acme/site:0.1.0", dockerfile="Dockerfile", context="", path="", language="node",
            package_manager="npm", runtime_version="22", static_dir="dist", manifests=("package.json", "package-lock.json"),
        ),
    ),
    services=(
        service(
            "site", role="static", port=Port(number=8080, name="http", protocol="http"), probe=Probe(kind="http", port=8080, path="/healthz"),
            user=101,
        ),
    ),
    backings=(),
    secrets=(),
    monitoring=monitoring(slo("site", objective=99.0)),
    pipeline=Pipeline(
        branch="trunk",
        tests=(
            job(
                "site", path="", language="node", package_manager="npm", runtime_version="22", install_command="npm ci",
                lint_command="npm run lint", test_command="npm test", lock_files=("package-lock.json",),
            ),
        ),
        environments=(),
        deploys=False,
    ),
    registry="registry.example.org/acme/site",
)  # fmt: skip
"""A static site in the root folder, on compose, watched from outside only; a registry that is not GitHub's."""

GATEWAY = Blueprint(
    name="gateway",
    namespace="edge",
    targets=("docker", "kubernetes", "github_actions", "prometheus", "runbooks"),
    strategy="rolling",
    builds=(
        build("gateway", dockerfile="Dockerfile", context="", path="", language="go", package_manager="go", runtime_version="1.25",
              reference="ghcr.io/acme/gateway/gateway:0.1.0", manifests=("go.mod", "go.sum")),
        build("web", reference="ghcr.io/acme/gateway/web:0.1.0", language="node", package_manager="pnpm", runtime_version="22",
              manifests=("web/package.json", "web/pnpm-lock.yaml")),
    ),
    services=(
        service("gateway", port=Port(number=9000, name="tcp", protocol="tcp"), probe=Probe(kind="tcp", port=9000), calls=("web",), user=65532),
        service("web", port=Port(number=3000, name="http", protocol="http"), probe=Probe(kind="http", port=3000, path="/ready"), public=False),
    ),
    backings=(),
    secrets=(),
    monitoring=monitoring(slo("gateway", objective=99.95, window_days=7), slo("web")),
    pipeline=Pipeline(
        branch="main",
        tests=(
            job(
                "gateway", path="", language="go", package_manager="go", runtime_version="1.25", install_command="go mod download",
                lint_command="golangci-lint run", test_command="go test ./...", lock_files=("go.sum",),
            ),
            job(
                "web", language="node", package_manager="pnpm", runtime_version="22", install_command="pnpm install --frozen-lockfile",
                test_command="pnpm run test", lock_files=("web/pnpm-lock.yaml",),
            ),
        ),
        environments=("production",),
        deploys=True,
    ),
    registry="ghcr.io/acme/gateway",
)  # fmt: skip
"""A Go service that speaks TCP and a Node service behind it, both watched from outside, on Kubernetes."""

ALL = {"shop": SHOP, "site": SITE, "gateway": GATEWAY}
