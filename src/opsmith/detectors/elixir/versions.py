"""The versions of Elixir and Erlang that a repository states.

Precedence: .tool-versions, mise.toml, .elixir-version, Heroku's elixir_buildpack.config, the requirement of mix.exs; the nearest folder first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from opsmith.detectors.elixir.mix import Project
from opsmith.model.survey import Evidence
from opsmith.repo import Repo
from opsmith.shapes import mapping

_MISE = ("mise.toml", ".mise.toml", ".config/mise.toml")
_SUFFIX = re.compile(r"-otp-(\d+)$")


@dataclass(frozen=True, slots=True)
class Stated:
    tool: str
    version: str
    evidence: Evidence


def versions(repo: Repo, project: Project) -> tuple[Stated | None, str | None]:
    """What is said of Elixir, and the version of Erlang/OTP."""
    stated = [item for folder in dict.fromkeys((project.folder, "")) for item in _in_folder(repo, folder)]
    elixir = next((item for item in stated if item.tool == "elixir"), None) or _required(project)
    erlang = next((item.version for item in stated if item.tool == "erlang"), None)
    if elixir is None:
        return None, erlang
    suffix = _SUFFIX.search(elixir.version)
    plain = Stated("elixir", _SUFFIX.sub("", elixir.version), elixir.evidence)
    return plain, erlang or (suffix[1] if suffix else None)


def _in_folder(repo: Repo, folder: str) -> Iterator[Stated]:
    prefix = folder + "/" if folder else ""
    yield from _lines(repo, prefix + ".tool-versions", r"(elixir|erlang)\s+(?:ref:v?)?(\d[\w.-]*)")
    for name in _MISE:
        tools = mapping((repo.toml(prefix + name) or {}).get("tools")) if repo.has(prefix + name) else {}
        for tool in ("elixir", "erlang"):
            value = tools.get(tool)
            if isinstance(value, str):
                yield Stated(
                    tool, value, Evidence(file=prefix + name, line=repo.line_of(prefix + name, tool), shows=f"{tool} = {value}", confidence=0.95)
                )
    for found in _lines(repo, prefix + ".elixir-version", r"()v?(\d[\w.-]*)"):
        yield Stated("elixir", found.version, found.evidence)
    for found in _lines(repo, prefix + "elixir_buildpack.config", r"(elixir|erlang)_version=v?(\d[\w.-]*)"):
        yield found


def _lines(repo: Repo, path: str, form: str) -> Iterator[Stated]:
    if not repo.has(path):
        return
    for number, row in enumerate((repo.read(path) or "").splitlines()[:200], start=1):
        match = re.match(form, row.strip()[:200])
        if match:
            yield Stated(match[1], match[2], Evidence(file=path, line=number, shows=row.strip(), confidence=0.95))


def _required(project: Project) -> Stated | None:
    if project.elixir is None:
        return None
    requirement, number = project.elixir
    return Stated("elixir", requirement, Evidence(file=project.file, line=number, shows=f'elixir: "{requirement}"', confidence=0.9))
