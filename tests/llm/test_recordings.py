"""Recordings and what is remembered of a run: nothing is sent twice, nothing is sent at all in a replay, and nobody else's answers are used."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from opsmith.errors import UsageError
from opsmith.planners.llm.journal import Journal
from opsmith.planners.llm.session import Session
from tests.fake_models import Answer, Asked, FakeModels, Garbled, Reply, quiet
from tests.llm.small_app import MODELS
from tests.llm.whole_runs import Ran, ran

TASK = "Containerise this for Kubernetes"
CHANGE = {"node": "services.app.replicas", "value": 4, "reason": "r", "quote": "for Kubernetes"}


def amends(asked: Asked) -> Reply:
    return Answer(changes=[CHANGE]) if asked.joint == "amend" else quiet(asked)


def comparable(result: Ran) -> dict[str, object]:
    calls = [{**call, "requests": 0, "remembered": call["requests"] + call["remembered"]} for call in result.report["model"]["calls"]]
    return {**result.report["model"], "calls": calls}


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_record_and_replay(model: str, models: FakeModels, repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    models.script = amends
    tape = tmp_path / "tape.jsonl"
    first = ran(repo, tmp_path / "one", TASK, "--prove", "none", "--record", str(tape), model=model)
    sent = len(models.requests)
    assert (first.code, sent) == (0, 3)
    for name in models.environment:
        monkeypatch.delenv(name)  # neither a place nor a key
    again = ran(repo, tmp_path / "two", TASK, "--prove", "none", "--replay", str(tape), model=model)
    assert (again.files, again.open_points) == (first.files, first.open_points)
    assert comparable(again) == comparable(first)
    assert len(models.requests) == sent
    assert "replicas: 4" in again.files["k8s/base/app/deployment.yaml"]
    assert stat.S_IMODE(tape.stat().st_mode) == 0o600


def test_a_replay_that_does_not_know_ends(models: FakeModels, repo: Path, tmp_path: Path) -> None:
    tape = tmp_path / "tape.jsonl"
    ran(repo, tmp_path / "one", TASK, "--prove", "none", "--record", str(tape))
    sent = len(models.requests)
    other = ran(repo, tmp_path / "two", f"{TASK} now", "--prove", "none", "--replay", str(tape))
    assert (other.code, other.files, len(models.requests)) == (2, {}, sent)
    assert other.errors.startswith("opsmith: --replay: the recording has no answer to this request of interpret.\n")
    assert "--record FILE" in other.errors


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "there is no such recording"),
        ("no JSON\n", "tape.jsonl:1 is no recorded answer"),
        ('{"key": "x", "response": {}}\n[]\n', "tape.jsonl:2 is no recorded answer"),
    ],
)
def test_what_is_no_recording(text: str | None, said: str, repo: Path, tmp_path: Path) -> None:
    tape = tmp_path / "tape.jsonl"
    if text is not None:
        tape.write_text(text)
    result = ran(repo, tmp_path / "out", TASK, "--replay", str(tape))
    assert result.code == 2
    assert said in result.errors


def test_what_was_shown_is_what_is_written(models: FakeModels, repo: Path, tmp_path: Path) -> None:
    """A dry run is remembered until something is delivered, so a model that changes its mind changes nothing in between."""
    models.script = amends
    ran(repo, tmp_path / "x", TASK, "--prove", "none", "--dry-run")
    sent = len(models.requests)
    models.script = quiet
    result = ran(repo, tmp_path / "x", TASK, "--prove", "none")
    assert "replicas: 4" in result.files["k8s/base/app/deployment.yaml"]
    assert len(models.requests) == sent
    assert [call["remembered"] for call in result.report["model"]["calls"]] == [1, 1, 1]
    after = ran(repo, tmp_path / "y", TASK, "--prove", "none")
    assert len(models.requests) == 2 * sent
    assert "replicas: 2" in after.files["k8s/base/app/deployment.yaml"]


def test_answers_that_were_of_no_use_are_not_kept(models: FakeModels, repo: Path, tmp_path: Path) -> None:
    models.script = lambda asked: Garbled() if asked.joint == "amend" else quiet(asked)
    assert ran(repo, tmp_path / "x", TASK, "--prove", "none", "--dry-run").joints["amend"] == "fell_back"
    models.script = amends
    assert ran(repo, tmp_path / "x", TASK, "--prove", "none", "--dry-run").joints["amend"] == "used"


def test_a_repository_brings_no_answers_along(models: FakeModels, repo: Path, tmp_path: Path) -> None:
    """What is remembered lies with the user; a journal in the repository is nothing."""
    models.script = amends
    ran(repo, tmp_path / "x", TASK, "--prove", "none", "--dry-run")
    (kept,) = (tmp_path / "state").rglob("*.jsonl")
    (repo / ".opsmith/model").mkdir(parents=True)
    kept.rename(repo / ".opsmith/model" / kept.name)
    models.script = quiet
    assert "replicas: 2" in ran(repo, tmp_path / "out", TASK, "--prove", "none").files["k8s/base/app/deployment.yaml"]


def test_a_torn_line_is_cut_off(models: FakeModels, session: Callable[..., Session], tmp_path: Path) -> None:
    first = session()
    first.interpret(TASK)
    (kept,) = (tmp_path / "state").rglob("*.jsonl")
    whole = kept.read_bytes()
    kept.write_bytes(whole + whole[:100])
    second = session()
    assert kept.read_bytes() == whole
    second.interpret(TASK)
    assert len(models.requests) == 1


def test_a_journal_of_another_version_is_asked_for_again(models: FakeModels, session: Callable[..., Session], tmp_path: Path) -> None:
    session().interpret(TASK)
    (kept,) = (tmp_path / "state").rglob("*.jsonl")
    entry = json.loads(kept.read_text())
    kept.write_text(json.dumps({**entry, "response": {"kind": "something new"}}) + "\n")
    session().interpret(TASK)
    assert len(models.requests) == 2


def test_nothing_that_was_asked_is_kept(models: FakeModels, session: Callable[..., Session], tmp_path: Path) -> None:
    session().interpret(f"{TASK} quickly")
    (kept,) = (tmp_path / "state").rglob("*.jsonl")
    assert "quickly" not in kept.read_text()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700


def test_a_link_is_not_written_through(models: FakeModels, tmp_path: Path, session: Callable[..., Session]) -> None:
    tape = tmp_path / "tape"
    tape.symlink_to(tmp_path / "elsewhere")
    planner = session(record=tape)
    planner.interpret(TASK)
    assert not (tmp_path / "elsewhere").exists()


def test_forgetting(tmp_path: Path) -> None:
    place = tmp_path / "j"
    place.write_text('{"key": "a", "response": {}}\n{"key": "b", "response": {}}\n')
    journal = Journal(place)
    journal.forget(["a", "c"])
    assert place.read_text() == '{"key": "b", "response": {}}\n'
    journal.forget_all()
    assert not place.exists()
    place.write_text("x")
    with pytest.raises(UsageError):
        Journal(tmp_path)
