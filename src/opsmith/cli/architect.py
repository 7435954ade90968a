"""`opsmith architect`: the work that .claude/task.md asks for, told in .claude/work.md and the session context."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from opsmith.model.report import RunReport
    from opsmith.protocols.write_zone import Done

MODES = ("strict", "normal", "permissive")
_SIGNS = {"PASS": "pass", "FAIL": "FAIL", "COULD_NOT_CHECK": "could not check", "NOT_RUN": "not run"}


def add(commands: Any) -> None:
    from opsmith.cli.spine import add_how

    command = commands.add_parser("architect", help="do what .claude/task.md asks, and write .claude/work.md and the own Write Zone")
    verbs = command.add_subparsers(dest="verb", metavar="VERB", required=True)
    verb = verbs.add_parser(
        "run", help="do the task; exit code 0: every blocking gate passes, 1: task.md or the session is not usable, 3: a gate failed"
    )
    verb.add_argument("--root", default=".", metavar="DIR", help="the folder that holds .claude (default: this one)")
    verb.add_argument("--init", action="store_true", help="make .claude/tasks/context_session_1.md where it is missing")
    verb.add_argument("--write", action="store_true", help="also write the delivered files where they belong; else they stand in work.md alone")
    verb.add_argument("--mode", choices=MODES, help="how strict the gates are (default: VALIDATION_MODE of .claude/.env, else normal)")
    add_how(verb)
    verb.set_defaults(action=_run)


def _run(options: argparse.Namespace) -> int:
    from opsmith.cli import spine
    from opsmith.errors import Refused
    from opsmith.protocols import write_zone
    from opsmith.repo import require_folder

    root = Path(options.root)
    require_folder(root)

    def work(words: str, permit: spine.Permit) -> RunReport:
        return spine.work(options, root, words, write=options.write, consent=permit, on_event=spine.progress(options))

    done = write_zone.run(root, work, lambda files: spine.scan(root, files), beside=options.write, init=options.init, mode=options.mode)
    _told(options, done)
    return 0 if done.validation.overall == "PASS" else Refused.exit_code


def _told(options: argparse.Namespace, done: Done) -> None:
    from opsmith import encoding

    if options.format == "json":
        print(encoding.to_json(done.validation))
        return
    for note in done.notes:
        print(f"opsmith: {note}", file=sys.stderr)
    print("Written: .claude/work.md and the Write Zone\n\n" + done.entry if done.written else "Nothing was written: see secret-scan below.\n")
    print(f"Gates ({done.validation.mode}): {done.validation.overall}")
    for result in done.validation.results:
        print(f"  {_SIGNS[result.status]:16} {result.severity:9} {result.validator}")
        for found in result.findings:
            print(f"      {found.file}{f':{found.line}' if found.line else ''}: {found.rule}: {found.message}")
