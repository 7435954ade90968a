"""`opsmith worklog`: do a task of an issue and write the entry, read the newest entries, check a file."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from opsmith.model.report import RunReport
    from opsmith.protocols.worklog import Done, Problem
    from opsmith.protocols.worklog.entry import Entry


def add(commands: Any) -> None:
    command = commands.add_parser("worklog", help="do a task of an issue and write its WORKLOG entry, read entries, or check a WORKLOG")
    verbs = command.add_subparsers(dest="verb", metavar="VERB", required=True)
    _add_run(verbs.add_parser("run", help="do a task of an issue and write what came of it into its WORKLOG"))
    _add_show(verbs.add_parser("show", help="the newest entries of an issue"))
    check = verbs.add_parser("check", help="whether a WORKLOG keeps its format")
    check.add_argument("file", metavar="FILE")
    check.add_argument("--format", choices=("text", "json"), default="text")
    check.set_defaults(action=_check)


def _add_run(verb: Any) -> None:
    from opsmith.cli.spine import add_how

    verb.add_argument("task", metavar="TASK", help="what you want, in plain words")
    _add_issue(verb)
    how = verb.add_mutually_exclusive_group()
    how.add_argument("--write", "--yes", dest="write", action="store_true", help="write the files and the entry without asking")
    how.add_argument("--dry-run", action="store_true", help="never write; the entry is printed")
    verb.add_argument("--phase", metavar="X.Y", help="the step of PLAN.md that this is; it is told as COMPLETE only when all its gates pass")
    add_how(verb)
    verb.set_defaults(action=_run)


def _add_show(verb: Any) -> None:
    _add_issue(verb)
    verb.add_argument("--last", type=int, default=5, metavar="N", help="so many entries, newest first (default 5)")
    verb.add_argument("--format", choices=("text", "json"), default="text")
    verb.set_defaults(action=_show)


def _add_issue(verb: Any) -> None:
    verb.add_argument("--issue", required=True, metavar="N", help="7, 007, TASK-007, or the name of its folder")
    verb.add_argument("--exploration", type=int, metavar="N", help="for a spike: which WORKLOG-N.md (default: the newest)")
    verb.add_argument("--repo", default=".", metavar="PATH", help="the project root (default: this folder)")


def _run(options: argparse.Namespace) -> int:
    from opsmith.cli import spine
    from opsmith.errors import Refused
    from opsmith.protocols import worklog
    from opsmith.repo import require_folder

    _require_consent_possible(options)
    root = Path(options.repo)
    require_folder(root)

    def work(task: str, permit: spine.Permit) -> RunReport:
        consent: spine.Permit = lambda report: permit(report) and (options.write or _agreed(report))  # noqa: E731  # one condition, once
        return spine.work(options, root, task, write=not options.dry_run, consent=consent, on_event=spine.progress(options))

    done = worklog.run(root, options.issue, options.task, work, phase=options.phase, exploration=options.exploration)
    _told(options, done)
    if done.broken:
        raise Refused(
            f"{done.broken[0]}. Nothing was written.",
            why="the project's own rules go first.",
            next_step="leave the file out of the task, or change CLAUDE.md",
        )
    return Refused.exit_code if done.report.status == "refused" else 0


def _require_consent_possible(options: argparse.Namespace) -> None:
    from opsmith.errors import ConsentMissing

    if not (options.write or options.dry_run or (sys.stdin.isatty() and options.format == "text")):
        raise ConsentMissing(
            "Nobody can be asked whether to write: this is no terminal.", next_step="add --write to write, or --dry-run to only look"
        )


def _agreed(report: RunReport) -> bool:
    from opsmith.cli.spine import ask
    from opsmith.reports import text

    print(text.run(report))
    return any(change.written for change in report.changes) and ask("Write these files and the entry? [y/N] ")


def _told(options: argparse.Namespace, done: Done) -> None:
    from opsmith import encoding
    from opsmith.reports import text

    if options.format == "json":
        told = {"version": 1, "status": done.report.status, "file": str(done.file), "written": done.written, "entry": done.entry, "text": done.text,
                "gates": done.gates, "read": done.read, "warnings": done.warnings, "broken": done.broken}  # fmt: skip
        print(encoding.to_json(told))
        return
    if done.report.status == "refused" or options.dry_run:
        print(text.run(done.report), end="\n\n")
    if done.read:
        first = done.read[0]
        print(f"opsmith: read first: {len(done.read)} entries, the newest of {first.timestamp} by {first.author}", file=sys.stderr)
    for warning in done.warnings:
        print(f"opsmith: {warning}", file=sys.stderr)
    if done.entry is None:
        print("There is nothing in this task for a DevOps worker, so no entry was written.")
    else:
        print(f"{'Written to' if done.written else 'Would be written to'} {done.file}\n\n{done.text}", end="")


def _show(options: argparse.Namespace) -> int:
    from opsmith import encoding
    from opsmith.errors import UsageError
    from opsmith.protocols import worklog

    if options.last < 1:
        raise UsageError(f"--last {options.last} shows nothing.", next_step="--last 5")
    context, entries = worklog.newest(Path(options.repo), options.issue, options.last, exploration=options.exploration)
    if options.format == "json":
        log, number = context.log, context.issue.number
        told = {"version": 1, "issue": number, "file": str(context.file), "title": log.title, "phase_commits": log.phase_commits, "entries": entries}
        print(encoding.to_json(told))
    else:
        print(f"{context.file}: {len(entries)} of {len(context.log.entries)} entries\n")
        print("\n\n".join(map(_entry, entries)))
    return 0


def _entry(entry: Entry) -> str:
    from opsmith.protocols.worklog.writing import shown

    return shown(entry).rstrip("\n")


def _check(options: argparse.Namespace) -> int:
    from opsmith import encoding
    from opsmith.errors import Refused, UsageError
    from opsmith.protocols import documents, worklog

    text = documents.read(Path(options.file))
    if text is None:
        raise UsageError(f"{options.file} does not exist.", next_step="ls pm/issues/*/WORKLOG.md")
    problems = worklog.lint(text)
    print(
        encoding.to_json({"version": 1, "file": options.file, "problems": problems})
        if options.format == "json"
        else _problems(options.file, problems)
    )
    return Refused.exit_code if any(not problem.remark for problem in problems) else 0


def _problems(file: str, problems: tuple[Problem, ...]) -> str:
    lines = [f"{file}:{item.line}: {'remark' if item.remark else 'problem'}: {item.rule}: {item.message}" for item in problems]
    return "\n".join(lines) or f"{file}: keeps the format"
