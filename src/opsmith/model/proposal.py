"""What a planner may propose. A proposal is a value: code of ours applies it, and tools judge what comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from opsmith.model.artifact import Artifact
from opsmith.model.blueprint import Blueprint
from opsmith.model.finding import Finding
from opsmith.model.intent import Intent
from opsmith.model.proof import Proof
from opsmith.model.survey import Survey

Joint = Literal["interpret", "amend", "author", "mend", "narrate"]
JOINTS: tuple[Joint, ...] = ("interpret", "amend", "author", "mend", "narrate")


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What is known when a plan is drafted. `uncovered`: what the task asks for and no target makes."""

    task: str
    survey: Survey
    intent: Intent
    blueprint: Blueprint
    uncovered: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A plan, the files that were made of it, and what tools and checks say of them."""

    blueprint: Blueprint
    artifacts: tuple[Artifact, ...]
    proofs: tuple[Proof, ...]
    findings: tuple[Finding, ...]
    agreed: frozenset[str] = frozenset()
    """Paths where a file of the user's is overwritten because a person or a policy agreed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """Give the node `node` of the blueprint ("services.api.replicas") the value `value`.

    It rests on the line `line` of `file`, which holds `quote`, or (without a file) on the words `quote` of the task.
    """

    node: str
    value: str | int
    reason: str
    quote: str
    file: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A whole file for something that no target covers. `replaces`: a person or a policy agreed that a file of the user's is overwritten."""

    path: str
    text: str
    covers: str
    reason: str
    replaces: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """In the artifact `path` the text `search`, which stands there once, becomes `replace`, so that the finding `rule` goes away."""

    path: str
    rule: str
    search: str
    replace: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One joint's conversation with a model: what it took and what came of it.

    `requests` were sent to the provider, attempts that failed included; `remembered` answers were at hand from a run that was cut off, or from a
    recording, and were not asked for again. Tokens count both. `cost_usd` None = could not be computed, which is not nothing.
    """

    joint: Joint
    outcome: Literal["used", "fell_back"]
    requests: int = 0
    remembered: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What a model took part in. `notes`: what a person has to know of it; `answered`: what a person or a policy said to a question."""

    model: str
    calls: tuple[Call, ...] = ()
    notes: tuple[str, ...] = ()
    answered: Mapping[str, str] = field(default_factory=dict[str, str])
    cost_usd: str | None = None
    """Of all calls; None as soon as one of them could not be computed."""
