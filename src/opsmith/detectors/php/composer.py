"""What composer.json and composer.lock say: packages, PHP's version and extensions, scripts. What only development needs does not count."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from opsmith.detectors.paths import join
from opsmith.model.survey import Evidence
from opsmith.repo import Repo
from opsmith.shapes import items, table

_LIBRARIES = (
    "composer-plugin", "wordpress-plugin", "wordpress-theme", "wordpress-muplugin", "phpcodesniffer-standard", "symfony-bundle", "metapackage",
    "typo3-cms-extension", "drupal-module", "drupal-theme", "magento2-module", "phpstan-extension", "phpcs", "rector-extension", "php-ext",
)  # fmt: skip


@dataclass(frozen=True)
class Composer:
    """One composer.json with its lock file. `file` is its path, `lock` None where there is none."""

    repo: Repo
    folder: str
    document: Mapping[str, Any]
    locked: Mapping[str, Mapping[str, Any]]
    lock: str | None

    @property
    def file(self) -> str:
        return join(self.folder, "composer.json")

    @property
    def name(self) -> str:
        value = self.document.get("name")
        return value if isinstance(value, str) else ""

    @property
    def kind(self) -> str:
        value = self.document.get("type")
        return value if isinstance(value, str) else ""

    @property
    def is_library(self) -> bool:
        return self.kind in _LIBRARIES

    @cached_property
    def requires(self) -> dict[str, str]:
        return {name.lower(): value for name, value in table(self.document.get("require")).items() if isinstance(value, str)}

    @cached_property
    def development(self) -> dict[str, str]:
        return {name.lower(): value for name, value in table(self.document.get("require-dev")).items() if isinstance(value, str)}

    @cached_property
    def scripts(self) -> dict[str, list[str]]:
        told = table(self.document.get("scripts"))
        return {name: [step for step in items(value) or [value] if isinstance(step, str)] for name, value in told.items()}

    def first(self, *names: str) -> str | None:
        """The first of `names` that production requires directly."""
        return next((name for name in names if name in self.requires), None)

    def evidence(self, name: str) -> Evidence:
        line = self.repo.line_of(self.file, f'"{name}"')
        return Evidence(file=self.file, line=line, shows=f"{name}: {self.requires.get(name, '')}", confidence=0.95)

    def major(self, name: str) -> int | None:
        """The major version of a package, as locked or else as required."""
        told = table(self.locked.get(name)).get("version") or self.requires.get(name, "")
        match = re.search(r"(\d{1,4})", str(told))
        return int(match[1]) if match else None

    @cached_property
    def extensions(self) -> tuple[str, ...]:
        """The extensions of PHP that the project and its locked packages require."""
        wanted = [*self.requires, *(name for package in self.locked.values() for name in table(package.get("require")))]
        return tuple(sorted({name.lower().removeprefix("ext-").replace(" ", "_") for name in wanted if name.lower().startswith("ext-")}))

    @property
    def php(self) -> tuple[tuple[str, Evidence], ...]:
        """The versions of PHP that are told, a pinned one before a range."""
        platform = table(table(self.document.get("config")).get("platform")).get("php")
        found: list[tuple[str, Evidence]] = []
        for value, mark in ((platform, '"platform"'), (self.requires.get("php") or self.requires.get("php-64bit"), '"require"')):
            if isinstance(value, str) and value.strip() not in ("", "*"):
                begin = self.repo.line_of(self.file, mark) or 1
                line = self.repo.line_of(self.file, '"php', after=begin - 1)
                where = "config.platform.php" if mark == '"platform"' else "require.php"
                found.append((value.strip(), Evidence(file=self.file, line=line, shows=f"{where}: {value}", confidence=0.95)))
        return tuple(found)


def read_composer(repo: Repo, folder: str) -> Composer | None:
    file, lock = join(folder, "composer.json"), join(folder, "composer.lock")
    document = table(repo.json(file)) if repo.has(file) else None
    if document is None:
        return None
    told = table(repo.json(lock)) if repo.has(lock) else {}
    return Composer(repo, folder, document, _by_name(items(told.get("packages"))), lock if repo.has(lock) else None)


def _by_name(packages: Iterable[Any]) -> dict[str, Mapping[str, Any]]:
    found = [table(package) for package in packages]
    return {str(package["name"]).lower(): package for package in found if "name" in package}
