"""JavaScript and TypeScript programs on Deno."""

from __future__ import annotations

from collections.abc import Iterable

from opsmith.model.survey import Component
from opsmith.repo import Repo

NAME = "deno"
_MARKS = ("deno.json", "deno.jsonc", "deno.lock", "import_map.json", "deps.ts", "main.ts", "server.ts", "main.js", "server.js", "mod.ts", "app.ts")


def detect(repo: Repo) -> Iterable[Component]:
    if not repo.named(*_MARKS):
        return ()
    from opsmith.detectors.deno.components import components  # other repositories do without loading it

    return components(repo)
