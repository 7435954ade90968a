"""Whether somebody is told in time, and knows what to do then."""

from __future__ import annotations

import re

from opsmith.model.assessment import Judgement
from opsmith.model.estate import Estate, Rule
from opsmith.shapes import items, table
from opsmith.standard import TEAM, Standard
from opsmith.standards.tools import asked
from opsmith.standards.verdicts import could_not_check, does_not_apply, each, met, not_met
from opsmith.standards.watching import nothing_served, watchers

NAME = "alerts"
TITLE = "Alerts"
TASK = "Set up Prometheus alerts with runbooks"
NONE = "there is no alert, which is told by alerts/present"

_CLOUD = ("aws_cloudwatch_metric_alarm", "google_monitoring_alert_policy", "azurerm_monitor_metric_alert", "datadog_monitor", "newrelic_alert", "newrelic_nrql_alert",
          "grafana_rule_group")  # fmt: skip
LIMIT = 300
_URGENT = frozenset(("critical", "page", "emergency", "p0", "p1", "high", "sev1"))
_ERRORS = re.compile(r"burn|slo|error|5\.\.|fail|status|latency|duration|probe_success|availability", re.IGNORECASE)
_DOWN = re.compile(r"\bup\b|absent|probe_success|kube_\w*(?:unavailable|ready|replicas)|_up\b|down|health", re.IGNORECASE)


def _alerts(estate: Estate) -> list[Rule]:
    return [rule for rule in estate.rules if rule.alert]


def _present(estate: Estate) -> Judgement:
    if nothing_served(estate):
        return does_not_apply("nothing here answers requests")
    if found := [*(rule.spot for rule in _alerts(estate)), *(block.spot() for block in estate.resources(*_CLOUD))]:
        return met("alerts are described", found)
    if not watchers(estate):
        return not_met("nobody is told when the system is down", task=TASK)
    return not_met("what is collected alerts nobody", watchers(estate)[:3], task=TASK)


def _down(estate: Estate) -> Judgement:
    found = [rule.spot for rule in _alerts(estate) if _DOWN.search(f"{rule.alert} {rule.expression}")]
    if not _alerts(estate):
        return does_not_apply(NONE)
    return met("an alert tells that something is down or silent", found) if found else not_met(
        "no alert tells that something is down or silent", [_alerts(estate)[0].spot], task=TASK)  # fmt: skip


def _objective(estate: Estate) -> Judgement:
    if not _alerts(estate):
        return does_not_apply(NONE)
    found = [rule.spot for rule in estate.rules if _ERRORS.search(f"{rule.alert} {rule.record} {rule.expression}")]
    if found:
        return met("errors and latency are held against an objective", found)
    return not_met(
        "no alert is about errors or latency that users notice",
        [_alerts(estate)[0].spot],
        task="Set up Prometheus alerts for a 99.9% availability SLO",
    )


def _severity(rule: Rule) -> str:
    return str(rule.labels.get("severity") or rule.labels.get("priority") or rule.labels.get("level") or "").lower()


def _fast(estate: Estate) -> Judgement:
    urgent = [rule for rule in _alerts(estate) if _severity(rule) in _URGENT]
    if not urgent:
        return does_not_apply("no alert is marked as urgent" if _alerts(estate) else NONE)
    bad = [rule for rule in urgent if rule.seconds > LIMIT]
    return each([rule.spot for rule in urgent if rule not in bad], [rule.spot for rule in bad], what="urgent alert", fails="waiting more than 5 minutes",
                holds="within 5 minutes", named=[rule.alert for rule in bad], task=TASK)  # fmt: skip


def _severities(estate: Estate) -> Judgement:
    alerts = _alerts(estate)
    if not alerts:
        return does_not_apply(NONE)
    bad = [rule for rule in alerts if not _severity(rule)]
    return each([rule.spot for rule in alerts if rule not in bad], [rule.spot for rule in bad], what="alert", fails="without a severity", holds="with a severity",
                named=[rule.alert for rule in bad], task=TASK)  # fmt: skip


def _runbooks(estate: Estate) -> Judgement:
    alerts = _alerts(estate)
    if not alerts:
        return does_not_apply(NONE)
    bad = [rule for rule in alerts if not any("runbook" in key.lower() or "playbook" in key.lower() for key in rule.annotations)]
    return each([rule.spot for rule in alerts if rule not in bad], [rule.spot for rule in bad], what="alert", fails="without a runbook", holds="with a runbook",
                named=[rule.alert for rule in bad], task=TASK)  # fmt: skip


def _tested(estate: Estate) -> Judgement:
    if not _alerts(estate):
        return does_not_apply(NONE)
    if estate.rule_tests:
        return met("rules are tested with promtool", [item.spot("tests") for item in estate.rule_tests])
    return not_met("no test shows that an alert fires", [_alerts(estate)[0].spot], task="Set up Prometheus alerts with promtool tests")


def _routed(estate: Estate) -> Judgement:
    if not _alerts(estate):
        return does_not_apply(NONE)
    receivers = [item for item in estate.routes if any(_tells_somebody(receiver) for receiver in items(item.body.get("receivers")))]
    objects = [
        item for item in estate.of_kind("AlertmanagerConfig") if any(_tells_somebody(receiver) for receiver in items(item.spec.get("receivers")))
    ]
    if receivers or objects:
        return met("alerts are sent to somebody", [*(item.spot("receivers") for item in receivers), *(item.spot() for item in objects)])
    if estate.routes:
        return not_met(
            "the Alertmanager here tells nobody",
            [item.spot("receivers") for item in estate.routes],
            task="Set up Alertmanager routes to PagerDuty and Slack",
        )
    return could_not_check("no Alertmanager is described; whether one sends these alerts to somebody cannot be told", [_alerts(estate)[0].spot],
                           task="Set up Alertmanager routes to PagerDuty and Slack")  # fmt: skip


def _tells_somebody(receiver: object) -> bool:
    return any(key.endswith(("_configs", "Configs")) and items(value) for key, value in table(receiver).items())


def _valid(estate: Estate) -> Judgement:
    return asked(estate, "promtool", "file", none="there are no Prometheus rules", task=TASK)


STANDARDS = (
    Standard(id="alerts/present", summary="somebody is told when the system fails", source=f"{TEAM}: alerting", weight=3, judge=_present),
    Standard(id="alerts/valid", summary="promtool accepts rules and their tests", source="Prometheus: promtool", weight=2, judge=_valid),
    Standard(id="alerts/down", summary="what is down or silent is told", source="Prometheus: alerting practices", weight=2, judge=_down),
    Standard(
        id="alerts/objective",
        summary="errors and latency are held against an objective",
        source=f"{TEAM}: 99.9 % uptime; Google SRE Workbook 5",
        weight=2,
        judge=_objective,
    ),
    Standard(
        id="alerts/fast", summary="urgent alerts fire within 5 minutes", source=f"{TEAM}: alert response under 5 minutes", weight=2, judge=_fast
    ),
    Standard(id="alerts/severity", summary="alerts have a severity", source=f"{TEAM}: alert hierarchies", weight=1, judge=_severities),
    Standard(id="alerts/runbook", summary="alerts lead to a runbook", source=f"{TEAM}: runbooks; Google SRE 11", weight=1, judge=_runbooks),
    Standard(id="alerts/tested", summary="alerts are tested", source="Prometheus: unit testing for rules", weight=1, judge=_tested),
    Standard(id="alerts/routed", summary="alerts reach somebody", source=f"{TEAM}: escalation", weight=2, judge=_routed),
)
