"""What a user can get wrong, or an enemy can put into a repository: a clear message, an exit code of its own, nothing written."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from opsmith.cli.main import main
from opsmith.settings import load
from opsmith.stages.survey import survey

NOTES = Path(__file__).parent.parent / "examples" / "notes"
TASK = "Containerise this"
BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join([f'*{before}'] * 9)}]\n" for before, name in zip("abcdefg", "bcdefgh", strict=True)
)


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    root = tmp_path / "notes"
    shutil.copytree(NOTES, root, ignore=shutil.ignore_patterns("golden", "task.txt", "expect.toml"))
    return root


def files_of(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file() and not path.is_symlink()}


def run(repo: Path, *more: str, task: str = TASK) -> int:
    return main(["run", task, "--repo", str(repo), "--prove", "none", *(more or ("--yes",))])


def test_no_repository(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path / "missing") == 4
    assert capsys.readouterr().err == (
        f"opsmith: {tmp_path}/missing does not exist.\n  why:  a typo, or a path relative to another folder.\n  next: ls -d PATH\n"
    )


def test_a_file_instead_of_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert run(tmp_path / "file") == 4
    assert capsys.readouterr().err == f"opsmith: {tmp_path}/file is a file, not a folder.\n  next: opsmith survey {tmp_path}\n"


def test_an_empty_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path) == 4
    assert capsys.readouterr().err.splitlines()[0] == f"opsmith: {tmp_path} holds no files."
    assert list(tmp_path.iterdir()) == []


def test_nothing_that_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "README.md").write_text("# Poems\n")
    assert run(tmp_path) == 4
    assert "Nothing that runs was recognised" in capsys.readouterr().err
    assert files_of(tmp_path) == {"README.md": b"# Poems\n"}


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("package.json", '{"name": ', "package.json:1: broken JSON: Expecting value: line 1 column 10 (char 9)"),
        ("package.json", "[" * 100_000, "package.json: broken JSON: nested too deeply"),
        ("pyproject.toml", "a = 1\nb = [1", "pyproject.toml: broken TOML: Unclosed array (at end of document)"),
        ("pnpm-workspace.yaml", "packages: [", "pnpm-workspace.yaml:2: broken YAML: did not find expected node content (line 2)"),
        ("pnpm-workspace.yaml", BOMB, "pnpm-workspace.yaml: broken YAML: more than 200000 nodes once its anchors are written out"),
        ("pnpm-workspace.yaml", "a: &a [*a]", "pnpm-workspace.yaml: broken YAML: an anchor contains itself"),
    ],
)
def test_broken_manifests(repo: Path, capsys: pytest.CaptureFixture[str], name: str, text: str, message: str) -> None:
    (repo / name).write_text(text)
    before = files_of(repo)
    assert run(repo) == 5
    first = capsys.readouterr().err.replace("survey", "").strip().splitlines()[0]
    assert first == f"opsmith: {message}"
    assert files_of(repo) == before


def test_files_that_are_no_source_are_told_and_left_out(repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repo / "src" / "binary.js").write_bytes(b"process.env\0" * 10)
    (repo / "src" / "random.js").write_bytes(bytes(range(256)) * 100)
    with (repo / "src" / "huge.js").open("wb") as stream:
        stream.truncate(2 * 1024**3)
    assert main(["survey", str(repo), "--format", "json"]) == 0
    assert capsys.readouterr().err == "warning: src/huge.js: not read: larger than 2 MiB\n"


def test_links_and_names(repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repo / "src" / "passwd.js").symlink_to("/etc/passwd")
    (repo / "src" / "up").symlink_to("../..")
    (repo / "a").symlink_to("b")
    (repo / "b").symlink_to("a")
    (repo / "two\nlines.js").write_text("")
    (repo / "bell\x07.js").write_text("")
    os.mkfifo(repo / "pipe.js")
    assert main(["survey", str(repo)]) == 0
    assert sorted(capsys.readouterr().err.splitlines()) == [
        "warning: a: left out: the link leads nowhere or in a circle",
        "warning: b: left out: the link leads nowhere or in a circle",
        "warning: bell\\x07.js: left out: the name holds control characters or is no UTF-8",
        "warning: src/passwd.js: left out: the link leads out of the repository",
        "warning: src/up: left out: the link leads out of the repository",
        "warning: two\\nlines.js: left out: the name holds control characters or is no UTF-8",
    ]


@pytest.mark.parametrize("task", ["", "   \n\t", "\x00\x07"])
def test_an_empty_task(repo: Path, capsys: pytest.CaptureFixture[str], task: str) -> None:
    before = files_of(repo)
    assert run(repo, task=task) == 6
    assert capsys.readouterr().err.splitlines()[0] == "opsmith: The task is empty."
    assert files_of(repo) == before


def test_a_task_of_a_megabyte(repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(repo, task="deploy " * 150_000) == 6
    assert capsys.readouterr().err.splitlines()[0] == "opsmith: The task has 1050000 characters; 100000 are the most that are read."


def test_nothing_for_a_devops_worker(repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = files_of(repo)
    assert run(repo, task="Write me a short poem about Kubernetes for the Christmas card") == 0
    assert capsys.readouterr().out.splitlines()[0] == "There is nothing in this task for a DevOps worker."
    assert files_of(repo) == before


def test_an_unknown_target(repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(repo, "--yes", "--target", "podman") == 7
    assert capsys.readouterr().err.splitlines()[-2:] == [
        "opsmith: There is no target 'podman'.",
        "  next: choose from: docker, compose, kubernetes, kustomize, helm, github_actions, prometheus, runbooks",
    ]


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("componets: {}", "opsmith.yaml:1: there is no setting `componets`.", "did you mean `components`?"),
        ("components: {note: {ports: [1]}}", "opsmith.yaml: there is no component `note`.", "did you mean components.notes?"),
        ("components: {notes: {port: [1]}}", "opsmith.yaml:1: there is no setting `components.notes.port`.", "did you mean `ports`?"),
        ("slo: {availability: high}", "opsmith.yaml:1: `slo.availability` has to be a number.", ""),
        ("- a\n- b\n", "opsmith.yaml has to be one mapping.", "see docs/settings.md"),
    ],
)
def test_mistakes_in_opsmith_yaml(repo: Path, capsys: pytest.CaptureFixture[str], text: str, message: str, hint: str) -> None:
    (repo / "opsmith.yaml").write_text(text)
    assert run(repo) == 7
    assert capsys.readouterr().err == f"opsmith: {message}\n" + (f"  next: {hint}\n" if hint else "")


def test_without_a_terminal_somebody_has_to_say_yes(repo: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    assert main(["run", TASK, "--repo", str(repo), "--prove", "none"]) == 8
    assert capsys.readouterr().err.splitlines()[-1] == (
        "  next: add --yes to write, --dry-run to only look, or --out DIR to write into an empty folder"
    )


def test_out_has_to_be_empty(repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(repo, "--out", str(repo)) == 2
    assert capsys.readouterr().err.splitlines()[0] == f"opsmith: --out {repo} is not empty."


@pytest.mark.parametrize(("model", "code"), [("openai:gpt-5", 10), ("gpt", 2)])
def test_a_planner_that_is_not_there(repo: Path, capsys: pytest.CaptureFixture[str], model: str, code: int) -> None:
    assert run(repo, "--yes", "--model", model) == code
    assert "--model rules" in capsys.readouterr().err


def test_dry_run_writes_nothing(repo: Path) -> None:
    before = files_of(repo)
    assert run(repo, "--dry-run") == 0
    assert files_of(repo) == before


def test_a_full_disk(repo: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, os.strerror(28))

    before = files_of(repo)
    monkeypatch.setattr(os, "fsync", full)
    assert run(repo) == 9
    assert os.strerror(28) in capsys.readouterr().err
    assert files_of(repo) == before


def test_a_read_only_destination(repo: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(30, os.strerror(30))

    before = files_of(repo)
    monkeypatch.setattr(Path, "mkdir", refuse)
    monkeypatch.setattr(os, "mkdir", refuse)
    assert run(repo) == 9
    assert os.strerror(30) in capsys.readouterr().err
    assert files_of(repo) == before


@pytest.mark.parametrize(
    ("sent", "code", "message"),
    [
        (signal.SIGINT, 130, "opsmith: interrupted; what"),
        (signal.SIGTERM, 143, "opsmith: interrupted by SIGTERM; what"),
        (signal.SIGHUP, 129, "opsmith: interrupted by SIGHUP; what"),
    ],
)
def test_a_signal_in_the_middle(repo: Path, tmp_path: Path, sent: signal.Signals, code: int, message: str) -> None:
    """A proving tool that hangs, and a user who gives up: the tool is gone, nothing is written."""
    tools = tmp_path / "bin"
    tools.mkdir()
    mark = tmp_path / "started"
    (tools / "hadolint").write_text(f"#!/bin/sh\necho $$ > {mark}\nexec sleep 300\n")
    (tools / "hadolint").chmod(0o755)
    before = files_of(repo)
    process = subprocess.Popen(
        [sys.executable, "-m", "opsmith", "run", TASK, "--repo", str(repo), "--yes"],
        env={**os.environ, "PATH": f"{tools}:/usr/bin:/bin"}, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
        preexec_fn=lambda: signal.signal(sent, signal.SIG_DFL),  # a test run in the background, or under nohup, ignores some
    )  # fmt: skip
    end = time.monotonic() + 30
    while not (mark.exists() and mark.read_text().strip()) and time.monotonic() < end:
        time.sleep(0.02)
    process.send_signal(sent)
    _, told = process.communicate(timeout=30)
    assert process.returncode == code
    assert told.splitlines()[-1].startswith(message)
    assert "Traceback" not in told
    assert files_of(repo) == before
    with pytest.raises(ProcessLookupError):
        os.kill(int(mark.read_text()), 0)


@pytest.mark.parametrize(("closed", "name", "code"), [("2>&-", "missing", 4), ("<&- >&-", "notes", 0), ("<&- >&- 2>&-", "notes", 0)])
def test_closed_standard_streams(repo: Path, closed: str, name: str, code: int) -> None:
    line = f'exec "$0" -m opsmith run "$1" --repo "$2" --prove none --yes {closed}'
    ended = subprocess.run(["/bin/sh", "-c", line, sys.executable, TASK, str(repo.parent / name)], capture_output=True, check=False)
    assert ended.returncode == code
    assert (ended.stderr == b"") == ("2>" in closed)
    assert ("Dockerfile" in files_of(repo)) == (code == 0)


def test_a_git_folder_of_an_enemy(repo: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "config").write_text('[remote "origin"]\n\turl = https://x:token@forge.example/Acme/Shop.git\n')
    (outside / "HEAD").write_text("ref: refs/heads/trunk\n")

    def told() -> tuple[str | None, str | None]:
        found = survey(repo, load(repo))
        return found.remote, found.default_branch

    outside.rename(repo / ".git")
    assert told() == ("acme/shop", "trunk")
    (repo / ".git").rename(outside)
    (repo / ".git").symlink_to(outside)
    assert told() == (None, None)
    (repo / ".git").unlink()
    (repo / ".git").mkdir()
    (repo / ".git/config").symlink_to(outside / "config")
    os.mkfifo(repo / ".git/HEAD")
    assert told() == (None, None)
    (repo / ".git/config").unlink()
    os.mkfifo(repo / ".git/config")
    assert told() == (None, None)
