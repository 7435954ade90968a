"""The five joints with a model. Implements `opsmith.planner.Planner` over the deterministic planner, whose answer stands where the model has none."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from typing import TypeVar

from opsmith.errors import UsageError
from opsmith.model.artifact import Artifact
from opsmith.model.finding import Finding
from opsmith.model.intent import Intent
from opsmith.model.proposal import Account, Amendment, Draft, Edit, Joint, Situation
from opsmith.model.report import RunReport
from opsmith.model.survey import Survey
from opsmith.planner import Planner
from opsmith.planners.llm import amend, author, interpret, mend, narrate
from opsmith.planners.llm.conversation import Conversations
from opsmith.planners.llm.fallback import FellBackError
from opsmith.planners.llm.metered import NotRecorded

T = TypeVar("T")


class Session:
    """`talks` are its conversations, `base` the deterministic planner."""

    def __init__(self, talks: Conversations, base: Planner) -> None:
        self.NAME = talks.name
        self.talks = talks
        self._base = base
        self._useless: list[str] = []

    def interpret(self, task: str, survey: Survey | None = None) -> Intent:
        known = self._base.interpret(task, survey)
        return self._attempt("interpret", lambda: interpret.interpreted(self.talks, task, known), known)

    def amend(self, situation: Situation) -> Sequence[Amendment]:
        return self._attempt("amend", lambda: amend.amendments(self.talks, situation), self._base.amend(situation))

    def author(self, situation: Situation, taken: Collection[str]) -> Sequence[Draft]:
        known = self._base.author(situation, taken)
        return self._attempt("author", lambda: author.drafts(self.talks, situation, taken), known) if situation.uncovered else known

    def mend(self, artifacts: Sequence[Artifact], findings: Sequence[Finding]) -> Sequence[Edit]:
        return self._attempt("mend", lambda: mend.edits(self.talks, artifacts, findings), self._base.mend(artifacts, findings))

    def narrate(self, report: RunReport) -> str:
        return self._attempt("narrate", lambda: narrate.prose(self.talks, report), self._base.narrate(report))

    def account(self) -> Account | None:
        return self.talks.ledger.account(self.NAME)

    def settle(self, *, delivered: bool) -> None:
        """After a delivery nothing is kept. Without one the answers stay, so that the run that writes does what was shown; useless ones do not."""
        kept = self.talks.remembered
        if kept is None:
            return
        with suppress(OSError):
            if delivered:
                kept.forget_all()
            else:
                kept.forget(self._useless)

    def _attempt(self, joint: Joint, ask: Callable[[], T], otherwise: T) -> T:
        """What `ask` finds, or `otherwise` and a note that says why. Raises UsageError where a replay has no answer."""
        began = time.monotonic()
        fell_back = ""
        try:
            result = ask()
        except NotRecorded as error:
            raise UsageError(
                f"--replay: {error}.", why="the task, the repository, opsmith or the model's name is not what it was.",
                next_step="opsmith run ... --record FILE",
            ) from None  # fmt: skip
        except FellBackError as error:
            result, fell_back = otherwise, str(error)
        call, keys = self.talks.ledger.close(joint, fell_back=fell_back)
        self.talks.told_of(call, time.monotonic() - began)
        self._useless += keys if fell_back else ()
        return result
