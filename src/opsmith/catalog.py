"""The table of contents: every variant, explicit and in order."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from opsmith.check import Check
    from opsmith.detector import Detector
    from opsmith.prover import Prover
    from opsmith.standard import Layer
    from opsmith.target import Target

DETECTORS = ("python", "node", "deno", "go", "jvm", "scala", "clojure", "dotnet", "ruby", "php", "rust", "elixir", "cpp", "static")
TARGETS = ("docker", "compose", "kubernetes", "kustomize", "helm", "github_actions", "prometheus", "runbooks")
CHECKS = ("agreement",)
PROVERS = (
    "yamllint", "hadolint", "shellcheck", "check_jsonschema", "docker_compose", "kubernetes_validate", "custom_resources",
    "kustomize", "helm", "kube_score", "actionlint", "zizmor", "promtool_config", "promtool_rules", "promtool_tests", "gitleaks", "trivy", "checkov",
)  # fmt: skip
OF_RENDERED = ("kubernetes_validate", "custom_resources", "kube_score", "trivy", "checkov")
"""Those of PROVERS that judge what a chart or an overlay renders to."""
STANDARDS = (
    "build", "image", "configuration", "secrets", "kubernetes", "network", "iac", "pipeline", "monitoring", "alerts", "backups", "recovery", "cost",
    "compliance",
)  # fmt: skip


def detectors() -> tuple[Detector, ...]:
    return tuple(cast("Detector", import_module(f"opsmith.detectors.{name}")) for name in DETECTORS)


def targets() -> tuple[Target, ...]:
    return tuple(cast("Target", import_module(f"opsmith.targets.{name}")) for name in TARGETS)


def checks() -> tuple[Check, ...]:
    return tuple(cast("Check", import_module(f"opsmith.checks.{name}")) for name in CHECKS)


def provers(names: tuple[str, ...] | None = None) -> tuple[Prover, ...]:
    return tuple(cast("Prover", import_module(f"opsmith.provers.{name}")) for name in (PROVERS if names is None else names))


def standards() -> tuple[Layer, ...]:
    return tuple(cast("Layer", import_module(f"opsmith.standards.{name}")) for name in STANDARDS)
