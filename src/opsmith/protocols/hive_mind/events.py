"""Reading EVENTS.jsonl and BACKLOG.jsonl, whoever wrote them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from opsmith.errors import SessionError
from opsmith.protocols.hive_mind.files import read_text
from opsmith.shapes import is_mapping, table

_OLDER = {"event_type": "type", "event": "type", "worker": "agent", "data": "details"}
"""Names that older writers have for the keys of an event."""


def objects(path: Path, problems: list[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Each line that holds a JSON object, with its number; what is none is told in `problems`. Raises SessionError for an unreadable file."""
    try:
        text = read_text(path, errors="replace")
    except OSError as error:
        raise SessionError(f"{path} cannot be read: {error.strerror}.", next_step=f"ls -l {path}") from error
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            value: Any = json.loads(line)
        except (ValueError, RecursionError):
            value = None
        if is_mapping(value):
            yield number, table(value)
        else:
            problems.append(f"{path.name} line {number} is no JSON object")


def events(session: Path, problems: list[str]) -> Iterator[dict[str, Any]]:
    """The events in the order of the file, by today's names of their keys."""
    for _, event in objects(session / "EVENTS.jsonl", problems):
        yield event | {new: event[old] for old, new in _OLDER.items() if old in event and new not in event}
