"""Asking the real tools, where they are installed."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from opsmith.model.artifact import Artifact
from opsmith.tools import Command, LocalRunner, Result


def written(artifacts: Sequence[Artifact], folder: Path) -> Path:
    for artifact in artifacts:
        path = folder / artifact.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(artifact.text, encoding="utf-8")
    return folder


def ask(tree: Path, tool: str, *arguments: str) -> Result:
    """Skips the test, naming the tool, where it is not installed. actionlint finds shellcheck beside the Python that runs the tests."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    result = LocalRunner(extra_environment={"PATH": path}).run(Command(tool=tool, arguments=arguments), tree)
    if result.missing:
        pytest.skip(f"{tool} is not installed")
    return result


def said(result: Result) -> tuple[int, str]:
    return result.exit_code, (result.stdout + result.stderr).strip()
