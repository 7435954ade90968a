from __future__ import annotations

from collections.abc import Iterable

from opsmith.model.survey import Component
from opsmith.repo import Repo

NAME = "node"


def detect(repo: Repo) -> Iterable[Component]:
    return ()
