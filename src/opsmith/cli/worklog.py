"""`opsmith worklog`: work on an issue and tell it in its WORKLOG; read one; check one."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from opsmith.cli import planning

if TYPE_CHECKING:
    from opsmith.model.report import RunReport
    from opsmith.protocols.worklog.entries import Entry


def add(commands: Any) -> None:
    command = commands.add_parser("worklog", help="work on an issue below pm/issues and write its WORKLOG entry, or read one")
    verbs = command.add_subparsers(dest="verb", metavar="VERB", required=True)
    run = verbs.add_parser("run", help="do a task for an issue, deliver the files, and write the entry")
    run.add_argument("task", metavar="TASK")
    run.add_argument("--phase", metavar="X.Y", help="the phase that this completes, if every gate holds")
    run.add_argument("--dry-run", action="store_true", help="write neither files nor entry; print the entry")
    planning.add(run)
    show = verbs.add_parser("show", help="the newest entries")
    show.add_argument("--last", type=int, default=5, metavar="N", help="how many (default: 5)")
    show.add_argument("--format", choices=("text", "json"), default="text")
    for verb, action in ((run, _run), (show, _show)):
        verb.add_argument("--issue", required=True, metavar="N", help="7, 007 or TASK-007")
        verb.add_argument("--repo", default=".", metavar="PATH", help="the repository (default: this folder)")
        verb.set_defaults(action=action)


def _run(options: argparse.Namespace) -> int:
    """Exit code 3 when a proof or check refused the work; the entry then says what has to be mended."""
    from opsmith.errors import Refused
    from opsmith.protocols.worklog import writing
    from opsmith.protocols.worklog.work import work
    from opsmith.repo import require_folder

    root = Path(options.repo)
    require_folder(root)
    done = work(root, options.issue, lambda: _piped(options, root), phase=options.phase)
    print(writing.rendered(done.entry), end="")
    for warning in done.warnings:
        sys.stderr.write(f"opsmith: {warning}\n")
    if not done.written:
        sys.stderr.write("opsmith: nothing was written, so the entry above was not either.\n")
    return Refused.exit_code if done.report.status == "refused" else 0


def _piped(options: argparse.Namespace, root: Path) -> RunReport:
    from opsmith import pipeline
    from opsmith.model.job import Job
    from opsmith.tools import LocalRunner

    job = Job(task=options.task, repo=root, destination=root, write=not options.dry_run)
    planner = planning.planner(options, root, planning.progress, interactive=False)
    return pipeline.run(job, planner, LocalRunner(untrusted=root), planning.progress)


def _show(options: argparse.Namespace) -> int:
    from opsmith import encoding
    from opsmith.protocols.worklog import issues, work

    found = work.newest(issues.find(Path(options.repo), options.issue), max(0, options.last))
    print(encoding.to_json(found) if options.format == "json" else _text(found))
    return 0


def _text(found: tuple[Entry, ...]) -> str:
    from opsmith.protocols.worklog import writing

    return "\n".join(writing.rendered(entry) for entry in found) or "no entry yet"
