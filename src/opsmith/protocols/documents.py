"""Files that people and several agents keep: read with bounds, never outside the root, and replaced whole or not at all.

Text keeps its bytes: what is no UTF-8, a byte order mark and the kind of line end survive reading and writing.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import stat
from collections.abc import Generator
from pathlib import Path

from opsmith.errors import DeliveryError, OpsmithError

MAX_BYTES = 8 * 1024 * 1024
"""Larger is nothing that people and agents wrote for one another."""


def place(root: Path, path: str) -> Path:
    """Where `path` (POSIX, relative) lies below `root`. Raises OpsmithError where a folder on the way is a link that leaves the root."""
    base = root.resolve()
    found = base / path
    try:
        inside = found.parent.resolve().is_relative_to(base)
    except (OSError, RuntimeError):
        inside = False
    if not inside:
        raise OpsmithError(f"{path} leads out of {root}.", why="a folder on the way is a link.", next_step=f"ls -ld {found.parent}")
    return found


def read(path: Path, *, limit: int = MAX_BYTES) -> str | None:
    """The text of a regular file; None where nothing is. Raises OpsmithError for links, folders, pipes, binaries and what is too large."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        why = "it is a link, a folder or a pipe." if error.errno in (errno.ELOOP, errno.ENXIO, errno.EISDIR) else error.strerror or ""
        raise OpsmithError(f"{path} cannot be read as a file.", why=why, next_step=f"ls -ld {path}") from None
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OpsmithError(f"{path} is no regular file.", why="a folder or a pipe in its place.", next_step=f"ls -ld {path}")
        with open(descriptor, "rb", closefd=False) as stream:
            data = stream.read(limit + 1)
    finally:
        os.close(descriptor)
    if len(data) > limit:
        raise OpsmithError(f"{path} is larger than {limit // 1024} KiB.", why="a log or a binary took its name.", next_step=f"ls -l {path}")
    if b"\0" in data:
        raise OpsmithError(f"{path} is no text.", why="it holds zero bytes: a binary, or UTF-16.", next_step=f"file {path}")
    return data.decode("utf-8", "surrogateescape")


def replace(path: Path, text: str) -> None:
    """`path` becomes `text` at once, with the mode that it had. A link in its place makes way; nothing is written through it.

    The caller holds the folder's lock, so a draft that lies there is one of a process that died.
    """
    draft = path.with_name(f".{path.name}.tmp")
    try:
        mode = stat.S_IMODE(path.lstat().st_mode) if path.is_file() and not path.is_symlink() else None
        draft.unlink(missing_ok=True)
        with draft.open("x", encoding="utf-8", errors="surrogateescape", newline="") as stream:
            stream.write(text)
            stream.flush()
            if mode is not None:
                os.fchmod(stream.fileno(), mode)
            os.fsync(stream.fileno())
        draft.replace(path)
        _synced(path.parent)
    except OSError as error:
        raise DeliveryError(
            f"{path} could not be written: {error.strerror}.", why="a full or write-protected disk.", next_step=f"df -h {path.parent}"
        ) from None
    finally:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)


def _synced(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def locked(folder: Path, *, busy: OpsmithError | None = None) -> Generator[None]:
    """One writer at a time in `folder`. The folder itself is locked: files are replaced, so a lock on one would be a lock on the old one.

    Waits for the other writer, or raises `busy` where that is given.
    """
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise OpsmithError(f"{folder} is no folder that can be opened: {error.strerror}.", next_step=f"ls -ld {folder}") from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (fcntl.LOCK_NB if busy else 0))
        yield
    except BlockingIOError:
        if busy is None:
            raise
        raise busy from None
    finally:
        os.close(descriptor)


def line_end(text: str) -> str:
    """The line end that the text uses."""
    return "\r\n" if text.count("\r\n") * 2 > text.count("\n") else "\n"
