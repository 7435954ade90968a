"""One run of the worker in a session: the protocol's order of effects, from the validation to the last event."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from opsmith.errors import OpsmithError, SessionError
from opsmith.model.report import Event, RunReport
from opsmith.protocols.hive_mind import assignment, backlog, files, notes, output, response, session, state, view
from opsmith.protocols.hive_mind.assignment import Assignment
from opsmith.protocols.hive_mind.clock import Clock, stamp, utc_now
from opsmith.protocols.hive_mind.logger import WorkerLogger
from opsmith.protocols.hive_mind.prompt import FILE as PROMPT
from opsmith.protocols.hive_mind.scores import NAMES
from opsmith.protocols.hive_mind.worker import CAPABILITIES, STEM, WORKER

Run = Callable[[str, Callable[[Event], None]], RunReport]
Phase = Literal["whole", "setup", "output"]
HEARTBEAT_SECONDS = 30.0
"""Half of what a coordinator waits before it takes a worker for a slow one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """`output` is the DevOpsOutput; None when the run failed (then `error` says why) or only began (then `told` says how)."""

    exit_code: int
    output: dict[str, Any] | None = None
    error: str = ""
    told: str = ""


def serve(path: Path, task: str | None, model: str, run: Run, *, clock: Clock = utc_now) -> int:
    """The exit code of `served`."""
    return served(path, task, model, run, clock=clock).exit_code


def served(path: Path, task: str | None, model: str, run: Run, *, phase: Phase = "whole", clock: Clock = utc_now) -> Served:
    """Do `task` by `run` as the worker of the session at `path`, where `join_or_create` or `locate` found it.

    Without `task` it is the one that the session's prompt or state names. `phase` "setup" only begins, "output" goes on from there.
    Exit code 0: completed; 1: an invalid session, a failed or a blocked run.
    """
    log = WorkerLogger(path, WORKER, clock=clock)
    try:
        session.require_valid(path)
    except OpsmithError as error:
        if path.is_dir():
            with contextlib.suppress(OpsmithError):  # it may be the log that is wrong
                log.log_debug(error.what, "ERROR")
        return Served(exit_code=1, error=error.what)
    try:
        return _worked(path, task, model, run, phase, log)
    except BaseException as error:
        result = _failed(path, error, log)
        if isinstance(error, OpsmithError | OSError):
            return result
        raise


def _worked(path: Path, task: str | None, model: str, run: Run, phase: Phase, log: WorkerLogger) -> Served:
    began = log.clock()
    assigned = _assigned(path, task) if phase == "output" and state.is_running(path) else _start(path, task, model, log)
    if phase == "setup":
        log.log_event("setup_completed", _done("setup_completed", path.name))
        return Served(exit_code=0, told=f"set up in {path.name}: {assigned.task}")
    report = _deployed(assigned.task, run, log)
    timestamp = stamp(log.clock)
    text = notes.notes(report, path.name, timestamp)
    _write_notes(path, report, text, log)
    result = output.devops_output(report, path.name, timestamp, text, assigned)
    _write_json(path, report, result, timestamp, log)
    if phase == "output":
        log.log_event("outputs_completed", _done("outputs_completed", path.name))
    _leave_open(path, report, log)
    _finish(path, report, result, (log.clock() - began).total_seconds(), log)
    return Served(exit_code=0 if result["status"] == "completed" else 1, output=result, error=_blocker(report))


def _assigned(path: Path, task: str | None) -> Assignment:
    found = assignment.read(path, task)
    if not found.task:
        raise SessionError(
            f"Neither the command line nor session {path.name} says what to do.",
            why="--task was left away, and no prompt of the session names a task.",
            next_step='--task "TEXT"',
        )
    return found


def _start(path: Path, task: str | None, model: str, log: WorkerLogger) -> Assignment:
    log.log_debug(f"session {path.name}")
    assigned = _assigned(path, task)
    now = stamp(log.clock)
    log.log_event("worker_spawned", {"task": assigned.task, "model": model, "timestamp": now, "capabilities": list(CAPABILITIES)})
    session.complete(path, assigned.task, model=model, clock=log.clock)
    state.running(path, assigned.task, model, log.clock)
    log.log_event("session_validated", _done("session_validated", path.name))
    told = {"priority": assigned.priority, "dependencies": list(assigned.requires), "timeout": assigned.timeout}
    log.log_event("worker_configured", _done("worker_configured", WORKER) | told)
    if assigned.prompt is not None:
        log.log_event("prompt_file_read", _done("prompt_file_read", PROMPT) | {"characters": len(assigned.prompt.text)})
    analysis = {
        "action": "analysis_started",
        "result": "success",
        "task": assigned.task,
        "analysis_type": "devops_implementation",
        "timestamp": stamp(log.clock),
    }
    log.log_event("analysis_started", analysis)
    return assigned


def _done(action: str, target: str, result: str = "success") -> dict[str, Any]:
    return {"action": action, "target": target, "result": result}


