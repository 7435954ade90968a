"""Files of variables: `.env` as Symfony commits it, `.env.example` as Laravel shows it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from opsmith.model.survey import Evidence
from opsmith.repo import Repo

_LINE = re.compile(r"^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_.]{0,100})\s*=[ \t]*(.*)$")
MOST = 500


@dataclass(frozen=True, slots=True)
class Setting:
    name: str
    value: str
    evidence: Evidence


def settings(repo: Repo, files: Iterable[str]) -> dict[str, Setting]:
    """The variables of several files; the first file that names one wins."""
    found: dict[str, Setting] = {}
    for file in files:
        for number, row in enumerate((repo.read(file) or "").splitlines()[: MOST * 4] if repo.has(file) else (), start=1):
            match = _LINE.match(row)
            if match is not None and match[1] not in found and len(found) < MOST:
                value = _value(match[2])
                found[match[1]] = Setting(match[1], value, Evidence(file=file, line=number, shows=f"{match[1]}={value}", confidence=0.85))
    return found


def _value(written: str) -> str:
    """Without quotes and without a remark behind it."""
    text = written.strip()
    if text[:1] in ("'", '"'):
        end = text.find(text[0], 1)
        return text[1:end] if end > 0 else text[1:]
    return re.sub(r"\s+#.*$", "", text)
