"""Across all files: every port, name, label, probe, secret and metric that one file refers to is defined by another, and they agree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from opsmith.checks.agreement.compose import compose, composed_of
from opsmith.checks.agreement.images import images
from opsmith.checks.agreement.kustomizations import kustomizations
from opsmith.checks.agreement.objects import objects_of, pods_of
from opsmith.checks.agreement.ports import ports
from opsmith.checks.agreement.references import references
from opsmith.checks.agreement.rules import rules
from opsmith.checks.agreement.selectors import selectors
from opsmith.model.blueprint import Blueprint
from opsmith.model.finding import Finding

ID = "agreement"
SUMMARY = "what one file refers to is defined by another, and they agree"


def check(files: Mapping[str, str], blueprint: Blueprint | None) -> Iterator[Finding]:
    """Of files that opsmith made everything is known, so what dangles is an error; of others a part may live elsewhere, so it is a hint."""
    if blueprint is None:
        yield from (replace(finding, severity="low", confidence=0.5) for finding in _all(files, None))
    else:
        yield from _all(files, blueprint)


def _all(files: Mapping[str, str], blueprint: Blueprint | None) -> Iterator[Finding]:
    objects = objects_of(files)
    pods, composed = pods_of(objects), composed_of(files)
    yield from references(objects, pods, blueprint)
    yield from selectors(objects, pods)
    yield from ports(objects, pods)
    yield from kustomizations(files, objects, strict=blueprint is not None)
    yield from images(pods, composed)
    yield from compose(files, composed)
    yield from rules(files, blueprint)
