"""Which targets a run delivers, and how a release replaces the one before."""

from __future__ import annotations

from typing import Literal

from opsmith import catalog
from opsmith.errors import SettingsError
from opsmith.model.intent import Intent
from opsmith.settings import Settings
from opsmith.stages.draft.notes import Notes

IMPLIED: tuple[tuple[str, str, str], ...] = (
    ("kustomize", "kubernetes", "overlays lie over a base"),
    ("helm", "docker", "a chart installs images"),
    ("kubernetes", "docker", "a cluster runs images"),
    ("compose", "docker", "compose runs images"),
    ("github_actions", "docker", "the pipeline builds the images"),
    ("docker", "compose", "the images are started together with what they need"),
    ("prometheus", "runbooks", "every alert has a runbook"),
)
"""target, what it brings along, why. Applied in this order, once; an exclusion in the task wins."""


def targets(intent: Intent, settings: Settings, notes: Notes) -> tuple[str, ...]:
    """Catalog names in catalog order. Raises SettingsError for a name that the catalog does not know."""
    asked = _asked(intent, settings, notes)
    chosen = {name for name in asked if name in catalog.TARGETS}
    for name in asked:
        if name not in catalog.TARGETS:
            notes.open(f"asked for, but opsmith delivers no {name} yet")
    if (
        len(intent.environments) > 1
        and "kubernetes" in chosen
        and not {"kustomize", "helm"} & (chosen | set(intent.exclude))
        and not _settled(settings)
    ):
        chosen.add("kustomize")
        notes.default("targets.kustomize", "kustomize: something has to hold what differs between the environments")
    for name, brings, why in IMPLIED:
        if name in chosen and brings not in chosen and brings not in intent.exclude and not _settled(settings):
            chosen.add(brings)
            notes.default(f"targets.{brings}", f"{brings}: {why}")
    return tuple(name for name in catalog.TARGETS if name in chosen)


def _settled(settings: Settings) -> bool:
    return settings.source("targets") is not None


def _asked(intent: Intent, settings: Settings, notes: Notes) -> tuple[str, ...]:
    if _settled(settings):
        for name in settings["targets"]:
            if name not in catalog.TARGETS:
                raise SettingsError(f"There is no target {name!r}.", next_step=f"choose from: {', '.join(catalog.TARGETS)}")
            notes.setting(f"targets.{name}", "targets", f"{name} was chosen")
        return tuple(settings["targets"])
    for name in intent.targets:
        notes.word(f"targets.{name}", intent, "targets")
    if intent.targets:
        return intent.targets
    fallback = tuple(name for name in ("docker", "kubernetes", "github_actions") if name not in intent.exclude)
    for name in fallback:
        notes.default(f"targets.{name}", f"{name}: the task names no tool")
    return fallback


def strategy(intent: Intent, notes: Notes) -> Literal["rolling", "recreate"]:
    match intent.strategy:
        case "recreate":
            notes.word("strategy", intent, "strategy")
            return "recreate"
        case "canary" | "blue_green":
            notes.open(f"{intent.strategy.replace('_', '-')} needs a rollout controller, which opsmith does not deliver yet; releases are rolling")
        case "rolling":
            notes.word("strategy", intent, "strategy")
        case None:
            notes.default("strategy", "rolling: the task names no way of releasing, and this one has no gap")
    return "rolling"
