"""Encodings for a terminal."""

from __future__ import annotations

from opsmith.model.survey import Survey


def survey(result: Survey) -> str:
    return "\n".join(component.name for component in result.components)
