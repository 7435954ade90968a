"""What could not be published because Redis was away: one file for each message, sent by the next command that reaches that Redis."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from opsmith.protocols.handoff import places
from opsmith.protocols.handoff.address import Address
from opsmith.protocols.handoff.names import MAX_PAYLOAD
from opsmith.protocols.handoff.store import Outgoing, Store
from opsmith.shapes import table


def folder(user_state: Path, where: Address) -> Path:
    """One for each Redis: what was meant for one is not sent to another."""
    return user_state / "outbox" / places.segment(f"{where.host}-{where.port}-{where.db}", "redis")


def keep(place: Path, message: Outgoing) -> Path:
    """Whole and on the disk, or not there. Raises OSError."""
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = place / f"{message.score:.9f}-{places.segment(message.id, 'none')}.json"
    told = {"id": message.id, "queue": message.queue, "score": message.score, "data": message.data.decode("ascii")}
    places.put(path, json.dumps(told).encode())
    return path


def waiting(place: Path) -> list[Path]:
    try:
        return sorted(item for item in place.iterdir() if item.suffix == ".json" and not item.name.startswith("."))
    except OSError:
        return []


def flush(place: Path, store: Store) -> Iterator[Outgoing]:
    """Send what waits, in the order of the queue; each is told once it is in Redis. Raises QueueError as the store does, and keeps the rest."""
    for path in waiting(place):
        try:
            message = _read(path)
        except FileNotFoundError:  # another process has sent it
            continue
        if message is None:
            path.replace(path.with_suffix(".broken"))
            continue
        store.publish(message)
        path.unlink(missing_ok=True)
        yield message


def _read(path: Path) -> Outgoing | None:
    try:
        if path.stat().st_size > 4 * MAX_PAYLOAD:
            return None
        told: dict[str, Any] = table(json.loads(path.read_bytes()))
        return Outgoing(id=str(told["id"]), queue=str(told["queue"]), score=float(told["score"]), data=str(told["data"]).encode("ascii"))
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
