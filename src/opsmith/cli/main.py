"""The command line: picks the command, and turns every error into its message and exit code."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from opsmith import __version__
from opsmith.errors import DeliveryError, OpsmithError

COMMANDS = ("run", "survey", "interpret", "plan", "verify", "explain", "tools", "session")
INTERRUPTED = 130


def parser() -> argparse.ArgumentParser:
    """The whole command line; each command's module adds its own part."""
    top = argparse.ArgumentParser(
        prog="opsmith",
        description="A repository and a task in plain words become proven DevOps deliverables.",
        epilog='First step: opsmith run "Containerise this and deploy it to Kubernetes" --repo . --dry-run',
    )
    top.add_argument("--version", action="version", version=f"opsmith {__version__}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name in COMMANDS:
        import_module(f"opsmith.cli.{name}").add(commands)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code (see opsmith.errors)."""
    options = parser().parse_args(arguments)
    try:
        return int(options.action(options))
    except OpsmithError as error:
        print(f"opsmith: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("opsmith: interrupted; what was under way has been rolled back or will be by the next run.", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        told = DeliveryError(
            f"{error.strerror or error}{where}.", why="a full or read-only disk, or a temporary folder that is missing.", next_step="df -h . /tmp"
        )
        print(f"opsmith: {told}", file=sys.stderr)
        return told.exit_code


def script() -> None:
    raise SystemExit(main())
