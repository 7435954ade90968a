"""The workflow as data, and one of its scripts as a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from opsmith import conventions
from opsmith.model.blueprint import Blueprint
from opsmith.targets import github_actions


def uses(name: str) -> str:
    return conventions.action(name).uses


def workflow(blueprint: Blueprint) -> Any:
    return yaml.safe_load(github_actions.render(blueprint)[0].text)


def script(blueprint: Blueprint, job: str, title: str) -> str:
    return next(str(step["run"]) for step in workflow(blueprint)["jobs"][job]["steps"] if step["name"] == title)


def program(folder: Path, name: str, text: str) -> None:
    """A stand-in, found first on PATH when `folder` is."""
    (folder / name).write_text(text, encoding="utf-8")
    (folder / name).chmod(0o755)
