from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from agents.pydantic_ai.devops import agent, models
from opsmith.cli import session as command
from opsmith.cli import worker
from opsmith.errors import MissingExtra, OpsmithError, SessionError, UsageError
from opsmith.model.report import Event, RunReport
from opsmith.protocols import hive_mind
from opsmith.protocols.hive_mind import assignment, compliance, files, notes, output, response, scores, session, state, work
from opsmith.protocols.hive_mind.logger import WorkerLogger
from opsmith.protocols.hive_mind.work import Run
from opsmith.protocols.hive_mind.worker import WORKER
from tests import fakes

NOON = datetime(2025, 11, 20, 12, 0, tzinfo=UTC)
ID = "2025-11-20-12-00-shop"


def noon() -> datetime:
    return NOON


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / ".claude").mkdir()
    session.create(tmp_path, "Shop", clock=noon)
    return tmp_path


@pytest.fixture
def path(root: Path) -> Path:
    return root / session.SESSIONS / ID


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def delivered(task: str, tell: Callable[[Event], None]) -> RunReport:
    tell(Event(stage="survey", message=""))
    tell(Event(stage="survey", message="1 component", seconds=0.0123, done=True))
    return fakes.report()


def refused(task: str, tell: Callable[[Event], None]) -> RunReport:
    return fakes.report("refused")


def broken(task: str, tell: Callable[[Event], None]) -> RunReport:
    raise MissingExtra("no planner.", next_step="--model rules")


def serve(path: Path, run: Run = delivered) -> hive_mind.Served:
    return hive_mind.served(path, fakes.TASK, "rules", run, clock=noon)


# -- sessions ------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("prompt", "found"),
    [
        ("**Session ID**: `2025-11-20-14-00-auth-rollout`, do it", "2025-11-20-14-00-auth-rollout"),
        ("Session ID: a-b-c\nsession_id: other", "a-b-c"),
        ("please\nsession_id: x.y_z more", "x.y_z"),
        ("SESSION ID:\ttabbed", "tabbed"),
        ("no session here", None),
    ],
)
def test_extract_id(prompt: str, found: str | None) -> None:
    assert session.extract_id(prompt) == found


def test_new_id() -> None:
    assert session.new_id("  Auth Service: roll--out! ", noon) == "2025-11-20-12-00-auth-service-roll-out"
    assert session.new_id("x" * 49 + " yz", noon) == "2025-11-20-12-00-" + "x" * 49
    with pytest.raises(UsageError, match="leaves no name"):
        session.new_id("!!!", noon)


def test_create_makes_both_layouts(path: Path) -> None:
    assert sorted(str(item.relative_to(path)) + ("/" if item.is_dir() else "") for item in path.rglob("*")) == [
        "BACKLOG.jsonl",
        "DEBUG.jsonl",
        "EVENTS.jsonl",
        "SESSION.json",
        "SESSION.md",
        "STATE.json",
        "notes/",
        "workers/",
        "workers/json/",
        "workers/notes/",
        "workers/prompts/",
    ]
    assert json.loads((path / "SESSION.json").read_text()) == {
        "session_id": ID,
        "created": "2025-11-20T12:00:00Z",
        "last_updated": "2025-11-20T12:00:00Z",
        "update_count": 0,
        "task_description": "Shop",
        "model": "rules",
        "status": "created",
        "phase": "planning",
        "complexity_level": 2,
        "workers": {},
    }
    with pytest.raises(SessionError, match="is there already"):
        session.create(path.parents[3], "Shop", clock=noon)


