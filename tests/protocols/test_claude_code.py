"""`opsmith init claude` and `opsmith hook`."""

from __future__ import annotations

import argparse
import io
import json
import os
import re
import shlex
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from opsmith.cli import hook, init
from opsmith.errors import DeliveryError, OpsmithError, RepositoryError, SettingsError
from opsmith.model.intent import HandOver, Intent
from opsmith.planners import rules
from opsmith.protocols.claude_code import hooks, settings, triggers
from opsmith.protocols.claude_code.agents import AGENTS
from opsmith.protocols.claude_code.install import artifacts
from opsmith.protocols.hive_mind import session
from opsmith.settings import load
from opsmith.stages.survey import survey

FILES = [
    ".claude/agents/devops-architect.md",
    ".claude/agents/devops-engineer.md",
    ".claude/agents/devops-expert.md",
    ".claude/agents/devops-worker-wrapper.md",
    ".claude/agents/devops-worker.md",
    ".claude/agents/pydantic_ai/devops/__init__.py",
    ".claude/agents/pydantic_ai/devops/agent.py",
    ".claude/agents/pydantic_ai/devops/models.py",
    ".claude/agents/pydantic_ai/devops/runner.py",
    ".claude/commands/devops.md",
    ".claude/protocols/coordination_protocol.py",
    ".claude/settings.json",
]
PROMPT = {"type": "command", "command": "command -v opsmith >/dev/null 2>&1 && opsmith hook prompt || exit 0", "timeout": 5}
TOOL = {"type": "command", "command": "command -v opsmith >/dev/null 2>&1 && opsmith hook tool || exit 0", "timeout": 5}
OURS: dict[str, Any] = {
    "UserPromptSubmit": [{"hooks": [PROMPT]}],
    "PreToolUse": [{"matcher": "Write|Edit|MultiEdit|NotebookEdit|Bash", "hooks": [TOOL]}],
}
USERS_HOOKS: dict[str, Any] = {"PreToolUse": [{"matcher": "Bash", "hooks": [{"type": "command", "command": "./mine.sh"}]}], "Stop": [{"hooks": []}]}
USERS: dict[str, Any] = {
    "$schema": "https://json.schemastore.org/claude-code-settings.json",
    "permissions": {"allow": ["Bash(ls:*)"], "deny": []},
    "hooks": USERS_HOOKS,
    "somethingNew": {"ümlaut": [1.5, None, True]},
}


def run(root: Path, *arguments: str) -> int:
    line = argparse.ArgumentParser()
    init.add(line.add_subparsers())
    options = line.parse_args(["init", "claude", "--root", str(root), *arguments])
    return int(options.action(options))


def tree(root: Path) -> dict[str, bytes]:
    return {str(place.relative_to(root)): place.read_bytes() for place in sorted(root.rglob("*")) if place.is_file()}


def users_settings(root: Path, text: str | None = None) -> Path:
    place = root / ".claude/settings.json"
    place.parent.mkdir(exist_ok=True)
    place.write_text(json.dumps(USERS, indent=4, ensure_ascii=False) if text is None else text)
    return place


# -- installing ----------------------------------------------------------------------------------------------------------------------


def test_install_twice_and_uninstall(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "app.py").write_text("x")
    assert run(tmp_path) == 0
    assert capsys.readouterr().out.splitlines()[:-1] == [f"  create     {name}" for name in FILES]
    first = tree(tmp_path)
    assert [name for name in first if name.startswith(".claude")] == FILES
    assert json.loads(first[".claude/settings.json"]) == {"hooks": OURS}
    assert run(tmp_path) == 0
    assert capsys.readouterr().out.splitlines()[:-1] == [f"  unchanged  {name}" for name in FILES]
    assert tree(tmp_path) == first
    assert run(tmp_path, "--uninstall") == 0
    assert capsys.readouterr().out.splitlines() == [f"  removed    {name}" for name in FILES]
    assert sorted(str(place.relative_to(tmp_path)) for place in tmp_path.rglob("*")) == ["app.py"]
    assert run(tmp_path, "--uninstall") == 0
    assert capsys.readouterr().out == "Nothing of opsmith's is installed here.\n"


