"""Clojure: Leiningen and tools.deps projects whose main namespace serves or works, read as data and never evaluated."""

from __future__ import annotations

from collections.abc import Iterable

from opsmith.model.survey import Component
from opsmith.repo import Repo

NAME = "clojure"


def detect(repo: Repo) -> Iterable[Component]:
    if not repo.named("project.clj", "deps.edn"):
        return ()
    from opsmith.detectors.clojure.components import components  # other repositories do without loading it

    return components(repo)
