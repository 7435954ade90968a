"""scorecard.md: the project's own checklist, judged like the task's criteria."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from opsmith.model.report import RunReport
from opsmith.protocols import acceptance
from opsmith.protocols.markdown import Document, one_line
from opsmith.protocols.write_zone.review import Item, Review
from opsmith.redaction import redacted

Overall = Literal["PASS", "CONDITIONAL PASS", "FAIL"]
MOST = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorecard:
    """`items` are those that can be judged of this work at all."""

    items: tuple[Item, ...]
    overall: Overall


def judged(text: str, report: RunReport, review: Review, rate: float) -> Scorecard:
    """The checkboxes of `text`. An item that reads as one of our own checklists is as it is there. `rate`: how many have to pass."""
    document = Document(text)
    known = {_key(item.text): item for item in (*review.ours, *review.checklist, *review.criteria)}
    boxes = document.checkboxes(range(len(document.lines)))[:MOST]
    items = tuple(_item(box.text.replace("**", ""), report, known) for box in boxes if box.text)
    return Scorecard(items=items, overall=_overall(items, rate))


def _item(text: str, report: RunReport, known: dict[str, Item]) -> Item:
    told = one_line(redacted(text), 300)
    same = known.get(_key(told))
    if same:
        return same
    answer = acceptance.judge(text, report)
    if answer.state == "shown":
        return Item(text=told, passed=True, shown_by=answer.told)
    return Item(text=told, passed=False, reason=one_line(answer.told, 300), mitigation=one_line(answer.mitigation, 300))


def _key(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())


def _overall(items: Sequence[Item], rate: float) -> Overall:
    passed = sum(item.passed for item in items)
    if passed == len(items):
        return "PASS"
    return "CONDITIONAL PASS" if passed >= rate * len(items) else "FAIL"