def test_dry_runs_write_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, "--dry-run") == 0
    assert tree(tmp_path) == {}
    assert capsys.readouterr().out.splitlines()[-1] == "Nothing was written: --dry-run."
    run(tmp_path)
    before = tree(tmp_path)
    assert run(tmp_path, "--uninstall", "--dry-run") == 0
    assert tree(tmp_path) == before


def test_settings_of_the_user_are_merged_and_come_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = users_settings(tmp_path)
    before = place.read_bytes()
    run(tmp_path)
    assert "  merge      .claude/settings.json" in capsys.readouterr().out
    merged = json.loads(place.read_text())
    assert merged == USERS | {"hooks": {"PreToolUse": [*USERS_HOOKS["PreToolUse"], *OURS["PreToolUse"]], "Stop": USERS_HOOKS["Stop"],
                                        "UserPromptSubmit": OURS["UserPromptSubmit"]}}  # fmt: skip
    assert list(merged) == list(USERS)
    assert '\n    "permissions"' in place.read_text()
    again = place.read_bytes()
    run(tmp_path)
    assert place.read_bytes() == again
    run(tmp_path, "--uninstall")
    assert place.read_bytes() == before


def test_an_edited_agent_is_kept_and_ours_lies_beside(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    run(tmp_path)
    place = tmp_path / ".claude/commands/devops.md"
    mine = place.read_text().replace("The task: $ARGUMENTS", "My own task: $ARGUMENTS")
    place.write_text(mine)
    run(tmp_path)
    assert place.read_text() == mine
    newer = init_text("commands/devops.md").replace("The task: $ARGUMENTS", "A newer task: $ARGUMENTS")

    def text(name: str) -> str:
        return newer if name == "commands/devops.md" else init_text(name)

    monkeypatch.setattr("opsmith.protocols.claude_code.install._text", text)
    capsys.readouterr()
    run(tmp_path)
    assert place.read_text() == mine
    assert place.with_name("devops.md.opsmith.new").read_text() == newer
    beside = ".claude/commands/devops.md: your edit is kept; ours is .claude/commands/devops.md.opsmith.new"
    assert f"  conflict   {beside}" in capsys.readouterr().out
    run(tmp_path, "--uninstall")
    assert list(tree(tmp_path)) == [".claude/commands/devops.md"]
    assert place.read_text() == mine


def init_text(name: str) -> str:
    return (Path(settings.__file__).parent / "files" / name).read_text()


def test_a_foreign_agent_is_not_overwritten(tmp_path: Path) -> None:
    place = tmp_path / ".claude/agents/devops-engineer.md"
    place.parent.mkdir(parents=True)
    place.write_text("mine")
    run(tmp_path)
    assert place.read_text() == "mine"
    assert place.with_name("devops-engineer.md.opsmith.new").is_file()
    run(tmp_path, "--uninstall")
    assert tree(tmp_path) == {".claude/agents/devops-engineer.md": b"mine"}


def test_settings_that_were_edited_since_lose_only_our_hooks(tmp_path: Path) -> None:
    run(tmp_path)
    place = tmp_path / ".claude/settings.json"
    place.write_text(json.dumps(json.loads(place.read_text()) | {"model": "opus"}))
    run(tmp_path, "--uninstall")
    assert tree(tmp_path) == {".claude/settings.json": b'{"model": "opus"}'}


def test_settings_that_were_taken_away_come_back_when_asked_for(tmp_path: Path) -> None:
    run(tmp_path)
    (tmp_path / ".claude/settings.json").unlink()
    run(tmp_path)
    assert json.loads((tmp_path / ".claude/settings.json").read_text()) == {"hooks": OURS}


def test_an_empty_object_stays_one(tmp_path: Path) -> None:
    place = users_settings(tmp_path, "{}\n")
    run(tmp_path)
    run(tmp_path, "--uninstall")
    assert place.read_text() == "{}\n"


@pytest.mark.parametrize(
    ("text", "how"),
    [
        ('{"a": 1,', "it is no JSON"),
        ('{\n  // mine\n  "a": 1\n}', "it has comments, which JSON does not have"),
        ("[]", "it holds no object"),
        ('{"hooks": []}', 'its "hooks" are no object'),
        ('{"hooks": {"PreToolUse": {"matcher": "x"}}}', 'its "hooks" for PreToolUse are not what Claude Code reads'),
        ('{"hooks": {"UserPromptSubmit": [1]}}', 'its "hooks" for UserPromptSubmit are not what Claude Code reads'),
        ('{"hooks": {"PreToolUse": [{"hooks": "x"}]}}', 'its "hooks" for PreToolUse are not what Claude Code reads'),
        ('{"a": 1, "a": 2}', "a key stands twice in one object"),
        ("[" * 5000, "it is no JSON"),
    ],
)
@pytest.mark.parametrize("how_called", [(), ("--dry-run",), ("--uninstall",)])
def test_settings_that_cannot_be_merged(tmp_path: Path, text: str, how: str, how_called: tuple[str, ...]) -> None:
    users_settings(tmp_path, text)
    with pytest.raises(SettingsError, match=re.escape(how)):
        run(tmp_path, *how_called)
    assert tree(tmp_path) == {".claude/settings.json": text.encode()}


def test_settings_that_break_later_keep_everything(tmp_path: Path) -> None:
    run(tmp_path)
    (tmp_path / ".claude/settings.json").write_text("{")
    before = tree(tmp_path)
    for arguments in ((), ("--uninstall",)):
        with pytest.raises(SettingsError):
            run(tmp_path, *arguments)
        assert tree(tmp_path) == before


def test_links_are_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside.json"
    outside.write_text("{}")
    root = tmp_path / "project"
    (root / ".claude").mkdir(parents=True)
    (root / ".claude/settings.json").symlink_to(outside)
    with pytest.raises(DeliveryError, match="no text file of its own"):
        run(root)
    (root / ".claude/settings.json").unlink()
    (root / ".claude").rmdir()
    (tmp_path / "elsewhere").mkdir()
    (root / ".claude").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OpsmithError, match="is a link that leaves"):
        run(root)
    assert outside.read_text() == "{}"
    assert tree(tmp_path / "elsewhere") == {}
    with pytest.raises(RepositoryError, match="is no folder"):
        run(tmp_path / "none")


