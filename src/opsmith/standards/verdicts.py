"""The four things a standard can say, and the usual way from single places to one of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from opsmith.model.assessment import Judgement, Spot

SHOWN = 6


def met(message: str, evidence: Iterable[Spot] = ()) -> Judgement:
    return Judgement(state="met", message=message, evidence=_once(evidence))


def not_met(message: str, evidence: Iterable[Spot] = (), *, task: str | None) -> Judgement:
    return Judgement(state="not_met", message=message, evidence=_once(evidence), task=task)


def could_not_check(reason: str, evidence: Iterable[Spot] = (), *, task: str | None = None) -> Judgement:
    return Judgement(state="could_not_check", message=reason, evidence=_once(evidence), task=task)


def does_not_apply(reason: str) -> Judgement:
    return Judgement(state="does_not_apply", message=reason)


def each(good: Sequence[Spot], bad: Sequence[Spot], *, what: str, fails: str, holds: str, task: str | None, named: Iterable[str] = ()) -> Judgement:
    """Not met by a single bad one. `what` counts ("1 container", "2 containers"); `named` are the bad ones by name."""
    if not bad:
        return met(f"{counted(len(good), what)} {holds}", good)
    who = listed(named)
    return not_met(f"{len(bad)} of {counted(len(good) + len(bad), what)} {fails}{f': {who}' if who else ''}", bad, task=task)


def counted(number: int, what: str) -> str:
    """ "1 image", "2 images"; "3 policies"."""
    if number == 1:
        return f"1 {what}"
    return f"{number} {what[:-1]}ies" if what.endswith("y") else f"{number} {what}s"


def listed(names: Iterable[str]) -> str:
    unique = list(dict.fromkeys(name for name in names if name))
    more = f" and {len(unique) - SHOWN} more" if len(unique) > SHOWN else ""
    return ", ".join(unique[:SHOWN]) + more


def _once(evidence: Iterable[Spot]) -> tuple[Spot, ...]:
    return tuple(dict.fromkeys(evidence))
