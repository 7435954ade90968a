"""From files of a repository to the files of one target, by the stages that a run takes."""

from __future__ import annotations

import re
from pathlib import Path

from opsmith import settings
from opsmith.model.blueprint import Blueprint
from opsmith.planners import rules
from opsmith.stages.draft import draft
from opsmith.stages.interpret import interpret
from opsmith.stages.survey import survey
from opsmith.targets import docker


def drafted(folder: Path, files: dict[str, str], task: str = "Containerise this with GitHub Actions CI") -> Blueprint:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    loaded = settings.load(folder)
    return draft(survey(folder, loaded), interpret(task, rules), loaded)


def dockerfiles(blueprint: Blueprint) -> dict[str, str]:
    """By path, the digests of the images left out: they change with every renewal of the pins."""
    return {item.path: re.sub(r"@sha256:[0-9a-f]{64}", "", item.text) for item in docker.render(blueprint) if "Dockerfile" in item.path}
