"""Kubernetes objects: what runs which image, what selects it, what asks it for its health; manifests, kustomizations, and charts unrendered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from opsmith.detectors.deployed.documents import Document, documents
from opsmith.detectors.deployed.told import Image, Told, image_of, is_open, number, plain_command
from opsmith.repo import Repo
from opsmith.shapes import items, mapping

_FORGED = ("skaffold/", "kustomize.config")


@dataclass(frozen=True, slots=True)
class ContainerPort:
    number: int
    name: str | None
    line: int


@dataclass(frozen=True, slots=True)
class KubeProbe:
    """`port` is a number or a name. `kind`: startup, readiness, liveness."""

    kind: str
    path: str | None
    port: int | str | None
    grpc: bool
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    name: str
    line: int
    image: Told[Image] | None = None
    ports: tuple[ContainerPort, ...] = ()
    command: Told[str] | None = None
    arguments: Told[str] | None = None
    environment: Mapping[str, Told[str | None]] = field(default_factory=dict[str, "Told[str | None]"])
    takes_more: bool = False
    """envFrom: further variables come from elsewhere."""
    probes: tuple[KubeProbe, ...] = ()
    resources: bool = False
    body: Mapping[Any, Any] = field(default_factory=dict[Any, Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class KubeObject:
    """`document` gives the rest, and the lines."""

    kind: str
    name: str
    namespace: str | None
    api: str
    path: str
    line: int
    document: Document
    templated: bool = False
    root: tuple[str | int, ...] = ()
    """Where in its document the object lies: inside a List it is an item."""

    def at(self, *below: str | int) -> Any:
        return self.document.at(*self.root, *below)

    def line_of(self, *below: str | int) -> int:
        return self.document.line(*self.root, *below)


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """What makes pods. `selector` is None where none is written."""

    object: KubeObject
    labels: Mapping[str, str]
    selector: Told[Mapping[str, str]] | None
    containers: tuple[Container, ...]
    inits: tuple[Container, ...] = ()


@dataclass(frozen=True, slots=True)
class ServicePort:
    port: int | None
    target: int | str | None
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KubeService:
    object: KubeObject
    selector: Told[Mapping[str, str]] | None
    ports: tuple[ServicePort, ...]


@dataclass(frozen=True, slots=True)
class Backend:
    """What an Ingress sends requests to."""

    service: str
    port: int | str | None
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingress:
    object: KubeObject
    backends: tuple[Backend, ...]


@dataclass(frozen=True, slots=True)
class Kustomization:
    """`resources` as they are written; `images` maps a name in the manifests to the image that takes its place."""

    path: str
    resources: tuple[Told[str], ...]
    images: Mapping[str, Told[Image]]


@dataclass(frozen=True, slots=True)
class Manifests:
    """Of one file."""

    path: str
    objects: tuple[KubeObject, ...]
    workloads: tuple[Workload, ...]
    services: tuple[KubeService, ...]
    ingresses: tuple[Ingress, ...]


def read(repo: Repo, path: str) -> Manifests:
    return of_documents(path, documents(repo, path))


def of_documents(path: str, found: list[Document]) -> Manifests:
    objects = tuple(item for document in found for item in _objects(path, document))
    return Manifests(
        path,
        objects,
        tuple(workload for item in objects if (workload := _workload(item)) is not None),
        tuple(_service(item) for item in objects if item.kind == "Service" and item.api == "v1"),
        tuple(_ingress(item) for item in objects if item.kind == "Ingress"),
    )


def _objects(path: str, document: Document) -> Iterator[KubeObject]:
    if str(mapping(document.value).get("kind", "")).endswith("List"):
        for index in range(len(items(document.at("items")))):
            yield from _object(path, document, ("items", index))
    else:
        yield from _object(path, document, ())


def _object(path: str, document: Document, root: tuple[str | int, ...]) -> Iterator[KubeObject]:
    body = mapping(document.at(*root))
    kind, api = body.get("kind"), body.get("apiVersion")
    if isinstance(kind, str) and isinstance(api, str) and not api.startswith(_FORGED):
        meta = mapping(body.get("metadata"))
        name, namespace = meta.get("name") or meta.get("generateName"), meta.get("namespace")
        yield KubeObject(
            kind=kind, name=str(name or ""), namespace=namespace if isinstance(namespace, str) else None, api=api, path=path,
            line=document.line(*root, "metadata", "name"), document=document, templated=document.templated, root=root,
        )  # fmt: skip


def _workload(item: KubeObject) -> Workload | None:
    """Anything with a template of pods in it, operators' own kinds included; a Pod itself."""
    spec: tuple[str | int, ...] = ("spec",) if item.kind == "Pod" else ("spec", "template", "spec")
    labels: tuple[str | int, ...] = ("metadata", "labels") if item.kind == "Pod" else ("spec", "template", "metadata", "labels")
    if item.kind == "CronJob":
        spec, labels = ("spec", "jobTemplate", *spec), ("spec", "jobTemplate", *labels)
    if not items(item.at(*spec, "containers")):
        return None
    selector = mapping(item.at("spec", "selector", "matchLabels"))
    return Workload(
        object=item,
        labels=_labels(item.at(*labels)),
        selector=Told(_labels(selector), item.line_of("spec", "selector", "matchLabels")) if selector else None,
        containers=tuple(_containers(item, (*spec, "containers"))),
        inits=tuple(_containers(item, (*spec, "initContainers"))),
    )


