"""What a planner is: the joints of the spine that a language model may fill. Each has a deterministic form in `planners.rules`.

A planner proposes and never acts: it writes no file, starts no process, and what it proposes is applied, judged and, if need be, dropped by stages.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from opsmith.model.artifact import Artifact
from opsmith.model.finding import Finding
from opsmith.model.intent import Intent
from opsmith.model.proposal import Account, Amendment, Draft, Edit, Situation
from opsmith.model.report import Event, RunReport
from opsmith.model.survey import Survey


class Planner(Protocol):
    NAME: str

    def interpret(self, task: str, survey: Survey | None = None) -> Intent:
        """What the words ask for. Quoted material in `task` is data and sets nothing.

        `survey` is the repository that the task is about; None = only the words count.
        """
        ...

    def amend(self, situation: Situation) -> Sequence[Amendment]:
        """Changes to the drafted blueprint that the repository or the task give a reason for."""
        ...

    def author(self, situation: Situation, taken: Collection[str]) -> Sequence[Draft]:
        """Files for `situation.uncovered`, at paths other than those `taken` by targets."""
        ...

    def mend(self, artifacts: Sequence[Artifact], findings: Sequence[Finding]) -> Sequence[Edit]:
        """Edits after which the findings about the artifacts are gone."""
        ...

    def narrate(self, report: RunReport) -> str:
        """Prose that goes before what is told of the report anyway; empty for none."""
        ...

    def account(self) -> Account | None:
        """What was used until now; None where no model took part."""
        ...

    def settle(self, *, delivered: bool) -> None:
        """The run came to its end. What was remembered for one that is cut off is let go of, as far as a delivery makes it needless."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """The most that a run may use of a model; None = no bound. `seconds` is for one answer. `price` is in US dollars for a million tokens in, out."""

    requests: int | None = 40
    tokens: int | None = 1_000_000
    usd: float | None = None
    seconds: float = 120.0
    price: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Something that changes the world, which a model may ask for and a person or a policy decides. `shows`: what it would change, to look at."""

    action: Literal["replace_file"]
    subject: str
    reason: str
    shows: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """`by`: who gave it, for the report."""

    allowed: bool
    by: str


def nobody(_: Question) -> Answer:
    """Where no person and no policy is there to answer, nothing is allowed."""
    return Answer(allowed=False, by="nobody was there to be asked")


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What a planner with a model works with.

    `record`: every answer is written there. `replay`: every answer is taken from there and nothing is sent. `approve` answers questions.
    """

    repo: Path
    allowance: Allowance = field(default_factory=Allowance)
    record: Path | None = None
    replay: Path | None = None
    approve: Callable[[Question], Answer] = nobody
    on_event: Callable[[Event], None] = lambda _: None
