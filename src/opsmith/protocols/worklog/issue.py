"""The issue that a WORKLOG belongs to: its folder below pm/issues, what it asks for, and its plan."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from opsmith.errors import OpsmithError, UsageError
from opsmith.protocols import documents, front_matter
from opsmith.protocols.markdown import Checkbox, Document
from opsmith.shapes import table

ISSUES = "pm/issues"
TYPES: dict[str, Literal["task", "bug", "spike"]] = {"TASK.md": "task", "BUG.md": "bug", "SPIKE.md": "spike"}
_FOLDER = re.compile(r"(?:(?P<key>[A-Za-z][A-Za-z0-9]{0,19})-)?(?P<number>\d{1,9})(?:-.*)?$")
_ASKED = re.compile(r"(?:(?P<key>[A-Za-z][A-Za-z0-9]{0,19})-)?(?P<number>\d{1,9})$")
_STEP = re.compile(r"(?:\[CHECKPOINT\]\s*)?(?P<phase>\d+\.\d+)[.:]?\s+(?P<text>.*)$")
MAX_FOLDERS = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One checkbox of PLAN.md: "X.Y text" and what is indented below it."""

    phase: str
    text: str
    done: bool
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """`number` as the folder spells it. `criteria` are the checkboxes below Acceptance Criteria."""

    folder: Path
    number: str
    type: Literal["task", "bug", "spike"] | None
    title: str
    text: str
    status: str | None
    criteria: tuple[Checkbox, ...]
    steps: tuple[Step, ...]
    warnings: tuple[str, ...] = ()


def resolve(root: Path, asked: str) -> Path:
    """The folder of the issue: 7, 007, TASK-007 or the folder's whole name. Raises OpsmithError listing the candidates unless exactly one fits."""
    folders = _folders(root)
    exact = [folder for folder in folders if folder.name == asked]
    match = _ASKED.match(asked.strip().lstrip("#"))
    found = exact or [folder for folder in folders if match and _is_it(folder, match["key"], int(match["number"]))]
    if len(found) == 1:
        return found[0]
    if not found:
        near = [folder.name for folder in folders][:20]
        raise OpsmithError(
            f"No issue {asked!r} below {root / ISSUES}.",
            why=f"there are: {', '.join(near)}." if near else "there are no issues at all.",
            next_step=f"--issue {near[0]}" if near else f"mkdir -p {root / ISSUES}/001-title, with a TASK.md in it",
        )
    names = ", ".join(folder.name for folder in found[:20])
    raise OpsmithError(f"{len(found)} issues are called {asked}: {names}.", why="older folders carry a prefix.", next_step=f"--issue {found[0].name}")


def _folders(root: Path) -> list[Path]:
    base = documents.place(root, f"{ISSUES}/x").parent
    try:
        with os.scandir(base) as entries:
            names = sorted(entry.name for _, entry in zip(range(MAX_FOLDERS), entries, strict=False) if entry.is_dir(follow_symlinks=False))
    except (FileNotFoundError, NotADirectoryError):
        return []
    return [base / name for name in names if name.isprintable() and _FOLDER.match(name)]


def _is_it(folder: Path, key: str | None, number: int) -> bool:
    match = _FOLDER.match(folder.name)
    if match is None or int(match["number"]) != number:
        return False
    if key is None:
        return True
    if match["key"]:
        return match["key"].casefold() == key.casefold()
    return any(kind == key.casefold() and (folder / name).is_file() for name, kind in TYPES.items())


