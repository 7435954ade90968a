from __future__ import annotations

import dataclasses

import pytest

from opsmith.checks import agreement
from opsmith.model.finding import Finding
from opsmith.stages.render import render
from tests.test_examples import blueprint_of

RULES = "monitoring/prometheus/rules/api-slo.yml"


def files_of_shop() -> dict[str, str]:
    return {artifact.path: artifact.text for artifact in render(blueprint_of("shop"))}


def said(message: str) -> Finding:
    return Finding(rule="opsmith/agreement", severity="high", path=RULES, message=message)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "absent(http_requests_total{",
            "absent(http_requests_totals{",
            "ApiMetricsAbsent asks for http_requests_totals, which nothing emits or records",
        ),
        (
            'absent(http_requests_total{service="api"',
            'absent(http_requests_total{service="apj"',
            "ApiMetricsAbsent asks for the service apj, which nothing scrapes or probes",
        ),
    ],
)
def test_what_no_rule_can_ever_find(old: str, new: str, message: str) -> None:
    blueprint, files = blueprint_of("shop"), files_of_shop()
    assert old in files[RULES]
    changed = files | {RULES: files[RULES].replace(old, new)}
    assert list(agreement.check(changed, blueprint)) == [said(message)]


def test_a_runbook_that_is_not_there() -> None:
    blueprint, files = blueprint_of("shop"), files_of_shop()
    del files["docs/runbooks/api.md"]
    alerts = ("ApiErrorBudgetBurnFast", "ApiErrorBudgetBurnSlow", "ApiMetricsAbsent")
    assert list(agreement.check(files, blueprint)) == [
        said(f"{name} leads to the runbook docs/runbooks/api.md, which is not there") for name in alerts
    ]


def test_a_service_that_is_no_longer_scraped() -> None:
    blueprint, files = blueprint_of("shop"), files_of_shop()
    assert blueprint.monitoring is not None
    blind = dataclasses.replace(blueprint, monitoring=dataclasses.replace(blueprint.monitoring, scrapes=()))
    messages = {finding.message.partition(" asks ")[2] for finding in agreement.check(files, blind)}
    assert messages == {"for the service api, which nothing scrapes or probes"}
