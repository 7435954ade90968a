"""`opsmith run`: the whole way, with progress, a look at what would be written, and a question before it is."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from opsmith.cli import planning
from opsmith.errors import ConsentMissing, OpsmithError, Refused, SessionError, UsageError

if TYPE_CHECKING:
    from opsmith.model.job import Job
    from opsmith.model.report import Event, RunReport
    from opsmith.planner import Planner


def add(commands: Any) -> None:
    command = commands.add_parser("run", help="do a task: survey, plan, render, prove, and (after a yes) write the files")
    command.add_argument("task", metavar="TASK", help='what you want, in plain words; "-" reads them from standard input')
    command.add_argument("--repo", default=".", metavar="PATH", help="the repository (default: this folder)")
    command.add_argument("--out", metavar="DIR", help="write into this empty folder instead of the repository")
    how = command.add_mutually_exclusive_group()
    how.add_argument("--yes", action="store_true", help="write without asking")
    how.add_argument("--dry-run", action="store_true", help="never write")
    command.add_argument("--force", action="store_true", help="also overwrite files that opsmith did not write")
    command.add_argument("--target", action="append", metavar="NAME", help="deliver just this target, whatever the task says (repeatable)")
    command.add_argument("--prove", choices=("files", "build", "none"), default="files",
                         help="files: every file by its tools; build: also build, start and ask the images; none: our own checks only")  # fmt: skip
    planning.add(command)
    command.add_argument("--session", metavar="ID", help="join or create this hive-mind session and report into it")
    command.add_argument("--diff", action="store_true", help="show the whole difference of every file before writing")
    command.add_argument("--format", choices=("text", "json"), default="text")
    command.set_defaults(action=action)


def action(options: argparse.Namespace) -> int:
    job = _job(options)
    _require_consent_possible(options)
    planner = planning.planner(options, job.repo, _progress(options), interactive=_is_interactive(options))
    if options.session:
        return _in_session(options, job, planner)
    report = _run(options, job, planner, _progress(options))
    return _told(options, report)


def _job(options: argparse.Namespace) -> Job:
    from opsmith.model.job import Job

    task = _standard_input() if options.task == "-" else options.task
    repo = Path(options.repo)
    destination = Path(options.out) if options.out else repo
    if options.out:
        _require_empty(destination)
    return Job(
        task=task,
        repo=repo,
        destination=destination,
        write=not options.dry_run,
        force=options.force,
        build=options.prove == "build",
        flags={"targets": tuple(options.target) if options.target else None},
    )


def _standard_input() -> str:
    return sys.stdin.buffer.read(400_001).decode("utf-8", "replace")  # four bytes for each character of the longest task, and one that is too many


def _require_empty(folder: Path) -> None:
    from opsmith.stages.delivery import journal

    try:
        filled = folder.is_dir() and any(name != ".opsmith" for name in os.listdir(folder)) and not journal.is_unfinished(folder)
    except OSError as error:
        raise UsageError(f"--out {folder} cannot be read: {error.strerror}.") from None
    if filled or folder.is_file():
        raise UsageError(f"--out {folder} is not empty.", why="only an empty folder can be filled without touching what is there.",
                         next_step=f"opsmith run ... --out {folder}-new")  # fmt: skip


def _require_consent_possible(options: argparse.Namespace) -> None:
    if options.yes or options.dry_run or options.out or _is_interactive(options):
        return
    raise ConsentMissing(
        "Nobody can be asked whether to write: this is no terminal.",
        next_step="add --yes to write, --dry-run to only look, or --out DIR to write into an empty folder",
    )


def _is_interactive(options: argparse.Namespace) -> bool:
    """Whether somebody is there to be asked."""
    return sys.stdin.isatty() and options.task != "-" and options.format == "text"


def _run(options: argparse.Namespace, job: Job, planner: Planner, on_event: Any) -> RunReport:
    from opsmith import pipeline
    from opsmith.tools import LocalRunner, NoRunner

    runner = NoRunner() if options.prove == "none" else LocalRunner(untrusted=job.repo)
    return pipeline.run(job, planner, runner, on_event, consent=lambda report: _consent(options, report))


def _progress(options: argparse.Namespace) -> Any:
    """One line for each stage on standard error; nothing where a program reads along."""
    quiet = options.format == "json"

    def tell(event: Event) -> None:
        if quiet:
            return
        if event.done:
            over = "\r" if sys.stderr.isatty() else ""
            if over:
                planning.under_way("")
            print(f"{over}  {event.stage:10} {event.seconds or 0:5.2f} s  {event.message}", file=sys.stderr, flush=True)
        elif sys.stderr.isatty():
            planning.under_way(f"  {event.stage:10}   ...    {event.message}")

    return tell


def _consent(options: argparse.Namespace, report: RunReport) -> bool:
    from opsmith.reports import text

    if options.yes or options.out:
        return True
    print(text.run(report, diff=options.diff))
    if not any(change.written for change in report.changes):
        return False
    try:
        return input("Write these files? [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        return False


def _told(options: argparse.Namespace, report: RunReport) -> int:
    from opsmith import encoding
    from opsmith.reports import text

    if options.format == "json":
        print(encoding.to_json(report))
    elif report.status == "delivered" and not (options.yes or options.out):
        print(text.delivered(report))
    elif report.status != "planned" or options.dry_run:
        print(text.run(report, diff=options.diff))
    return Refused.exit_code if report.status == "refused" else 0


def _in_session(options: argparse.Namespace, job: Job, planner: Planner) -> int:
    """The same work, reported into a session directory as well."""
    from opsmith.protocols import hive_mind
    from opsmith.repo import require_folder
    from opsmith.stages.interpret import words_of

    progress = _progress(options)
    reports: list[RunReport] = []
    errors: list[OpsmithError] = []

    def work(_: str, on_event: Callable[[Event], None]) -> RunReport:
        def both(event: Event) -> None:
            progress(event)
            on_event(event)

        try:
            reports.append(_run(options, job, planner, both))
        except OpsmithError as error:
            errors.append(error)
            raise
        return reports[-1]

    words_of(job.task)  # what is no task, or no repository, must not leave a session behind
    require_folder(job.repo)
    session = hive_mind.join_or_create(hive_mind.root_of(job.repo), options.session, job.task)
    result = hive_mind.served(session, job.task, options.model, work)
    if errors:
        raise errors[0]
    if not reports:
        raise SessionError(result.error, next_step=f"opsmith session check {options.session} --repo {job.repo}")
    return _told(options, reports[0])
