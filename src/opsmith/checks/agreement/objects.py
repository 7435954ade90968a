"""Kubernetes objects and the pods that they make."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from opsmith.checks.agreement.reading import documents, inside, mapping, mappings, word, words


@dataclass(frozen=True, slots=True, kw_only=True)
class Object:
    path: str
    kind: str
    name: str
    body: dict[str, Any]

    @property
    def spec(self) -> dict[str, Any]:
        return mapping(self.body.get("spec"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Pod:
    """`claims` are the volumes that its owner, a StatefulSet, makes for it."""

    path: str
    owner: str
    labels: dict[str, str]
    spec: dict[str, Any]
    claims: frozenset[str]

    @property
    def containers(self) -> list[dict[str, Any]]:
        return [*mappings(self.spec.get("initContainers")), *mappings(self.spec.get("containers"))]


def objects_of(files: Mapping[str, str]) -> list[Object]:
    """Every Kubernetes object, with the file that holds it."""
    return [
        Object(path=path, kind=word(body.get("kind")), name=word(inside(body, "metadata").get("name")), body=body)
        for path, text in files.items()
        if path.endswith((".yaml", ".yml")) and "apiVersion" in text and "kind" in text
        for body in documents(text)
        if "apiVersion" in body and isinstance(body.get("metadata"), dict)
    ]


def named(objects: Iterable[Object], kind: str) -> dict[str, Object]:
    return {item.name: item for item in objects if item.kind == kind}


def pods_of(objects: Iterable[Object]) -> list[Pod]:
    return [_pod(item, template) for item in objects if (template := _template(item))]


def _template(item: Object) -> dict[str, Any]:
    match item.kind:
        case "Deployment" | "StatefulSet" | "DaemonSet" | "Job" | "ReplicaSet":
            return inside(item.spec, "template")
        case "CronJob":
            return inside(item.spec, "jobTemplate", "spec", "template")
        case "Pod":
            return item.body
        case _:
            return {}


def _pod(item: Object, template: dict[str, Any]) -> Pod:
    return Pod(
        path=item.path,
        owner=item.name,
        labels=words(inside(template, "metadata").get("labels")),
        spec=mapping(template.get("spec")),
        claims=frozenset(word(inside(claim, "metadata").get("name")) for claim in mappings(item.spec.get("volumeClaimTemplates"))),
    )
