"""What rules and a model read in one task, put together. What rules are sure of stands; an exclusion is never lost. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from opsmith.encoding import from_plain, to_plain
from opsmith.model.intent import TARGET_NAMES, HandOver, Intent, Kind, Understood

Value = str | int | float | bool
LISTS = ("targets", "exclude", "regions", "environments", "compliance", "components")
SINGLE = ("cloud", "strategy")
GROUPS = ("scale", "slo", "recovery", "budget")
COMPLIANCE = ("soc2", "gdpr", "pci_dss", "cis", "hipaa", "iso27001")
REGION = re.compile(r"[a-z]{2,}(?:-[a-z0-9]+){1,4}|[a-z]+[a-z0-9]{3,30}")
NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,60}")
RANGES = {"slo.availability": (50, 100), "slo.latency_percentile": (1, 100), "recovery.tier": (1, 5)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    words: str
    sets: str
    value: Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A model's reading, of which nothing is checked yet."""

    kind: Kind
    kind_words: str
    said: tuple[Said, ...] = ()
    handed: tuple[tuple[str, str], ...] = ()
    not_understood: tuple[str, ...] = ()


def merged(task: str, known: Intent, read: Read) -> tuple[Intent, tuple[str, ...]]:
    """The intent of both, and notes about what the model reads otherwise or cannot show in the task."""
    intent, notes = known, list[str]()
    for said in _in_order(read.said):
        result = _with(intent, said, task)
        if isinstance(result, str):
            notes.append(f"the model reads {said.words[:80]!r} as {said.sets[:40]} = {str(said.value)[:60]}, which was not taken: {result}")
        else:
            intent = result
    intent, note = _kind(intent, read, task)
    intent = _handed(intent, read, task)
    return _less_not_understood(intent, known), (*notes, *([note] if note else []))


def _in_order(said: tuple[Said, ...]) -> list[Said]:
    """Exclusions first, so that what is ruled out is not added by a later word."""
    return sorted(said, key=lambda one: one.sets != "exclude")


def _with(intent: Intent, said: Said, task: str) -> Intent | str:
    """The intent with one more setting; why not, where it cannot be; itself where it says so already."""
    if not _stands_in(said.words, task):
        return "these words are not in the task"
    if not _is_allowed(said):
        return "no such value"
    if said.sets in LISTS:
        return _listed(intent, said)
    plain: dict[str, Any] = to_plain(intent)
    group, _, name = said.sets.partition(".")
    place = plain[group] if name else plain
    field = name or group
    if place[field] is not None:
        return intent if _same(place[field], said.value) else f"the rules read it as {place[field]}"
    place[field] = said.value
    try:
        return _understood(from_plain(plain, Intent), said)
    except ValueError:
        return "no such value"


def _listed(intent: Intent, said: Said) -> Intent | str:
    have: tuple[Any, ...] = getattr(intent, said.sets)
    value = str(said.value)
    if value in have:
        return intent
    if said.sets == "targets" and value in intent.exclude:
        return "the task rules it out"
    if said.sets == "exclude" and value in intent.targets:
        return "the rules read it as asked for"
    plain: dict[str, Any] = to_plain(intent)
    plain[said.sets] = [*have, value]
    try:
        return _understood(from_plain(plain, Intent), said)
    except ValueError:
        return "no such value"


def _understood(intent: Intent, said: Said) -> Intent:
    return replace(intent, understood=(*intent.understood, Understood(words=said.words, sets=said.sets, value=said.value)))


def _is_allowed(said: Said) -> bool:
    value = said.value
    match said.sets:
        case "targets" | "exclude":
            return value in TARGET_NAMES
        case "compliance":
            return value in COMPLIANCE
        case "regions":
            return isinstance(value, str) and REGION.fullmatch(value) is not None and value.replace("-", "") in _bare(said.words)
        case "components":
            return isinstance(value, str) and NAME.fullmatch(value) is not None and _bare(value) in _bare(said.words)
        case "environments" | "cloud" | "strategy":
            return isinstance(value, str)
        case "recovery.multi_region":
            return value is True
        case "budget.currency":
            return isinstance(value, str) and re.fullmatch(r"[A-Z]{3}", value) is not None
        case "budget.period":
            return isinstance(value, str)
        case _:
            return _is_number(said)


def _is_number(said: Said) -> bool:
    group, _, name = said.sets.partition(".")
    if group not in GROUPS or not name or isinstance(said.value, bool | str):
        return False
    low, high = RANGES.get(said.sets, (0, 1e12))
    fields = to_plain(Intent(kind="none"))[group]
    return name in fields and low <= said.value <= high


def _same(have: object, value: Value) -> bool:
    return have == value and isinstance(have, bool) == isinstance(value, bool)


def _bare(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def _stands_in(words: str, task: str) -> bool:
    """As it is in the task, and more than a syllable; space may differ."""
    wanted = " ".join(words.split())
    return len(wanted) >= 2 and any(char.isalnum() for char in wanted) and wanted in " ".join(task.split())


def _kind(intent: Intent, read: Read, task: str) -> tuple[Intent, str]:
    """What the rules found words for stands. Where they found none the model's words decide, unless it would do less than is asked."""
    if read.kind == intent.kind:
        return intent, ""
    sure = any(one.sets == "kind" for one in intent.understood)
    if sure or read.kind == "none" or not _stands_in(read.kind_words, task):
        return intent, f"the model takes the task for {read.kind!r}, the rules for {intent.kind!r}, which stands"
    said = Understood(words=read.kind_words, sets="kind", value=read.kind)
    return replace(intent, kind=read.kind, understood=(said, *intent.understood)), ""


def _handed(intent: Intent, read: Read, task: str) -> Intent:
    more = [HandOver(words=words, hand_to=to) for words, to in read.handed if to and _stands_in(words, task)]
    have = [_bare(one.words) for one in intent.out_of_scope]
    return replace(intent, out_of_scope=(*intent.out_of_scope, *(one for one in more if not any(_bare(one.words) in other for other in have))))


def _less_not_understood(intent: Intent, known: Intent) -> Intent:
    """Words that one more setting now rests on are understood."""
    added = [" ".join(one.words.split()) for one in intent.understood if one not in known.understood]
    left = tuple(text for text in intent.not_understood if not any(" ".join(text.split()) in words for words in added))
    return replace(intent, not_understood=left)
