"""Health paths that a deployment asks for and that the code does not know."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from opsmith.model.finding import Finding
from opsmith.model.survey import Component
from opsmith.repo import Repo
from opsmith.stages.deployment.pairing import Pairs
from opsmith.stages.deployment.places import is_aside, is_within
from opsmith.stages.deployment.statements import Statement

RULE = "deployed/health-path-unknown"
_READ = frozenset(("python", "node", "go"))
"""Whose routes are literal texts of the code."""
_MADE_BY_LIBRARIES = (
    b"terminus",
    b"lightship",
    b"actuator",
    b"health-check",
    b"healthcheck",
    b"healthcheck.",
    b"strapi",
    b"directus",
    b"keystone",
    b"payload",
)


def health(repo: Repo, stated: Iterable[Statement], pairs: Pairs) -> Iterator[Finding]:
    by_name = {component.name: component for component in pairs.components}
    folders = frozenset(component.path for component in pairs.components)
    seen: set[tuple[str, str]] = set()
    for said in stated:
        component = by_name[said.component]
        if said.fact == "health_path" and (component.path, said.value) not in seen and _is_unknown(repo, component, said, folders):
            seen.add((component.path, said.value))
            other = f"; its health path is {component.health_path}" if component.health_path else ""
            yield Finding(
                rule=RULE, severity="high", path=said.file, line=said.line,
                message=f"asks {component.name} for {said.value}, which stands nowhere in its code{other}",
            )  # fmt: skip


def _is_unknown(repo: Repo, component: Component, said: Statement, folders: frozenset[str]) -> bool:
    """The last part of the path stands in no file of the component, nor of the rest of the repository that is no other component's."""
    last = said.value.rstrip("/").rpartition("/")[2]
    if said.value in ("/", "grpc") or not last or component.language_family not in _READ or component.role == "static":
        return False
    if any(mark in (repo.bytes(path) or b"") for path in component.manifests for mark in _MADE_BY_LIBRARIES):
        return False
    word = last.encode()
    for path in chain(repo.under(component.path), repo.files):  # most paths stand in the component's own files
        if path == said.file or is_aside(path) or path.endswith((".md", ".lock", ".yaml", ".yml")) or _is_another(path, component.path, folders):
            continue
        if last in path or (not path.rpartition("/")[2].lower().startswith("dockerfile") and word in (repo.bytes(path) or b"")):
            return False
    return True


def _is_another(path: str, own: str, folders: frozenset[str]) -> bool:
    """Whether a file lies in the folder of another component that is not around this one."""
    place = path
    while place:
        if place in folders and not is_within(own, place):
            return True
        place = place.rpartition("/")[0]
    return False
