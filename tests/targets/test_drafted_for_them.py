"""What the draft makes of tests to run and services to watch."""

from __future__ import annotations

from typing import Any

from opsmith.model.blueprint import Monitoring, Pipeline, Port, Probe, Service, Variable
from opsmith.model.blueprint import TestJob as Job
from opsmith.model.intent import Intent
from opsmith.model.survey import Component, RequestMetric, Survey
from opsmith.settings import Settings
from opsmith.stages.draft.monitoring import monitoring
from opsmith.stages.draft.notes import Notes
from opsmith.stages.draft.pipeline import pipeline
from tests.targets.blueprints import service

SURVEY = Survey(root="/shop", default_branch="trunk")
INTENT = Intent(kind="deliver")


def component(name: str, **changes: Any) -> Component:
    plain: dict[str, Any] = {"name": name, "path": "api", "role": "web", "language": "python", "package_manager": "pip"}
    return Component(**(plain | changes))


def drafted_pipeline(components: tuple[Component, ...], services: tuple[Service, ...], notes: Notes) -> Pipeline | None:
    return pipeline(components, services, ("docker", "github_actions"), SURVEY, INTENT, Settings(), notes)


def drafted_monitoring(components: tuple[Component, ...], services: tuple[Service, ...], notes: Notes) -> Monitoring | None:
    return monitoring(services, components, ("prometheus",), SURVEY, INTENT, Settings(), notes)


def test_what_shares_a_folder_is_tested_once_with_all_it_needs() -> None:
    files = ("api/pyproject.toml", "api/requirements-dev.txt", "api/requirements/base.txt", "api/notes.txt", "api/poetry.lock")
    components = (
        component("worker", role="worker"),
        component("api", install_command="pip install -r requirements-dev.txt", test_command="pytest", manifests=files),
    )
    variables = (
        Variable(name="APP_ENV", kind="literal", value="production"),
        Variable(name="LOG_LEVEL", kind="literal", value="info"),
        Variable(name="SECRET_KEY", kind="secret", secret="api-secrets", key="SECRET_KEY"),
    )
    services = (service("worker", role="worker", needs=("redis",)), service("api", needs=("postgres",), variables=variables))
    notes = Notes(Settings())
    made = drafted_pipeline(components, services, notes)
    assert made is not None
    assert (made.branch, made.environments, made.deploys) == ("trunk", (), False)
    assert made.tests == (
        Job(
            name="api",
            path="api",
            language="python",
            package_manager="pip",
            runtime_version=made.tests[0].runtime_version,
            install_command="pip install -r requirements-dev.txt",
            lint_command=None,
            test_command="pytest",
            lock_files=("api/requirements-dev.txt", "api/requirements/base.txt", "api/poetry.lock"),
            needs=("postgres", "redis"),
            variables=(("LOG_LEVEL", "info"),),
            service="api",
        ),
    )


def test_a_folder_without_tests_is_told() -> None:
    notes = Notes(Settings())
    made = drafted_pipeline((component("api"),), (service("api"),), notes)
    assert made is not None
    assert made.tests == ()
    assert notes.open_points == ("api has no tests or linter that opsmith could find, so the pipeline only builds it",)


def test_a_grpc_service_is_watched_only_by_its_own_metrics() -> None:
    metric = RequestMetric(counter="grpc_server_handled_total", errors='grpc_code=~"Internal"')
    port, probe = Port(number=9000, name="grpc", protocol="grpc"), Probe(kind="grpc", port=9000)
    services = (service("silent", port=port, probe=probe), service("counted", port=port, probe=probe))
    components = (component("silent"), component("counted", metrics_path="/metrics", request_metric=metric))
    notes = Notes(Settings())
    made = drafted_monitoring(components, services, notes)
    assert made is not None
    assert ([item.service for item in made.slos], made.probes, [item.service for item in made.scrapes]) == (["counted"], (), ["counted"])
    assert [alert.name for alert in made.alerts] == ["CountedErrorBudgetBurnFast", "CountedErrorBudgetBurnSlow", "CountedMetricsAbsent"]
    assert notes.open_points == (
        "silent emits no known request metrics and speaks gRPC, which the blackbox probe cannot ask without TLS settings; it has no SLO yet",
        "alerts reach nobody until monitoring/prometheus/prometheus.yml names an Alertmanager under `alerting:`",
    )
