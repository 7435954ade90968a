"""A run that is killed goes on where it was: the same deliverables, and no answer that it had is asked for again."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fake_models import Answer, Asked, Call, FakeModels, Reply, quiet
from tests.llm.forking_runs import Runs
from tests.llm.small_app import MAIN, MODELS
from tests.llm.whole_runs import files_of

TASK = "Containerise this for Kubernetes and write smoke test scripts. It must survive Frankfurt going dark."
READS = ("main.py", "requirements.txt", "README.md", "main.py")


def busy(asked: Asked) -> Reply:
    """Ten requests in four joints."""
    match asked.joint:
        case "interpret" if asked.turn == 0:
            return Call("answer", {"kind": "nonsense"})
        case "interpret":
            return Answer(kind="deliver", kind_words="", settings=[{"words": "Frankfurt going dark", "sets": "recovery.multi_region", "value": True}])
        case "amend" if asked.turn < len(READS):
            return Call("read_file", {"path": READS[asked.turn], "first_line": asked.turn + 1})
        case "amend":
            change = {"node": "services.app.replicas", "value": 3, "reason": "r", "quote": "survive Frankfurt going dark"}
            return Answer(changes=[change])
        case "author" if asked.turn == 0:
            return Call("list_files", {})
        case "narrate":
            return Answer(text="The system app runs on Kubernetes.")
        case _:
            return quiet(asked)


TOTAL = 10


@pytest.fixture(scope="module")
def runs() -> Iterator[Runs]:
    served = Runs()
    yield served
    served.close()


def started(runs: Runs, repo: Path, out: Path, models: FakeModels, state: Path) -> int:
    arguments = ["run", TASK, "--repo", str(repo), "--out", str(out), "--model", MODELS["chat"], "--prove", "none"]
    return runs.start(arguments, {**models.environment, "XDG_STATE_HOME": str(state)})


def finished(runs: Runs, repo: Path, out: Path, models: FakeModels, state: Path) -> None:
    started(runs, repo, out, models, state)
    assert runs.wait() == 0


def killed(runs: Runs, repo: Path, out: Path, models: FakeModels, state: Path, after_requests: int, then: float) -> None:
    """`kill -9`, so long after so many requests have arrived, or half a minute have passed."""
    process = started(runs, repo, out, models, state)
    ends = time.monotonic() + 30
    while len(models.requests) < after_requests and time.monotonic() < ends and not files_of(out):
        time.sleep(0.002)
    time.sleep(then)
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)
    assert runs.wait() in (-signal.SIGKILL, 0)


def remembered(state: Path) -> int:
    """Whole lines of the journal."""
    return sum(path.read_bytes().count(b"\n") for path in state.rglob("*.jsonl"))


@pytest.fixture(scope="module")
def wanted(runs: Runs, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """The repository, and what a run that nobody kills delivers."""
    folder = tmp_path_factory.mktemp("wanted")
    repo = folder / "app"
    repo.mkdir()
    (repo / "main.py").write_text(MAIN)
    (repo / "requirements.txt").write_text("fastapi==0.115.0\nuvicorn==0.30.6\n")
    (repo / "README.md").write_text("# app\n")
    with FakeModels(busy) as models:
        finished(runs, repo, folder / "out", models, folder / "state")
        assert len(models.requests) == TOTAL
    assert remembered(folder / "state") == 0  # nothing is kept once it is delivered
    files = files_of(folder / "out")
    assert "replicas: 3" in files["k8s/base/app/deployment.yaml"]
    return repo, files


@pytest.mark.parametrize("number", range(20))
def test_kill_and_resume(number: int, runs: Runs, wanted: tuple[Path, dict[str, str]], tmp_path: Path) -> None:
    repo, files = wanted
    chance = random.Random()
    after, then = chance.randrange(TOTAL + 1), chance.uniform(0, 0.25) if number % 4 else chance.uniform(0, 2.0)
    out, state = tmp_path / "out", tmp_path / "state"
    with FakeModels(busy, delay=0.03) as models:
        killed(runs, repo, out, models, state, after, then)
        paid, had = len(models.requests), remembered(state)
        delivered = files_of(out) == files and had == 0  # it was quicker than we were
        if not delivered:
            finished(runs, repo, out, models, state)
        asked_again = len(models.requests) - paid
    differing = sorted({path for path, _ in files.items() ^ files_of(out).items()})
    said = f"killed {then:.3f} s after {after} requests, {paid} sent, {had} remembered, {asked_again} sent afterwards, differing: {differing}"
    assert not differing, said
    assert asked_again == (0 if delivered else TOTAL - had), said
    assert delivered or paid - had <= 1, said  # at most the one that was under way


def test_killed_many_times_over(runs: Runs, wanted: tuple[Path, dict[str, str]], tmp_path: Path) -> None:
    """The run gets one answer further each time."""
    repo, files = wanted
    out, state = tmp_path / "out", tmp_path / "state"
    with FakeModels(busy, delay=0.05) as models:
        for number in range(1, TOTAL):
            before = remembered(state)
            killed(runs, repo, out, models, state, len(models.requests) + 2, 0.0)
            assert remembered(state) >= before + 1, number
            if remembered(state) == TOTAL - 1:
                break
        finished(runs, repo, out, models, state)
        keys = [asked.key for asked in models.requests]
    assert files_of(out) == files
    assert max(keys.count(key) for key in keys) <= 2  # the one under way when it was killed, and again
    assert len(keys) <= TOTAL + 9
