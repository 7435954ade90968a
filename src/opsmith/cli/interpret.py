from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from opsmith.cli import planning


def add(commands: Any) -> None:
    command = commands.add_parser("interpret", help="say what a task asks for, each value with the words that it came from")
    command.add_argument("task", metavar="TASK", help="the task in plain words; - reads it from standard input")
    command.add_argument("--repo", default=".", metavar="PATH", help="the repository that the task is about (default: this folder)")
    planning.add(command)
    command.add_argument("--format", choices=("text", "json"), default="text")
    command.set_defaults(action=action)


def action(options: argparse.Namespace) -> int:
    from opsmith import encoding
    from opsmith.stages.interpret import LONGEST, interpret

    task = _standard_input(LONGEST) if options.task == "-" else options.task
    planner = planning.planner(options, Path(options.repo), planning.progress, interactive=False)
    intent = interpret(task, planner)
    planning.tell_notes(planner)
    print(encoding.to_json(intent) if options.format == "json" else _text(intent))
    return 0


def _standard_input(longest: int) -> str:
    return sys.stdin.buffer.read(longest * 4 + 1).decode("utf-8", "replace")


def _text(intent: Any) -> str:
    lines = [f"kind: {intent.kind}"]
    lines += [f"  {one.sets} = {one.value}    from: {one.words!r}" for one in intent.understood if one.sets != "kind"]
    lines += [f"  for {one.hand_to}: {one.words!r}" for one in intent.out_of_scope]
    lines += [f"  not understood: {words!r}" for words in intent.not_understood]
    return "\n".join(lines)
