"""The command line's part, and what is loaded without it."""

from __future__ import annotations

import contextlib
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from opsmith import errors
from opsmith.cli.main import main
from tests.fake_models import Answer, Call, FakeModels, quiet
from tests.llm.small_app import MODELS
from tests.llm.whole_runs import ran

LOOK = """
import sys
from opsmith.cli.main import main
code = main(sys.argv[1:])
heavy = {"pydantic", "pydantic_ai", "httpx", "httpx2", "openai", "anthropic", "anyio"}
found = sorted(name for name in sys.modules if name.partition(".")[0] in heavy)
sys.stderr.write(f"LOADED {code} {found}")
"""


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "Containerise this", "--dry-run", "--prove", "none"],
        ["plan", "Containerise this"],
        ["interpret", "Containerise this"],
        ["run", "Containerise this", "--dry-run", "--prove", "none", "--model", "test"],
    ],
)
def test_without_a_model_nothing_of_it_is_loaded(arguments: list[str], repo: Path) -> None:
    ended = subprocess.run([sys.executable, "-c", LOOK, *arguments, "--repo", str(repo)], capture_output=True, text=True, check=True)
    assert ended.stderr.endswith("LOADED 0 []")


def test_without_the_extra(repo: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pydantic_ai", None)
    assert main(["interpret", "x", "--repo", str(repo), "--model", "openai:gpt-5"]) == errors.MissingExtra.exit_code
    assert capsys.readouterr().err == (
        "opsmith: --model openai:gpt-5 needs Pydantic AI, which is not installed.\n"
        "  next: pip install 'opsmith[llm]'   (or --model rules, which needs neither an extra nor a key)\n"
    )


@pytest.mark.parametrize(
    ("model", "variable"),
    [("openai:gpt-5", "OPENAI_API_KEY"), ("anthropic:claude-opus-4-5", "ANTHROPIC_API_KEY"), ("google:gemini-3-pro", "GOOGLE_API_KEY")],
)
def test_without_a_key(model: str, variable: str, repo: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GOOGLE_API_KEY", "GEMINI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    assert main(["interpret", "x", "--repo", str(repo), "--model", model]) == errors.MissingExtra.exit_code
    told = capsys.readouterr().err
    assert told.startswith(f"opsmith: --model {model} needs {variable}")
    assert f"export {variable}=" in told


@pytest.mark.parametrize(
    ("model", "code"),
    [("gpt-5", 2), (":x", 2), ("openai:", 2), ("nobody:gpt", 2), ("groq:llama", 10)],
)
def test_names_that_are_no_model_here(model: str, code: int, repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["interpret", "x", "--repo", str(repo), "--model", model]) == code
    assert "--model rules" in capsys.readouterr().err


def test_a_budget_of_money_needs_a_price(models: FakeModels, repo: Path, tmp_path: Path) -> None:
    result = ran(repo, tmp_path / "out", "Containerise this", "--budget-usd", "1", model="openai-chat:made-of-straw")
    assert (result.code, models.requests) == (2, [])
    assert "--price IN/OUT" in result.errors
    priced = ran(
        repo, tmp_path / "out", "Containerise this", "--prove", "none", "--budget-usd", "1", "--price", "2/8", model="openai-chat:made-of-straw"
    )
    assert priced.report["model"]["cost_usd"] == "0.00108"


@pytest.mark.parametrize(
    "arguments",
    [
        ["--budget-requests", "-1"],
        ["--budget-tokens", "x"],
        ["--budget-usd", "0"],
        ["--price", "1"],
        ["--price", "a/b"],
        ["--record", "a", "--replay", "b"],
    ],
)
def test_flags_that_say_nothing(arguments: list[str], repo: Path) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["interpret", "x", "--repo", str(repo), *arguments])
    assert caught.value.code == 2


def test_the_report_tells_what_a_model_did(models: FakeModels, repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    models.script = lambda asked: Answer(text="The system app runs on Kubernetes.") if asked.joint == "narrate" else quiet(asked)
    task = "Containerise this for Kubernetes"
    assert main(["run", task, "--repo", str(repo), "--dry-run", "--prove", "none", "--model", MODELS["chat"], "--price", "1/1"]) == 0
    told = capsys.readouterr().out
    assert told.startswith(
        "In the words of openai-chat:gpt-4o, each figure and name of which stands below\n  The system app runs on Kubernetes.\n\nWould be written"
    )
    assert (
        "openai-chat:gpt-4o, in all 0.00036 US dollars\n"
        "  joint      result  requests  remembered  tokens          US dollars\n"
        "  interpret  used    1         0           100 in, 20 out  0.00012\n"
        "  amend      used    1         0           100 in, 20 out  0.00012\n"
        "  narrate    used    1         0           100 in, 20 out  0.00012\n"
    ) in told


def test_the_budget_is_of_the_whole_run(models: FakeModels, repo: Path, tmp_path: Path) -> None:
    plain = ran(repo, tmp_path / "plain", "Containerise this", "--prove", "none", model=None)
    result = ran(repo, tmp_path / "out", "Containerise this", "--prove", "none", "--budget-requests", "2")
    assert (result.code, result.files, len(models.requests)) == (0, plain.files, 2)
    assert result.joints == {"interpret": "used", "amend": "used", "narrate": "fell_back"}
    assert result.open_points[-1] == "language model, narrate: the budget of 2 requests is spent (--budget-requests); the report has no prose"


def test_the_module_that_others_start(models: FakeModels, repo: Path) -> None:
    from agents.pydantic_ai.devops.agent import work

    report = work(repo, MODELS["chat"], "Containerise this", lambda _: None)
    assert (report.status, models.joints) == ("delivered", ["interpret", "amend", "narrate"])
    assert (repo / "Dockerfile").is_file()


def test_at_a_terminal(models: FakeModels, repo: Path, tmp_path: Path) -> None:
    """Nothing but our own lines; what was under way is written over; the person is asked twice: about their file, and before anything is written."""
    (repo / "ops").mkdir()
    (repo / "ops/smoke.sh").write_text("#!/bin/sh\ncurl $1\n")
    asks = {"path": "ops/smoke.sh", "text": '#!/bin/sh\nset -eu\ncurl "$1"\n', "covers": "scripts", "reason": "quote it"}
    models.script = lambda asked: Call("replace_file", asks) if (asked.joint, asked.turn) == ("author", 0) else quiet(asked)
    task = "Containerise this and write smoke test scripts"
    told = at_terminal([sys.executable, "-m", "opsmith", "run", task, "--repo", str(repo), "--model", MODELS["chat"]], b"y\n")
    assert told.count("[y/N] y") == 2
    assert "The model asks to replace ops/smoke.sh: quote it" in told
    assert (repo / "ops/smoke.sh").read_text() == asks["text"]
    assert not any(word in told.lower() for word in ("logfire", "pydantic", "\x1b"))
    lines = [row.rsplit("\r", 1)[-1].strip() for row in told.replace("\r\n", "\n").split("\n")]
    assert [line.split()[0] for line in lines if " s  " in line][:6] == ["survey", "interpret", "interpret", "draft", "render", "verify"]
    assert any(line.startswith("author") and line.endswith("openai-chat:gpt-4o: 2 requests") for line in lines)


def at_terminal(arguments: list[str], types: bytes) -> str:
    """What a terminal shows of a command whose every question gets the same answer."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(arguments, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True)
    os.close(theirs)
    shown, answered = b"", 0
    with contextlib.suppress(OSError):  # the other end is closed
        while data := os.read(ours, 4096):
            shown += data
            while shown.count(b"[y/N] ") > answered:
                answered += 1
                os.write(ours, types)
    os.close(ours)
    assert process.wait(30) == 0
    return shown.decode()
