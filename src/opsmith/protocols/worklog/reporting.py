"""A RunReport as an entry of the WORKLOG: what was done, why so, what to know, and who is next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from opsmith.model.report import RunReport
from opsmith.protocols.decisions import decisions
from opsmith.protocols.hive_mind import view
from opsmith.protocols.markdown import one_line
from opsmith.protocols.worklog.entry import Entry, Value
from opsmith.protocols.worklog.gates import UNCHANGED, Gate, put_in_place
from opsmith.protocols.worklog.issue import Step
from opsmith.protocols.worklog.rules import AGENT, Rules

MOST = 4
"""So many decisions and gotchas: an entry of 10 to 20 lines is read, a longer one is not."""


def handoff(report: RunReport, timestamp: str, rules: Rules, triggers: Sequence[str], notes: Sequence[str], step: Step | None) -> Entry:
    """The entry for work that was done, and for work that belongs to somebody else. `notes` are gotchas that go first."""
    agent, reason = following(report, rules, triggers, step)
    fields: dict[str, Value] = {
        "Completed": _completed(report),
        "Key decisions": decisions(report)[:MOST],
        "Gotchas": _limited(notes, gotchas(report)),
    }
    filled = _filled(fields | {"Files": files(report)})
    return Entry(timestamp=timestamp, kind="handoff", author=AGENT, next=agent, fields=filled, passing_reason=reason)


def complete(report: RunReport, timestamp: str, step: Step, gates: Sequence[Gate]) -> Entry:
    """The entry for a phase whose gates all passed."""
    fields: dict[str, Value] = {
        "Phase objective": step.text,
        "Implementation": [_completed(report), *decisions(report)[:MOST]],
        "Quality gates": [f"{gate.name}: {gate.told}" for gate in gates],
        "Files": files(report),
    }
    return Entry(timestamp=timestamp, kind="complete", author=AGENT, phase=step.phase, outcome="Complete", fields=_filled(fields))


def failed(report: RunReport, timestamp: str, loop: int, rules: Rules) -> Entry:
    """The entry for a run that its own proofs refused."""
    issues = view.critical_issues(report)
    counts = {outcome: len(view.proofs(report, outcome)) for outcome in ("proved", "refuted", "could_not_check")}
    fields: dict[str, Value] = {
        "Hypothesis": f"what was drafted for {view.listed(view.targets(report))} passes every tool and agrees across files",
        "Debug findings": _limited((), [*_objections(report), *issues]),
        "Implementation": f"{len(report.artifacts)} files drafted for {one_line(report.task, 120)}",
        "Result": f"refused, {len(issues)} {'problem' if len(issues) == 1 else 'problems'}",
        "Tests": f"{counts['proved']} proved, {counts['refuted']} refuted, {counts['could_not_check']} could not be checked",
        "Rollback": "none needed, nothing was written",
        "Next": _escalation(report, loop, rules),
    }
    return Entry(timestamp=timestamp, kind="troubleshooting", author=AGENT, outcome="Failed", loop=loop, fields=_filled(fields))


def _filled(fields: dict[str, Value]) -> dict[str, Value]:
    return {name: value for name, value in fields.items() if value}


def _completed(report: RunReport) -> str:
    task = one_line(report.task, 160).rstrip(".")
    if report.status == "nothing_to_do":
        return f"Nothing delivered: {task} is not infrastructure work"
    made = _words(name.replace("_", " ") for name in view.targets(report))
    system = _words(service.name for service in view.services(report))
    written = len(put_in_place(report))
    proved = view.proofs(report, "proved")
    accepted = f"accepted by {_words(dict.fromkeys(proof.tool for proof in proved))}" if proved else "no tool has accepted them yet"
    count = f"{written} of {len(report.artifacts)} files written" if written else f"{len(report.artifacts)} files"
    return f"{task if written else UNCHANGED}. {count} for {system} ({made}); {accepted}."


def _words(names: Iterable[str]) -> str:
    found = list(names)
    return found[0] if len(found) == 1 else f"{', '.join(found[:-1])} and {found[-1]}" if found else "nothing"


# -- gotchas -----------------------------------------------------------------------------------------------------------------------------


def gotchas(report: RunReport) -> list[str]:
    """What the next agent has to know, each with its way out: "issue: how it shows → solution"."""
    return list(dict.fromkeys([*_beside(report), *_unchecked(report), *_undecided(report), *_handed_over(report), *report.open_points]))


def _beside(report: RunReport) -> Iterator[str]:
    for change in report.changes:
        if change.change in ("foreign", "conflict") and change.written:
            yield f"{change.path}: another one was there and stays → compare it with {change.written}"


def _unchecked(report: RunReport) -> Iterator[str]:
    unknown = view.proofs(report, "could_not_check")
    missing = dict.fromkeys(proof.tool for proof in unknown if proof.how_to_get)
    if missing:
        yield f"Not checked by {_words(missing)}: not installed → opsmith tools says how to get them"
    for proof in unknown:
        if not proof.how_to_get:
            yield f"Not checked by {proof.tool}: {one_line(proof.reason, 120)} → check {proof.paths[0]} by hand, or with another version"


def _undecided(report: RunReport) -> Iterator[str]:
    survey = report.survey
    for item in (*survey.ambiguities, *(ambiguity for component in survey.components for ambiguity in component.ambiguities)):
        choices = " or ".join(one_line(choice, 80) for choice in item.choices)
        yield f"{item.component}.{item.fact}: {choices or 'not certain'} → {item.how_to_decide}"


def _handed_over(report: RunReport) -> Iterator[str]:
    for item in report.intent.out_of_scope:
        yield f'"{one_line(item.words, 120)}": not done here → {item.hand_to}'


def _objections(report: RunReport) -> list[str]:
    found = [(proof, finding) for proof in view.proofs(report, "refuted") for finding in proof.findings]
    return [f"{proof.tool}: {item.path or proof.paths[0]}:{item.line or 1}: {item.rule}: {one_line(item.message, 160)}" for proof, item in found]


def _limited(first: Sequence[str], then: Sequence[str]) -> list[str]:
    found = list(dict.fromkeys([*first, *then]))
    kept = len(first) + MOST
    rest = len(found) - kept
    return [*(one_line(item, 240) for item in found[:kept]), *([f"and {rest} more: opsmith run TASK --dry-run lists them"] if rest > 0 else [])]


def files(report: RunReport) -> list[str]:
    """The files of the delivery; where they are many, those of one folder together."""
    paths = [change.written for change in report.changes if change.written] or [artifact.path for artifact in report.artifacts]
    if len(paths) <= 10:
        return paths
    folders: dict[str, list[str]] = {}
    for path in paths:
        folders.setdefault("/".join(path.split("/")[:-1][:2]), []).append(path)
    return [told for folder, found in folders.items() for told in (found if len(found) < 3 or not folder else [f"{folder}/ ({len(found)} files)"])]


# -- who is next -------------------------------------------------------------------------------------------------------------------------


def following(report: RunReport, rules: Rules, triggers: Sequence[str], step: Step | None) -> tuple[str, str]:
    """The next agent and why, by the coordination rules: a blocking review first, then what this delivery leaves open."""
    if report.status == "nothing_to_do":
        item = report.intent.out_of_scope[0]
        return item.hand_to, one_line(item.words, 120)
    if triggers:
        return rules.security_agent, f"security review, asked for by {_words(triggers[:3])}"
    if step:
        return rules.review_agent, f"review of phase {step.phase} ({rules.minimum_score}/100 is needed)"
    slo, scale = report.intent.slo, report.intent.scale
    if slo.latency_ms is not None or scale.concurrent_users or scale.requests_per_second:
        return rules.escalates_to("performance"), f"whether the planned resources hold {_load(report)}"
    if books := view.paths(report, "runbooks"):
        return "technical-writer", f"the operating guide around {_words(books[:2])}"
    return rules.security_agent, f"review of {_words(view.paths(report, *view.PIPELINES)[:1] or [item.path for item in report.artifacts][:1])}"


def _load(report: RunReport) -> str:
    slo, scale = report.intent.slo, report.intent.scale
    told = [f"{slo.latency_ms:g} ms"] if slo.latency_ms is not None else []
    told += [f"{scale.concurrent_users} users at once"] if scale.concurrent_users else []
    return _words([*told, *([f"{scale.requests_per_second:g} requests a second"] if scale.requests_per_second else [])])


def _escalation(report: RunReport, loop: int, rules: Rules) -> str:
    first = next((proof for proof in view.proofs(report, "refuted")), None)
    mend = f"mend what {first.tool} objects to in {first.paths[0]} and run again" if first else "mend what is listed above and run again"
    if loop < 3:
        return mend
    scanners = ("gitleaks", "trivy", "checkov", "zizmor")
    matter = "security" if first and first.tool in scanners else "architecture"
    return f"{mend}; this is loop {loop}, so it goes to {rules.escalates_to(matter)}"
