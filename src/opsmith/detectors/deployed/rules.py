"""Alert and recording rules, in files of Prometheus' own form and in objects of its operator."""

from __future__ import annotations

import re
from collections.abc import Iterator

from opsmith.model.document import Document
from opsmith.model.estate import Rule
from opsmith.shapes import items, table

_PERIOD = re.compile(r"(\d{1,9})(ms|[smhdwy])")
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800, "y": 31_536_000}


def rules(document: Document, *place: str | int) -> Iterator[Rule]:
    """Of the groups at `place`."""
    for number, group in enumerate(items(document.at(*place))):
        for index, entry in enumerate(items(table(group).get("rules"))):
            body = table(entry)
            yield Rule(
                spot=document.spot(*place, number, "rules", index),
                alert=str(body.get("alert") or ""),
                record=str(body.get("record") or ""),
                expression=str(body.get("expr") or ""),
                seconds=seconds(body.get("for")),
                labels=table(body.get("labels")),
                annotations=table(body.get("annotations")),
            )


def seconds(period: object) -> float:
    """Of "1h30m"; 0 for what is no period."""
    return sum(int(number) * _SECONDS[unit] for number, unit in _PERIOD.findall(str(period or "")))
