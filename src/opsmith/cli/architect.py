"""`opsmith architect run`: task.md becomes work.md and an entry in the Write Zone."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from opsmith.cli import planning

if TYPE_CHECKING:
    from opsmith.model.report import RunReport


def add(commands: Any) -> None:
    command = commands.add_parser("architect", help="do what .claude/task.md says; write .claude/work.md and the agent's Write Zone")
    verbs = command.add_subparsers(dest="verb", metavar="VERB", required=True)
    run = verbs.add_parser("run", help="one run of the agent")
    run.add_argument("--root", default=".", metavar="DIR", help="the project root (default: this folder)")
    run.add_argument("--init", action="store_true", help="make the session context if it is missing")
    run.add_argument("--write", action="store_true", help="also write the deliverables beside work.md, where they belong")
    run.add_argument("--mode", choices=("strict", "normal", "permissive"), help="which gates block (default: .claude/.env, else normal)")
    planning.add(run)
    run.add_argument("--format", choices=("text", "json"), default="text", help="of the validation report")
    run.set_defaults(action=action)


def action(options: argparse.Namespace) -> int:
    """Exit code 0 when all blocking gates pass, 1 for a precondition that fails, 3 for a gate that fails."""
    from opsmith import encoding
    from opsmith.errors import SessionError, TaskError
    from opsmith.protocols.write_zone.work import work
    from opsmith.repo import require_folder

    root = Path(options.root)
    require_folder(root)
    try:
        done = work(root, lambda words: _piped(options, root, words), init=options.init, mode=options.mode)
    except (TaskError, SessionError) as error:
        print(f"opsmith: {error}", file=sys.stderr)
        return 1
    print(encoding.to_json(done.validation) if options.format == "json" else _text(done))
    return done.exit_code


def _piped(options: argparse.Namespace, root: Path, words: str) -> RunReport:
    from opsmith import pipeline
    from opsmith.model.job import Job
    from opsmith.tools import LocalRunner

    job = Job(task=words, repo=root, destination=root, write=options.write)
    planner = planning.planner(options, root, planning.progress, interactive=False)
    return pipeline.run(job, planner, LocalRunner(untrusted=root), planning.progress)


def _text(done: Any) -> str:
    lines = [f"{item.status:15} {item.severity:8} {item.validator}" for item in done.validation.results]
    for item in done.validation.results:
        lines += [f"  {found.file}{f':{found.line}' if found.line else ''}: {found.rule}: {found.message}" for found in item.findings]
    written = ", ".join(done.written) or "nothing: a critical gate did not pass"
    return "\n".join([*lines, f"overall: {done.validation.overall}", f"written: {written}"])
