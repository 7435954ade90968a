"""What is watched: scrapes and probes, one SLO for each service with a face, its alerts and their runbooks."""

from __future__ import annotations

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
    for service in services:
        if service.port and service not in facing:
            notes.open(
                f"{service.name} emits no known request metrics and speaks gRPC, which the blackbox probe cannot ask without TLS settings; "
                "it has no SLO yet"
            )
    if "kubernetes" in targets and any(by_name[service.component].metrics_path for service in services):
        notes.open(
            f"Prometheus in the namespace {settings['monitoring_namespace']} has to be allowed to list and watch services, pods and endpointslices "
            "in the namespace of the system"
        )
    if facing:
        notes.open("alerts reach nobody until monitoring/prometheus/prometheus.yml names an Alertmanager under `alerting:`")
    slos = tuple(_slo(service, by_name[service.component], intent, settings, notes) for service in facing)
    return Monitoring(
        namespace=settings["monitoring_namespace"],
        scrapes=tuple(_scrapes(services, by_name, notes)),
        probes=tuple(slo.service for slo in slos if slo.sli == "probe"),
        slos=slos,
        alerts=tuple(alert for slo in slos for alert in _alerts(slo)),
    )


def _is_measurable(service: Service, item: Component) -> bool:
    """Asked from outside, or counted by its own request metrics."""
    asked = service.probe is not None and service.probe.kind != "grpc"
    return service.port is not None and (asked or bool(item.metrics_path and item.request_metric))


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
        notes.open(f"{service.name} emits no request metrics, so its SLO is measured from outside only and has no latency objective")
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


def _objective(node: str, intent: Intent, settings: Settings, notes: Notes) -> float:
    if settings["slo.availability"] is not None:
        notes.setting(f"{node}.objective", "slo.availability", f"{settings['slo.availability']} %")
        return float(settings["slo.availability"])
    if intent.slo.availability is not None:
        notes.word(f"{node}.objective", intent, "slo")
        return intent.slo.availability
    notes.default(f"{node}.objective", "99.9 % over 30 days: the usual first objective of a production service")
    return 99.9


def _alerts(slo: Slo) -> list[Alert]:
    stem = conventions.camel(slo.service)
    page = f"{conventions.RUNBOOKS}/{slo.service}.md"
    made = [
        Alert(
            name=f"{stem}ErrorBudgetBurnFast", service=slo.service, kind="burn_fast", severity="P1", runbook=page,
            summary=f"{slo.service} fails so often that its error budget for {slo.window_days} days will not last: look at it now",
        ),
        Alert(
            name=f"{stem}ErrorBudgetBurnSlow", service=slo.service, kind="burn_slow", severity="P3", runbook=page,
            summary=f"{slo.service} fails more often than its objective allows: plan a fix this week",
        ),
        Alert(
            name=f"{stem}MetricsAbsent", service=slo.service, kind="absent", severity="P2", runbook=page,
            summary=f"nothing measures {slo.service} any more: find out whether it or its monitoring is down",
        ),
    ]  # fmt: skip
    if slo.latency_ms is not None:
        made.append(
            Alert(
                name=f"{stem}LatencyHigh", service=slo.service, kind="latency", severity="P2", runbook=page,
                summary=f"{slo.service} answers slower than its objective: look for what slows it",
            )
        )  # fmt: skip
    return made
