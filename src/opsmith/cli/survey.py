from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any


def add(commands: Any) -> None:
    command = commands.add_parser("survey", help="say what a repository is: components, ports, commands, databases, each with evidence")
    command.add_argument("path", nargs="?", default=".", help="the repository (default: this folder)")
    command.add_argument("--format", choices=("text", "json"), default="text")
    command.set_defaults(action=action)


def action(options: argparse.Namespace) -> int:
    from opsmith import encoding, settings
    from opsmith.reports import text
    from opsmith.stages.survey import survey

    root = Path(options.path)
    result = survey(root, settings.load(root))
    for problem in result.problems:
        where = problem.file + (f":{problem.line}" if problem.line else "")
        print(f"warning: {where}: {problem.what}", file=sys.stderr)
    print(encoding.to_json(result) if options.format == "json" else text.survey(result))
    return 0
