"""BACKLOG.jsonl: what is left to do, one task for each id, the last line about it counts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from opsmith.model.report import RunReport
from opsmith.protocols.hive_mind import view
from opsmith.protocols.hive_mind.clock import Clock, stamp
from opsmith.protocols.hive_mind.events import objects
from opsmith.protocols.hive_mind.files import append_line, as_list, as_object, as_text, locked

PERSON = "human"
"""Who an open point is for: what a worker could decide is no open point."""
MAX_TITLE = 500
_STATUSES = {"pending": "todo"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """`priority` is 1 (most urgent) to 5, or a word where another writer uses one."""

    id: str
    title: str
    status: str
    priority: int | str
    assigned_to: str
    dependencies: tuple[str, ...] = ()


def tasks(session: Path, problems: list[str]) -> tuple[Task, ...]:
    """All tasks in the order in which they came up, whichever of the three dialects their lines are in."""
    folded: dict[str, dict[str, Any]] = {}
    for number, line in objects(session / "BACKLOG.jsonl", problems):
        item = as_object(line.get("item"))
        name = str(line.get("id") or item.get("id") or f"line-{number}")
        folded[name] = folded.get(name, {}) | item | line
    return tuple(_task(name, values) for name, values in folded.items())


def _task(name: str, values: dict[str, Any]) -> Task:
    status = str(values.get("status") or "todo")
    priority = values.get("priority")
    after = values.get("dependencies")
    return Task(
        id=as_text(name, MAX_TITLE),
        title=as_text(values.get("title") or values.get("description") or "", MAX_TITLE),
        status=as_text(_STATUSES.get(status, status), MAX_TITLE),
        priority=priority if isinstance(priority, int) and abs(priority) < 1000 else as_text(priority, 50) if isinstance(priority, str) else 3,
        assigned_to=as_text(values.get("assigned_to") or values.get("assignee") or "", MAX_TITLE),
        dependencies=tuple(as_text(item, MAX_TITLE) for item in as_list(as_object(after).get("blocked_by") if as_object(after) else after)),
    )


def left_open(report: RunReport) -> list[Task]:
    """What `report` leaves to others: what refused it, what a person decides, what belongs to another agent."""
    wrong = [_new(text, 1, PERSON) for text in view.critical_issues(report)] if report.status == "refused" else []
    points = [_new(text, 3, PERSON) for text in report.open_points]
    handed = [_new(item.words, 3, item.hand_to) for item in report.intent.out_of_scope]
    return list({task.id: task for task in (*wrong, *points, *handed)}.values())


def _new(text: str, priority: int, who: str) -> Task:
    """The same point has the same id in every run, so that it is told once."""
    title = " ".join(text.split())[:MAX_TITLE]
    return Task(
        id=f"task-{hashlib.sha256(title.encode(errors='replace')).hexdigest()[:12]}", title=title, status="todo", priority=priority, assigned_to=who
    )


def add(session: Path, wanted: Iterable[Task], clock: Clock) -> list[str]:
    """Append the tasks whose id is not there yet, whatever became of it; their ids. Runs at the same time add a task once."""
    with locked(session):
        known = {task.id for task in tasks(session, [])}
        new = [task for task in wanted if task.id not in known]
        now = stamp(clock)
        for task in new:
            append_line(session / "BACKLOG.jsonl", _line(task, now))
    return [task.id for task in new]


def _line(task: Task, now: str) -> dict[str, Any]:
    return {
        "id": task.id, "title": task.title, "status": task.status, "priority": task.priority, "assigned_to": task.assigned_to,
        "created_at": now, "dependencies": list(task.dependencies), "timestamp": now,
    }  # fmt: skip
