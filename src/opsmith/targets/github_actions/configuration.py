"""The job that checks what is delivered beside the code: the manifests render, the alert rules pass their tests."""

from __future__ import annotations

from typing import Any

from opsmith import conventions
from opsmith.emit import noted
from opsmith.model.blueprint import Blueprint
from opsmith.targets.github_actions import steps

NAME = "manifests"
MINUTES = 10
PROMETHEUS = "prom/prometheus:v3.15.0"


def job(blueprint: Blueprint) -> Any:
    """None where nothing of the kind is delivered."""
    parts = [*_manifests(blueprint), *_rules(blueprint)]
    if not parts:
        return None
    made: dict[str, Any] = {
        "name": "Check manifests and rules",
        "runs-on": steps.RUNNER,
        "timeout-minutes": MINUTES,
        "permissions": {"contents": noted("read", beside="check out")},
        "defaults": {"run": {"shell": "bash"}},
        "steps": [steps.checkout(), *parts],
    }
    return noted(made, "targets")


def _manifests(blueprint: Blueprint) -> list[Any]:
    if "kubernetes" not in blueprint.targets:
        return []
    overlays = [f"{conventions.KUBERNETES_OVERLAYS}/{item.name}" for item in blueprint.environments if "kustomize" in blueprint.targets]
    lines = [f"kubectl kustomize {folder} > /dev/null" for folder in overlays or [conventions.KUBERNETES_BASE]]
    return [steps.kubectl(), steps.run("Render the manifests", *lines)]


def _rules(blueprint: Blueprint) -> list[Any]:
    if "prometheus" not in blueprint.targets or blueprint.monitoring is None or not blueprint.monitoring.slos:
        return []
    step = steps.run(
        "Check and test the alert rules",
        "promtool() {",
        '  docker run --rm --network none --volume "${PWD}:/work:ro" --workdir /work --entrypoint promtool "${PROMETHEUS}" "$@"',
        "}",
        "promtool check rules rules/*.yml",
        "promtool test rules tests/*.yml",
        environment={"PROMETHEUS": conventions.image(PROMETHEUS)},
        folder=conventions.PROMETHEUS_FOLDER,
    )
    return [noted(step, "monitoring.slos")]
