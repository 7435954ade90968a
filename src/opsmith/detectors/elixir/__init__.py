"""Elixir: Phoenix, Plug and plain OTP applications, read from mix.exs, the configuration and the router."""

from __future__ import annotations

from collections.abc import Iterable

from opsmith.model.survey import Component
from opsmith.repo import Repo

NAME = "elixir"


def detect(repo: Repo) -> Iterable[Component]:
    if not repo.named("mix.exs"):
        return ()
    from opsmith.detectors.elixir.components import components  # other repositories do without loading it

    return components(repo)
