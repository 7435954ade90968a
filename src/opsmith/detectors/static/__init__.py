"""Sites that end as files without Node."""

from __future__ import annotations

from collections.abc import Iterable

from opsmith.model.survey import Component
from opsmith.repo import Repo

NAME = "static"


def detect(repo: Repo) -> Iterable[Component]:
    return ()
