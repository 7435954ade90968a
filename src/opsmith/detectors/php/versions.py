"""Which PHP a project asks for.

The nearest folder that says something wins, from the project's own up to the root. In one folder the order is: .php-version,
.tool-versions, mise.toml / .mise.toml, composer.json `config.platform.php`, then its `require.php`. The value stays as it is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from opsmith.detectors.paths import join, upward
from opsmith.detectors.php.composer import Composer
from opsmith.model.survey import Evidence
from opsmith.repo import Repo
from opsmith.shapes import items, table

Version = tuple[str, Evidence]


def runtime_version(repo: Repo, folder: str, composer: Composer | None) -> Version | None:
    return next((found for above in upward(folder) for found in _candidates(repo, above, composer if above == folder else None)), None)


def _candidates(repo: Repo, folder: str, composer: Composer | None) -> Iterator[Version]:
    yield from _rows(repo, join(folder, ".php-version"), None)
    yield from _rows(repo, join(folder, ".tool-versions"), "php")
    for name in ("mise.toml", ".mise.toml", ".config/mise.toml"):
        yield from _mise(repo, join(folder, name))
    if composer is not None:
        yield from composer.php


def _rows(repo: Repo, file: str, tool: str | None) -> Iterator[Version]:
    """The version in a file that holds nothing else, or on the line of `tool`."""
    for number, row in enumerate((repo.read(file) or "").splitlines() if repo.has(file) else (), start=1):
        words = row.partition("#")[0].split()
        if words and (tool is None or (words[0] == tool and len(words) > 1)):
            version = words[-1] if tool is None else words[1]
            if re.fullmatch(r"[\w.^~>=<*+-]{1,40}", version):
                yield version, Evidence(file=file, line=number, shows=row.strip(), confidence=0.95)
            return


def _mise(repo: Repo, file: str) -> Iterator[Version]:
    told = table((repo.toml(file) or {}).get("tools")).get("php") if repo.has(file) else None
    first = next(iter(items(told)), told)
    value = table(first).get("version", first)
    if isinstance(value, str) and value:
        yield value, Evidence(file=file, line=repo.line_of(file, "php"), shows=f"php = {value}", confidence=0.95)
