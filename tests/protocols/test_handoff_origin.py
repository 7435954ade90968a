"""The public implementation, github.com/vot3k/agent-handoff, at the other end: its publisher's messages are done, and its programs read ours.

Built from its source with Go. Where that cannot be had, nothing was checked, and the reason is named.
OPSMITH_TEST_AGENT_HANDOFF names a folder with a copy of the source; without it the Go module proxy is asked.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from opsmith.cli import main as command_line
from tests.protocols import redis_server

MODULE = "github.com/vot3k/agent-handoff"
COMMIT = "a156f1c5cf910f3b412f284e51963bc248dde74d"
READER = """package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/vot3k/agent-handoff/handoff"
)

func main() {
	var message handoff.HandoffQueueMessage
	if err := json.NewDecoder(os.Stdin).Decode(&message); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	told := message.Payload.Validation.Checksum
	if err := message.Payload.Validate(); err != nil || (told != "" && told != message.Payload.GenerateChecksum()) {
		fmt.Println(err, told, message.Payload.GenerateChecksum())
		os.Exit(1)
	}
	json.NewEncoder(os.Stdout).Encode(message)
}
"""


def go() -> str:
    found = shutil.which("go") or shutil.which("/usr/local/go/bin/go")
    if not found:
        pytest.skip("could not check: Go is not installed")
    return found


def _source(folder: Path) -> Path:
    """A copy of the two modules, each in its folder."""
    given = os.environ.get("OPSMITH_TEST_AGENT_HANDOFF")
    for name in ("agent-manager", "handoff"):
        place = Path(given) / name if given else _downloaded(name)
        shutil.copytree(place, folder / name)
        subprocess.run(["chmod", "-R", "u+w", str(folder / name)], check=True)
    return folder


def _downloaded(name: str) -> Path:
    asked = subprocess.run([go(), "mod", "download", "-json", f"{MODULE}/{name}@{COMMIT}"], capture_output=True, text=True, timeout=300)
    told: dict[str, Any] = json.loads(asked.stdout or "{}")
    if asked.returncode or "Dir" not in told:
        pytest.skip(f"could not check: {MODULE}/{name} cannot be had: {told.get('Error') or asked.stderr.strip()}")
    return Path(told["Dir"])


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`manager`, `publisher` and `reader`, which reads the stored form with the types of the handoff service."""
    redis_server.require()
    source, made = _source(tmp_path_factory.mktemp("source")), tmp_path_factory.mktemp("bin")
    (source / "handoff/cmd/reader").mkdir()
    (source / "handoff/cmd/reader/main.go").write_text(READER)
    for folder, package in (("agent-manager", "./cmd/manager"), ("agent-manager", "./cmd/publisher"), ("handoff", "./cmd/reader")):
        built = subprocess.run([go(), "build", "-o", f"{made}/", package], cwd=source / folder, capture_output=True, text=True, timeout=600)
        if built.returncode:
            pytest.skip(f"could not check: {MODULE}/{folder} cannot be built: {built.stderr.strip()[-300:]}")
    return made


@pytest.fixture
def here(redis: redis_server.Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    (tmp_path / "shop").mkdir()
    monkeypatch.chdir(tmp_path / "shop")
    monkeypatch.setenv("REDIS_ADDR", redis.address)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    client = redis.client()
    yield client
    client.close()


@pytest.mark.full
def test_its_publisher_s_message_is_done(programs: Path, here: Any, capsys: pytest.CaptureFixture[str]) -> None:
    told = subprocess.run([programs / "publisher", "golang-expert", "devops-expert", "Service is built"], capture_output=True, text=True, check=True)
    (handoff_id,) = re.findall(r"test-\d+", told.stdout)
    assert here.zrange("handoff:project:shop:queue:devops-expert", 0, -1) == [handoff_id]
    assert command_line.main(["handoff", "consume", "--once", "--project", "shop"]) == 0
    assert f"{handoff_id}: acknowledged, nothing deployed: it comes from golang-expert" in capsys.readouterr().out
    stored = json.loads(here.get(f"handoff:{handoff_id}"))
    assert stored["status"] == stored["payload"]["status"] == "completed"
    assert stored["content"]["technical_details"]["source"] == "test-publisher"
    read = subprocess.run([programs / "reader"], input=json.dumps(stored), capture_output=True, text=True)
    assert (read.returncode, json.loads(read.stdout)["payload"]["status"]) == (0, "completed")


@pytest.mark.full
def test_its_manager_takes_ours(programs: Path, here: Any, tmp_path: Path) -> None:
    told = command_line.main(
        [
            "handoff",
            "publish",
            "devops-expert",
            "golang-expert",
            "Deployment complete",
            "Build the next one",
            "--project",
            "shop",
            "--id",
            "ours-0001",
        ]
    )
    assert told == 0
    log = tmp_path / "manager.log"
    with log.open("wb") as out, subprocess.Popen([programs / "manager"], stdout=out, stderr=out, cwd=tmp_path) as manager:
        try:
            for _ in range(100):
                if "for handoff 'ours-0001'" in log.read_text():
                    break
                time.sleep(0.1)
        finally:
            manager.kill()
    said = log.read_text()
    assert "Received task from queue: handoff:project:shop:queue:golang-expert, handoff ID: ours-0001" in said
    assert "Invoking built-in agent 'golang-expert' for handoff 'ours-0001' in project 'shop'" in said
    assert "Failed to decode" not in said
    assert here.zcard("handoff:project:shop:queue:golang-expert") == 0


@pytest.mark.full
def test_its_service_s_types_read_ours_with_the_same_checksum(programs: Path, here: Any) -> None:
    command_line.main(
        ["handoff", "publish", "devops-expert", "project-manager", "Größe & <Tags> – done", "Déployé", "--next-step", "Watch it",
         "--priority", "high", "--requirement", "Zero downtime", "--requirement", "Health checks", "--id", "ours-0002"]
    )  # fmt: skip
    stored = here.get("handoff:ours-0002")
    read = subprocess.run([programs / "reader"], input=stored, capture_output=True, text=True)
    assert (read.returncode, read.stderr) == (0, "")
    back = json.loads(read.stdout)
    ours = json.loads(stored)
    assert {key: back[key] for key in ("handoff_id", "queue", "timestamp", "priority")} == {
        key: ours[key] for key in ("handoff_id", "queue", "timestamp", "priority")
    }
    assert back["payload"]["content"] == ours["payload"]["content"]
    assert back["payload"]["validation"] == ours["payload"]["validation"]
