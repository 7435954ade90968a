"""Which tasks would change the pipelines that are there."""

from __future__ import annotations

from collections.abc import Iterable

from opsmith.model.estate import Estate, Job, Pipeline


def on_github(estate: Estate, task: str) -> str | None:
    """`task`, which writes GitHub workflows; None where the pipelines are of other systems, and the
    code is not (or not known to be) on GitHub: a person has to change those."""
    systems = {item.system for item in estate.pipelines}
    if not systems or "github_actions" in systems:
        return task
    hosted = not systems & {"gitlab_ci", "azure_pipelines"} and any(path.startswith(".github/") for path in estate.files)
    return task if hosted else None


def of_github(bad: Iterable[tuple[Pipeline, Job]], task: str) -> str | None:
    """`task`, where it can change at least one of the jobs."""
    return task if any(item.system == "github_actions" for item, _ in bad) else None
