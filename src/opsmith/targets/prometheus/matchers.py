"""Label values for test series: ones that the matchers of failed requests select, and ones that they leave out."""

from __future__ import annotations

import re

_MATCHER = re.compile(r'(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"')
_FAILED = ("500", "5xx", "5XX", "error", "failure", "Internal", "true", "SERVER_ERROR")
_PASSED = ("200", "2xx", "2XX", "success", "OK", "false", "SUCCESS")


def failing(matchers: str) -> str:
    """Labels (`status="500"`) that every matcher selects."""
    return _labels(matchers, _FAILED, wanted=True)


def passing(matchers: str) -> str:
    """Labels that no matcher selects."""
    return _labels(matchers, _PASSED, wanted=False)


def _labels(matchers: str, candidates: tuple[str, ...], *, wanted: bool) -> str:
    found = {name: _value(operator, told, candidates, wanted=wanted) for name, operator, told in _MATCHER.findall(matchers)}
    return ",".join(f'{name}="{value}"' for name, value in found.items())


def _value(operator: str, told: str, candidates: tuple[str, ...], *, wanted: bool) -> str:
    literal = tuple(re.sub(r"\.|\\d|\[0-9\]", "0", part).strip("^$()") for part in told.split("|"))
    tried = (*candidates, *literal) if operator.startswith("=") == wanted else candidates
    return next((value for value in tried if _selects(operator, told, value) == wanted), literal[0] if wanted else "other")


def _selects(operator: str, told: str, value: str) -> bool:
    match operator:
        case "=":
            return value == told
        case "!=":
            return value != told
        case "=~":
            return re.fullmatch(told, value) is not None
        case _:
            return re.fullmatch(told, value) is None
