"""Deliver: artifacts become files. A user's edit is never lost, and nothing is ever half-written."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

from opsmith.errors import DeliveryError
from opsmith.model.artifact import Artifact
from opsmith.model.blueprint import Origin
from opsmith.model.report import FileChange
from opsmith.stages.delivery import journal, state
from opsmith.stages.delivery.journal import Write
from opsmith.stages.delivery.places import MAX_BYTES, MAX_STATE, NOTHING, OWN, Seen, look, require_confined, require_own_folder
from opsmith.stages.delivery.plan import Step, after, planned
from opsmith.stages.delivery.state import State

IGNORED = """\
# Written by opsmith. delivered.json belongs into version control: it is what later runs merge your edits with.
lock
journal.json
rollback.json
staging/
"""
EXECUTABLE = 0o755
Force = bool | frozenset[str]
"""Whether files that opsmith did not write are overwritten: all of them, none, or those at these paths."""

Edits = Mapping[str, Callable[[str | None], str | None]]
"""By path, what becomes of the text of a file that is not ours (None = it is not there, and stays so)."""


def changes(artifacts: Sequence[Artifact], destination: Path, *, force: Force = False) -> tuple[FileChange, ...]:
    """What `deliver` would do, with diffs; writes nothing. Raises DeliveryError where it would."""
    root = destination.resolve()
    with _explained(root):
        _require_deliverable(root, artifacts)
        unfinished = journal.pending(root)
        steps = planned(artifacts, remembered(root, unfinished), lambda path: _seen(root, path, unfinished), force=force)
        return tuple(step.change for step in steps)


def outcome(artifacts: Sequence[Artifact], destination: Path, *, force: Force = False) -> dict[str, str]:
    """By artifact's path, the text that will lie there after `deliver`: ours, the user's, or both merged. A path that stays empty is left out."""
    root = destination.resolve()
    with _explained(root):
        unfinished = journal.pending(root)

        def there(path: str) -> Seen:
            return _seen(root, path, unfinished)

        steps = planned(artifacts, remembered(root, unfinished), there, force=force)
        found = {step.artifact.path: step.text if step.change.written == step.artifact.path else there(step.artifact.path).text for step in steps}
    return {path: text for path, text in found.items() if text is not None}


def deliver(
    artifacts: Sequence[Artifact],
    origins: Mapping[str, tuple[Origin, ...]],
    destination: Path,
    *,
    force: Force = False,
    notes: Mapping[str, str] | None = None,
    edits: Edits | None = None,
) -> tuple[FileChange, ...]:
    """Put the artifacts into `destination` and remember them and the blueprint's `origins` there.

    `notes` (name to text) go into opsmith's own folder along with a change of the files, and not without one. `edits` are made along with them.

    Files that opsmith did not write, or that do not go together with the user's edits, are left alone unless `force`; ours goes beside them.
    A file that the user has taken away stays away unless `force`. Raises DeliveryError, with everything as it was before.
    """
    root = destination.resolve()
    with _explained(root), _made(root), _locked(root):
        journal.recover(root)
        _require_deliverable(root, artifacts)
        before = remembered(root, {})
        steps = planned(artifacts, before, lambda path: look(root / path), force=force)
        changed = list(_file_writes(steps))
        kept = _notes(root, notes or {}) if changed else ()
        writes = [*changed, *_own_writes(root, after(before, steps, origins)), *kept, *_edited(root, edits or {})]
        if writes:
            journal.write_all(root, writes)
        return tuple(step.change for step in steps)


def is_foreign(destination: Path, path: str) -> bool:
    """Whether something lies at `path` that opsmith did not put there."""
    root = destination.resolve()
    with _explained(root):
        unfinished = journal.pending(root)
        return _seen(root, path, unfinished).kind != "nothing" and path not in remembered(root, unfinished).files


def withdraw(target: str, folder: str, destination: Path, *, edits: Edits | None = None, dry: bool = False) -> dict[str, Literal["removed", "kept"]]:
    """Take away what was delivered for `target` below `folder`: by path, what became of it. What was edited since is kept, and the user's then.

    What is remembered came with the repository: nothing outside `folder` is taken away on its word.

    Raises DeliveryError. Ended half-way, it is finished by being called again.
    """
    root = destination.resolve()
    if dry:
        with _explained(root):
            return dict(_withdrawn(root, remembered(root, journal.pending(root)), target, folder))
    with _explained(root), _locked(root):
        journal.recover(root)
        before = remembered(root, {})
        found = dict(_withdrawn(root, before, target, folder))
        removed = [path for path, outcome in found.items() if outcome == "removed"]
        edited = list(_edited(root, edits or {}, without=removed))  # first, as an edit may refuse
        for path in removed:
            _take_away(root, path)
        left = replace(
            before,
            files={path: item for path, item in before.files.items() if item.target != target},
            offers={path: offer for path, offer in before.offers.items() if offer.offered.target != target},
        )
        writes = [*edited, *(_own_writes(root, left) if left != before else ())]
        if writes:
            journal.write_all(root, writes)
        if left != before and not left.files and not left.offers:
            for name in (f"{OWN}/.gitignore", state.FILE):
                (root / name).unlink(missing_ok=True)
        return found


def _withdrawn(root: Path, before: State, target: str, folder: str) -> Iterator[tuple[str, Literal["removed", "kept"]]]:
    """Each path at which something delivered for `target` lies; removed is what lies there as we put it."""
    ours = {path: item.text for path, item in before.files.items() if item.target == target}
    ours |= {offer.at: offer.offered.text for offer in before.offers.values() if offer.offered.target == target}
    require_confined(root, ours)
    for path, text in sorted(ours.items()):
        seen = look(root / path)
        if path.startswith(f"{folder}/") and seen.kind != "nothing":
            yield path, "removed" if seen.text == text else "kept"


def _take_away(root: Path, path: str) -> None:
    """With what Python compiled of it, and with the folders that are empty then."""
    place = root / path
    place.unlink()
    if place.suffix == ".py":
        for compiled in (place.parent / "__pycache__").glob(f"{place.stem}.*.pyc"):
            compiled.unlink()
        with contextlib.suppress(OSError):
            (place.parent / "__pycache__").rmdir()
    for folder in place.parents:
        if folder == root:
            return
        try:
            folder.rmdir()
        except OSError:  # something is left in it
            return


def text_at(root: Path, path: str) -> str | None:
    """The text at `path`, None where nothing lies there. Raises DeliveryError for what is no text file, or lies elsewhere."""
    require_confined(root.resolve(), [path])
    seen = look(root / path)
    if seen.kind != "nothing" and seen.text is None:
        raise DeliveryError(f"{path} is no text file of its own.", why="a link, a folder, or not UTF-8.", next_step=f"ls -l {root / path}")
    return seen.text


def is_remembered(root: Path, path: str) -> bool:
    """Whether a file was delivered to `path` before."""
    return path in remembered(root.resolve(), {}).files


def _edited(root: Path, edits: Edits, *, without: Collection[str] = ()) -> Iterator[Write]:
    require_confined(root, edits)
    for path, edit in edits.items():
        if path in without:
            continue
        before = text_at(root, path)
        text = edit(before)
        if text is not None and text != before:
            seen = look(root / path)
            yield Write(path=path, content=text.encode(), before=seen, mode=seen.mode)


def remembered(root: Path, unfinished: Mapping[str, Path | None]) -> State:
    """The state of the destination; an empty one where nothing was ever delivered."""
    seen = _seen(root, state.FILE, unfinished, limit=MAX_STATE)
    return State() if seen.kind == "nothing" else state.decoded(seen.text)


def _seen(root: Path, path: str, unfinished: Mapping[str, Path | None], *, limit: int = MAX_BYTES) -> Seen:
    place = unfinished.get(path, root / path)
    return NOTHING if place is None else look(place, limit=limit)


def _require_deliverable(root: Path, artifacts: Sequence[Artifact]) -> None:
    if root.exists() and not root.is_dir():
        raise DeliveryError(f"{root} is a file, not a folder.", next_step="--out DIR")
    require_own_folder(root)
    require_confined(root, (artifact.path for artifact in artifacts))
    for artifact in artifacts:
        try:
            artifact.text.encode()
        except UnicodeEncodeError as error:
            raise DeliveryError(f"{artifact.path} cannot be written as UTF-8 (character {error.start}).") from None


def _file_writes(steps: Sequence[Step]) -> Iterator[Write]:
    for step in steps:
        if step.change.written is not None and step.before.text != step.text:
            mode = EXECUTABLE if step.artifact.executable else None
            yield Write(path=step.change.written, content=step.text.encode(), before=step.before, mode=step.before.mode or mode)


def _own_writes(root: Path, wanted: State) -> Iterator[Write]:
    if not wanted.files and not wanted.offers:
        return
    for path, content in ((f"{OWN}/.gitignore", IGNORED.encode()), (state.FILE, state.encoded(wanted))):
        seen = look(root / path, limit=MAX_STATE)
        if seen.text is None or (path == state.FILE and seen.text.encode() != content):
            yield Write(path=path, content=content, before=seen, mode=seen.mode)


def _notes(root: Path, notes: Mapping[str, str]) -> Iterator[Write]:
    for name, text in notes.items():
        seen = look(root / OWN / name, limit=MAX_STATE)
        if seen.text != text:
            yield Write(path=f"{OWN}/{name}", content=text.encode(), before=seen, mode=seen.mode)


@contextlib.contextmanager
def _made(root: Path) -> Generator[None]:
    """The destination exists; taken away again when nothing could be put there."""
    missing = [place for place in (root, *root.parents) if not place.exists()]
    try:
        root.mkdir(parents=True, exist_ok=True)
        yield
    except BaseException:
        for place in missing:
            with contextlib.suppress(OSError):
                place.rmdir()
        raise


@contextlib.contextmanager
def _locked(root: Path) -> Generator[None]:
    """Only one process writes. The lock file goes when it is done, and the folder with it if nothing else is there."""
    own, path = root / OWN, root / OWN / "lock"
    require_own_folder(root)
    try:
        own.mkdir(exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
        try:
            _take(descriptor, path)
            try:
                yield
            finally:
                with contextlib.suppress(OSError):
                    path.unlink()
        finally:
            os.close(descriptor)
    finally:
        with contextlib.suppress(OSError):
            own.rmdir()


def _take(descriptor: int, path: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        held = path.lstat().st_ino == os.fstat(descriptor).st_ino  # the process before us may have taken the file away after we opened it
    except (BlockingIOError, FileNotFoundError):
        held = False
    if not held:
        raise DeliveryError(
            f"Another opsmith is writing to {path.parent.parent}.", why="two runs at once.", next_step="run again when the other one has ended"
        )


_REASONS = {
    errno.ENOSPC: ("the disk is full.", "df -h {root}"),
    errno.EDQUOT: ("your share of the disk is used up.", "quota"),
    errno.EROFS: ("it is mounted read-only.", "opsmith run ... --out DIR"),
    errno.EACCES: ("it belongs to another user, or is write-protected.", "ls -ld {root}"),
    errno.EPERM: ("it belongs to another user, or is write-protected.", "ls -ld {root}"),
    errno.EIO: ("the disk reports errors.", "dmesg | tail"),
    errno.ENAMETOOLONG: ("a path is longer than the file system allows.", "opsmith run ... --out DIR"),
    errno.EXDEV: ("a part of it is another file system.", "opsmith run ... --out DIR"),
}


@contextlib.contextmanager
def _explained(root: Path) -> Generator[None]:
    """An error of the system as a DeliveryError with its usual cause."""
    try:
        yield
    except OSError as error:
        why, step = _REASONS.get(error.errno or 0, ("", "ls -ld {root}"))
        unfinished = journal.is_unfinished(root)
        done = "What was under way is finished or undone by the next run" if unfinished else "Nothing was changed"
        what = f"{error.strerror or error}" + (f": {error.filename}" if error.filename else "")
        raise DeliveryError(f"Delivering to {root} failed: {what}. {done}.", why=why, next_step=step.format(root=root)) from error
