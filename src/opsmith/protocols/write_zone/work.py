"""One run of the architect: task.md is read, the work is done and judged, work.md and the Write Zone are written."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from opsmith.errors import OpsmithError
from opsmith.model.proof import Proof
from opsmith.model.report import RunReport
from opsmith.protocols import documents
from opsmith.protocols.markdown import Document
from opsmith.protocols.write_zone import document, review, scope, scorecard, settings, summary, task, validators, zone
from opsmith.protocols.write_zone.document import Content
from opsmith.protocols.write_zone.settings import Mode, Settings
from opsmith.protocols.write_zone.task import Task
from opsmith.protocols.write_zone.validation import Report, reported
from opsmith.protocols.write_zone.validators import Outcome

Permit = Callable[[RunReport], bool]
Work = Callable[[str, Permit], RunReport]
"""Does the words; before files are written beside work.md, the permit is asked with the report of what would be."""
Scan = Callable[[Mapping[str, str]], tuple[Proof, ...]]
Clock = Callable[[], datetime]
FOLDER = ".claude"
MAX_TASK = 256 * 1024
PROTECTED = ("task.md", "scorecard.md", "claude.json", ".env", "agents/devops-architect.md", "contracts/devops-architect.contract",
             "hooks/pre-run.md", "hooks/post-run.md", "macros/boot.md")  # fmt: skip
"""What a run reads and never writes. Those beside task.md may be absent."""


def local_now() -> datetime:
    return datetime.now(UTC).astimezone()


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """`written`: work.md and the zone are as this run made them; not so where a secret was found."""

    report: RunReport
    validation: Report
    work: str
    entry: str
    written: bool
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """The blackboard as it lies there before the run. `prints` are the digests of what must not change."""

    folder: Path
    settings: Settings
    task: Task
    context: str
    is_new: bool
    previous: str | None
    scorecard: str | None
    prints: Mapping[str, str]
    notes: tuple[str, ...]

    def path(self, name: str) -> Path:
        return documents.place(self.folder.parent, f"{FOLDER}/{name}")


def run(
    root: Path, work: Work, scan: Scan, *, beside: bool = False, init: bool = False, mode: Mode | None = None,
    clock: Clock = local_now, monotonic: Callable[[], float] = time.monotonic,
) -> Done:  # fmt: skip
    """Do what .claude/task.md asks. Files go beside work.md only with `beside`; `init` makes a session context where there is none.

    Raises OpsmithError, with nothing written, for a blackboard that cannot be used, and what `work` raises.
    """
    folder = documents.place(root, f"{FOLDER}/x").parent
    if not folder.is_dir():
        raise OpsmithError(f"{folder} does not exist.", why="no task was ever set here.", next_step=f"mkdir -p {folder} && editor {folder}/task.md")
    busy = OpsmithError(f"Another run of the architect is at work in {folder}.", next_step="run again when it has ended")
    with documents.locked(folder, busy=busy):
        board = _read(root, folder, mode, clock, init=init)
        until = monotonic() + board.settings.seconds

        def permit(planned: RunReport) -> bool:
            _require_time(board, monotonic() > until)
            return not _secrets(board, planned, scan, clock, beside=beside)

        report = work(board.task.words, permit)
        _require_time(board, monotonic() > until)
        return _told(board, report, scan, clock, beside=beside)


def _require_time(board: Board, is_over: bool) -> None:
    if is_over:
        raise OpsmithError(
            f"The work took longer than AGENT_TIMEOUT ({board.settings.seconds:g} s), so nothing was written.",
            why="building images, or a machine under load.",
            next_step=f"set AGENT_TIMEOUT in {FOLDER}/.env",
        )


# -- before ------------------------------------------------------------------------------------------------------------------------------


def _read(root: Path, folder: Path, mode: Mode | None, clock: Clock, *, init: bool) -> Board:
    def text(name: str, limit: int = documents.MAX_BYTES) -> str | None:
        return documents.read(documents.place(root, f"{FOLDER}/{name}"), limit=limit)

    chosen = settings.load(text(".env"), text("claude.json"))
    chosen = replace(chosen, mode=mode) if mode else chosen
    asked = _task(text(chosen.task, MAX_TASK), chosen.task)
    context = text(chosen.context)
    if context is None and not init:
        raise OpsmithError(
            f"{FOLDER}/{chosen.context} does not exist.", why="the session was never set up.", next_step="opsmith architect run --init makes it"
        )
    new = zone.SKELETON.format(now=clock().strftime("%Y-%m-%d %H:%M"), title=document.plain(asked.title))
    zone.locate(Document(context or new))
    absent = [name for name in PROTECTED[1:] if text(name) is None]
    notes = [*chosen.notes, *([f"not there, so not read: {', '.join(absent)}"] if absent else [])]
    notes += [f"task.md has no section {name}" for name in asked.missing]
    return Board(
        folder=folder, settings=chosen, task=asked, context=new if context is None else context, is_new=context is None, previous=text(chosen.work),
        scorecard=text(chosen.scorecard), prints=_prints(root, chosen), notes=tuple(notes),
    )  # fmt: skip


def _task(text: str | None, name: str) -> Task:
    if text is None or not text.strip("\ufeff \t\r\n"):
        raise OpsmithError(f"{FOLDER}/{name} {'does not exist' if text is None else 'is empty'}.", why="nobody has said what to do.",
                           next_step=f'echo "# Task: Containerise this" > {FOLDER}/{name}')  # fmt: skip
    found = task.read(text)
    if found is None:
        raise OpsmithError(
            f"{FOLDER}/{name} has neither a title nor an Objective.", why="it is the unfilled template.", next_step=f"fill in {FOLDER}/{name}"
        )
    return found


def _prints(root: Path, chosen: Settings) -> dict[str, str]:
    names = dict.fromkeys((chosen.task, chosen.scorecard, *PROTECTED[2:]))
    texts = {name: documents.read(documents.place(root, f"{FOLDER}/{name}")) for name in names}
    return {name: "" if text is None else hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest() for name, text in texts.items()}


# -- after -------------------------------------------------------------------------------------------------------------------------------


def _secrets(board: Board, report: RunReport, scan: Scan, clock: Clock, *, beside: bool) -> bool:
    """Whether what would be written holds a secret; then nothing of it is written, files beside included."""
    outcome = _outcome(board, report, scan, clock, beside=beside, zone_written=True)
    return validators.secret_scan(outcome).status == "FAIL"


def _told(board: Board, report: RunReport, scan: Scan, clock: Clock, *, beside: bool) -> Done:
    outcome = _outcome(board, report, scan, clock, beside=beside, zone_written=True)
    if validators.secret_scan(outcome).status == "FAIL":
        return _done(board, outcome, clock, written=False)
    work = board.path(board.settings.work)
    work.parent.mkdir(parents=True, exist_ok=True)
    documents.replace(work, outcome.work)
    try:
        context = _append(board, outcome.entry, clock)
    except OpsmithError:
        documents.replace(work, _outcome(board, report, scan, clock, beside=beside, zone_written=False).work)
        raise
    now = _prints(board.folder.parent, board.settings)
    touched = tuple(name for name, print_ in board.prints.items() if now[name] != print_)
    return _done(board, replace(outcome, context_before=context[0], context_after=context[1], touched=touched), clock, written=True)


def _append(board: Board, entry: str, clock: Clock) -> tuple[str, str]:
    """The session context before and after. It is read again: other agents may have written into their zones meanwhile."""
    path = board.path(board.settings.context)
    path.parent.mkdir(parents=True, exist_ok=True)
    with documents.locked(path.parent):
        before = documents.read(path)
        before = board.context if before is None else before
        documents.replace(path, zone.appended(before, entry, clock().strftime("%Y-%m-%d %H:%M")))
        return before, documents.read(path) or ""


def _outcome(board: Board, report: RunReport, scan: Scan, clock: Clock, *, beside: bool, zone_written: bool) -> Outcome:
    """The documents of this run with every item of their checklists judged, and what the gates look at."""
    asked, chosen = board.task, board.settings
    lines = [asked.title, asked.objective, *asked.requirements, *asked.deliverables, *asked.inside, *(box.text for box in asked.criteria)]
    others = scope.together(scope.hand_overs(lines), ((item.words, item.hand_to) for item in report.intent.out_of_scope))
    facts = review.Facts(task=asked, report=report, hand_overs=others, clean=True, well_formed=True, zone_written=zone_written,
                         criteria=review.criteria(asked, report, others))  # fmt: skip

    def written(known: review.Facts) -> tuple[str, review.Review, scorecard.Scorecard | None]:
        judged = review.reviewed(known)
        card = scorecard.judged(board.scorecard, report, judged, chosen.scorecard_rate) if board.scorecard is not None else None
        content = Content(
            task=asked, report=report, review=judged, hand_overs=others, scorecard=card, previous=board.previous, beside=beside, notes=board.notes
        )
        return document.work(content), judged, card

    draft, judged, _ = written(facts)
    entry = summary.entry(report, judged, others, clock().strftime("%Y-%m-%d"), beside=beside)
    scanned = scan({f"{FOLDER}/{chosen.work}": draft, f"{FOLDER}/{chosen.context}": entry})
    clean = bool(scanned) and all(proof.outcome == "proved" for proof in scanned)
    facts = replace(facts, clean=clean, well_formed=not validators.lint(draft, chosen))
    text, judged, card = written(facts)
    context = zone.appended(board.context, entry, clock().strftime("%Y-%m-%d %H:%M"))
    return Outcome(
        settings=chosen, task=asked, report=report, review=judged, scorecard=card, scorecard_there=board.scorecard is not None, work=text,
        entry=entry, context_before=board.context, context_after=context, has_example=_has_example(board, report), scanned=scanned,
    )  # fmt: skip


def _has_example(board: Board, report: RunReport) -> bool:
    here = (board.folder.parent / document.ENV_EXAMPLE).is_file()
    return here or any(item.path.rpartition("/")[2] == document.ENV_EXAMPLE for item in report.artifacts)


def _done(board: Board, outcome: Outcome, clock: Clock, *, written: bool) -> Done:
    now = clock().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    report = reported(document.plain(board.task.title), now, board.settings, validators.validate(outcome))
    return Done(report=outcome.report, validation=report, work=outcome.work, entry=outcome.entry, written=written, notes=board.notes)
