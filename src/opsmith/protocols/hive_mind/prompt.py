"""workers/prompts/devops-worker.prompt: what the orchestrator asks of this worker, in Markdown.

It is context. The task is what the command line says; only where that says none is it taken from here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from opsmith.errors import SessionError
from opsmith.protocols.hive_mind.files import read_text
from opsmith.protocols.hive_mind.worker import WORKER

FILE = f"workers/prompts/{WORKER}.prompt"
MAX_PROMPT = 256 * 1024
_HEADING = re.compile(r"##\s+(.+?)\s*#*\s*")
_ITEM = re.compile(r"(?:[-*+]|\d+[.)])\s+(?:\[[ xX]\]\s+)?(.+)")
_FIELD = re.compile(r"(task|focus|dependencies):\s*(.+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """`timeout` is in seconds. What the prompt does not say is empty or None."""

    text: str
    task: str = ""
    focus: tuple[str, ...] = ()
    criteria: tuple[str, ...] = ()
    dependencies: tuple[str, ...] = ()
    timeout: int | None = None


def read(session: Path) -> Prompt | None:
    """The prompt of the session at `session`; None where there is none that can be read."""
    try:
        return parse(read_text(session / FILE, errors="replace", limit=MAX_PROMPT))
    except (OSError, SessionError):
        return None


def parse(text: str) -> Prompt:
    """Sections of level two, or lines "Task:", "Focus:", "Dependencies:"; free text without either is the task."""
    sections = _sections(text)
    if not sections:
        fields = {match[1].lower(): match[2].strip() for line in text.splitlines() if (match := _FIELD.fullmatch(line.strip()))}
        task = fields.get("task", "" if fields else text.strip())
        return Prompt(text=text, task=task, focus=_commas(fields.get("focus", "")), dependencies=_commas(fields.get("dependencies", "")))
    seconds = re.search(r"\d{1,7}", "\n".join(sections.get("timeout", ())))
    return Prompt(
        text=text,
        task="\n".join(sections.get("primary task", ())).strip(),
        focus=_items(sections.get("focus areas", ())),
        criteria=_items(sections.get("success criteria", ())),
        dependencies=_items(sections.get("dependencies", ())),
        timeout=int(seconds[0]) if seconds else None,
    )


def _sections(text: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    rows: list[str] = []
    for line in text.splitlines():
        heading = _HEADING.fullmatch(line)
        if heading:
            rows = found.setdefault(heading[1].lower(), [])
        else:
            rows.append(line)
    return found


def _items(rows: list[str] | tuple[str, ...]) -> tuple[str, ...]:
    listed = tuple(match[1].strip() for row in rows if (match := _ITEM.fullmatch(row.strip())))
    return tuple(item for item in listed or _commas(" ".join(rows)) if item.lower().strip(".") != "none")


def _commas(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())
