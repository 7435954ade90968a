"""`opsmith plan`: the blueprint, every value with the fact, word, setting or default it came from."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from opsmith.cli import planning


def add(commands: Any) -> None:
    command = commands.add_parser("plan", help="show the blueprint for a task, with every default by name; writes nothing")
    command.add_argument("task", metavar="TASK")
    command.add_argument("--repo", default=".", metavar="PATH", help="the repository (default: this folder)")
    command.add_argument("--target", action="append", metavar="NAME", help="plan just this target (repeatable)")
    planning.add(command)
    command.add_argument("--format", choices=("text", "json"), default="text")
    command.set_defaults(action=action)


def action(options: argparse.Namespace) -> int:
    from opsmith import encoding, pipeline
    from opsmith.reports import text

    flags = {"targets": tuple(options.target) if options.target else None}
    repo = Path(options.repo)
    planner = planning.planner(options, repo, planning.progress, interactive=False)
    blueprint = pipeline.plan(repo, options.task, planner, flags)
    planning.tell_notes(planner)
    print(encoding.to_json(blueprint) if options.format == "json" else text.plan(blueprint))
    return 0
