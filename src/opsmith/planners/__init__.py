"""Choosing a planner by its name."""

from __future__ import annotations

import os
from types import ModuleType

from opsmith.errors import MissingExtra, UsageError

DETERMINISTIC = ("rules", "test")
KEYS = {
    "openai": "OPENAI_API_KEY",
    "anthropic": "ANTHROPIC_API_KEY",
    "google": "GOOGLE_API_KEY",
    "groq": "GROQ_API_KEY",
    "mistral": "MISTRAL_API_KEY",
}


def choose(name: str) -> ModuleType:
    """The planner for `name`: "rules" (also "test"), or provider:model, which needs the extra and the provider's key.

    Raises MissingExtra naming what is not there, UsageError for a name of neither form.
    """
    if name in DETERMINISTIC:
        from opsmith.planners import rules

        return rules
    provider, colon, _ = name.partition(":")
    if not colon:
        raise UsageError(f"--model {name!r} is no planner.", next_step="--model rules, or --model provider:model such as openai:gpt-5")
    key = KEYS.get(provider)
    missing = f", and {key} is not set" if key and key not in os.environ else ""
    raise MissingExtra(
        f"--model {name} needs the language model planner, which this version of opsmith does not contain{missing}.",
        next_step="add --model rules, which needs neither an extra nor a key",
    )
