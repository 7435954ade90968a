"""The health path of a program on Deno, from its routes."""

from __future__ import annotations

import re

from opsmith.detectors.deno.programs import Program
from opsmith.detectors.javascript.facts import Found, join
from opsmith.detectors.javascript.health import Route, choose, declared_routes
from opsmith.repo import Repo


def health_path(repo: Repo, program: Program) -> Found[str] | None:
    if program.role != "web":
        return None
    return choose([*_file_routes(repo, program), *declared_routes(program.sources)])


def _file_routes(repo: Repo, program: Program) -> list[Route]:
    """Fresh answers under the path of each file below routes/."""
    if program.framework is None or program.framework.value.kind != "meta":
        return []
    home = join(program.project.path, "routes")
    found = [(path, re.sub(r"\.[jt]sx?$", "", path[len(home) :])) for path in repo.under(home, ".ts", ".tsx", ".js", ".jsx")]
    return [Route(re.sub(r"/\([^/]*\)|/index$", "", route), path, 1, f"route {path}") for path, route in found]
