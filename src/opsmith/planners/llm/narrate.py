"""Narrate: prose about a report. It is kept only when every figure, name and path in it stands in the report."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from pydantic import BaseModel, ConfigDict, Field

from opsmith.model.report import RunReport
from opsmith.planners.llm.conversation import Conversations
from opsmith.planners.llm.tools import wrapped

LONGEST = 1_500
MAX_FACTS = 60_000

INSTRUCTIONS = """\
Sum up for a developer what a run did: what will run, what was written, what tools proved, what could not be checked, what is left to do. At most
eight plain sentences, no headings, no lists, no advice of your own. Use no figure, name or path that does not stand in the facts.
"Could not be checked" is not a success: say how often it came up when it did. Say "refused" when the run was refused.
"""

FIGURE = re.compile(r"(?<![\w.])\d+(?:\.\d+)*(?![\w])")
NAME = re.compile(r"`[^`\n]+`|[\w@-]*(?:[\w-][./:_@][\w-]|[a-z][A-Z]|\w\d\w*|[A-Z]{2})[\w./:@-]*|(?<=[a-z,;] )[A-Z]\w+")
"""Whatever looks like a path, an identifier, an abbreviation or a proper name."""
NEUTRAL = frozenset(("ok", "and/or", "ci", "cd", "ci/cd", "http", "https", "api", "url", "devops", "yaml", "json", "e.g", "i.e"))
WORDS = re.compile(
    r"one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozens?|hundreds?|all|every|everything|fully|completely", re.IGNORECASE
)


class Prose(BaseModel):
    """The summary."""

    model_config = ConfigDict(extra="forbid")
    text: str = Field(description="at most eight sentences")


def prose(talks: Conversations, report: RunReport) -> str:
    """Empty, with a note, where it says what the report does not."""
    facts = facts_of(report)
    text = " ".join(talks.ask("narrate", INSTRUCTIONS, f"The facts:\n{wrapped('facts', facts[:MAX_FACTS])}", Prose).text.split())
    strange = unfounded(text, facts, report) if text else ""
    if strange:
        talks.ledger.note(f"the model's summary was left out: {strange}")
        return ""
    return text


def unfounded(text: str, facts: str, report: RunReport) -> str:
    """What in `text` does not stand in the facts, or is left unsaid; empty for nothing."""
    if len(text) > LONGEST:
        return f"it is longer than {LONGEST} characters"
    known = {word.lower() for word in _words(facts)}
    for token in (*FIGURE.findall(text), *(match.strip("`.,:;") for match in NAME.findall(text))):
        if token.lower() not in known and token.lower() not in NEUTRAL:
            return f"{token[:60]!r} does not stand in the report"
    unchecked = any(proof.outcome == "could_not_check" for proof in report.proofs)
    if unchecked and not re.search(r"could not be checked|could not check|unchecked|not be checked", text, re.IGNORECASE):
        return "it does not say that something could not be checked"
    if unchecked and re.search(r"\b(?:everything|all (?:files|of (?:them|it)))\b[^.]*\b(?:proved|checked|verified|passed)", text, re.IGNORECASE):
        return "it says that everything was proved"
    if report.status == "refused" and not re.search(r"\brefused\b", text, re.IGNORECASE):
        return "it does not say that the run was refused"
    return ""


def _words(facts: str) -> Iterator[str]:
    for word in re.findall(r"[^\s\"'`,;()\[\]{}=]+", facts):
        yield word.strip(".:")
        yield from re.split(r"[/:@]", word.strip(".:"))


def facts_of(report: RunReport) -> str:
    """The report as a model may see it: no file's text, which would be all of it, and no path of this machine."""
    lines = [f"status: {report.status}"]
    if report.blueprint is not None:
        plan = report.blueprint
        lines.append(f"system {plan.name}; targets: {', '.join(plan.targets)}; {len(plan.services)} services, {len(plan.backings)} backing services")
        lines += [
            f"service {one.name}: {one.role}{f', port {one.port.number}' if one.port else ''}, replicas {one.replicas}" for one in plan.services
        ]
        lines += [f"backing service {one.name}: {one.kind} {one.version or ''}" for one in plan.backings]
    lines.append(f"{len(report.artifacts)} files, {sum(1 for one in report.changes if one.written)} of them to be written")
    lines += [f"file {one.path}: {one.change}" for one in report.changes]
    counts = Counter(proof.outcome for proof in report.proofs)
    lines.append(f"{counts['proved']} proofs, {counts['refuted']} refuted, {counts['could_not_check']} could not be checked")
    tools = Counter((proof.tool, proof.version or "", proof.outcome) for proof in report.proofs)
    lines += [f"{tool} {version}: {outcome} {number} times" for (tool, version, outcome), number in sorted(tools.items())]
    lines += [f"not checked: {proof.tool}: {proof.reason}" for proof in report.proofs if proof.outcome == "could_not_check"]
    lines += [f"finding: {one.severity}: {one.path or ''}: {one.rule}: {one.message}" for one in report.findings]
    lines += [f"open: {point}" for point in report.open_points]
    if report.readiness is not None:
        lines.append(f"readiness before {report.readiness.before.percent} %, after {report.readiness.after.percent} %")
    return "\n".join(lines)
