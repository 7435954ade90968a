"""An assessment for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from opsmith.model.assessment import Assessment, Comparison, Result, Score, Spot
from opsmith.reports.text import table

PLACES = 3
WORDS = {"met": "met", "not_met": "not met", "could_not_check": "could not check", "does_not_apply": "does not apply", None: "not judged"}


def text(result: Assessment, *, everything: bool = False) -> str:
    """The scores, what changed, then the gaps from the weightiest on; `everything` adds what is met and what does not apply."""
    blocks = [_scores(result)]
    if result.compared:
        blocks.append("\n".join(comparison(result.compared)))
    blocks += _gaps(result)
    blocks += _unchecked(result)
    if everything:
        blocks += _others(result)
    if result.unread:
        blocks.append("Not read\n" + "\n".join(f"  {line}" for line in result.unread))
    return "\n\n".join(blocks)


def shown(score: Score) -> str:
    return "-" if score.percent is None else f"{score.percent} %"


def _scores(result: Assessment) -> str:
    rows = [(layer.title, *_cells(layer.score)) for layer in result.layers]
    rows.append(("Whole", *_cells(result.score)))
    return f"Readiness of {result.root}: {shown(result.score)}\n\n" + table(rows, ("layer", "score", "met", "not met", "could not check"))


def _cells(score: Score) -> tuple[str, str, str, str]:
    return shown(score), str(score.met), str(score.not_met), str(score.could_not_check)


def comparison(found: Comparison) -> Iterator[str]:
    yield f"Before {shown(found.before)}, now {shown(found.after)}"
    told = (
        ("closed", [change.id for change in found.changes if change.after == "met" and change.before == "not_met"]),
        ("opened", [change.id for change in found.changes if change.after == "not_met"]),
        ("met now, not judged before", [change.id for change in found.changes if change.after == "met" and change.before != "not_met"]),
        (
            "judged no longer",
            [change.id for change in found.changes if change.after not in ("met", "not_met") and change.before in ("met", "not_met")],
        ),
    )
    yield from (f"  {title}: {', '.join(ids)}" for title, ids in told if ids)


def weightiest(results: Sequence[Result]) -> list[Result]:
    return sorted(results, key=lambda item: -item.weight)


def _gaps(result: Assessment) -> Iterator[str]:
    gaps = weightiest([item for item in result.results if item.state == "not_met"])
    if gaps:
        yield "Not met\n" + "\n".join(_gap(item) for item in gaps)


def _gap(item: Result) -> str:
    lines = [f"  {item.id}  {'!' * item.weight}", f"      {item.message}"]
    if item.evidence:
        lines.append(f"      at {places(item.evidence)}")
    lines.append(f"      source: {item.source}")
    if item.task:
        lines.append(f'      closed by: opsmith run "{item.task}"')
    return "\n".join(lines)


def places(evidence: Sequence[Spot]) -> str:
    more = f" and {len(evidence) - PLACES} more" if len(evidence) > PLACES else ""
    return ", ".join(map(str, evidence[:PLACES])) + more


def _unchecked(result: Assessment) -> Iterator[str]:
    """One line for each reason: what a missing tool or an unrendered chart hides is said once."""
    reasons: dict[str, list[str]] = {}
    for item in result.results:
        if item.state == "could_not_check":
            reasons.setdefault(item.message, []).append(item.id)
    if reasons:
        yield "Could not check (counted neither as met nor as not met)\n" + "\n".join(f"  {_names(ids)}: {why}" for why, ids in reasons.items())


def _names(ids: Sequence[str]) -> str:
    return ", ".join(ids) if len(ids) <= 3 else f"{ids[0]} and {len(ids) - 1} more of {ids[0].partition('/')[0]}"


def _others(result: Assessment) -> Iterator[str]:
    for state, title in (("met", "Met"), ("does_not_apply", "Does not apply")):
        found = [item for item in result.results if item.state == state]
        if found:
            yield f"{title}\n" + table(
                [(item.id, item.message + (f" ({places(item.evidence)})" if item.evidence else "")) for item in found], ("standard", "why")
            )
