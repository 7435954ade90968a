"""What this worker is asked to do in a session, from the command line, the orchestrator's configuration and its prompt."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from opsmith.protocols.hive_mind import prompt as prompts
from opsmith.protocols.hive_mind import state
from opsmith.protocols.hive_mind.files import as_list, as_object, as_text, read_json
from opsmith.protocols.hive_mind.prompt import Prompt
from opsmith.protocols.hive_mind.worker import REQUIRES, WORKER

DEFAULT_TIMEOUT = 3600
TIMEOUTS = {1: 900, 2: 600, 3: 300, 4: 120}
"""Seconds by `complexity_level`: the coordination protocol's escalation timeouts."""
MAX_TEXT = 200
MAX_TASK = 200_000
MAX_ITEMS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """`requires` are the workers whose results this one builds on, `timeout` is in seconds."""

    task: str
    priority: str | int
    requires: tuple[str, ...]
    timeout: int
    prompt: Prompt | None


def read(session: Path, task: str | None) -> Assignment:
    """The assignment in the session at `session`; `task` goes before what is written there. Raises SessionError for a broken STATE.json."""
    configuration, prompt = state.own_configuration(session), prompts.read(session)
    return Assignment(
        task=task or _written(session, configuration, prompt),
        priority=_priority(configuration.get("priority")),
        requires=_names(as_list(configuration.get("dependencies"))) or (prompt.dependencies[:MAX_ITEMS] if prompt else ()) or REQUIRES,
        timeout=_timeout(configuration, prompt),
        prompt=prompt,
    )


def _written(session: Path, configuration: dict[str, Any], prompt: Prompt | None) -> str:
    """The task as it stands in the session, the nearest to this worker first; empty where none does."""
    recorded = read_json(session / "SESSION.json")
    own = as_object(as_object(recorded.get("workers")).get(WORKER))
    begun = own.get("task") if own.get("status") == "running" else None
    found = (begun, prompt.task if prompt else "", configuration.get("task_description"), recorded.get("task_description"))
    return next((as_text(text, MAX_TASK) for text in found if isinstance(text, str) and text.strip()), "")


def _priority(value: Any) -> str | int:
    """What other writers left may be of any shape and size, and goes into an event."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1000:
        return value
    return as_text(value, MAX_TEXT) if isinstance(value, str) and value else "high"


def _names(values: list[Any]) -> tuple[str, ...]:
    return tuple(as_text(value, MAX_TEXT) for value in values if isinstance(value, str) and value)[:MAX_ITEMS]


def _timeout(configuration: dict[str, Any], prompt: Prompt | None) -> int:
    said = configuration.get("escalation_timeout")
    if isinstance(said, int) and not isinstance(said, bool) and 0 < said < 10_000_000:
        return said
    if prompt and prompt.timeout:
        return prompt.timeout
    level = configuration.get("complexity_level")
    return TIMEOUTS.get(level, DEFAULT_TIMEOUT) if isinstance(level, int) else DEFAULT_TIMEOUT
