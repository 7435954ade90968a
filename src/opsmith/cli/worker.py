"""`opsmith worker`, which `python -m agents.pydantic_ai.devops.runner` runs too: one task as the DevOps worker of an existing session."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from opsmith.errors import OpsmithError

if TYPE_CHECKING:
    from opsmith.model.report import Event, RunReport
    from opsmith.protocols.hive_mind import Served
    from opsmith.protocols.hive_mind.models import DevOpsOutput
    from opsmith.protocols.hive_mind.work import Phase

MARK = "WORKER_OUTPUT_JSON:"
DEFAULT_MODEL = "openai:gpt-5"
PROGRAM = "python -m agents.pydantic_ai.devops.runner"
DESCRIPTION = "Do one task as the session's DevOps worker."


def add(commands: Any) -> None:
    command = commands.add_parser("worker", help="do a task as the DevOps worker of an existing hive-mind session", description=DESCRIPTION)
    _arguments(command)
    command.set_defaults(action=partial(action, command))


def parser() -> argparse.ArgumentParser:
    line = argparse.ArgumentParser(prog=PROGRAM, description=DESCRIPTION)
    _arguments(line)
    return line


def _arguments(line: argparse.ArgumentParser) -> None:
    line.add_argument("--session", required=True, metavar="ID", help="an existing session below Docs/hive-mind/sessions")
    line.add_argument("--task", metavar="TEXT", help="what to do, in plain words; with --setup or --output it may stand in the session instead")
    line.add_argument("--model", default=DEFAULT_MODEL, type=_model, help=f'"rules" (no network, no key) or provider:model (default {DEFAULT_MODEL})')
    line.add_argument("--project-root", metavar="PATH", help="default: DEVOPS_PROJECT_ROOT, else the nearest folder with Docs/hive-mind and .claude")
    phase = line.add_mutually_exclusive_group()
    phase.add_argument("--setup", dest="phase", action="store_const", const="setup", help="only begin: join the session and read what it says")
    phase.add_argument("--output", dest="phase", action="store_const", const="output", help="go on after --setup: do the work and write the outputs")


def _model(text: str) -> str:
    import re

    if not re.fullmatch(r"rules|test|[\w.-]+:\S+", text):
        raise argparse.ArgumentTypeError(f'{text!r} is neither "rules" nor provider:model')
    return text


def main(arguments: Sequence[str] | None = None) -> int:
    """0: completed. 1: failed or blocked. 2 (from argparse): wrong arguments. 128 and its number: a signal."""
    line = parser()
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, _ended)
    return action(line, line.parse_args(arguments))


def action(line: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    if options.task is None and options.phase is None:
        line.error("the following arguments are required: --task")
    try:
        return _served(options)
    except KeyboardInterrupt as error:
        number = signal.Signals(error.args[0] if error.args else signal.SIGINT)
        _failed(f"interrupted by {number.name}")
        return 128 + number
    except OpsmithError as error:
        return _failed(str(error))
    except Exception as error:
        return _failed(f"{type(error).__name__}: {error}")


def _served(options: argparse.Namespace) -> int:
    from opsmith.protocols.hive_mind import served
    from opsmith.protocols.hive_mind.session import locate

    root = _root(options.project_root)
    session = locate(root, options.session)
    phase: Phase = options.phase or "whole"
    return _told(served(session, options.task, options.model, lambda task, tell: work(root, options.model, task, tell), phase=phase))


def _ended(number: int, _: FrameType | None) -> None:
    """The session hears of the end: worker_failed is written on the way out, and a second signal does not disturb that."""
    signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt(number)


def _root(given: str | None) -> Path:
    from opsmith.protocols.hive_mind.session import find_root

    named = given or os.environ.get("DEVOPS_PROJECT_ROOT")
    return Path(named).resolve() if named else find_root(Path.cwd())


def work(root: Path, model: str, task: str, on_event: Callable[[Event], None]) -> RunReport:
    """Do `task` for the project at `root` and deliver into it. Raises OpsmithError subclasses."""
    from opsmith import pipeline
    from opsmith.model.job import Job
    from opsmith.planner import Desk
    from opsmith.planners import DETERMINISTIC, choose
    from opsmith.tools import LocalRunner

    if model not in DETERMINISTIC:
        _take_keys(root / ".env")
    planner = choose(model, Desk(repo=root, on_event=on_event))
    job = Job(task=task, repo=root, destination=root, write=True)
    return pipeline.run(job, planner, LocalRunner(untrusted=root), on_event)


KEYS = frozenset(("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GOOGLE_API_KEY", "GEMINI_API_KEY", "GROQ_API_KEY", "MISTRAL_API_KEY", "OPENROUTER_API_KEY"))
"""Where the providers' own clients look for their keys."""


def _take_keys(place: Path) -> None:
    """Keys of model providers that the project's .env holds and the environment does not; nothing else of that file is taken."""
    import re

    from opsmith.protocols.hive_mind.files import read_text

    try:
        text = read_text(place, errors="replace", limit=64 * 1024)
    except (OSError, OpsmithError):
        return
    for name, value in re.findall(r"(?m)^[ \t]*(?:export[ \t]+)?(\w+)[ \t]*=[ \t]*(.*?)[ \t]*$", text):
        if name in KEYS and value.strip("'\""):
            os.environ.setdefault(name, value.strip("'\""))


def validated(output: Mapping[str, Any]) -> DevOpsOutput:
    """`output` by the wrapper's schema. Raises ValueError that names the place where it does not fit."""
    from opsmith.encoding import from_plain
    from opsmith.protocols.hive_mind.models import DevOpsOutput

    return from_plain(output, DevOpsOutput)


def _told(result: Served) -> int:
    import json

    from opsmith.protocols.hive_mind.worker import WORKER

    if result.output is None:
        return _failed(result.error) if result.error else _printed(f"{WORKER} {result.told}", result.exit_code)
    checked = validated(result.output)
    text = json.dumps(result.output, indent=2, ensure_ascii=False)
    return _printed("\n".join([f"{WORKER} {checked.status}: {checked.summary.key_findings[0]}", MARK, text]), result.exit_code)


def _printed(text: str, code: int) -> int:
    try:
        print(text, flush=True)
    except BrokenPipeError:  # the session has it all
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return code


def _failed(error: str) -> int:
    from opsmith.protocols.hive_mind.worker import WORKER

    print(f"{WORKER} failed: {' '.join(error.split())}", file=sys.stderr)
    return 1
