"""The folders that we write to: our state in the repository, and the user's own for what could not be sent."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path

from opsmith.errors import DeliveryError

STATE = ".opsmith/handoffs"
DOCUMENTS = ".claude/handoffs"


def state(repo: Path) -> Path:
    """The folder of our state in `repo`, made when it is not there. It is no part of the repository's history. Raises DeliveryError."""
    folder = made(repo, STATE)
    ignore = folder / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n", encoding="utf-8")
    return folder


def made(root: Path, below: str) -> Path:
    """The folder `below` in `root`; never through a link, which may have come with the repository. Raises DeliveryError."""
    place = root
    for part in below.split("/"):
        place = place / part
        try:
            place.mkdir(exist_ok=True)
            sound = stat.S_ISDIR(place.lstat().st_mode)
        except FileExistsError:
            sound = False
        except OSError as error:
            raise DeliveryError(f"{place} cannot be made: {error.strerror}.", next_step=f"ls -ld {place.parent}") from None
        if not sound:
            raise DeliveryError(f"{place} has to be a folder of its own, no link and no file.", next_step=f"ls -ld {place}")
    return place


def user_state(environment: Mapping[str, str]) -> Path:
    """$XDG_STATE_HOME/opsmith, by the XDG base directory specification (a relative value is invalid there)."""
    named = Path(environment.get("XDG_STATE_HOME", ""))
    return (named if named.is_absolute() else Path.home() / ".local/state") / "opsmith"


def segment(text: str, otherwise: str) -> str:
    """`text` as one part of a path, whatever it holds."""
    safe = re.sub(r"[^A-Za-z0-9._-]+", "-", text)[:100].strip(".-")
    return safe or otherwise


def put(path: Path, data: bytes) -> bool:
    """A new file, whole and on the disk, or none. False: something is there already."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)  # of a process that died under the same number
    try:
        with draft.open("xb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.link(draft, path, follow_symlinks=False)  # unlike a rename, it never takes the place of what is there
    except FileExistsError:
        return False
    finally:
        draft.unlink(missing_ok=True)
    return True
