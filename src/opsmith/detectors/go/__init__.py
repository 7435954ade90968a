"""Go: every main package that somebody deploys, found by following what it imports and where it listens."""

from __future__ import annotations

from collections.abc import Iterable

from opsmith.model.survey import Component
from opsmith.repo import Repo

NAME = "go"


def detect(repo: Repo) -> Iterable[Component]:
    if not any(path.endswith(".go") for path in repo.files):
        return ()
    from opsmith.detectors.go.components import components  # other repositories do without loading it

    return components(repo)
