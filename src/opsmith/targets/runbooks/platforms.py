"""The commands of the platform that is delivered, with the names that the manifests have."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from opsmith import conventions
from opsmith.model.blueprint import Blueprint, Service


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """`prefix` starts every command; the rest of a command is built by the functions below."""

    name: str
    prefix: str
    blueprint: Blueprint

    @property
    def is_cluster(self) -> bool:
        return self.name == "kubernetes"


def platform(blueprint: Blueprint) -> Platform:
    if "kubernetes" in blueprint.targets:
        return Platform(name="kubernetes", prefix=f"kubectl --namespace {blueprint.namespace}", blueprint=blueprint)
    return Platform(name="compose", prefix="docker compose", blueprint=blueprint)


def pods(place: Platform, name: str) -> str:
    """Whether `name` runs, how often it was restarted."""
    if place.is_cluster:
        return f"{place.prefix} get pods --selector {conventions.NAME_LABEL}={name} --output wide"
    return f"{place.prefix} ps --all {name}"


def logs(place: Platform, service: Service) -> str:
    if place.is_cluster:
        return f"{place.prefix} logs deployment/{service.name} --all-pods --since 30m --tail 200"
    return f"{place.prefix} logs --since 30m --tail 200 {service.name}"


def events(place: Platform) -> str | None:
    return f"{place.prefix} get events --sort-by .lastTimestamp" if place.is_cluster else None


def last_end(place: Platform, service: Service) -> str:
    """Why the container ended the last time: OOMKilled is the memory limit."""
    if place.is_cluster:
        reason = "{.items[*].status.containerStatuses[*].lastState.terminated.reason}"
        return f"{place.prefix} get pods --selector {conventions.NAME_LABEL}={service.name} --output jsonpath='{reason}'"
    return f"docker inspect --format '{{{{.State.OOMKilled}}}} {{{{.RestartCount}}}}' \"$({place.prefix} ps --all --quiet {service.name})\""


def usage(place: Platform, service: Service) -> str:
    if place.is_cluster:
        return f"{place.prefix} top pods --selector {conventions.NAME_LABEL}={service.name}"
    return f"{place.prefix} stats --no-stream {service.name}"


def ask(place: Platform, name: str, kind: str, command: Sequence[str]) -> str | None:
    """Run a health command inside the container."""
    if not command:
        return None
    where = f"exec {kind}/{name} --" if place.is_cluster else f"exec {name}"
    return f"{place.prefix} {where} {shlex.join(command)}"


def migration_logs(place: Platform, service: Service) -> str:
    target = f"job/{service.name}-migrate" if place.is_cluster else f"{service.name}-migrate"
    return f"{place.prefix} logs {target}"


def releases(place: Platform, service: Service) -> str:
    return f"{place.prefix} rollout history deployment/{service.name}" if place.is_cluster else "git log --oneline --max-count 10"


def undo(place: Platform, service: Service) -> list[str]:
    """Everything that runs from the same image goes back together."""
    names = [other.name for other in place.blueprint.services if other.build == service.build and other.role != "cron"]
    if not place.is_cluster:
        return ["git switch --detach HEAD~1", f"{place.prefix} up --detach --build --no-deps --wait {' '.join(names)}"]
    undone = [f"{place.prefix} rollout undo deployment/{name}" for name in names]
    return [*undone, *(f"{place.prefix} rollout status deployment/{name} --timeout 5m" for name in names)]


def restart(place: Platform, service: Service) -> str:
    return f"{place.prefix} rollout restart deployment/{service.name}" if place.is_cluster else f"{place.prefix} restart {service.name}"


def scale(place: Platform, service: Service) -> str | None:
    if not place.is_cluster or service.singleton:
        return None
    return f"{place.prefix} scale deployment/{service.name} --replicas {service.replicas * 2}"


def watchers(place: Platform, *, probed: bool) -> list[str]:
    """What has to run so that the service is measured."""
    if place.is_cluster:
        return [pods(place, conventions.BLACKBOX_NAME)] if probed else []
    names = ["prometheus", *([conventions.BLACKBOX_NAME] if probed else [])]
    return [f"{place.prefix} --profile monitoring ps --all {' '.join(names)}"]


def addresses(place: Platform, service: Service) -> list[str]:
    """Whether traffic finds the service, and who may reach it."""
    if not place.is_cluster:
        return []
    return [
        f"{place.prefix} get endpointslices --selector kubernetes.io/service-name={service.name}",
        f"{place.prefix} describe networkpolicy {service.name}",
    ]
