"""What is tried again, and when."""

from __future__ import annotations

from opsmith.errors import DeliveryError

MOST = 3
LONGEST = 60.0
_PASSING = ("connection error", "timeout", "timed out", "temporary failure")


def is_passing(error: BaseException) -> bool:
    """Whether the same may work a little later: the words that other implementations go by, and trouble with networks, disks and other writers."""
    return isinstance(error, OSError | DeliveryError) or any(words in str(error).lower() for words in _PASSING)


def delay(retries: int) -> float:
    """Seconds before the next attempt: 1, 2, 4 ..."""
    return min(LONGEST, float(2**retries))
