"""The entry for the Write Zone: a dated heading and the seed's four bullets, each on one line."""

from __future__ import annotations

from collections.abc import Sequence

from opsmith.model.report import RunReport
from opsmith.protocols.hive_mind import view
from opsmith.protocols.markdown import one_line
from opsmith.protocols.write_zone.review import Review
from opsmith.protocols.write_zone.scope import HandOver
from opsmith.protocols.write_zone.secrets import masked
from opsmith.protocols.write_zone.zone import AGENT

_FIRST = ("Dockerfile", "compose", "kustomization", "deployment", ".github/workflows", "monitoring")


def entry(report: RunReport, review: Review, hand_overs: Sequence[HandOver], date: str, *, beside: bool) -> str:
    bullets = (
        ("Implemented", _implemented(report, beside=beside)),
        ("Key files", view.listed(_key_files(report)) or "none"),
        ("Tests", _tests(report, review)),
        ("Next steps", _next(report, review, hand_overs)),
    )
    return "\n".join([f"## {AGENT} - {date}", *(f"- {name}: {one_line(masked(text), 300)}" for name, text in bullets)]) + "\n"


def _implemented(report: RunReport, *, beside: bool) -> str:
    made, system = view.listed(name.replace("_", " ") for name in view.targets(report)), view.listed(item.name for item in view.services(report))
    if report.status == "nothing_to_do":
        return "nothing, the task asks for nothing that this agent does"
    if report.status == "refused":
        return f"nothing, the proofs object to the drafted {made} for {system}"
    where = f"{len(view.put_in_place(report))} written" if beside else "in work.md"
    return f"{made} for {system} ({len(report.artifacts)} files, {where})"


def _key_files(report: RunReport) -> list[str]:
    """The few that a reader opens first."""
    paths = [item.path for item in report.artifacts]
    own = next((path for item in view.services(report) for path in paths if path.endswith(f"{item.name}/deployment.yaml")), "")
    found = [own if own and mark == "deployment" else next((path for path in paths if mark in path), "") for mark in _FIRST]
    return list(dict.fromkeys(path for path in found if path)) or paths[:4]


def _tests(report: RunReport, review: Review) -> str:
    counts = {outcome: len(view.proofs(report, outcome)) for outcome in ("proved", "refuted", "could_not_check")}
    told = [f"{counts['proved']} validations pass"]
    told += [f"{counts['refuted']} refuted"] if counts["refuted"] else []
    told += [f"{counts['could_not_check']} could not be checked"] if counts["could_not_check"] else []
    passed = sum(item.passed for item in review.criteria)
    return ", ".join(told) + (f"; acceptance {passed}/{len(review.criteria)}" if review.criteria else "")


def _next(report: RunReport, review: Review, hand_overs: Sequence[HandOver]) -> str:
    """Whose turn it is: what was handed over, then what is not shown yet, then what a person fills in."""
    steps = [f"{item.agent} for {item.matter}" for item in hand_overs]
    open_ = [item for item in review.criteria if not item.passed]
    first = open_[0].text.rstrip(".") if open_ else ""
    steps += [f"{len(open_)} criteria to show, first: {first}" if len(open_) > 1 else f"1 criterion to show: {first}"] if open_ else []
    if not steps:
        steps = list(report.open_points[:1]) or ["QC Automation Expert for testing"]
    return "; ".join(list(dict.fromkeys(steps))[:3])
