"""Our two hooks in .claude/settings.json, put in and taken out without touching anything else that stands there.

The format is Claude Code's: https://code.claude.com/docs/en/hooks
"""

from __future__ import annotations

import json
import re
from typing import Any

from opsmith.errors import SettingsError
from opsmith.shapes import is_list, is_mapping, items, table

FILE = ".claude/settings.json"
SECONDS = 5
"""After which Claude Code goes on without the hook."""
TOOLS = "Write|Edit|MultiEdit|NotebookEdit|Bash"
EVENTS = {"UserPromptSubmit": "prompt", "PreToolUse": "tool"}
"""By the event, the name that `opsmith hook` has for it."""
_OURS = re.compile(r"\bopsmith hook (?:prompt|tool)\b")


def command(name: str) -> str:
    """Silent where opsmith is not installed: the file is shared with people who may not have it."""
    return f"command -v opsmith >/dev/null 2>&1 && opsmith hook {name} || exit 0"


def with_hooks(text: str | None) -> str:
    """`text` (None = no file yet) with our hooks; the same text where they are in it. Raises SettingsError for what cannot be merged."""
    value = _read(text)
    hooks = _hooks(value)
    missing = [event for event in EVENTS if not any(_is_ours(handler) for _, handler in _handlers(hooks, event))]
    if not missing and text is not None:
        return text
    added = {event: [*items(hooks.get(event)), _group(event)] for event in missing}
    return _written(value | {"hooks": hooks | added}, text)


def without_hooks(text: str) -> str:
    """`text` without our hooks, and without the lists that only they were in; the same text where none is in it. Raises as `with_hooks`."""
    value = _read(text)
    hooks = _hooks(value)
    if not any(_is_ours(handler) for event in EVENTS for _, handler in _handlers(hooks, event)):
        return text
    left = {event: kept for event, groups in hooks.items() if (kept := _kept(groups) if event in EVENTS else groups)}
    rest = value | {"hooks": left} if left else {key: item for key, item in value.items() if key != "hooks"}
    return _written(rest, text)


def _kept(groups: Any) -> list[Any]:
    found: list[Any] = []
    for group in items(groups):
        handlers = items(table(group).get("hooks"))
        others = [handler for handler in handlers if not _is_ours(handler)]
        if others == handlers:
            found.append(group)
        elif others:
            found.append(table(group) | {"hooks": others})
    return found


def _group(event: str) -> dict[str, Any]:
    handler = {"type": "command", "command": command(EVENTS[event]), "timeout": SECONDS}
    return ({"matcher": TOOLS} if event == "PreToolUse" else {}) | {"hooks": [handler]}


def _handlers(hooks: dict[str, Any], event: str) -> list[tuple[Any, Any]]:
    return [(group, handler) for group in items(hooks.get(event)) for handler in items(table(group).get("hooks"))]


def _is_ours(handler: Any) -> bool:
    return _OURS.search(str(table(handler).get("command", ""))) is not None


def _hooks(value: dict[str, Any]) -> dict[str, Any]:
    hooks = value.get("hooks", {})
    if not is_mapping(hooks):
        raise _refused('its "hooks" are no object')
    for event in EVENTS:
        groups = table(hooks).get(event, [])
        if not is_list(groups) or not all(is_mapping(group) and is_list(table(group).get("hooks", [])) for group in items(groups)):
            raise _refused(f'its "hooks" for {event} are not what Claude Code reads: a list of objects with a list "hooks"')
    return table(hooks)


def _read(text: str | None) -> dict[str, Any]:
    if text is None:
        return {}
    try:
        value: Any = json.loads(text.removeprefix("\ufeff").strip() or "{}", object_pairs_hook=_without_twins)
    except (ValueError, RecursionError) as error:
        commented = re.search(r"(?m)^\s*(?://|/\*)|,\s*//", text) is not None
        raise _refused("it has comments, which JSON does not have" if commented else f"it is no JSON ({error})") from None
    if not is_mapping(value):
        raise _refused("it holds no object")
    return table(value)


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Of two keys of one name the first would be lost in writing."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def _refused(how: str) -> SettingsError:
    return SettingsError(
        f"{FILE} cannot be merged with: {how}. Nothing was changed.",
        why="merging would lose what stands there.",
        next_step=f"mend {FILE}, then run it again",
    )


def _written(value: dict[str, Any], before: str | None) -> str:
    """With the indentation and the line end that the file had."""
    had = before or ""
    indent = re.search(r"(?m)^([ \t]+)\S", had)
    on_one_line = '"' in had and "\n" not in had.strip()
    text = json.dumps(value, indent=indent[1] if indent else None if on_one_line else 2, ensure_ascii=False)
    text = text if had.strip() and not had.endswith("\n") else f"{text}\n"
    return text.replace("\n", "\r\n") if "\r\n" in had else text
