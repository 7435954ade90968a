"""`opsmith session`: make a hive-mind session, look at it, check it, and find its id in a prompt."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from opsmith.protocols.hive_mind.compliance import Compliance
    from opsmith.protocols.hive_mind.overview import SessionView


def add(commands: Any) -> None:
    command = commands.add_parser("session", help="make, show or check a hive-mind session")
    verbs = command.add_subparsers(dest="verb", metavar="VERB", required=True)
    new = verbs.add_parser("new", help="make a session and print its id")
    new.add_argument("title", metavar="TITLE")
    show = verbs.add_parser("show", help="its workers as their events tell them, and what is left to do")
    check = verbs.add_parser("check", help="the compliance check of the coordination protocol")
    find = verbs.add_parser("id", help="print the session id that a prompt names")
    find.add_argument("prompt", metavar="PROMPT", help='"-" reads it from standard input')
    for verb in (show, check):
        verb.add_argument("id", metavar="ID")
        verb.add_argument("--format", choices=("text", "json"), default="text")
    for verb, action in ((new, _new), (show, _show), (check, _check), (find, _find)):
        verb.add_argument(
            "--repo", metavar="PATH", help="the project root (default: the nearest folder with Docs/hive-mind and .claude, or this one)"
        )
        verb.set_defaults(action=action)


def _root(options: argparse.Namespace) -> Path:
    from opsmith.errors import RepositoryError
    from opsmith.protocols.hive_mind.session import root_of

    if options.repo is None:
        return root_of(Path())
    root = Path(options.repo)
    if not root.is_dir():
        raise RepositoryError(f"{root} is no folder.", next_step="--repo PATH")
    return root


def _new(options: argparse.Namespace) -> int:
    from opsmith.protocols.hive_mind.session import create

    print(create(_root(options), options.title).name)
    return 0


def _find(options: argparse.Namespace) -> int:
    """Exit code 11 when the prompt names none, or one that is not there."""
    from opsmith.errors import SessionError
    from opsmith.protocols.hive_mind.session import extract_id, locate

    prompt = sys.stdin.buffer.read(400_000).decode("utf-8", "replace") if options.prompt == "-" else options.prompt
    found = extract_id(prompt)
    if found is None:
        raise SessionError("The prompt names no session.", why='it is named by a line "Session ID: ...".', next_step='opsmith session new "TITLE"')
    print(locate(_root(options), found).name)
    return 0


def _show(options: argparse.Namespace) -> int:
    from opsmith import encoding
    from opsmith.protocols.hive_mind.overview import overview
    from opsmith.protocols.hive_mind.session import locate, require_valid

    session = locate(_root(options), options.id)
    require_valid(session)
    view = overview(session)
    print(encoding.to_json(view) if options.format == "json" else _shown(view))
    return 0


def _shown(view: SessionView) -> str:
    lines = [f"{view.id}: {view.state.replace('_', ' ')}", *([f"task: {' '.join(view.task.split())}"] if view.task else [])]
    for worker in view.workers:
        beat = f", {worker.beat}" if worker.beat else ""
        lines.append(
            f"  {worker.name}: {worker.state.replace('_', ' ')}{beat}; {worker.events} events, the last {worker.last_event} at {worker.last_seen}"
        )
    lines += ["left to do:"] if view.backlog else []
    lines += [f"  {task.id}  {task.status}  priority {task.priority}  {task.assigned_to or 'nobody'}: {task.title}" for task in view.backlog]
    return "\n".join([*lines, *(f"problem: {problem}" for problem in view.problems)])


def _check(options: argparse.Namespace) -> int:
    """Exit code 3 (as for every refusing check) when the protocol was not kept."""
    from opsmith import encoding
    from opsmith.errors import Refused
    from opsmith.protocols.hive_mind.compliance import check
    from opsmith.protocols.hive_mind.logger import WorkerLogger
    from opsmith.protocols.hive_mind.session import locate, require_valid
    from opsmith.protocols.hive_mind.worker import WORKER

    session = locate(_root(options), options.id)
    require_valid(session)
    result = check(session)
    WorkerLogger(session, WORKER).log_debug("compliance check", "COMPLIANCE", encoding.to_plain(result))
    print(encoding.to_json(result) if options.format == "json" else _text(result))
    if not result.compliant:
        sys.stderr.write(f"opsmith: {options.id} is not compliant.\n")
    return 0 if result.compliant else Refused.exit_code


def _text(result: Compliance) -> str:
    lines = [f"compliant:      {'yes' if result.compliant else 'no'}", f"first event:    {result.first_event or 'none'}"]
    lines.append(f"missing events: {', '.join(result.missing_events) or 'none'}")
    lines.append(f"notes, JSON:    {'there' if result.notes_exists else 'missing'}, {'there' if result.json_exists else 'missing'}")
    return "\n".join([*lines, *(f"problem:        {problem}" for problem in result.problems)])
