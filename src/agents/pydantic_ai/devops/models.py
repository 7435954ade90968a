"""DevOpsOutput, the wrapper's schema."""

from opsmith.protocols.hive_mind.models import (
    DeploymentStrategy,
    DevOpsOutput,
    InfrastructureChange,
    MonitoringImplementation,
    WorkerDependencies,
    WorkerMetrics,
    WorkerOutput,
    WorkerSummary,
)

__all__ = [
    "DeploymentStrategy",
    "DevOpsOutput",
    "InfrastructureChange",
    "MonitoringImplementation",
    "WorkerDependencies",
    "WorkerMetrics",
    "WorkerOutput",
    "WorkerSummary",
]