def _labels(value: object) -> dict[str, str]:
    return {str(key): str(item) for key, item in mapping(value).items()}


def _containers(item: KubeObject, root: tuple[str | int, ...]) -> Iterator[Container]:
    for index, value in enumerate(items(item.at(*root))):
        body, at = mapping(value), (*root, index)
        image = image_of(body.get("image"))
        yield Container(
            name=str(body.get("name", "")),
            line=item.line_of(*at),
            image=Told(image, item.line_of(*at, "image")) if image is not None else None,
            ports=tuple(_ports(item, body, at)),
            command=_words(body.get("command"), item.line_of(*at, "command")),
            arguments=_words(body.get("args"), item.line_of(*at, "args")),
            environment=dict(_environment(item, body, at)),
            takes_more="envFrom" in body,
            probes=tuple(_probes(item, body, at)),
            resources=bool(body.get("resources")),
            body=body,
        )


def _ports(item: KubeObject, body: dict[Any, Any], at: tuple[str | int, ...]) -> Iterator[ContainerPort]:
    for index, value in enumerate(items(body.get("ports"))):
        told = mapping(value)
        port = number(told.get("containerPort"))
        if port is not None:
            name = told.get("name")
            yield ContainerPort(port, name if isinstance(name, str) else None, item.line_of(*at, "ports", index, "containerPort"))


def _words(value: object, line: int) -> Told[str] | None:
    words = tuple(str(word) for word in items(value))
    return Told(plain_command(words), line) if words else None


def _environment(item: KubeObject, body: dict[Any, Any], at: tuple[str | int, ...]) -> Iterator[tuple[str, Told[str | None]]]:
    for index, value in enumerate(items(body.get("env"))):
        told = mapping(value)
        given = told.get("value")
        if isinstance(told.get("name"), str):
            yield told["name"], Told(None if given is None or "valueFrom" in told else str(given), item.line_of(*at, "env", index, "name"))


def _probes(item: KubeObject, body: dict[Any, Any], at: tuple[str | int, ...]) -> Iterator[KubeProbe]:
    for kind in ("startup", "readiness", "liveness"):
        key = f"{kind}Probe"
        probe = mapping(body.get(key))
        for how in ("httpGet", "tcpSocket", "grpc"):
            asked = mapping(probe.get(how))
            if asked:
                path = asked.get("path")
                yield KubeProbe(kind, path if isinstance(path, str) else None, port_of(asked.get("port")), how == "grpc", item.line_of(*at, key, how))


def port_of(value: object) -> int | str | None:
    return number(value) or (value if isinstance(value, str) and not is_open(value) else None)


def _service(item: KubeObject) -> KubeService:
    selector = mapping(item.at("spec", "selector"))
    ports = (mapping(value) for value in items(item.at("spec", "ports")))
    return KubeService(
        object=item,
        selector=Told(_labels(selector), item.line_of("spec", "selector")) if selector else None,
        ports=tuple(
            ServicePort(
                number(port.get("port")), port_of(port.get("targetPort", port.get("port"))), item.line_of("spec", "ports", index, "targetPort")
            )
            for index, port in enumerate(ports)
        ),
    )


def _ingress(item: KubeObject) -> Ingress:
    return Ingress(object=item, backends=tuple(_backends(item)))


def _backends(item: KubeObject) -> Iterator[Backend]:
    roots: list[tuple[str | int, ...]] = [("spec", "defaultBackend"), ("spec", "backend")]
    for rule in range(len(items(item.at("spec", "rules")))):
        paths = items(item.at("spec", "rules", rule, "http", "paths"))
        roots += [("spec", "rules", rule, "http", "paths", index, "backend") for index in range(len(paths))]
    for root in roots:
        body = mapping(item.at(*root))
        service = mapping(body.get("service"))
        name = service.get("name", body.get("serviceName"))
        port = mapping(service.get("port"))
        if isinstance(name, str):
            yield Backend(name, port_of(port.get("number", port.get("name", body.get("servicePort")))), item.line_of(*root))


def kustomization(repo: Repo, path: str) -> Kustomization | None:
    for document in documents(repo, path):
        resources = tuple(
            Told(str(item), document.line(key, index))
            for key in ("resources", "bases", "components")
            for index, item in enumerate(items(document.at(key)))
        )
        return Kustomization(path, resources, dict(_replaced(document)))
    return None


def _replaced(document: Document) -> Iterator[tuple[str, Told[Image]]]:
    for index, item in enumerate(items(document.at("images"))):
        told = mapping(item)
        name, tag = told.get("name"), told.get("newTag")
        image = image_of(f"{told.get('newName', name)}{f':{tag}' if tag is not None else ''}")
        if isinstance(name, str) and image is not None:
            yield name, Told(image, document.line("images", index))
