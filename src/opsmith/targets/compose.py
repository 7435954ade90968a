"""compose.yaml for one machine, with .env.example for what only a person can tell."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from opsmith import conventions
from opsmith.emit import Flow, Noted, noted, text_artifact, yaml_artifact
from opsmith.model.artifact import Artifact
from opsmith.model.blueprint import Backing, Blueprint, Build, Resources, Service, Variable

NAME = "compose"

HARDENED: Mapping[str, Any] = {"cap_drop": Flow(["ALL"]), "security_opt": Flow(["no-new-privileges:true"])}


def wanted(blueprint: Blueprint) -> bool:
    return NAME in blueprint.targets


def render(blueprint: Blueprint) -> Sequence[Artifact]:
    files = [yaml_artifact(conventions.COMPOSE_FILE, NAME, _document(blueprint), origin="name")]
    if example := _env_example(blueprint):
        files.append(text_artifact(conventions.ENV_EXAMPLE, NAME, example, origin="secrets"))
    return files


def _document(blueprint: Blueprint) -> dict[str, Any]:
    services: dict[str, Any] = {}
    for service in blueprint.services:
        if service.migration:
            services[f"{service.name}-migrate"] = _migration(service, blueprint)
        services[service.name] = _service(service, blueprint)
    for backing in _running(blueprint):
        services[backing.name] = _backing(backing)
    if watched := _monitoring(blueprint):
        services |= watched
    document: dict[str, Any] = {"name": blueprint.name, "services": services}
    volumes: dict[str, Any] = {f"{backing.name}-data": {} for backing in _running(blueprint) if backing.data_path}
    if watched:
        volumes["prometheus-data"] = {}
    if volumes:
        document["volumes"] = volumes
    return document


def _running(blueprint: Blueprint) -> list[Backing]:
    return [backing for backing in blueprint.backings if backing.placement == "in_cluster"]


# -- our services ------------------------------------------------------------------------------------------------------------------------


def _service(service: Service, blueprint: Blueprint) -> Noted:
    build = blueprint.build(service.build)
    node = f"services.{service.name}"
    body: dict[str, Any] = {"image": noted(build.reference, f"builds.{build.name}.reference"), "build": _build(build)}
    if command := _command(service, blueprint):
        body["command"] = noted(command, f"{node}.command")
    if service.variables:
        body["environment"] = {name: noted(value, f"{node}.variables.{name}") for name, value in _environment(service.variables).items()}
    if service.port and (service.public or not blueprint.callers(service.name)):
        body["ports"] = [noted(f"127.0.0.1:{_host_port(service, blueprint)}:{service.port.number}", f"{node}.port")]
    if depends := _depends(service, blueprint):
        body["depends_on"] = depends
    if healthcheck := _healthcheck(service):
        body["healthcheck"] = healthcheck
    return noted(body | _runtime(service), node)


def _build(build: Build) -> dict[str, str]:
    context = f"./{build.context}" if build.context else "."
    path = build.dockerfile[len(build.context) :].strip("/") if build.context else build.dockerfile
    return {"context": context, "dockerfile": path}


def _runtime(service: Service) -> dict[str, Any]:
    return {
        "init": True,
        "read_only": True,
        "tmpfs": Flow(service.writable),
        **HARDENED,
        "restart": "unless-stopped",
        "stop_grace_period": f"{service.grace_seconds}s",
        "deploy": {"resources": noted(_limits(service.resources), f"services.{service.name}.resources")},
    }


def _command(service: Service, blueprint: Blueprint) -> Flow | None:
    """Only where it is not what the image runs anyway."""
    first = next(other for other in blueprint.services if other.build == service.build)
    return None if first is service or not service.argv else _words(service.argv)


def _words(argv: Sequence[str]) -> Flow:
    return Flow(word.replace("$", "$$") for word in argv)


def _healthcheck(service: Service) -> Any:
    """The image brings its own, for a start of unknown length; here others wait for it, or it is switched off where it does not fit."""
    if not service.health_argv:
        return {"disable": True} if service.port is None else None
    return noted(
        {
            "test": Flow(["CMD", *_words(service.health_argv)]),
            "interval": "10s",
            "timeout": "5s",
            "start_period": f"{service.startup_seconds}s",
            "retries": 3,
        },
        f"services.{service.name}.probe",
    )


def _depends(service: Service, blueprint: Blueprint) -> dict[str, Any]:
    running = {backing.name for backing in _running(blueprint)}
    needs = {name: {"condition": "service_healthy"} for name in service.needs if name in running}
    owner = next((other for other in blueprint.services if other.migration and (other is service or set(other.needs) & set(service.needs))), None)
    if owner and owner.build == service.build:
        needs[f"{owner.name}-migrate"] = {"condition": "service_completed_successfully"}
    for name in service.calls:
        other = blueprint.service(name)
        if service.name not in _reachable(other, blueprint):
            needs[name] = {"condition": "service_healthy" if other.health_argv else "service_started"}
    return needs


def _reachable(start: Service, blueprint: Blueprint) -> set[str]:
    """Every service that `start` waits for, directly or not: compose refuses circles, which service graphs may have."""
    seen: set[str] = set()
    pending = [start.name]
    while pending:
        for name in blueprint.service(pending.pop()).calls:
            if name not in seen:
                seen.add(name)
                pending.append(name)
    return seen


def _migration(service: Service, blueprint: Blueprint) -> Noted:
    build = blueprint.build(service.build)
    body: dict[str, Any] = {"image": build.reference, "build": _build(build), "command": _words(service.migration_argv)}
    if service.variables:
        body["environment"] = _environment(service.variables)
    running = {backing.name for backing in _running(blueprint)}
    if needs := {name: {"condition": "service_healthy"} for name in service.needs if name in running}:
        body["depends_on"] = needs
    rest = _runtime(service) | {"restart": "no"}
    return noted(
        body | {"healthcheck": {"disable": True}} | rest, f"services.{service.name}.migration", above="Runs to its end before the release starts."
    )


def _host_port(service: Service, blueprint: Blueprint) -> int:
    """The service's own port, moved up by 1 until no other published service has it; never a privileged one."""
    taken: set[int] = set()
    for other in blueprint.services:
        if other.port is None:
            continue
        port = other.port.number if other.port.number >= 1024 else other.port.number + 8000
        while port in taken:
            port += 1
        if other is service:
            return port
        taken.add(port)
    raise ValueError(service.name)


