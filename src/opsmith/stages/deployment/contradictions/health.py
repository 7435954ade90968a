"""Health paths that a deployment asks for and that the code does not know."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

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


def health(repo: Repo, said: Iterable[Statement], pairs: Pairs) -> Iterator[Finding]:
    for item in _unknown(repo, [item for item in _asked(said, pairs) if _is_judged(repo, item)]):
        known = item.component.health_path
        other = f"; its health path is {known}" if known else ""
        yield Finding(
            rule=RULE, severity="high", path=item.first.file, line=item.first.line,
            message=f"asks {item.component.name} for {item.first.value}, which stands nowhere in its code{other}",
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """A path that files ask a component for. `word` is its last part, `others` are folders that are other components' alone."""

    component: Component
    first: Statement
    word: str
    files: frozenset[str]
    others: tuple[str, ...]

    def stands_in(self, repo: Repo, path: str) -> bool:
        if path in self.files or any(is_within(path, other) for other in self.others):
            return False
        return self.word in path or (not _is_dockerfile(path) and self.word.encode() in (repo.bytes(path) or b""))


def _asked(said: Iterable[Statement], pairs: Pairs) -> Iterator[_Asked]:
    by_name = {component.name: component for component in pairs.components}
    found: dict[tuple[str, str], list[Statement]] = {}
    for item in said:
        if item.fact == "health_path":
            found.setdefault((by_name[item.component].path, item.value), []).append(item)
    for (folder, value), told in found.items():
        inner = (item.path for item in pairs.components if item.path and item.path != folder and not is_within(folder, item.path))
        yield _Asked(
            component=by_name[told[0].component],
            first=told[0],
            word=value.rstrip("/").rpartition("/")[2],
            files=frozenset(item.file for item in told),
            others=tuple(inner),
        )


def _is_judged(repo: Repo, item: _Asked) -> bool:
    """Its code is read, and no library that answers by itself is among its dependencies."""
    component = item.component
    if item.first.value in ("/", "grpc") or not item.word or component.language_family not in _READ or component.role == "static":
        return False
    return not any(mark in (repo.bytes(path) or b"") for path in component.manifests for mark in _MADE_BY_LIBRARIES)


def _unknown(repo: Repo, asked: list[_Asked]) -> list[_Asked]:
    """Those whose word stands in no file of the component, nor of the rest of the repository that is no other component's."""
    for path in repo.files:
        if not asked:
            break
        if not is_aside(path) and not path.endswith((".md", ".lock", ".yaml", ".yml")):
            asked = [item for item in asked if not item.stands_in(repo, path)]
    return asked


def _is_dockerfile(path: str) -> bool:
    return path.rpartition("/")[2].lower().startswith("dockerfile")
