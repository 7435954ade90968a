"""YAML settings with Ruby in them, as Rails reads them: the tags are taken out and kept beside the document."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from opsmith.detectors.ruby.syntax import Source
from opsmith.repo import Repo
from opsmith.shapes import table
from opsmith.yaml_safe import load_yaml

_TAG = re.compile(r"<%(=?)-?((?:(?!%>).){0,2000}?)-?%>", re.DOTALL)
_SECTION = re.compile(r"^([A-Za-z]\w*):", re.MULTILINE)
_NAME = "ERB{}END"
_MARK = re.compile(r"ERB(\d+)END")


@dataclass(frozen=True, slots=True)
class Tag:
    """A piece of Ruby in a settings file; `section` is the environment (the top key) below which it stands."""

    source: Source
    section: str


@dataclass(frozen=True, slots=True)
class Settings:
    path: str
    document: Mapping[str, Any]
    tags: tuple[Tag, ...]

    def tags_in(self, value: object) -> list[Tag]:
        """The tags that a value of the document is made of."""
        return [self.tags[int(number)] for number in _MARK.findall(str(value)) if len(number) < 6 and int(number) < len(self.tags)]

    @property
    def production(self) -> dict[str, Any]:
        """What production is told; the whole document where nothing is told apart by environment."""
        if "production" in self.document:
            return table(self.document["production"])
        return {} if {"development", "test"} & set(self.document) else table(self.document)


def settings(repo: Repo, path: str) -> Settings | None:
    """The settings in a file; None when there is none. What is no YAML becomes a problem, and its tags are still there."""
    written = repo.read(path) if repo.has(path) else None
    if written is None:
        return None
    sections = [(match.start(), match[1]) for match in _SECTION.finditer(written)]
    tags: list[Tag] = []

    def taken_out(match: re.Match[str]) -> str:
        section = next((name for start, name in reversed(sections) if start <= match.start()), "")
        tags.append(Tag(Source(path, match[2].encode(), written.count("\n", 0, match.start()) + 1), section))
        return _NAME.format(len(tags) - 1) if match[1] else "\n" * match[0].count("\n")

    plain = _TAG.sub(taken_out, written) if "<%" in written else written
    return Settings(path, _document(repo, path, plain), tuple(tags))


def _document(repo: Repo, path: str, plain: str) -> dict[str, Any]:
    try:
        documents = load_yaml(plain)
    except (ValueError, RecursionError) as error:
        repo.problem(path, f"broken YAML: {str(error).splitlines()[0] if str(error) else 'nested too deeply'}")
        return {}
    return table(documents[0] if documents else None)
