"""Reading, replacing, merging and appending files that several processes write at once.

Only regular files are read or appended to: a link may lead out of the session, and a pipe would never answer.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import stat
from collections.abc import Callable, Generator, Mapping
from pathlib import Path
from typing import Any

from opsmith.errors import SessionError
from opsmith.shapes import is_mapping, items, table

MAX_READ = 64 * 1024 * 1024
"""Characters of the largest file that is read."""
MAX_STATE = 8 * 1024 * 1024
"""Characters of the largest JSON document that is read as a whole: its values take many times as much memory."""
MAX_DEPTH = 100
"""Levels of a JSON document. Far more than any worker writes, and few enough for every step that goes down into it."""


@contextlib.contextmanager
def _opened(path: Path, flags: int) -> Generator[int]:
    try:
        descriptor = os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise _irregular(path) if error.errno in (errno.ELOOP, errno.EMLINK, errno.ENXIO, errno.EISDIR) else error from None
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise _irregular(path)
        yield descriptor
    finally:
        os.close(descriptor)


def _irregular(path: Path) -> SessionError:
    return SessionError(f"{path} is no regular file.", why="a link, a folder or a pipe in its place.", next_step=f"ls -ld {path}")


def require_regular(path: Path) -> None:
    """Raises SessionError for what is there but no regular file."""
    with contextlib.suppress(FileNotFoundError):
        if not stat.S_ISREG(path.lstat().st_mode):
            raise _irregular(path)


def read_text(path: Path, *, errors: str = "strict", limit: int = MAX_READ) -> str:
    """Raises SessionError for what is no regular file or longer than `limit`."""
    with _opened(path, os.O_RDONLY) as descriptor, open(descriptor, encoding="utf-8-sig", errors=errors, closefd=False) as stream:
        text = stream.read(limit + 1)
    if len(text) > limit:
        raise SessionError(f"{path} has more than {limit} characters.", next_step=f"ls -l {path}")
    return text


def append_line(path: Path, record: Mapping[str, Any]) -> None:
    """One whole line, or nothing: a line that another process left torn is ended first, one of ours that did not fit is taken back."""
    line = (json.dumps(record, ensure_ascii=False, separators=(",", ":"), default=str) + "\n").encode("utf-8", "backslashreplace")
    with _opened(path, os.O_RDWR | os.O_APPEND | os.O_CREAT) as descriptor:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        size = os.fstat(descriptor).st_size
        torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
        _write_whole(descriptor, b"\n" + line if torn else line, size)
        os.fsync(descriptor)


def _write_whole(descriptor: int, data: bytes, size: int) -> None:
    try:
        if os.write(descriptor, data) == len(data):
            return
    except OSError:
        os.ftruncate(descriptor, size)
        raise
    os.ftruncate(descriptor, size)
    raise OSError("the line did not fit")


def replace(path: Path, text: str, *, errors: str = "backslashreplace") -> None:
    """Whatever lies at `path` makes way; nothing is written through it."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)  # of a process that died under the same number
    try:
        with draft.open("x", encoding="utf-8", errors=errors, newline="\n") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def to_text(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, default=str) + "\n"


def update_json(path: Path, change: Callable[[dict[str, Any]], dict[str, Any]]) -> dict[str, Any]:
    """`path` becomes what `change` makes of it. Nobody else's update is lost between reading and writing."""
    with locked(path.parent):
        new = change(read_json(path))
        replace(path, to_text(new))
    return new


def read_json(path: Path) -> dict[str, Any]:
    """An empty object for a missing or empty file. Raises SessionError for a broken one: replacing it would lose what others wrote."""
    try:
        text = read_text(path, limit=MAX_STATE)
        value: Any = json.loads(text) if text.strip() else {}
    except FileNotFoundError:
        return {}
    except (ValueError, RecursionError) as error:
        raise SessionError(f"{path} is broken: {error}.", why="another writer was interrupted.", next_step=f"mend or remove {path}") from None
    if not is_mapping(value):
        raise SessionError(f"{path} holds no JSON object.", next_step=f"mend or remove {path}")
    if is_deeper(value, MAX_DEPTH):
        raise SessionError(f"{path} is nested more than {MAX_DEPTH} levels deep.", why="no worker writes that.", next_step=f"mend or remove {path}")
    return table(value)


def is_deeper(value: Any, levels: int) -> bool:
    """Whether lists and objects lie more than `levels` deep in one another. Goes down without recursion."""
    layer = [value]
    for _ in range(levels + 1):
        layer = [item for node in layer for item in (table(node).values() if is_mapping(node) else items(node))]
        if not layer:
            return False
    return True


def deep_merged(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Objects are merged key by key, everything else is replaced."""
    result = dict(old)
    for key, value in new.items():
        result[key] = deep_merged(as_object(result.get(key)), as_object(value)) if isinstance(value, Mapping) else value
    return result


def as_text(value: Any, limit: int) -> str:
    """As at most `limit` characters that can be written as UTF-8: JSON can spell halves of characters."""
    return str(value)[:limit].encode("utf-8", "replace").decode()


def as_object(value: Any) -> dict[str, Any]:
    """`value` where it is an object, else an empty one: what other writers left may be of any shape."""
    return table(value)


def as_list(value: Any) -> list[Any]:
    return items(value)


@contextlib.contextmanager
def locked(folder: Path) -> Generator[None]:
    """The folder itself is locked: the file is replaced, so a lock on it would be a lock on the old one."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
