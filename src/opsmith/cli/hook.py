"""`opsmith hook prompt|tool`: what Claude Code's hooks call. Quick, and never in the way: whatever goes wrong, exit code 0."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from opsmith.model.intent import Intent

MAX_INPUT = 4 * 1024 * 1024


def add(commands: Any) -> None:
    command = commands.add_parser("hook", help="answer a hook of Claude Code, which `opsmith init claude` installs")
    # No choices: exit code 2, with which argparse refuses, would block the prompt or the tool.
    command.add_argument("what", nargs="*", metavar="prompt|tool", help="UserPromptSubmit or PreToolUse; the hook's JSON is read from standard input")
    command.set_defaults(action=action)


def action(options: argparse.Namespace) -> int:
    try:
        answer = _answer(" ".join(options.what))
        if answer:
            print(answer)
    except Exception as error:  # nothing that goes wrong here is worth a session
        print(f"opsmith hook: {type(error).__name__}: {error}", file=sys.stderr)
    return 0


def _answer(what: str) -> str:
    import json

    from opsmith.protocols.claude_code import hooks
    from opsmith.shapes import is_mapping

    data: Any = json.loads(sys.stdin.buffer.read(MAX_INPUT))
    if not is_mapping(data):
        raise TypeError("the input is no JSON object")
    match what:
        case "prompt":
            found = hooks.prompt(data, _interpret)
        case "tool":
            found = hooks.tool(data)
        case _:
            raise ValueError(f"{what!r} is neither prompt nor tool")
    return json.dumps(found) if found else ""


def _interpret(task: str) -> Intent:
    from opsmith.planners import rules

    return rules.interpret(task)
