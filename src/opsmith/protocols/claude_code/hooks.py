"""What a hook answers: context for the model, never a decision about permissions.

Input and output are Claude Code's: https://code.claude.com/docs/en/hooks
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from opsmith.protocols.claude_code import triggers
from opsmith.protocols.claude_code.agents import AGENTS
from opsmith.shapes import table

if TYPE_CHECKING:
    from opsmith.protocols.claude_code.triggers import Interpret, Ours

_SESSION = re.compile(r"[A-Za-z0-9._-]{1,200}")
_SHOWN = 120
_WHAT = "it surveys the repository, plans, renders the files, has real tools prove them, and writes only after --yes."


def prompt(data: dict[str, Any], interpret: Interpret) -> dict[str, Any] | None:
    """The answer to UserPromptSubmit; None = nothing to say."""
    text = data.get("prompt")
    if not isinstance(text, str) or text.lstrip().startswith("/") or _is_one_of_us(data):
        return None
    found = triggers.of_prompt(text, interpret)
    return _context("UserPromptSubmit", _advice(found, _session(text))) if found else None


def _session(text: str) -> str | None:
    if "session" not in text.lower():
        return None
    from opsmith.protocols.hive_mind.session import extract_id  # brings the whole protocol along, so only where it can matter

    return extract_id(text)


def tool(data: dict[str, Any]) -> dict[str, Any] | None:
    """The answer to PreToolUse; None = nothing to say."""
    given = table(data.get("tool_input"))
    if _is_one_of_us(data):
        return None
    if data.get("tool_name") == "Bash":
        command = triggers.of_command(str(given.get("command", "")))
        return _context("PreToolUse", _before(command)) if command else None
    path = str(given.get("file_path", given.get("notebook_path", "")))
    text = str(given.get("content", given.get("new_string", "")))
    return _context("PreToolUse", _by_hand(path.rpartition("/")[2])) if triggers.of_file(path, text) else None


def _is_one_of_us(data: dict[str, Any]) -> bool:
    """Inside one of our agents there is nothing to add."""
    return data.get("agent_type") in AGENTS


def _context(event: str, text: str) -> dict[str, Any]:
    return {"hookSpecificOutput": {"hookEventName": event, "additionalContext": text}}


def _advice(found: Ours, session: str | None) -> str:
    words = ", ".join(_quoted(word) for word in found.words)
    lines = [
        f"This reads as DevOps work ({words}). opsmith is this project's DevOps worker: {_WHAT}",
        'Hand it to the agent devops-engineer, or look first: opsmith run "TASK" --repo . --dry-run --format json',
    ]
    if session and _SESSION.fullmatch(session):
        lines.append(f"The prompt names session {session}: hand it to the agent devops-worker, which reports into that session.")
    lines += [f"Not part of it: {_quoted(item.words)}, which is for {item.hand_to}." for item in found.handed]
    return "\n".join(lines)


def _quoted(words: str) -> str:
    return '"' + " ".join(words.split())[:_SHOWN] + '"'


def _before(command: str) -> str:
    return f"{command} changes what is running. Prove the files first: opsmith verify . (exit code 0: nothing was refuted; 3: a tool refuted a file)."


def _by_hand(name: str) -> str:
    return (
        f"{_quoted(name)} is a deployment file. Where opsmith delivered it, opsmith explain FILE:LINE tells what each line comes from, and the next "
        "opsmith run merges with an edit. Afterwards have it proved: opsmith verify ."
    )
