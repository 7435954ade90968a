from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from opsmith import contents
from opsmith.repo import Repo


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that are opened, in order."""
    names: list[str] = []
    real = os.open

    def noting(path: str, flags: int) -> int:
        names.append(path.rpartition("/")[2])
        return real(path, flags)

    monkeypatch.setattr(os, "open", noting)
    return names


def test_a_file_is_read_once(tmp_path: Path, opened: list[str]) -> None:
    for number in range(600):
        (tmp_path / f"{number:03}.txt").write_text(str(number))
    repo = Repo(tmp_path)
    read = [[repo.bytes(path) for path in repo.files] for _ in range(2)]
    assert read[0] == read[1] == [str(number).encode() for number in range(600)]
    assert opened == [f"{number:03}.txt" for number in range(600)]


def test_no_more_is_kept_than_there_is_room_for(tmp_path: Path, opened: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents, "MAX_KEPT", 20)
    for name in ("a", "b", "c"):
        (tmp_path / name).write_text(name * 10)
    repo = Repo(tmp_path)
    assert [repo.bytes(name) for name in ("a", "b", "b", "c", "b", "a")] == [name.encode() * 10 for name in ("a", "b", "b", "c", "b", "a")]
    assert opened == ["a", "b", "c", "a"]


def test_ignored_and_vendored_folders_are_not_looked_into(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("src", "vendor/x", "web/node_modules/y", "generated/deep", ".git/objects"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "main.py").write_text("")
    scanned: list[str] = []
    real = os.scandir

    def noting(path: str) -> Iterator[os.DirEntry[str]]:
        scanned.append(os.path.relpath(path, tmp_path))
        return real(path)

    monkeypatch.setattr(os, "scandir", noting)
    assert Repo(tmp_path, ignore=("generated",)).files == ("src/main.py",)
    assert sorted(scanned) == [".", "src", "web"]
