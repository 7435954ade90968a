"""Scala built by sbt: Play, http4s, tapir, Akka and Pekko HTTP, ZIO HTTP, Finatra, Cask and plain programs."""

from __future__ import annotations

from collections.abc import Iterable

from opsmith.model.survey import Component
from opsmith.repo import Repo

NAME = "scala"


def detect(repo: Repo) -> Iterable[Component]:
    if not repo.named("build.sbt"):
        return ()
    from opsmith.detectors.scala.components import components  # other repositories do without loading it

    return components(repo)
