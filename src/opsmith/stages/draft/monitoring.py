"""What is watched: scrapes and probes, one SLO for each service with a face, its alerts and their runbooks."""

from __future__ import annotations

from typing import Literal

from opsmith import conventions
from opsmith import slo as slos
from opsmith.model.blueprint import Alert, Backing, Monitoring, Scrape, Service, Slo
from opsmith.model.intent import Intent
from opsmith.model.survey import Component
from opsmith.settings import Settings
from opsmith.stages.draft.notes import Notes


def monitoring(
    services: tuple[Service, ...],
    backings: tuple[Backing, ...],
    components: tuple[Component, ...],
    targets: tuple[str, ...],
    intent: Intent,
    settings: Settings,
    notes: Notes,
) -> Monitoring | None:
    """None unless Prometheus is wanted."""
    if "prometheus" not in targets:
        return None
    by_name = {item.name: item for item in components}
    facing = tuple(service for service in services if _is_measurable(service, by_name[service.component]))
    if "kubernetes" in targets and any(by_name[service.component].metrics_path for service in services):
        notes.open(
            f"Prometheus in the namespace {settings['monitoring_namespace']} has to be allowed to list and watch services, pods and endpointslices "
            "in the namespace of the system"
        )
    if facing:
        _note_ways_to_prometheus(notes)
    objectives = tuple(_slo(service, by_name[service.component], intent, settings, notes) for service in facing)
    _note_unwatched([service.name for service in services if service not in facing], [backing.name for backing in backings], notes)
    return Monitoring(
        namespace=settings["monitoring_namespace"],
        scrapes=tuple(_scrapes(services, by_name, notes)),
        probes=tuple(slo.service for slo in objectives if slo.sli == "probe"),
        slos=objectives,
        alerts=tuple(alert for slo, service in zip(objectives, facing, strict=True) for alert in _alerts(slo, service)),
    )


def _is_measurable(service: Service, item: Component) -> bool:
    """Asked by the blackbox exporter, or counted by its own request metrics."""
    return service.port is not None and (service.probe is not None or bool(item.metrics_path and item.request_metric))


def _note_ways_to_prometheus(notes: Notes) -> None:
    folder = conventions.PROMETHEUS_FOLDER
    notes.open(f"alerts reach nobody until {folder}/prometheus.yml names an Alertmanager under `alerting:`")
    notes.open(
        f"a Prometheus that runs already needs {folder}/rules copied to where its `rule_files` look and the jobs of {folder}/prometheus.yml in its "
        "`scrape_configs`; the Prometheus operator takes the groups as `spec` of a PrometheusRule and the jobs as `additionalScrapeConfigs`"
    )


def _note_unwatched(services: list[str], backings: list[str], notes: Notes) -> None:
    names = [*services, *backings]
    missing = [what for what, of in (("exporters", backings), ("queue metrics", services)) if of]
    if names:
        whose = "its" if len(names) == 1 else "their"
        notes.open(f"no alert watches {', '.join(names)}: {whose} {' and '.join(missing)} are not delivered yet")


def _scrapes(services: tuple[Service, ...], components: dict[str, Component], notes: Notes) -> list[Scrape]:
    found: list[Scrape] = []
    for service in services:
        item = components[service.component]
        if service.port and item.metrics_path:
            notes.fact(f"monitoring.scrapes.{service.name}", item, "metrics_path")
            found.append(Scrape(service=service.name, port=service.port, path=item.metrics_path))
    return found


