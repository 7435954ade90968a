"""What commands share that have the spine do a task for another system: the job, its progress, and the question before anything is written."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from opsmith.cli import planning

if TYPE_CHECKING:
    from opsmith.model.proof import Proof
    from opsmith.model.report import Event, RunReport

Permit = Callable[["RunReport"], bool]


def add_how(command: Any) -> None:
    """The options about how the task is done."""
    command.add_argument("--prove", choices=("files", "build", "none"), default="files",
                         help="files: every file by its tools; build: also build, start and ask the images; none: our own checks only")  # fmt: skip
    planning.add(command)
    command.add_argument("--format", choices=("text", "json"), default="text")


def work(options: argparse.Namespace, root: Path, task: str, *, write: bool, consent: Permit, on_event: Callable[[Event], None]) -> RunReport:
    """Do `task` for the project at `root`. Raises OpsmithError subclasses."""
    from opsmith import pipeline
    from opsmith.model.job import Job
    from opsmith.tools import LocalRunner, NoRunner

    job = Job(task=task, repo=root, destination=root, write=write, build=options.prove == "build")
    runner = NoRunner() if options.prove == "none" else LocalRunner(untrusted=root)
    planner = planning.planner(options, root, planning.progress, interactive=False)
    return pipeline.run(job, planner, runner, on_event, consent=consent)


def scan(root: Path, files: Mapping[str, str]) -> tuple[Proof, ...]:
    """What gitleaks says of `files`."""
    from opsmith import catalog
    from opsmith.stages.verify import verify
    from opsmith.tools import LocalRunner

    return verify(files, LocalRunner(untrusted=root), provers=[prover for prover in catalog.provers() if prover.NAME == "gitleaks"])[0]


def progress(options: argparse.Namespace) -> Callable[[Event], None]:
    """One line for each stage on standard error; nothing where a program reads along."""

    def tell(event: Event) -> None:
        if event.done and options.format != "json":
            print(f"  {event.stage:10} {event.seconds or 0:5.2f} s  {event.message}", file=sys.stderr, flush=True)

    return tell


def ask(question: str) -> bool:
    try:
        return input(question).strip().lower() in ("y", "yes")
    except EOFError:
        return False
