"""Config maps, secrets, service accounts and volumes that pods name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from opsmith.checks.agreement.objects import Object, Pod, named
from opsmith.checks.agreement.reading import inside, mapping, mappings, say, word
from opsmith.model.blueprint import Blueprint, Secret
from opsmith.model.finding import Finding

Keys = Mapping[str, set[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What the files define and what the plan promises; `promised` is None where there is no plan."""

    accounts: set[str]
    configs: Keys
    secrets: Keys
    promised: Keys | None


def references(objects: list[Object], pods: list[Pod], blueprint: Blueprint | None) -> Iterator[Finding]:
    known = _known(objects, blueprint)
    for pod in pods:
        yield from _account(pod, known)
        for container in pod.containers:
            for entry in mappings(container.get("env")):
                yield from _config_key(pod, inside(entry, "valueFrom", "configMapKeyRef"), known)
                yield from _secret_key(pod, inside(entry, "valueFrom", "secretKeyRef"), known)
        yield from _config_volumes(pod, known)
        yield from _mounts(pod)


def _known(objects: list[Object], blueprint: Blueprint | None) -> _Known:
    return _Known(
        accounts=set(named(objects, "ServiceAccount")),
        configs=_joined(_keys(objects, "ConfigMap", "data"), blueprint.settings if blueprint else ()),
        secrets=_keys(objects, "Secret", "data", "stringData"),
        promised={item.name: set(item.keys) for item in blueprint.secrets} if blueprint else None,
    )


def _keys(objects: list[Object], kind: str, *fields: str) -> Keys:
    return {name: {key for field in fields for key in mapping(item.body.get(field))} for name, item in named(objects, kind).items()}


def _joined(defined: Keys, planned: Iterable[Secret]) -> Keys:
    """With the config maps whose values a person fills in."""
    return {**defined, **{item.name: {*item.keys, *defined.get(item.name, ())} for item in planned}}


def _account(pod: Pod, known: _Known) -> Iterator[Finding]:
    account = word(pod.spec.get("serviceAccountName"))
    if account not in ("", "default") and known.accounts and account not in known.accounts:
        yield say(pod.path, f"{pod.owner} runs as the service account {account}, which nothing defines")


def _config_key(pod: Pod, reference: dict[str, Any], known: _Known) -> Iterator[Finding]:
    name, key = word(reference.get("name")), word(reference.get("key"))
    if not reference:
        return
    if name not in known.configs:
        if known.promised is not None and not reference.get("optional"):
            yield say(pod.path, f"{pod.owner} reads the config map {name}, which nothing defines")
    elif key not in known.configs[name]:
        yield say(pod.path, f"{pod.owner} reads {key} from the config map {name}, which has no such key")


def _secret_key(pod: Pod, reference: dict[str, Any], known: _Known) -> Iterator[Finding]:
    name, key = word(reference.get("name")), word(reference.get("key"))
    if not reference:
        return
    if name in known.secrets:
        if key not in known.secrets[name]:
            yield say(pod.path, f"{pod.owner} reads {key} from the secret {name}, which has no such key")
    elif known.promised is not None and key not in known.promised.get(name, ()):
        yield say(pod.path, f"{pod.owner} reads {key} from the secret {name}, which the plan does not know")


def _config_volumes(pod: Pod, known: _Known) -> Iterator[Finding]:
    for volume in mappings(pod.spec.get("volumes")):
        reference = inside(volume, "configMap")
        name = word(reference.get("name"))
        if name and known.configs and name not in known.configs and not reference.get("optional"):
            yield say(pod.path, f"{pod.owner} mounts the config map {name}, which nothing defines")


def _mounts(pod: Pod) -> Iterator[Finding]:
    mounted = {word(mount.get("name")) for container in pod.containers for mount in mappings(container.get("volumeMounts"))}
    volumes = {word(volume.get("name")) for volume in mappings(pod.spec.get("volumes"))}
    for name in sorted(mounted - volumes - pod.claims):
        yield say(pod.path, f"{pod.owner} mounts the volume {name}, which the pod does not have")
