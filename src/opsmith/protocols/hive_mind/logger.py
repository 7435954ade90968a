"""WorkerLogger: the five operations that seed 001 names."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from opsmith.protocols.hive_mind.clock import Clock, stamp, utc_now
from opsmith.protocols.hive_mind.files import append_line, replace, to_text
from opsmith.shapes import is_list, is_mapping, items, table

Details = Mapping[str, Any] | Sequence[Any] | str | None

DEBUG_LEVELS = ("INFO", "SUCCESS", "WARNING", "ERROR", "DECISION", "COMPLIANCE", "DEBUG")
MAX_DETAIL = 500
MAX_MESSAGE = 1000
TOO_DEEP = "left out: nested too deep, or in itself"


class WorkerLogger:
    """Writes as `worker_name` into the session at `session_path`; making one touches no file."""

    def __init__(self, session_path: Path | str, worker_name: str, *, clock: Clock = utc_now) -> None:
        self.session = Path(session_path)
        self.worker = worker_name
        self.stem = worker_name.removesuffix("-worker")
        self.clock = clock
        self.events_logged = 0

    def log_event(self, event_type: str, details: Details = None, *, level: str = "INFO", status: str | None = None) -> None:
        """Append to EVENTS.jsonl; from WARNING on also to DEBUG.jsonl. A line that cannot be written is reported, not raised.

        What JSON has no word for is written as text, a number that is none as null.

        Raises SessionError where EVENTS.jsonl or DEBUG.jsonl is no regular file: then no line would ever arrive.
        """
        kind = self._without_prefix(event_type)
        record: dict[str, Any] = {"timestamp": stamp(self.clock), "type": kind, "agent": self.worker, "level": level, "details": self._clean(details)}
        if status:
            record["status"] = status
        self._append("EVENTS.jsonl", record)
        self.events_logged += 1
        if level in ("WARNING", "ERROR", "FATAL"):
            self.log_debug(f"event {kind}", "WARNING" if level == "WARNING" else "ERROR", record["details"])

    def log_debug(self, message: str, level: str = "INFO", details: Any = None) -> None:
        record: dict[str, Any] = {"timestamp": stamp(self.clock), "level": level if level in DEBUG_LEVELS else "INFO", "agent": self.worker}
        record["message"] = message[:MAX_MESSAGE]
        if details:
            record["details"] = _told(details)
        self._append("DEBUG.jsonl", record)

    def save_analysis(self, content: str) -> Path:
        """Replace notes/STEM_notes.md."""
        return self._save(self.session / "notes" / f"{self.stem}_notes.md", content, "notes saved")

    def save_json(self, data: Mapping[str, Any]) -> Path:
        """Replace workers/json/STEM_response.json."""
        return self._save(self.session / "workers" / "json" / f"{self.stem}_response.json", to_text(data), "JSON saved")

    def _save(self, path: Path, text: str, message: str) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace(path, text)
        told = {"path": path.relative_to(self.session).as_posix(), "bytes": len(text.encode(errors="backslashreplace")), "lines": text.count("\n")}
        self.log_debug(message, "SUCCESS", told)
        return path

    def _append(self, name: str, record: Mapping[str, Any]) -> None:
        try:
            append_line(self.session / name, record)
        except OSError as error:
            sys.stderr.write(f"{self.worker}: {name} cannot be written: {error}\n")

    def _without_prefix(self, word: str) -> str:
        for prefix in (f"{self.worker}_", f"{self.worker.replace('-', '_')}_", f"{self.stem}_"):
            word = word.removeprefix(prefix)
        return word

    def _clean(self, details: Details) -> Any:
        if details is None:
            return {}
        clean = _told(details, without="session_id")  # the session is told by the path alone: no event names it a second time
        if is_mapping(clean) and isinstance(clean.get("action"), str):
            clean["action"] = self._without_prefix(clean["action"])
        return clean


def _told(value: Any, *, without: str | None = None) -> Any:
    if isinstance(value, str):
        return value[:MAX_DETAIL]
    try:
        return _plain(value, without)
    except RecursionError:
        return TOO_DEEP


def _plain(value: Any, without: str | None) -> Any:
    if is_mapping(value):
        return {key: _plain(item, without) for key, item in table(value).items() if key != without}
    if is_list(value):
        return [_plain(item, without) for item in items(value)]
    return None if isinstance(value, float) and not math.isfinite(value) else value
