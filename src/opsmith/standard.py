"""What a standard is, and what a variant of a layer has: a module with the standards of one layer of operations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from opsmith.model.assessment import Judgement
from opsmith.model.estate import Estate

TEAM = "operations standards"
"""Stated by operations teams for their own work, e.g. "build time under 10 minutes"; `docs/standards.md` has them with their words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standard:
    """`id` is `layer/name` and never changes. `weight`: 3 = an outage or a breach waits here, 2 = it costs dearly one day, 1 = good practice."""

    id: str
    summary: str
    source: str
    weight: int
    judge: Callable[[Estate], Judgement]


class Layer(Protocol):
    NAME: str
    TITLE: str
    STANDARDS: tuple[Standard, ...]
    """In the order in which they are shown."""
