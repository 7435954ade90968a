"""What the words ask for: Intent JSON version 1. Unset is None or empty; nothing here is a default of ours."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["deliver", "assess", "harden", "deploy", "rollback", "investigate", "optimize_cost", "report", "none"]
Strategy = Literal["rolling", "blue_green", "canary", "recreate"]
Cloud = Literal["aws", "gcp", "azure"]
Environment = Literal["dev", "staging", "production", "preview"]
Period = Literal["day", "month", "year"]

TARGET_NAMES = (
    "docker", "compose", "kubernetes", "kustomize", "helm", "argocd", "flux", "argo_rollouts", "flagger", "istio", "linkerd",
    "keda", "cert_manager", "terraform", "cloudformation", "cdk", "pulumi", "bicep", "ansible", "packer", "serverless",
    "github_actions", "gitlab_ci", "jenkins", "circleci", "azure_pipelines", "prometheus", "alertmanager", "grafana", "elk",
    "loki", "otel", "jaeger", "datadog", "newrelic", "cloudwatch", "kyverno", "opa", "falco", "supply_chain", "vault",
    "external_secrets", "sealed_secrets", "velero", "backups", "failover", "chaos", "runbooks", "scripts",
)  # fmt: skip
"""The closed vocabulary of `targets` and `exclude`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    concurrent_users: int | None = None
    requests_per_second: float | None = None
    min_replicas: int | None = None
    max_replicas: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SloWant:
    """`availability` in percent, `latency_ms` in milliseconds at `latency_percentile`."""

    availability: float | None = None
    latency_ms: float | None = None
    latency_percentile: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    tier: int | None = None
    rto_minutes: float | None = None
    rpo_minutes: float | None = None
    multi_region: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    amount: float | None = None
    currency: str | None = None
    period: Period | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """A part of the task that belongs to somebody else: its words, and the agent to give it to."""

    words: str
    hand_to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """`words` of the task set the field `sets` to `value`."""

    words: str
    sets: str
    value: str | int | float | bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    kind: Kind
    targets: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    cloud: Cloud | None = None
    regions: tuple[str, ...] = ()
    environments: tuple[Environment, ...] = ()
    strategy: Strategy | None = None
    scale: Scale = field(default_factory=Scale)
    slo: SloWant = field(default_factory=SloWant)
    recovery: Recovery = field(default_factory=Recovery)
    compliance: tuple[str, ...] = ()
    budget: Budget = field(default_factory=Budget)
    components: tuple[str, ...] = ()
    out_of_scope: tuple[HandOver, ...] = ()
    understood: tuple[Understood, ...] = ()
    not_understood: tuple[str, ...] = ()
    version: int = 1
