"""Which Ruby a project asks for.

The nearest folder that says something wins, from the project's own up to the root. In one folder the order is: .ruby-version,
.tool-versions, mise.toml / .mise.toml, then the `ruby` line of the Gemfile and RUBY VERSION of its lock file. The value stays as it is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from opsmith.detectors.paths import join, upward
from opsmith.detectors.ruby.bundle import Bundle
from opsmith.model.survey import Evidence
from opsmith.repo import Repo
from opsmith.shapes import items, table

Version = tuple[str, Evidence]


def runtime_version(repo: Repo, folder: str, bundle: Bundle | None) -> Version | None:
    return next((found for above in upward(folder) for found in _candidates(repo, above, bundle if above == folder else None)), None)


def _candidates(repo: Repo, folder: str, bundle: Bundle | None) -> Iterator[Version]:
    yield from _version_file(repo, join(folder, ".ruby-version"))
    yield from _tool_versions(repo, join(folder, ".tool-versions"))
    for name in ("mise.toml", ".mise.toml", ".config/mise.toml"):
        yield from _mise(repo, join(folder, name))
    if bundle is not None:
        yield from bundle.ruby


def _rows(repo: Repo, file: str) -> Iterator[tuple[int, str]]:
    for number, row in enumerate((repo.read(file) or "").splitlines() if repo.has(file) else (), start=1):
        if word := row.partition("#")[0].strip():
            yield number, word


def _version_file(repo: Repo, file: str) -> Iterator[Version]:
    for number, word in _rows(repo, file):
        version = re.sub(r"^ruby-(?=\d)", "", word)
        if re.fullmatch(r"[\w.+-]{1,40}", version):
            yield version, Evidence(file=file, line=number, shows=word, confidence=0.95)
        return


def _tool_versions(repo: Repo, file: str) -> Iterator[Version]:
    for number, row in _rows(repo, file):
        words = row.split()
        if len(words) > 1 and words[0] == "ruby":
            yield words[1], Evidence(file=file, line=number, shows=row, confidence=0.95)


def _mise(repo: Repo, file: str) -> Iterator[Version]:
    told = table((repo.toml(file) or {}).get("tools")).get("ruby") if repo.has(file) else None
    first = next(iter(items(told)), told)
    value = table(first).get("version", first)
    if isinstance(value, str) and value:
        yield value, Evidence(file=file, line=repo.line_of(file, "ruby"), shows=f"ruby = {value}", confidence=0.95)
