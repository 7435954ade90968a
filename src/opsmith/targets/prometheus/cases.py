"""promtool tests: every alert fires on its fault and stays silent on healthy, sparse and absent traffic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from opsmith import slo as slos
from opsmith.model.blueprint import Alert, Blueprint, Slo
from opsmith.targets.prometheus import rules, series


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """`fires` maps kinds of alerts to the value shown at `minute`; all kinds in `silent` do not fire then."""

    name: str
    interval: str
    series: Mapping[str, str]
    minute: int
    fires: Mapping[str, str]
    silent: tuple[str, ...]


BURNS = ("burn_fast", "burn_slow")
ALL = (*BURNS, "absent", "latency")


def document(blueprint: Blueprint, slo: Slo, alerts: tuple[Alert, ...]) -> dict[str, Any]:
    cases = _requests(slo) if slo.sli == "requests" else _probes(slo)
    cases += _latency(slo) if slos.latency_wanted(slo) else []
    return {
        "rule_files": [f"../rules/{slo.service}-slo.yml"],
        "evaluation_interval": "1m",
        "tests": [_test(blueprint, slo, alerts, case) for case in cases],
    }


def _test(blueprint: Blueprint, slo: Slo, alerts: tuple[Alert, ...], case: Case) -> dict[str, Any]:
    asked = [alert for alert in alerts if alert.kind in case.fires or alert.kind in case.silent]
    return {
        "name": f"{slo.service}: {case.name}",
        "interval": case.interval,
        "input_series": [{"series": name, "values": values} for name, values in case.series.items()],
        "alert_rule_test": [
            {"eval_time": f"{case.minute}m", "alertname": alert.name, "exp_alerts": _expected(blueprint, slo, alert, case)} for alert in asked
        ],
    }


def _expected(blueprint: Blueprint, slo: Slo, alert: Alert, case: Case) -> list[dict[str, Any]]:
    if alert.kind not in case.fires:
        return []
    labels = rules.labels(slo, alert)
    if alert.kind == "absent" and slo.sli == "probe":
        labels["job"] = slos.BLACKBOX_JOB
    annotations = {
        "summary": alert.summary,
        "description": rules.description(slo, alert, case.fires[alert.kind]),
        "runbook_url": rules.runbook_url(blueprint, alert),
    }
    return [{"exp_labels": labels, "exp_annotations": annotations}]


def _share(value: float) -> str:
    """As humanizePercentage writes it."""
    return f"{value * 100:.4g}%"


def _requests(slo: Slo) -> list[Case]:
    half_budget, slow = slos.budget(slo) / 2, sum(slos.threshold(slo, burn) for burn in (slos.SLOW[0], slos.FAST[1])) / 2
    return [
        Case(name="healthy traffic is silent", interval="1m", series=series.traffic(slo, half_budget, 70), minute=70, fires={}, silent=(*BURNS, "absent")),
        Case(
            name="an outage burns fast", interval="1m", series=series.traffic(slo, 1.0, 60), minute=60,
            fires={"burn_fast": "100%", "burn_slow": "100%"}, silent=("absent",),
        ),
        Case(
            name="a small, lasting fault burns slowly", interval="1m", series=series.traffic(slo, slow, 180), minute=180,
            fires={"burn_slow": _share(slow)}, silent=("burn_fast", "absent"),
        ),
        Case(name="one failure in sparse traffic is silent", interval="1m", series=series.sparse(slo), minute=94, fires={}, silent=(*BURNS, "absent")),
        Case(name="no traffic is silent", interval="1m", series=series.idle(slo), minute=70, fires={}, silent=(*BURNS, "absent")),
        Case(name="a restart is silent", interval="1m", series={}, minute=5, fires={}, silent=(*BURNS, "absent")),
        Case(name="lost metrics are told", interval="1m", series={}, minute=15, fires={"absent": ""}, silent=BURNS),
    ]  # fmt: skip


def _probes(slo: Slo) -> list[Case]:
    cases = [
        Case(name="a service that answers is silent", interval="30s", series=series.answers(slo, (70, 1)), minute=70, fires={}, silent=(*BURNS, "absent")),
        Case(
            name="an outage burns fast", interval="30s", series=series.answers(slo, (60, 0)), minute=60,
            fires={"burn_fast": "100%", "burn_slow": "100%"}, silent=("absent",),
        ),
        Case(name="a few lost probes are silent", interval="30s", series=series.answers(slo, (60, 1), (2, 0)), minute=62, fires={}, silent=(*BURNS, "absent")),
        Case(name="a restart is silent", interval="30s", series={}, minute=5, fires={}, silent=(*BURNS, "absent")),
        Case(name="lost probes are told", interval="30s", series={}, minute=15, fires={"absent": ""}, silent=BURNS),
    ]  # fmt: skip
    return [*cases, *_short_loss(slo)]


def _short_loss(slo: Slo) -> list[Case]:
    """A service lost for some minutes and back for half an hour: no reason to page, but too much for the budget."""
    limit = slos.threshold(slo, slos.SLOW[0])
    minutes = max(slos.MIN_FAILED, round(180 * limit * 1.2) + 1)
    if minutes > 60:  # three hours cannot hold such a loss together with the recovery after it
        return []
    probes = series.answers(slo, (60, 1), (minutes, 0), (120 - minutes, 1))
    lost = _share(minutes * 2 / (2 * 180 + 1))
    return [
        Case(
            name="a loss that is over burns slowly", interval="30s", series=probes, minute=180, fires={"burn_slow": lost}, silent=("burn_fast", "absent")
        )
    ]


def _latency(slo: Slo) -> list[Case]:
    slow = f"{slos.latency_seconds(slo) * (1 + slos.quantile(slo)):.3g}"
    return [
        Case(name="quick answers are silent", interval="1m", series=series.latencies(slo, quick=True, per_minute=600), minute=30, fires={}, silent=("latency",)),
        Case(
            name="slow answers are told", interval="1m", series=series.latencies(slo, quick=False, per_minute=600), minute=30,
            fires={"latency": slow}, silent=(),
        ),
        Case(
            name="few slow answers are silent", interval="1m", series=series.latencies(slo, quick=False, per_minute=1), minute=30, fires={},
            silent=("latency",),
        ),
    ]  # fmt: skip
