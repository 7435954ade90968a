"""Many files put in place as one: either all of them are there afterwards or none, whatever ends the process in between.

New contents are staged beside the state, what lies at their places is saved by a hard link, and a journal names both. From the moment the
journal is there a dead process's work can be finished; renaming it to `ROLLBACK` turns the direction round without needing any space.
Removing it is the moment at which everything counts as done.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import shutil
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from opsmith.encoding import from_plain
from opsmith.errors import DeliveryError
from opsmith.stages.delivery.places import MAX_STATE, NOTE, OWN, Seen, digest, look, require_confined, require_own_folder

STAGING = f"{OWN}/staging"
JOURNAL = f"{OWN}/journal.json"
ROLLBACK = f"{OWN}/rollback.json"
OWN_FILES = (f"{OWN}/delivered.json", f"{OWN}/.gitignore", NOTE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """`content` for `path`, where `before` was seen when it was decided. `mode` None = what a new file usually has."""

    path: str
    content: bytes
    before: Seen
    mode: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One rename. `before` and `after` are prints of the content at `path`; `saved` None = nothing was there."""

    path: str
    staged: str
    saved: str | None
    before: str | None
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """`folders` are those that had to be made, outermost first."""

    operations: tuple[Operation, ...]
    folders: tuple[str, ...]


def write_all(root: Path, writes: Sequence[Write]) -> None:
    """All of `writes` or none. The caller holds the lock."""
    try:
        journal = _staged(root, writes)
        _record(root, journal)
        _put_in_place(root, journal)
        _require_untouched(root, journal)
        (root / JOURNAL).unlink()
    except BaseException:
        _undo(root)
        raise
    with contextlib.suppress(OSError):  # everything is in place; what is left of the staging the next run clears away
        _clear(root)


def recover(root: Path) -> None:
    """Finish or undo what an earlier process left behind. The caller holds the lock."""
    require_own_folder(root)
    journal = _read(root, JOURNAL)
    if journal is not None and _read(root, ROLLBACK) is None and _can_be_finished(root, journal):
        try:
            _put_in_place(root, journal)
            _require_untouched(root, journal)
            (root / JOURNAL).unlink()
        except (OSError, DeliveryError):  # then not forward but back
            _undo(root)
    else:
        _undo(root)
    _clear(root)


def is_unfinished(root: Path) -> bool:
    """Whether a run was ended in the middle of writing, or right behind it."""
    return any(os.path.lexists(root / name) for name in (JOURNAL, ROLLBACK))


def pending(root: Path) -> dict[str, Path | None]:
    """What `recover` would leave at each path of an unfinished journal: the file that holds the content, None = nothing."""
    require_own_folder(root)
    back = _read(root, ROLLBACK)
    journal = _read(root, JOURNAL) if back is None else back
    if journal is None:
        return {}
    if back is None and _can_be_finished(root, journal):
        return {item.path: root / STAGING / item.staged for item in journal.operations if not _is_done(root, item)}
    return {item.path: root / STAGING / item.saved if item.saved else None for item in journal.operations if _can_be_undone(root, item)}


# -- forward -------------------------------------------------------------------------------------------------------------------------


def _staged(root: Path, writes: Sequence[Write]) -> Journal:
    _clear(root)
    (root / STAGING).mkdir(mode=0o700)
    operations = tuple(_stage(root, number, write) for number, write in enumerate(writes))
    for operation in operations:
        _sync(root / STAGING / operation.staged)
    _sync(root / STAGING)
    return Journal(operations=operations, folders=tuple(_missing_folders(root, writes)))


def _stage(root: Path, number: int, write: Write) -> Operation:
    staged = root / STAGING / f"{number}.new"
    _create(staged, write.content, write.mode)
    _keep_owner(root / write.path, staged)
    saved = None if write.before.kind == "nothing" else f"{number}.old"
    if saved:
        _save(root / write.path, root / STAGING / saved)
    return Operation(path=write.path, staged=staged.name, saved=saved, before=write.before.print, after=digest(write.content))


def _create(path: Path, content: bytes, mode: int | None) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
    try:
        rest = memoryview(content)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        if mode is not None:
            os.fchmod(descriptor, mode)
    finally:
        os.close(descriptor)


def _keep_owner(place: Path, staged: Path) -> None:
    """A file that root replaces still belongs to whom it belonged; where that cannot be, it is the caller's."""
    with contextlib.suppress(OSError):
        was, now = place.lstat(), staged.lstat()
        if (was.st_uid, was.st_gid) != (now.st_uid, now.st_gid):
            os.chown(staged, was.st_uid, was.st_gid, follow_symlinks=False)


def _save(place: Path, saved: Path) -> None:
    """A hard link keeps owner, attributes and what an editor writes meanwhile; where there are none, a copy."""
    try:
        os.link(place, saved, follow_symlinks=False)
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EXDEV):
            raise
        shutil.copy2(place, saved, follow_symlinks=False)
        if not saved.is_symlink():
            _sync(saved)


def _missing_folders(root: Path, writes: Iterable[Write]) -> Iterator[str]:
    told: set[str] = set()
    for write in writes:
        parts = write.path.split("/")
        for depth in range(1, len(parts)):
            folder = "/".join(parts[:depth])
            if folder not in told and not (root / folder).exists():
                told.add(folder)
                yield folder


