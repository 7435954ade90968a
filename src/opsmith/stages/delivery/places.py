"""Where files may go, and what lies there now. Nothing here writes."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from opsmith.errors import DeliveryError

OWN = ".opsmith"
"""The folder in the destination that remembers what was delivered."""
NOTE = f"{OWN}/assessment.json"
"""How ready the repository was before the first delivery; written along with one."""
MAX_BYTES = 2 * 1024 * 1024
"""A larger file is nothing that we wrote, and is not merged with."""
MAX_STATE = 64 * 1024 * 1024
"""What our own files may grow to; they hold the text of every delivered file."""
_REPOSITORIES = frozenset((".git", ".hg", ".svn"))
"""At any depth: what lies in the one of a submodule is run by git, and no clone brings it along."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What lies at a path. `print` tells two contents apart (None = nothing there); `text` is None for what is no UTF-8 text."""

    kind: Literal["nothing", "file", "link", "other"]
    print: str | None = None
    text: str | None = None
    mode: int | None = None


NOTHING = Seen(kind="nothing")


def look(path: Path, *, limit: int = MAX_BYTES) -> Seen:
    """What lies at `path`; files larger than `limit` are told apart but have no text."""
    try:
        status = path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return NOTHING
    if stat.S_ISLNK(status.st_mode):
        return Seen(kind="link", print="link:" + digest(os.fsencode(path.readlink())))
    if not stat.S_ISREG(status.st_mode):
        return Seen(kind="other", print=_identity(status))
    mode = stat.S_IMODE(status.st_mode)
    data = _read(path, status.st_size)
    if data is None:
        return Seen(kind="file", print=_identity(status), mode=mode)
    return Seen(kind="file", print=digest(data), text=_decoded(data) if len(data) <= limit else None, mode=mode)


def _identity(status: os.stat_result) -> str:
    return f"inode:{status.st_ino}:{status.st_size}:{status.st_mtime_ns}"


def _read(path: Path, size: int) -> bytes | None:
    """None for what is far too large or may not be read: it is somebody else's then, whatever is in it."""
    if size > MAX_STATE:
        return None
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except PermissionError:
        return None
    with os.fdopen(descriptor, "rb") as stream:
        return stream.read(MAX_STATE + 1)


def _decoded(data: bytes) -> str | None:
    if b"\0" in data:
        return None
    try:
        return data.decode()
    except UnicodeDecodeError:
        return None


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def require_confined(root: Path, paths: Iterable[str]) -> None:
    """Raises DeliveryError for a path that leaves `root`, collides with another, or leads through a file."""
    taken: set[str] = set()
    for path in paths:
        _require_plain(path)
        if path in taken:
            raise DeliveryError(f"{path} would be delivered twice.", why="two targets write the same file.", next_step="choose one with --target")
        taken.add(path)
    for path in sorted(taken):
        _require_reachable(root, path, taken)


def is_plain(path: str) -> bool:
    """Whether `path` reads as one below the destination, outside the folders that are not for deliverables."""
    parts = path.split("/")
    odd = not path.isprintable() or any(part in ("", ".", "..") for part in parts)
    return not odd and parts[0].lower() != OWN and _REPOSITORIES.isdisjoint(part.lower() for part in parts)


def require_own_folder(root: Path) -> None:
    """Raises DeliveryError where our own folder is a link or a file: what came with a repository must not lead us elsewhere."""
    own = root / OWN
    if own.is_symlink() or (own.exists() and not own.is_dir()):
        raise DeliveryError(f"{own} has to be a folder of its own.", next_step=f"rm {own}")


def _require_plain(path: str) -> None:
    if not is_plain(path):
        raise DeliveryError(
            f"{path!r} is no path to deliver to.", why="absolute, leading out of the destination, or inside a folder that is not for deliverables."
        )


def _require_reachable(root: Path, path: str, taken: set[str]) -> None:
    parts = path.split("/")
    for depth in range(1, len(parts)):
        folder = "/".join(parts[:depth])
        if folder in taken:
            raise DeliveryError(f"{folder} would be both a file and the folder of {path}.")
        if not _is_way(root, folder, path):
            return


def _is_way(root: Path, folder: str, path: str) -> bool:
    """Whether `folder` exists and can be written through; False when it is not there yet."""
    place = root / folder
    try:
        status = place.lstat()
    except FileNotFoundError:
        return False
    if stat.S_ISLNK(status.st_mode):
        if not _stays_inside(root, place):
            raise DeliveryError(
                f"{folder} is a link that leaves {root}; {path} is not written through it.",
                next_step=f"replace the link {folder} by a folder, or deliver elsewhere with --out DIR",
            )
    elif not stat.S_ISDIR(status.st_mode):
        raise DeliveryError(f"{folder} is a file, so {path} cannot be written.", next_step=f"move {folder} away, or deliver elsewhere with --out DIR")
    return True


def _stays_inside(root: Path, link: Path) -> bool:
    try:
        target = link.resolve(strict=True)
    except (OSError, RuntimeError):
        return False
    return target.is_relative_to(root) and target.is_dir()
