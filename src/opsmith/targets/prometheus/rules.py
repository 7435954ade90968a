"""Recording rules and alerts of one SLO."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, assert_never

from opsmith import slo as slos
from opsmith.emit import noted
from opsmith.model.blueprint import Alert, Blueprint, Service, Slo
from opsmith.slo import Burn

FOR = {"burn_fast": "2m", "burn_slow": "15m", "absent": "10m", "latency": "5m"}
"""How long the condition has to hold: a person who is paged must not find that it is over."""
UNKNOWN_OWNER = "example"
"""Stands in the registry where no git remote tells an owner."""


def document(blueprint: Blueprint, slo: Slo, alerts: tuple[Alert, ...]) -> dict[str, Any]:
    service = blueprint.service(slo.service)
    # One group: its rules run one after the other, so that an alert sees what was recorded in the same round.
    return {
        "groups": [{"name": f"{slo.service}-slo", "rules": [*_records(slo, service), *(_alert(blueprint, slo, service, alert) for alert in alerts)]}]
    }


def _records(slo: Slo, service: Service) -> Iterator[Any]:
    labels = {"service": slo.service, "slo": slos.slo_name(slo)}
    seen = f"\n{_sentence(slos.CONNECTS_ONLY)}" if slos.connects_only(slo, service) else ""
    for index, window in enumerate(slos.WINDOWS):
        said = f"The share of {slos.events(slo)} that failed.{seen}" if index == 0 else None
        yield noted({"record": slos.ratio(window), "expr": slos.ratio_expression(slo, window), "labels": labels}, above=said)
    for index, window in enumerate(burn.long for burn in (*slos.FAST, *slos.SLOW)):
        said = f"How many {slos.events(slo)} failed." if index == 0 else None
        yield noted({"record": slos.failed(window), "expr": slos.failed_expression(slo, window), "labels": labels}, above=said)


def _alert(blueprint: Blueprint, slo: Slo, service: Service, alert: Alert) -> Any:
    rule = {
        "alert": alert.name,
        "expr": noted(expression(slo, alert), f"monitoring.slos.{slo.service}.objective", above=reason(slo, alert)),
        "for": FOR[alert.kind],
        "labels": labels(slo, alert),
        "annotations": {
            "summary": alert.summary,
            "description": description(slo, service, alert),
            "runbook_url": runbook_url(blueprint, alert),
        },
    }
    return noted(rule, f"monitoring.slos.{slo.service}")


def labels(slo: Slo, alert: Alert) -> dict[str, str]:
    return {"severity": alert.severity, "service": slo.service, "slo": slos.slo_name(slo)}


def expression(slo: Slo, alert: Alert) -> str:
    match alert.kind:
        case "burn_fast" | "burn_slow":
            return "\nor\n".join(_burning(slo, burn) for burn in slos.burns(alert.kind)) + "\n"
        case "absent":
            return f"absent({slos.measured(slo)})"
        case "latency":
            return (
                f"{slos.latency_expression(slo)} > {slos.number(slos.latency_seconds(slo))}\n"
                f"and\n{slos.latency_count_expression(slo)} >= {slos.latency_requests(slo)}\n"
            )
        case _:
            assert_never(alert.kind)


def _burning(slo: Slo, burn: Burn) -> str:
    limit = slos.number(slos.threshold(slo, burn))
    which = f'{{service="{slo.service}"}}'
    return (
        f"(\n  {slos.ratio(burn.long)}{which} > {limit}\n  and {slos.ratio(burn.short)}{which} > {limit}\n"
        f"  and {slos.failed(burn.long)}{which} >= {slos.MIN_FAILED}\n)"
    )


def reason(slo: Slo, alert: Alert) -> str:
    match alert.kind:
        case "burn_fast" | "burn_slow":
            first, second = slos.burns(alert.kind)
            return (
                f"{first.factor:g} and {second.factor:g} times the {slos.percent(slos.budget(slo))} that may fail.\n"
                "The long window says that it matters, the short one that it still goes on.\n"
                f"Low-traffic guard: at least {slos.MIN_FAILED} failed {slos.events(slo)} in the long window."
            )
        case "absent":
            return "Without this series the alerts above can never fire."
        case "latency":
            return f"Low-traffic guard: of fewer than {slos.latency_requests(slo)} requests the percentile is one single request."
        case _:
            assert_never(alert.kind)


def description(slo: Slo, service: Service, alert: Alert, value: str | None = None) -> str:
    """`value` in place of the template that Prometheus fills in, as a test expects it."""
    told = _told(slo, alert, value)
    return f"{told} {_sentence(slos.CONNECTS_ONLY)}" if slos.connects_only(slo, service) else told


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _told(slo: Slo, alert: Alert, value: str | None) -> str:
    match alert.kind:
        case "burn_fast" | "burn_slow":
            first, second = slos.burns(alert.kind)
            return (
                f"{value or '{{ $value | humanizePercentage }}'} of the {slos.events(slo)} of {slo.service} failed. "
                f"The alert stands for more than {slos.percent(slos.threshold(slo, first))} over {first.long} and {first.short}, or "
                f"{slos.percent(slos.threshold(slo, second))} over {second.long} and {second.short}; the objective of {slo.objective:g} % over "
                f"{slo.window_days} days allows {slos.percent(slos.budget(slo))}. At {first.factor:g} times that a full budget "
                f"lasts {slos.duration(slos.hours_to_empty(slo, first))}."
            )
        case "absent":
            return f"There has been no sample of {slos.measured(slo)} for {FOR['absent']}, so the objective of {slo.objective:g} % is not watched."
        case "latency":
            now = value or '{{ $value | printf "%.3g" }}'
            return (
                f"The {slo.latency_percentile:g}th percentile of {slo.service} over {slos.LATENCY_WINDOW} is {now} s; "
                f"the objective is {slos.number(slos.latency_seconds(slo))} s."
            )
        case _:
            assert_never(alert.kind)


def runbook_url(blueprint: Blueprint, alert: Alert) -> str:
    """The page at GitHub where the registry tells the repository; else its path in the repository."""
    host, _, rest = blueprint.registry.partition("/")
    owner, _, name = rest.partition("/")
    if host != "ghcr.io" or not name or owner == UNKNOWN_OWNER:
        return alert.runbook
    branch = blueprint.pipeline.branch if blueprint.pipeline else "HEAD"
    return f"https://github.com/{owner}/{name.partition('/')[0]}/blob/{branch}/{alert.runbook}"
