"""The worker's core: one task on one project."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agents.pydantic_ai.devops.models import DevOpsOutput

if TYPE_CHECKING:
    from opsmith.model.report import Event, RunReport


def work(root: Path, model: str, task: str, on_event: Callable[[Event], None]) -> RunReport:
    """Do `task` for the project at `root` and deliver into it. Raises OpsmithError subclasses."""
    from opsmith import pipeline
    from opsmith.model.job import Job
    from opsmith.planner import Desk
    from opsmith.planners import choose
    from opsmith.tools import LocalRunner

    planner = choose(model, Desk(repo=root, on_event=on_event))
    job = Job(task=task, repo=root, destination=root, write=True)
    return pipeline.run(job, planner, LocalRunner(untrusted=root), on_event)


def validated(output: Mapping[str, Any]) -> DevOpsOutput:
    """`output` by the wrapper's schema. Raises ValueError that names the place where it does not fit."""
    from opsmith.encoding import from_plain

    return from_plain(output, DevOpsOutput)
