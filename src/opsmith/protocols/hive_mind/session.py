"""The session directory: where it is, whether it is one, how it is made."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from opsmith.errors import SessionError, UsageError
from opsmith.protocols.hive_mind.clock import Clock, stamp, utc_now
from opsmith.protocols.hive_mind.files import locked, read_text, replace, require_regular, to_text
from opsmith.protocols.hive_mind.worker import WORKER

SESSIONS = "Docs/hive-mind/sessions"
_SHARED = ("SESSION.md", "EVENTS.jsonl", "DEBUG.jsonl", "BACKLOG.jsonl", "workers/json/")
LAYOUTS = {"000": (*_SHARED, "workers/notes/"), "001": (*_SHARED, "STATE.json", "notes/")}
"""What each family of workers needs to find; a name that ends in a slash is a folder."""
_FOLDERS = ("workers/json", "workers/notes", "workers/prompts", "notes")
_LOGS = ("EVENTS.jsonl", "DEBUG.jsonl", "BACKLOG.jsonl")
_FILES = ("SESSION.md", "SESSION.json", "STATE.json", *_LOGS)
_USUAL_ID = re.compile(r"\d{4}-\d{2}-\d{2}-\d{2}-\d{2}-[A-Za-z0-9-]{1,100}")
_SAFE_ID = re.compile(r"[A-Za-z0-9._-]{1,200}")
MAX_SLUG = 50


def find_root(start: Path) -> Path:
    """The nearest folder from `start` upwards that holds both Docs/hive-mind and .claude."""
    here = start.resolve()
    for folder in (here, *here.parents):
        if (folder / "Docs/hive-mind").is_dir() and (folder / ".claude").is_dir():
            return folder
    raise SessionError(
        f"No project root above {here}: a folder with both Docs/hive-mind and .claude.",
        why="the command was started outside the project.",
        next_step="--project-root PATH, or DEVOPS_PROJECT_ROOT=PATH",
    )


def root_of(start: Path) -> Path:
    """As `find_root`; `start` itself where there is no session anywhere above."""
    try:
        return find_root(start)
    except SessionError:
        return start


def extract_id(prompt: str) -> str | None:
    """The id that a prompt names as `Session ID: ...` or `session_id: ...`, without Markdown around it."""
    for pattern in (r"session id", r"session[_ ]id"):
        match = re.search(rf"{pattern}[*`]*:[*`\s]*([^\s,]+)", prompt, re.IGNORECASE)
        if match and (found := match[1].strip("*`")):
            return found
    return None


def new_id(title: str, clock: Clock = utc_now) -> str:
    slug = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:MAX_SLUG].strip("-")
    if not slug:
        raise UsageError(f"{title!r} leaves no name for a session.", next_step='opsmith session new "Short title in plain letters"')
    return f"{stamp(clock)[:16].replace('T', '-').replace(':', '-')}-{slug}"


def locate(root: Path, session_id: str) -> Path:
    """The directory of a session that is there. Raises SessionError."""
    path = root / SESSIONS / session_id
    if not _SAFE_ID.fullmatch(session_id) or session_id in (".", "..") or not (_USUAL_ID.fullmatch(session_id) or path.is_dir()):
        raise SessionError(f"{session_id!r} is no session id.", why="it reads YYYY-MM-DD-HH-MM-name.", next_step='opsmith session new "TITLE"')
    if not path.is_dir() or path.is_symlink():
        raise SessionError(f"There is no session {session_id} in {root / SESSIONS}.", next_step='opsmith session new "TITLE"')
    _require_inside(root, path)
    return path


def _require_inside(folder: Path, place: Path) -> None:
    """A link that came with the project must not have us write elsewhere."""
    try:
        inside = place.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError):  # a circle of links
        inside = False
    if not inside:
        raise SessionError(f"{place} lies outside of {folder}.", why="a folder on the way is a link.", next_step="replace the link by a folder")


def require_valid(session: Path) -> None:
    """A session is valid when one of the two families would find all it needs, all of it in the session itself. Raises SessionError."""
    for folder in _FOLDERS:
        _require_inside(session, session / folder)
    for name in _FILES:
        require_regular(session / name)
    lacking = min((missing(session, family) for family in LAYOUTS), key=len)
    if lacking:
        raise SessionError(f"Session {session.name} is not valid: {', '.join(lacking)} missing.", next_step='opsmith session new "TITLE"')


def missing(session: Path, family: str) -> list[str]:
    return [name for name in LAYOUTS[family] if not ((session / name).is_dir() if name.endswith("/") else (session / name).is_file())]


def join_or_create(root: Path, session_id: str, task: str) -> Path:
    """The session `session_id` below `root`; made when it is not there. Raises SessionError."""
    path = root / SESSIONS / session_id
    if not path.exists() and _USUAL_ID.fullmatch(session_id):
        return _made(path, root, task, "rules", utc_now)
    found = locate(root, session_id)
    require_valid(found)
    return found


def create(root: Path, title: str, *, model: str = "rules", clock: Clock = utc_now) -> Path:
    """A new session that workers of both families can join. Raises SessionError when it is there already."""
    return _made(root / SESSIONS / new_id(title, clock), root, title, model, clock)


def _made(path: Path, root: Path, task: str, model: str, clock: Clock) -> Path:
    _require_inside(root, path)
    try:
        path.mkdir(parents=True)
    except FileExistsError:
        raise SessionError(f"Session {path.name} is there already.", next_step="choose another title, or wait a minute") from None
    except OSError as error:
        raise SessionError(f"{path} cannot be made: {error.strerror}.", next_step=f"ls -ld {root}") from error
    complete(path, task, model=model, clock=clock)
    return path


def complete(session: Path, task: str, *, model: str = "rules", clock: Clock = utc_now) -> None:
    """Make what one of the two families would miss; what is there stays as it is."""
    for folder in _FOLDERS:
        (session / folder).mkdir(parents=True, exist_ok=True)
    for name in _LOGS:
        (session / name).touch()
    now = stamp(clock)
    begun = {"SESSION.md": _overview(session.name, task, model, now), "SESSION.json": to_text(_session_state(session.name, task, model, now))}
    for name, text in (begun | {"STATE.json": to_text(_state(session.name, task, now))}).items():
        if not (session / name).exists():
            replace(session / name, text)


def _overview(session_id: str, task: str, model: str, now: str) -> str:
    return (
        f"# Session: {session_id}\n\n**Created**: {now}\n**Task**: {' '.join(task.split())}\n**Model**: {model}\n**Status**: created\n\n"
        f"## Overview\n\n{task.strip()}\n\n## Progress\n\n- [ ] {WORKER}\n\n## Coordination Progress\n\n## Notes\n"
    )


def _session_state(session_id: str, task: str, model: str, now: str) -> dict[str, Any]:
    return {
        "session_id": session_id, "created": now, "last_updated": now, "update_count": 0, "task_description": task, "model": model,
        "status": "created", "phase": "planning", "complexity_level": 2, "workers": {},
    }  # fmt: skip


def _state(session_id: str, task: str, now: str) -> dict[str, Any]:
    lists = ("workers_planned", "workers_spawned", "workers_active", "workers_completed", "workers_pending", "workers_failed")
    coordination: dict[str, Any] = {"phase": "planning", **{name: list[str]() for name in lists}, "synthesis_ready": False, "blocking_issues": []}
    return {
        "session_id": session_id, "created_at": now, "last_updated": now, "update_count": 0, "coordinator": "opsmith", "task": task,
        "status": "active", "complexity_level": 2, "coordination_status": coordination, "worker_configurations": {}, "worker_states": {},
    }  # fmt: skip


def note_progress(session: Path, text: str, clock: Clock = utc_now) -> None:
    """Add "- [HH:MM] text" to SESSION.md's Coordination Progress; a file without that section stays as it is."""
    with locked(session):
        place = session / "SESSION.md"
        rows = read_text(place, errors="surrogateescape").split("\n")
        heading = next((number for number, row in enumerate(rows) if row.strip() == "## Coordination Progress"), None)
        if heading is None:
            return
        end = next((number for number in range(heading + 1, len(rows)) if rows[number].startswith(("# ", "## "))), len(rows))
        while not rows[end - 1].strip():
            end -= 1
        entry = [f"- [{stamp(clock)[11:16]}] {' '.join(text.split())}"]
        gap = [""] if end == heading + 1 else []
        replace(place, "\n".join([*rows[:end], *gap, *entry, *rows[end:]]), errors="surrogateescape")
