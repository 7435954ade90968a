"""The commands as another agent calls them, on a small repository and with the real spine."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from opsmith.cli.main import main

APP = "from flask import Flask\n\napp = Flask(__name__)\n\n\n@app.get('/health')\ndef health():\n    return 'ok'\n"
TASK = "Containerise the app with a Dockerfile"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "app.py").write_text(APP)
    (tmp_path / "requirements.txt").write_text("flask==3.1.0\n")
    issue = tmp_path / "pm/issues/007-ship"
    issue.mkdir(parents=True)
    (issue / "TASK.md").write_text("# 007: Ship\n")
    (tmp_path / ".claude/tasks").mkdir(parents=True)
    (tmp_path / ".claude/task.md").write_text(f"# Task: {TASK}\n\n## Acceptance Criteria\n- [ ] docker-compose.yml\n")
    return tmp_path


def test_worklog_run_show_check(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call = ["worklog", "run", "--issue", "TASK-007", TASK, "--repo", str(root), "--prove", "none", "--format", "json"]
    assert main([*call, "--dry-run"]) == 0
    dry = json.loads(capsys.readouterr().out)
    log = root / "pm/issues/007-ship/WORKLOG.md"
    assert (dry["status"], dry["written"], dry["entry"]["kind"], log.exists()) == ("planned", False, "handoff", False)
    assert main([*call, "--write"]) == 0
    done = json.loads(capsys.readouterr().out)
    assert (done["status"], done["written"], done["file"], (root / "Dockerfile").is_file()) == ("delivered", True, str(log), True)
    assert re.match(r"## \d{4}-\d\d-\d\d \d\d:\d\d - \[AUTHOR: devops-engineer\] → \[NEXT: [a-z-]+\]\n", done["text"])
    assert log.read_text() == f"# WORKLOG: 007 Ship\n\n## Phase Commits\n\n---\n\n{done['text']}"
    assert main(["worklog", "show", "--issue", "7", "--repo", str(root), "--format", "json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert list(shown) == ["version", "issue", "file", "title", "phase_commits", "entries"]
    assert shown["entries"] == [done["entry"]]
    assert main(["worklog", "show", "--issue", "7", "--repo", str(root), "--last", "1"]) == 0
    assert done["text"] in capsys.readouterr().out
    assert main(["worklog", "check", str(log)]) == 0
    assert capsys.readouterr().out == f"{log}: keeps the format\n"
    log.write_text(log.read_text().replace("[AUTHOR: devops-engineer]", "me"))
    assert main(["worklog", "check", str(log)]) == 3
    assert capsys.readouterr().out == f"{log}:7: problem: author: the author stands as [AUTHOR: name], a person as @name\n"


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["run", "--issue", "8", TASK, "--write"], 1, "No issue '8' below"),
        (["run", "--issue", "7", TASK], 8, "Nobody can be asked whether to write: this is no terminal."),
        (["run", "--issue", "7", TASK, "--dry-run", "--phase", "1.1"], 2, "The plan of 007-ship has no step 1.1."),
        (["show", "--issue", "7"], 1, "WORKLOG.md does not exist."),
        (["show", "--issue", "7", "--last", "0"], 2, "--last 0 shows nothing."),
    ],
)
def test_worklog_mistakes(root: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, told: str) -> None:
    assert main(["worklog", *arguments, "--repo", str(root)]) == code
    error = capsys.readouterr().err
    assert told in error
    assert "  next: " in error


def test_claude_md_stops_a_run(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (root / "CLAUDE.md").write_text("- Never create a `Dockerfile` or touch `*.md`.\n- do not edit `./Dockerfile*`\n")
    assert main(["worklog", "run", "--issue", "7", TASK, "--repo", str(root), "--prove", "none", "--write"]) == 3
    assert "Dockerfile: CLAUDE.md:1 forbids to touch Dockerfile. Nothing was written." in capsys.readouterr().err
    assert not (root / "Dockerfile").exists()


def test_architect_run(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call = ["architect", "run", "--root", str(root), "--format", "json"]
    assert main([*call, "--prove", "none"]) == 1
    assert "context_session_1.md does not exist." in capsys.readouterr().err
    assert not (root / ".claude/work.md").exists()
    assert main([*call, "--prove", "none", "--init"]) == 3
    report = json.loads(capsys.readouterr().out)
    assert list(report) == ["agent", "task", "checked_at", "mode", "overall", "results"]
    assert (report["overall"], report["results"][0]["status"]) == ("FAIL", "FAIL")
    assert (root / "Dockerfile").exists() is False
    assert "#### `Dockerfile`\n\n```dockerfile\n" in (root / ".claude/work.md").read_text()


def test_architect_write(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (root / ".claude/task.md").write_text(f"# Task: {TASK}\n")
    main(["architect", "run", "--root", str(root), "--init", "--write", "--mode", "permissive"])
    assert "Written: .claude/work.md and the Write Zone" in capsys.readouterr().out
    assert (root / "Dockerfile").read_text() in (root / ".claude/work.md").read_text()
    assert "| Dockerfile | docker | written |" in (root / ".claude/work.md").read_text()
