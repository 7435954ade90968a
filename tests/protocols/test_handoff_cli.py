"""`publisher` and `opsmith handoff` as they are typed."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from opsmith.cli import main as command_line
from tests.protocols import redis_server

GREETER = Path(__file__).parents[2] / "examples/greeter"


@pytest.fixture(autouse=True)
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, and no variable of the machine's."""
    for name in ("REDIS_ADDR", "REDIS_PASSWORD", "REDIS_DB", "HANDOFF_PROJECT_NAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path


@pytest.fixture
def here(redis: redis_server.Server, monkeypatch: pytest.MonkeyPatch) -> redis_server.Server:
    monkeypatch.setenv("REDIS_ADDR", redis.address)
    return redis


def opsmith(*arguments: str) -> int:
    return command_line.main(["handoff", *arguments])


def publisher(*arguments: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(sys, "argv", ["publisher", *arguments])
    with pytest.raises(SystemExit) as ended:
        command_line.publisher()
    return ended.value.code


def test_the_seed_s_form(here: redis_server.Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(command_line, "_prepare", lambda: None)
    code = publisher("devops-expert", "project-manager", "Deployment complete", "Monitoring active.", monkeypatch=monkeypatch)
    assert code == 0
    handoff_id, queue, depth = (line.split()[-1] for line in capsys.readouterr().out.splitlines())
    assert (queue, depth) == ("handoff:queue:project-manager", "1")
    client = here.client()
    stored = json.loads(client.get(f"handoff:{handoff_id}"))
    client.close()
    assert stored["payload"]["content"] == stored["content"] == {
        "summary": "Deployment complete", "requirements": ["Monitoring active."], "artifacts": {"created": [], "modified": [], "reviewed": []},
        "technical_details": {"details": "Monitoring active."}, "next_steps": [],
    }  # fmt: skip
    assert (stored["metadata"]["task_context"], stored["priority"], stored["status"]) == ("Deployment complete", "medium", "pending")


def test_every_flag(here: redis_server.Server, capsys: pytest.CaptureFixture[str], surroundings: Path) -> None:
    code = opsmith(
        "publish", "test-expert", "devops-expert", "All green for shop", "--priority", "high", "--project", "shop", "--task-context", "Release 7",
        "--requirement", "No downtime", "--next-step", "Deploy", "--created", "a//b", "--modified", "c", "--reviewed", "d", "--id", "release-7",
        "--detail", "all_gates_passed=true", "--detail", "version=2.10", "--detail", 'quality_gates={"unit": "passed"}', "--detail", "note=a=b",
        "--also-file", "--json",
    )  # fmt: skip
    assert code == 0
    told = capsys.readouterr()
    assert json.loads(told.out) == {
        "handoff_id": "release-7", "queue": "handoff:project:shop:queue:devops-expert", "depth": 1, "new": True, "sent_earlier": [],
    }  # fmt: skip
    assert told.err == "written to .claude/handoffs/test-expert-to-devops.md\n"
    client = here.client()
    stored = json.loads(client.get("handoff:release-7"))
    client.close()
    assert stored["content"] == {
        "summary": "All green for shop", "requirements": ["No downtime"], "artifacts": {"created": ["a/b"], "modified": ["c"], "reviewed": ["d"]},
        "technical_details": {"all_gates_passed": True, "version": "2.10", "quality_gates": {"unit": "passed"}, "note": "a=b"},
        "next_steps": ["Deploy"],
    }  # fmt: skip
    assert (stored["metadata"]["project_name"], stored["metadata"]["task_context"], stored["priority"]) == ("shop", "Release 7", "high")
    assert (surroundings / "work/.claude/handoffs/test-expert-to-devops.md").read_text().startswith("---\nmetadata:\n  project_name: shop\n")
    opsmith("publish", "test-expert", "devops-expert", "All green for shop", "--project", "shop", "--id", "release-7")
    assert capsys.readouterr().out.splitlines()[0] == "release-7 was published before"


def test_nothing_is_written_for_a_wrong_one(here: redis_server.Server, capsys: pytest.CaptureFixture[str], surroundings: Path) -> None:
    assert opsmith("publish", "devops-expert", "Tech Writer", "Docs", "--priority", "asap", "--also-file") == 2
    assert capsys.readouterr().err == (
        "opsmith: The handoff is not published: to_agent 'Tech Writer' is no name of an agent (lower-case letters, digits and hyphens); "
        "priority 'asap' is none of critical, urgent, high, medium, normal, low.\n"
        '  next: publisher FROM TO "SUMMARY" "DETAILS"\n'
    )
    client = here.client()
    assert client.keys() == []
    client.close()
    assert list((surroundings / "work").iterdir()) == []


@pytest.mark.parametrize("arguments", [("devops-expert",), ("devops-expert", "x", " "), ("a", "b", "c", "--detail", "novalue")])
def test_publisher_has_two_exit_codes(
    arguments: tuple[str, ...], here: redis_server.Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command_line, "_prepare", lambda: None)
    assert publisher(*arguments, monkeypatch=monkeypatch) == 1
    assert publisher("--help", monkeypatch=monkeypatch) == 0


def test_a_secret_is_not_sent(here: redis_server.Server, capsys: pytest.CaptureFixture[str]) -> None:
    opsmith("publish", "devops-expert", "tech-writer", "Database is up", "password=hunter2-hunter2", "--id", "with-secret")
    assert capsys.readouterr().err == "warning: what looks like a secret was replaced by ***; name where it lies instead\n"
    client = here.client()
    assert "hunter2" not in client.get("handoff:with-secret")
    client.close()


def test_redis_away_and_back(surroundings: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    redis_server.require()
    server = redis_server.Server(surroundings / "redis", redis_server.free_port())
    monkeypatch.setenv("REDIS_ADDR", server.address)
    assert opsmith("publish", "a", "b", "The first one", "--id", "first-one", "--also-file") == 12
    assert opsmith("publish", "a", "b", "The second one", "--id", "second-one") == 12
    error = capsys.readouterr().err
    box = surroundings / f"state/opsmith/outbox/127.0.0.1-{server.port}-0"
    assert f"opsmith: Redis at {server.address} cannot be reached" in error
    assert f"The handoff is kept in {box} and goes out with the next command that reaches this Redis." in error
    assert (surroundings / "work/.claude/handoffs/a-to-b.md").exists()
    assert len(list(box.iterdir())) == 2
    assert opsmith("consume", "--once") == 12
    (box / "1.0-broken.json").write_text("{")
    server.start()
    try:
        opsmith("publish", "a", "b", "The third one", "--id", "third-one", "--json")
        assert json.loads(capsys.readouterr().out)["sent_earlier"] == ["first-one", "second-one"]
        client = server.client()
        assert client.zrange("handoff:queue:b", 0, -1) == ["first-one", "second-one", "third-one"]
        client.close()
    finally:
        server.kill()
    assert [path.name for path in box.iterdir()] == ["1.0-broken.broken"]


def test_from_passed_gates_to_files_and_answers(here: redis_server.Server, surroundings: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The whole way, with the pipeline itself."""
    repo = surroundings / "greeter"
    shutil.copytree(GREETER, repo, ignore=shutil.ignore_patterns("golden", "task.txt", "expect.toml"))
    opsmith("publish", "test-expert", "devops-expert", "All quality gates passed", "Deploy to Kubernetes, then a security review", "--id", "go-1")
    opsmith("publish", "test-expert", "devops-expert", "Half of the gates passed", "--id", "wait-1")
    capsys.readouterr()
    assert opsmith("consume", "--once", "--prove", "none", "--repo", str(repo)) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1:3] == [
        "go-1: from test-expert: All quality gates passed",
        'go-1: delivered (it says "All quality gates passed"); handed to project-manager, security-expert',
    ]
    assert lines[4].startswith("wait-1: acknowledged, nothing deployed: it does not say that all quality gates have passed")
    assert lines[5] == "2 taken; nothing waits in handoff:queue:devops-expert"
    assert (repo / "k8s/base/greeter/deployment.yaml").is_file()
    assert sorted(path.name for path in (repo / ".claude/handoffs").iterdir()) == ["devops-to-project-manager.md", "devops-to-security-expert.md"]
    archived = (repo / ".opsmith/handoffs/archive/unknown-project").rglob("*.json")
    assert sorted(path.stem.partition("Z-")[2] for path in archived) == ["devops-expert-go-1", "devops-expert-wait-1"]
    assert (repo / ".opsmith/handoffs/.gitignore").read_text() == "*\n"
    client = here.client()
    (answer,) = client.zrange("handoff:queue:project-manager", 0, -1)
    stored = json.loads(client.get(f"handoff:{answer}"))
    client.close()
    assert stored["metadata"]["project_name"] == "greeter"
    assert "k8s/base/greeter/deployment.yaml" in stored["content"]["artifacts"]["created"]
    assert stored["content"]["technical_details"]["health_status"] is None
    assert {key: stored[key] for key in stored["payload"]} == stored["payload"]


def test_a_dry_run_writes_no_deployment(here: redis_server.Server, surroundings: Path, capsys: pytest.CaptureFixture[str]) -> None:
    repo = surroundings / "greeter"
    shutil.copytree(GREETER, repo, ignore=shutil.ignore_patterns("golden", "task.txt", "expect.toml"))
    opsmith("publish", "test-expert", "devops-expert", "All quality gates passed", "Deploy to Kubernetes")
    assert opsmith("consume", "--once", "--dry-run", "--prove", "none", "--repo", str(repo)) == 0
    assert not (repo / "k8s").exists()
    assert "planned" in capsys.readouterr().out


def test_status_and_dead_letters(here: redis_server.Server, capsys: pytest.CaptureFixture[str]) -> None:
    client = here.client()
    client.zadd("handoff:queue:devops-expert", {"broken-1": 1.0, "lost-1": 1.1})
    client.set("handoff:broken-1", '{"metadata":{"from_agent":"a","to_agent":"devops-expert"},"content":{"summary":"x"},"status":"odd"}')
    assert opsmith("consume", "--once") == 0
    client.close()
    capsys.readouterr()
    assert opsmith("dead") == 0
    assert [line.partition("  2")[0] + line[22:] if line.startswith("  2") else line for line in capsys.readouterr().out.splitlines()] == [
        "lost-1",
        "  payload_missing: its payload is gone: it waited more than a day, or was removed",
        "broken-1",
        "  invalid_payload: Invalid enum value 'odd' - at `$.status`",
        "Another try: opsmith handoff dead requeue ID",
    ]
    assert opsmith("dead", "requeue") == 2
    assert opsmith("dead", "requeue", "lost-1", "nowhere") == 2
    assert capsys.readouterr().err.splitlines()[3:6] == [
        "opsmith: nowhere: there is no such dead letter",
        "lost-1: its payload was no handoff, so there is nothing to put into a queue",
        "  next: opsmith handoff dead",
    ]
    assert opsmith("status", "--format", "json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told.pop("last_updated")
    assert told == {
        "total_handoffs": 0, "completed_handoffs": 0, "failed_handoffs": 2, "avg_processing_time": 0, "queue_depth": 0,
        "active_agents": ["devops-expert"], "agent": "devops-expert", "redis": here.address, "queues": {"handoff:queue:devops-expert": 0},
        "in_flight": 0, "dead": 2, "outbox": 0, "warnings": ["failure_rate: 2 of 2 failed within a day"],
    }  # fmt: skip


def test_a_dead_letter_is_tried_again(here: redis_server.Server, surroundings: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (surroundings / "work/package.json").write_text("{")
    opsmith("publish", "test-expert", "devops-expert", "All quality gates passed", "Deploy to Kubernetes", "--id", "go-1")
    opsmith("consume", "--once", "--prove", "none")
    assert "go-1: dead letter (handler_failed): package.json" in capsys.readouterr().out
    (surroundings / "work/package.json").unlink()
    shutil.copytree(GREETER, surroundings / "work", dirs_exist_ok=True, ignore=shutil.ignore_patterns("golden", "task.txt", "expect.toml"))
    assert opsmith("dead", "requeue", "go-1") == 0
    assert capsys.readouterr().out == "go-1 waits in handoff:queue:devops-expert again\n"
    opsmith("consume", "--once", "--prove", "none")
    assert "go-1: delivered" in capsys.readouterr().out
    opsmith("dead")
    assert capsys.readouterr().out == "No dead letters.\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ("consume", "--agent", "Dev Ops"), ("consume", "--project", "a*b"), ("status", "--redis", "http://x"),
        ("publish", "a", "b", "c", "--project", "x", "--project", "y"),
    ],
)  # fmt: skip
def test_wrong_command_lines(arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert opsmith(*arguments) == 2
    assert "next:" in capsys.readouterr().err


def test_help_and_import_stay_light() -> None:
    code = "import sys; from opsmith.cli.main import parser; parser(); print(sorted({'redis', 'sqlite3', 'yaml'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_files_without_redis_and_their_answers_with_it(
    surroundings: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    redis_server.require()
    server = redis_server.Server(surroundings / "redis", redis_server.free_port())
    monkeypatch.setenv("REDIS_ADDR", server.address)
    repo = surroundings / "greeter"
    shutil.copytree(GREETER, repo, ignore=shutil.ignore_patterns("golden", "task.txt", "expect.toml"))
    inbox = repo / ".claude/handoffs"
    inbox.mkdir(parents=True)
    (inbox / "test-expert-to-devops.md").write_text(
        "---\nmetadata: {from_agent: test-expert, to_agent: devops-expert, timestamp: 2025-11-20T14:05:00Z}\n"
        "content: {summary: All quality gates passed, requirements: [Deploy to Kubernetes]}\n---\n"
    )
    (inbox / "broken-to-devops.md").write_text("no handoff")
    (inbox / "link-to-devops.md").symlink_to("/etc/passwd")
    (inbox / "notes.md").write_text("not for us")
    consume = ("consume", "--files", "--prove", "none", "--repo", str(repo))
    assert opsmith(*consume) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "broken-to-devops.md: left alone: the file is no YAML: it does not begin with a part between two lines of dashes"
    assert lines[1] == 'test-expert-to-devops.md: delivered (it says "All quality gates passed"); handed to project-manager'
    assert lines[2] == f"1 taken from {inbox}"
    assert (inbox / "devops-to-project-manager.md").is_file()
    assert (repo / "k8s/base/greeter/deployment.yaml").is_file()
    opsmith(*consume)
    assert capsys.readouterr().out.splitlines()[1:] == [f"0 taken from {inbox}"]
    server.start()
    try:
        opsmith("consume", "--once", "--repo", str(repo))
        client = server.client()
        assert client.zcard("handoff:queue:project-manager") == 1
        client.close()
    finally:
        server.kill()