def test_find_root(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    (root / "a/b").mkdir(parents=True)
    assert session.find_root(root / "a/b") == root.resolve()
    with pytest.raises(SessionError, match="No project root above"):
        session.find_root(tmp_path_factory.mktemp("elsewhere"))


@pytest.mark.parametrize("name", ["..", ".", "", "../x", "a/b", "2025-11-20-12-00-other", "a b", "-"])
def test_locate_refuses(root: Path, name: str) -> None:
    with pytest.raises(SessionError):
        session.locate(root, name)


def test_one_layout_is_enough(root: Path, path: Path) -> None:
    for name in ("STATE.json", "SESSION.json"):
        (path / name).unlink()
    (path / "notes").rmdir()
    session.require_valid(path)
    (path / "workers/notes").rmdir()
    with pytest.raises(SessionError, match="workers/notes/ missing"):
        session.require_valid(path)


def test_join_or_create(root: Path, path: Path) -> None:
    assert hive_mind.join_or_create(root, ID, "x") == path
    assert hive_mind.join_or_create(root, "2025-11-20-12-00-new", "x").is_dir()
    with pytest.raises(SessionError, match="is no session id"):
        hive_mind.join_or_create(root, "new", "x")


# -- the order of effects ------------------------------------------------------------------------------------------------------------

NOW = "2025-11-20T12:00:00Z"
START: list[tuple[str, Any]] = [
    (
        "worker_spawned",
        {
            "task": fakes.TASK,
            "model": "rules",
            "timestamp": NOW,
            "capabilities": ["infrastructure_deployment", "ci_cd_automation", "monitoring_setup", "containerization", "cloud_orchestration"],
        },
    ),
    ("session_validated", {"action": "session_validated", "target": ID, "result": "success"}),
    (
        "worker_configured",
        {
            "action": "worker_configured",
            "target": WORKER,
            "result": "success",
            "priority": "high",
            "dependencies": ["architect-worker", "backend-worker"],
            "timeout": 3600,
        },
    ),
]
ANALYSIS: tuple[str, Any] = (
    "analysis_started",
    {"action": "analysis_started", "result": "success", "task": fakes.TASK, "analysis_type": "devops_implementation", "timestamp": NOW},
)
STARTED: tuple[str, Any] = ("deployment_started", {"action": "deployment_started", "target": "devops", "result": "success"})
WRITTEN: list[tuple[str, Any]] = [
    (
        "notes_created",
        {
            "action": "notes_created",
            "target": "notes/devops_notes.md",
            "result": "success",
            "files": ["notes/devops_notes.md", "workers/notes/devops_implementation.md"],
        },
    ),
    (
        "json_created",
        {
            "action": "json_created",
            "target": "workers/json/devops_response.json",
            "result": "success",
            "files": ["workers/json/devops_response.json", "workers/json/devops_output.json"],
        },
    ),
]
HANDED: tuple[str, Any] = (
    "handoff_requested",
    {"action": "handoff_requested", "target": "frontend-developer", "result": "success", "task": "redesign the login page"},
)


def left(*ids: str) -> tuple[str, Any]:
    return "backlog_updated", {"action": "backlog_updated", "target": "BACKLOG.jsonl", "result": "success", "tasks": list(ids)}


SECRET, LOGIN, UNTAGGED, REFUTED = "task-efa1624ac371", "task-b3fa4e4c7af2", "task-c9e31fe6c848", "task-0c0c43697fc9"
COUNTS = {"infrastructure_changes_count": 4, "deployment_strategies_count": 1, "monitoring_implementations_count": 3}


def events(path: Path) -> list[tuple[str, Any]]:
    found = lines(path / "EVENTS.jsonl")
    assert all(event["agent"] == WORKER and event["timestamp"] == NOW for event in found)
    return [(event["type"], event["details"]) for event in found]


def test_completed(path: Path) -> None:
    result = serve(path)
    assert result.exit_code == 0
    progress = {"action": "deployment_progress", "target": "survey", "result": "success", "message": "1 component", "metrics": {"seconds": 0.012}}
    metrics = {"files": 6, "written": 6, "status": "delivered"}
    assert events(path) == [
        *START,
        ANALYSIS,
        STARTED,
        ("deployment_progress", progress),
        ("deployment_completed", {"action": "deployment_completed", "target": "/repo", "result": "success", "metrics": metrics}),
        *WRITTEN,
        left(SECRET, LOGIN),
        HANDED,
        ("worker_completed", {"duration": 0.0, **COUNTS, "status": "completed"}),
    ]
    assert lines(path / "EVENTS.jsonl")[-1] == {
        "timestamp": NOW,
        "type": "worker_completed",
        "agent": WORKER,
        "level": "INFO",
        "details": {"duration": 0.0, **COUNTS, "status": "completed"},
        "status": "completed",
    }
    assert [(line["level"], line["message"]) for line in lines(path / "DEBUG.jsonl")] == [
        ("INFO", f"session {ID}"),
        ("SUCCESS", "notes saved"),
        ("SUCCESS", "JSON saved"),
    ]
    assert compliance.check(path) == compliance.Compliance(
        compliant=True, missing_events=(), first_event="worker_spawned", notes_exists=True, json_exists=True, problems=()
    )


def test_completed_states(path: Path) -> None:
    files.update_json(
        path / "STATE.json", lambda old: files.deep_merged(old, {"mine": 1, "coordination_status": {"workers_pending": [WORKER, "other"]}})
    )
    serve(path)
    artifacts = [change.written for change in fakes.report().changes]
    found = json.loads((path / "SESSION.json").read_text())
    assert {key: value for key, value in found.items() if not key.startswith(f"{WORKER}_")} == {
        "session_id": ID,
        "created": NOW,
        "last_updated": NOW,
        "update_count": 2,
        "task_description": "Shop",
        "model": "rules",
        "status": "completed",
        "phase": "execution",
        "complexity_level": 2,
        "workers": {
            WORKER: {
                "status": "completed",
                "task": fakes.TASK,
                "spawned_at": NOW,
                "completed_at": NOW,
                "error": None,
                "outputs": {"notes": "workers/notes/devops_implementation.md", "json": "workers/json/devops_output.json", "artifacts": artifacts},
            }
        },
    }
    assert {key.removeprefix(f"{WORKER}_"): value for key, value in found.items() if key.startswith(f"{WORKER}_")} == {
        "status": "completed",
        "started": NOW,
        "task": fakes.TASK,
        "completed": NOW,
        "infrastructure_maturity": 10.0,
        "cicd_maturity": 10.0,
        "observability": 8.0,
        "security": 10.0,
        "business_continuity": 6.0,
        "devops_maturity": 8.4,
        "operational_efficiency": 7.5,
        "reliability": 7.5,
    }
    told = json.loads((path / "STATE.json").read_text())
    assert told["mine"] == 1
    assert told["coordination_status"] == {
        "phase": "planning",
        "workers_planned": [],
        "workers_spawned": [],
        "workers_active": [],
        "workers_completed": [WORKER],
        "workers_pending": ["other"],
        "workers_failed": [],
        "synthesis_ready": False,
        "blocking_issues": [],
    }
    assert told["worker_states"][WORKER] == {
        "status": "completed",
        "task": fakes.TASK,
        "spawned_at": NOW,
        "completed_at": NOW,
        "outputs": {"notes": "notes/devops_notes.md", "json": "workers/json/devops_response.json", "artifacts": artifacts},
        "metrics": {"events_logged": 12},
    }
    assert "## Coordination Progress\n\n- [12:00] devops-worker completed: 6 files delivered for" in (path / "SESSION.md").read_text()


def test_prompt_and_own_configuration(path: Path) -> None:
    (path / "workers/prompts/devops-worker.prompt").write_text("## Primary Task\nx\n")
    wanted = {"worker_configurations": {WORKER: {"priority": 3, "dependencies": ["test-worker"]}}}
    files.update_json(path / "STATE.json", lambda old: files.deep_merged(old, wanted))
    serve(path)
    found = dict(events(path))
    assert list(found)[:5] == ["worker_spawned", "session_validated", "worker_configured", "prompt_file_read", "analysis_started"]
    assert found["worker_configured"]["priority"] == 3
    assert found["worker_configured"]["dependencies"] == ["test-worker"]
    assert found["prompt_file_read"]["characters"] == 18


def test_blocked(path: Path) -> None:
    result = serve(path, refused)
    blocker = (
        "Refused: 2 problems in what would have been delivered; nothing was written.; hadolint/DL3006: Always tag an image (Dockerfile:1); "
        "hadolint refuted: hadolint finds nothing to object to"
    )
    assert (result.exit_code, result.error) == (1, blocker)
    assert events(path) == [
        *START,
        ANALYSIS,
        STARTED,
        ("deployment_failed", {"action": "deployment_failed", "target": "/repo", "result": "failure", "error": blocker}),
        *WRITTEN,
        left(UNTAGGED, REFUTED, SECRET, LOGIN),
        HANDED,
        ("blocker_reported", {"action": "blocker_reported", "target": "/repo", "result": "failure", "blocker": blocker}),
        ("worker_completed", {"duration": 0.0, **COUNTS, "status": "blocked"}),
    ]
    assert json.loads((path / "SESSION.json").read_text())["workers"][WORKER]["status"] == "blocked"
    answer = json.loads((path / "workers/json/devops_response.json").read_text())
    assert (answer["status"], answer["files_modified"]) == ("blocked", [])


def test_failed(path: Path) -> None:
    error = "no planner. Next: --model rules"
    assert serve(path, broken) == hive_mind.Served(exit_code=1, error=error)
    assert events(path) == [
        *START,
        ANALYSIS,
        STARTED,
        ("deployment_failed", {"action": "deployment_failed", "target": "devops", "result": "failure", "error": error}),
        ("worker_failed", {"action": "worker_failed", "target": WORKER, "result": "failure", "error": error}),
    ]
    assert [(line["level"], line["message"]) for line in lines(path / "DEBUG.jsonl")][-1] == ("ERROR", error)
    found = json.loads((path / "SESSION.json").read_text())
    assert (found["status"], found["workers"][WORKER]["status"], found[f"{WORKER}_error"]) == ("failed", "failed", error)
    assert json.loads((path / "STATE.json").read_text())["coordination_status"]["workers_failed"] == [WORKER]


def test_a_bug_is_logged_and_raised(path: Path) -> None:
    def bug(task: str, tell: Callable[[Event], None]) -> RunReport:
        raise ZeroDivisionError("oops")

    with pytest.raises(ZeroDivisionError):
        serve(path, bug)
    assert events(path)[-1][0] == "worker_failed"


def test_invalid_session(path: Path) -> None:
    (path / "SESSION.md").unlink()
    assert serve(path) == hive_mind.Served(exit_code=1, error=f"Session {ID} is not valid: SESSION.md missing.")
    assert (path / "EVENTS.jsonl").read_text() == ""
    assert lines(path / "DEBUG.jsonl") == [
        {"timestamp": NOW, "level": "ERROR", "agent": WORKER, "message": f"Session {ID} is not valid: SESSION.md missing."}
    ]


def test_broken_state_is_not_replaced(path: Path) -> None:
    (path / "STATE.json").write_text("{")
    assert serve(path).exit_code == 1
    assert (path / "STATE.json").read_text() == "{"
    assert events(path)[-1][0] == "worker_failed"


def test_a_long_run_says_that_it_lives(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    def slow(task: str, tell: Callable[[Event], None]) -> RunReport:
        while not any(kind == "progress_update" for kind, _ in events(path)):
            time.sleep(0.001)
        return fakes.report()

    monkeypatch.setattr(work, "HEARTBEAT_SECONDS", 0.002)
    assert serve(path, slow).exit_code == 0


# -- the documents -------------------------------------------------------------------------------------------------------------------


def test_output_fits_the_wrapper_schema() -> None:
    for report in (fakes.report(), fakes.report("refused"), fakes.nothing()):
        made = output.devops_output(report, ID, NOW, "# notes\n", ASSIGNED)
        assert agent.validated(made).worker == WORKER
        assert list(made) == list(models.DevOpsOutput.__dataclass_fields__)


def test_response_has_the_seed_keys() -> None:
    made = response.devops_response(fakes.report(), ID, NOW)
    assert list(made) == [
        "session_id", "worker", "timestamp", "infrastructure", "cicd", "monitoring", "security", "files_modified", "scripts_created",
        "configurations", "status", "summary", "next_actions",
    ]  # fmt: skip
    settings = {"port": 8000, "replicas": 2, "health": "http /health on port 8000", "limits": {"cpu": "500m", "memory": "512Mi"}}
    assert made["infrastructure"] == {
        "cloud_provider": "none",
        "resources": [
            {"type": "deployment", "name": "api", "configuration": {"file": "k8s/api.yaml", **settings}, "status": "updated"},
            {"type": "network_policy", "name": "api", "configuration": {"file": "k8s/network.yaml"}, "status": "created"},
            {"type": "service", "name": "api", "configuration": {"file": "k8s/network.yaml", "ports": []}, "status": "created"},
            {
                "type": "image",
                "name": "api",
                "configuration": {"file": "Dockerfile", "reference": "ghcr.io/acme/shop-api:0.1.0", "user": 10001, "context": "."},
                "status": None,
            },
        ],
        "containers": {"orchestration": "kubernetes", "services": ["api"], "registries": ["ghcr.io/acme"]},
        "networking": {"vpc": {}, "subnets": [], "security_groups": ["api"]},
    }
    assert made["cicd"] == {
        "platform": "github-actions",
        "pipelines": [".github/workflows/ci.yml"],
        "environments": ["staging", "production"],
        "deployment_strategy": "rolling",
    }
    assert made["monitoring"] == {"metrics_platform": "prometheus", "log_platform": "none", "alerts": ["ApiBurnsFast"], "dashboards": []}
    assert made["security"] == {"scanning_enabled": True, "compliance_frameworks": ["soc2"], "secrets_management": "kubernetes-secrets"}
    assert made["configurations"] == [
        "k8s/api.yaml", "k8s/network.yaml", ".github/workflows/ci.yml", "monitoring/rules.yaml", "runbooks/api.md"
    ]  # fmt: skip
    assert made["next_actions"] == [
        "Compare Dockerfile with Dockerfile.opsmith.new and keep what is right.",
        "Fill in shop-db/url.",
        "Install kubeconform (go install kubeconform) to check: manifests are valid.",
        "Review the changes and commit them.",
    ]


ASSIGNED = assignment.Assignment(task=fakes.TASK, priority="high", requires=("architect-worker", "backend-worker"), timeout=3600, prompt=None)
OUTLINE = [
    "# DevOps Worker Infrastructure Report",
    f"## Session: {ID}",
    f"## Generated: {NOW}",
    "### Executive Summary",
    "### Infrastructure Design",
    "#### Architecture",
    "#### Resources",
    "### CI/CD Pipeline",
    "#### Pipeline Configuration",
    "#### Deployment Strategy",
    "### Monitoring & Observability",
    "#### Metrics",
    "#### Logging",
    "#### Alerting",
    "### Security & Compliance",
    "#### Security Measures",
    "#### Compliance Requirements",
    "### Cost Optimization",
    "### Disaster Recovery",
]


@pytest.mark.parametrize("report", [fakes.report(), fakes.report("refused"), fakes.nothing()], ids=lambda report: str(report.status))
def test_notes_have_every_section_and_none_is_empty(report: RunReport) -> None:
    rows = [row for row in notes.notes(report, ID, NOW).split("\n") if row]
    assert [row for row in rows if row.startswith("#")] == OUTLINE
    parents = ("### Infrastructure Design", "### CI/CD Pipeline", "### Monitoring & Observability", "### Security & Compliance")
    for heading, following in zip(rows[3:], [*rows[4:], "#"], strict=True):
        assert not (heading.startswith("#") and following.startswith("#") and heading not in parents), heading


def test_text_of_the_repository_opens_no_section() -> None:
    assert [row for row in notes.notes(fakes.nothing("x\n### Executive Summary\ny"), ID, NOW).split("\n") if row.startswith("#")] == OUTLINE


def test_implementation_holds_the_files() -> None:
    text = notes.implementation(fakes.report(), "# notes\n")
    assert "#### `Dockerfile` (foreign)\n\n```dockerfile\nFROM python:3.12\n```\n" in text
    assert "#### `runbooks/api.md` (create)\n\n````markdown\n# api\n\n```bash\nkubectl get pods\n```\n````\n" in text
    assert "No file was made: The task asks for nothing" in notes.implementation(fakes.nothing(), "")


def test_scores_without_a_plan_are_the_default() -> None:
    assert scores.scores(fakes.nothing()) == dict.fromkeys(scores.NAMES, 5.0)


# -- the logger and the files --------------------------------------------------------------------------------------------------------


def test_logger(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = WorkerLogger(path, WORKER, clock=noon)
    log.log_event(
        "devops_analysis_started", {"action": "devops-worker_go", "session_id": ID, "deep": [{"session_id": 1, "a": "ü\n"}]}, level="WARNING"
    )
    log.log_event("note", "x" * 600)
    log.log_debug("y" * 1200, "LOUD")
    assert lines(path / "EVENTS.jsonl") == [
        {"timestamp": NOW, "type": "analysis_started", "agent": WORKER, "level": "WARNING", "details": {"action": "go", "deep": [{"a": "ü\n"}]}},
        {"timestamp": NOW, "type": "note", "agent": WORKER, "level": "INFO", "details": "x" * 500},
    ]
    assert lines(path / "DEBUG.jsonl") == [
        {
            "timestamp": NOW,
            "level": "WARNING",
            "agent": WORKER,
            "message": "event analysis_started",
            "details": {"action": "go", "deep": [{"a": "ü\n"}]},
        },
        {"timestamp": NOW, "level": "INFO", "agent": WORKER, "message": "y" * 1000},
    ]
    assert log.save_analysis("# a\n") == path / "notes/devops_notes.md"
    assert log.save_json({"a": 1}) == path / "workers/json/devops_response.json"
    assert lines(path / "DEBUG.jsonl")[-1]["details"] == {"path": "workers/json/devops_response.json", "bytes": 13, "lines": 3}
    WorkerLogger(path / "nowhere", WORKER).log_event("note", {})
    assert "EVENTS.jsonl cannot be written" in capsys.readouterr().err


def test_torn_line_of_another_writer_is_ended(path: Path) -> None:
    (path / "EVENTS.jsonl").write_text('{"type": "torn')
    WorkerLogger(path, WORKER, clock=noon).log_event("note", {})
    assert (path / "EVENTS.jsonl").read_text().split("\n")[0] == '{"type": "torn'
    assert compliance.check(path).problems == ("EVENTS.jsonl line 1 is no JSON object",)


def _append(path: str, number: int) -> None:
    os.fsync = lambda _: None  # type: ignore[assignment]  # what is asked here is order, not the disk
    log = WorkerLogger(path, f"w{number}-worker")
    for count in range(200):
        log.log_event("note", {"number": count, "filling": "x" * (count * 7 % 900)})
        if count % 20 == 0:
            files.update_json(Path(path) / "SESSION.json", lambda old: old | {"count": old.get("count", 0) + 1})


def test_many_processes_lose_and_tear_nothing(path: Path) -> None:
    context = multiprocessing.get_context("fork")
    processes = [context.Process(target=_append, args=(str(path), number)) for number in range(8)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
        assert process.exitcode == 0
    found = lines(path / "EVENTS.jsonl")
    for number in range(8):
        assert [event["details"]["number"] for event in found if event["agent"] == f"w{number}-worker"] == list(range(200))
    assert json.loads((path / "SESSION.json").read_text())["count"] == 80


def test_check_tells_what_is_wrong(path: Path) -> None:
    bad = {"type": "devops_started", "agent": WORKER, "details": {"session_id": ID}}
    (path / "EVENTS.jsonl").write_text(json.dumps({"type": "session_created", "agent": "queen", "details": {}}) + "\n" + json.dumps(bad) + "\n")
    assert compliance.check(path) == compliance.Compliance(
        compliant=False,
        missing_events=("worker_spawned", "session_validated", "worker_configured", "analysis_started", "worker_completed"),
        first_event="devops_started",
        notes_exists=False,
        json_exists=False,
        problems=("an event of type devops_started names the session", "the type devops_started carries the worker's name"),
    )


# -- what came with the project ------------------------------------------------------------------------------------------------------


def outside_of(root: Path) -> dict[str, str]:
    """What lies beside the project, where nothing may ever be written."""
    outside = root.parent / f"{root.name}-outside"
    outside.mkdir(exist_ok=True)
    return {str(place.relative_to(outside)): place.read_text() if place.is_file() else "" for place in sorted(outside.rglob("*"))}


def moved_out(root: Path, name: str) -> None:
    """`name` becomes a link to a folder or file outside of the project with the same content."""
    outside = root.parent / f"{root.name}-outside"
    outside.mkdir()
    (root / name).rename(outside / "it")
    (root / name).symlink_to(outside / "it")


@pytest.mark.parametrize("name", ["Docs", "Docs/hive-mind", "Docs/hive-mind/sessions"])
@pytest.mark.parametrize("wanted", [ID, "2025-11-20-12-00-new"])
def test_sessions_behind_a_link_that_leads_out(root: Path, name: str, wanted: str) -> None:
    moved_out(root, name)
    before = outside_of(root)
    with pytest.raises(SessionError, match="lies outside of"):
        hive_mind.join_or_create(root, wanted, "x")
    with pytest.raises(SessionError, match="lies outside of"):
        session.create(root, "Other")
    assert outside_of(root) == before


def test_sessions_behind_a_link_that_stays(root: Path) -> None:
    (root / "Docs").rename(root / "docs")
    (root / "Docs").symlink_to("docs")
    path = hive_mind.join_or_create(root, ID, "x")
    assert serve(path).exit_code == 0


@pytest.mark.parametrize("name", ["notes", "workers", "workers/json", "workers/notes", "workers/prompts"])
def test_a_folder_that_leads_out_of_the_session(root: Path, path: Path, name: str) -> None:
    moved_out(root, f"{session.SESSIONS}/{ID}/{name}")
    before = outside_of(root)
    with pytest.raises(SessionError, match="lies outside of"):
        hive_mind.join_or_create(root, ID, "x")
    assert serve(path).exit_code == 1
    assert outside_of(root) == before


@pytest.mark.parametrize("name", ["EVENTS.jsonl", "DEBUG.jsonl", "BACKLOG.jsonl", "SESSION.md", "SESSION.json", "STATE.json"])
def test_a_file_that_leads_out_of_the_session(root: Path, path: Path, name: str) -> None:
    moved_out(root, f"{session.SESSIONS}/{ID}/{name}")
    before = outside_of(root)
    with pytest.raises(SessionError, match=rf"{name} is no regular file"):
        hive_mind.join_or_create(root, ID, "x")
    assert serve(path) == hive_mind.Served(exit_code=1, error=f"{path / name} is no regular file.")
    assert outside_of(root) == before


@pytest.mark.parametrize("name", ["EVENTS.jsonl", "SESSION.md", "SESSION.json", "STATE.json"])
def test_a_pipe_is_not_waited_for(path: Path, name: str) -> None:
    (path / name).unlink()
    os.mkfifo(path / name)
    assert serve(path).exit_code == 1
    for call in (lambda: files.read_text(path / name), lambda: files.read_json(path / name), lambda: files.append_line(path / name, {})):
        with pytest.raises(SessionError, match=rf"{name} is no regular file"):
            call()


def test_a_log_that_is_taken_away_while_working(path: Path, tmp_path: Path) -> None:
    def linked(task: str, tell: Callable[[Event], None]) -> RunReport:
        (path / "EVENTS.jsonl").rename(tmp_path / "away")
        (path / "EVENTS.jsonl").symlink_to(tmp_path / "away")
        return fakes.report()

    assert serve(path, linked) == hive_mind.Served(exit_code=1, error=f"{path}/EVENTS.jsonl is no regular file. Next: ls -ld {path}/EVENTS.jsonl")
    assert "deployment_completed" not in (tmp_path / "away").read_text()
    assert json.loads((path / "SESSION.json").read_text())["workers"][WORKER]["status"] == "failed"


def test_outputs_and_drafts_are_not_written_through(path: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    for name in ("notes/devops_notes.md", "workers/json/devops_output.json", f".SESSION.json.{os.getpid()}"):
        (path / name).symlink_to(tmp_path / "mine")
    (path / "workers/prompts/devops-worker.prompt").symlink_to(tmp_path / "mine")
    assert serve(path).exit_code == 0
    assert "prompt_file_read" not in events_of(path)
    assert (tmp_path / "mine").read_text() == "mine"
    assert json.loads((path / "workers/json/devops_output.json").read_text())["status"] == "completed"


def test_states_of_other_workers_stay(path: Path) -> None:
    files.update_json(path / "SESSION.json", lambda old: old | {"workers": {"backend-worker": {"status": "running"}}})
    state.running(path, "t", "rules", noon)
    state.completed(path, status="completed", scores={}, artifacts=[], events=1, clock=noon)
    found = json.loads((path / "SESSION.json").read_text())
    assert found["workers"]["backend-worker"] == {"status": "running"}
    assert found["status"] == "active"


# -- the edges -----------------------------------------------------------------------------------------------------------------------


def run_runner(root: Path, monkeypatch: pytest.MonkeyPatch, run: Callable[..., RunReport], *more: str) -> int:
    monkeypatch.setattr(worker, "work", run)
    return worker.main(["--session", ID, "--task", fakes.TASK, "--model", "rules", "--project-root", str(root), *more])


def test_runner_completed(root: Path, path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_runner(root, monkeypatch, lambda *_: fakes.report()) == 0
    first, mark, rest = capsys.readouterr().out.split("\n", 2)
    assert first == "devops-worker completed: 6 files delivered for docker, kubernetes, github_actions, prometheus, runbooks; 5 of them written now."
    assert mark == "WORKER_OUTPUT_JSON:"
    assert json.loads(rest) == json.loads((path / "workers/json/devops_output.json").read_text())


def test_runner_failed(root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def fails(*_: Any) -> RunReport:
        raise OpsmithError("it is broken.")

    assert run_runner(root, monkeypatch, fails) == 1
    assert capsys.readouterr() == ("", "devops-worker failed: it is broken.\n")
    assert run_runner(root, monkeypatch, fails, "--session", "2025-11-20-12-00-none") == 1
    assert "devops-worker failed: There is no session 2025-11-20-12-00-none in" in capsys.readouterr().err
    assert run_runner(root, monkeypatch, lambda *_: fakes.report("refused")) == 1
    assert capsys.readouterr().out.startswith("devops-worker blocked: Refused: 2 problems")


@pytest.mark.parametrize("arguments", [[], ["--session", ID], ["--session", ID, "--task", "x", "--model", "gpt"]])
def test_runner_wrong_arguments(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        worker.main(arguments)
    assert caught.value.code == 2


def test_runner_as_a_module_without_the_model_extra(root: Path, path: Path) -> None:
    line = [sys.executable, "-m", "agents.pydantic_ai.devops.runner", "--session", ID, "--task", "x"]
    ended = subprocess.run(line, cwd=root, capture_output=True, text=True, check=False, env={"PATH": ""})
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith("devops-worker failed: --model openai:gpt-5 needs")
    assert "--model rules" in ended.stderr
    assert events_of(path)[-1] == "worker_failed"
    assert lines(path / "DEBUG.jsonl")[-1]["level"] == "ERROR"


def events_of(path: Path) -> list[str]:
    return [event["type"] for event in lines(path / "EVENTS.jsonl")]


def test_session_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = argparse.ArgumentParser()
    command.add(line.add_subparsers())

    def run(*arguments: str) -> int:
        options = line.parse_args(["session", *arguments, "--repo", str(tmp_path)])
        return int(options.action(options))

    assert run("new", "Try it") == 0
    made = capsys.readouterr().out.strip()
    assert made.endswith("-try-it")
    assert run("check", made) == 3
    assert "compliant:      no" in capsys.readouterr().out
    hive_mind.serve(tmp_path / session.SESSIONS / made, "t", "rules", delivered)
    assert run("check", made, "--format", "json") == 0
    assert json.loads(capsys.readouterr().out)["compliant"] is True
    assert lines(tmp_path / session.SESSIONS / made / "DEBUG.jsonl")[-1]["level"] == "COMPLIANCE"
