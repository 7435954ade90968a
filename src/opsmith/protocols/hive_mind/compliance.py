"""The compliance check of the coordination protocol, for this worker's part of a session."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from opsmith.protocols.hive_mind.events import events
from opsmith.protocols.hive_mind.files import as_list, as_object
from opsmith.protocols.hive_mind.worker import STEM, WORKER

_REQUIRED_EVENTS = ("worker_spawned", "session_validated", "worker_configured", "analysis_started", "worker_completed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Compliance:
    """Whether the worker of a session kept the protocol."""

    compliant: bool
    missing_events: tuple[str, ...]
    first_event: str | None
    notes_exists: bool
    json_exists: bool
    problems: tuple[str, ...]


def check(session: Path) -> Compliance:
    problems: list[str] = []
    own = [event for event in events(session, problems) if event.get("agent") == WORKER]
    kinds = [str(event.get("type")) for event in own]
    problems += [f"an event of type {event.get('type')} names the session" for event in own if _names_session(event)]
    problems += [f"the type {kind} carries the worker's name" for kind in kinds if kind.startswith((f"{STEM}_", f"{WORKER}_"))]
    absent = tuple(kind for kind in _REQUIRED_EVENTS if kind not in kinds)
    notes = (session / "notes" / f"{STEM}_notes.md").is_file()
    answer = any((session / "workers/json" / f"{stem}.json").is_file() for stem in (f"{STEM}_response", WORKER, f"{WORKER}-response"))
    first = kinds[0] if kinds else None
    return Compliance(
        compliant=not absent and not problems and notes and answer and first == "worker_spawned",
        missing_events=absent,
        first_event=first,
        notes_exists=notes,
        json_exists=answer,
        problems=tuple(dict.fromkeys(problems)),
    )


def _names_session(value: Any) -> bool:
    """Goes down without recursion: the event is somebody else's text."""
    layer = [value]
    while layer:
        if any("session_id" in as_object(node) for node in layer):
            return True
        layer = [item for node in layer for item in (*as_object(node).values(), *as_list(node))]
    return False
