"""Scores, and how two assessments differ."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from opsmith.model.assessment import Assessment, Change, Comparison, Result, Score, State


def score(results: Iterable[Result]) -> Score:
    found = tuple(results)
    met = sum(item.weight for item in found if item.state == "met")
    judged = met + sum(item.weight for item in found if item.state == "not_met")
    return Score(
        percent=met * 100 // judged if judged else None,  # rounded down: 100 is said only where nothing is missing
        met=_count(found, "met"),
        not_met=_count(found, "not_met"),
        could_not_check=_count(found, "could_not_check"),
        does_not_apply=_count(found, "does_not_apply"),
    )


def _count(results: Sequence[Result], state: str) -> int:
    return sum(item.state == state for item in results)


def compared(before: Assessment, after: Assessment) -> Comparison:
    """Standards in the order of what is assessed now; those that are judged no longer at the end."""
    then: dict[str, State] = {item.id: item.state for item in before.results}
    now: dict[str, State] = {item.id: item.state for item in after.results}
    ids = list(dict.fromkeys([item.id for item in (*after.results, *before.results)]))
    changes = tuple(Change(id=name, before=then.get(name), after=now.get(name)) for name in ids if then.get(name) != now.get(name))
    return Comparison(before=before.score, after=after.score, changes=changes)
