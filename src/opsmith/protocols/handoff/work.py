"""What the DevOps agent does with a handoff: passed quality gates start a deployment, everything else is acknowledged."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from opsmith.errors import OpsmithError
from opsmith.model.job import Job
from opsmith.model.report import RunReport
from opsmith.protocols.handoff import gates, names, results, retrying
from opsmith.protocols.handoff.consumer import Handle, Outcome
from opsmith.protocols.handoff.model import Handoff
from opsmith.protocols.handoff.results import Sender

Do = Callable[[Job], RunReport]
ORDER = "Create the deployment configuration for this repository."
"""The deployment workflow's own words; what the handoff says comes after them and makes them more exact."""


def worker(do: Do, repo: Path, *, write: bool, build: bool, sender: Sender) -> Handle:
    """A handler that has `do` deploy `repo`. What a handoff says reaches `do` as the words of a task and in no other way."""

    def handle(handoff: Handoff, queue: str) -> Outcome:
        verdict = gates.verdict(handoff)
        if not verdict.passed:
            return Outcome(said=f"acknowledged, nothing deployed: {verdict.why}")
        job = Job(task=task(handoff), repo=repo, destination=repo, write=write, build=build)
        try:
            report = do(job)
        except OpsmithError as error:
            if retrying.is_passing(error) and handoff.retry_count < retrying.MOST:
                raise
            made = results.of_failure(handoff, error.what, error.next_step, sender)
            return Outcome(said="failed", failed=error.what, follow=_queued(made, handoff, queue))
        made = results.of_report(handoff, report, sender)
        failed = results.objection(report) if report.status == "refused" else ""
        receivers = ", ".join(item.metadata.to_agent for item in made)
        return Outcome(said=f"{report.status} ({verdict.why}); handed to {receivers}", failed=failed, follow=_queued(made, handoff, queue))

    return handle


def task(handoff: Handoff) -> str:
    """The words of a handoff that say what is wanted, each once. Paths and technical details other than `details` are no words."""
    content = handoff.content
    detail = content.technical_details.get("details")
    words = (handoff.metadata.task_context, content.summary, detail if isinstance(detail, str) else "", *content.requirements, *content.next_steps)
    return "\n".join([ORDER, *dict.fromkeys(stripped for text in words if (stripped := text.strip()))])


def _queued(made: tuple[Handoff, ...], handoff: Handoff, queue: str) -> tuple[tuple[Handoff, str], ...]:
    """Answers go the way the question came: who publishes to a project's queues also reads from them."""
    project = handoff.metadata.project_name if queue.startswith("handoff:project:") else None
    sound = project if project and names.PROJECT_NAME.fullmatch(project) else None
    return tuple((item, names.queue(item.metadata.to_agent, sound)) for item in made)
