""".NET: every project that somebody deploys, from its project file, what that imports and refers to, and the code it compiles."""

from __future__ import annotations

from collections.abc import Iterable

from opsmith.model.survey import Component
from opsmith.repo import Repo

NAME = "dotnet"


def detect(repo: Repo) -> Iterable[Component]:
    if not any(path.endswith((".csproj", ".fsproj", ".vbproj")) for path in repo.files):
        return ()
    from opsmith.detectors.dotnet.components import components  # other repositories do without loading it

    return components(repo)
