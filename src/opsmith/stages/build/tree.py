"""A private copy of the repository with the artifacts laid over it: what a build would see after delivery."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from opsmith.model.artifact import Artifact
from opsmith.repo import SKIPPED_FOLDERS

LEFT_OUT = SKIPPED_FOLDERS - {"vendor"}
"""What a build never reads; vendored code and a pinned package manager are read."""


@contextmanager
def overlaid(repo: Path, artifacts: tuple[Artifact, ...]) -> Generator[Path]:
    """Removed afterwards. Links are copied as links, so nothing from outside the repository comes along."""
    with tempfile.TemporaryDirectory(prefix="opsmith-build-") as folder:
        tree = Path(folder) / "tree"
        shutil.copytree(repo, tree, symlinks=True, ignore=_left_out, ignore_dangling_symlinks=True)
        for artifact in artifacts:
            path = tree / artifact.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.unlink(missing_ok=True)
            path.write_text(artifact.text, encoding="utf-8")
        yield tree


def _left_out(folder: str, names: list[str]) -> set[str]:
    special = {name for name in names if not (Path(folder) / name).is_symlink() and not _is_plain(Path(folder) / name)}
    return special | {name for name in names if name in LEFT_OUT}


def _is_plain(path: Path) -> bool:
    """A file or folder; never a socket, pipe or device."""
    return path.is_file() or path.is_dir()
