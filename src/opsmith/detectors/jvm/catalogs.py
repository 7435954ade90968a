"""Gradle version catalogs: what `libs.spring.web` and the like stand for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from opsmith.detectors.jvm.gradle_script import Statement, walk
from opsmith.detectors.jvm.modules import join
from opsmith.repo import Repo
from opsmith.shapes import items, table

Library = tuple[str, str, str | None]
"""Group, name, version."""
_PUBLISHED = {"io.ktor:ktor-version-catalog": ("io.ktor", "ktor")}
"""Catalogs that are published, whose aliases are the names of the libraries."""


@dataclass(frozen=True, slots=True)
class Catalog:
    libraries: dict[str, Library] = field(default_factory=dict[str, Library])
    plugins: dict[str, str] = field(default_factory=dict[str, str])
    bundles: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    versions: dict[str, str] = field(default_factory=dict[str, str])
    published: tuple[str, str] | None = None

    def found(self, accessor: str) -> Iterator[Library]:
        """The libraries that an accessor, its first part cut off, means."""
        alias = _plain(accessor)
        if alias.startswith("bundles."):
            for name in self.bundles.get(alias.removeprefix("bundles."), ()):
                if name in self.libraries:
                    yield self.libraries[name]
        elif alias in self.libraries:
            yield self.libraries[alias]
        elif self.published is not None:
            group, prefix = self.published
            dashed = re.sub(r"(?<=[a-z])([A-Z])", lambda match: "-" + match[1].lower(), accessor)
            yield group, f"{prefix}-{dashed.replace('.', '-')}", None


def catalogs(repo: Repo, context: str, settings: list[Statement]) -> dict[str, Catalog]:
    """By the name that scripts use: gradle/*.versions.toml, and what the settings create."""
    found: dict[str, Catalog] = {}
    folder = join(context, "gradle")
    for name in repo.folder(folder):
        if name.endswith(".versions.toml"):
            found[name.removesuffix(".versions.toml")] = _read(repo, join(folder, name))
    for path, statement in walk(settings):
        if "versionCatalogs" in path or statement.head == "versionCatalogs":
            found |= dict(_created(repo, context, statement))
    return found


def _created(repo: Repo, context: str, statement: Statement) -> Iterator[tuple[str, Catalog]]:
    texts = [text for item in (statement, *(inner for _, inner in walk(statement.body))) for text in item.strings()]
    name = texts[0] if texts and statement.head == "create" else statement.head
    for text in texts:
        if text.endswith(".toml"):
            yield name, _read(repo, join(context, text.removeprefix("./").removeprefix("../")))
        published = _PUBLISHED.get(text.rpartition(":")[0])
        if published is not None:
            yield name, Catalog(published=published)


def _read(repo: Repo, path: str) -> Catalog:
    document = (repo.toml(path) if repo.has(path) else None) or {}
    versions = {name: _version(value) or "" for name, value in table(document.get("versions")).items()}
    libraries = {_plain(name): found for name, value in table(document.get("libraries")).items() if (found := _library(value, versions))}
    bundles = {_plain(name): tuple(_plain(str(item)) for item in items(value)) for name, value in table(document.get("bundles")).items()}
    plugins = {_plain(name): _plugin(value) for name, value in table(document.get("plugins")).items()}
    return Catalog(libraries, plugins, bundles, {_plain(name): value for name, value in versions.items()})


def _library(value: Any, versions: dict[str, str]) -> Library | None:
    if isinstance(value, str):
        parts = value.split(":")
        return (parts[0], parts[1], parts[2] if len(parts) > 2 else None) if len(parts) > 1 else None
    told = table(value)
    module = told.get("module")
    group, name = module.split(":", 1) if isinstance(module, str) and ":" in module else (told.get("group"), told.get("name"))
    if not isinstance(group, str) or not isinstance(name, str):
        return None
    version = told.get("version")
    reference = table(version).get("ref")
    return group, name, versions.get(str(reference)) if reference else _version(version)


def _version(value: Any) -> str | None:
    if isinstance(value, str):
        return value
    told = table(value)
    return next((told[key] for key in ("strictly", "require", "prefer") if isinstance(told.get(key), str)), None)


def _plugin(value: Any) -> str:
    return value.partition(":")[0] if isinstance(value, str) else str(table(value).get("id", ""))


def _plain(name: str) -> str:
    """Aliases may be written with dashes, underscores or dots."""
    return re.sub(r"[-_]", ".", name)
