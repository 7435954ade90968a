"""A port that settings state, or that the framework takes when nobody does."""

from __future__ import annotations

import re
from dataclasses import dataclass

from opsmith.detectors.jvm.app import App
from opsmith.model.survey import Evidence


@dataclass(frozen=True, slots=True)
class Port:
    """`number` None: it is stated, but only a variable knows it, or chosen at random."""

    number: int | None
    env: str | None
    evidence: Evidence
    stated: bool = True


def stated(app: App, *keys: str) -> Port | None:
    found = app.settings.value(*keys)
    if found is None or not found[1].value:
        return None
    filled, setting = found
    number = int(filled.text) if filled.complete and re.fullmatch(r"\d{1,5}", filled.text) and 0 < int(filled.text) < 65_536 else None
    variables = [item.name for item in filled.variables]
    return Port(number, variables[0] if variables else None, app.settings.evidence(setting, 0.95))


def or_default(app: App, default: int, framework: str, *keys: str) -> Port:
    """The port of settings, else the framework's own, whose evidence says so."""
    found = stated(app, *keys)
    if found is not None:
        return found
    shown = Evidence(file=app.module.manifest, shows=f"{default} is the default of {framework}; no {keys[0]} is set", confidence=0.6)
    return Port(default, None, shown, stated=False)
