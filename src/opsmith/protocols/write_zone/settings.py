"""What .claude/.env and .claude/claude.json set, by the names that the blackboard's other agents use."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import Any, Literal, cast, get_args

from opsmith.errors import OpsmithError
from opsmith.shapes import items, table

Mode = Literal["strict", "normal", "permissive"]
MODES: tuple[str, ...] = get_args(Mode)
VALIDATORS = ("scorecard-validator", "write-zone-guard", "secret-scan", "diff-discipline", "format-lint", "hierarchy-governance")
_LINE = re.compile(r"\s*(?:export\s+)?(?P<name>[A-Z][A-Z0-9_]*)\s*=\s*(?P<value>.*)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Paths are relative to .claude. `notes` tell what was set and cannot be honoured."""

    mode: Mode = "normal"
    fail_fast: bool = False
    post_run_required: bool = True
    shortest_entry: int = 3
    longest_entry: int = 8
    placeholders: tuple[re.Pattern[str], ...] = ()
    scorecard_required: bool = True
    scorecard_rate: float = 0.9
    checklist_required: bool = True
    acceptance_rate: float = 1.0
    largest_work: int = 500
    seconds: float = 300
    validators: tuple[str, ...] = VALIDATORS
    task: str = "task.md"
    work: str = "work.md"
    scorecard: str = "scorecard.md"
    context: str = "tasks/context_session_1.md"
    notes: tuple[str, ...] = ()


def load(environment: str | None, configuration: str | None) -> Settings:
    """Raises OpsmithError for a value that means nothing; a wrong setting must not loosen a gate unseen."""
    return _with_environment(_with_configuration(Settings(), configuration), environment or "")


def _with_configuration(settings: Settings, text: str | None) -> Settings:
    if text is None:
        return settings
    try:
        keys = table(json.loads(text.removeprefix("\ufeff")))
    except (ValueError, RecursionError) as error:
        raise OpsmithError(f".claude/claude.json is no JSON: {error}.", next_step="mend or remove .claude/claude.json") from None
    named = items(table(keys.get("governance")).get("validators"))
    paths = {name: str(value) for name, value in table(keys.get("paths")).items() if name in ("task", "work", "scorecard", "context")}
    for name, value in paths.items():
        if not re.fullmatch(r"(?:[\w.-]+/)*[\w.-]+", value) or ".." in value.split("/"):
            raise OpsmithError(
                f"paths.{name} in .claude/claude.json is no path below .claude: {value!r}.", next_step=f"set it to {getattr(settings, name)}"
            )
    kept = tuple(name for name in VALIDATORS if not named or name in named or name in ("secret-scan", "write-zone-guard"))
    return replace(settings, validators=kept, **cast("Any", paths))


def _with_environment(settings: Settings, text: str) -> Settings:
    values = {match["name"]: _unquoted(match["value"]) for line in text.lstrip("\ufeff").splitlines() if (match := _LINE.match(line))}
    notes = [f"{name}=false was left aside: secrets are always looked for, and always block" for name in ("SECRET_SCAN_ENABLED", "BLOCK_ON_SECRETS")
             if name in values and not _flag(name, values[name])]  # fmt: skip
    return replace(
        settings,
        mode=_mode(values.get("VALIDATION_MODE", settings.mode)),
        fail_fast=_flag("FAIL_FAST", values.get("FAIL_FAST", "false")),
        post_run_required=_flag("POST_RUN_REQUIRED", values.get("POST_RUN_REQUIRED", "true")),
        shortest_entry=int(_number(values, "MIN_WRITE_ZONE_LENGTH", settings.shortest_entry, 1, 8)),
        longest_entry=int(_number(values, "MAX_WRITE_ZONE_LENGTH", settings.longest_entry, 3, 50)),
        placeholders=tuple(_pattern(part) for part in values.get("ALLOWED_PLACEHOLDERS", "").split(",") if part.strip()),
        scorecard_required=_flag("SCORECARD_REQUIRED", values.get("SCORECARD_REQUIRED", "true")),
        scorecard_rate=_number(values, "MIN_SCORECARD_PASS_RATE", settings.scorecard_rate, 0, 1),
        checklist_required=_flag("ACCEPTANCE_CHECKLIST_REQUIRED", values.get("ACCEPTANCE_CHECKLIST_REQUIRED", "true")),
        acceptance_rate=_number(values, "MIN_ACCEPTANCE_PASS_RATE", settings.acceptance_rate, 0, 1),
        largest_work=int(_number(values, "MAX_WORK_FILE_SIZE", settings.largest_work, 1, 100_000)),
        seconds=_number(values, "AGENT_TIMEOUT", settings.seconds, 1, 86_400),
        notes=tuple(notes),
    )


def _unquoted(value: str) -> str:
    """As a shell has it: quotes go, and so does a comment behind the value."""
    quoted = re.match(r"(?P<quote>[\"'])(?P<value>[^\"']*)(?P=quote)\s*(?:#.*)?$", value.strip())
    return quoted["value"] if quoted else value.partition(" #")[0].strip()


def _wrong(name: str, value: str, wanted: str) -> OpsmithError:
    return OpsmithError(f"{name}={value[:60]} in .claude/.env means nothing.", why=f"it has to be {wanted}.", next_step=f"set {name} in .claude/.env")


def _mode(value: str) -> Mode:
    if value.lower() not in MODES:
        raise _wrong("VALIDATION_MODE", value, "strict, normal or permissive")
    return cast("Mode", value.lower())


def _flag(name: str, value: str) -> bool:
    known = {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False, "off": False, "": False}
    if value.lower() not in known:
        raise _wrong(name, value, "true or false")
    return known[value.lower()]


def _number(values: dict[str, str], name: str, default: float, least: float, most: float) -> float:
    if name not in values:
        return default
    try:
        number = float(values[name])
    except ValueError:
        number = least - 1
    if not least <= number <= most:
        raise _wrong(name, values[name], f"a number from {least:g} to {most:g}")
    return number


def _pattern(text: str) -> re.Pattern[str]:
    """A placeholder's regular expression. Nested repetition is refused: a file of the project must not hold up the scan."""
    part = text.strip()
    if len(part) > 100 or re.search(r"[+*}]\)?[+*{]", part):
        raise _wrong("ALLOWED_PLACEHOLDERS", part, "a comma list of short regular expressions without nested repetition")
    try:
        return re.compile(part)
    except re.error:
        raise _wrong("ALLOWED_PLACEHOLDERS", part, "a comma list of regular expressions") from None
