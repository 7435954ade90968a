"""Where the files of the protocol lie, and the settings that `.claude/.env` may change."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from opsmith.errors import SettingsError
from opsmith.protocols.hive_mind import files

TASK = ".claude/task.md"
WORK = ".claude/work.md"
CONTEXT = ".claude/tasks/context_session_1.md"
SCORECARD = ".claude/scorecard.md"
SETTINGS = ".claude/.env"
AGENT = "DevOps Architect"
NAME = "devops-architect"
MAX_READ = 4 * 1024 * 1024

Mode = Literal["strict", "normal", "permissive"]
MODES: tuple[Mode, ...] = ("strict", "normal", "permissive")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """`largest_work` in bytes; lengths in lines that are not blank, heading included; rates between 0 and 1."""

    mode: Mode = "normal"
    shortest: int = 3
    longest: int = 8
    largest_work: int = 500 * 1024
    acceptance_rate: float = 1.0
    placeholders: tuple[str, ...] = ()


def text_of(path: Path) -> str | None:
    """The text of a file; None when there is none. Raises SessionError for what is no regular file or too large."""
    try:
        return files.read_text(path, errors="replace", limit=MAX_READ)
    except FileNotFoundError:
        return None


def settings(root: Path, mode: str | None = None) -> Settings:
    """What `.claude/.env` says, `mode` of the command line over it. Whether secrets block is not among it: they always do.

    Raises SettingsError for a value of the wrong form.
    """
    found = dict(_pairs(text_of(root / SETTINGS) or ""))
    chosen = mode or found.get("VALIDATION_MODE", "normal").lower()
    if chosen not in MODES:
        raise SettingsError(f"VALIDATION_MODE in {SETTINGS} is {chosen!r}.", next_step=f"one of {', '.join(MODES)}")
    return Settings(
        mode=next(known for known in MODES if known == chosen),
        shortest=_whole(found, "MIN_WRITE_ZONE_LENGTH", 3),
        longest=_whole(found, "MAX_WRITE_ZONE_LENGTH", 8),
        largest_work=_whole(found, "MAX_WORK_FILE_SIZE", 500) * 1024,
        acceptance_rate=_rate(found, "MIN_ACCEPTANCE_PASS_RATE", 1.0),
        placeholders=tuple(part.strip() for part in found.get("ALLOWED_PLACEHOLDERS", "").split(",") if part.strip()),
    )


def _pairs(text: str) -> list[tuple[str, str]]:
    matches = (re.match(r"\s*(?:export\s+)?([A-Z_]+)\s*=\s*(.*?)\s*$", line) for line in text.splitlines())
    return [(match[1], match[2].strip("'\"")) for match in matches if match]


def _whole(found: dict[str, str], name: str, otherwise: int) -> int:
    value = found.get(name)
    if value is None:
        return otherwise
    if not re.fullmatch(r"\d{1,6}", value):
        raise SettingsError(f"{name} in {SETTINGS} is {value!r}, which is no whole number.", next_step=f"{name}={otherwise}")
    return int(value)


def _rate(found: dict[str, str], name: str, otherwise: float) -> float:
    value = found.get(name)
    if value is None:
        return otherwise
    if not re.fullmatch(r"0(?:\.\d+)?|1(?:\.0+)?", value):
        raise SettingsError(f"{name} in {SETTINGS} is {value!r}, which is no number from 0 to 1.", next_step=f"{name}={otherwise}")
    return float(value)
