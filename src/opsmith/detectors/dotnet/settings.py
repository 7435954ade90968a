"""appsettings.json and what else a host loads: every value by its key, as `Section:Key`, case being of no matter."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from opsmith.detectors.dotnet.msbuild import Project
from opsmith.repo import Repo
from opsmith.shapes import is_list, is_mapping, items, table

_NAMES = ("appsettings.json", "hostsettings.json", "appsettings.Production.json")
"""In the order in which a later one replaces an earlier one; those of other environments are not loaded in production."""
DEEPEST = 20
MOST = 5000


@dataclass(frozen=True, slots=True)
class Setting:
    key: str
    value: str
    file: str


class Settings:
    """The values that a process finds when nobody configures it."""

    def __init__(self, repo: Repo, project: Project, named: tuple[str, ...] = ()) -> None:
        self._repo = repo
        self._values: dict[str, Setting] = {}
        for path in _files(repo, project, named):
            for setting in _flattened(path, repo.json(path)):
                self._values[setting.key.lower()] = setting

    def get(self, key: str) -> Setting | None:
        return self._values.get(key.lower())

    def below(self, section: str) -> list[Setting]:
        prefix = section.lower() + ":"
        return [setting for key, setting in self._values.items() if key.startswith(prefix)]

    def all(self) -> Mapping[str, Setting]:
        return self._values

    def line(self, setting: Setting) -> int | None:
        """Where the key stands: its last part after the parts before."""
        number: int | None = 0
        for part in setting.key.split(":"):
            if not part.isdigit():
                number = self._repo.line_of(setting.file, f'"{part}"', after=(number or 1) - 1)
        return number


def _files(repo: Repo, project: Project, named: tuple[str, ...]) -> Iterator[str]:
    linked = {path.rpartition("/")[2]: path for path in project.linked if path.endswith(".json")}
    for name in (*_NAMES, *named):
        own = posixpath.normpath(posixpath.join(project.folder, name))
        if repo.has(own):
            yield own
        elif name in linked and repo.has(linked[name]):
            yield linked[name]


def _flattened(path: str, document: Any) -> Iterator[Setting]:
    pending: list[tuple[str, Any, int]] = [("", document, 0)]
    for _ in range(MOST):
        if not pending:
            return
        key, value, depth = pending.pop()
        if depth < DEEPEST and is_mapping(value):
            pending.extend((f"{key}:{name}" if key else name, item, depth + 1) for name, item in reversed(table(value).items()))
        elif depth < DEEPEST and is_list(value):
            pending.extend((f"{key}:{index}", item, depth + 1) for index, item in enumerate(items(value)))
        elif key and value is not None:
            yield Setting(key, str(value).lower() if isinstance(value, bool) else str(value), path)
