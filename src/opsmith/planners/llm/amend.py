"""Amend: the model looks for what the repository says about running it that the plan does not hold. `stages/amend.py` decides what of it holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pydantic import BaseModel, ConfigDict, Field

from opsmith.model.blueprint import Blueprint, Service
from opsmith.model.proposal import Amendment, Situation
from opsmith.planners.llm.conversation import Conversations
from opsmith.planners.llm.tools import wrapped

MAX_AMENDMENTS = 30

INSTRUCTIONS = """\
A plan for running a system was made from facts of its repository. Look at the code and settings for facts that make a value of the plan wrong or
too weak, and propose other values. Nodes that may be changed, NAME being a service of the plan:
services.NAME.replicas, .startup_seconds, .grace_seconds: whole numbers
services.NAME.resources.cpu_request, .cpu_limit ("250m"), .memory_request, .memory_limit ("256Mi")
services.NAME.probe.path: the path that answers when the service works; it must stand in the quoted line
services.NAME.variables.VARIABLE: the value of a variable of the plan that is no secret; it must stand in the quoted line
services.NAME.schedule: five cron fields, for what runs by a schedule; it must stand in the quoted line
Each needs a reason and its evidence: file, line, and a quote from that line of code or settings, letter by letter. Prose and comments are none.
Where words of the task are the reason, leave out file and line and quote them. Propose nothing that the plan says already.
"""


class Change(BaseModel):
    model_config = ConfigDict(extra="forbid")
    node: str
    value: int | str
    reason: str = Field(description="one sentence")
    quote: str = Field(description="from the line of evidence, or from the task, letter by letter")
    file: str | None = None
    line: int | None = None


class Changes(BaseModel):
    """Changes to the plan; empty for none."""

    model_config = ConfigDict(extra="forbid")
    changes: list[Change] = []


def amendments(talks: Conversations, situation: Situation) -> Sequence[Amendment]:
    prompt = f"The task:\n{situation.task[:20_000]}\n\nThe plan:\n{wrapped('plan', plan_of(situation.blueprint))}"
    answer = talks.ask("amend", INSTRUCTIONS, prompt, Changes, tools=talks.reading_tools())
    return tuple(
        Amendment(node=one.node, value=one.value, reason=one.reason, quote=one.quote, file=one.file, line=one.line)
        for one in answer.changes[:MAX_AMENDMENTS]
    )


def plan_of(blueprint: Blueprint) -> str:
    """What of the plan may be changed, and what it is about."""
    lines = [f"system {blueprint.name}, targets {', '.join(blueprint.targets)}"]
    lines += [f"backing service {item.name}: {item.kind} {item.version or ''} ({item.placement})" for item in blueprint.backings]
    for service in blueprint.services:
        lines += _service(service)
    return "\n".join(lines)


def _service(service: Service) -> Iterator[str]:
    node, given = f"services.{service.name}", service.resources
    yield f"{node}: {service.role}, command {service.command or '(of the image)'}"
    yield f"{node}.replicas = {service.replicas}{' (must stay alone)' if service.singleton else ''}"
    yield f"{node}.startup_seconds = {service.startup_seconds}, {node}.grace_seconds = {service.grace_seconds}"
    yield f"{node}.resources: cpu_request = {given.cpu_request}, cpu_limit = {given.cpu_limit}, memory_request = {given.memory_request}, memory_limit = {given.memory_limit}"  # fmt: skip  # noqa: E501  # one line for a model
    if service.probe is not None:
        yield f"{node}.probe: {service.probe.kind} on port {service.probe.port}{f', path = {service.probe.path}' if service.probe.path else ''}"
    if service.schedule is not None:
        yield f"{node}.schedule = {service.schedule}"
    for variable in service.variables:
        value = f" = {variable.value}" if variable.kind == "literal" else ""
        yield f"{node}.variables.{variable.name} ({variable.kind}){value}"
