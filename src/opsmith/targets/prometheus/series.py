"""Input series of promtool tests, in its own notation (start+step x times)."""

from __future__ import annotations

from opsmith import slo as slos
from opsmith.model.blueprint import Slo
from opsmith.model.survey import RequestMetric
from opsmith.targets.prometheus.matchers import failing, passing

PER_MINUTE = 60_000
"""Requests in tests with traffic: enough for the guards to be met at every objective."""


def traffic(slo: Slo, failing_share: float, minutes: int) -> dict[str, str]:
    failed = PER_MINUTE * failing_share
    passed, errors = _counters(slo)
    return {passed: f"0+{PER_MINUTE - failed:.10g}x{minutes}", errors: f"0+{failed:.10g}x{minutes}"}


def burst(slo: Slo, failing_share: float) -> dict[str, str]:
    """Five and a half hours without a failure, then one with failures."""
    failed = PER_MINUTE * failing_share
    begun, answered = PER_MINUTE * 330, PER_MINUTE - failed
    passed, errors = _counters(slo)
    return {
        passed: f"0+{PER_MINUTE}x330 {begun + answered:.10g}+{answered:.10g}x59",
        errors: f"0x330 {failed:.10g}+{failed:.10g}x59",
    }


def sparse(slo: Slo) -> dict[str, str]:
    """One request in ten minutes; the one at minute 30 fails."""
    passed, errors = _counters(slo)
    answered = " ".join(f"{count}x9" for count in range(3)) + " 2x9"
    return {passed: answered, errors: "0x29 1x9"}


def idle(slo: Slo) -> dict[str, str]:
    passed, errors = _counters(slo)
    return {passed: "100x30", errors: "1x30"}


def answers(slo: Slo, *phases: tuple[int, int]) -> dict[str, str]:
    """probe_success, for each phase so many minutes of one value, at two probes a minute."""
    values = [f"{value}x{minutes * 2 - 1}" for minutes, value in phases]
    return {slos.measured(slo): " ".join([*values, str(phases[-1][1])])}


def latencies(slo: Slo, *, quick: bool, per_minute: int) -> dict[str, str]:
    """A histogram whose requests all lie below half the objective, or all between it and its double."""
    metric = _metric(slo)
    limit = slos.latency_seconds(slo)
    bounds = {limit / 2: quick, limit: quick, limit * 2: True}
    found = {_bucket(slo, metric, slos.number(bound)): per_minute if below else 0 for bound, below in bounds.items()}
    found[_bucket(slo, metric, "+Inf")] = per_minute
    found[f'{metric.histogram}_count{{service="{slo.service}"}}'] = per_minute
    return {name: f"0+{step}x30" for name, step in found.items()}


def _bucket(slo: Slo, metric: RequestMetric, bound: str) -> str:
    return f'{metric.histogram}_bucket{{service="{slo.service}",le="{bound}"}}'


def _counters(slo: Slo) -> tuple[str, str]:
    metric = _metric(slo)
    return slos.measured(slo, passing(metric.errors)), slos.measured(slo, failing(metric.errors))


def _metric(slo: Slo) -> RequestMetric:
    if slo.metric is None:
        raise ValueError(f"the SLO of {slo.service} has no request metric")
    return slo.metric
