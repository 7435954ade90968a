from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any


def add(commands: Any) -> None:
    command = commands.add_parser("session", help="make a hive-mind session, or check whether its worker kept the protocol")
    verbs = command.add_subparsers(dest="verb", metavar="VERB", required=True)
    new = verbs.add_parser("new", help="make a session and print its id")
    new.add_argument("title", metavar="TITLE")
    check = verbs.add_parser("check", help="the compliance check of the coordination protocol")
    check.add_argument("id", metavar="ID")
    check.add_argument("--format", choices=("text", "json"), default="text")
    for verb, action in ((new, _new), (check, _check)):
        verb.add_argument("--repo", default=".", help="the project root (default: this folder)")
        verb.set_defaults(action=action)


def _new(options: argparse.Namespace) -> int:
    from opsmith.errors import RepositoryError
    from opsmith.protocols.hive_mind.session import create

    root = Path(options.repo)
    if not root.is_dir():
        raise RepositoryError(f"{root} is no folder.", next_step="--repo PATH")
    print(create(root, options.title).name)
    return 0


def _check(options: argparse.Namespace) -> int:
    """Exit code 3 (as for every refusing check) when the protocol was not kept."""
    from opsmith import encoding
    from opsmith.errors import Refused
    from opsmith.protocols.hive_mind.logger import WorkerLogger
    from opsmith.protocols.hive_mind.session import check, locate, require_valid
    from opsmith.protocols.hive_mind.worker import WORKER

    session = locate(Path(options.repo), options.id)
    require_valid(session)
    result = check(session)
    WorkerLogger(session, WORKER).log_debug("compliance check", "COMPLIANCE", encoding.to_plain(result))
    print(encoding.to_json(result) if options.format == "json" else _text(result))
    if not result.compliant:
        sys.stderr.write(f"opsmith: {options.id} is not compliant.\n")
    return 0 if result.compliant else Refused.exit_code


def _text(result: Any) -> str:
    lines = [f"compliant:      {'yes' if result.compliant else 'no'}", f"first event:    {result.first_event or 'none'}"]
    lines.append(f"missing events: {', '.join(result.missing_events) or 'none'}")
    lines.append(f"notes, JSON:    {'there' if result.notes_exists else 'missing'}, {'there' if result.json_exists else 'missing'}")
    return "\n".join([*lines, *(f"problem:        {problem}" for problem in result.problems)])
