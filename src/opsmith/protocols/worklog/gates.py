"""The gates of a phase. One that fails, or that could not be checked, keeps the phase open: then there is no COMPLETE entry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from opsmith.model.report import RunReport
from opsmith.protocols import acceptance
from opsmith.protocols.hive_mind import view
from opsmith.protocols.worklog.entry import Entry
from opsmith.protocols.worklog.issue import Issue, Step
from opsmith.protocols.worklog.rules import AGENT, Rules

_SCANNERS = ("gitleaks", "trivy", "checkov", "zizmor")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """`passed` is False for what failed and for what could not be checked; `told` says which, and of what."""

    name: str
    passed: bool
    told: str


def gates(report: RunReport, issue: Issue, step: Step, entries: Sequence[Entry], rules: Rules, triggers: Sequence[str]) -> list[Gate]:
    """The five gates of `step`, in the order of the workflow document, and the security review where the rules ask for one."""
    return [
        _tests(report),
        _score(report, step, entries, rules),
        _coverage(report, rules),
        _security(report),
        *([_audit(report, entries, rules)] if triggers else []),
        _criteria(report, issue, step),
    ]


def _tests(report: RunReport) -> Gate:
    """For infrastructure the tests are what validates it: every proof that was asked for."""
    proved, refuted, unknown = (view.proofs(report, outcome) for outcome in ("proved", "refuted", "could_not_check"))
    if refuted:
        return Gate(name="tests", passed=False, told=f"{refuted[0].tool} refuted {refuted[0].paths[0]}")
    if unknown or not proved:
        names = view.listed(dict.fromkeys(proof.tool for proof in unknown))
        return Gate(name="tests", passed=False, told=f"could not check with {names}" if names else "no tool was asked")
    return Gate(name="tests", passed=True, told=f"{len(proved)} of {len(proved)} validations passed")


def _score(report: RunReport, step: Step, entries: Sequence[Entry], rules: Rules) -> Gate:
    review = _review(report, entries, rules.review_agent)
    if review is None or review.score is None:
        return Gate(name="review", passed=False, told=f"no review by {rules.review_agent} since the last change; {rules.minimum_score} is needed")
    good = review.outcome == "Approved" and review.score >= rules.minimum_score and _is_about(review, step)
    return Gate(name="review", passed=good, told=f"{review.score}/100 by {review.author}, {rules.minimum_score} is needed")


def _review(report: RunReport, entries: Sequence[Entry], agent: str) -> Entry | None:
    """The newest review by `agent` that has seen what now lies there."""
    if put_in_place(report):
        return None
    for entry in entries:
        if entry.kind == "review" and entry.author.lstrip("@") == agent:
            return entry
        if entry.author == AGENT and entry.kind in ("handoff", "complete") and _changed(entry):
            return None
    return None


def put_in_place(report: RunReport) -> list[str]:
    """The files that are new or other than before; of a plan, those that would be."""
    kinds = ("create", "update", "merge")
    return [change.path for change in report.changes if change.change in kinds and change.written and report.status in ("delivered", "planned")]


def _changed(entry: Entry) -> bool:
    return not str(entry.fields.get("Completed", "")).startswith(UNCHANGED)


UNCHANGED = "Checked again, nothing had to change"
"""How an entry begins whose run wrote no file: a review before it still holds."""


def _is_about(review: Entry, step: Step) -> bool:
    """A review that names phases has to name this one, or the whole that it belongs to."""
    text = str(review.fields.get("Reviewed", ""))
    return "phase" not in text.lower() or f"Phase {step.phase}" in text or f"Phase {step.phase.split('.')[0]} " in f"{text} "


def _coverage(report: RunReport, rules: Rules) -> Gate:
    """Configuration has no lines that a test runs: what covers it is a tool that reads it."""
    paths = [artifact.path for artifact in report.artifacts]
    covered = {path for proof in view.proofs(report, "proved") for path in proof.paths}
    if not paths:
        return Gate(name="coverage", passed=False, told="no file to cover")
    percent = 100 * len(covered.intersection(paths)) // len(paths)
    told = f"{percent} % of {len(paths)} files proved by a tool, {rules.minimum_coverage} % is needed"
    return Gate(name="coverage", passed=percent >= rules.minimum_coverage, told=told)


def _security(report: RunReport) -> Gate:
    issues = [item for item in report.findings if item.severity == "critical"] + [
        finding for proof in report.proofs if proof.tool in _SCANNERS for finding in proof.findings if finding.severity == "critical"
    ]
    if issues:
        return Gate(name="security", passed=False, told=f"{issues[0].rule}: {issues[0].message}")
    asked = [proof for proof in report.proofs if proof.tool in _SCANNERS]
    unknown = [proof.tool for proof in asked if proof.outcome == "could_not_check"]
    if unknown or not asked:
        return Gate(name="security", passed=False, told=f"could not check with {view.listed(dict.fromkeys(unknown)) or 'any scanner'}")
    return Gate(name="security", passed=True, told=f"nothing critical by {view.listed(dict.fromkeys(proof.tool for proof in asked))}")


def _audit(report: RunReport, entries: Sequence[Entry], rules: Rules) -> Gate:
    review = _review(report, entries, rules.security_agent)
    good = review is not None and review.outcome == "Approved"
    return Gate(name="security review", passed=good, told=f"{'approved' if good else 'not yet approved'} by {rules.security_agent}")


def _criteria(report: RunReport, issue: Issue, step: Step) -> Gate:
    """What the step says, and with the last open step what the whole issue says. What a person has ticked stands."""
    wanted = [step.text, *step.details] if not step.done else list(step.details)
    if all(item.done or item.phase == step.phase for item in issue.steps):
        wanted += [box.text for box in issue.criteria if not box.checked]
    for text in wanted:
        answer = acceptance.judge(text, report)
        if answer.state != "shown":
            return Gate(name="acceptance criteria", passed=False, told=f"{text}: {answer.told}")
    return Gate(name="acceptance criteria", passed=True, told=f"{len(wanted)} of {len(wanted)} shown" if wanted else "all ticked by a person")
