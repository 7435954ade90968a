"""The environments that a release passes through, and what differs in each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from opsmith.model.blueprint import Environment, Service
from opsmith.model.intent import Intent
from opsmith.stages.draft.notes import Notes

ORDER = ("preview", "dev", "staging", "production")
USUAL = ("staging", "production")
ONE_REPLICA = frozenset(("preview", "dev"))


def environments(services: tuple[Service, ...], targets: tuple[str, ...], namespace: str, intent: Intent, notes: Notes) -> tuple[Environment, ...]:
    """In the order of promotion. Empty where neither overlays nor a chart is delivered, for then nothing could hold what differs."""
    if not {"kustomize", "helm"} & set(targets):
        return ()
    named = tuple(sorted(intent.environments, key=ORDER.index))
    if named:
        notes.word("environments", intent, "environments")
    else:
        notes.default("environments", "staging and production: the task names none, and a release that is tried nowhere is tried on its users")
    return tuple(_environment(name, services, namespace, notes, last=name == (named or USUAL)[-1]) for name in named or USUAL)


def _environment(name: str, services: tuple[Service, ...], namespace: str, notes: Notes, *, last: bool) -> Environment:
    if last:
        return Environment(name=name, namespace=namespace, services=services)
    notes.default(
        f"environments.{name}", f"the namespace {namespace}-{name} and hosts below {name}: apart from production, on the same cluster or not"
    )
    hosts = {service.host: _host(service.host, name) for service in services if service.host}
    return Environment(name=name, namespace=f"{namespace}-{name}", services=tuple(_service(item, name, hosts) for item in services))


def _host(host: str, environment: str) -> str:
    """staging.example.com; api.staging.example.com for a host below the domain."""
    labels = host.split(".")
    return ".".join((*labels[:-2], environment, *labels[-2:]))


def _service(service: Service, environment: str, hosts: Mapping[str, str]) -> Service:
    variables = tuple(
        replace(item, value=moved(item.value, hosts)) if item.kind in ("literal", "composed") and item.value else item for item in service.variables
    )
    small = environment in ONE_REPLICA
    scaling = replace(service.scaling, minimum=1, maximum=min(2, service.scaling.maximum)) if service.scaling and small else service.scaling
    replicas = 1 if small else service.replicas
    return replace(service, host=hosts.get(service.host or ""), replicas=replicas, scaling=scaling, variables=variables)


def moved(value: str, hosts: Mapping[str, str]) -> str:
    """`value` with each public host name in it replaced by the environment's own."""
    if not hosts:
        return value
    names = "|".join(map(re.escape, sorted(hosts, key=len, reverse=True)))
    return re.sub(rf"(?<![\w.@-])(?:{names})(?![\w-]|\.\w)", lambda found: hosts[found[0]], value)
