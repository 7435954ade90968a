"""An entry as Markdown, and where in a WORKLOG it goes. Older bytes are never changed."""

from __future__ import annotations

from typing import assert_never

from opsmith.protocols.documents import line_end
from opsmith.protocols.markdown import Document, one_line
from opsmith.protocols.worklog.entry import FIELDS, Entry, Value
from opsmith.protocols.worklog.reading import entry_headings, spans
from opsmith.redaction import redacted


def written(entry: Entry) -> str:
    """The entry as the format has it. Text is put on one line and what may be a secret is hidden, whoever it comes from."""
    blocks = [_heading(entry), *(_field(name, entry.fields[name]) for name in FIELDS[entry.kind] if entry.fields.get(name))]
    if entry.kind == "handoff" and entry.next:
        blocks.append(f"→ Passing to {entry.next} for {_plain(entry.passing_reason or 'the next step')}")
    return "\n\n".join(blocks) + "\n"


def shown(entry: Entry) -> str:
    """The entry for a reader, with fields that the format does not know at the end."""
    known = FIELDS[entry.kind]
    more = [_field(name, value) for name, value in entry.fields.items() if name not in known and value]
    return "\n\n".join([written(entry).rstrip("\n"), *more]) + "\n"


def _heading(entry: Entry) -> str:
    if entry.kind == "manual":
        return f"## {entry.timestamp} - @{entry.author.lstrip('@')}"
    return f"## {entry.timestamp} - [AUTHOR: {entry.author}]{_suffix(entry)}"


def _suffix(entry: Entry) -> str:
    match entry.kind:
        case "handoff":
            return f" → [NEXT: {entry.next}]" if entry.next else ""
        case "complete":
            return f" (Phase {entry.phase} COMPLETE)"
        case "review":
            return f" (Review {entry.outcome})"
        case "troubleshooting":
            return f" (Loop {entry.loop} - {entry.outcome})" if entry.outcome else f" (Loop {entry.loop})"
        case "investigation":
            return f" (Investigation {entry.outcome})"
        case "manual":
            return ""
        case _:
            assert_never(entry.kind)


def _field(name: str, value: Value) -> str:
    if name == "Text":
        return "\n".join(_plain(line).lstrip("#") for line in str(value).split("\n"))
    if isinstance(value, str):
        return f"**{name}**: {_plain(value)}"
    if name == "Files":
        return f"**Files**: {', '.join(map(_plain, value))}"
    return "\n".join([f"**{name}**:", *(f"- {_plain(item)}" for item in value)])


def _plain(text: str) -> str:
    return one_line(redacted(text))


def inserted(text: str | None, piece: str, title: str) -> str:
    """`text` (None: no file yet) with the entry `piece` as its newest: above the first entry, below title and Phase Commits."""
    if text is None or not text.strip("\ufeff \t\r\n"):
        return (text or "") + f"# WORKLOG: {_plain(title)}\n\n## Phase Commits\n\n---\n\n{piece}"
    document = Document(text)
    starts = entry_headings(document)
    place = starts[0].line if starts else _below_head(document)
    before, after = "".join(document.lines[:place]), "".join(document.lines[place:])
    end = line_end(text)
    rule = _closing_rule(document, starts[0].line) if starts else ""
    gap = "" if not before or before.endswith(("\n\n", "\r\n\r\n")) else "\n" if before.endswith("\n") else "\n\n"
    closing = f"\n{rule}" if after.strip() else ""
    return before + (gap + piece + closing).replace("\n", end) + after


def _closing_rule(document: Document, first: int) -> str:
    """Where entries are separated by rules, ours is, too."""
    end = spans(document)[0][1]
    last = next((number for number in range(end - 1, first, -1) if document.plain[number].strip()), first)
    return "---\n\n" if document.is_rule(last) else ""


def _below_head(document: Document) -> int:
    """The line below title, Phase Commits with their closing rule, and a Work Entries heading: where the first entry goes."""
    heading = document.find("Work Entries", level=2)
    if heading:
        return _past_blank(document, heading.line + 1)
    commits = document.find("Phase Commits", level=2)
    if commits:
        return document.section(commits).stop
    title = next((item for item in document.headings if item.level == 1), None)
    return _past_blank(document, title.line + 1 if title else 0)


def _past_blank(document: Document, line: int) -> int:
    while line < len(document.lines) and not document.plain[line].strip():
        line += 1
    return line
