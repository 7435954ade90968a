"""Values of jobs and steps that several systems of pipelines write alike."""

from __future__ import annotations

import re
from typing import Any

from opsmith.shapes import is_list, is_mapping, items, table


def strings(value: Any) -> str:
    """Every scalar in it, keys of mappings with them."""
    found: list[str] = []
    pending = [value]
    while pending and len(found) < 2_000:
        item = pending.pop()
        if is_mapping(item):
            pending += [part for key, inner in reversed(table(item).items()) for part in (inner, key)]
        elif is_list(item):
            pending += reversed(items(item))
        elif item is not None:
            found.append(str(item))
    return " ".join(found)


def many(value: Any) -> list[Any]:
    return items(value) or ([value] if value else [])


def lines(value: Any) -> list[str]:
    return [str(line) for line in many(value) if isinstance(line, str) or is_list(line)]


def names(value: Any) -> tuple[str, ...]:
    return tuple(str(name) for name in many(value) if isinstance(name, str))


def minutes(value: Any) -> float | None:
    """A time limit as a number of minutes; an hour for an expression: there is a limit, which one is not told."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return 60 if isinstance(value, str) else None


def gitlab_minutes(value: Any) -> float | None:
    """GitLab's "1h 30m", "90 minutes"."""
    if not isinstance(value, str):
        return None
    units = {"h": 60.0, "m": 1.0, "s": 1 / 60}
    parts = re.findall(r"(\d{1,6})\s*([hms])", value[:60].lower())
    return sum(int(number) * units[unit] for number, unit in parts) or None


def environment(value: Any) -> str:
    name = table(value).get("name") if is_mapping(value) else value
    return name if isinstance(name, str) else ""
