"""What is put into a project for Claude Code, as artifacts: delivered, merged and remembered like every other."""

from __future__ import annotations

from pathlib import Path

from opsmith.model.artifact import Artifact
from opsmith.protocols.claude_code.agents import AGENTS

TARGET = "claude_code"
FOLDER = ".claude"
_FILES = Path(__file__).parent / "files"
_PACKAGE = ".claude/agents/pydantic_ai/devops"

_INIT = '''\
"""The DevOps worker at the module path that hive-mind sessions start; the work is done by opsmith, which has to be installed."""

import sys

if sys.argv[:1] == ["-m"] and not sys.flags.safe_path:
    del sys.path[0]  # `python -m` starts in this folder: no other module is imported from here
'''
_RUNNER = '''\
"""python -m agents.pydantic_ai.devops.runner --session ID --task TEXT [--model NAME]"""

from opsmith.cli.worker import main

__all__ = ["main"]

if __name__ == "__main__":
    raise SystemExit(main())
'''
_AGENT = '''\
"""The worker's core: one task on one project, and its result by the wrapper's schema."""

from opsmith.cli.worker import validated, work

__all__ = ["validated", "work"]
'''
_MODELS = '''\
"""DevOpsOutput, the wrapper's schema."""

from opsmith.protocols.hive_mind.models import *
'''
_COORDINATION = '''\
"""WorkerLogger(session_path, worker_name) with log_event, log_debug, save_analysis and save_json."""

from opsmith.protocols.hive_mind.logger import WorkerLogger

__all__ = ["WorkerLogger"]
'''


def artifacts() -> tuple[Artifact, ...]:
    texts = {f".claude/agents/{name}.md": _text(f"agents/{name}.md") for name in AGENTS}
    texts |= {
        ".claude/commands/devops.md": _text("commands/devops.md"),
        ".claude/protocols/coordination_protocol.py": _COORDINATION,
        f"{_PACKAGE}/__init__.py": _INIT,
        f"{_PACKAGE}/agent.py": _AGENT,
        f"{_PACKAGE}/models.py": _MODELS,
        f"{_PACKAGE}/runner.py": _RUNNER,
    }
    return tuple(made(path, text) for path, text in texts.items())


def made(path: str, text: str) -> Artifact:
    return Artifact(path=path, text=text, target=TARGET)


def _text(name: str) -> str:
    return (_FILES / name).read_text(encoding="utf-8")
