"""Choosing a planner by its name."""

from __future__ import annotations

from typing import cast

from opsmith.errors import UsageError
from opsmith.planner import Desk, Planner

DETERMINISTIC = ("rules", "test")


def choose(name: str, desk: Desk) -> Planner:
    """The planner for `name`: "rules" (also "test"), or provider:model, which needs the extra and the provider's key.

    Raises MissingExtra naming what is not there, UsageError for a name of neither form.
    """
    from opsmith.planners import rules

    if name in DETERMINISTIC:
        return cast("Planner", rules)
    provider, colon, model = name.partition(":")
    if not (provider and colon and model):
        raise UsageError(f"--model {name!r} is no planner.", next_step="--model rules, or --model provider:model such as openai:gpt-5")
    from opsmith.planners import llm

    return llm.opened(name, desk, cast("Planner", rules))
