"""Alert and recording rules, in files of Prometheus' own form and in objects of its operator."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from opsmith.model.estate import Document, Object, Place, Rule
from opsmith.shapes import items, table

_PERIOD = re.compile(r"(\d{1,9})(ms|[smhdwy])")
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800, "y": 31_536_000}


def rules(documents: Iterable[Document], objects: Iterable[Object]) -> tuple[Rule, ...]:
    own = (rule for document in documents for rule in _groups(document, ("groups",), document.body.get("groups")))
    operators = (
        rule for item in objects if item.kind == "PrometheusRule" for rule in _groups(item.document, ("spec", "groups"), item.spec.get("groups"))
    )
    return (*own, *operators)


def _groups(document: Document, place: Place, groups: object) -> Iterator[Rule]:
    for number, group in enumerate(items(groups)):
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
