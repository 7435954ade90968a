"""One task of an issue: read what is known, have the work done, write the entry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from opsmith.errors import OpsmithError
from opsmith.model.report import RunReport
from opsmith.protocols import documents
from opsmith.protocols.worklog import conduct, issue, reporting, rules
from opsmith.protocols.worklog.conduct import Conduct
from opsmith.protocols.worklog.entry import Entry, Worklog
from opsmith.protocols.worklog.gates import Gate, gates
from opsmith.protocols.worklog.issue import Issue, Step
from opsmith.protocols.worklog.reading import read
from opsmith.protocols.worklog.rules import AGENT, Rules
from opsmith.protocols.worklog.writing import inserted, written

Permit = Callable[[RunReport], bool]
Work = Callable[[str, Permit], RunReport]
"""Does the words; before anything is written, the permit is asked with the report of what would be."""
Clock = Callable[[], datetime]


def local_now() -> datetime:
    """The wall clock of this machine: what a person beside it would write."""
    return datetime.now(UTC).astimezone()


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """`entry` None: there was nothing to tell. `written`: it stands in `file` now. `broken` is what CLAUDE.md forbade."""

    report: RunReport
    file: Path
    entry: Entry | None
    text: str
    written: bool
    gates: tuple[Gate, ...]
    warnings: tuple[str, ...]
    broken: tuple[str, ...] = ()
    read: tuple[Entry, ...] = ()
    """The newest entries as they stood before, which were read first."""


NEWEST = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What is known before the work: the issue with its plan, its WORKLOG, and the project's rules."""

    root: Path
    issue: Issue
    step: Step | None
    file: Path
    log: Worklog
    rules: Rules
    conduct: Conduct


def run(root: Path, asked: str, task: str, work: Work, *, phase: str | None = None, exploration: int | None = None, clock: Clock = local_now) -> Done:
    """Do `task` for the issue `asked` and write the entry, unless nothing was delivered because nobody wanted it written.

    Raises OpsmithError for an issue or WORKLOG that cannot be used, before anything is done, and what `work` raises.
    """
    context = load(root, asked, phase=phase, exploration=exploration)
    report = work(task, lambda planned: not _broken(context, planned))
    broken = _broken(context, report)
    triggers = rules.security_triggers(context.rules, (task, context.issue.title, context.issue.text), _paths(report))
    checked = _gates(context, report, triggers)
    entry = _entry(context, report, triggers, checked, clock)
    text = written(entry) if entry else ""
    final = entry is not None and report.status != "planned"
    if final:
        _write(context, text)
    return Done(
        report=report, file=context.file, entry=entry, text=text, written=final, gates=tuple(checked), warnings=_warnings(context, entry),
        broken=tuple(broken) if report.status == "planned" else (), read=context.log.entries[:NEWEST],
    )  # fmt: skip


def load(root: Path, asked: str, *, phase: str | None = None, exploration: int | None = None) -> Context:
    """Read the issue `asked`, its plan and WORKLOG, and the project's rules. Raises OpsmithError for what cannot be used."""
    known = issue.load(root, issue.resolve(root, asked))
    file = issue.worklog_file(known, exploration)
    return Context(
        root=root, issue=known, step=issue.step(known, phase) if phase else None, file=file, log=read(documents.read(file) or ""),
        rules=rules.load(root), conduct=conduct.load(root),
    )  # fmt: skip


def _broken(context: Context, report: RunReport) -> list[str]:
    return conduct.broken(context.conduct, _paths(report))


def _paths(report: RunReport) -> list[str]:
    """What is, or would be, written."""
    return [change.written for change in report.changes if change.written]


def _gates(context: Context, report: RunReport, triggers: list[str]) -> list[Gate]:
    if context.step is None or report.status == "nothing_to_do":
        return []
    return gates(report, context.issue, context.step, context.log.entries, context.rules, triggers)


def _entry(context: Context, report: RunReport, triggers: list[str], checked: list[Gate], clock: Clock) -> Entry | None:
    now = clock().strftime("%Y-%m-%d %H:%M")
    if report.status == "refused":
        return reporting.failed(report, now, _loop(context.log), context.rules)
    if report.status == "nothing_to_do" and not report.intent.out_of_scope:
        return None
    if context.step and checked and all(gate.passed for gate in checked):
        return reporting.complete(report, now, context.step, checked)
    notes = [*_open_gates(context, checked), *_unchecked_rules(context.conduct)]
    return reporting.handoff(report, now, context.rules, triggers, notes, context.step)


def _open_gates(context: Context, checked: list[Gate]) -> list[str]:
    phase = context.step.phase if context.step else ""
    return [f"Phase {phase} is not complete: {gate.name} → {gate.told}" for gate in checked if not gate.passed]


def _unchecked_rules(kept: Conduct) -> list[str]:
    lines = ", ".join(map(str, kept.unchecked[:8]))
    return [f"{conduct.FILE}: no machine checked the rules on lines {lines}, which name no file → read them in the review"] if lines else []


def _loop(log: Worklog) -> int:
    """One more than the failed loops that stand on top."""
    number = 0
    for entry in log.entries:
        if entry.kind != "troubleshooting" or entry.outcome != "Failed" or entry.author != AGENT:
            break
        number += 1
    return number + 1


def _write(context: Context, text: str) -> None:
    """Read again under the lock: what others wrote while the work went on is kept."""
    with documents.locked(context.file.parent):
        before = documents.read(context.file)
        documents.replace(context.file, inserted(before, text, f"{context.issue.number} {context.issue.title}"))


def _warnings(context: Context, entry: Entry | None) -> tuple[str, ...]:
    told = [*context.issue.warnings, *context.rules.warnings]
    if entry and entry.next and not context.rules.is_known(entry.next):
        told.append(f"{entry.next} is none of the agents that {AGENT} hands work to")
    return tuple(told)


def newest(root: Path, asked: str, count: int, *, exploration: int | None = None) -> tuple[Context, tuple[Entry, ...]]:
    """The newest entries of an issue. Raises OpsmithError where there is no WORKLOG yet."""
    context = load(root, asked, exploration=exploration)
    if not context.file.exists():
        raise OpsmithError(
            f"{context.file} does not exist.", why="nobody has written an entry yet.", next_step=f'opsmith worklog run --issue {asked} "TASK"'
        )
    return context, context.log.entries[:count]
