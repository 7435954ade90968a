"""DevOpsOutput, the schema of seed 000."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerSummary:
    key_findings: tuple[str, ...] = ()
    critical_issues: tuple[str, ...] = ()
    recommendations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerMetrics:
    items_analyzed: int = 0
    issues_found: int = 0
    severity_breakdown: dict[str, int] = field(default_factory=dict[str, int])


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerDependencies:
    requires: tuple[str, ...] = ()
    blocks: tuple[str, ...] = ()
    handoffs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerOutput:
    """What every worker of a session hands in."""

    worker: str
    session_id: str
    timestamp: str
    status: Literal["completed", "blocked", "failed"]
    summary: WorkerSummary
    analysis: dict[str, Any] = field(default_factory=dict[str, Any])
    metrics: WorkerMetrics = field(default_factory=WorkerMetrics)
    dependencies: WorkerDependencies = field(default_factory=WorkerDependencies)
    files_examined: tuple[str, ...] = ()
    files_modified: tuple[str, ...] = ()
    next_actions: tuple[str, ...] = ()
    notes_markdown: str = ""
    config: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InfrastructureChange:
    change_type: Literal["container", "networking", "storage", "compute", "security", "monitoring"]
    description: str
    implementation_approach: str
    configuration_files: tuple[str, ...] = ()
    deployment_impact: Literal["none", "low", "medium", "high"]
    rollback_strategy: str
    cost_impact: Literal["decrease", "neutral", "increase_low", "increase_medium", "increase_high"]
    security_implications: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentStrategy:
    """`automation_level` is 0..10."""

    strategy_name: str
    deployment_type: Literal["blue_green", "rolling", "canary", "recreate", "a_b_testing"]
    description: str
    pipeline_stages: tuple[str, ...] = ()
    automation_level: float
    rollback_time: str
    risk_mitigation: tuple[str, ...] = ()
    monitoring_requirements: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitoringImplementation:
    monitoring_type: Literal["metrics", "logging", "tracing", "alerting", "health_checks"]
    description: str
    tools_used: tuple[str, ...] = ()
    metrics_collected: tuple[str, ...] = ()
    alert_conditions: tuple[str, ...] = ()
    dashboard_components: tuple[str, ...] = ()
    retention_policy: str
    integration_points: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DevOpsOutput(WorkerOutput):
    """What the DevOps worker hands in. Scores are 0..10."""

    infrastructure_changes: tuple[InfrastructureChange, ...] = ()
    deployment_strategies: tuple[DeploymentStrategy, ...] = ()
    monitoring_implementations: tuple[MonitoringImplementation, ...] = ()
    security_implementations: tuple[str, ...] = ()
    compliance_improvements: tuple[str, ...] = ()
    performance_optimizations: tuple[str, ...] = ()
    cost_optimizations: tuple[str, ...] = ()
    scalability_improvements: tuple[str, ...] = ()
    automation_implementations: tuple[str, ...] = ()
    tooling_improvements: tuple[str, ...] = ()
    process_improvements: tuple[str, ...] = ()
    configuration_changes: tuple[str, ...] = ()
    environment_standardization: tuple[str, ...] = ()
    secrets_management: tuple[str, ...] = ()
    backup_strategies: tuple[str, ...] = ()
    disaster_recovery_improvements: tuple[str, ...] = ()
    infrastructure_maturity_score: float = 5.0
    cicd_maturity_score: float = 5.0
    observability_score: float = 5.0
    security_score: float = 5.0
    business_continuity_score: float = 5.0
    devops_maturity_score: float = 5.0
    operational_efficiency: float = 5.0
    reliability_score: float = 5.0
