"""Whole runs of the command line, and what came of them."""

from __future__ import annotations

import contextlib
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from opsmith.cli.main import main
from tests.llm.small_app import MODELS


@dataclass(frozen=True)
class Ran:
    """`files` are all deliverables by path, without what opsmith keeps for itself."""

    code: int
    files: dict[str, str]
    report: dict[str, Any]
    errors: str

    @property
    def open_points(self) -> list[str]:
        return list(self.report["open_points"])

    @property
    def joints(self) -> dict[str, str]:
        return {call["joint"]: call["outcome"] for call in self.report["model"]["calls"]}


def ran(repo: Path, out: Path, task: str, *more: str, model: str | None = MODELS["chat"]) -> Ran:
    """`opsmith run` into `out`, as JSON."""
    told, errors = io.StringIO(), io.StringIO()
    chosen = ("--model", model) if model else ()
    with contextlib.redirect_stdout(told), contextlib.redirect_stderr(errors):
        code = main(["run", task, "--repo", str(repo), "--out", str(out), "--format", "json", *chosen, *more])
    return Ran(code, files_of(out), json.loads(told.getvalue() or "{}"), errors.getvalue())


def files_of(folder: Path) -> dict[str, str]:
    found = (path for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else ()
    return {path.relative_to(folder).as_posix(): path.read_text() for path in sorted(found) if ".opsmith" not in path.relative_to(folder).parts}
