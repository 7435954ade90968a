"""python -m agents.pydantic_ai.devops.runner --session ID --task TEXT [--model NAME]"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from agents.pydantic_ai.devops.agent import validated, work
from opsmith.errors import OpsmithError
from opsmith.protocols.hive_mind import Served, served
from opsmith.protocols.hive_mind.session import find_root, locate
from opsmith.protocols.hive_mind.worker import WORKER

MARK = "WORKER_OUTPUT_JSON:"
DEFAULT_MODEL = "openai:gpt-5"


def parser() -> argparse.ArgumentParser:
    line = argparse.ArgumentParser(prog="python -m agents.pydantic_ai.devops.runner", description="Do one task as the session's DevOps worker.")
    line.add_argument("--session", required=True, metavar="ID", help="an existing session below Docs/hive-mind/sessions")
    line.add_argument("--task", required=True, metavar="TEXT", help="what to do, in plain words")
    line.add_argument("--model", default=DEFAULT_MODEL, type=_model, help=f'"rules" (no network, no key) or provider:model (default {DEFAULT_MODEL})')
    line.add_argument("--project-root", metavar="PATH", help="default: DEVOPS_PROJECT_ROOT, else the nearest folder with Docs/hive-mind and .claude")
    return line


def _model(text: str) -> str:
    if not re.fullmatch(r"rules|test|[\w.-]+:\S+", text):
        raise argparse.ArgumentTypeError(f'{text!r} is neither "rules" nor provider:model')
    return text


def main(arguments: Sequence[str] | None = None) -> int:
    """0: completed. 1: failed or blocked. 2 (from argparse): wrong arguments. 128 and its number: a signal."""
    options = parser().parse_args(arguments)
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, _ended)
    try:
        root = _root(options.project_root)
        session = locate(root, options.session)
        result = served(session, options.task, options.model, lambda task, tell: work(root, options.model, task, tell))
        return _told(result)
    except KeyboardInterrupt as error:
        number = signal.Signals(error.args[0] if error.args else signal.SIGINT)
        _failed(f"interrupted by {number.name}")
        return 128 + number
    except OpsmithError as error:
        return _failed(str(error))
    except Exception as error:
        return _failed(f"{type(error).__name__}: {error}")


def _ended(number: int, _: FrameType | None) -> None:
    """The session hears of the end: worker_failed is written on the way out, and a second signal does not disturb that."""
    signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt(number)


def _root(given: str | None) -> Path:
    named = given or os.environ.get("DEVOPS_PROJECT_ROOT")
    return Path(named).resolve() if named else find_root(Path.cwd())


def _told(result: Served) -> int:
    if result.output is None:
        return _failed(result.error)
    checked = validated(result.output)
    text = json.dumps(result.output, indent=2, ensure_ascii=False)
    try:
        print(f"{WORKER} {checked.status}: {checked.summary.key_findings[0]}", MARK, text, sep="\n", flush=True)
    except BrokenPipeError:  # the session has it all
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return result.exit_code


def _failed(error: str) -> int:
    print(f"{WORKER} failed: {' '.join(error.split())}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
