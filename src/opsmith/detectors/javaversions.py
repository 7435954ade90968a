"""The version of Java that files beside any JVM build state; what the build itself says is its detector's business.

Precedence: .java-version, .sdkmanrc, .tool-versions, mise.toml, system.properties; the nearest folder first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from opsmith.model.survey import Evidence
from opsmith.repo import Repo
from opsmith.shapes import mapping

_FILES = (
    (".java-version", r"(?:\w+-)*(\d+(?:\.\d+)*)"),
    (".sdkmanrc", r"java\s*=\s*(\d+(?:\.\d+)*)"),
    (".tool-versions", r"java\s+(?:[a-z]\w*-)*(\d+(?:\.\d+)*)"),
    ("system.properties", r"java\.runtime\.version\s*=\s*(\d+(?:\.\d+)*)"),
)


def java_version(repo: Repo, folders: tuple[str, ...]) -> tuple[str, Evidence] | None:
    return next((found for folder in dict.fromkeys(folders) for found in _in_folder(repo, folder + "/" if folder else "")), None)


def _in_folder(repo: Repo, prefix: str) -> Iterator[tuple[str, Evidence]]:
    for name, form in _FILES[:3]:
        yield from _lines(repo, prefix + name, form)
    for name in ("mise.toml", ".mise.toml", ".config/mise.toml"):
        value = mapping((repo.toml(prefix + name) or {}).get("tools")).get("java") if repo.has(prefix + name) else None
        match = re.search(r"\d+(?:\.\d+)*", value) if isinstance(value, str) else None
        if match:
            yield match[0], Evidence(file=prefix + name, line=repo.line_of(prefix + name, "java"), shows=f"java = {value}", confidence=0.95)
    yield from _lines(repo, prefix + _FILES[3][0], _FILES[3][1])


def _lines(repo: Repo, path: str, form: str) -> Iterator[tuple[str, Evidence]]:
    for number, row in enumerate((repo.read(path) or "").splitlines()[:200] if repo.has(path) else (), start=1):
        match = re.match(form, row.strip()[:200])
        if match:
            yield _plain(match[1]), Evidence(file=path, line=number, shows=row.strip(), confidence=0.95)


def _plain(version: str) -> str:
    """`1.8` is Java 8."""
    return version.removeprefix("1.") if re.fullmatch(r"1\.\d+(\.\d+)*", version) else version
