from __future__ import annotations

from collections.abc import Iterable

from opsmith.model.survey import Component
from opsmith.repo import Repo

NAME = "python"


def detect(repo: Repo) -> Iterable[Component]:
    return ()
