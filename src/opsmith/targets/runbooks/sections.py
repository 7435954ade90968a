"""The section of one alert: what it means, who is hurt, where to look, what it may be, what helps, when it is over."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import assert_never

from opsmith import conventions
from opsmith import slo as slos
from opsmith.model.blueprint import Alert, Backing, Blueprint, Service, Slo
from opsmith.targets.runbooks import facts, platforms
from opsmith.targets.runbooks.platforms import Platform


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    alert: Alert
    means: str
    hurt: str
    commands: tuple[str, ...]
    queries: tuple[str, ...]
    causes: tuple[str, ...]
    mitigations: tuple[tuple[str, tuple[str, ...]], ...]
    """What for, and the commands."""
    escalation: str
    over: str


def section(blueprint: Blueprint, place: Platform, service: Service, slo: Slo, alert: Alert) -> Section:
    return Section(
        alert=alert,
        means=_means(slo, service, alert),
        hurt=_hurt(blueprint, service, alert),
        commands=tuple(_commands(place, service, slo, alert)),
        queries=tuple(_queries(slo, alert)),
        causes=tuple(_causes(blueprint, place, service, slo, alert)),
        mitigations=tuple(_mitigations(place, service, slo, alert)),
        escalation=_escalation(blueprint, service, alert),
        over=_over(slo, alert),
    )


def _means(slo: Slo, service: Service, alert: Alert) -> str:
    told = _told(slo, alert)
    return f"{told} Of {slo.service} {slos.CONNECTS_ONLY}." if slos.connects_only(slo, service) else told


def _told(slo: Slo, alert: Alert) -> str:
    match alert.kind:
        case "burn_fast" | "burn_slow":
            first, second = slos.burns(alert.kind)
            return (
                f"more than {slos.percent(slos.threshold(slo, first))} of {slos.events(slo)} failed over {first.long} and {first.short}, "
                f"or more than {slos.percent(slos.threshold(slo, second))} over {second.long} and {second.short}. "
                f"The objective allows {slos.percent(slos.budget(slo))}; at {first.factor:g} times that a full budget lasts "
                f"{slos.duration(slos.hours_to_empty(slo, first))}, at {second.factor:g} times {slos.duration(slos.hours_to_empty(slo, second))}. "
                f"Fewer than {slos.MIN_FAILED} failed {slos.events(slo)} in the long window never fire it."
            )
        case "absent":
            return (
                f"Prometheus has had no sample of `{slos.measured(slo)}` for 10 minutes. While that lasts no other alert of {slo.service} can fire, "
                "so an outage would go unseen."
            )
        case "latency":
            return (
                f"the {slo.latency_percentile:g}th percentile of the answers over {slos.LATENCY_WINDOW} is above {slo.latency_ms:g} ms, "
                f"with at least {slos.latency_requests(slo)} requests in that time."
            )
        case _:
            assert_never(alert.kind)


def _hurt(blueprint: Blueprint, service: Service, alert: Alert) -> str:
    who = [f"people who use `{service.host}`" if service.host else f"whoever reaches `{service.name}` from outside"] if service.public else []
    who += [f"the service `{name}`, which calls it" for name in blueprint.callers(service.name)]
    told = " and ".join(who) or f"whoever waits for `{service.name}`"
    return f"nobody yet, as far as is known; {told}, if it is down" if alert.kind == "absent" else told


def _commands(place: Platform, service: Service, slo: Slo, alert: Alert) -> Iterable[str]:
    found: tuple[str | None, ...]
    probe = platforms.ask(place, service.name, "deployment", service.health_argv)
    yield platforms.pods(place, service.name)
    match alert.kind:
        case "burn_fast" | "burn_slow":
            found = (platforms.logs(place, service), platforms.events(place), platforms.releases(place, service), probe)
        case "absent":
            found = (probe, *platforms.addresses(place, service), *platforms.watchers(place, probed=slo.sli == "probe"))
        case "latency":
            found = (platforms.usage(place, service), platforms.logs(place, service), platforms.releases(place, service))
        case _:
            assert_never(alert.kind)
    yield from (command for command in found if command)


def _queries(slo: Slo, alert: Alert) -> Iterable[str]:
    which = f'{{service="{slo.service}"}}'
    match alert.kind:
        case "burn_fast" | "burn_slow":
            for burn in slos.burns(alert.kind):
                yield f"{slos.ratio(burn.long)}{which}"
                yield f"{slos.ratio(burn.short)}{which}"
            if slo.metric:
                yield f"sum(rate({slos.measured(slo, slo.metric.errors)}[5m]))"
                yield f"sum(rate({slos.measured(slo)}[5m]))"
            else:
                yield slos.measured(slo)
        case "absent":
            yield slos.measured(slo)
            yield f'up{{job="{slos.BLACKBOX_JOB if slo.sli == "probe" else slo.service}"}}'
        case "latency":
            yield slos.latency_expression(slo)
            yield slos.latency_count_expression(slo)
        case _:
            assert_never(alert.kind)


def _causes(blueprint: Blueprint, place: Platform, service: Service, slo: Slo, alert: Alert) -> Iterable[str]:
    if alert.kind == "absent":
        yield from _blind(blueprint, place, service, slo)
        return
    if slo.sli == "probe" and service.probe and service.probe.kind == "grpc":
        yield f"Its health service does not answer `SERVING`, or there is none: `{_status(service)}` is 0 in the first case, 12 in the second."
    yield f"A release: does the start of the trouble match the newest line of `{platforms.releases(place, service)}`?"
    for name in service.needs:
        yield _backing_cause(place, blueprint.backing(name), alert)
    for name in service.calls:
        yield f"`{name}`, which it calls: `{platforms.pods(place, name)}`, and its own runbook if it has one."
    if service.migration:
        yield f"The migration `{service.name}-migrate` did not finish: `{platforms.migration_logs(place, service)}`."
    yield (
        f"The memory limit of {service.resources.memory_limit}: `{platforms.last_end(place, service)}` "
        f"says {'`OOMKilled`' if place.is_cluster else '`true` first'}."
    )
    if alert.kind == "latency":
        yield f"The CPU limit of {service.resources.cpu_limit}: `{platforms.usage(place, service)}` shows it close to the limit."
    if unset := [item.name for item in service.variables if item.kind in ("secret", "composed")]:
        yield f"A secret was changed or expired; the service reads {facts.listed(tuple(unset))}."


def _status(service: Service) -> str:
    return f'probe_grpc_status_code{{job="{slos.BLACKBOX_JOB}",service="{service.name}"}}'


def _backing_cause(place: Platform, backing: Backing, alert: Alert) -> str:
    state = "slow or" if alert.kind == "latency" else "down or"
    if backing.placement == "external":
        return f"`{backing.name}` ({backing.kind}, run elsewhere) is {state} out of reach: ask whoever runs it."
    asked = platforms.ask(place, backing.name, "statefulset", backing.health_command)
    how = f"`{asked}`" if asked and "`" not in asked else f"`{platforms.pods(place, backing.name)}`"
    return f"`{backing.name}` ({backing.kind}, port {backing.port}) is {state} full: {how}."


def _blind(blueprint: Blueprint, place: Platform, service: Service, slo: Slo) -> Iterable[str]:
    yield f"`{service.name}` is down: no replica is ready."
    if slo.sli == "probe":
        yield f"`{conventions.BLACKBOX_NAME}` is down, or Prometheus cannot reach it on port {conventions.BLACKBOX_PORT}."
    else:
        yield f"`{service.name}` has not answered a single request since it started: the counter appears with the first one."
        counter = slo.metric.counter if slo.metric else ""
        yield f"An upgrade of the metrics library has renamed {facts.code(counter)}."
    if place.is_cluster and blueprint.monitoring:
        watched = conventions.BLACKBOX_NAME if slo.sli == "probe" else service.name
        yield f"Prometheus does not run in the namespace `{blueprint.monitoring.namespace}`, the only one that the NetworkPolicy `{watched}` lets in."
    yield "Prometheus does not run, or has not loaded `monitoring/prometheus/prometheus.yml`."


def _mitigations(place: Platform, service: Service, slo: Slo, alert: Alert) -> Iterable[tuple[str, tuple[str, ...]]]:
    if alert.kind == "absent":
        yield "The service is down or hangs: restart it", (platforms.restart(place, service),)
        if slo.sli == "probe":
            yield "The exporter is down: restart it", (_restart_exporter(place),)
        return
    said = "; the database keeps its new schema, which the version before has to work with" if service.migration else ""
    yield f"It began with a release: go back{said}", tuple(platforms.undo(place, service))
    yield "It hangs, or its connections are stale: restart it", (platforms.restart(place, service),)
    if more := platforms.scale(place, service):
        yield "There is more traffic than it can take: run more of it until the next release sets the number back", (more,)


def _restart_exporter(place: Platform) -> str:
    if place.is_cluster:
        return f"{place.prefix} rollout restart deployment/{conventions.BLACKBOX_NAME}"
    return f"{place.prefix} --profile monitoring up --detach {conventions.BLACKBOX_NAME}"


def _escalation(blueprint: Blueprint, service: Service, alert: Alert) -> str:
    when = {"P1": "after 15 minutes without improvement", "P2": "after one hour", "P3": "by a ticket for the next working day", "P4": "by a ticket"}
    outside = [name for name in service.needs if blueprint.backing(name).placement == "external"]
    others = f", and to whoever runs {facts.listed(tuple(outside))}," if outside else ""
    return f"to the owners of `{service.name}`{others} {when[alert.severity]}, with the output of the commands above and what was tried."


def _over(slo: Slo, alert: Alert) -> str:
    match alert.kind:
        case "burn_fast" | "burn_slow":
            first, second = slos.burns(alert.kind)
            return (
                f'`{slos.ratio(first.short)}{{service="{slo.service}"}}` is below {slos.number(slos.threshold(slo, first))} and '
                f'`{slos.ratio(second.short)}{{service="{slo.service}"}}` below {slos.number(slos.threshold(slo, second))}.'
            )
        case "absent":
            return f"`{slos.measured(slo)}` has samples again."
        case "latency":
            return f"the percentile stays below {slo.latency_ms:g} ms for {slos.LATENCY_WINDOW}."
        case _:
            assert_never(alert.kind)
