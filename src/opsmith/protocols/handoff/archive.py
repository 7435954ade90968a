"""Handoffs that were done, kept as files: PROJECT/DAY/TIME-AGENT-ID.json."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from opsmith.protocols.handoff import places
from opsmith.protocols.handoff.model import Handoff
from opsmith.protocols.handoff.times import moment

FOLDER = "archive"


def path_of(handoff: Handoff, at: datetime) -> str:
    """Below the archive: by the handoff's own time, or `at` when it has none. What it says of itself cannot lead out of the archive."""
    meta = handoff.metadata
    when = (moment(meta.timestamp) or at).astimezone(UTC)
    name = f"{when:%Y%m%dT%H%M%SZ}-{places.segment(meta.to_agent, 'agent')}-{places.segment(meta.handoff_id[:8], 'none')}.json"
    return f"{places.segment(meta.project_name, 'unknown-project')}/{when:%Y-%m-%d}/{name}"


def keep(folder: Path, handoff: Handoff, payload: bytes, at: datetime) -> Path:
    """The file that holds `payload`; written unless it is there. Raises DeliveryError."""
    below, _, name = path_of(handoff, at).rpartition("/")
    place = places.made(folder, f"{FOLDER}/{below}")
    for candidate in (place / name, place / name.replace(".json", f"-{places.segment(handoff.metadata.handoff_id, 'none')}.json")):
        if places.put(candidate, payload) or candidate.read_bytes() == payload:
            return candidate
    return candidate
