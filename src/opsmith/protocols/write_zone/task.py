"""task.md: what is asked for. It is only read; whatever stands in it are words, and no heading of it becomes one of ours."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from opsmith.protocols.markdown import Checkbox, Document, label

_PLACEHOLDER = re.compile(r"\[[^\]]*\]\.?$")
_ITEM = re.compile(r"\s*(?:[-*+]|\d+[.)])\s+(?:\[[ xX]\]\s+)?(?P<text>.*)$")
_WHY = re.compile(r"\s+[-–—(].*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """`requirements`, `deliverables`, `inside` and `outside` are lines in the order of the file; unfilled placeholders are left out.

    `missing` are the sections that the form has and this file has not: told, never fatal.
    """

    title: str
    objective: str
    requirements: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    deliverables: tuple[str, ...] = ()
    inside: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()
    criteria: tuple[Checkbox, ...] = ()
    header: tuple[tuple[str, str], ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """The task as one text for a planner: what is wanted, then what is not."""
        wanted = [self.title, self.objective, *self.requirements, *self.constraints, *self.deliverables, *self.inside]
        wanted += [box.text for box in self.criteria]
        unwanted = [f"No {_WHY.sub('', line).rstrip('.')}." for line in self.outside]
        return "\n".join(dict.fromkeys(line for line in (*map(_sentence, wanted), *unwanted) if line))


def read(text: str) -> Task | None:
    """None where neither a title nor an objective is told."""
    document = Document(text)
    title = _title(document)
    objective = " ".join(_lines(document, "Objective"))
    if not title and not objective:
        return None
    return Task(
        title=title or objective[:80],
        objective=objective,
        requirements=tuple(_lines(document, "Requirements")),
        constraints=tuple(_lines(document, "Constraints")),
        deliverables=tuple(_lines(document, "Deliverables")),
        inside=tuple(_lines(document, "In Scope", "In")),
        outside=tuple(_lines(document, "Out of Scope", "Out")),
        criteria=tuple(_criteria(document)),
        header=tuple(_header(document)),
        missing=tuple(name for name in ("Objective", "Requirements", "Acceptance Criteria", "Deliverables") if document.find(name) is None),
    )


def _title(document: Document) -> str:
    named = next((item for item in document.headings if item.level <= 2 and re.match(r"task\s*:", item.text, re.IGNORECASE)), None)
    found = named or next((item for item in document.headings if item.level == 1 and "template" not in item.text.lower()), None)
    text = re.sub(r"^task\s*:\s*", "", found.text, flags=re.IGNORECASE) if found else ""
    return "" if _PLACEHOLDER.match(text) else text


def _header(document: Document) -> Iterator[tuple[str, str]]:
    """The bold lines above the first section."""
    first = next((item.line for item in document.headings if item.level == 2 and not item.text.lower().startswith("task")), len(document.lines))
    for line in document.body(range(first)):
        if (found := label(line)) and not _PLACEHOLDER.match(found[1]):
            yield found


def _criteria(document: Document) -> Iterable[Checkbox]:
    heading = document.find("Acceptance Criteria")
    boxes = document.checkboxes(document.section(heading)) if heading else []
    return (box for box in boxes if box.text and not _PLACEHOLDER.match(_unlabelled(box.text)))


def _lines(document: Document, *names: str) -> Iterator[str]:
    """The lines of a section and of what stands below it, as plain words."""
    heading = document.find(*names)
    for line in document.body(document.section(heading)) if heading else ():
        text = line.strip()
        if not text or text.startswith(("#", "|", ">")) or set(text) <= set("-*_ "):
            continue
        item = _ITEM.match(line)
        words = (item["text"] if item else text).strip()
        if words and not _PLACEHOLDER.match(_unlabelled(words)) and not (item is None and label(text) and not _unlabelled(text)):
            yield " ".join(words.replace("**", "").split())


def _unlabelled(text: str) -> str:
    found = label(text)
    return found[1] if found else text


def _sentence(line: str) -> str:
    text = line.replace("**", "").strip()
    return text if not text or text.endswith((".", "!", "?", ":")) else f"{text}."
