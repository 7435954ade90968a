"""Propose: what a planner adds to a plan that is drafted, rendered and proved without it. Each proposal is judged by the same tools and checks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from opsmith import catalog
from opsmith.model.artifact import Artifact
from opsmith.model.blueprint import Blueprint
from opsmith.model.intent import Intent
from opsmith.model.job import Job
from opsmith.model.proposal import Made, Situation
from opsmith.model.survey import Survey
from opsmith.planner import Planner
from opsmith.stages.amend import amended
from opsmith.stages.author import authored
from opsmith.stages.deliver import is_foreign
from opsmith.stages.mend import mended
from opsmith.stages.render import render
from opsmith.stages.repair import Judgement, repair

Judge = Callable[[Blueprint, tuple[Artifact, ...]], Made]


def situation(task: str, survey: Survey, intent: Intent, blueprint: Blueprint) -> Situation:
    uncovered = tuple(name for name in intent.targets if name not in catalog.TARGETS and name not in intent.exclude)
    return Situation(task=task, survey=survey, intent=intent, blueprint=blueprint, uncovered=uncovered)


def repaired(made: Made, judge: Judge) -> tuple[Made, int]:
    """With the mends that are safe, and how many they are."""
    result = repair(made.artifacts, made.proofs, made.findings, lambda files: _verdict(judge(made.blueprint, files)))
    return replace(made, artifacts=result.artifacts, proofs=result.proofs, findings=result.findings), len(result.repaired)


def _verdict(made: Made) -> Judgement:
    return made.proofs, made.findings


def proposed(made: Made, known: Situation, planner: Planner, job: Job, judge: Judge) -> tuple[Made, tuple[str, ...]]:
    """`made` with the planner's changes to the plan and its files, as far as they hold; and what did not, each with why."""
    made, unfounded = amended(made, planner.amend(known), known.task, job.repo, lambda plan: repaired(judge(plan, render(plan)), judge)[0])
    drafts = planner.author(known, tuple(artifact.path for artifact in made.artifacts))
    made, unproved = authored(made, drafts, known.uncovered, lambda path: is_foreign(job.destination, path), judge)
    made, dropped = mended(made, planner.mend, judge)
    return made, (*unfounded, *unproved, *dropped)
