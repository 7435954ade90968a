"""Amend: apply what a planner proposes for the blueprint, as far as it is allowed, has a reason that is really there, and makes nothing worse."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from opsmith.errors import ManifestError
from opsmith.model.blueprint import Blueprint, Origin, Service
from opsmith.model.proposal import Amendment, Made
from opsmith.redaction import redacted
from opsmith.repo import Repo
from opsmith.stages.draft.soundness import require_sound
from opsmith.stages.repair import got_worse

NODE = re.compile(r"services\.([a-z0-9-]+)\.(.+)")
QUANTITY = {"cpu": re.compile(r"(?:[1-9]\d{0,4}m|[1-9]\d?)"), "memory": re.compile(r"[1-9]\d{0,4}(?:Mi|Gi)")}
UNITS = {"m": 0.001, "Mi": 1.0, "Gi": 1024.0, "": 1.0}
NUMBERS = {"replicas": (1, 50), "startup_seconds": (5, 1800), "grace_seconds": (1, 600)}
RESOURCES = ("cpu_request", "cpu_limit", "memory_request", "memory_limit")
PATH = re.compile(r"/[\w./~-]{0,120}")
SCHEDULE = re.compile(r"(?:[\d*][\d*,/-]{0,30} ){4}[\d*][\d*,/-]{0,30}")
LITERAL = re.compile(r"[\x20-\x7e]{1,200}")
PROSE = (".md", ".markdown", ".mdx", ".txt", ".rst", ".adoc", ".org", ".html")
ASIDE = frozenset(("test", "tests", "__tests__", "spec", "specs", "testdata", "fixtures", "docs", "doc", "example", "examples", "samples", "golden"))
"""Folders in which nothing stands that runs."""
COMMENT = re.compile(r"\s*(?:#|//|/\*|\*|--|;|<!--|\"\"\"|''')")
"""What people tell each other decides nothing: neither prose nor a comment is a reason for a value."""
FURTHEST = 4
"""A number that its evidence does not state is a guess, and goes no further than so many times up or down."""


def amended(made: Made, wanted: Sequence[Amendment], task: str, root: Path, make: Callable[[Blueprint], Made]) -> tuple[Made, tuple[str, ...]]:
    """The plan with what of `wanted` holds, as it was when tools or checks object to the result more than before; and what was not taken.

    `root` is the repository, in which reasons are looked up.
    """
    if not wanted:
        return made, ()
    repo = Repo(root)
    blueprint, notes = applied(made.blueprint, wanted, task, repo)
    if blueprint is made.blueprint:
        return made, notes
    after = make(blueprint)
    worse = got_worse(made, after)
    return (made, (*notes, f"the model's changes to the plan were dropped, because with them {worse}")) if worse else (after, notes)


def applied(blueprint: Blueprint, proposed: Sequence[Amendment], task: str, repo: Repo) -> tuple[Blueprint, tuple[str, ...]]:
    """The blueprint with every proposal that is allowed and founded, and the others told. Pure but for reading `repo`."""
    notes: list[str] = []
    for item in proposed:
        why_not = _unfounded(item, task, repo)
        changed = blueprint if why_not else _changed(blueprint, item)
        if isinstance(changed, str) or why_not:
            notes.append(f"the model proposed {item.node} = {str(item.value)[:80]!r}, which was not taken: {why_not or changed}")
        elif changed is not blueprint:
            blueprint = replace(changed, origins=_with_origin(changed, item))
    return blueprint, tuple(notes)


def _unfounded(item: Amendment, task: str, repo: Repo) -> str:
    """Why the reason given for `item` is none; empty where it is one."""
    quote = " ".join(item.quote.split())
    if len(quote) < 3:
        return "no reason is quoted"
    if item.file is None:
        return "" if quote in " ".join(task.split()) else "the words are not in the task"
    text = repo.read(item.file)
    rows = redacted(text).split("\n") if text is not None else []
    if item.line is None or not 1 <= item.line <= len(rows):
        return f"there is no line {item.file}:{item.line}"
    row = rows[item.line - 1]
    if quote not in " ".join(row.split()):
        return f"{item.file}:{item.line} does not say so"
    if item.file.lower().endswith(PROSE) or COMMENT.match(row):
        return f"{item.file}:{item.line} is prose, which decides nothing"
    if not ASIDE.isdisjoint(part.lower() for part in item.file.split("/")[:-1]):
        return f"{item.file} belongs to tests, examples or documents, which decide nothing"
    return ""


def _changed(blueprint: Blueprint, item: Amendment) -> Blueprint | str:
    """The blueprint with `item`, or why it cannot have it."""
    match = NODE.fullmatch(item.node)
    service = next((one for one in blueprint.services if match and one.name == match[1]), None)
    if match is None or service is None:
        return "no such node may be changed"
    field = match[2]
    result = _service(service, field, item.value, item.quote)
    if isinstance(result, str):
        return result
    after = replace(blueprint, services=tuple(result if one is service else one for one in blueprint.services))
    try:
        require_sound(after)
    except ManifestError as error:
        return error.what
    return blueprint if result == service else after


def _service(service: Service, field: str, value: str | int, quote: str) -> Service | str:
    if field in NUMBERS:
        return _number(service, field, value, quote)
    group, _, name = field.partition(".")
    match group, name:
        case "resources", _ if name in RESOURCES:
            return _resource(service, name, str(value), quote)
        case "probe", "path":
            return _probe(service, str(value), quote)
        case "variables", _:
            return _variable(service, name, str(value), quote)
        case "schedule", "":
            return _schedule(service, str(value), quote)
        case _:
            return "no such node may be changed"


def _number(service: Service, field: str, value: str | int, quote: str) -> Service | str:
    low, high = NUMBERS[field]
    if isinstance(value, str) or not low <= value <= high:
        return f"it has to be a whole number from {low} to {high}"
    if field == "replicas" and service.singleton and value != 1:
        return "two of it at the same time would do everything twice"
    if field == "replicas" and service.role in ("cron", "job"):
        return "it runs once each time"
    if not _is_near(getattr(service, field), value) and not _states(quote, str(value)):
        return TOO_FAR
    changes: dict[str, Any] = {field: value}
    return replace(service, **changes)


def _resource(service: Service, name: str, value: str, quote: str) -> Service | str:
    kind, _, _ = name.partition("_")
    if not QUANTITY[kind].fullmatch(value):
        return f"it is no {kind} quantity"
    if not _is_near(_amount(getattr(service.resources, name)), _amount(value)) and not _states(quote, value):
        return TOO_FAR
    changes: dict[str, Any] = {name: value}
    wanted = replace(service.resources, **changes)
    if _amount(getattr(wanted, f"{kind}_request")) > _amount(getattr(wanted, f"{kind}_limit")):
        return "the request would be more than the limit"
    return replace(service, resources=wanted)


TOO_FAR = f"it is {FURTHEST} times away from what the plan has, and its evidence does not state it"


def _is_near(have: float, value: float) -> bool:
    return have <= value * FURTHEST and value <= have * FURTHEST


def _amount(quantity: str) -> float:
    number = re.match(r"\d+", quantity)
    return float(number[0]) * UNITS.get(quantity[number.end() :], 1.0) if number else 0.0


def _states(quote: str, value: str) -> bool:
    """Whether the line gives the value as code and settings do, between quotes or behind `=` or `:`; a sentence that mentions it does not."""
    plain = re.escape(value)
    return re.search(rf"""(["'`]){plain}\1|[=:]\s*{plain}\s*[,;]?$""", quote) is not None


def _probe(service: Service, value: str, quote: str) -> Service | str:
    if service.probe is None or service.probe.kind != "http":
        return "it is not asked by HTTP"
    if not PATH.fullmatch(value) or ".." in value or not _states(quote, value):
        return "the path does not stand in what is quoted for it"
    return replace(service, probe=replace(service.probe, path=value))


def _variable(service: Service, name: str, value: str, quote: str) -> Service | str:
    known = next((one for one in service.variables if one.name == name), None)
    if known is None or known.kind not in ("unset", "literal"):
        return "only values of known variables that are no secrets may be set"
    if not LITERAL.fullmatch(value) or not _states(quote, value) or redacted(f"{name}={value}") != f"{name}={value}":
        return "the value does not stand in what is quoted for it, or may be a secret"
    return replace(service, variables=tuple(replace(one, kind="literal", value=value) if one is known else one for one in service.variables))


def _schedule(service: Service, value: str, quote: str) -> Service | str:
    if service.role != "cron":
        return "it runs by no schedule"
    return (
        replace(service, schedule=value)
        if SCHEDULE.fullmatch(value) and _states(quote, value)
        else "the schedule does not stand in what is quoted for it"
    )


def _with_origin(blueprint: Blueprint, item: Amendment) -> dict[str, tuple[Origin, ...]]:
    origin = Origin(kind="model", text=f"{' '.join(item.reason.split())[:200]} (a model's proposal)", file=item.file, line=item.line)
    return {**blueprint.origins, item.node: (origin, *blueprint.origins.get(item.node, ()))}
