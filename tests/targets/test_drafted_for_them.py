"""What the draft makes of tests to run and services to watch."""

from __future__ import annotations

from typing import Any

import pytest

from opsmith.model.blueprint import Monitoring, Pipeline, Port, Probe, Service, Variable
from opsmith.model.blueprint import TestJob as Job
from opsmith.model.intent import Intent
from opsmith.model.survey import Component, Protocol, RequestMetric, Survey
from opsmith.settings import Settings
from opsmith.stages.draft.monitoring import monitoring
from opsmith.stages.draft.notes import Notes
from opsmith.stages.draft.pipeline import pipeline
from tests.targets.blueprints import postgres, redis, service

SURVEY = Survey(root="/shop", default_branch="trunk")
INTENT = Intent(kind="deliver")


def component(name: str, **changes: Any) -> Component:
    plain: dict[str, Any] = {"name": name, "path": "api", "role": "web", "language": "python", "package_manager": "pip"}
    return Component(**(plain | changes))


def drafted_pipeline(components: tuple[Component, ...], services: tuple[Service, ...], notes: Notes) -> Pipeline | None:
    return pipeline(components, services, ("docker", "github_actions"), (), SURVEY, INTENT, Settings(), notes)


def drafted_monitoring(components: tuple[Component, ...], services: tuple[Service, ...], notes: Notes) -> Monitoring | None:
    return monitoring(services, (postgres(), redis()), components, ("prometheus",), INTENT, Settings(), notes)


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
    assert notes.open_points == ("no tests or linter was found, so the pipeline only builds: api",)


WAYS = (
    "alerts reach nobody until monitoring/prometheus/prometheus.yml names an Alertmanager under `alerting:`",
    (
        "a Prometheus that runs already needs monitoring/prometheus/rules copied to where its `rule_files` look and the jobs of "
        "monitoring/prometheus/prometheus.yml in its `scrape_configs`; the Prometheus operator takes the groups as `spec` of a PrometheusRule "
        "and the jobs as `additionalScrapeConfigs`"
    ),
)


def test_a_grpc_service_is_asked_or_counted() -> None:
    metric = RequestMetric(counter="grpc_server_handled_total", errors='grpc_code=~"Internal"')
    port, probe = Port(number=9000, name="grpc", protocol="grpc"), Probe(kind="grpc", port=9000)
    services = (service("asked", port=port, probe=probe), service("counted", port=port, probe=probe))
    components = (component("asked"), component("counted", metrics_path="/metrics", request_metric=metric))
    notes = Notes(Settings())
    made = drafted_monitoring(components, services, notes)
    assert made is not None
    assert [(item.service, item.sli) for item in made.slos] == [("asked", "probe"), ("counted", "requests")]
    assert (made.probes, [item.service for item in made.scrapes]) == (("asked",), ["counted"])
    assert [(alert.name, alert.severity) for alert in made.alerts] == [
        ("AskedErrorBudgetBurnFast", "P1"),
        ("AskedErrorBudgetBurnSlow", "P3"),
        ("AskedMetricsAbsent", "P2"),
        ("CountedErrorBudgetBurnFast", "P1"),
        ("CountedErrorBudgetBurnSlow", "P3"),
        ("CountedMetricsAbsent", "P2"),
    ]
    assert notes.open_points == (
        *WAYS,
        "asked emits no request metrics, so its SLO counts probes of the blackbox exporter and has no latency objective",
        "no alert watches postgres, redis: their exporters are not delivered yet",
    )


def test_a_port_that_accepts_connections_wakes_nobody() -> None:
    services = (service("api", component="shop-api", probe=Probe(kind="tcp", port=8000)),)
    notes = Notes(Settings())
    made = drafted_monitoring((component("shop-api"),), services, notes)
    assert made is not None
    only = "(only that its port accepts connections is measured)"
    assert [(alert.name, alert.severity, alert.summary) for alert in made.alerts] == [
        (
            "ApiErrorBudgetBurnFast",
            "P2",
            f"the port of api is closed so often that its error budget for 30 days will not last {only}: look at it today",
        ),
        ("ApiErrorBudgetBurnSlow", "P4", f"the port of api is closed more often than its objective allows {only}: plan a fix"),
        (
            "ApiMetricsAbsent",
            "P2",
            "nothing tries any more whether the port of api accepts connections: find out whether it or its monitoring is down",
        ),
    ]
    assert notes.open_points[3] == (
        "api has no health path, so its objective sees neither HTTP errors nor a hanging process; add one and set components.shop-api.health_path"
    )


@pytest.mark.parametrize(
    ("protocol", "told"),
    [
        (
            "grpc",
            (
                "api has no gRPC health service, so its objective sees neither failing calls nor a hanging process; "
                "add one and set components.api.health_path: grpc"
            ),
        ),
        (
            "tcp",
            (
                "api speaks neither HTTP nor gRPC as far as is known, so its objective sees neither failing answers nor a hanging process; "
                "set components.api.protocol and components.api.health_path if it does"
            ),
        ),
    ],
)
def test_what_would_let_it_see_more_depends_on_the_protocol(protocol: Protocol, told: str) -> None:
    port = Port(number=9000, name=protocol, protocol=protocol)
    notes = Notes(Settings())
    drafted_monitoring((component("api"),), (service("api", port=port, probe=Probe(kind="tcp", port=9000)),), notes)
    assert notes.open_points[3] == told


def test_what_no_alert_watches_is_named_once() -> None:
    services = (
        service("api"),
        service("worker", role="worker", port=None, probe=None),
        service("beat", role="worker", port=None, probe=None),
    )
    notes = Notes(Settings())
    drafted_monitoring((component("api"), component("worker"), component("beat")), services, notes)
    assert [text for text in notes.open_points if text.startswith("no alert")] == [
        "no alert watches worker, beat, postgres, redis: their exporters and queue metrics are not delivered yet"
    ]


def test_where_all_is_watched_nothing_is_said_of_it() -> None:
    notes = Notes(Settings())
    made = monitoring((service("api"),), (), (component("api"),), ("prometheus",), INTENT, Settings(), notes)
    assert made is not None
    assert [text for text in notes.open_points if text.startswith("no alert")] == []
