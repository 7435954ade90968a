"""What a session looks like: the state of each worker as its events tell it, beside what the state files say, and the tasks that are left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from opsmith.errors import SessionError
from opsmith.protocols.hive_mind import backlog
from opsmith.protocols.hive_mind.assignment import DEFAULT_TIMEOUT
from opsmith.protocols.hive_mind.clock import Clock, utc_now
from opsmith.protocols.hive_mind.events import events
from opsmith.protocols.hive_mind.files import as_object, as_text, read_json

State = Literal["spawned", "in_progress", "completed", "blocked", "failed"]
Overall = Literal["no_workers", "starting", "in_progress", "completed", "failed"]
Beat = Literal["healthy", "warning", "unresponsive", "stalled"]
WARNING_SECONDS, UNRESPONSIVE_SECONDS = 60, 120
MAX_TEXT = 500
_STATES: dict[str, State] = {
    "worker_spawned": "spawned",
    "analysis_started": "in_progress",
    "worker_completed": "completed",
    "worker_failed": "failed",
}
_ENDED: tuple[State, ...] = ("completed", "blocked", "failed")


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerView:
    """`recorded` is what SESSION.json (or else STATE.json) says of the worker. `beat` is None for one that has ended."""

    name: str
    state: State
    events: int
    last_event: str
    last_seen: str
    beat: Beat | None
    recorded: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionView:
    """`problems`: lines and files that could not be read, and states that contradict the events."""

    id: str
    state: Overall
    task: str
    workers: tuple[WorkerView, ...]
    backlog: tuple[backlog.Task, ...]
    problems: tuple[str, ...]
    version: int = 1


def overview(session: Path, clock: Clock = utc_now) -> SessionView:
    """Raises SessionError only where no event can be read."""
    problems: list[str] = []
    own: dict[str, list[dict[str, Any]]] = {}
    for event in events(session, problems):
        own.setdefault(as_text(event.get("agent"), MAX_TEXT), []).append(event)
    files = {name: _document(session / name, problems) for name in ("SESSION.json", "STATE.json")}
    workers = tuple(_worker(name, found, files, clock) for name, found in own.items() if any(item.get("type") == "worker_spawned" for item in found))
    problems += [f"{item.name} is {item.state} by its events, and {item.recorded} by the state file" for item in workers if _differs(item)]
    task = files["SESSION.json"].get("task_description") or files["STATE.json"].get("task") or ""
    return SessionView(
        id=session.name,
        state=_overall(workers),
        task=as_text(task, MAX_TEXT),
        workers=workers,
        backlog=backlog.tasks(session, problems),
        problems=tuple(dict.fromkeys(problems)),
    )


def _document(path: Path, problems: list[str]) -> dict[str, Any]:
    """A session without SESSION.json is one all the same, and a broken state is told, not raised: the events are what counts."""
    try:
        return read_json(path)
    except (SessionError, OSError) as error:
        problems.append(error.what if isinstance(error, SessionError) else f"{path.name} cannot be read: {error.strerror}")
        return {}


def _worker(name: str, found: list[dict[str, Any]], files: dict[str, dict[str, Any]], clock: Clock) -> WorkerView:
    state: State = "spawned"
    for event in found:
        state = _after(state, event)
    last = found[-1]
    entry = as_object(as_object(files["SESSION.json"].get("workers")).get(name)) or as_object(
        as_object(files["STATE.json"].get("worker_states")).get(name)
    )
    recorded = entry.get("status")
    return WorkerView(
        name=name,
        state=state,
        events=len(found),
        last_event=as_text(last.get("type"), MAX_TEXT),
        last_seen=as_text(last.get("timestamp"), MAX_TEXT),
        beat=None if state in _ENDED else _beat(found, clock),
        recorded=as_text(recorded, MAX_TEXT) if isinstance(recorded, str) else None,
    )


def _after(state: State, event: dict[str, Any]) -> State:
    new = _STATES.get(str(event.get("type")), state)
    told = (event.get("status"), as_object(event.get("details")).get("status"))
    return "blocked" if new == "completed" and event.get("type") == "worker_completed" and "blocked" in told else new


def _beat(found: list[dict[str, Any]], clock: Clock) -> Beat | None:
    """By the coordination protocol: 60 s without a word are much, 120 s too much; beyond its timeout a worker is stalled."""
    now = clock().astimezone(UTC)
    began = next((when for event in reversed(found) if event.get("type") == "worker_spawned" and (when := _moment(event))), None)
    seen = next((when for event in reversed(found) if (when := _moment(event))), None)
    if began is None or seen is None:
        return None
    said = [as_object(event.get("details")).get("timeout") for event in found if event.get("type") == "worker_configured"]
    timeout = next((value for value in reversed(said) if isinstance(value, int)), DEFAULT_TIMEOUT)
    silent = (now - seen).total_seconds()
    if (now - began).total_seconds() > timeout and silent > WARNING_SECONDS:
        return "stalled"
    return "unresponsive" if silent > UNRESPONSIVE_SECONDS else "warning" if silent > WARNING_SECONDS else "healthy"


def _moment(event: dict[str, Any]) -> datetime | None:
    try:
        when = datetime.fromisoformat(str(event.get("timestamp")))
    except ValueError:
        return None
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def _differs(worker: WorkerView) -> bool:
    same = {
        "running": ("spawned", "in_progress"),
        "active": ("spawned", "in_progress"),
        "planned": ("spawned",),
        "completed": ("completed", "blocked"),
    }
    return worker.recorded is not None and worker.state not in same.get(worker.recorded, (worker.recorded,))


def _overall(workers: tuple[WorkerView, ...]) -> Overall:
    states = {worker.state for worker in workers}
    if not states:
        return "no_workers"
    if states == {"spawned"}:
        return "starting"
    if states <= set(_ENDED):
        return "failed" if "failed" in states else "in_progress" if "blocked" in states else "completed"
    return "in_progress"
