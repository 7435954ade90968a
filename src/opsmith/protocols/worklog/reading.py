"""WORKLOG.md as typed entries. Reading is tolerant: people and other agents write what they like."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from opsmith.protocols.markdown import Document, Heading, label
from opsmith.protocols.worklog.entry import FIELDS, Commit, Entry, Kind, Value, Worklog

_START = re.compile(r"(?P<date>\d{4}-\d{2}-\d{2})(?:[ T](?P<time>\d{2}:\d{2})(?::\d{2}(?:\.\d+)?)?)?(?=\s|$)\s*(?:[-–—]+\s*)?(?P<rest>.*)$")
_AUTHOR = re.compile(r"\[AUTHOR:\s*(?P<bracketed>[^\]]+)\]|(?P<bare>@?[\w.-]+)", re.IGNORECASE)
_NEXT = re.compile(r"(?:→|->|=>)\s*(?:\[NEXT:\s*(?P<bracketed>[^\]]+)\]|(?P<bare>@?[\w.-]+))", re.IGNORECASE)
_COMPLETE = re.compile(r"\(\s*Phase\s+(?P<phase>[\w.]+).*?\bCOMPLETED?\b", re.IGNORECASE)
_REVIEW = re.compile(r"\(\s*Review\s+(?P<outcome>Approved|Requires Changes)", re.IGNORECASE)
_LOOP = re.compile(r"\(\s*Loop\s+(?P<loop>\d{1,4})(?:\s*[-–—]\s*(?P<outcome>Success|Failed))?", re.IGNORECASE)
_RESEARCH = re.compile(r"\(\s*(?:Investigation|Research)\s+(?P<outcome>Complete|Incomplete)", re.IGNORECASE)
_PASSING = re.compile(r"\s*(?:→|->)\s*Passing to\s+(?P<agent>[\w.@-]+)(?:\s+for\s+(?P<reason>.*))?$", re.IGNORECASE)
_COMMIT = re.compile(r"\s*[-*]\s+Phase\s+(?P<phase>[\w.]+)\s*:\s*(?:`(?P<quoted>[^`]+)`|(?P<bare>N/A|DEFERRED)\b)?\s*(?:[-–—]\s*)?(?P<text>.*)$")
_ITEM = re.compile(r"\s*(?:[-*+]|\d+[.)])\s+(?P<text>.*)$")
_FILES = re.compile(r"(?:\*\*)?Files(?: reviewed| changed)?(?:\*\*)?:(?:\*\*)?\s*(?P<files>.*)$", re.IGNORECASE)
_NAMES = {name.casefold(): name for names in FIELDS.values() for name in names} | {
    "files reviewed": "Files",
    "files changed": "Files",
    "strengths observed": "Strengths",
    "issues found": "Issues",
    "quality gate": "Quality gates",
}


def read(text: str) -> Worklog:
    """What a WORKLOG says. Nothing in `text` is an error."""
    document = Document(text)
    found = spans(document)
    title = next((item.text for item in document.headings if item.level == 1 and (not found or item.line < found[0][0].line)), None)
    entries = tuple(_entry(document, heading, end) for heading, end in found)
    return Worklog(title=title, phase_commits=tuple(_commits(document)), entries=entries)


def entry_headings(document: Document) -> list[Heading]:
    """The level-2 headings that start with a date; any other belongs to the entry above it."""
    return [heading for heading in document.headings if heading.level == 2 and _START.match(heading.text)]


def spans(document: Document) -> list[tuple[Heading, int]]:
    """Each entry's heading, and the line at which the entry ends (exclusive)."""
    starts = entry_headings(document)
    return list(zip(starts, [*(heading.line for heading in starts[1:]), len(document.lines)], strict=False))


def _commits(document: Document) -> Iterator[Commit]:
    heading = document.find("Phase Commits", level=2)
    for line in document.body(document.section(heading)) if heading else ():
        if match := _COMMIT.match(line):
            yield Commit(phase=match["phase"], commit=match["quoted"] or match["bare"], text=match["text"].strip())