def _slo(service: Service, item: Component, intent: Intent, settings: Settings, notes: Notes) -> Slo:
    node = f"monitoring.slos.{service.name}"
    metric = item.request_metric if item.metrics_path else None
    if metric:
        notes.fact(node, item, "metrics_path")
    else:
        notes.default(node, "availability as the blackbox exporter sees it: the code emits no request metrics that are known")
        notes.open(f"{service.name} emits no request metrics, so its SLO counts probes of the blackbox exporter and has no latency objective")
    if not metric and service.probe and service.probe.kind == "tcp":
        notes.open(_connects_only(service))
    latency = (settings["slo.latency_ms"] or intent.slo.latency_ms) if metric and metric.histogram else None
    return Slo(
        service=service.name,
        sli="requests" if metric else "probe",
        objective=_objective(node, intent, settings, notes),
        window_days=int(settings["slo.window_days"]),
        metric=metric,
        latency_ms=latency,
        latency_percentile=(settings["slo.latency_percentile"] or intent.slo.latency_percentile or 99.0) if latency else None,
    )


def _connects_only(service: Service) -> str:
    setting = f"components.{service.component}"
    match service.port.protocol if service.port else "tcp":
        case "http":
            lacks, errors, remedy = "has no health path", "HTTP errors", f"add one and set {setting}.health_path"
        case "grpc":
            lacks, errors, remedy = "has no gRPC health service", "failing calls", f"add one and set {setting}.health_path: grpc"
        case "tcp":
            lacks, errors = "speaks neither HTTP nor gRPC as far as is known", "failing answers"
            remedy = f"set {setting}.protocol and {setting}.health_path if it does"
    return f"{service.name} {lacks}, so its objective sees neither {errors} nor a hanging process; {remedy}"


def _objective(node: str, intent: Intent, settings: Settings, notes: Notes) -> float:
    if settings["slo.availability"] is not None:
        notes.setting(f"{node}.objective", "slo.availability", f"{settings['slo.availability']} %")
        return float(settings["slo.availability"])
    if intent.slo.availability is not None:
        notes.word(f"{node}.objective", intent, "slo")
        return intent.slo.availability
    notes.default(f"{node}.objective", "99.9 % over 30 days: the usual first objective of a production service")
    return 99.9


def _alerts(slo: Slo, service: Service) -> list[Alert]:
    stem = conventions.camel(slo.service)
    page = f"{conventions.RUNBOOKS}/{slo.service}.md"
    fast, slow, absent = _connecting(slo) if slos.connects_only(slo, service) else _answering(slo)
    made = [
        Alert(name=f"{stem}ErrorBudgetBurnFast", service=slo.service, kind="burn_fast", severity=fast[0], runbook=page, summary=fast[1]),
        Alert(name=f"{stem}ErrorBudgetBurnSlow", service=slo.service, kind="burn_slow", severity=slow[0], runbook=page, summary=slow[1]),
        Alert(name=f"{stem}MetricsAbsent", service=slo.service, kind="absent", severity=absent[0], runbook=page, summary=absent[1]),
    ]
    if slo.latency_ms is not None:
        made.append(
            Alert(
                name=f"{stem}LatencyHigh", service=slo.service, kind="latency", severity="P2", runbook=page,
                summary=f"{slo.service} answers slower than its objective: look for what slows it",
            )
        )  # fmt: skip
    return made


_Told = tuple[Literal["P1", "P2", "P3", "P4"], str]


def _answering(slo: Slo) -> tuple[_Told, _Told, _Told]:
    """Severity and summary of the fast, the slow and the missing."""
    name = slo.service
    return (
        ("P1", f"{name} fails so often that its error budget for {slo.window_days} days will not last: look at it now"),
        ("P3", f"{name} fails more often than its objective allows: plan a fix this week"),
        ("P2", f"nothing measures {name} any more: find out whether it or its monitoring is down"),
    )


def _connecting(slo: Slo) -> tuple[_Told, _Told, _Told]:
    """The same where only connections are tried: too little is known of the service to wake anybody."""
    name = slo.service
    only = "(only that its port accepts connections is measured)"
    return (
        ("P2", f"the port of {name} is closed so often that its error budget for {slo.window_days} days will not last {only}: look at it today"),
        ("P4", f"the port of {name} is closed more often than its objective allows {only}: plan a fix"),
        ("P2", f"nothing tries any more whether the port of {name} accepts connections: find out whether it or its monitoring is down"),
    )
