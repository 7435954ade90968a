"""Timestamps: RFC 3339 as other languages write them."""

from __future__ import annotations

from datetime import UTC, datetime


def moment(text: str) -> datetime | None:
    """In UTC, to the microsecond; None for what is no timestamp, has no zone, or is Go's zero time (the year 1)."""
    try:
        when = datetime.fromisoformat(text)
        return when.astimezone(UTC) if when.tzinfo is not None and when.year > 1 else None
    except (ValueError, OverflowError):
        return None
