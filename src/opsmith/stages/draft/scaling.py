"""How many pods: between which numbers a service grows and shrinks, and by what."""

from __future__ import annotations

from math import ceil

from opsmith.model.blueprint import Scaling
from opsmith.model.intent import Intent
from opsmith.model.survey import Component
from opsmith.settings import Settings
from opsmith.stages.draft.notes import Notes

CPU_PERCENT = 70
"""Of the request: room for the seconds until a new pod serves."""
SECONDS_BETWEEN_REQUESTS = 10
"""A person who reads what comes back asks again after about this long (Nielsen: attention stays for ten seconds)."""
REQUESTS_PER_POD = {"web": 50, "static": 1000}
"""What a pod of a quarter of a CPU answers each second until somebody has measured it: a program, a web server with files."""
HEADROOM = 1.5
LARGEST = 100
ALONE = frozenset(("singleton", "sqlite", "embedded-database"))
"""Traits of what must not run twice."""


def scaling(item: Component, replicas: int, intent: Intent, settings: Settings, node: str, notes: Notes) -> Scaling | None:
    """None where nobody asks for it, or where nothing tells that copies of it may run side by side."""
    if item.role not in REQUESTS_PER_POD or settings["replicas"] is not None or not ALONE.isdisjoint(item.traits):
        return None
    each = REQUESTS_PER_POD[item.role]
    wanted = intent.scale.max_replicas or _pods(intent, each)
    if wanted is None:
        return None
    maximum = min(max(wanted, replicas), LARGEST)
    notes.word(f"{node}.scaling", intent, "scale")
    if intent.scale.max_replicas is None:
        notes.default(f"{node}.scaling", _arithmetic(intent, each, maximum))
        notes.open(
            f"the largest number of pods of {item.name} rests on {each} requests a second from one pod, which nobody has measured: "
            "put load on it, then set the maximum to what was seen"
        )
    notes.default(f"{node}.scaling", f"{CPU_PERCENT} % of the requested CPU: room for the seconds until a new pod serves")
    return Scaling(minimum=replicas, maximum=maximum, cpu_percent=CPU_PERCENT)


def _rate(intent: Intent) -> float | None:
    """Requests a second at the stated load."""
    if intent.scale.requests_per_second is not None:
        return intent.scale.requests_per_second
    users = intent.scale.concurrent_users
    return None if users is None else users / SECONDS_BETWEEN_REQUESTS


def _pods(intent: Intent, each: int) -> int | None:
    rate = _rate(intent)
    return None if rate is None else max(1, ceil(rate / each * HEADROOM))


def _arithmetic(intent: Intent, each: int, maximum: int) -> str:
    users = intent.scale.concurrent_users
    asked = f"{users} users / {SECONDS_BETWEEN_REQUESTS} s between two requests = " if intent.scale.requests_per_second is None else ""
    bounded = f", at most {LARGEST}" if maximum == LARGEST else ""
    return f"at most {maximum} pods: {asked}{_rate(intent):g} requests/s / {each} from one pod x {HEADROOM} for peaks{bounded}"
