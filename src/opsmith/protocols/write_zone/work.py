"""One run of the agent: preconditions, the work, the gates, and only then what is written."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from opsmith.errors import TaskError
from opsmith.model.report import RunReport
from opsmith.protocols.hive_mind import files
from opsmith.protocols.write_zone import gates, places, zone
from opsmith.protocols.write_zone import task as tasks
from opsmith.protocols.write_zone.criteria import Judged, judged
from opsmith.protocols.write_zone.document import SELF_CHECKLIST, document

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """`exit_code`: 0 every blocking gate passed, 3 one failed. `written` are the files of the protocol that were written."""

    exit_code: int
    report: RunReport
    validation: gates.Validation
    criteria: tuple[Judged, ...]
    written: tuple[str, ...]


def now() -> datetime:
    return datetime.now().astimezone()


def work(root: Path, run: Callable[[str], RunReport], *, init: bool = False, mode: str | None = None, clock: Clock = now) -> Done:
    """Do what `.claude/task.md` below `root` asks by `run`, which is given its words.

    Raises TaskError for a missing or empty task or context (nothing is written then), SettingsError for a wrong `.claude/.env`, SessionError for
    a file that is no regular one, and what `run` raises.
    """
    settings = places.settings(root, mode)
    asked = _task(root)
    context = _context(root, init=init)
    before = _digest(root)
    report = run(asked.words)
    moment = clock()
    shown = judged(asked.criteria, report)
    text = document(report, asked, shown, review(report, shown), checklist(report))
    entry = entry_of(report, asked, shown, moment.strftime("%Y-%m-%d"))
    with files.locked(root / ".claude"):
        context = places.text_of(root / places.CONTEXT) or context
        new = zone.with_entry(context, entry, moment.strftime("%Y-%m-%d %H:%M"))
        written = gates.Written(work=text, context_before=context, context_after=new, entry=entry, task_changed=_digest(root) != before)
        title = asked.title or asked.objective
        result = gates.validation(report, title, shown, written, settings, moment.strftime("%Y-%m-%dT%H:%M:%S%z"))
        kept = () if gates.is_critical(result) else _write(root, text, new)
    return Done(exit_code=0 if result.overall == "PASS" else 3, report=report, validation=result, criteria=shown, written=kept)


def _task(root: Path) -> tasks.Task:
    text = places.text_of(root / places.TASK)
    if text is None or not text.strip():
        raise TaskError(
            f"{root / places.TASK} is {'missing' if text is None else 'empty'}.", why="the agent does what task.md says, and nothing else.",
            next_step=f"write `## Task: ...` into {places.TASK}",
        )  # fmt: skip
    return tasks.read(text)


def _context(root: Path, *, init: bool) -> str:
    text = places.text_of(root / places.CONTEXT)
    if text is not None:
        return text
    if not init:
        raise TaskError(f"{root / places.CONTEXT} is missing.", why="no session was begun here.", next_step="opsmith architect run --init")
    return zone.SKELETON


def _digest(root: Path) -> str:
    return hashlib.sha256((places.text_of(root / places.TASK) or "").encode("utf-8", "replace")).hexdigest()


def _write(root: Path, text: str, context: str) -> tuple[str, ...]:
    (root / places.CONTEXT).parent.mkdir(parents=True, exist_ok=True)
    files.replace(root / places.WORK, text)
    files.replace(root / places.CONTEXT, context)
    return places.WORK, places.CONTEXT


def entry_of(report: RunReport, asked: tasks.Task, shown: Sequence[Judged], date: str) -> str:
    """The entry of the zone: five lines."""
    made = ", ".join(dict.fromkeys(artifact.target.replace("_", " ") for artifact in report.artifacts)) or "nothing"
    paths = [artifact.path for artifact in report.artifacts]
    files_ = ", ".join(paths[:4]) + (f" and {len(paths) - 4} more" if len(paths) > 4 else "") or "none"
    counts = {outcome: sum(proof.outcome == outcome for proof in report.proofs) for outcome in ("proved", "refuted", "could_not_check")}
    proofs = f"{counts['proved']} proofs accepted, {counts['refuted']} refused, {counts['could_not_check']} could not be checked"
    passed = f"{sum(item.passed for item in shown)} of {len(shown)} criteria of task.md shown"
    return "\n".join(
        [
            f"## {places.AGENT} - {date}",
            f"- Implemented: {_line(asked.title or asked.objective)}: {made}",
            f"- Key files: {files_}",
            f"- Tests: {proofs}; {passed}",
            f"- Next steps: {_next(report)}",
        ]
    )


def _next(report: RunReport) -> str:
    handed = [f"{part.hand_to} for {_line(part.words)}" for part in report.intent.out_of_scope]
    return "; ".join([*handed[:2], *(_line(point) for point in report.open_points[:1])]) or "QC Automation Expert to test what was delivered"


def _line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 160 else f"{line[:159]}…"


def review(report: RunReport, shown: Sequence[Judged]) -> tuple[Judged, ...]:
    """The ten items of the self-review, each by what the run shows."""
    refused = [proof for proof in report.proofs if proof.outcome == "refuted"]
    unchecked = [proof for proof in report.proofs if proof.outcome == "could_not_check"]
    scanned = any(proof.tool == "gitleaks" and proof.outcome == "proved" for proof in report.proofs)
    failed = [item.text for item in shown if not item.passed]
    accepted = not refused and not unchecked and bool(report.proofs)
    tests = bool(report.blueprint and report.blueprint.pipeline and report.blueprint.pipeline.tests)
    unmeasured = "no load was put on anything"
    items = (
        ("All deliverables meet requirements from task.md", not failed, f"not shown: {'; '.join(failed[:3])}", "see the criteria below"),
        ("Code follows best practices for this domain", accepted, _complaint(refused, unchecked), "opsmith verify ."),
        ("Tests are included and passing", False, _tests(tests), "run the pipeline"),
        ("Documentation is clear and complete", _documented(report), "no runbook was asked for", "ask for runbooks"),
        ("No secrets or sensitive data in output", scanned, "no secret scanner proved it", "pip install 'opsmith[verify]'"),
        ("Integration points are clearly documented", True, "", ""),
        ("Error handling is robust", False, "the application's own error handling was not looked at", "QC Automation Expert tests it"),
        ("Performance considerations addressed", False, unmeasured, "put load on it and set the resources"),
        ("Write Zone updated with summary", True, "", ""),
        ("Output follows specified format", True, "", ""),
    )
    return tuple(Judged(text=text, passed=holds, reason="" if holds else why, mitigation="" if holds else what) for text, holds, why, what in items)


def _complaint(refused: Sequence[object], unchecked: Sequence[object]) -> str:
    return f"{len(refused)} proofs refused, {len(unchecked)} could not be checked"


def _tests(tests: bool) -> str:
    return "the application's own tests run in the pipeline, not here" if tests else "the repository's tests were not run"


def _documented(report: RunReport) -> bool:
    return any(artifact.target == "runbooks" or artifact.path.endswith("README.md") for artifact in report.artifacts)


def checklist(report: RunReport) -> tuple[bool, ...]:
    """Which items of the self-checklist the run shows, in their order."""
    accepted = bool(report.proofs) and all(proof.outcome == "proved" for proof in report.proofs)
    scanned = any(proof.tool == "gitleaks" and proof.outcome == "proved" for proof in report.proofs)
    tests = any(artifact.path.endswith(".test.yml") for artifact in report.artifacts)
    held = (bool(report.artifacts), accepted, scanned, False, tests, True, accepted and report.status in ("planned", "delivered"))
    return held[: len(SELF_CHECKLIST)]
