"""What the guide and .env.example say of secrets: which are made up, which one value serves several processes, which somebody else issued."""

from __future__ import annotations

from opsmith.model.blueprint import Blueprint
from opsmith.model.intent import Intent
from opsmith.model.survey import BackingService, Component, EnvVar, Survey
from opsmith.settings import Settings
from opsmith.stages.draft import draft
from opsmith.targets import compose, kubernetes

ENV = tuple(EnvVar(name=name, required=True, secret=True) for name in ("DATABASE_URL", "SECRET_KEY", "STRIPE_SECRET_KEY"))
DATABASE = BackingService(kind="postgres", name="postgres", env=("DATABASE_URL",))


def drafted(*names: str) -> Blueprint:
    components = tuple(
        Component(
            name=name,
            path="",
            role="web" if name == "api" else "worker",
            language="python",
            package_manager="pip",
            start_command=f"python {name}.py",
            ports=(8000,) if name == "api" else (),
            protocol="http" if name == "api" else None,
            env=ENV,
            backing_services=(DATABASE,),
        )
        for name in names
    )
    return draft(Survey(root="/shop", components=components), Intent(kind="deliver", targets=("docker", "kubernetes")), Settings())


def guide(blueprint: Blueprint) -> str:
    text = next(file.text for file in kubernetes.render(blueprint) if file.path == "k8s/README.md")
    return text[text.index("kubectl apply --filename") : text.index("\nkubectl --namespace shop create secret tls")]


def test_what_one_process_signs_the_other_can_read() -> None:
    assert (
        guide(drafted("api", "worker"))
        == """\
kubectl apply --filename k8s/base/namespace.yaml

# One value for every process that reads it: what one of them signs or encrypts, the others have to read.
SECRET_KEY="$(openssl rand -hex 24)"

kubectl --namespace shop create secret generic api-secrets \\
  --from-literal=SECRET_KEY="$SECRET_KEY" \\
  --from-literal=STRIPE_SECRET_KEY=VALUE

kubectl --namespace shop create secret generic postgres-secrets \\
  --from-literal=POSTGRES_PASSWORD="$(openssl rand -hex 24)"

kubectl --namespace shop create secret generic worker-secrets \\
  --from-literal=SECRET_KEY="$SECRET_KEY" \\
  --from-literal=STRIPE_SECRET_KEY=VALUE
"""
    )


def test_a_single_reader_needs_no_name_for_it() -> None:
    assert (
        guide(drafted("api"))
        == """\
kubectl apply --filename k8s/base/namespace.yaml

kubectl --namespace shop create secret generic api-secrets \\
  --from-literal=SECRET_KEY="$(openssl rand -hex 24)" \\
  --from-literal=STRIPE_SECRET_KEY=VALUE

kubectl --namespace shop create secret generic postgres-secrets \\
  --from-literal=POSTGRES_PASSWORD="$(openssl rand -hex 24)"
"""
    )


def test_compose_asks_for_the_same() -> None:
    assert (
        next(file.text for file in compose.render(drafted("api", "worker")) if file.path == ".env.example")
        == """\
# Copy to .env and fill in; .env is never committed.

# Secrets, e.g. from: openssl rand -hex 24
POSTGRES_PASSWORD=
SECRET_KEY=

# Secrets that somebody else issued, or that only you know
STRIPE_SECRET_KEY=
"""
    )
