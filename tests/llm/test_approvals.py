"""Replacing a file of the user's is asked for: the policy answers, then the person, else nobody, which is no."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from opsmith.cli.approvals import approver
from opsmith.errors import SettingsError
from opsmith.planner import Answer as Decision
from opsmith.planner import Question
from tests.fake_models import Answer, Asked, Call, FakeModels, Reply, quiet
from tests.llm.whole_runs import ran

TASK = "Containerise this and write smoke test scripts"
OLD = "#!/bin/sh\nset -eu\ncurl $1\n"
NEW = '#!/bin/sh\nset -eu\ncurl --fail "$1"\n'
QUESTION = Question(action="replace_file", subject="ops/smoke.sh", reason="quote it", shows="-curl $1\n+curl --fail")


def replaces(asked: Asked) -> Reply:
    if asked.joint != "author":
        return quiet(asked)
    if asked.turn == 0:
        return Call("replace_file", {"path": "ops/smoke.sh", "text": NEW, "covers": "scripts", "reason": "quote it"})
    return Answer(files=[])


@pytest.fixture
def theirs(repo: Path) -> Path:
    (repo / "ops").mkdir()
    (repo / "ops/smoke.sh").write_text(OLD)
    return repo


def in_place(repo: Path, *more: str) -> tuple[int, str, list[str]]:
    """Exit code, the file afterwards, and what was answered."""
    from opsmith.cli.main import main
    from tests.llm.small_app import MODELS

    out = io.StringIO()
    stdout, sys.stdout = sys.stdout, out
    try:
        code = main(["run", TASK, "--repo", str(repo), "--yes", "--model", MODELS["chat"], *more])
    finally:
        sys.stdout = stdout
    return code, (repo / "ops/smoke.sh").read_text(), [row.strip() for row in out.getvalue().splitlines() if "replace_file" in row]


def test_nobody_is_there(models: FakeModels, theirs: Path) -> None:
    models.script = replaces
    assert in_place(theirs) == (0, OLD, ["replace_file ops/smoke.sh: refused: nobody was there to be asked"])
    last = [asked for asked in models.requests if asked.joint == "author"][-1]
    assert "Not allowed: nobody was there to be asked." in last.raw


def test_a_policy_allows(models: FakeModels, theirs: Path, tmp_path: Path) -> None:
    models.script = replaces
    policy = tmp_path / "policy.yaml"
    policy.write_text("replace_file:\n  allow: ['ops/*.sh']\n")
    assert in_place(theirs, "--approve", str(policy)) == (0, NEW, [f"replace_file ops/smoke.sh: allowed: {policy}, allow ops/*.sh"])


def test_a_policy_denies_first(models: FakeModels, theirs: Path, tmp_path: Path) -> None:
    models.script = replaces
    policy = tmp_path / "policy.yaml"
    policy.write_text("replace_file: {allow: ['*'], deny: ['*smoke*']}\n")
    assert in_place(theirs, "--approve", str(policy)) == (0, OLD, [f"replace_file ops/smoke.sh: refused: {policy}, deny *smoke*"])


def test_what_is_allowed_is_judged_all_the_same(models: FakeModels, theirs: Path, tmp_path: Path) -> None:
    def bad(asked: Asked) -> Reply:
        reply = replaces(asked)
        return Call(reply.tool, {**reply.arguments, "text": "#!/bin/sh\nif\n"}) if isinstance(reply, Call) and reply.tool == "replace_file" else reply

    models.script = bad
    policy = tmp_path / "policy.yaml"
    policy.write_text("replace_file: {allow: ['*']}\n")
    assert in_place(theirs, "--approve", str(policy))[:2] == (0, OLD)


def test_a_file_written_without_asking_goes_nowhere(models: FakeModels, theirs: Path, tmp_path: Path) -> None:
    written = {"path": "ops/smoke.sh", "text": NEW, "covers": "scripts", "reason": "x"}
    models.script = lambda asked: Answer(files=[written]) if asked.joint == "author" else quiet(asked)
    assert in_place(theirs)[:2] == (0, OLD)
    assert not (theirs / "ops/smoke.sh.opsmith.new").exists()
    elsewhere = ran(theirs, tmp_path / "out", TASK)  # nothing of theirs is there
    assert elsewhere.files["ops/smoke.sh"] == NEW


@pytest.mark.parametrize(("typed", "allowed"), [("y\n", True), ("yes\n", True), ("\n", False), ("n\n", False), ("", False)])
def test_the_person(typed: str, allowed: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
    assert approver(None, interactive=True)(QUESTION) == Decision(allowed=allowed, by="the person at the terminal")
    told = capsys.readouterr().err
    assert "The model asks to replace ops/smoke.sh: quote it\n    -curl $1\n    +curl --fail\n" in told


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("replace_file: yes\n", "Expected `object`"),
        ("run_command: {allow: ['*']}\n", "there is no action 'run_command'"),
        ("replace_file: {permit: ['*']}\n", "replace_file has 'permit'"),
        ("[]\n", "Expected `object`"),
        ("a: [\n", "did not find expected node content"),
        ("", "Expected `object`"),
    ],
)
def test_half_a_policy_is_none(text: str, said: str, tmp_path: Path) -> None:
    place = tmp_path / "policy.yaml"
    place.write_text(text)
    with pytest.raises(SettingsError, match="is no policy") as caught:
        approver(place, interactive=True)
    assert said in caught.value.what


def test_no_policy_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        approver(tmp_path / "none", interactive=False)