def _record(root: Path, journal: Journal) -> None:
    draft = root / STAGING / "journal.new"
    _create(draft, json.dumps(asdict(journal), indent=1).encode(), None)
    _sync(draft)
    draft.replace(root / JOURNAL)
    _sync(root / OWN)


def _put_in_place(root: Path, journal: Journal) -> None:
    for folder in journal.folders:
        (root / folder).mkdir(exist_ok=True)
    for operation in journal.operations:
        if not _is_done(root, operation):
            _require_as_before(root, operation)
            (root / STAGING / operation.staged).replace(root / operation.path)
    for parent in sorted({(root / operation.path).parent for operation in journal.operations}):
        _sync(parent)


def _is_done(root: Path, operation: Operation) -> bool:
    return not (root / STAGING / operation.staged).exists()


def _require_as_before(root: Path, operation: Operation) -> None:
    if look(root / operation.path).print != operation.before:
        raise _changed_meanwhile(operation.path)


def _require_untouched(root: Path, journal: Journal) -> None:
    """An editor that had the old file open may have written to it up to now; its text must not go with the old file."""
    for operation in journal.operations:
        if operation.saved and look(root / STAGING / operation.saved).print != operation.before:
            raise _changed_meanwhile(operation.path)


def _changed_meanwhile(path: str) -> DeliveryError:
    return DeliveryError(f"{path} was changed while it was being delivered.", why="an editor or another program wrote to it.", next_step="run again")


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


# -- back ----------------------------------------------------------------------------------------------------------------------------


def _undo(root: Path) -> None:
    if (root / JOURNAL).exists():
        (root / JOURNAL).replace(root / ROLLBACK)
    journal = _read(root, ROLLBACK)
    if journal is not None:
        _take_back(root, journal)
        (root / ROLLBACK).unlink()
    _clear(root)


def _take_back(root: Path, journal: Journal) -> None:
    for operation in reversed(journal.operations):
        if _can_be_undone(root, operation):
            if operation.saved:
                (root / STAGING / operation.saved).replace(root / operation.path)
            else:
                (root / operation.path).unlink()
    for folder in reversed(journal.folders):
        with contextlib.suppress(OSError):  # not made yet, or somebody has put a file there since
            (root / folder).rmdir()


def _can_be_undone(root: Path, operation: Operation) -> bool:
    """Whether our text lies there as we put it; what somebody has written over it since stays."""
    kept = operation.saved is None or look(root / STAGING / operation.saved).kind != "nothing"
    return _is_done(root, operation) and kept and look(root / operation.path).print == operation.after


def _can_be_finished(root: Path, journal: Journal) -> bool:
    return all(_is_done(root, item) or _is_ready(root, item) for item in journal.operations)


def _is_ready(root: Path, operation: Operation) -> bool:
    return look(root / STAGING / operation.staged).print == operation.after and look(root / operation.path).print == operation.before


def _read(root: Path, name: str) -> Journal | None:
    seen = look(root / name, limit=MAX_STATE)
    if seen.kind == "nothing":
        return None
    try:
        journal = from_plain(json.loads(seen.text or ""), Journal)
    except (ValueError, RecursionError):
        journal = None
    if journal is None or not _is_sound(journal):
        raise DeliveryError(f"{name} is no journal of ours.", why="edited by hand, or it came with the repository.", next_step=f"rm {name}")
    require_confined(root, _places(journal))
    _require_ours(root, name, journal)
    return journal


def _require_ours(root: Path, name: str, journal: Journal) -> None:
    """What is put in place was staged by us: nothing is fetched from elsewhere through a link, nor moved for a stranger in a shared folder."""
    if (root / name).lstat().st_uid not in (os.geteuid(), root.stat().st_uid):
        raise DeliveryError(f"{name} belongs neither to you nor to whom {root} belongs.", next_step=f"rm {name}")
    with contextlib.suppress(FileNotFoundError):
        if not stat.S_ISDIR((root / STAGING).lstat().st_mode):
            raise DeliveryError(f"{STAGING} is no folder.", why="it came with the repository.", next_step=f"rm {STAGING} {name}")
    for item in journal.operations:
        if not (_is_own_file(root, item.staged, None) and (item.saved is None or _is_own_file(root, item.saved, item.before))):
            raise DeliveryError(f"{STAGING} holds what is no file of ours.", why="it came with the repository.", next_step=f"rm -r {STAGING} {name}")


def _is_own_file(root: Path, name: str, before: str | None) -> bool:
    """A link is saved only as the very link that lay there `before`."""
    seen = look(root / STAGING / name)
    return seen.kind in ("nothing", "file") or (seen.kind == "link" and seen.print == before)


def _is_sound(journal: Journal) -> bool:
    names = [name for item in journal.operations for name in (item.staged, item.saved or "0.old")]
    return all(re.fullmatch(r"\d{1,6}\.(new|old)", name) for name in names) and _parents(_places(journal)).issuperset(journal.folders)


def _places(journal: Journal) -> list[str]:
    return [item.path for item in journal.operations if item.path not in OWN_FILES]


def _parents(paths: Iterable[str]) -> set[str]:
    return {"/".join(path.split("/")[:depth]) for path in paths for depth in range(1, path.count("/") + 1)}


def _clear(root: Path) -> None:
    staging = root / STAGING
    if staging.is_symlink() or (staging.exists() and not staging.is_dir()):
        staging.unlink()
    elif staging.exists():
        shutil.rmtree(staging)
