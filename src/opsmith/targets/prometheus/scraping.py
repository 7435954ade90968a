"""prometheus.yml and the blackbox exporter's configuration, for the platform that is delivered."""

from __future__ import annotations

from typing import Any

from opsmith import conventions
from opsmith.emit import Flow, noted
from opsmith.model.blueprint import Blueprint, Monitoring, Scrape, Service
from opsmith.slo import BLACKBOX_JOB


def configuration(blueprint: Blueprint, monitoring: Monitoring) -> dict[str, Any]:
    jobs = [_job(blueprint, scrape) for scrape in monitoring.scrapes]
    if monitoring.probes:
        jobs.append(_probing(blueprint, monitoring))
    document: dict[str, Any] = {
        "global": {
            "scrape_interval": conventions.SCRAPE_INTERVAL,
            "evaluation_interval": conventions.SCRAPE_INTERVAL,
            "external_labels": {"system": noted(blueprint.name, "name")},
        }
    }
    if monitoring.slos:
        document["rule_files"] = ["rules/*.yml"]
    return document | {"scrape_configs": jobs}


def on_kubernetes(blueprint: Blueprint) -> bool:
    return "kubernetes" in blueprint.targets


def _job(blueprint: Blueprint, scrape: Scrape) -> Any:
    job: dict[str, Any] = {"job_name": scrape.service, "metrics_path": noted(scrape.path, f"monitoring.scrapes.{scrape.service}")}
    if on_kubernetes(blueprint):
        job |= _discovered(blueprint, scrape)
    else:
        job["static_configs"] = [{"targets": [f"{scrape.service}:{scrape.port.number}"], "labels": {"service": scrape.service}}]
    return noted(job, f"monitoring.scrapes.{scrape.service}")


def _discovered(blueprint: Blueprint, scrape: Scrape) -> dict[str, Any]:
    return {
        "kubernetes_sd_configs": [
            {
                "role": noted("endpointslice", above="Kubernetes has deprecated Endpoints since 1.33; its slices carry the same."),
                "namespaces": {"names": [noted(blueprint.namespace, "namespace")]},
            }
        ],
        "relabel_configs": [
            noted(
                {
                    "source_labels": Flow(["__meta_kubernetes_service_name", "__meta_kubernetes_endpointslice_port_name"]),
                    "regex": noted(f"{scrape.service};{scrape.port.name}", f"services.{scrape.service}.port"),
                    "action": "keep",
                },
                above="Only this service, and only the port that serves its metrics.",
            ),
            noted({"target_label": "service", "replacement": scrape.service}, above="The label that every SLO rule selects by."),
            {"source_labels": Flow(["__meta_kubernetes_namespace"]), "target_label": "namespace"},
            {"source_labels": Flow(["__meta_kubernetes_pod_name"]), "target_label": "pod"},
        ],
    }


def _probing(blueprint: Blueprint, monitoring: Monitoring) -> dict[str, Any]:
    return {
        "job_name": BLACKBOX_JOB,
        "metrics_path": "/probe",
        "static_configs": [_asked(blueprint, blueprint.service(name)) for name in monitoring.probes],
        "relabel_configs": [
            noted(
                {"source_labels": Flow(["__address__"]), "target_label": "__param_target"},
                above="The exporter is scraped; what it is to ask goes along as a parameter.",
            ),
            {"source_labels": Flow(["__param_target"]), "target_label": "instance"},
            {"target_label": "__address__", "replacement": f"{_host(blueprint, conventions.BLACKBOX_NAME)}:{conventions.BLACKBOX_PORT}"},
        ],
    }


def _asked(blueprint: Blueprint, service: Service) -> Any:
    labels = {"service": service.name, "__param_module": conventions.BLACKBOX_MODULES[_kind(service)]}
    if service.probe and service.probe.host:
        labels["__param_hostname"] = service.probe.host
    return noted({"targets": [target(blueprint, service)], "labels": labels}, f"services.{service.name}.probe")


def _kind(service: Service) -> str:
    return service.probe.kind if service.probe else "tcp"


def target(blueprint: Blueprint, service: Service) -> str:
    """What the blackbox exporter is told to ask."""
    probe = service.probe
    number = probe.port if probe else service.port.number if service.port else 0
    address = f"{_host(blueprint, service.name)}:{number}"
    return f"http://{address}{probe.path or '/'}" if probe and probe.kind == "http" else address


def _host(blueprint: Blueprint, name: str) -> str:
    return f"{name}.{blueprint.namespace}.svc" if on_kubernetes(blueprint) else name


def blackbox(blueprint: Blueprint, monitoring: Monitoring) -> dict[str, Any]:
    return conventions.blackbox_modules({_kind(blueprint.service(name)) for name in monitoring.probes})
