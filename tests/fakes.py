"""Values that several tests start from."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from opsmith.model.artifact import Artifact, LineOrigin
from opsmith.model.blueprint import (
    Alert,
    Backing,
    Blueprint,
    Build,
    Monitoring,
    Origin,
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
from opsmith.model.finding import Finding
from opsmith.model.intent import HandOver, Intent
from opsmith.model.proof import Proof
from opsmith.model.report import FileChange, RunReport
from opsmith.model.survey import Component, Evidence, RequestMetric, Survey

TASK = "Containerise shop and deploy it to Kubernetes with a pipeline and monitoring"
HTTP = Port(number=8000, name="http", protocol="http")
SMALL = Resources(cpu_request="250m", cpu_limit="500m", memory_request="256Mi", memory_limit="512Mi")
METRIC = RequestMetric(counter="http_requests_total", errors='status=~"5.."', histogram="http_request_duration_seconds")

SURVEY = Survey(
    root="/repo",
    components=(
        Component(
            name="api", path="", role="web", language="python", framework="fastapi", package_manager="uv", ports=(8000,), health_path="/health",
            manifests=("pyproject.toml", "uv.lock"), evidence={"ports": (Evidence(file="app/main.py", line=42, shows="uvicorn.run(port=8000)"),)},
        ),
    ),
)  # fmt: skip

BLUEPRINT = Blueprint(
    name="shop", namespace="shop", targets=("docker", "kubernetes", "github_actions", "prometheus", "runbooks"), strategy="rolling",
    builds=(
        Build(
            name="api", reference="ghcr.io/acme/shop-api:0.1.0", dockerfile="Dockerfile", context="", path="", language="python", framework="fastapi",
            package_manager="uv", runtime_version="3.12", install_command="uv sync", build_command=None, static_dir=None,
            manifests=("pyproject.toml", "uv.lock"), server_packages=(), build_packages=(), runtime_packages=(), traits=(), build_variables=(),
            user=10001,
        ),
    ),
    services=(
        Service(
            name="api", component="api", role="web", build="api", command="uvicorn app.main:app", argv=("uvicorn", "app.main:app"), port=HTTP,
            extra_ports=(), probe=Probe(kind="http", port=8000, path="/health"),
            variables=(Variable(name="DATABASE_URL", kind="secret", secret="shop-db", key="url"),), needs=("db",), calls=(),
            migration="alembic upgrade head",
            migration_argv=("alembic", "upgrade", "head"), health_argv=(), replicas=2, resources=SMALL, user=10001, writable=("/tmp",), public=True,
        ),
    ),
    backings=(
        Backing(
            name="db", kind="postgres", placement="in_cluster", image="postgres:17", port=5432, user=999, variables=(),
            data_path="/var/lib/postgresql/data",
            volume_size="10Gi", health_command=("pg_isready",), arguments=(), resources=SMALL, writable=(), version="17",
        ),
    ),
    secrets=(Secret(name="shop-db", keys=("url",)),),
    monitoring=Monitoring(
        namespace="monitoring", scrapes=(Scrape(service="api", port=HTTP, path="/metrics"),), probes=(),
        slos=(Slo(service="api", sli="requests", objective=99.9, window_days=30, metric=METRIC, latency_ms=200.0, latency_percentile=99.0),),
        alerts=(
            Alert(name="ApiBurnsFast", service="api", kind="burn_fast", severity="P1", summary="api fails too often.", runbook="runbooks/api.md"),
        ),
    ),
    pipeline=Pipeline(
        branch="main",
        tests=(
            TestJob(
                name="api", path="", language="python", package_manager="uv", runtime_version="3.12", install_command="uv sync",
                lint_command="ruff check", test_command="pytest", lock_files=("uv.lock",), needs=("db",), variables=(),
            ),
        ),
        environments=("staging", "production"), deploys=True,
    ),
    registry="ghcr.io/acme", open_points=("Fill in shop-db/url.",),
    origins={"services.api.port": (Origin(kind="fact", text="uvicorn.run(port=8000)", file="app/main.py", line=42),)},
)  # fmt: skip

DEPLOYMENT = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  labels:\n    app: api\n  name: api\nspec:\n  replicas: 2\n"
NETWORK = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: api\n"
SERVICE = "apiVersion: v1\nkind: Service\nmetadata:\n  name: api\n"

ARTIFACTS = (
    Artifact(path="Dockerfile", text="FROM python:3.12\n", target="docker", origins=(LineOrigin(first=1, last=1, node="builds.api"),)),
    Artifact(path="k8s/api.yaml", text=DEPLOYMENT, target="kubernetes"),
    Artifact(path="k8s/network.yaml", text=f"{NETWORK}---\n{SERVICE}", target="kubernetes"),
    Artifact(path=".github/workflows/ci.yml", text="name: ci\n", target="github_actions"),
    Artifact(path="monitoring/rules.yaml", text="groups: []\n", target="prometheus"),
    Artifact(path="runbooks/api.md", text="# api\n\n```bash\nkubectl get pods\n```\n", target="runbooks"),
)

PROOFS = (
    Proof(tool="hadolint", claim="hadolint finds nothing to object to", paths=("Dockerfile",), outcome="proved", version="2.15.1"),
    Proof(tool="gitleaks", claim="no secret is delivered", paths=("Dockerfile",), outcome="proved", version="8.30.1"),
    Proof(
        tool="kubeconform", claim="manifests are valid", paths=("k8s/api.yaml",), outcome="could_not_check", reason="not installed",
        how_to_get="go install kubeconform",
    ),
)  # fmt: skip


def report(status: str = "delivered") -> RunReport:
    """One web service with a database, delivered for five targets; `status` "refused" has a refuted proof."""
    refused = status == "refused"
    refuted = Proof(tool="hadolint", claim="hadolint finds nothing to object to", paths=("Dockerfile",), outcome="refuted", version="2.15.1")
    finding = Finding(rule="hadolint/DL3006", severity="high" if refused else "low", message="Always tag an image", path="Dockerfile", line=1)
    kinds = {"Dockerfile": "foreign", "k8s/api.yaml": "update"}
    changes = tuple(
        FileChange(
            path=artifact.path,
            change="foreign" if artifact.path == "Dockerfile" else "update" if artifact.path in kinds else "create",
            written=None if refused else "Dockerfile.opsmith.new" if artifact.path == "Dockerfile" else artifact.path,
        )
        for artifact in ARTIFACTS
    )
    return RunReport(
        task=TASK,
        status="refused" if refused else "delivered",
        survey=SURVEY,
        intent=Intent(
            kind="deliver", targets=BLUEPRINT.targets, environments=("staging", "production"), compliance=("soc2",),
            out_of_scope=(HandOver(words="redesign the login page", hand_to="frontend-developer"),),
        ),
        blueprint=BLUEPRINT,
        artifacts=ARTIFACTS,
        changes=changes,
        proofs=(refuted, *PROOFS[1:]) if refused else PROOFS,
        findings=(finding,),
        open_points=BLUEPRINT.open_points,
        destination="/repo",
    )  # fmt: skip


def nothing(task: str = "Write a poem") -> RunReport:
    """A task that is nothing for a DevOps worker."""
    return RunReport(
        task=task, status="nothing_to_do", survey=SURVEY,
        intent=Intent(kind="none"), blueprint=None, artifacts=(), changes=(), proofs=(), findings=(),
        open_points=(), destination="/repo",
    )  # fmt: skip


class Clock:
    """Each question is answered one second later than the one before."""

    def __init__(self) -> None:
        self.now = datetime(2025, 11, 20, 14, 5, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now