def _entry(document: Document, heading: Heading, end: int) -> Entry:
    start = _START.match(heading.text)
    assert start is not None  # noqa: S101  # entry_headings asked it
    rest = start["rest"]
    author = _AUTHOR.match(rest)
    suffix = rest[author.end() :] if author else rest
    lines = _body(document, range(heading.line + 1, end))
    kind, phase, outcome, loop = _kind(suffix, bracketed=bool(author and author["bracketed"]))
    fields = (_fields(lines) if kind != "manual" else {}) or _manual(lines)
    following = _NEXT.search(suffix)
    passing = next((match for line in reversed(lines) if (match := _PASSING.match(line))), None)
    name = (author["bracketed"] or author["bare"]).strip() if author else ""
    return Entry(
        timestamp=" ".join(filter(None, (start["date"], start["time"]))),
        kind=kind,
        author=name,
        next=(following["bracketed"] or following["bare"]).strip() if following else passing["agent"] if passing else None,
        phase=phase,
        outcome=outcome,
        score=_score(fields),
        fields=fields,
        passing_reason=(passing["reason"] or "").strip() or None if passing else None,
        loop=loop,
    )


def _body(document: Document, lines: range) -> list[str]:
    """The lines of one entry, without the rule that closes it."""
    last = next((number for number in reversed(lines) if document.plain[number].strip()), None)
    end = lines.stop if last is None or not document.is_rule(last) else last
    return document.plain[lines.start : end]


def _kind(suffix: str, *, bracketed: bool) -> tuple[Kind, str | None, str | None, int | None]:
    """Kind, phase, outcome and loop that the words after the author tell."""
    if match := _COMPLETE.search(suffix):
        return "complete", match["phase"], "Complete", None
    if match := _REVIEW.search(suffix):
        return "review", None, match["outcome"].title(), None
    if match := _LOOP.search(suffix):
        return "troubleshooting", None, match["outcome"].title() if match["outcome"] else None, int(match["loop"])
    if match := _RESEARCH.search(suffix):
        return "investigation", None, match["outcome"].title(), None
    return ("handoff" if bracketed or _NEXT.search(suffix) else "manual"), None, None, None


def _manual(lines: Sequence[str]) -> dict[str, Value]:
    files = [match for line in lines if (match := _FILES.match(line.strip()))]
    text = "\n".join(line for line in lines if not _FILES.match(line.strip()) and not _PASSING.match(line)).strip()
    return ({"Text": text} if text else {}) | ({"Files": _paths(files[0]["files"])} if files else {})


def _fields(lines: Sequence[str]) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for name, told, below in _blocks(lines):
        items = [match["text"].strip() for line in below if (match := _ITEM.match(line))]
        prose = [told, *(line.strip() for line in below if line.strip() and not _ITEM.match(line))]
        text = " ".join(part for part in prose if part)
        if name == "Files":
            found[name] = items or _paths(text)
        elif name not in found:
            found[name] = [*([text] if text else []), *items] if items else text
    return found


def _blocks(lines: Sequence[str]) -> Iterator[tuple[str, str, list[str]]]:
    """Each bold label that begins a line, what follows it there, and the lines below it."""
    name, told, below = "", "", list[str]()
    for line in lines:
        found = label(line) if line.lstrip().startswith("**") else None
        if found:
            if name:
                yield name, told, below
            name, told, below = _NAMES.get(found[0].casefold(), found[0]), found[1], []
        elif not _PASSING.match(line):
            below.append(line)
    if name:
        yield name, told, below


def _paths(text: str) -> list[str]:
    return [path for part in text.split(",") if (path := part.strip().strip("`").strip())]


def _score(fields: Mapping[str, Value]) -> int | None:
    told = fields.get("Score")
    match = re.match(r"\D{0,3}(\d{1,3})(?:\s*/\s*100|\s|$)", told) if isinstance(told, str) else None
    return int(match[1]) if match and int(match[1]) <= 100 else None