def test_an_uninstall_that_was_cut_off_goes_on(tmp_path: Path) -> None:
    run(tmp_path)
    for name in FILES[:6]:
        (tmp_path / name).unlink()
    run(tmp_path, "--uninstall")
    assert [place for place in tmp_path.rglob("*") if place.is_file()] == []


def test_what_was_delivered_for_others_stays(tmp_path: Path) -> None:
    from opsmith.model.artifact import Artifact
    from opsmith.stages.deliver import deliver

    deliver([Artifact(path="Dockerfile", text="FROM scratch\n", target="docker")], {}, tmp_path)
    before = tree(tmp_path)
    run(tmp_path)
    run(tmp_path, "--uninstall")
    assert tree(tmp_path) == before


def test_a_state_that_came_with_the_repository_takes_nothing_else_away(tmp_path: Path) -> None:
    from opsmith.model.artifact import Artifact
    from opsmith.stages.deliver import deliver

    deliver([Artifact(path="src/main.py", text="x = 1\n", target="claude_code")], {}, tmp_path)
    run(tmp_path, "--uninstall")
    assert (tmp_path / "src/main.py").read_text() == "x = 1\n"


def test_the_installed_program_is_the_one_of_the_package() -> None:
    package = Path(settings.__file__).parents[3] / "agents/pydantic_ai/devops"
    installed = {artifact.path.rpartition("/")[2]: artifact.text for artifact in artifacts()}
    for name in ("agent.py", "runner.py"):
        assert installed[name] == (package / name).read_text()


