"""A repository made of what a test writes down."""

from __future__ import annotations

from pathlib import Path

from opsmith.repo import Repo


def write(root: Path, files: dict[str, str]) -> Repo:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Repo(root)
