"""What is taken first: a lower score, which is the priority and a fraction that grows with time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

PRIORITIES = ("high", "medium", "low")
BASES: Mapping[str, int] = {"critical": 1, "urgent": 1, "high": 2, "medium": 3, "normal": 3, "": 3, "low": 4}
"""`critical`, `normal` and `urgent` are what other implementations write."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def base(priority: str) -> int:
    """An unknown priority counts as the middle one."""
    return BASES.get(priority, 3)


def score(priority: str, when: datetime) -> float:
    """base + unix nanoseconds / 1e18: first in, first out within a priority."""
    microseconds = (when - _EPOCH) // timedelta(microseconds=1)
    return base(priority) + microseconds * 1000 / 1e18
