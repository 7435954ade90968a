"""promtool tests: every alert fires on its fault and stays silent on healthy, sparse and absent traffic."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from opsmith import conventions
from opsmith import slo as slos
from opsmith.emit import noted
from opsmith.model.blueprint import Alert, Blueprint, Slo
from opsmith.targets.prometheus import rules, series


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """`fires` maps kinds of alerts to the value shown at `minute`; all kinds in `silent` do not fire then."""

    name: str
    interval: str
    series: Mapping[str, str]
    minute: int
    fires: Mapping[str, str] = field(default_factory=dict[str, str])
    silent: tuple[str, ...] = ()


ROUND = 5
"""Minutes between two evaluations of the rules; every question is asked right after one."""
BURNS = ("burn_fast", "burn_slow")
OUTAGE = {"burn_fast": "100%", "burn_slow": "100%"}


def document(blueprint: Blueprint, slo: Slo, alerts: tuple[Alert, ...]) -> dict[str, Any]:
    cases = _requests(slo) if slo.sli == "requests" else _probes(slo)
    cases += _latency(slo) if slos.latency_wanted(slo) else []
    return {
        "rule_files": [f"../rules/{slo.service}-slo.yml"],
        "evaluation_interval": noted(f"{ROUND}m", above="Not as often as in production: a test over hours would take seconds."),
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
        "description": rules.description(slo, blueprint.service(slo.service), alert, case.fires[alert.kind]),
        "runbook_url": rules.runbook_url(blueprint, alert),
    }
    return [{"exp_labels": labels, "exp_annotations": annotations}]


def _share(value: float) -> str:
    """As humanizePercentage writes it."""
    return f"{value * 100:.4g}%"


def _requests(slo: Slo) -> list[Case]:
    case = partial(Case, interval="1m")
    return [
        case(name="healthy traffic is silent", series=series.traffic(slo, slos.budget(slo) / 2, 30), minute=30, silent=(*BURNS, "absent")),
        case(name="an outage burns fast", series=series.traffic(slo, 1.0, 20), minute=20, fires=OUTAGE, silent=("absent",)),
        *_faults(slo, case),
        case(name="one failure in sparse traffic is silent", series=series.sparse(slo), minute=35, silent=(*BURNS, "absent")),
        case(name="no traffic is silent", series=series.idle(slo), minute=30, silent=(*BURNS, "absent")),
        case(name="a restart is silent", series={}, minute=5, silent=(*BURNS, "absent")),
        case(name="lost metrics are told", series={}, minute=15, fires={"absent": ""}, silent=BURNS),
    ]


def _faults(slo: Slo, case: Callable[..., Case]) -> Iterator[Case]:
    """For each pair of windows a fault that only this pair sees; what 1d and 2h see, 3d and 6h always see too."""
    allowed, burst = slos.budget(slo), min(1.0, slos.budget(slo) * 20)
    yield case(name="a burst burns fast", series=series.burst(slo, burst), minute=390, fires={"burn_fast": _share(burst)}, silent=("absent",))
    strong, small = (slos.threshold(slo, slos.FAST[0]) + slos.threshold(slo, slos.FAST[1])) / 2, allowed * 2
    if slos.threshold(slo, slos.FAST[1]) < strong:
        faulty = series.traffic(slo, strong, 30)
        yield case(name="a lasting fault burns fast", series=faulty, minute=30, fires={"burn_fast": _share(strong)}, silent=("absent",))
    if small < slos.threshold(slo, slos.SLOW[0]):
        faulty = series.traffic(slo, small, 30)
        yield case(
            name="a small, lasting fault burns slowly", series=faulty, minute=30, fires={"burn_slow": _share(small)}, silent=("burn_fast", "absent")
        )


def _probes(slo: Slo) -> list[Case]:
    case = partial(Case, interval=conventions.SCRAPE_INTERVAL)
    return [
        case(name="a service that answers is silent", series=series.answers(slo, (30, 1)), minute=30, silent=(*BURNS, "absent")),
        case(name="an outage burns fast", series=series.answers(slo, (20, 0)), minute=20, fires=OUTAGE, silent=("absent",)),
        *_losses(slo, case),
        case(name="a few lost probes are silent", series=series.answers(slo, (4, 1), (2, 0), (19, 1)), minute=25, silent=(*BURNS, "absent")),
        case(name="a restart is silent", series={}, minute=5, silent=(*BURNS, "absent")),
        case(name="lost probes are told", series={}, minute=15, fires={"absent": ""}, silent=BURNS),
    ]


def _losses(slo: Slo, case: Callable[..., Case]) -> Iterator[Case]:
    """A service that was lost for some minutes: the windows of half an hour and of two hours still see it, shorter ones no more."""
    strong, weak = slos.threshold(slo, slos.FAST[1]) * 1.2, slos.threshold(slo, slos.FAST[0]) * 1.2
    told = (
        ("a loss that has just ended burns fast", strong, 10, "burn_fast", ("absent",)),
        ("a loss that is over burns slowly", min(weak, 0.5), 50, "burn_slow", ("burn_fast", "absent")),
    )
    for name, share, recovered, kind, silent in told:
        if share >= 0.6:  # an objective so low that such a loss does not break it
            continue
        lost = ROUND * math.ceil(share * recovered / (1 - share) / ROUND)
        probes = series.answers(slo, (lost, 0), (recovered, 1))
        shown = _share(lost * 2 / ((lost + recovered) * 2 + 1))
        yield case(name=name, series=probes, minute=lost + recovered, fires={kind: shown}, silent=silent)


def _latency(slo: Slo) -> list[Case]:
    case = partial(Case, interval="1m", minute=30)
    slow = f"{slos.latency_seconds(slo) * (1 + slos.quantile(slo)):.3g}"
    return [
        case(name="quick answers are silent", series=series.latencies(slo, quick=True, per_minute=600), silent=("latency",)),
        case(name="slow answers are told", series=series.latencies(slo, quick=False, per_minute=600), fires={"latency": slow}),
        case(name="few slow answers are silent", series=series.latencies(slo, quick=False, per_minute=1), silent=("latency",)),
    ]
