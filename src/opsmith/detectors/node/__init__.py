"""JavaScript and TypeScript programs on Node or Bun.

`install_command` runs in the component's context (the workspace's root), every other command in its own folder.
"""

from __future__ import annotations

from collections.abc import Iterable

from opsmith.model.survey import Component
from opsmith.repo import Repo

NAME = "node"


def detect(repo: Repo) -> Iterable[Component]:
    if not repo.named("package.json"):
        return ()
    from opsmith.detectors.node.components import components  # other repositories do without loading it

    return components(repo)
