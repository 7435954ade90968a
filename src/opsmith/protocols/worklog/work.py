"""One run for an issue: the rules and the newest entries are read first, the entry is written last."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from opsmith.model.report import RunReport
from opsmith.protocols.hive_mind import files
from opsmith.protocols.worklog import issues
from opsmith.protocols.worklog.entries import Entry, entries
from opsmith.protocols.worklog.report import entry
from opsmith.protocols.worklog.rules import Rules, is_usual, rules
from opsmith.protocols.worklog.writing import inserted

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """`written` is False for a run that wrote nothing, which leaves no entry behind either. `warnings` are for whoever called."""

    report: RunReport
    entry: Entry
    written: bool
    warnings: tuple[str, ...]


def now() -> datetime:
    """Local wall clock, as people read it in the log."""
    return datetime.now().astimezone()


def work(root: Path, asked: str, run: Callable[[], RunReport], *, phase: str | None = None, clock: Clock = now) -> Logged:
    """Do `run` for the issue `asked` of the repository at `root`.

    Raises UsageError for an issue that is not there, SessionError for a WORKLOG that is no regular file, and what `run` raises.
    """
    issue = issues.find(root, asked)
    issues.text_of(issue.worklog)  # what cannot be read could not be written to afterwards
    followed = rules(root)
    report = run()
    made = entry(report, clock().strftime("%Y-%m-%d %H:%M"), followed, phase)
    tells = report.status in ("delivered", "refused")
    if tells:
        add(issue, made)
    return Logged(report=report, entry=made, written=tells, warnings=_warnings(followed, made, phase))


def add(issue: issues.Issue, made: Entry) -> None:
    """Put `made` above the entries of the issue; nobody else's entry is lost between reading and writing."""
    with files.locked(issue.folder):
        files.replace(issue.worklog, inserted(issues.text_of(issue.worklog), made, issue.title))


def newest(issue: issues.Issue, count: int) -> tuple[Entry, ...]:
    return entries(issues.text_of(issue.worklog))[:count]


def _warnings(followed: Rules, made: Entry, phase: str | None) -> tuple[str, ...]:
    found = list(followed.warnings)
    if made.next and not is_usual(made.next):
        found.append(f"{made.next} is none of those whom {made.author} hands work to")
    if phase and made.kind != "complete":
        found.append(f"phase {phase} is not complete: a gate did not hold, or nothing was written")
    return tuple(found)
