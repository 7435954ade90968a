from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from opsmith.cli import planning

if TYPE_CHECKING:
    from opsmith.model.survey import Survey


def add(commands: Any) -> None:
    command = commands.add_parser("interpret", help="say what a task asks for, each value with the words that it came from")
    command.add_argument("task", metavar="TASK", help="the task in plain words; - reads it from standard input")
    command.add_argument(
        "--repo", metavar="PATH", help="the repository that the task is about: its names and files are recognised (default: only the words count)"
    )
    planning.add(command)
    command.add_argument("--format", choices=("text", "json"), default="text")
    command.set_defaults(action=action)


def action(options: argparse.Namespace) -> int:
    from opsmith import encoding
    from opsmith.stages.interpret import LONGEST, interpret, words_of

    task = _standard_input(LONGEST) if options.task == "-" else options.task
    words_of(task)  # refuses what is no task before a repository is read
    planner = planning.planner(options, Path(options.repo or "."), planning.progress, interactive=False)
    intent = interpret(task, planner, None if options.repo is None else _surveyed(options.repo))
    planning.tell_notes(planner)
    print(encoding.to_json(intent) if options.format == "json" else _text(intent))
    return 0


def _surveyed(path: str) -> Survey:
    from opsmith import settings
    from opsmith.stages.survey import survey

    return survey(Path(path), settings.load(Path(path)))


def _standard_input(longest: int) -> str:
    return sys.stdin.buffer.read(longest * 4 + 1).decode("utf-8", "replace")


def _text(intent: Any) -> str:
    lines = [f"kind: {intent.kind}"]
    lines += [f"  {one.sets} = {one.value}    from: {one.words!r}" for one in intent.understood if one.sets != "kind"]
    lines += [f"  for {one.hand_to}: {one.words!r}" for one in intent.out_of_scope]
    lines += [f"  not understood: {words!r}" for words in intent.not_understood]
    return "\n".join(lines)
