"""Facts that the source leaves open, filled from what deployment files say; where both speak and differ, both are kept.

A deployment file fills what is None or empty. It takes the place of a start command that was only derived from the code, never of one that a
manifest states, and only where the command works in another image too. Everything else that differs becomes an ambiguity.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence

from opsmith.detectors.services import is_secret
from opsmith.model.survey import Ambiguity, Component, EnvVar, Evidence, Runtime
from opsmith.repo import Repo
from opsmith.stages.deployment.commands import is_built, scripts_of, starts_the_same, works_elsewhere
from opsmith.stages.deployment.statements import Fact, Statement

STATED = frozenset(
    (
        "package.json",
        "pyproject.toml",
        "Procfile",
        "composer.json",
        "deno.json",
        "deno.jsonc",
        "mix.exs",
        "Gemfile",
        "Rakefile",
        "Makefile",
        "Cargo.toml",
    )
)
"""Files in which a project itself says how it is started."""


def filled(repo: Repo, component: Component, said: Sequence[Statement]) -> Component:
    if component.role in ("library", "cli") or not said:
        return component
    by_fact: dict[Fact, list[Statement]] = {}
    for item in said:
        by_fact.setdefault(item.fact, []).append(item)
    for fact, step in _STEPS:
        if fact in by_fact:
            component = step(repo, component, by_fact[fact])
    return component


def _start(repo: Repo, component: Component, said: list[Statement]) -> Component:
    if component.role == "static":
        return component
    first = said[0]
    if component.start_command is None:
        return _set(component, "start_command", first.value, said)
    scripts = scripts_of(repo, component)
    same = [item for item in said if is_built(component) or starts_the_same(component.start_command, item.value, scripts)]
    if same:
        bound = next((item for item in same if not _is_stated(component, "start_command") and _is_bound(repo, component, item)), None)
        return _set(component, "start_command", bound.value, [bound]) if bound is not None else _shown(component, "start_command", same[:1])
    if not _is_stated(component, "start_command") and works_elsewhere(first.value, component, repo):
        return _set(_open(component, "start_command", (first.value, component.start_command)), "start_command", first.value, said)
    return _shown(_open(component, "start_command", (component.start_command, first.value)), "start_command", [first])


def _is_bound(repo: Repo, component: Component, item: Statement) -> bool:
    """It says the port itself, one that every user may listen on."""
    ports = [int(found) for found in re.findall(r"(?<![\d.])(\d{4,5})(?!\d)", item.value)]
    return not is_built(component) and bool(ports) and works_elsewhere(item.value, component, repo)


def _is_stated(component: Component, fact: Fact) -> bool:
    return any(item.file.rpartition("/")[2] in STATED for item in component.evidence.get(fact, ()))


def _ports(repo: Repo, component: Component, said: list[Statement]) -> Component:  # noqa: ARG001  # one form for every step
    """All ports of the first file that tells any. A default that nobody wrote down gives way to one that the start command repeats."""
    file = said[0].file
    ports = tuple(dict.fromkeys(int(item.value) for item in said if item.file == file))
    if component.role in ("worker", "cron", "job"):
        return component
    if not component.ports:
        return _set(component, "ports", ports, [item for item in said if item.file == file], protocol=component.protocol or "http")
    if set(ports) & set(component.ports):
        return _shown(component, "ports", [item for item in said if int(item.value) in component.ports][:1])
    in_command = tuple(port for port in ports if component.start_command is not None and _speaks_of(component.start_command, port))
    if in_command:
        return _set(component, "ports", in_command, said[:1])
    if component.port_env is not None or component.role == "static":
        return component
    return _shown(_open(component, "ports", (component.ports[0], ports[0])), "ports", said[:1])


def _speaks_of(command: str, port: int) -> bool:
    return re.search(rf"(?<!\d){port}(?!\d)", command) is not None


def _health(repo: Repo, component: Component, said: list[Statement]) -> Component:  # noqa: ARG001
    paths = {item.value for item in said}
    if component.role == "static" or (component.protocol == "grpc" and "grpc" not in paths):
        return component
    if component.health_path is None:
        return _set(component, "health_path", said[0].value, said[:1])
    if component.health_path in paths:
        return _shown(component, "health_path", [item for item in said if item.value == component.health_path][:1])
    other = next((item for item in said if item.value != "/"), None)
    return _shown(_open(component, "health_path", (component.health_path, other.value)), "health_path", [other]) if other else component


def _migration(repo: Repo, component: Component, said: list[Statement]) -> Component:
    first = said[0]
    if component.migration_command is None:
        return _set(component, "migration_command", first.value, said[:1])
    scripts = scripts_of(repo, component)
    if any(starts_the_same(component.migration_command, item.value, scripts) or item.value in component.migration_command for item in said):
        return _shown(component, "migration_command", said[:1])
    return _shown(_open(component, "migration_command", (component.migration_command, first.value)), "migration_command", [first])


def _runtime(repo: Repo, component: Component, said: list[Statement]) -> Component:  # noqa: ARG001
    first = said[0]
    name = component.runtime.name if component.runtime else component.language_family
    if component.runtime is None or component.runtime.version is None:
        return _set(component, "runtime", Runtime(name=name, version=first.value), said[:1])
    return component


def _env(repo: Repo, component: Component, said: list[Statement]) -> Component:  # noqa: ARG001
    """Only where the code shows none at all: what a deployment sets for others' sake is no fact of the component."""
    if component.env:
        return component
    names = dict.fromkeys(item.value for item in said)
    asked = {item.value for item in said if item.open}
    variables = tuple(EnvVar(name=name, required=name in asked, secret=is_secret(name)) for name in names)
    return _set(component, "env", variables, [next(item for item in said if item.value == name) for name in names])


_STEPS = (
    ("start_command", _start), ("ports", _ports), ("health_path", _health), ("migration_command", _migration), ("runtime", _runtime), ("env", _env),
)  # fmt: skip


def _set(component: Component, fact: Fact, value: object, said: Sequence[Statement], **more: object) -> Component:
    changed: dict[str, object] = {fact: value, **more}
    settled = tuple(item for item in component.ambiguities if item.fact != fact or len(item.choices) > 1)
    return dataclasses.replace(_shown(component, fact, said[: 5 if fact != "env" else None]), ambiguities=settled, **changed)  # type: ignore[arg-type]


def _shown(component: Component, fact: Fact, said: Sequence[Statement]) -> Component:
    """With what the files say beside the evidence of the code."""
    more = tuple(Evidence(file=item.file, line=item.line, shows=item.value, confidence=item.confidence) for item in said)
    known = component.evidence.get(fact, ())
    added = tuple(dict.fromkeys(item for item in more if (item.file, item.line) not in {(old.file, old.line) for old in known}))
    return dataclasses.replace(component, evidence={**component.evidence, fact: (*known, *added)}) if added else component


def _short(text: str, width: int = 160) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"


def _open(component: Component, fact: Fact, choices: tuple[object, ...]) -> Component:
    """One more ambiguity, which replaces an older one of the same fact by all choices of both."""
    older = [choice for item in component.ambiguities if item.fact == fact for choice in item.choices]
    listed = tuple(dict.fromkeys([*(_short(str(choice)) for choice in choices), *older]))
    how = f"set components.{component.name}.{fact} in opsmith.yaml"
    others = tuple(item for item in component.ambiguities if item.fact != fact)
    return dataclasses.replace(component, ambiguities=(*others, Ambiguity(fact=fact, component=component.name, choices=listed, how_to_decide=how)))
