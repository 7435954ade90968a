"""Rust: every binary of a Cargo package or workspace that somebody deploys, found by following its modules and where it listens."""

from __future__ import annotations

from collections.abc import Iterable

from opsmith.model.survey import Component
from opsmith.repo import Repo

NAME = "rust"


def detect(repo: Repo) -> Iterable[Component]:
    if not repo.named("Cargo.toml"):
        return ()
    from opsmith.detectors.rust.components import components  # other repositories do without loading it

    return components(repo)
