"""Across all files: every port, name, label, probe, secret and metric that one file refers to is defined by another, and they agree."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from opsmith.model.blueprint import Blueprint
from opsmith.model.finding import Finding
from opsmith.yaml_safe import load_yaml

ID = "agreement"
SUMMARY = "what one file refers to is defined by another, and they agree"

Objects = list[tuple[str, dict[str, Any]]]


def check(files: Mapping[str, str], blueprint: Blueprint | None) -> Iterator[Finding]:
    """Of files that opsmith made everything is known, so what dangles is an error; of others a part may live elsewhere, so it is a hint."""
    if blueprint is None:
        yield from (replace(finding, severity="low", confidence=0.5) for finding in _all(files, None))
    else:
        yield from _all(files, blueprint)


def _all(files: Mapping[str, str], blueprint: Blueprint | None) -> Iterator[Finding]:
    objects = _objects(files)
    yield from _references(objects, blueprint)
    yield from _selectors(objects)
    yield from _ports(objects)
    yield from _resources_listed(files, objects, strict=blueprint is not None)
    yield from _images(files, objects)
    yield from _compose(files)


def _objects(files: Mapping[str, str]) -> Objects:
    """Every Kubernetes object, with the file that holds it."""
    found: Objects = []
    for path, text in files.items():
        if path.endswith((".yaml", ".yml")) and "apiVersion" in text and "kind" in text:
            found += [
                (path, item)
                for item in _documents(text)
                if isinstance(item, dict) and "apiVersion" in item and isinstance(item.get("metadata"), dict)
            ]
    return found


def _documents(text: str) -> list[Any]:
    try:
        return load_yaml(text)
    except ValueError:
        return []  # the YAML prover says so


def _say(path: str, message: str, needle: str = "") -> Finding:
    return Finding(rule=f"opsmith/{ID}", severity="high", path=path, message=message if not needle else f"{message}: {needle}")


# -- Kubernetes --------------------------------------------------------------------------------------------------------------------------


def _kind(objects: Objects, kind: str) -> dict[str, tuple[str, dict[str, Any]]]:
    return {str(item["metadata"].get("name")): (path, item) for path, item in objects if item.get("kind") == kind}


def _pods(objects: Objects) -> Iterator[tuple[str, str, dict[str, str], dict[str, Any]]]:
    """Path, owner, labels and spec of every pod that an object makes."""
    for path, item in objects:
        spec = item.get("spec") or {}
        match item.get("kind"):
            case "Deployment" | "StatefulSet" | "DaemonSet" | "Job" | "ReplicaSet":
                template = spec.get("template") or {}
            case "CronJob":
                template = (((spec.get("jobTemplate") or {}).get("spec") or {}).get("template")) or {}
            case "Pod":
                template = {"metadata": item["metadata"], "spec": spec}
            case _:
                continue
        labels = (template.get("metadata") or {}).get("labels") or {}
        yield path, str(item["metadata"].get("name")), labels, template.get("spec") or {}


def _containers(spec: dict[str, Any]) -> list[dict[str, Any]]:
    return [item for key in ("initContainers", "containers") for item in spec.get(key) or () if isinstance(item, dict)]


def _references(objects: Objects, blueprint: Blueprint | None) -> Iterator[Finding]:
    """Config maps, secrets, service accounts and claims that pods name."""
    configs, secrets, accounts = _kind(objects, "ConfigMap"), _kind(objects, "Secret"), _kind(objects, "ServiceAccount")
    promised = {secret.name: set(secret.keys) for secret in blueprint.secrets} if blueprint else None
    settings = {item.name: set(item.keys) for item in blueprint.settings} if blueprint else {}
    for path, owner, _, spec in _pods(objects):
        account = spec.get("serviceAccountName")
        if account and account != "default" and accounts and account not in accounts:
            yield _say(path, f"{owner} runs as the service account {account}, which nothing defines")
        for container in _containers(spec):
            for entry in container.get("env") or ():
                source = (entry or {}).get("valueFrom") or {}
                reference = source.get("configMapKeyRef")
                if reference and reference.get("key") not in settings.get(str(reference.get("name")), ()):
                    yield from _config_reference(path, owner, reference, configs, blueprint is not None)
                if reference := source.get("secretKeyRef"):
                    yield from _secret_reference(path, owner, reference, secrets, promised)
        for volume in spec.get("volumes") or ():
            reference = (volume or {}).get("configMap") or {}
            if reference.get("name") and configs and reference["name"] not in configs and not reference.get("optional"):
                yield _say(path, f"{owner} mounts the config map {reference['name']}, which nothing defines")
        mounted = {mount.get("name") for container in _containers(spec) for mount in container.get("volumeMounts") or ()}
        claimed = {
            claim["metadata"]["name"]
            for item_path, item in objects
            if item_path == path
            for claim in (item.get("spec") or {}).get("volumeClaimTemplates") or ()
        }
        for name in sorted(str(name) for name in mounted - {volume.get("name") for volume in spec.get("volumes") or ()} - claimed):
            yield _say(path, f"{owner} mounts the volume {name}, which the pod does not have")


def _config_reference(
    path: str, owner: str, reference: dict[str, Any], configs: Mapping[str, tuple[str, dict[str, Any]]], strict: bool
) -> Iterator[Finding]:
    name, key = reference.get("name"), reference.get("key")
    if name not in configs:
        if strict and not reference.get("optional"):
            yield _say(path, f"{owner} reads the config map {name}, which nothing defines")
    elif key not in (configs[str(name)][1].get("data") or {}):
        yield _say(path, f"{owner} reads {key} from the config map {name}, which has no such key")


def _secret_reference(
    path: str, owner: str, reference: dict[str, Any], secrets: Mapping[str, tuple[str, dict[str, Any]]], promised: Mapping[str, set[str]] | None
) -> Iterator[Finding]:
    name, key = str(reference.get("name")), reference.get("key")
    if name in secrets:
        keys = {*(secrets[name][1].get("data") or {}), *(secrets[name][1].get("stringData") or {})}
        if key not in keys:
            yield _say(path, f"{owner} reads {key} from the secret {name}, which has no such key")
    elif promised is not None and key not in promised.get(name, set()):
        yield _say(path, f"{owner} reads {key} from the secret {name}, which the plan does not know")


def _selectors(objects: Objects) -> Iterator[Finding]:
    """Services, budgets and policies select pods that exist; workloads select their own."""
    labels = [pod_labels for _, _, pod_labels, _ in _pods(objects)]
    for path, item in objects:
        spec = item.get("spec") or {}
        name = item["metadata"].get("name")
        match item.get("kind"):
            case "Service":
                wanted = spec.get("selector") or {}
            case "PodDisruptionBudget" | "Deployment" | "StatefulSet" | "DaemonSet":
                wanted = (spec.get("selector") or {}).get("matchLabels") or {}
            case "NetworkPolicy":
                wanted = (spec.get("podSelector") or {}).get("matchLabels") or {}
                for peer in _peers(spec):
                    chosen = (peer.get("podSelector") or {}).get("matchLabels") or {}
                    if chosen and "namespaceSelector" not in peer and not _selected(chosen, labels):
                        yield _say(path, f"the network policy {name} lets through pods that nothing makes", _text(chosen))
            case _:
                continue
        if wanted and not _selected(wanted, labels):
            yield _say(path, f"{item['kind']} {name} selects pods that nothing makes", _text(wanted))


def _peers(spec: dict[str, Any]) -> list[dict[str, Any]]:
    rules = [*(spec.get("ingress") or ()), *(spec.get("egress") or ())]
    return [peer for rule in rules if isinstance(rule, dict) for key in ("from", "to") for peer in rule.get(key) or () if isinstance(peer, dict)]


def _selected(wanted: Mapping[str, str], labels: list[dict[str, str]]) -> bool:
    return any(wanted.items() <= found.items() for found in labels)


def _text(labels: Mapping[str, str]) -> str:
    return ", ".join(f"{key}={value}" for key, value in labels.items())


def _ports(objects: Objects) -> Iterator[Finding]:
    """Services lead to ports that containers have; Ingresses to ports that Services have; probes ask ports that containers have."""
    pods = list(_pods(objects))
    services = _kind(objects, "Service")
    for path, owner, _, spec in pods:
        for container in _containers(spec):
            names = {port.get("name") for port in container.get("ports") or ()} | {port.get("containerPort") for port in container.get("ports") or ()}
            for kind in ("startupProbe", "readinessProbe", "livenessProbe"):
                ask = container.get(kind) or {}
                port = next((ask[how].get("port") for how in ("httpGet", "tcpSocket", "grpc") if isinstance(ask.get(how), dict)), None)
                if port is not None and names and port not in names:
                    yield _say(path, f"{owner}: the {kind} asks port {port}, which the container does not have")
    for name, (path, item) in services.items():
        wanted = (item.get("spec") or {}).get("selector") or {}
        behind = [spec for _, _, labels, spec in pods if wanted and wanted.items() <= labels.items()]
        for port in (item.get("spec") or {}).get("ports") or ():
            target = port.get("targetPort", port.get("port"))
            offered = {
                value
                for spec in behind
                for container in _containers(spec)
                for entry in container.get("ports") or ()
                for value in (entry.get("name"), entry.get("containerPort"))
            }
            if behind and offered and target not in offered:
                yield _say(path, f"the Service {name} leads to port {target}, which its pods do not have")
    for path, item in objects:
        if item.get("kind") == "Ingress":
            yield from _ingress(path, item, services)


def _ingress(path: str, item: dict[str, Any], services: Mapping[str, tuple[str, dict[str, Any]]]) -> Iterator[Finding]:
    for rule in (item.get("spec") or {}).get("rules") or ():
        for route in ((rule or {}).get("http") or {}).get("paths") or ():
            service = ((route or {}).get("backend") or {}).get("service") or {}
            name, port = service.get("name"), service.get("port") or {}
            if not services or name is None:
                continue
            if name not in services:
                yield _say(path, f"the Ingress leads to the Service {name}, which nothing defines")
                continue
            ports = (services[name][1].get("spec") or {}).get("ports") or ()
            if not any(
                port.get("name", entry.get("name")) == entry.get("name") and port.get("number", entry.get("port")) == entry.get("port")
                for entry in ports
            ):
                yield _say(path, f"the Ingress leads to port {port.get('name') or port.get('number')} of the Service {name}, which has no such port")


def _resources_listed(files: Mapping[str, str], objects: Objects, *, strict: bool) -> Iterator[Finding]:
    """Every resource of a kustomization is there; where all files are ours (`strict`), every manifest below one is a resource of it."""
    for path, text in files.items():
        folder, _, name = path.rpartition("/")
        if name not in ("kustomization.yaml", "kustomization.yml"):
            continue
        document = next((item for item in _documents(text) if isinstance(item, dict)), {})
        named = [item for key in ("resources", "components", "bases") for item in document.get(key) or () if isinstance(item, str)]
        listed = {posixpath.normpath(posixpath.join(folder, item)) for item in named if "://" not in item and not _is_remote(item)}
        for item in sorted(listed):
            if not item.startswith("..") and item not in files and not any(other.startswith(f"{item}/") for other in files):
                yield _say(path, f"lists {item}, which is not there")
        if strict:
            below = {other for other, _ in objects if other.startswith(f"{folder}/") and other != path}
            for other in sorted(below - listed):
                yield _say(other, "is not listed in the kustomization above it, so it is never applied")


def _is_remote(resource: str) -> bool:
    """github.com/owner/name//folder?ref=v1, git@host:..."""
    host, slash, _ = resource.partition("/")
    return "?ref=" in resource or "@" in resource or (bool(slash) and "." in host.strip("."))


