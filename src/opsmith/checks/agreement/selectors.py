"""Services, budgets and policies select pods that exist; workloads select their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from opsmith.checks.agreement.objects import Object, Pod
from opsmith.checks.agreement.reading import inside, mappings, say, words
from opsmith.model.finding import Finding


def selectors(objects: list[Object], pods: list[Pod]) -> Iterator[Finding]:
    for item in objects:
        if item.kind == "NetworkPolicy":
            yield from _peers_chosen(item, pods)
        wanted = _wanted(item)
        if wanted and not _selected(wanted, pods):
            yield say(item.path, f"{item.kind} {item.name} selects pods that nothing makes: {_text(wanted)}")


def _wanted(item: Object) -> dict[str, str]:
    match item.kind:
        case "Service":
            return words(item.spec.get("selector"))
        case "PodDisruptionBudget" | "Deployment" | "StatefulSet" | "DaemonSet":
            return words(inside(item.spec, "selector").get("matchLabels"))
        case "NetworkPolicy":
            return words(inside(item.spec, "podSelector").get("matchLabels"))
        case _:
            return {}


def _peers_chosen(policy: Object, pods: list[Pod]) -> Iterator[Finding]:
    for peer in _peers(policy.spec):
        chosen = words(inside(peer, "podSelector").get("matchLabels"))
        if chosen and "namespaceSelector" not in peer and not _selected(chosen, pods):
            yield say(policy.path, f"the network policy {policy.name} lets through pods that nothing makes: {_text(chosen)}")


def _peers(spec: dict[str, Any]) -> list[dict[str, Any]]:
    rules = [*mappings(spec.get("ingress")), *mappings(spec.get("egress"))]
    return [peer for rule in rules for key in ("from", "to") for peer in mappings(rule.get(key))]


def _selected(wanted: Mapping[str, str], pods: list[Pod]) -> bool:
    return any(wanted.items() <= pod.labels.items() for pod in pods)


def _text(labels: Mapping[str, str]) -> str:
    return ", ".join(f"{key}={value}" for key, value in labels.items())
