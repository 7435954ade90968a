"""What real tools said of a kind of files, as the state of a standard."""

from __future__ import annotations

from opsmith.model.assessment import Judgement, Spot
from opsmith.model.estate import Estate
from opsmith.provers.verdicts import REFUTING
from opsmith.standards.verdicts import could_not_check, does_not_apply, listed, met, not_met


def asked(
    estate: Estate, tool: str, about: str, *, none: str, task: str | None, without: tuple[str, ...] = (), unreadable: tuple[str, ...] = ()
) -> Judgement:
    """The outcome of `tool` over all of its files: one objection is enough, and one file that nobody could check keeps it from being met.

    `without` are rules that are left aside, `unreadable` those by which the tool says that it does not understand a file.
    """
    proofs = [proof for proof in estate.proofs if proof.tool == tool]
    if not estate.tools_asked:
        return could_not_check(f"{tool} was not asked (--no-tools)")
    if not proofs:
        return does_not_apply(none)
    aside = {f"{tool}/{rule}" for rule in without}
    refuting = (finding for proof in proofs if proof.outcome == "refuted" for finding in proof.findings if finding.severity in REFUTING)
    against = [finding for finding in refuting if finding.rule not in aside]
    lost = [finding for finding in against if finding.rule.removeprefix(f"{tool}/") in unreadable]
    if lost and len(lost) == len(against):
        return could_not_check(f"{tool} cannot read it: {lost[0].message}", [Spot(file=item.path, line=item.line) for item in lost if item.path])
    if against:
        spots = [Spot(file=finding.path, line=finding.line) for finding in against if finding.path]
        objections = "1 objection" if len(against) == 1 else f"{len(against)} objections"
        rules = listed(finding.rule.removeprefix(f"{tool}/") for finding in against)
        return not_met(f"{tool} has {objections} to {_files(spots, about)}: {rules}", spots, task=task)
    unchecked = [proof for proof in proofs if proof.outcome == "could_not_check"]
    if unchecked:
        get = f"; get it with: {unchecked[0].how_to_get}" if unchecked[0].how_to_get else ""
        return could_not_check(f"{unchecked[0].reason}{get}", [Spot(file=path) for proof in unchecked for path in proof.paths])
    paths = dict.fromkeys(path for proof in proofs for path in proof.paths)
    return met(f"{tool} accepts {len(paths)} {about}{'' if len(paths) == 1 else 's'}", [Spot(file=path) for path in paths])


def _files(spots: list[Spot], about: str) -> str:
    number = len({spot.file for spot in spots})
    return f"{number} {about}{'' if number == 1 else 's'}"