def load(root: Path, folder: Path) -> Issue:
    """What the issue's files say. Raises OpsmithError for files that cannot be read; a missing one is told as a warning."""
    warnings: list[str] = []
    found = [(name, text) for name in TYPES if (text := documents.read(documents.place(root, _below(folder, name)))) is not None]
    if not found:
        warnings.append(f"{folder.name} has none of {', '.join(TYPES)}, so its acceptance criteria are not known")
    name, text = found[0] if found else ("", "")
    yaml, body = front_matter.split(text)
    keys = _keys(yaml, name, warnings)
    document = Document(body)
    wanted = document.find("Acceptance Criteria", "Acceptance")
    number = re.search(r"\d+", folder.name)
    return Issue(
        folder=folder,
        number=number[0] if number else folder.name,
        type=TYPES.get(name),
        title=_title(document, folder),
        text=body,
        status=str(keys["status"]) if keys.get("status") else None,
        criteria=tuple(document.checkboxes(document.section(wanted))) if wanted else (),
        steps=_steps(root, folder),
        warnings=tuple(warnings),
    )


def _below(folder: Path, name: str) -> str:
    return f"{ISSUES}/{folder.name}/{name}"


def _keys(yaml: str | None, name: str, warnings: list[str]) -> dict[str, object]:
    if yaml is None:
        return {}
    try:
        return table(front_matter.load(yaml))
    except (ValueError, RecursionError) as error:
        warnings.append(f"the front matter of {name} is no YAML ({error}), so it was left out")
        return {}


def _title(document: Document, folder: Path) -> str:
    """The heading's words without the number and the word for the type; else the folder's name."""
    first = next((item.text for item in document.headings if item.level == 1), "")
    words = re.sub(r"^(?:(?:TASK|BUG|SPIKE|[A-Z]+)[- ]?)?\d*\s*[:.-]?\s*", "", first).strip()
    return words or re.sub(r"^(?:[A-Za-z]\w*-)?\d+-?", "", folder.name).replace("-", " ").strip() or folder.name


def _steps(root: Path, folder: Path) -> tuple[Step, ...]:
    text = documents.read(documents.place(root, _below(folder, "PLAN.md")))
    if text is None:
        return ()
    document = Document(text)
    boxes = document.checkboxes(range(len(document.lines)))
    found = [(box, match) for box in boxes if (match := _STEP.match(box.text.replace("**", "")))]
    ends = [*(box.line for box, _ in found[1:]), len(document.lines)]
    return tuple(
        Step(
            phase=match["phase"], text=match["text"].strip(), done=box.checked,
            details=tuple(_details(document, box.line, end)),
        )
        for (box, match), end in zip(found, ends, strict=True)
    )  # fmt: skip


def _details(document: Document, line: int, end: int) -> list[str]:
    """The items that are indented below a step."""
    found: list[str] = []
    for number in range(line + 1, end):
        row = document.plain[number]
        if not row.startswith((" ", "\t")) and row.strip():
            break
        if match := re.match(r"\s+[-*+]\s+(?:\[[ xX]\]\s+)?(.*)$", row):
            found.append(match[1].strip())
    return found


def step(issue: Issue, phase: str) -> Step:
    """The step `phase` of the plan. Raises UsageError that lists the steps there are."""
    found = next((item for item in issue.steps if item.phase == phase), None)
    if found is None:
        there = ", ".join(item.phase for item in issue.steps[:30])
        raise UsageError(
            f"The plan of {issue.folder.name} has no step {phase}.",
            why=f"it has {there}." if there else "it has no PLAN.md with lines like `- [ ] 1.1 text`.",
            next_step=f"--phase {issue.steps[0].phase}" if issue.steps else "leave out --phase",
        )
    return found


def worklog_file(issue: Issue, number: int | None) -> Path:
    """WORKLOG.md; for a spike WORKLOG-N.md, the one asked for, else the newest, else the first."""
    if issue.type != "spike":
        if number is not None:
            raise UsageError(f"{issue.folder.name} is no spike, so it has one WORKLOG.", next_step="leave out --exploration")
        return issue.folder / "WORKLOG.md"
    if number is None:
        there = [int(match[1]) for path in os.listdir(issue.folder) if (match := re.fullmatch(r"WORKLOG-(\d{1,4})\.md", path))]
        number = max(there, default=1)
    return issue.folder / f"WORKLOG-{number}.md"
