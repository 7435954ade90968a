"""Many writers on one session, and writers that are killed."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from opsmith.protocols.hive_mind import files, session
from opsmith.protocols.hive_mind.events import events
from opsmith.protocols.hive_mind.logger import WorkerLogger

PROCESSES, EACH = 16, 2_000
FORK = multiprocessing.get_context("fork")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return session.create(tmp_path, "Load")


def _write(path: Path, number: int, count: int) -> None:
    os.fsync = lambda _: None  # type: ignore[assignment]  # what is asked here is order and wholeness, not the disk
    log = WorkerLogger(path, f"w{number}-worker")
    for turn in range(count):
        log.log_event("note", {"turn": turn, "filling": "ü" * (turn * 7 % 450)})


def _started(target: Callable[..., None], *arguments: Any) -> Any:
    process = FORK.Process(target=target, args=arguments)
    process.start()
    return process


def _turns(path: Path) -> dict[str, list[int]]:
    """By writer, what arrived of it, in the order of the file."""
    found: dict[str, list[int]] = {}
    for event in events(path, []):
        found.setdefault(event["agent"], []).append(event["details"]["turn"])
    return found


@pytest.mark.full  # some ten seconds
def test_sixteen_writers(path: Path) -> None:
    running = [_started(_write, path, number, EACH) for number in range(PROCESSES)]
    for process in running:
        process.join()
        assert process.exitcode == 0
    rows = (path / "EVENTS.jsonl").read_text().split("\n")
    assert rows.pop() == ""
    assert len([json.loads(row) for row in rows]) == PROCESSES * EACH
    assert _turns(path) == {f"w{number}-worker": list(range(EACH)) for number in range(PROCESSES)}


def test_writers_that_are_killed(path: Path) -> None:
    """What a killed writer had written stays whole and in order, and nobody else loses anything."""
    staying = [_started(_write, path, number, 500) for number in range(4)]
    killed = [_started(_write, path, number, 1_000_000) for number in range(4, 8)]
    for process in killed:
        time.sleep(0.05)
        os.kill(process.pid, signal.SIGKILL)
        process.join()
    for process in staying:
        process.join()
        assert process.exitcode == 0
    WorkerLogger(path, "last-worker").log_event("note", {"turn": 0})
    problems: list[str] = []
    assert len(list(events(path, problems))) > 2_000
    assert len(problems) <= len(killed)
    found = _turns(path)
    assert found["last-worker"] == [0]
    for number in range(4):
        assert found[f"w{number}-worker"] == list(range(500))
    for number in range(4, 8):
        turns = found.get(f"w{number}-worker", [])
        assert turns == list(range(len(turns)))


def _die_half_way(path: Path) -> None:
    def torn(descriptor: int, data: bytes) -> int:
        real(descriptor, data[: len(data) // 2])
        os.kill(os.getpid(), signal.SIGKILL)
        return 0

    real, os.write = os.write, torn  # type: ignore[assignment]
    WorkerLogger(path, "torn-worker").log_event("note", {"turn": 1})


def test_a_line_torn_by_a_kill_breaks_no_other(path: Path) -> None:
    _write_one(path, "before-worker")
    process = _started(_die_half_way, path)
    process.join()
    assert process.exitcode == -signal.SIGKILL
    assert not (path / "EVENTS.jsonl").read_text().endswith("\n")
    _write_one(path, "after-worker")
    _write_one(path, "after-worker")
    problems: list[str] = []
    assert [event["agent"] for event in events(path, problems)] == ["before-worker", "after-worker", "after-worker"]
    assert problems == ["EVENTS.jsonl line 2 is no JSON object"]


def _write_one(path: Path, name: str) -> None:
    WorkerLogger(path, name).log_event("note", {"turn": 0})


def _merge(path: Path, number: int) -> None:
    os.fsync = lambda _: None  # type: ignore[assignment]
    for turn in range(50):
        new = {"workers": {f"w{number}": {f"turn-{turn}": turn}}, "last": number}

        def change(old: dict[str, Any], new: dict[str, Any] = new) -> dict[str, Any]:
            return files.deep_merged(old, new) | {"update_count": old["update_count"] + 1}

        files.update_json(path / "SESSION.json", change)


def test_merges_of_many_writers_lose_nothing(path: Path) -> None:
    running = [_started(_merge, path, number) for number in range(8)]
    doomed = _started(_merge, path, 99)
    time.sleep(0.05)
    os.kill(doomed.pid, signal.SIGKILL)
    doomed.join()
    for process in running:
        process.join()
        assert process.exitcode == 0
    found = files.read_json(path / "SESSION.json")
    lost = found["workers"].pop("w99", {})
    assert list(lost) == [f"turn-{turn}" for turn in range(len(lost))]
    assert found["workers"] == {f"w{number}": {f"turn-{turn}": turn for turn in range(50)} for number in range(8)}
    assert found["update_count"] == 8 * 50 + len(lost)