# -- images and compose ------------------------------------------------------------------------------------------------------------------


def _images(files: Mapping[str, str], objects: Objects) -> Iterator[Finding]:
    """Nothing delivered runs an image whose tag moves."""
    used = [(path, str(container.get("image"))) for path, _, _, spec in _pods(objects) for container in _containers(spec) if container.get("image")]
    for path, document in _compose_documents(files):
        used += [(path, str(item["image"])) for item in (document.get("services") or {}).values() if isinstance(item, dict) and item.get("image")]
    for path, image in used:
        tag = image.partition("@")[0].rpartition("/")[2].partition(":")[2]
        if "@sha256:" not in image and tag in ("", "latest") and "$" not in image:
            yield Finding(rule=f"opsmith/{ID}", severity="medium", path=path, message=f"{image} names no version, so what runs changes by itself")


def _compose_documents(files: Mapping[str, str]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, text in files.items():
        name = path.rpartition("/")[2]
        if name.startswith(("compose", "docker-compose")) and name.endswith((".yaml", ".yml")):
            yield from ((path, item) for item in _documents(text) if isinstance(item, dict) and isinstance(item.get("services"), dict))


def _compose(files: Mapping[str, str]) -> Iterator[Finding]:
    for path, document in _compose_documents(files):
        services = document["services"]
        for name, body in services.items():
            if not isinstance(body, dict):
                continue
            depends = body.get("depends_on") or ()
            for other in depends:
                if other not in services:
                    yield _say(path, f"{name} waits for {other}, which is no service here")
                elif (
                    isinstance(depends, dict) and (depends[other] or {}).get("condition") == "service_healthy" and _cannot_be_healthy(services[other])
                ):
                    yield _say(path, f"{name} waits until {other} is healthy, but {other} switched its health check off")
            yield from _build_files(path, name, body, files)
            volumes = document.get("volumes") or {}
            for volume in body.get("volumes") or ():
                source = volume.partition(":")[0] if isinstance(volume, str) else (volume or {}).get("source", "")
                if source and source[0] not in "./~$" and source not in volumes:
                    yield _say(path, f"{name} mounts the volume {source}, which the file does not declare")


def _cannot_be_healthy(service: Any) -> bool:
    return isinstance(service, dict) and isinstance(service.get("healthcheck"), dict) and bool(service["healthcheck"].get("disable"))


def _build_files(path: str, name: str, body: dict[str, Any], files: Mapping[str, str]) -> Iterator[Finding]:
    """A Dockerfile that a service is built from is there, among what was delivered."""
    build = body.get("build")
    if not isinstance(build, dict) or not any(file.rpartition("/")[2].startswith("Dockerfile") for file in files):
        return
    folder = path.rpartition("/")[0]
    context = "/".join(part for part in (folder, str(build.get("context", ".")).removeprefix("./").strip("/")) if part and part != ".")
    dockerfile = "/".join(part for part in (context, str(build.get("dockerfile", "Dockerfile"))) if part)
    if dockerfile not in files and ".." not in dockerfile:
        yield _say(path, f"{name} is built from {dockerfile}, which is not there")
