"""Whether a WORKLOG keeps its format. A problem breaks a rule; a remark is something that a reader stumbles over."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from opsmith.protocols.markdown import Document, Heading
from opsmith.protocols.worklog.entry import FIELDS, OPTIONAL, Entry
from opsmith.protocols.worklog.reading import read, spans
from opsmith.redaction import redacted

LONG = 40
"""Lines after which an entry is no longer read; the target is 10 to 20."""
_BRACKETS = re.compile(r"\[AUTHOR:\s*[^\]]+\]|- @[\w.-]+")
_FULL_TIME = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]) (?:[01]\d|2[0-3]):[0-5]\d(?::\d{2})?\s")
_STARTED = re.compile(r"\bSTARTED\b|\((?:starting|started|in progress)\)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """`line` counts from 1. `remark`: told, and no reason to fail."""

    line: int
    rule: str
    message: str
    remark: bool = False


def lint(text: str) -> tuple[Problem, ...]:
    """Everything about `text` that the format of WORKLOG.md does not have, by line."""
    document = Document(text)
    log = read(text)
    entries = spans(document)
    starts = [heading for heading, _ in entries]
    found = [*_whole(document, starts), *_order(log.entries, starts)]
    for (heading, end), entry in zip(entries, log.entries, strict=True):
        found += _entry(document, heading, end, entry)
    return tuple(sorted(found, key=lambda item: (item.line, item.rule)))


def _whole(document: Document, starts: Sequence[Heading]) -> Iterator[Problem]:
    first = next((item for item in document.headings if item.level == 1), None)
    if first is None:
        yield Problem(line=1, rule="title", message="there is no title like `# WORKLOG: 007 Title`", remark=True)
    commits = document.find("Phase Commits", level=2)
    if commits is None:
        yield Problem(line=1, rule="phase-commits", message="there is no section Phase Commits", remark=True)
    elif starts and commits.line > starts[0].line:
        yield Problem(line=commits.line + 1, rule="phase-commits", message="Phase Commits stands below an entry, it belongs above all of them")
    for fence in document.fences:
        if fence.last is None:
            yield Problem(line=fence.first + 1, rule="fence", message="this code fence is never closed")
    for number, line in enumerate(document.plain, start=1):
        if redacted(line) != line:
            yield Problem(line=number, rule="secret", message="this may be a secret: take it out, and renew it where it was used")


def _order(entries: Sequence[Entry], starts: Sequence[Heading]) -> Iterator[Problem]:
    for above, entry, heading in zip(entries, entries[1:], starts[1:], strict=False):
        if len(above.timestamp) == len(entry.timestamp) and entry.timestamp > above.timestamp:
            yield Problem(line=heading.line + 1, rule="order", message=f"newer than the entry above it ({above.timestamp})", remark=True)


def _entry(document: Document, heading: Heading, end: int, entry: Entry) -> Iterator[Problem]:
    line = heading.line + 1
    if not _FULL_TIME.match(f"{heading.text} "):
        yield Problem(line=line, rule="time", message="the heading does not begin with YYYY-MM-DD HH:MM")
    if not _BRACKETS.search(heading.text):
        yield Problem(line=line, rule="author", message="the author stands as [AUTHOR: name], a person as @name")
    if _STARTED.search(heading.text):
        yield Problem(line=line, rule="started", message="an entry tells what was done, not what begins")
    if entry.kind == "handoff" and not entry.next:
        yield Problem(line=line, rule="next", message="a handoff names who is next: → [NEXT: agent]")
    yield from _fields(entry, line)
    length = sum(1 for number in range(heading.line, end) if document.plain[number].strip())
    if length > LONG:
        yield Problem(line=line, rule="length", message=f"{length} lines, where 10 to 20 are read", remark=True)


def _fields(entry: Entry, line: int) -> Iterator[Problem]:
    wanted = FIELDS[entry.kind]
    for name in wanted:
        if name not in OPTIONAL[entry.kind] and not entry.fields.get(name):
            yield Problem(line=line, rule="field", message=f"{name} is missing from this {entry.kind} entry")
    there = [wanted.index(name) for name in entry.fields if name in wanted]
    if there != sorted(there):
        yield Problem(line=line, rule="field-order", message=f"the fields stand in another order than {', '.join(wanted)}", remark=True)
    if entry.kind == "review" and entry.fields.get("Score") and entry.score is None:
        yield Problem(line=line, rule="score", message="the score is told as n/100")
    if entry.kind != "review" and "Score" in entry.fields:
        yield Problem(line=line, rule="foreign-score", message="a score stands in the reviewer's own entry, never in another's")
    if entry.kind == "handoff" and entry.next and not entry.passing_reason:
        yield Problem(line=line, rule="passing", message=f"the last line tells why: → Passing to {entry.next} for REASON", remark=True)
