"""Deployment files that are already there against the code and against each other: paired with components, used as evidence, contradictions told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from opsmith.detectors import deployed
from opsmith.model.finding import Finding
from opsmith.model.survey import Component, Existing
from opsmith.repo import Repo
from opsmith.stages.deployment.backing import services_by_component, stores, with_backing
from opsmith.stages.deployment.contradictions import contradictions
from opsmith.stages.deployment.files import with_components
from opsmith.stages.deployment.filling import filled
from opsmith.stages.deployment.pairing import paired
from opsmith.stages.deployment.statements import Statement, statements
from opsmith.stages.deployment.unread import tell_unread


@dataclass(frozen=True, slots=True)
class Compared:
    components: list[Component]
    existing: tuple[Existing, ...]
    findings: tuple[Finding, ...]


def compared(repo: Repo, components: Sequence[Component], existing: tuple[Existing, ...]) -> Compared:
    if not existing:
        return Compared(list(components), existing, ())
    read = deployed.read(repo, existing)
    pairs = paired(components, read)
    said, backing = statements(read, pairs), stores(read)
    tell_unread(repo, read, pairs)
    findings = contradictions(repo, read, pairs, said)
    composed = services_by_component(read, pairs)
    by_component: dict[str, list[Statement]] = {}
    for item in said:
        by_component.setdefault(item.component, []).append(item)
    settled = [with_backing(filled(repo, component, by_component.get(component.name, ())), backing, composed) for component in components]
    return Compared(settled, with_components(existing, read, pairs), findings)
