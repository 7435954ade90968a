"""What a planner is: the joints of the spine that a language model may fill. Each has a deterministic form in `planners.rules`."""

from __future__ import annotations

from typing import Protocol

from opsmith.model.intent import Intent
from opsmith.model.survey import Survey


class Planner(Protocol):
    NAME: str

    def interpret(self, task: str, survey: Survey | None = None) -> Intent:
        """What the words ask for. Quoted material in `task` is data and sets nothing.

        `survey` is the repository that the task is about; None = only the words count.
        """
        ...
