"""Assessments that were kept."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from opsmith import encoding
from opsmith.errors import UsageError
from opsmith.model.assessment import Assessment
from opsmith.stages.delivery.places import MAX_STATE, NOTE, OWN, look

FILE = NOTE.removeprefix(f"{OWN}/")
"""In opsmith's own folder: how things were before the last delivery that changed a file."""


def remembered(root: Path) -> Assessment | None:
    """None where nothing was delivered; what came broken with a repository is as good as nothing."""
    if (root / OWN).is_symlink():
        return None
    try:
        seen = look(root / OWN / FILE, limit=MAX_STATE)
        return _decoded(seen.text) if seen.text is not None else None
    except (OSError, ValueError, RecursionError):
        return None


def read(path: Path) -> Assessment:
    """An assessment that the user names."""
    try:
        with path.open("rb") as stream:
            return _decoded(stream.read(MAX_STATE).decode())
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.", next_step="opsmith assess --save FILE") from None
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path} is no assessment of opsmith: {error}.", next_step="opsmith assess --save FILE") from None


def _decoded(text: str) -> Assessment:
    return encoding.from_plain(json.loads(text), Assessment)


def noted(assessment: Assessment) -> dict[str, str]:
    """For `deliver`: without the folder, which is another one on each machine."""
    return {FILE: encoding.to_json(replace(assessment, root=".")) + "\n"}
