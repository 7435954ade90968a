"""What lies round a run may be anybody's: the folder it starts in, PATH, the streams, what a clone brought along."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import opsmith
from opsmith.cli.main import main
from opsmith.errors import SettingsError
from opsmith.settings import load
from opsmith.stages.delivery.places import is_plain
from opsmith.stages.survey import survey
from opsmith.tools import Command, LocalRunner

NOTES = Path(__file__).parent.parent / "examples" / "notes"
TASK = "Containerise this"
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(opsmith.__file__).parents[1])}
"""For processes that are started in another folder."""


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    root = tmp_path / "notes"
    shutil.copytree(NOTES, root, ignore=shutil.ignore_patterns("golden", "task.txt", "expect.toml"))
    return root


def executable(place: Path, script: str) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(f"#!/bin/sh\n{script}\n")
    place.chmod(0o755)


def python_m(module: str, *arguments: str, folder: Path) -> subprocess.CompletedProcess[bytes]:
    line = [sys.executable, "-m", module, *arguments]
    return subprocess.run(line, cwd=folder, env=ENVIRONMENT, capture_output=True, check=False, timeout=60)


@pytest.mark.parametrize("path", ["{repo}/bin", "{repo}/node_modules/../bin", ".", "bin", ""])
def test_no_executable_of_the_repository_is_a_tool(repo: Path, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    (repo / "node_modules").mkdir()
    for folder in (repo, repo / "bin"):
        executable(folder / "kube-score", "exit 0")
    monkeypatch.chdir(repo)
    monkeypatch.setenv("PATH", path.format(repo=repo))
    assert LocalRunner(untrusted=repo).find("kube-score") is None


def test_a_tool_is_given_no_path_into_the_repository(repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    executable(tmp_path / "bin" / "kube-score", 'echo "$PATH"')
    monkeypatch.setenv("PATH", f".:{repo}/bin:{tmp_path}/bin")
    told = LocalRunner(untrusted=repo).run(Command(tool="kube-score", arguments=()), tmp_path).stdout
    assert told == f"{tmp_path}/bin:{Path(sys.executable).parent}\n"


def test_a_tool_that_floods_us_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    executable(tmp_path / "kube-score", "exec yes")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    result = LocalRunner().run(Command(tool="kube-score", arguments=()), tmp_path)
    assert (result.flooded, result.timed_out, result.exit_code) == (True, False, -9)


@pytest.mark.parametrize("module", ["opsmith", "agents.pydantic_ai.devops.runner"])
def test_no_module_of_the_folder_is_imported(tmp_path: Path, module: str) -> None:
    for name in ("argparse", "json", "yaml", "opsmith_helper"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit(77)\n")
    assert python_m(module, "--help", folder=tmp_path).returncode == 0


def test_broken_python_is_not_looked_up_in_the_current_folder(tmp_path: Path) -> None:
    """Python shows a syntax error's line from the file "<unknown>", which may be a pipe that nobody writes to."""
    os.mkfifo(tmp_path / "<unknown>")
    (tmp_path / "requirements.txt").write_text("fastapi\n")
    (tmp_path / "main.py").write_text("from fastapi import FastAPI\napp = FastAPI(\n")
    ended = python_m("opsmith", "survey", ".", folder=tmp_path)
    assert ended.returncode == 0
    assert b"warning: main.py:2: not read: no syntax that this Python knows" in ended.stderr


@pytest.mark.parametrize("name", ["n" * 300, "deep/" * 1_000])
@pytest.mark.parametrize("command", [["survey"], ["verify"], ["run", TASK, "--yes", "--repo"], ["plan", TASK, "--repo"]])
def test_a_path_that_no_file_system_has(capsys: pytest.CaptureFixture[str], command: list[str], name: str) -> None:
    assert main([*command, name]) == 4
    assert "cannot be read: File name too long." in capsys.readouterr().err


def test_settings_that_lie_elsewhere(repo: Path, tmp_path: Path) -> None:
    (tmp_path / "secrets").write_text("token: abc\n")
    (repo / "opsmith.yaml").unlink(missing_ok=True)
    (repo / "opsmith.yaml").symlink_to(tmp_path / "secrets")
    with pytest.raises(SettingsError, match=r"^opsmith\.yaml is a link that leaves ") as told:
        load(repo)
    assert "abc" not in str(told.value)


def test_half_a_character_in_what_a_clone_remembers(repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repo / ".opsmith").mkdir()
    text: dict[str, object] = {"text": "\ud800", "target": "docker", "origins": [], "sha256": hashlib.sha256(b"\xed\xa0\x80").hexdigest()}
    (repo / ".opsmith/delivered.json").write_text(json.dumps({"version": 1, "files": {"x": text}, "offers": {}, "origins": {}}))
    assert main(["run", TASK, "--repo", str(repo), "--prove", "none", "--yes"]) == 9
    assert "opsmith: .opsmith/delivered.json is broken: half of a surrogate pair is no character." in capsys.readouterr().err
    assert not (repo / "Dockerfile").exists()
    survey(repo, load(repo))


@pytest.mark.parametrize("path", [".git/config", "sub/.git/hooks/post-checkout", "a/.GIT/x", ".opsmith/x", "../x", "/x", "a//b", "a\nb"])
def test_no_journal_leads_into_a_repository_of_git(path: str) -> None:
    assert not is_plain(path)


@pytest.mark.parametrize(("task", "name", "code"), [("", "notes", 6), (TASK, "missing", 4), (TASK, "notes/package.json", 4)])
def test_no_session_is_left_of_what_cannot_be_done(repo: Path, task: str, name: str, code: int) -> None:
    place = repo.parent / name
    assert main(["run", task, "--repo", str(place), "--prove", "none", "--yes", "--session", "2025-01-01-01-01-x"]) == code
    assert not (repo / "Docs").exists()
    assert not (repo.parent / "missing").exists()


@pytest.mark.parametrize(("stream", "code"), [("| :", 0), (">/dev/full", 9)])
@pytest.mark.parametrize("arguments", ["--help", "interpret 'deploy this'"])
def test_output_that_goes_nowhere(stream: str, code: int, arguments: str) -> None:
    """Told when it is flushed, which without a terminal is at the very end."""
    line = f"set -o pipefail; '{sys.executable}' -m opsmith {arguments} {stream}"
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    ended = subprocess.run(["bash", "-c", line], env=environment, capture_output=True, check=False)
    assert ended.returncode == code
    assert b"Exception" not in ended.stderr
    assert b"Traceback" not in ended.stderr


def test_progress_that_nobody_reads_stops_nothing(repo: Path) -> None:
    line = f"exec 2> >(:); sleep 0.2; '{sys.executable}' -m opsmith run '{TASK}' --repo '{repo}' --prove none --yes"
    assert subprocess.run(["bash", "-c", line], stdout=subprocess.DEVNULL, check=False).returncode == 0
    assert (repo / "Dockerfile").exists()


def test_words_that_are_no_utf_8(repo: Path) -> None:
    line = [sys.executable, "-m", "opsmith", "run", "-", "--repo", str(repo), "--prove", "none", "--dry-run"]
    ended = subprocess.run(line, input=b"Containerise \xff this", capture_output=True, check=False)
    assert ended.returncode == 0
    assert b"Traceback" not in ended.stderr
