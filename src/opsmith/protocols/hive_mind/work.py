"""One run of the worker in a session: the protocol's order of effects, from the validation to the last event."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from opsmith.errors import OpsmithError, SessionError
from opsmith.model.report import Event, RunReport
from opsmith.protocols.hive_mind import files, notes, output, session, state, view
from opsmith.protocols.hive_mind.clock import Clock, stamp, utc_now
from opsmith.protocols.hive_mind.logger import WorkerLogger
from opsmith.protocols.hive_mind.scores import NAMES
from opsmith.protocols.hive_mind.worker import CAPABILITIES, REQUIRES, STEM, WORKER

Run = Callable[[str, Callable[[Event], None]], RunReport]
HEARTBEAT_SECONDS = 60.0
PROMPT = f"workers/prompts/{WORKER}.prompt"
MAX_PROMPT = 256 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """`output` is the DevOpsOutput; None when the run failed, and then `error` says why."""

    exit_code: int
    output: dict[str, Any] | None = None
    error: str = ""


def serve(path: Path, task: str, model: str, run: Run, *, clock: Clock = utc_now) -> int:
    """The exit code of `served`."""
    return served(path, task, model, run, clock=clock).exit_code


def served(path: Path, task: str, model: str, run: Run, *, clock: Clock = utc_now) -> Served:
    """Do `task` by `run` as the worker of the session at `path`, where `join_or_create` or `locate` found it.

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
        return _worked(path, task, model, run, log)
    except BaseException as error:
        result = _failed(path, error, log)
        if isinstance(error, OpsmithError | OSError):
            return result
        raise


def _worked(path: Path, task: str, model: str, run: Run, log: WorkerLogger) -> Served:
    began = log.clock()
    _start(path, task, model, log)
    report = _deployed(task, run, log)
    timestamp = stamp(log.clock)
    text = notes.notes(report, path.name, timestamp)
    _write_notes(path, report, text, log)
    result = output.devops_output(report, path.name, timestamp, text)
    _write_json(path, report, result, timestamp, log)
    _finish(path, report, result, (log.clock() - began).total_seconds(), log)
    return Served(exit_code=0 if result["status"] == "completed" else 1, output=result, error=_blocker(report))


def _start(path: Path, task: str, model: str, log: WorkerLogger) -> None:
    log.log_debug(f"session {path.name}")
    now = stamp(log.clock)
    log.log_event("worker_spawned", {"task": task, "model": model, "timestamp": now, "capabilities": list(CAPABILITIES)})
    session.complete(path, task, model=model, clock=log.clock)
    state.running(path, task, model, log.clock)
    log.log_event("session_validated", _done("session_validated", path.name))
    configuration = state.own_configuration(path)
    told = {"priority": configuration["priority"], "dependencies": configuration.get("dependencies") or list(REQUIRES)}
    log.log_event("worker_configured", _done("worker_configured", WORKER) | told)
    prompt = _prompt(path)
    if prompt is not None:
        log.log_event("prompt_file_read", _done("prompt_file_read", PROMPT) | {"characters": len(prompt)})
    analysis = {
        "action": "analysis_started",
        "result": "success",
        "task": task,
        "analysis_type": "devops_implementation",
        "timestamp": stamp(log.clock),
    }
    log.log_event("analysis_started", analysis)


def _done(action: str, target: str, result: str = "success") -> dict[str, Any]:
    return {"action": action, "target": target, "result": result}


def _prompt(path: Path) -> str | None:
    """The orchestrator's prompt. It is context for people and models; the task is what the command line says."""
    try:
        return files.read_text(path / PROMPT, errors="replace", limit=MAX_PROMPT)
    except (OSError, SessionError):
        return None


def _deployed(task: str, run: Run, log: WorkerLogger) -> RunReport:
    log.log_event("deployment_started", _done("deployment_started", STEM))
    try:
        with _heartbeat(log):
            report = run(task, lambda event: _progress(event, log))
    except BaseException as error:
        log.log_event("deployment_failed", _done("deployment_failed", STEM, "failure") | {"error": _what(error)}, level="ERROR")
        raise
    if report.status == "refused":
        log.log_event("deployment_failed", _done("deployment_failed", report.destination, "failure") | {"error": _blocker(report)}, level="ERROR")
    else:
        metrics = {"files": len(report.artifacts), "written": len(view.written(report)), "status": report.status}
        log.log_event("deployment_completed", _done("deployment_completed", report.destination) | {"metrics": metrics})
    return report


def _progress(event: Event, log: WorkerLogger) -> None:
    if event.done:
        seconds = {} if event.seconds is None else {"metrics": {"seconds": round(event.seconds, 3)}}
        log.log_event("deployment_progress", _done("deployment_progress", event.stage) | {"message": event.message} | seconds)


@contextlib.contextmanager
def _heartbeat(log: WorkerLogger) -> Generator[None]:
    """The coordinator takes a worker that says nothing for a minute for a slow one."""
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(HEARTBEAT_SECONDS):
            with contextlib.suppress(SessionError):  # the next event of the work itself tells it
                log.log_event("progress_update", _done("progress_update", "still working"))

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
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
    log.save_json(output.devops_response(report, path.name, timestamp))
    log.log_event("json_created", _done("json_created", state.RESPONSE) | {"files": [state.RESPONSE, state.OUTPUT]})


def _finish(path: Path, report: RunReport, result: dict[str, Any], seconds: float, log: WorkerLogger) -> None:
    status = str(result["status"])
    scores = {name: result[name] for name in NAMES}
    state.completed(path, status=status, scores=scores, artifacts=view.written(report), events=log.events_logged + 1, clock=log.clock)
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
    with contextlib.suppress(OpsmithError, OSError):  # the event says it already; a broken state file must not hide the cause
        state.failed(path, what, log.clock)
        session.note_progress(path, f"{WORKER} failed: {what}", log.clock)
    return Served(exit_code=1, error=what)


def _what(error: BaseException) -> str:
    if isinstance(error, OpsmithError):
        return f"{error.what} Next: {error.next_step}" if error.next_step else error.what
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
