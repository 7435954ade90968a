"""The spine: the only place that knows the order of the stages."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from opsmith import settings as settings_module
from opsmith.errors import ManifestError, RepositoryError
from opsmith.model.artifact import Artifact
from opsmith.model.assessment import Assessment
from opsmith.model.blueprint import Blueprint
from opsmith.model.finding import Finding
from opsmith.model.job import Job
from opsmith.model.proof import Proof
from opsmith.model.proposal import Made
from opsmith.model.report import Event, RunReport
from opsmith.model.survey import Survey
from opsmith.planner import Planner
from opsmith.repo import Repo
from opsmith.stages.assess import assess
from opsmith.stages.assess.memory import noted
from opsmith.stages.assess.scoring import compared
from opsmith.stages.deliver import changes, deliver, outcome
from opsmith.stages.draft import draft
from opsmith.stages.interpret import interpret, words_of
from opsmith.stages.propose import proposed, repaired, situation
from opsmith.stages.render import render
from opsmith.stages.survey import survey
from opsmith.stages.verify import verify
from opsmith.tools import NoRunner, Runner

Listener = Callable[[Event], None]
Consent = Callable[[RunReport], bool]


def _ignored(_: Event) -> None:
    """Nobody listens."""


def _always(_: RunReport) -> bool:
    return True


def run(job: Job, planner: Planner, runner: Runner, on_event: Listener = _ignored, consent: Consent = _always) -> RunReport:
    """Do `job`: survey, interpret, draft, render, verify, repair, deliver.

    `consent` is asked with the report of what would be written, only when `job.write` and nothing refused it. Raises OpsmithError
    subclasses for what a person has to mend first; nothing is written then.
    """
    words_of(job.task)  # refuses what is no task before anything is read
    with _stage("survey", on_event) as told:
        settings = settings_module.load(job.repo, job.flags)
        tree = Repo(job.repo, ignore=settings["ignore"])
        surveyed = survey(job.repo, settings, tree)
        _require_readable(surveyed)
        told(_counted(len(surveyed.components), "component"))
    with _stage("interpret", on_event) as told:
        intent = interpret(job.task, planner, surveyed)
        told(f"{intent.kind}: {', '.join(intent.targets) or 'no target named'}")
    report = RunReport(
        task=job.task, status="nothing_to_do", survey=surveyed, intent=intent, blueprint=None, artifacts=(), changes=(), proofs=(), findings=(),
        open_points=(), destination=str(job.destination),
    )  # fmt: skip
    if intent.kind == "none":
        return _with_account(report, planner)
    _require_components(surveyed)
    with _stage("draft", on_event) as told:
        blueprint = draft(surveyed, intent, settings)
        told(f"{_counted(len(blueprint.services), 'service')}, {len(blueprint.backings)} backing")
    with _stage("render", on_event) as told:
        artifacts = render(blueprint)
        told(_counted(len(artifacts), "file"))

    def judge(plan: Blueprint, made: tuple[Artifact, ...]) -> Made:
        proofs, findings = _judged(_files(made), _executables(made), runner, plan)
        return Made(blueprint=plan, artifacts=made, proofs=proofs, findings=findings)

    with _stage("verify", on_event) as told:
        made = judge(blueprint, artifacts)
        told(_verdicts(made.proofs))
    with _stage("repair", on_event) as told:
        made, mends = repaired(made, judge)
        told(_counted(mends, "mend"))
    known = situation(words_of(job.task), surveyed, intent, blueprint)
    made, not_taken = proposed(made, known, planner, job, judge)
    blueprint, artifacts, proofs, force = made.blueprint, made.artifacts, made.proofs, job.force or made.agreed
    if job.build:
        from opsmith.stages.build import build

        with _stage("build", on_event) as told:
            built = build(job.repo, artifacts, blueprint, runner, on_event)
            proofs = (*proofs, *built)
            told(_verdicts(built))
    report = replace(
        report,
        status="planned",
        blueprint=blueprint,
        artifacts=artifacts,
        changes=changes(artifacts, job.destination, force=force),
        proofs=proofs,
        findings=made.findings,
        open_points=(
            *_against_edits(artifacts, outcome(artifacts, job.destination, force=force), runner, blueprint),
            *not_taken,
            *_open_points(surveyed, intent.not_understood, blueprint.open_points),
        ),
    )
    if _is_refused(report):
        return _with_account(replace(report, status="refused"), planner)
    with _stage("assess", on_event) as told:
        before = assess(job.repo, settings, tree=tree, components=surveyed.components)
        after = assess(job.repo, settings, tree=tree, components=surveyed.components, over=outcome(artifacts, job.destination, force=force))
        report = replace(report, readiness=compared(before, after))
        told(f"readiness {_percent(before)} before, {_percent(after)} after")
    report = _with_account(report, planner)
    if not job.write or not consent(report):
        return report
    with _stage("deliver", on_event) as told:
        written = deliver(artifacts, blueprint.origins, job.destination, force=force, notes=noted(before))
        told(_counted(sum(1 for change in written if change.written), "file"))
    planner.settle(delivered=True)
    return replace(report, status="delivered", changes=written)


def plan(repo: Path, task: str, planner: Planner, flags: Mapping[str, Any]) -> Blueprint:
    """The blueprint for `task`, without rendering anything: so without what only tools could let in. Raises as `run` does."""
    settings = settings_module.load(repo, flags)
    surveyed = survey(repo, settings)
    _require_readable(surveyed)
    _require_components(surveyed)
    return draft(surveyed, interpret(task, planner, surveyed), settings)


def _with_account(report: RunReport, planner: Planner) -> RunReport:
    """With what the planner has to say of the run, and of its own part in it."""
    told = replace(report, prose=planner.narrate(report))
    account = planner.account()
    planner.settle(delivered=False)
    return replace(told, model=account, open_points=(*told.open_points, *(account.notes if account else ())))


def _percent(assessment: Assessment) -> str:
    return "unknown" if assessment.score.percent is None else f"{assessment.score.percent} %"


def _judged(
    files: Mapping[str, str], executables: frozenset[str], runner: Runner, blueprint: Blueprint
) -> tuple[tuple[Proof, ...], tuple[Finding, ...]]:
    provers = () if isinstance(runner, NoRunner) else None
    return verify(files, runner, blueprint=blueprint, executables=executables, provers=provers)


def _against_edits(artifacts: tuple[Artifact, ...], files: Mapping[str, str], runner: Runner, blueprint: Blueprint) -> tuple[str, ...]:
    """What the tools object to once our files lie beside what the user edited, deleted or had there before; nothing where they are as proved."""
    if files == _files(artifacts):
        return ()
    proofs, findings = _judged(files, _executables(artifacts), runner, blueprint)
    said = [finding for proof in proofs if proof.outcome == "refuted" for finding in proof.findings]
    return tuple(
        f"with your edits: {item.path or ''}: {item.rule}: {item.message}" for item in (*findings, *said) if item.severity not in ("low", "info")
    )


@contextmanager
def _stage(name: str, on_event: Listener) -> Generator[Callable[[str], None]]:
    """Tell when a stage begins and what came of it; a stage that raises is never told as done."""
    message = ""

    def told(text: str) -> None:
        nonlocal message
        message = text

    began = time.monotonic()
    on_event(Event(stage=name, message=""))
    yield told
    on_event(Event(stage=name, message=message, seconds=time.monotonic() - began, done=True))


def _require_readable(surveyed: Survey) -> None:
    broken = [problem for problem in surveyed.problems if problem.manifest]
    if broken:
        first = broken[0]
        raise ManifestError(
            "\n".join(f"{item.file}{f':{item.line}' if item.line else ''}: {item.what}" for item in broken[:5]),
            why="a manifest that cannot be read hides what the repository needs, so nothing is planned around it.",
            next_step=f"mend {first.file}, or leave it out: ignore: ['{first.file}'] in {settings_module.FILE_NAME}",
        )


def _require_components(surveyed: Survey) -> None:
    if not surveyed.components:
        raise RepositoryError(
            f"Nothing that runs was recognised in {surveyed.root}.",
            why="the stack is not known to opsmith yet, or the repository holds only libraries or documents.",
            next_step=f"opsmith survey {surveyed.root} --format json",
        )


def _files(artifacts: tuple[Artifact, ...]) -> dict[str, str]:
    return {artifact.path: artifact.text for artifact in artifacts}


def _executables(artifacts: tuple[Artifact, ...]) -> frozenset[str]:
    return frozenset(artifact.path for artifact in artifacts if artifact.executable)


def _is_refused(report: RunReport) -> bool:
    """A tool said no, or our own check found something that would not work."""
    return any(proof.outcome == "refuted" for proof in report.proofs) or any(finding.severity in ("critical", "high") for finding in report.findings)


def _open_points(surveyed: Survey, not_understood: tuple[str, ...], drafted: tuple[str, ...]) -> tuple[str, ...]:
    words = tuple(f'not understood: "{text}"' for text in not_understood)
    unread = tuple(f"{problem.file}: {problem.what}" for problem in surveyed.problems)
    return (*words, *unread[:20], *drafted)


def _verdicts(proofs: tuple[Proof, ...]) -> str:
    counts = {outcome: sum(proof.outcome == outcome for proof in proofs) for outcome in ("proved", "refuted", "could_not_check")}
    return f"{counts['proved']} proved, {counts['refuted']} refuted, {counts['could_not_check']} could not be checked"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
