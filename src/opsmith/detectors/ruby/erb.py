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

_SECTION = re.compile(r"^([A-Za-z]\w*):", re.MULTILINE)
_MOST = 2_000
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
    plain, tags = _apart(path, written)
    return Settings(path, _document(repo, path, plain), tags)


def _apart(path: str, written: str) -> tuple[str, tuple[Tag, ...]]:
    """The text with a name in place of each tag that stands for a value, and the tags; read once from the front to the end."""
    sections = [(match.start(), match[1]) for match in _SECTION.finditer(written)]
    parts: list[str] = []
    tags: list[Tag] = []
    at, line, section = 0, 1, 0
    while len(tags) < _MOST and (begin := written.find("<%", at)) >= 0 and (end := written.find("%>", begin)) >= 0:
        line += written.count("\n", at, begin)
        while section + 1 < len(sections) and sections[section + 1][0] <= begin:
            section += 1
        body = written[begin + 2 : end]
        name = sections[section][1] if sections and sections[section][0] <= begin else ""
        tags.append(Tag(Source(path, body.removeprefix("=").strip("-").encode(), line), name))
        parts += [written[at:begin], _NAME.format(len(tags) - 1) if body.startswith("=") else "\n" * body.count("\n")]
        line += body.count("\n")
        at = end + 2
    return "".join((*parts, written[at:])), tuple(tags)


def _document(repo: Repo, path: str, plain: str) -> dict[str, Any]:
    try:
        documents = load_yaml(plain)
    except (ValueError, RecursionError) as error:
        repo.problem(path, f"broken YAML: {str(error).splitlines()[0] if str(error) else 'nested too deeply'}")
        return {}
    return table(documents[0] if documents else None)