def _deployed(task: str, run: Run, log: WorkerLogger) -> RunReport:
    log.log_event("deployment_started", _done("deployment_started", STEM))
    try:
        with _heartbeat(log) as at:
            report = run(task, lambda event: _progress(event, at, log))
    except BaseException as error:
        log.log_event("deployment_failed", _done("deployment_failed", STEM, "failure") | {"error": _what(error)}, level="ERROR")
        raise
    if report.status == "refused":
        log.log_event("deployment_failed", _done("deployment_failed", report.destination, "failure") | {"error": _blocker(report)}, level="ERROR")
    else:
        metrics = {"files": len(report.artifacts), "written": len(view.written(report)), "status": report.status}
        log.log_event("deployment_completed", _done("deployment_completed", report.destination) | {"metrics": metrics})
    return report


def _progress(event: Event, at: list[str], log: WorkerLogger) -> None:
    at[:] = [event.stage]
    if event.done:
        seconds = {} if event.seconds is None else {"metrics": {"seconds": round(event.seconds, 3)}}
        log.log_event("deployment_progress", _done("deployment_progress", event.stage) | {"message": event.message} | seconds)


@contextlib.contextmanager
def _heartbeat(log: WorkerLogger) -> Generator[list[str]]:
    """A sign of life while the work goes on; what is yielded holds the stage that it is at."""
    ended = threading.Event()
    at = ["start"]

    def beat() -> None:
        while not ended.wait(HEARTBEAT_SECONDS):
            with contextlib.suppress(SessionError):  # the next event of the work itself tells it
                log.log_event("progress_update", _done("progress_update", at[0]) | {"message": f"still at {at[0]}"})

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield at
    finally:
        ended.set()
        thread.join()


def _write_notes(path: Path, report: RunReport, text: str, log: WorkerLogger) -> None:
    log.save_analysis(text)
    files.replace(path / "workers/notes/devops_notes.md", text)
    files.replace(path / state.NOTES, notes.implementation(report, text))
    log.log_event("notes_created", _done("notes_created", state.RESPONSE_NOTES) | {"files": [state.RESPONSE_NOTES, state.NOTES]})


def _write_json(path: Path, report: RunReport, result: dict[str, Any], timestamp: str, log: WorkerLogger) -> None:
    files.replace(path / state.OUTPUT, files.to_text(result))
    log.save_json(response.devops_response(report, path.name, timestamp))
    log.log_event("json_created", _done("json_created", state.RESPONSE) | {"files": [state.RESPONSE, state.OUTPUT]})


def _leave_open(path: Path, report: RunReport, log: WorkerLogger) -> None:
    """What is left to others, told where they look for work."""
    added = backlog.add(path, backlog.left_open(report), log.clock)
    if added:
        log.log_event("backlog_updated", _done("backlog_updated", "BACKLOG.jsonl") | {"tasks": added})
    for item in report.intent.out_of_scope:
        log.log_event("handoff_requested", _done("handoff_requested", item.hand_to) | {"task": item.words})


def _finish(path: Path, report: RunReport, result: dict[str, Any], seconds: float, log: WorkerLogger) -> None:
    status = str(result["status"])
    scores = {name: result[name] for name in NAMES}
    coming = 2 if status == "blocked" else 1
    state.completed(path, status=status, scores=scores, artifacts=view.written(report), events=log.events_logged + coming, clock=log.clock)
    session.note_progress(path, f"{WORKER} {status}: {output.headline(report)}", log.clock)
    if status == "blocked":
        log.log_event("blocker_reported", _done("blocker_reported", report.destination, "failure") | {"blocker": _blocker(report)}, level="WARNING")
    counted = ("infrastructure_changes", "deployment_strategies", "monitoring_implementations")
    counts = {f"{name}_count": len(result[name]) for name in counted}
    log.log_event("worker_completed", {"duration": round(seconds, 3), **counts, "status": status}, status=status)


def _blocker(report: RunReport) -> str:
    return "; ".join([output.headline(report), *view.critical_issues(report)[:5]]) if report.status == "refused" else ""


def _failed(path: Path, error: BaseException, log: WorkerLogger) -> Served:
    what = _what(error)
    with contextlib.suppress(OpsmithError):
        log.log_debug(what, "ERROR")
    with contextlib.suppress(OpsmithError):
        log.log_event("worker_failed", _done("worker_failed", WORKER, "failure") | {"error": what}, status="failed")
    with contextlib.suppress(OpsmithError, OSError, RecursionError):  # the event says it already; a broken state file must not hide the cause
        state.failed(path, what, log.clock)
        session.note_progress(path, f"{WORKER} failed: {what}", log.clock)
    return Served(exit_code=1, error=what)


def _what(error: BaseException) -> str:
    if isinstance(error, OpsmithError):
        return f"{error.what} Next: {error.next_step}" if error.next_step else error.what
    if isinstance(error, KeyboardInterrupt):
        return f"interrupted by {signal.Signals(error.args[0] if error.args else signal.SIGINT).name}"
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
