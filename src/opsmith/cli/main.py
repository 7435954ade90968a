"""The command line: picks the command, and turns every error into its message and exit code."""

from __future__ import annotations

import argparse
import gc
import os
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib import import_module
from io import TextIOWrapper
from types import FrameType
from typing import Any, TextIO, cast

from opsmith import __version__
from opsmith.errors import DeliveryError, OpsmithError

_COLLECT = (50_000, 20, 100)
"""A survey keeps nearly all of the millions of objects that it makes; searching them for circles as often as is usual takes a fifth of its time."""

COMMANDS = (
    "run", "assess", "survey", "interpret", "plan", "verify", "explain", "tools", "session", "worklog", "architect", "serve",
    "handoff", "worker", "init", "hook",
)  # fmt: skip


def parser(names: Sequence[str] = COMMANDS) -> argparse.ArgumentParser:
    """The command line with the commands `names`; each command's module adds its own part."""
    top = argparse.ArgumentParser(
        prog="opsmith",
        description="A repository and a task in plain words become proven DevOps deliverables.",
        epilog='First step: opsmith run "Containerise this and deploy it to Kubernetes" --repo . --dry-run',
    )
    top.add_argument("--version", action="version", version=f"opsmith {__version__}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name in names:
        import_module(f"opsmith.cli.{name}").add(commands)
    return top


def main(arguments: Sequence[str] | None = None, line: Callable[[], argparse.ArgumentParser] | None = None) -> int:
    """Run one command; returns its exit code (see opsmith.errors), for a signal 128 and its number as shells have it."""
    try:
        return _done(arguments, line)
    except OpsmithError as error:
        print(f"opsmith: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt as error:
        number = signal.Signals(error.args[0] if error.args else signal.SIGINT)
        by = "" if number == signal.SIGINT else f" by {number.name}"
        print(f"opsmith: interrupted{by}; what was under way has been rolled back or will be by the next run.", file=sys.stderr)
        return 128 + number
    except BrokenPipeError:
        _silence()
        return 0
    except OSError as error:
        _silence()
        where = f" ({error.filename})" if error.filename else ""
        told = DeliveryError(
            f"{error.strerror or error}{where}.", why="a full or read-only disk, or a temporary folder that is missing.", next_step="df -h . /tmp"
        )
        print(f"opsmith: {told}", file=sys.stderr)
        return told.exit_code


def _done(arguments: Sequence[str] | None, line: Callable[[], argparse.ArgumentParser] | None) -> int:
    """What is printed counts as printed when it has left us: a full disk or a closed pipe may tell only then."""
    try:
        options = (line() if line else parser(_named(arguments))).parse_args(arguments)
        code = int(options.action(options))
    except SystemExit:  # argparse has answered
        sys.stdout.flush()
        raise
    sys.stdout.flush()
    return code


def _named(arguments: Sequence[str] | None) -> Sequence[str]:
    """Only the command that is asked for is loaded: somebody waits for every other one, a hook's user at each prompt."""
    given = sys.argv[1:] if arguments is None else arguments
    return (given[0],) if given and given[0] in COMMANDS else COMMANDS


def _silence() -> None:
    """What could not be printed is let go of, else the interpreter would try again on its way out."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class _Printable:
    """A stream that nothing from a repository can steer a terminal through: control characters are left out of what it writes."""

    _SILENT = dict.fromkeys(code for code in (*range(32), 127, *range(128, 160)) if chr(code) not in "\n\r\t")

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        return self._stream.write(text.translate(self._SILENT))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class _Forgiving(_Printable):
    """That nobody reads along is no reason to stop in the middle."""

    def write(self, text: str) -> int:
        with suppress(OSError):
            return super().write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._stream.flush()


def script() -> None:
    gc.set_threshold(*_COLLECT)
    _prepare()
    raise SystemExit(main())


def publisher() -> None:
    """The command `publisher`, which agents call: 0 published, 1 anything else."""
    from opsmith.cli.handoff.publish import parser as line

    _prepare()
    try:
        code = main(line=line)
    except SystemExit as ended:
        code = 1 if ended.code else 0
    raise SystemExit(min(code, 1))


def _prepare() -> None:
    _open_missing_streams()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a character that the terminal's encoding lacks, or a path that is no UTF-8
    sys.stdout, sys.stderr = cast("TextIO", _Printable(sys.stdout)), cast("TextIO", _Forgiving(sys.stderr))
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) == signal.SIG_DFL:  # under nohup it is ignored, and stays so
            signal.signal(number, _interrupt)


def _interrupt(number: int, _: FrameType | None) -> None:
    """As Ctrl-C: tools are ended and files put back on the way out, and a second signal does not disturb that."""
    signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt(number)


def _open_missing_streams() -> None:
    """Started with a closed standard stream, the next file to be opened would take its number, and be written to as if it was the terminal."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest free number, and so the stream's
            setattr(sys, name, open(os.devnull, "w" if number else "r", encoding="utf-8"))  # noqa: SIM115  # open as long as the process