def test_agents_are_no_components(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("x")
    run(tmp_path)
    assert survey(tmp_path, load(tmp_path, {})).components == ()


def test_front_matter_is_the_protocols() -> None:
    import yaml

    heads = {name: yaml.safe_load(init_text(f"agents/{name}.md").split("---\n")[1]) for name in AGENTS}
    assert {name: head["name"] for name, head in heads.items()} == {name: name for name in AGENTS}
    assert all(50 < len(head["description"]) < 600 for head in heads.values())
    capabilities = ["infrastructure_deployment", "ci_cd_automation", "monitoring_setup", "containerization", "cloud_orchestration"]
    assert heads["devops-worker-wrapper"] | {"description": ""} == {
        "name": "devops-worker-wrapper", "type": "worker", "role": "devops", "priority": "high", "model": "sonnet", "color": "purple",
        "capabilities": capabilities, "description": "",
    }  # fmt: skip
    assert heads["devops-worker"]["tools"] == ["Bash", "Read", "Write", "Edit", "Grep", "mcp__serena__search_for_pattern"]
    assert heads["devops-worker"]["protocols"] == [
        "startup_protocol", "logging_protocol", "monitoring_protocol", "completion_protocol", "worker_prompt_protocol", "coordination_protocol",
    ]  # fmt: skip
    assert heads["devops-expert"]["tools"] == "Read, Write, LS, Bash"
    assert (heads["devops-engineer"]["model"], heads["devops-engineer"]["color"]) == ("claude-sonnet-4-5", "cyan")
    assert heads["devops-engineer"]["coordination"] == {
        "hands_off_to": ["security-auditor", "performance-optimizer", "technical-writer"],
        "receives_from": ["project-manager", "code-architect", "backend-specialist", "database-specialist"],
        "parallel_with": ["security-auditor", "backend-specialist", "test-engineer"],
    }


def test_agents_name_only_commands_and_options_that_are_there() -> None:
    from opsmith.cli.main import parser

    texts = [init_text(f"agents/{name}.md") for name in AGENTS] + [init_text("commands/devops.md")]
    found = {line for text in texts for line in re.findall(r"`opsmith ([a-z][^`]*)`", text)}
    assert len(found) > 15
    for line in sorted(found):
        words = shlex.split(line)
        try:
            parser().parse_args([*words, *(["--session", "x"] if words == ["worker"] else [])])
        except SystemExit as error:
            raise AssertionError(line) from error


def test_the_installed_runner_runs(tmp_path: Path) -> None:
    """As a session's caller starts it, from .claude; a module that lies beside it is not taken for one of Python's."""
    run(tmp_path)
    (tmp_path / "README.md").write_text("x")
    (tmp_path / ".claude/json.py").write_text("raise SystemExit('hijacked')\n")
    name = session.create(tmp_path, "Shop").name
    line = [sys.executable, "-m", "agents.pydantic_ai.devops.runner", "--session", name, "--task", "Containerise this", "--model", "rules"]
    source = str(Path(settings.__file__).parents[3])
    ended = subprocess.run(line, cwd=tmp_path / ".claude", capture_output=True, text=True, check=False, env={"PATH": "", "PYTHONPATH": source})
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith("devops-worker failed: Nothing that runs was recognised in ")
    (tmp_path / ".claude/json.py").unlink()
    shown = "import agents.pydantic_ai.devops.models as m; print(m.__file__, m.DevOpsOutput.__name__)"
    told = subprocess.run(
        [sys.executable, "-c", shown], cwd=tmp_path / ".claude", capture_output=True, text=True, check=True, env={"PYTHONPATH": source}
    )
    assert told.stdout == f"{tmp_path}/.claude/agents/pydantic_ai/devops/models.py DevOpsOutput\n"
    run(tmp_path, "--uninstall")
    assert not (tmp_path / ".claude/agents").exists()


# -- the hooks -----------------------------------------------------------------------------------------------------------------------


def never(task: str) -> Intent:
    raise AssertionError(task)


def context(answer: dict[str, Any] | None, event: str) -> str:
    assert answer is not None
    assert list(answer) == ["hookSpecificOutput"]
    assert list(answer["hookSpecificOutput"]) == ["hookEventName", "additionalContext"]
    assert answer["hookSpecificOutput"]["hookEventName"] == event
    return str(answer["hookSpecificOutput"]["additionalContext"])


def test_prompt_answer() -> None:
    answer = hooks.prompt({"prompt": "Deploy it to Kubernetes. Session ID: 2025-11-20-12-00-shop", "hook_event_name": "UserPromptSubmit"}, never)
    assert context(answer, "UserPromptSubmit") == (
        'This reads as DevOps work ("deploy", "kubernetes"). opsmith is this project\'s DevOps worker: it surveys the repository, plans, renders the '
        "files, has real tools prove them, and writes only after --yes.\n"
        'Hand it to the agent devops-engineer, or look first: opsmith run "TASK" --repo . --dry-run --format json\n'
        "The prompt names session 2025-11-20-12-00-shop: hand it to the agent devops-worker, which reports into that session."
    )


def test_parts_for_others_are_told() -> None:
    def read(task: str) -> Intent:
        return Intent(kind="deliver", out_of_scope=(HandOver(words="redesign\nthe page", hand_to="frontend-developer"),))

    text = context(hooks.prompt({"prompt": "Deploy it and redesign the page"}, read), "UserPromptSubmit")
    assert text.splitlines()[-1] == 'Not part of it: "redesign the page", which is for frontend-developer.'


@pytest.mark.parametrize(
    "prompt",
    [
        "Set up a CI/CD pipeline",
        "Containerise the api",
        "Our Dockerfile builds slowly, speed it up",
        "Provision a VPC with Terraform",
        "scale the cluster to 10 nodes",
        "Roll back checkout on staging",
    ],
)
def test_ours_by_the_words_alone(prompt: str) -> None:
    assert triggers.of_prompt(prompt, never) is not None


@pytest.mark.parametrize(
    ("prompt", "ours"),
    [
        ("Fix the bug in the date picker", False),
        ("Write a data pipeline in pandas", False),
        ("Design the database schema for orders", False),
        ("Review the security of auth.py", False),
        ("what is docker?", False),
        ("Write a blog post on how we moved to Kubernetes.", False),
        ("make the modal use the production color palette", False),
        ("Write a runbook for the outage of checkout", True),
        ("Add a liveness endpoint check to the Kubernetes deployment of api", True),
    ],
)
def test_ours_where_the_words_leave_it_open(prompt: str, ours: bool) -> None:
    assert (triggers.of_prompt(prompt, rules.interpret) is not None) is ours


def test_most_tasks_of_the_corpus_are_found_without_reading_them() -> None:
    tasks = json.loads((Path(__file__).parents[1] / "planners/tasks.json").read_text())
    work = [task["task"] for task in tasks if task["expect"].get("kind") not in (None, "none")]
    asked: list[str] = []

    def read(task: str) -> Intent:
        asked.append(task)
        return rules.interpret(task)

    found = [triggers.of_prompt(task, read) for task in work]
    assert sum(one is None for one in found) <= len(work) * 0.02
    assert len(asked) <= len(work) * 0.25


@pytest.mark.parametrize(
    "data",
    [
        {"prompt": "/devops deploy it"},
        {"prompt": "Deploy it", "agent_type": "devops-engineer"},
        {"prompt": 5},
        {},
        {"prompt": "Hello"},
    ],
)
def test_prompts_without_an_answer(data: dict[str, Any]) -> None:
    assert hooks.prompt(data, never) is None


@pytest.mark.parametrize(
    ("path", "text", "ours"),
    [
        ("/p/Dockerfile", "", True),
        ("/p/api/Dockerfile.prod", "", True),
        ("docker-compose.override.yml", "", True),
        ("/p/.github/workflows/ci.yml", "", True),
        ("/p/infra/main.tf", "", True),
        ("/p/Jenkinsfile", "", True),
        ("/p/k8s/base/api.yaml", "", True),
        ("/p/app.yaml", "apiVersion: v1\nkind: Service\n", True),
        ("/p/app.yaml", "openapi: 3.0.0\n", False),
        ("/p/.github/ISSUE_TEMPLATE/bug.yml", "", False),
        ("/p/src/docker.py", "apiVersion: v1", False),
        ("/p/README.md", "", False),
    ],
)
def test_files(path: str, text: str, ours: bool) -> None:
    assert triggers.of_file(path, text) is ours


@pytest.mark.parametrize(
    ("command", "found"),
    [
        ("cd k8s && kubectl --context prod apply -f .", "kubectl --context prod apply"),
        ("helm upgrade --install api ./chart", "helm upgrade"),
        ("terraform  apply -auto-approve", "terraform apply"),
        ("kubectl get pods", None),
        ("terraform plan", None),
        ("ls", None),
    ],
)
def test_commands(command: str, found: str | None) -> None:
    assert triggers.of_command(command) == found


def test_tool_answers() -> None:
    write = {"tool_name": "Write", "tool_input": {"file_path": "/p/Dockerfile", "content": "FROM x"}}
    assert context(hooks.tool(write), "PreToolUse") == (
        '"Dockerfile" is a deployment file. Where opsmith delivered it, opsmith explain FILE:LINE tells what each line comes from, and the next '
        "opsmith run merges with an edit. Afterwards have it proved: opsmith verify ."
    )
    bash = {"tool_name": "Bash", "tool_input": {"command": "kubectl apply -f x"}}
    assert context(hooks.tool(bash), "PreToolUse") == (
        "kubectl apply changes what is running. Prove the files first: opsmith verify . (exit code 0: nothing was refuted; 3: a tool refuted a file)."
    )
    assert hooks.tool(write | {"agent_type": "devops-worker"}) is None
    assert hooks.tool({"tool_name": "Edit", "tool_input": {"file_path": "/p/a.py", "new_string": "x"}}) is None
    assert hooks.tool({"tool_name": "Bash", "tool_input": None}) is None


class Input:
    def __init__(self, data: bytes) -> None:
        self.buffer = io.BytesIO(data)


@pytest.mark.parametrize(
    ("what", "data", "note"),
    [
        ("prompt", b"{", "JSONDecodeError"),
        ("prompt", b"[1]", "TypeError: the input is no JSON object"),
        ("prompt", b'{"a":' * 5000, "RecursionError"),
        ("nonsense", b"{}", "ValueError: 'nonsense' is neither prompt nor tool"),
        ("", b"{}", "ValueError: '' is neither prompt nor tool"),
        ("tool", b"\xff\xfe", "Error"),
    ],
)
def test_a_hook_never_fails(what: str, data: bytes, note: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", Input(data))
    assert hook.action(argparse.Namespace(what=what.split())) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("opsmith hook: ")
    assert note in err


def test_a_hook_as_claude_code_calls_it_is_quick() -> None:
    """CPU seconds, as other processes may be in the way."""
    line = [sys.executable, "-m", "opsmith", "hook", "prompt"]
    data = json.dumps({"session_id": "x", "cwd": "/", "hook_event_name": "UserPromptSubmit", "prompt": "Deploy this to Kubernetes"})
    environment = os.environ | {"PYTHONPATH": str(Path(settings.__file__).parents[3])}
    used: list[float] = []
    for _ in range(3):
        before = os.times()
        ended = subprocess.run(line, input=data, capture_output=True, text=True, check=False, env=environment)
        after = os.times()
        used.append(after.children_user + after.children_system - before.children_user - before.children_system)
        assert (ended.returncode, ended.stderr) == (0, "")
        assert json.loads(ended.stdout)["hookSpecificOutput"]["hookEventName"] == "UserPromptSubmit"
    assert min(used) < 0.15


def test_the_installed_command_is_silent_without_opsmith(tmp_path: Path) -> None:
    began = time.monotonic()
    ended = subprocess.run(
        ["/bin/sh", "-c", settings.command("prompt")], input="{}", capture_output=True, text=True, check=False, env={"PATH": str(tmp_path)}
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
    assert time.monotonic() - began < 5
