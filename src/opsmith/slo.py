"""The arithmetic of service level objectives: burn-rate windows, thresholds, recorded series. Rules and runbooks both read it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from opsmith.model.blueprint import Service, Slo

HOURS = {"5m": 1 / 12, "30m": 0.5, "1h": 1.0, "2h": 2.0, "6h": 6.0, "1d": 24.0, "3d": 72.0}
WINDOWS = tuple(HOURS)
BLACKBOX_JOB = "blackbox"
MIN_FAILED = 5
"""Fewer failed requests (or probes) than this in the long window are noise, whatever their share of a low traffic is."""
LATENCY_WINDOW = "10m"
SMALLEST_BUDGET = 0.00001
"""An objective of 100 % leaves no budget to burn; it is treated as 99.999 %."""
HIGHEST_THRESHOLD = 0.9
"""A share of failures cannot exceed 1, so with a low objective the factors alone would give alerts that never fire."""


@dataclass(frozen=True, slots=True)
class Burn:
    """The error budget is spent `factor` times too fast over the long window, and still is over the short one."""

    factor: float
    long: str
    short: str


# Google, The Site Reliability Workbook, chapter 5: multiple burn rates, multiple windows.
FAST = (Burn(14.4, "1h", "5m"), Burn(6, "6h", "30m"))
SLOW = (Burn(3, "1d", "2h"), Burn(1, "3d", "6h"))


def burns(kind: str) -> tuple[Burn, Burn]:
    return FAST if kind == "burn_fast" else SLOW


def budget(slo: Slo) -> float:
    """The share of requests (or probes) that may fail."""
    return max(SMALLEST_BUDGET, round(1 - slo.objective / 100, 10))


def threshold(slo: Slo, burn: Burn) -> float:
    return min(HIGHEST_THRESHOLD, budget(slo) * burn.factor)


def hours_to_empty(slo: Slo, burn: Burn) -> float:
    """How long a full budget lasts at this rate."""
    return slo.window_days * 24 / burn.factor


def number(value: float) -> str:
    return f"{value:.6g}"


def percent(value: float) -> str:
    return f"{value * 100:.4g} %"


def duration(hours: float) -> str:
    return f"{hours:.3g} hours" if hours < 48 else f"{hours / 24:.3g} days"


def slo_name(slo: Slo) -> str:
    return f"{slo.service}-{slo.sli}"


def events(slo: Slo) -> str:
    return "requests" if slo.sli == "requests" else "probes"


def connects_only(slo: Slo, service: Service) -> bool:
    """A probe of `service` sees no answer, only whether a connection is accepted."""
    return slo.sli == "probe" and (service.probe is None or service.probe.kind == "tcp")


CONNECTS_ONLY = "only whether its port accepts connections is measured, so neither failing answers nor a hanging process count"


def ratio(window: str) -> str:
    """Name of the recorded share of failures."""
    return f"service:sli_error:ratio_rate{window}"


def failed(window: str) -> str:
    """Name of the recorded number of failures."""
    return f"service:sli_failed:increase{window}"


def measured(slo: Slo, matchers: str = "") -> str:
    """The series that the SLO is computed from, as a selector."""
    if slo.metric is None:
        return f'probe_success{{job="{BLACKBOX_JOB}",service="{slo.service}"}}'
    extra = f",{matchers}" if matchers else ""
    return f'{slo.metric.counter}{{service="{slo.service}"{extra}}}'


def ratio_expression(slo: Slo, window: str) -> str:
    if slo.metric is None:
        return f"1 - avg(avg_over_time({measured(slo)}[{window}]))"
    errors = f"sum(rate({measured(slo, slo.metric.errors)}[{window}]))"
    # Without the comparison no traffic at all would be 0/0, a sample that says nothing.
    return f"({errors} or vector(0)) / (sum(rate({measured(slo)}[{window}])) > 0)"


def failed_expression(slo: Slo, window: str) -> str:
    if slo.metric is None:
        return f"sum(count_over_time({measured(slo)}[{window}]) - sum_over_time({measured(slo)}[{window}]))"
    return f"sum(increase({measured(slo, slo.metric.errors)}[{window}]))"


def quantile(slo: Slo) -> float:
    return (slo.latency_percentile or 99.0) / 100


def latency_requests(slo: Slo) -> int:
    """With fewer requests the percentile is one single slow request."""
    return max(20, math.ceil(round(1 / max(0.001, 1 - quantile(slo)), 6)))


def latency_seconds(slo: Slo) -> float:
    return (slo.latency_ms or 0) / 1000


def latency_expression(slo: Slo) -> str:
    base = slo.metric.histogram if slo.metric else None
    return f'histogram_quantile({number(quantile(slo))}, sum by (le) (rate({base}_bucket{{service="{slo.service}"}}[{LATENCY_WINDOW}])))'


def latency_count_expression(slo: Slo) -> str:
    base = slo.metric.histogram if slo.metric else None
    return f'sum(increase({base}_count{{service="{slo.service}"}}[{LATENCY_WINDOW}]))'


def latency_wanted(slo: Slo) -> bool:
    return bool(slo.latency_ms and slo.metric and slo.metric.histogram)
