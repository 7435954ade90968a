"""The objects of one of our services: what runs, how it is reached, what may be taken away at once."""

from __future__ import annotations

from typing import Any

from opsmith import conventions
from opsmith.emit import Flow, noted
from opsmith.manifests import parts
from opsmith.model.blueprint import Blueprint, Port, Scaling, Service


def objects(service: Service, blueprint: Blueprint) -> dict[str, Any]:
    """File name without ending to object; None = not needed."""
    return {
        "serviceaccount": parts.service_account(service.name, service.role, blueprint),
        "migration": _migration(service, blueprint) if service.migration else None,
        "cronjob": _cron_job(service, blueprint) if service.role == "cron" else None,
        "job": _job(service, blueprint) if service.role == "job" else None,
        "deployment": _deployment(service, blueprint) if service.role not in ("cron", "job") else None,
        "service": _service(service, service.port, blueprint) if service.port else None,
        "ingress": _ingress(service, service.port, blueprint) if service.public and service.port else None,
        "horizontalpodautoscaler": _autoscaler(service, service.scaling, blueprint) if service.scaling else None,
        "poddisruptionbudget": parts.budget(service.name, service.role, blueprint) if service.replicas > 1 else None,
    }


def _deployment(service: Service, blueprint: Blueprint) -> Any:
    node = f"services.{service.name}"
    # Where an autoscaler decides, an apply must not set the number back.
    fixed = {} if service.scaling else {"replicas": noted(service.replicas, f"{node}.replicas")}
    spec: dict[str, Any] = {
        **fixed,
        "revisionHistoryLimit": 5,
        "selector": {"matchLabels": conventions.selector(blueprint.name, service.name)},
        "strategy": noted(_strategy(service, blueprint), "strategy"),
        "template": {
            "metadata": {"labels": conventions.labels(blueprint.name, service.name, service.role)},
            "spec": _pod(service, blueprint) | (parts.spread(blueprint, service.name) if service.replicas > 1 else {}),
        },
    }
    return noted({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": _released(service, blueprint), "spec": spec}, node)


def _released(service: Service, blueprint: Blueprint) -> dict[str, Any]:
    """The metadata of what a release replaces; where there are migrations, marked as what comes after them."""
    metadata = parts.metadata(service.name, service.role, blueprint)
    if any(other.migration for other in blueprint.services):
        metadata["labels"][conventions.AFTER_MIGRATION_LABEL] = "true"
    return metadata


def _strategy(service: Service, blueprint: Blueprint) -> dict[str, Any]:
    if service.singleton:
        return {"type": noted("Recreate", above="Two of it would do everything twice.")}
    if blueprint.strategy == "recreate":
        return {"type": "Recreate"}
    step = noted({"maxSurge": 1, "maxUnavailable": 0}, above="A new pod serves before an old one goes.")
    return {"type": "RollingUpdate", "rollingUpdate": step}


def _pod(service: Service, blueprint: Blueprint) -> dict[str, Any]:
    mounts, volumes = parts.writable(service.writable)
    return {
        "serviceAccountName": service.name,
        "automountServiceAccountToken": False,
        "securityContext": noted(parts.pod_security(service.user), f"builds.{service.build}.user"),
        "terminationGracePeriodSeconds": service.grace_seconds,
        "containers": [_container(service, blueprint) | {"volumeMounts": mounts}],
        "volumes": volumes,
    }


def _container(service: Service, blueprint: Blueprint) -> dict[str, Any]:
    build = blueprint.build(service.build)
    node = f"services.{service.name}"
    body: dict[str, Any] = {
        "name": service.name,
        "image": noted(build.reference, f"builds.{build.name}.reference"),
        "imagePullPolicy": "Always",
    }
    lead = next(other for other in blueprint.services if other.build == service.build)
    if service.argv and lead is not service:
        body["command"] = noted(Flow(service.argv), f"{node}.command")
    if service.variables:
        body["env"] = parts.environment(service.variables, conventions.settings_name(service.name), f"{node}.variables")
    if service.port:
        body["ports"] = [noted({"name": service.port.name, "containerPort": service.port.number, "protocol": "TCP"}, f"{node}.port")]
    body |= _probes(service)
    if service.port:
        body["lifecycle"] = noted(
            {"preStop": {"sleep": {"seconds": 5}}}, above="Gives every node a moment to take the pod out of the Service before it stops."
        )
    body["resources"] = parts.resources(service.resources, f"{node}.resources")
    body["securityContext"] = dict(parts.CONTAINER_SECURITY)
    return body


def _probes(service: Service) -> dict[str, Any]:
    if service.probe is None or service.port is None:
        return {}
    ask = parts.probe(service.probe, service.port.name)
    node = f"services.{service.name}.probe"
    period = 5
    probes = {
        "startupProbe": noted(ask | {"periodSeconds": period, "failureThreshold": service.startup_seconds // period}, node),
        "readinessProbe": noted(ask | {"periodSeconds": 10, "timeoutSeconds": 3, "failureThreshold": 3}, node),
    }
    if service.probe.kind != "tcp":
        shallow = {"tcpSocket": {"port": service.port.name}, "periodSeconds": 20, "timeoutSeconds": 5, "failureThreshold": 3}
        why = "Only whether it accepts connections: what it depends on being down must not restart every pod."
        probes["livenessProbe"] = noted(shallow, node, above=why)
    return probes


def _autoscaler(service: Service, scaling: Scaling, blueprint: Blueprint) -> Any:
    slowly = {"stabilizationWindowSeconds": 300, "policies": [{"type": "Percent", "value": 50, "periodSeconds": 60}]}
    cpu = {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": scaling.cpu_percent}}}
    return noted(
        {
            "apiVersion": "autoscaling/v2",
            "kind": "HorizontalPodAutoscaler",
            "metadata": parts.metadata(service.name, service.role, blueprint),
            "spec": {
                "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": service.name},
                "minReplicas": scaling.minimum,
                "maxReplicas": scaling.maximum,
                "metrics": [cpu],
                "behavior": {"scaleDown": noted(slowly, above="A pause in the load is no reason to be short of pods a minute later.")},
            },
        },
        f"services.{service.name}.scaling",
    )


def _service(service: Service, port: Port, blueprint: Blueprint) -> Any:
    return noted(
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": parts.metadata(service.name, service.role, blueprint),
            "spec": {
                "type": "ClusterIP",
                "selector": conventions.selector(blueprint.name, service.name),
                "ports": [
                    noted({"name": port.name, "port": port.number, "targetPort": port.name, "protocol": "TCP"}, f"services.{service.name}.port")
                ],
            },
        },
        f"services.{service.name}",
    )


def _ingress(service: Service, port: Port, blueprint: Blueprint) -> Any:
    backend = {"service": {"name": service.name, "port": {"name": port.name}}}
    return noted(
        {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "Ingress",
            "metadata": parts.metadata(service.name, service.role, blueprint),
            "spec": {
                "ingressClassName": "nginx",
                "tls": [{"hosts": [service.host], "secretName": f"{service.name}-tls"}],
                "rules": [
                    {
                        "host": noted(service.host, f"services.{service.name}.host"),
                        "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]},
                    }
                ],
            },
        },
        f"services.{service.name}.host",
    )


def _migration(service: Service, blueprint: Blueprint) -> Any:
    name = f"{service.name}-migrate"
    metadata = parts.metadata(name, "job", blueprint)
    return _once(metadata, _job_pod(service, blueprint, service.migration_argv, name), blueprint, f"services.{service.name}.migration")


def _job(service: Service, blueprint: Blueprint) -> Any:
    return _once(_released(service, blueprint), _job_pod(service, blueprint, service.argv, service.name), blueprint, f"services.{service.name}")


def _once(metadata: dict[str, Any], pod: dict[str, Any], blueprint: Blueprint, node: str) -> Any:
    return noted(
        {
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": metadata,
            "spec": {
                "backoffLimit": noted(6, above="With growing pauses: on the first release the database may still be starting."),
                "activeDeadlineSeconds": 600,
                "ttlSecondsAfterFinished": noted(3600, above="A Job cannot be changed; once gone it does not stand in the next release's way."),
                "template": {"metadata": {"labels": conventions.labels(blueprint.name, metadata["name"], "job")}, "spec": pod},
            },
        },
        node,
    )


def _cron_job(service: Service, blueprint: Blueprint) -> Any:
    pod = _job_pod(service, blueprint, service.argv, service.name)
    return noted(
        {
            "apiVersion": "batch/v1",
            "kind": "CronJob",
            "metadata": _released(service, blueprint),
            "spec": {
                "schedule": noted(service.schedule, f"services.{service.name}.schedule"),
                "concurrencyPolicy": "Forbid",
                "successfulJobsHistoryLimit": 1,
                "failedJobsHistoryLimit": 3,
                "jobTemplate": {
                    "spec": {
                        "backoffLimit": 1,
                        "activeDeadlineSeconds": 3600,
                        "template": {"metadata": {"labels": conventions.labels(blueprint.name, service.name, "cron")}, "spec": pod},
                    }
                },
            },
        },
        f"services.{service.name}",
    )


def _job_pod(service: Service, blueprint: Blueprint, command: tuple[str, ...], name: str) -> dict[str, Any]:
    """The service's own pod, with another command and nobody who asks for its health."""
    pod = _pod(service, blueprint)
    container = {key: value for key, value in pod["containers"][0].items() if key not in ("ports", "lifecycle") and not key.endswith("Probe")}
    container |= {"name": name, "command": Flow(command)}
    return pod | {"containers": [container], "restartPolicy": "Never"}
