"""Whether a version of an image fits what a project states, which may be a range. None: that cannot be told."""

from __future__ import annotations

import re

_DEPTH = {"python": 2, "node": 1, "go": 2, "java": 1, "ruby": 2, "php": 2, "dotnet": 1, "elixir": 2, "rust": 2, "deno": 1, "bun": 1}
"""How many parts of a version make a line whose members stand for each other."""


def same_line(runtime: str, one: str, two: str) -> bool:
    """Whether both are of one line; what one leaves open fits, and what is no plain number fits everything."""
    first, second = _numbers(one), _numbers(two)
    size = min(_DEPTH.get(runtime, 2), len(first), len(second))
    return size == 0 or not re.match(r"^v?\d", one.strip()) or first[:size] == second[:size]


def allows(runtime: str, stated: str, version: str) -> bool | None:
    """Whether the image's `version` (`3.12`, maybe only `3`) fits `stated`."""
    text, numbers = stated.strip(), _numbers(version)
    if re.fullmatch(r"v?(?:python-|go)?\d+(?:\.\d+)*(?:\.x|\.\*)?", text):
        if runtime == "go":
            return None if len(numbers) < 2 else numbers[:2] >= _numbers(text)[:2]
        return None if runtime not in ("python", "node", "java", "ruby") else same_line(runtime, text.lstrip("v").removeprefix("python-"), version)
    if runtime not in ("python", "node", "ruby", "php") or not re.fullmatch(r"[\s\d.,<>=^~*x|v]+", text):
        return None
    sides = [side for side in re.split(r"\|\|?", text) if side.strip()]
    told = [_side(runtime, side, numbers) for side in sides]
    return None if not told or (None in told and True not in told) else any(told)


def _side(runtime: str, side: str, numbers: tuple[int, ...]) -> bool | None:
    parts = re.findall(r"([<>=^~!]*)\s*v?(\d+(?:\.\d+)*)", side)
    told = [_one(runtime, operator, _numbers(stated), numbers) for operator, stated in parts]
    return None if not told else False if False in told else None if None in told else True


def _one(runtime: str, operator: str, stated: tuple[int, ...], numbers: tuple[int, ...]) -> bool | None:
    """Compared as far as both are told: an image `3` may hold any 3.x."""
    size = min(len(stated), len(numbers))
    low, high = numbers[:size], stated[:size]
    if operator in ("", "=", "==", "~", "~=", "~>"):
        kept = size if operator in ("", "=", "==") or len(stated) < 2 else min(size, len(stated) - (operator != "~"))
        kept = min(kept, _DEPTH.get(runtime, 2)) if operator in ("", "=", "==") else kept
        return None if kept == 0 else low[:kept] == high[:kept]
    if operator == "^":
        return low[:1] == high[:1] and low >= high
    if low != high:
        return low > high if operator.startswith(">") else low < high if operator.startswith("<") else None
    exact = len(numbers) >= len(stated)
    return True if operator in (">=", "<=") else False if exact and operator in ("<", ">") and len(numbers) <= len(stated) else None


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d{1,6}", text.partition("-")[0] if text[:1].isdigit() else text)[:3])