# -- what they need ----------------------------------------------------------------------------------------------------------------------


def _backing(backing: Backing) -> Noted:
    node = f"backings.{backing.name}"
    body: dict[str, Any] = {"image": noted(backing.image, f"{node}.image")}
    if backing.arguments:
        body["command"] = Flow(_interpolated(item, backing.variables) for item in backing.arguments)
    if backing.variables:
        body["environment"] = _environment(backing.variables)
    if backing.data_path:
        body["volumes"] = [f"{backing.name}-data:{backing.data_path}"]
    if backing.health_command:
        body["healthcheck"] = {
            "test": Flow(["CMD", *_words(backing.health_command)]),
            "interval": "5s",
            "timeout": "5s",
            "start_period": "30s",
            "retries": 10,
        }
    # These images start as root to take over their volume and step down by themselves: the capabilities are what that takes.
    body["cap_drop"] = Flow(["ALL"])
    body["cap_add"] = noted(Flow(["CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"]), above="Takes over its volume as root, then steps down.")
    body["security_opt"] = Flow(["no-new-privileges:true"])
    body["restart"] = "unless-stopped"
    body["deploy"] = {"resources": noted(_limits(backing.resources), f"{node}.resources")}
    return noted(body, node)


def _monitoring(blueprint: Blueprint) -> dict[str, Any]:
    """Prometheus beside the system, on request only; a cluster has its own."""
    if blueprint.monitoring is None or "kubernetes" in blueprint.targets:
        return {}
    base = {"profiles": ["monitoring"], "read_only": True, **HARDENED, "restart": "unless-stopped"}
    limits = {"resources": _limits(Resources(cpu_request="100m", cpu_limit="500m", memory_request="256Mi", memory_limit="512Mi"))}
    folder = f"./{conventions.PROMETHEUS_FOLDER}"
    made: dict[str, Any] = {
        "prometheus": {
            "image": conventions.image("prom/prometheus:v3.15.0"),
            "command": ["--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.path=/prometheus", "--storage.tsdb.retention.time=31d"],
            "ports": ["127.0.0.1:9090:9090"],
            "volumes": [f"{folder}:/etc/prometheus:ro", "prometheus-data:/prometheus"],
            **base,
            "deploy": limits,
        }
    }
    if blueprint.monitoring.probes:
        made[conventions.BLACKBOX_NAME] = {
            "image": conventions.image("prom/blackbox-exporter:v0.28.0"),
            "command": ["--config.file=/etc/blackbox/blackbox.yml"],
            "volumes": [f"./{conventions.BLACKBOX_CONFIG}:/etc/blackbox/blackbox.yml:ro"],
            **base,
            "deploy": {"resources": _limits(Resources(cpu_request="50m", cpu_limit="100m", memory_request="32Mi", memory_limit="64Mi"))},
        }
    return {name: noted(body, "monitoring") for name, body in made.items()}


