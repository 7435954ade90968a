"""Handoffs as files for people and for agents without Redis: .claude/handoffs/devops-to-TARGET.md, and *-to-devops.md the other way."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from opsmith.encoding import to_plain
from opsmith.protocols.handoff import codec, names, places
from opsmith.protocols.handoff.errors import InvalidMessageError
from opsmith.protocols.handoff.model import Handoff
from opsmith.protocols.handoff.times import moment
from opsmith.shapes import is_list, is_mapping, items, table

INCOMING = "*-to-devops.md"


def text(handoff: Handoff) -> str:
    """One YAML mapping between two lines of dashes."""
    import yaml

    plain = table(to_plain(handoff))
    told = {key: plain[key] for key in ("metadata", "content", "validation")}
    told["metadata"] = {key: value for key, value in told["metadata"].items() if value}
    body = yaml.safe_dump(told, sort_keys=False, allow_unicode=True, width=10_000, default_flow_style=False)
    return f"---\n{body}---\n"


def write(repo: Path, handoff: Handoff, at: datetime) -> Path:
    """A file of its own for `handoff`; nothing that is there is written over. The same handoff again is the same file. Raises DeliveryError."""
    folder = places.made(repo, places.DOCUMENTS)
    data = text(handoff).encode("utf-8", "backslashreplace")
    stem = f"{_short(handoff.metadata.from_agent)}-to-{_short(handoff.metadata.to_agent)}"
    stamped = f"{stem}-{moment(handoff.metadata.timestamp) or at:%Y%m%dT%H%M%SZ}"
    for name in (stem, stamped, f"{stamped}-{places.segment(handoff.metadata.handoff_id, 'none')}"):
        place = folder / f"{name}.md"
        if places.put(place, data) or _holds(place, data):
            return place
    return place


def _short(agent: str) -> str:
    return "devops" if agent in names.ALIASES else places.segment(agent, "agent")


def _holds(place: Path, data: bytes) -> bool:
    return place.is_file() and not place.is_symlink() and place.stat().st_size == len(data) and place.read_bytes() == data


def read(data: bytes) -> Handoff:
    """A handoff file. The same file is the same id, unless it names one. Raises InvalidMessageError."""
    from opsmith.yaml_safe import load_yaml

    if len(data) > names.MAX_PAYLOAD:
        raise InvalidMessageError(f"the file has {len(data)} bytes; {names.MAX_PAYLOAD} are the most that are read")
    try:
        documents = load_yaml(_between_dashes(data.decode("utf-8-sig")))
    except ValueError as error:
        raise InvalidMessageError(f"the file is no YAML: {error}") from None
    if not documents or not is_mapping(documents[0]):
        raise InvalidMessageError("the file holds no mapping between two lines of dashes")
    plain = _without_dates(table(documents[0]))
    handoff = codec.handoff_of(plain)
    codec.verified(handoff)
    named = handoff.metadata.handoff_id or f"file-{hashlib.sha256(data).hexdigest()[:32]}"
    return replace(handoff, metadata=replace(handoff.metadata, handoff_id=named))


def _between_dashes(whole: str) -> str:
    rows = whole.replace("\r\n", "\n").split("\n")
    marks = [number for number, row in enumerate(rows) if row.rstrip() == "---"]
    if len(marks) < 2 or any(row.strip() for row in rows[: marks[0]]):
        raise ValueError("it does not begin with a part between two lines of dashes")
    return "\n".join(rows[marks[0] + 1 : marks[1]])


def _without_dates(value: Any) -> Any:
    """YAML takes an unquoted timestamp for a date; here it is a text."""
    if is_mapping(value):
        return {key: _without_dates(item) for key, item in table(value).items()}
    if is_list(value):
        return [_without_dates(item) for item in items(value)]
    isoformat = getattr(value, "isoformat", None)
    return isoformat() if callable(isoformat) else value
