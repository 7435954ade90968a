"""What a detector is: a module that sees every deployable of one stack."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from opsmith.model.survey import Component
from opsmith.repo import Repo


class Detector(Protocol):
    NAME: str

    def detect(self, repo: Repo) -> Iterable[Component]:
        """Every deployable of this stack, each fact with its evidence. Reads only; what cannot be known is None, empty or an ambiguity."""
        ...
