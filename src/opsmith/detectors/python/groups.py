"""Dependency groups of a pyproject.toml without `[project]`: there a group is the only place that can say what runs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from opsmith.shapes import table

_RUNTIME = ("main", "prod", "production", "server", "app", "runtime", "base", "default")


@dataclass(frozen=True, slots=True)
class Groups:
    """`main` lists what runs; `tests` bring the test runner and linters beside it. Both are empty where something else lists what runs."""

    main: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()


def groups(document: Mapping[str, Any], development: re.Pattern[str]) -> Groups:
    if {"project", "build-system"} & set(document) or "poetry" in table(document.get("tool")):
        return Groups()
    found = [name for name in table(document.get("dependency-groups")) if re.fullmatch(r"\w[\w.-]*", name)]
    main = tuple(name for name in _RUNTIME if name in found)
    return Groups(main, tuple(name for name in found if development.search(name) and name not in main)) if main else Groups()
