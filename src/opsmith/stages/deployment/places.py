"""Folders, and files that are about something else than the running system."""

from __future__ import annotations

import re

_ASIDE = re.compile(
    r"(?i)(?:^|[/._-])(?:dev|develop|development|devcontainer|tests?|testing|e2e|ci|local|debug|examples?|samples?|docs?|bench|cypress|playwright|override)(?:[/._-]|$)"
)


def is_aside(path: str) -> bool:
    """For development, tests or as an example: it does not say how the system runs."""
    return _ASIDE.search(path) is not None


def is_within(path: str, folder: str) -> bool:
    return not folder or path == folder or path.startswith(f"{folder}/")
