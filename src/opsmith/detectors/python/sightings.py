"""What speaks for each kind of backing service."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from opsmith.model.survey import Evidence

LOCAL = ("localhost", "127.0.0.1", "::1", "example.com", "")


@dataclass(slots=True)
class Sighting:
    """All that speaks for one kind."""

    required: bool = False
    host: str | None = None
    evidence: list[Evidence] = field(default_factory=list[Evidence])
    env: set[str] = field(default_factory=set[str])
    selected_by: dict[str, str] = field(default_factory=dict[str, str])


def see(seen: dict[str, Sighting], kind: str, evidence: Evidence, *, required: bool) -> Sighting:
    item = seen.setdefault(kind, Sighting())
    item.required = item.required or required
    item.evidence.append(evidence)
    return item


def host_of(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None
