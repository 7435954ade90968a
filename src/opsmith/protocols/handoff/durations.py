"""Durations as Go prints and reads them: 1.5s, 320ms, 2m0.5s."""

from __future__ import annotations

import re

_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ns": 1e-9}
_PART = re.compile(r"(\d{1,12}(?:\.\d{1,12})?)(h|ms|us|µs|μs|ns|m|s)")
_WHOLE = re.compile(rf"(?:{_PART.pattern}){{1,6}}")


def written(seconds: float) -> str:
    """As time.Duration.String of Go, from whole nanoseconds."""
    nanoseconds = max(0, round(seconds * 1e9))
    if nanoseconds == 0:
        return "0s"
    for unit, size in (("ns", 1), ("µs", 1_000), ("ms", 1_000_000)):
        if nanoseconds < (size * 1_000 if unit != "ms" else 1_000_000_000):
            return f"{_decimal(nanoseconds, size)}{unit}"
    minutes, rest = divmod(nanoseconds, 60 * 1_000_000_000)
    hours, minutes = divmod(minutes, 60)
    tail = f"{_decimal(rest, 1_000_000_000)}s"
    return f"{hours}h{minutes}m{tail}" if hours else f"{minutes}m{tail}" if minutes else tail


def _decimal(nanoseconds: int, size: int) -> str:
    whole, rest = divmod(nanoseconds, size)
    digits = str(rest).rjust(len(str(size)) - 1, "0").rstrip("0") if rest else ""
    return f"{whole}.{digits}" if digits else str(whole)


def seconds(text: str) -> float | None:
    """None for what is no duration."""
    if text == "0":
        return 0.0
    if not _WHOLE.fullmatch(text):
        return None
    return sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(text))
