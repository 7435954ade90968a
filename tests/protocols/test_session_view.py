"""Prompts, phases, the backlog, and what a session looks like from outside."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from opsmith.cli import session as command
from opsmith.cli import worker
from opsmith.errors import SessionError
from opsmith.model.report import Event, RunReport
from opsmith.protocols import hive_mind
from opsmith.protocols.hive_mind import assignment, backlog, compliance, files, overview, prompt, resources, response, session, work
from opsmith.protocols.hive_mind.logger import TOO_DEEP, WorkerLogger
from opsmith.protocols.hive_mind.overview import SessionView, WorkerView
from opsmith.protocols.hive_mind.work import Phase
from opsmith.protocols.hive_mind.worker import WORKER
from tests import fakes

NOON = datetime(2025, 11, 20, 12, 0, tzinfo=UTC)
NOW = "2025-11-20T12:00:00Z"
ID = "2025-11-20-12-00-shop"
PROMPT = """\
**Session ID**: 2025-11-20-12-00-shop
**Worker**: devops-worker

## Primary Task

Deploy shop to Kubernetes.

## Focus Areas

- probes
* rollback

## Success Criteria
- [ ] pods are ready
1. alerts fire

## Dependencies
backend-worker, database-worker

## Timeout

900 seconds
"""


def noon() -> datetime:
    return NOON


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / ".claude").mkdir()
    return session.create(tmp_path, "Shop", clock=noon)


def serve(path: Path, status: str = "delivered", task: str | None = fakes.TASK, phase: Phase = "whole") -> hive_mind.Served:
    def run(words: str, tell: Callable[[Event], None]) -> RunReport:
        return fakes.report(status)

    return hive_mind.served(path, task, "rules", run, phase=phase, clock=noon)


def kinds(path: Path) -> list[str]:
    return [json.loads(line)["type"] for line in (path / "EVENTS.jsonl").read_text().splitlines()]


# -- the prompt and the assignment ---------------------------------------------------------------------------------------------------


def test_prompt_with_sections() -> None:
    assert prompt.parse(PROMPT) == prompt.Prompt(
        text=PROMPT,
        task="Deploy shop to Kubernetes.",
        focus=("probes", "rollback"),
        criteria=("pods are ready", "alerts fire"),
        dependencies=("backend-worker", "database-worker"),
        timeout=900,
    )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Task: Ship it\nFocus: speed, safety\nDependencies: a-worker", ("Ship it", ("speed", "safety"), ("a-worker",))),
        ("Ship it\nby Friday\n", ("Ship it\nby Friday", (), ())),
        ("## Dependencies\n- none\n", ("", (), ())),
        ("", ("", (), ())),
    ],
)
def test_prompt_without_sections(text: str, found: tuple[Any, ...]) -> None:
    read = prompt.parse(text)
    assert (read.task, read.focus, read.dependencies) == found


@pytest.mark.parametrize(
    ("configuration", "with_prompt", "expected"),
    [
        ({}, False, ("high", ("architect-worker", "backend-worker"), 3600)),
        ({}, True, ("high", ("backend-worker", "database-worker"), 900)),
        ({"complexity_level": 3, "priority": 2}, False, (2, ("architect-worker", "backend-worker"), 300)),
        ({"escalation_timeout": 77, "dependencies": ["x", 3, ""]}, True, ("high", ("x",), 77)),
        ({"escalation_timeout": True, "priority": ["x"], "dependencies": {"a": 1}, "complexity_level": []}, False,
         ("high", ("architect-worker", "backend-worker"), 3600)),
    ],
)  # fmt: skip
def test_assignment(path: Path, configuration: dict[str, Any], with_prompt: bool, expected: tuple[Any, ...]) -> None:
    files.update_json(path / "STATE.json", lambda old: old | {"worker_configs": {WORKER: configuration}})
    if with_prompt:
        (path / prompt.FILE).write_text(PROMPT)
    read = assignment.read(path, "t")
    assert (read.task, read.priority, read.requires, read.timeout) == ("t", *expected)


def test_the_prompt_reaches_the_output(path: Path) -> None:
    (path / prompt.FILE).write_text(PROMPT)
    made = serve(path).output
    assert made is not None
    assert made["dependencies"]["requires"] == ["backend-worker", "database-worker"]
    assert made["analysis"]["prompt_focus_areas"] == ["probes", "rollback"]
    assert made["analysis"]["prompt_success_criteria"] == ["pods are ready", "alerts fire"]


# -- phases --------------------------------------------------------------------------------------------------------------------------

BEGUN = ["worker_spawned", "session_validated", "worker_configured", "prompt_file_read", "analysis_started", "setup_completed"]
REST = ["deployment_started", "deployment_completed", "notes_created", "json_created", "outputs_completed", "backlog_updated",
        "handoff_requested", "worker_completed"]  # fmt: skip


def test_setup_then_output_is_one_run(path: Path) -> None:
    (path / prompt.FILE).write_text(PROMPT)
    begun = serve(path, task=None, phase="setup")
    assert begun == hive_mind.Served(exit_code=0, told=f"set up in {ID}: Deploy shop to Kubernetes.")
    assert json.loads((path / "SESSION.json").read_text())["workers"][WORKER]["status"] == "running"
    done = serve(path, task=None, phase="output")
    assert done.exit_code == 0
    assert kinds(path) == BEGUN + REST
    assert compliance.check(path).compliant


def test_output_without_setup_begins_by_itself(path: Path) -> None:
    assert serve(path, phase="output").exit_code == 0
    assert kinds(path) == [kind for kind in BEGUN if kind not in ("prompt_file_read", "setup_completed")] + REST


def test_a_task_that_nobody_names(path: Path) -> None:
    files.update_json(path / "SESSION.json", lambda old: old | {"task_description": " "})
    result = serve(path, task=None, phase="setup")
    assert (result.exit_code, result.output) == (1, None)
    assert result.error == f'Neither the command line nor session {ID} says what to do. Next: --task "TEXT"'


def test_runner_phases(path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def work(*_: object) -> RunReport:
        return fakes.report()

    monkeypatch.setattr(worker, "work", work)
    line = ["--session", ID, "--model", "rules", "--project-root", str(path.parents[3])]
    assert worker.main([*line, "--setup"]) == 0
    assert capsys.readouterr().out == f"devops-worker set up in {ID}: Shop\n"
    assert worker.main([*line, "--output"]) == 0
    assert capsys.readouterr().out.startswith("devops-worker completed: 6 files delivered")
    with pytest.raises(SystemExit) as caught:
        worker.main([*line, "--setup", "--output"])
    assert caught.value.code == 2


def test_keys_of_the_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "mine")
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    monkeypatch.delenv("GOOGLE_API_KEY", raising=False)
    monkeypatch.setattr(os, "environ", dict(os.environ))
    (tmp_path / ".env").write_text("OPENAI_API_KEY=theirs\nexport ANTHROPIC_API_KEY = 'a b'\nGOOGLE_API_KEY=\nPATH=/evil\nLD_PRELOAD=x\n")
    worker._take_keys(tmp_path / ".env")  # pyright: ignore[reportPrivateUsage]  # what it takes is the point
    assert os.environ["OPENAI_API_KEY"] == "mine"
    assert os.environ["ANTHROPIC_API_KEY"] == "a b"
    assert "GOOGLE_API_KEY" not in os.environ
    assert os.environ["PATH"] != "/evil"
    assert "LD_PRELOAD" not in os.environ


# -- the backlog ---------------------------------------------------------------------------------------------------------------------


def test_open_points_become_tasks_once(path: Path) -> None:
    serve(path)
    text = (path / "BACKLOG.jsonl").read_text()
    assert [json.loads(line) for line in text.splitlines()] == [
        {"id": "task-efa1624ac371", "title": "Fill in shop-db/url.", "status": "todo", "priority": 3, "assigned_to": "human", "created_at": NOW,
         "dependencies": [], "timestamp": NOW},
        {"id": "task-b3fa4e4c7af2", "title": "redesign the login page", "status": "todo", "priority": 3, "assigned_to": "frontend-developer",
         "created_at": NOW, "dependencies": [], "timestamp": NOW},
    ]  # fmt: skip
    serve(path)
    assert (path / "BACKLOG.jsonl").read_text() == text
    assert kinds(path).count("backlog_updated") == 1


def test_a_task_that_is_done_stays_done(path: Path) -> None:
    serve(path)
    first = backlog.tasks(path, [])[0]
    files.append_line(path / "BACKLOG.jsonl", {"id": first.id, "status": "done", "timestamp": NOW})
    serve(path)
    assert [(task.title, task.status) for task in backlog.tasks(path, [])] == [
        ("Fill in shop-db/url.", "done"),
        ("redesign the login page", "todo"),
    ]


def test_three_dialects(path: Path) -> None:
    rows = [
        {"id": "task-1", "title": "One", "status": "todo", "priority": 2, "assigned_to": "a", "dependencies": ["task-0"]},
        {"timestamp": NOW, "created_by": "b", "item": {"title": "Two", "id": "later"}, "status": "pending", "priority": "normal"},
        {"id": "T-3", "title": "Three", "assignee": "c", "acceptance": ["x"], "dependencies": {"blocks": [], "blocked_by": ["T-2"], "related": []}},
        {"id": "task-1", "status": "in_progress", "progress": 40},
        {"item": {"description": "Four"}, "priority": 10**400},
    ]
    (path / "BACKLOG.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows[:4]) + "torn{\n" + json.dumps(rows[4]) + "\n")
    problems: list[str] = []
    assert backlog.tasks(path, problems) == (
        backlog.Task(id="task-1", title="One", status="in_progress", priority=2, assigned_to="a", dependencies=("task-0",)),
        backlog.Task(id="later", title="Two", status="todo", priority="normal", assigned_to=""),
        backlog.Task(id="T-3", title="Three", status="todo", priority=3, assigned_to="c", dependencies=("T-2",)),
        backlog.Task(id="line-6", title="Four", status="todo", priority=3, assigned_to=""),
    )
    assert problems == ["BACKLOG.jsonl line 5 is no JSON object"]


# -- the view ------------------------------------------------------------------------------------------------------------------------


def put(path: Path, *events: dict[str, Any]) -> None:
    (path / "EVENTS.jsonl").write_text("".join(json.dumps(event) + "\n" for event in events))


def event(kind: str, agent: str = WORKER, **more: Any) -> dict[str, Any]:
    return {"timestamp": NOW, "type": kind, "agent": agent, "details": {}, **more}


def test_overview_of_a_run(path: Path) -> None:
    assert overview.overview(path, noon) == SessionView(id=ID, state="no_workers", task="Shop", workers=(), backlog=(), problems=())
    serve(path)
    seen = overview.overview(path, noon)
    assert seen.workers == (
        WorkerView(name=WORKER, state="completed", events=11, last_event="worker_completed", last_seen=NOW, beat=None, recorded="completed"),
    )
    assert (seen.state, seen.problems, len(seen.backlog)) == ("completed", (), 2)


def test_states_by_events(path: Path) -> None:
    put(
        path,
        event("session_created", "queen"),
        event("worker_spawned", "a"),
        {"timestamp": NOW, "event_type": "worker_spawned", "worker": "b", "data": "x"},
        event("analysis_started", "b"),
        event("worker_spawned", "c"),
        event("worker_failed", "c"),
        event("worker_spawned", "d"),
        event("worker_completed", "d", details={"status": "blocked"}),
        event("worker_spawned", "e"),
        event("worker_completed", "e"),
        event("worker_spawned", "e"),
    )
    seen = overview.overview(path, noon)
    assert {worker.name: worker.state for worker in seen.workers} == {
        "a": "spawned", "b": "in_progress", "c": "failed", "d": "blocked", "e": "spawned",
    }  # fmt: skip
    assert seen.state == "in_progress"


@pytest.mark.parametrize(
    ("states", "state"),
    [((), "no_workers"), (("spawned",), "starting"), (("completed", "completed"), "completed"), (("completed", "failed"), "failed"),
     (("completed", "blocked"), "in_progress"), (("spawned", "completed"), "in_progress")],
)  # fmt: skip
def test_overall(path: Path, states: tuple[str, ...], state: str) -> None:
    after = {"completed": event("worker_completed"), "failed": event("worker_failed"), "blocked": event("worker_completed", status="blocked")}
    rows = [
        row | {"agent": str(number)}
        for number, one in enumerate(states)
        for row in (event("worker_spawned"), *([after[one]] if one in after else []))
    ]
    put(path, *rows)
    assert overview.overview(path, noon).state == state


@pytest.mark.parametrize(("silent", "beat"), [(60, "healthy"), (61, "warning"), (121, "unresponsive"), (301, "stalled")])
def test_beat(path: Path, silent: int, beat: str) -> None:
    put(path, event("worker_spawned"), event("worker_configured", details={"timeout": 300}), event("analysis_started"))
    assert overview.overview(path, lambda: NOON + timedelta(seconds=silent)).workers[0].beat == beat


def test_state_files_that_say_something_else(path: Path) -> None:
    put(path, event("worker_spawned"), event("worker_failed"))
    files.update_json(path / "SESSION.json", lambda old: old | {"workers": {WORKER: {"status": "running"}}})
    (path / "STATE.json").write_text("{")
    seen = overview.overview(path, noon)
    assert seen.workers[0].recorded == "running"
    assert seen.problems[0].startswith(f"{path / 'STATE.json'} is broken: ")
    assert seen.problems[1:] == ("devops-worker is failed by its events, and running by the state file",)


@pytest.mark.parametrize("status", ["delivered", "refused"])
def test_the_number_of_events_is_the_number_of_lines(path: Path, status: str) -> None:
    serve(path, status)
    told = json.loads((path / "STATE.json").read_text())["worker_states"][WORKER]["metrics"]
    assert told == {"events_logged": len(kinds(path))}


def test_a_signal_is_told_by_its_name(path: Path) -> None:
    def ended(words: str, tell: Callable[[Event], None]) -> RunReport:
        raise KeyboardInterrupt(15)

    with pytest.raises(KeyboardInterrupt):
        hive_mind.served(path, "t", "rules", ended, clock=noon)
    assert json.loads((path / "SESSION.json").read_text())[f"{WORKER}_error"] == "interrupted by SIGTERM"


def test_signs_of_life_come_in_time() -> None:
    assert work.HEARTBEAT_SECONDS < overview.WARNING_SECONDS


def test_a_session_is_found_from_a_folder_below(path: Path) -> None:
    below = path.parents[3] / "services/api"
    below.mkdir(parents=True)
    assert hive_mind.root_of(below) == path.parents[3].resolve()
    assert hive_mind.root_of(path.parents[4]) == path.parents[4]


def test_show_command(path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    serve(path)
    line = argparse.ArgumentParser()
    command.add(line.add_subparsers())

    def run(*arguments: str) -> int:
        options = line.parse_args(["session", *arguments])
        return int(options.action(options))

    below = path.parents[3] / "deep/er"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    assert run("show", ID) == 0
    assert capsys.readouterr().out == (
        f"{ID}: completed\ntask: Shop\n  devops-worker: completed; 11 events, the last worker_completed at {NOW}\nleft to do:\n"
        "  task-efa1624ac371  todo  priority 3  human: Fill in shop-db/url.\n"
        "  task-b3fa4e4c7af2  todo  priority 3  frontend-developer: redesign the login page\n"
    )
    assert run("show", ID, "--format", "json") == 0
    told = json.loads(capsys.readouterr().out)
    assert list(told) == ["id", "state", "task", "workers", "backlog", "problems", "version"]
    assert run("id", f"**Session ID**: `{ID}`, go") == 0
    assert capsys.readouterr().out == f"{ID}\n"
    with pytest.raises(SessionError, match="names no session"):
        run("id", "hello")


# -- what others left ----------------------------------------------------------------------------------------------------------------

DEEP = '{"a":' * 3000 + "1" + "}" * 3000
HUGE = '{"worker_configs": "' + "x" * files.MAX_STATE + '"}'


@pytest.mark.parametrize("name", ["STATE.json", "SESSION.json"])
@pytest.mark.parametrize("text", [DEEP, '{"a":' + "[" * 200 + "]" * 200 + "}", HUGE], ids=["deep", "deeper-than-allowed", "huge"])
def test_state_files_that_nobody_could_handle(path: Path, name: str, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    (path / name).write_text(text)
    assert worker.main(["--session", ID, "--task", "t", "--model", "rules", "--project-root", str(path.parents[3])]) == 1
    error = capsys.readouterr().err
    assert error.startswith(f"devops-worker failed: {path / name} ")
    assert "Traceback" not in error
    assert (path / name).read_text() == text
    assert any(name in problem for problem in overview.overview(path, noon).problems)


@pytest.mark.parametrize(
    "line",
    ['{"type":"worker_spawned","agent":"\\ud800","details":' + "[" * 900 + "]" * 900 + "}", '{"type":{"a":1},"agent":[1],"timestamp":9e99}', DEEP],
)
def test_events_that_nobody_could_handle(path: Path, line: str, capsys: pytest.CaptureFixture[str]) -> None:
    (path / "EVENTS.jsonl").write_text(f"{line}\n")
    options = argparse.Namespace(repo=str(path.parents[3]), id=ID, format="json")
    assert command._show(options) == 0  # pyright: ignore[reportPrivateUsage]
    json.loads(capsys.readouterr().out)
    compliance.check(path)


def test_details_that_json_has_no_word_for(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = WorkerLogger(path, WORKER, clock=noon)
    circle: list[Any] = []
    circle.append(circle)
    log.log_event("note", {"path": Path("/a"), "when": NOON, "figure": float("nan"), "tags": ["x", {"session_id": "y", "z": 1}]})
    log.log_event("note", ["a", {"b": None}])
    log.log_event("note", {"circle": circle})
    log.log_event("note")
    log.log_debug("m", "DECISION", {"alternatives": (Path("b"),)})
    assert [json.loads(line)["details"] for line in (path / "EVENTS.jsonl").read_text().splitlines()] == [
        {"path": "/a", "when": "2025-11-20 12:00:00+00:00", "figure": None, "tags": ["x", {"z": 1}]},
        ["a", {"b": None}],
        TOO_DEEP,
        {},
    ]
    assert json.loads((path / "DEBUG.jsonl").read_text())["details"] == {"alternatives": ["b"]}
    assert capsys.readouterr().err == ""


# -- what the response tells of other kinds of delivery --------------------------------------------------------------------------------


def test_networking_of_a_cloud() -> None:
    from dataclasses import replace

    from opsmith.model.artifact import Artifact
    from opsmith.model.report import FileChange

    text = (
        'resource "aws_vpc" "main" {\n  cidr_block = "10.0.0.0/16"\n}\n\nresource "aws_subnet" "private_a" {\n  vpc_id = aws_vpc.main.id\n}\n\n'
        'resource "aws_security_group" "api" {\n  ingress {\n    from_port = 1\n  }\n}\n'
    )
    tf = Artifact(path="terraform/network.tf", text=text, target="terraform")
    report = replace(fakes.report(), artifacts=(tf,), changes=(FileChange(path=tf.path, change="unchanged", written=None),))
    assert resources.networking(report) == {
        "vpc": {"name": "main", "type": "aws_vpc", "cidr": "10.0.0.0/16", "file": "terraform/network.tf"},
        "subnets": ["private_a"],
        "security_groups": ["api"],
    }
    assert resources.resources(report) == [
        {"type": "aws_vpc", "name": "main", "configuration": {"file": "terraform/network.tf", "cidr": "10.0.0.0/16"}, "status": None},
        {"type": "aws_subnet", "name": "private_a", "configuration": {"file": "terraform/network.tf"}, "status": None},
        {"type": "aws_security_group", "name": "api", "configuration": {"file": "terraform/network.tf"}, "status": None},
    ]


@pytest.mark.parametrize("report", [fakes.report("refused"), fakes.nothing()], ids=lambda report: str(report.status))
def test_nothing_is_claimed_that_was_not_written(report: RunReport) -> None:
    made = response.devops_response(report, ID, NOW)
    assert (made["files_modified"], made["scripts_created"], made["configurations"]) == ([], [], [])
    assert {row["status"] for row in made["infrastructure"]["resources"]} <= {None}
    assert made["infrastructure"]["containers"]["orchestration"] == ("kubernetes" if report.status == "refused" else None)


def test_instances_by_the_autoscaler_that_is_delivered() -> None:
    from dataclasses import replace

    from opsmith.model.artifact import Artifact
    from opsmith.protocols.hive_mind.notes import notes

    fixed = notes(fakes.report(), ID, NOW)
    assert "  - Min/Max instances: 2/2\n  - Triggers: none; the number is fixed\n" in fixed
    text = (
        "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata:\n  name: api\nspec:\n  scaleTargetRef:\n    kind: Deployment\n"
        "    name: api\n  minReplicas: 3\n  maxReplicas: 9\n  metrics:\n    - type: Resource\n      resource:\n        name: cpu\n"
    )
    scaler = Artifact(path="k8s/hpa.yaml", text=text, target="kubernetes")
    scaled = notes(replace(fakes.report(), artifacts=(*fakes.ARTIFACTS, scaler)), ID, NOW)
    assert "  - Min/Max instances: 3/9\n  - Triggers: cpu\n" in scaled


def test_what_is_not_delivered_is_said_for_its_reason() -> None:
    from dataclasses import replace

    from opsmith.protocols.hive_mind.notes import notes

    bare = replace(fakes.report(), artifacts=fakes.ARTIFACTS[:1], blueprint=replace(fakes.BLUEPRINT, pipeline=None, monitoring=None))
    told = notes(bare, ID, NOW)
    assert "No pipeline was made: the task was read as asking for docker. To get one: --target github_actions.\n" in told
    assert "No alert rule was made: the task was read as asking for docker. To get one: --target prometheus.\n" in told
    assert "No pipeline: The task asks for nothing that this worker delivers.\n" in notes(fakes.nothing(), ID, NOW)
    assert "No log aggregation was part of what was refused." in notes(fakes.report("refused"), ID, NOW)


def test_secret_values_are_not_told() -> None:
    from dataclasses import replace

    from opsmith.model.artifact import Artifact

    text = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\nstringData:\n  key: hunter2\n"
    report = replace(fakes.report(), artifacts=(Artifact(path="k8s/s.yaml", text=text, target="kubernetes"),), changes=())
    assert resources.resources(report) == [{"type": "secret", "name": "s", "configuration": {"file": "k8s/s.yaml", "keys": ["key"]}, "status": None}]
