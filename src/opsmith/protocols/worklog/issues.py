"""The folder of an issue below pm/issues, what kind of issue it is, and its WORKLOG."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from opsmith.errors import UsageError
from opsmith.protocols.hive_mind import files

ISSUES = "pm/issues"
KINDS = ("TASK", "BUG", "SPIKE")
_FOLDER = re.compile(r"(?:(?:TASK|BUG|SPIKE|PROJ)-)?0*(?P<number>\d+)(?:-(?P<words>[\w.-]*))?", re.IGNORECASE)
_ASKED = re.compile(r"(?:[A-Za-z]+-)?0*(?P<number>\d+)")
MAX_READ = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """`kind` is told by which of TASK.md, BUG.md and SPIKE.md exists; None when none does."""

    number: int
    folder: Path
    words: str
    kind: str | None

    @property
    def title(self) -> str:
        words = self.words.replace("-", " ").replace("_", " ").strip()
        return f"{self.number:03d} {words[:1].upper()}{words[1:]}".rstrip()

    @property
    def worklog(self) -> Path:
        return self.folder / "WORKLOG.md"


def find(root: Path, asked: str) -> Issue:
    """The issue that `asked` (7, 007, TASK-007) means. Raises UsageError, naming the candidates, where there is none or more than one."""
    wanted = _ASKED.fullmatch(asked.strip())
    if wanted is None:
        raise UsageError(f"--issue {asked!r} is no number of an issue.", next_step="--issue 7, --issue 007 or --issue TASK-007")
    there = list(_issues(root))
    found = [issue for issue in there if issue.number == int(wanted["number"])]
    if len(found) > 1 and not asked.strip().isdigit():
        prefix = asked.partition("-")[0].upper()
        found = [issue for issue in found if issue.folder.name.upper().startswith(f"{prefix}-") or issue.kind == prefix] or found
    if len(found) == 1:
        return found[0]
    names = ", ".join(issue.folder.name for issue in found or there) or "none"
    what = "several issues have" if found else "no issue has"
    raise UsageError(f"In {root / ISSUES}, {what} the number {wanted['number']}.", why=f"there are: {names}.", next_step=f"ls {root / ISSUES}")


def _issues(root: Path) -> list[Issue]:
    base = root / ISSUES
    if not base.is_dir() or base.is_symlink():
        return []
    found = [(match, entry) for entry in sorted(base.iterdir()) if (match := _FOLDER.fullmatch(entry.name)) and _is_folder(entry)]
    return [Issue(number=int(match["number"]), folder=entry, words=match["words"] or "", kind=_kind(entry)) for match, entry in found]


def _is_folder(path: Path) -> bool:
    """A link may lead out of the repository."""
    return path.is_dir() and not path.is_symlink()


def _kind(folder: Path) -> str | None:
    return next((kind for kind in KINDS if (folder / f"{kind}.md").is_file()), None)


def text_of(path: Path) -> str:
    """The text of a file of an issue, "" when there is none. Raises SessionError for what is no regular file or too large."""
    try:
        return files.read_text(path, errors="replace", limit=MAX_READ)
    except FileNotFoundError:
        return ""
