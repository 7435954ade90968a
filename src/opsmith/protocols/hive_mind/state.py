"""SESSION.json and STATE.json: this worker's part of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from opsmith.protocols.hive_mind.clock import Clock, stamp
from opsmith.protocols.hive_mind.files import as_list, as_object, deep_merged, read_json, update_json
from opsmith.protocols.hive_mind.worker import WORKER

NOTES = "workers/notes/devops_implementation.md"
OUTPUT = "workers/json/devops_output.json"
RESPONSE_NOTES = "notes/devops_notes.md"
RESPONSE = "workers/json/devops_response.json"


def own_configuration(session: Path) -> dict[str, Any]:
    """What the orchestrator has set for this worker; the key has two spellings."""
    state = read_json(session / "STATE.json")
    for key in ("worker_configs", "worker_configurations"):
        if found := as_object(as_object(state.get(key)).get(WORKER)):
            return found
    return {}


def is_running(session: Path) -> bool:
    """Whether this worker has begun here and not ended."""
    return as_object(as_object(read_json(session / "SESSION.json").get("workers")).get(WORKER)).get("status") == "running"


def running(session: Path, task: str, model: str, clock: Clock) -> None:
    now = stamp(clock)
    worker = {"status": "running", "task": task, "spawned_at": now, "completed_at": None, "error": None}
    flat = {f"{WORKER}_status": "running", f"{WORKER}_started": now, f"{WORKER}_task": task}
    _merge_session(session, {"model": model, "phase": "execution", "workers": {WORKER: worker}, **flat}, clock)
    _merge_state(session, "workers_active", {"status": "active", "task": task, "spawned_at": now}, clock)


def completed(session: Path, *, status: str, scores: Mapping[str, float], artifacts: list[str], events: int, clock: Clock) -> None:
    now = stamp(clock)
    outputs = {"notes": NOTES, "json": OUTPUT, "artifacts": artifacts}
    flat = {f"{WORKER}_status": status, f"{WORKER}_completed": now}
    flat_scores = {f"{WORKER}_{name.removesuffix('_score')}": value for name, value in scores.items()}
    worker = {"status": status, "completed_at": now, "error": None, "outputs": outputs}
    _merge_session(session, {"workers": {WORKER: worker}, **flat, **flat_scores}, clock)
    known = {"notes": RESPONSE_NOTES, "json": RESPONSE, "artifacts": artifacts}
    entry = {"status": "completed", "completed_at": now, "outputs": known, "metrics": {"events_logged": events}}
    _merge_state(session, "workers_completed", entry, clock)


def failed(session: Path, error: str, clock: Clock) -> None:
    now = stamp(clock)
    flat = {f"{WORKER}_status": "failed", f"{WORKER}_failed": now, f"{WORKER}_error": error}
    _merge_session(session, {"workers": {WORKER: {"status": "failed", "completed_at": now, "error": error}}, **flat}, clock)
    _merge_state(session, "workers_failed", {"status": "failed", "completed_at": now, "error": error}, clock)


def _merge_session(session: Path, new: Mapping[str, Any], clock: Clock) -> None:
    def change(old: dict[str, Any]) -> dict[str, Any]:
        merged = deep_merged({"session_id": session.name, "created": stamp(clock), **old}, new)
        return _counted(merged | {"status": _overall(merged)}, clock)

    update_json(session / "SESSION.json", change)


def _overall(merged: Mapping[str, Any]) -> str:
    """The session is as its workers are: failed with one, completed with all, otherwise active."""
    found = [as_object(worker).get("status") for worker in as_object(merged.get("workers")).values()]
    if "failed" in found:
        return "failed"
    return "completed" if found and all(status == "completed" for status in found) else "active"


def _merge_state(session: Path, place: str, entry: Mapping[str, Any], clock: Clock) -> None:
    def change(old: dict[str, Any]) -> dict[str, Any]:
        moved = _moved(as_object(old.get("coordination_status")), place)
        return _counted(deep_merged(old, {"coordination_status": moved, "worker_states": {WORKER: dict(entry)}}), clock)

    update_json(session / "STATE.json", change)


def _moved(coordination: Mapping[str, Any], place: str) -> dict[str, Any]:
    """The worker stands in exactly one of the lists beside `workers_planned`."""
    lists = ("workers_spawned", "workers_active", "workers_completed", "workers_pending", "workers_failed")
    wanted = ("workers_spawned", "workers_active") if place == "workers_active" else (place,)
    result: dict[str, Any] = {}
    for name in lists:
        others = [item for item in as_list(coordination.get(name)) if item != WORKER]
        result[name] = [*others, WORKER] if name in wanted else others
    return result


def _counted(value: dict[str, Any], clock: Clock) -> dict[str, Any]:
    count = value.get("update_count")
    return value | {"last_updated": stamp(clock), "update_count": (count if isinstance(count, int) else 0) + 1}