# -- values ------------------------------------------------------------------------------------------------------------------------------


def _limits(resources: Resources) -> dict[str, Any]:
    return {
        "limits": {"cpus": _cpus(resources.cpu_limit), "memory": _memory(resources.memory_limit)},
        "reservations": {"cpus": _cpus(resources.cpu_request), "memory": _memory(resources.memory_request)},
    }


def _cpus(quantity: str) -> str:
    """A Kubernetes CPU quantity as compose's decimal number of processors."""
    return f"{int(quantity[:-1]) / 1000:g}" if quantity.endswith("m") else quantity


def _memory(quantity: str) -> str:
    return re.sub(r"([KMG])i$", lambda match: match[1].lower(), quantity)


def _environment(variables: Sequence[Variable]) -> dict[str, str]:
    return {variable.name: _value(variable) for variable in variables}


def _value(variable: Variable) -> str:
    match variable.kind:
        case "literal":
            return (variable.value or "").replace("$", "$$")
        case "secret":
            return _required(variable.key or variable.name)
        case "composed":
            return _interpolated(variable.value or "", (variable,))
        case _:
            return _required(variable.name)


def _required(name: str) -> str:
    return f"${{{name}:?set {name} in .env}}"


def _interpolated(text: str, variables: Sequence[Variable]) -> str:
    """`text` with ${KEY} of a secret as compose's own interpolation."""
    keys = {variable.key for variable in variables if variable.key}
    return re.sub(r"\$\{(\w+)\}", lambda match: _required(match[1]) if match[1] in keys else match[0], text)


def _env_example(blueprint: Blueprint) -> str:
    """Every variable that compose.yaml asks .env for; placeholders only."""
    held = [(item.secret, item.key) for owner in blueprint.running for item in owner.variables if item.secret and item.key]
    made_up = dict.fromkeys(key for secret, key in held if blueprint.is_made_up(secret, key))
    secret = dict.fromkeys(key for _, key in held if key not in made_up)
    unset = dict.fromkeys(variable.name for service in blueprint.services for variable in service.variables if variable.kind == "unset")
    lines: list[str] = []
    unset = {name: None for name in unset if name not in secret and name not in made_up}
    if made_up or secret or unset:
        lines.append("# Copy to .env and fill in; .env is never committed.")
    if made_up:
        lines += ["", "# Secrets, e.g. from: openssl rand -hex 24", *(f"{name}=" for name in made_up)]
    if secret:
        lines += ["", "# Secrets that somebody else issued, or that only you know", *(f"{name}=" for name in secret)]
    if unset:
        lines += ["", "# Values that only you know", *(f"{name}=" for name in unset)]
    return "\n".join(lines) + "\n" if lines else ""
