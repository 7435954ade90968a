"""What a target is: a module that turns the blueprint into files of one kind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from opsmith.model.artifact import Artifact
from opsmith.model.blueprint import Blueprint


class Target(Protocol):
    NAME: str

    def wanted(self, blueprint: Blueprint) -> bool:
        """Whether the blueprint asks for it."""
        ...

    def render(self, blueprint: Blueprint) -> Sequence[Artifact]:
        """The files. Pure: the same blueprint gives the same bytes."""
        ...
