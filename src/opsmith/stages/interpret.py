"""Interpret: what the words ask for."""

from __future__ import annotations

import re

from opsmith.errors import TaskError
from opsmith.model.intent import Intent
from opsmith.model.survey import Survey
from opsmith.planner import Planner

LONGEST = 100_000
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ud800-\udfff]")


def interpret(task: str, planner: Planner, survey: Survey | None = None) -> Intent:
    """The intent of a task about what `survey` found. Raises TaskError as `words_of` does."""
    return planner.interpret(words_of(task), survey)


def words_of(task: str) -> str:
    """The task without control characters. Raises TaskError when it is empty or longer than anybody's task."""
    if len(task) > LONGEST:
        raise TaskError(
            f"The task has {len(task)} characters; {LONGEST} are the most that are read.",
            why="a whole file or log was pasted in",
            next_step="say in a few sentences what is to be done and name the file",
        )
    words = CONTROL.sub("", task.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if not words:
        raise TaskError("The task is empty.", next_step='opsmith interpret "Containerise this and deploy it to Kubernetes"')
    return words
