"""Which Node (or Bun) a package asks for.

The nearest folder that says something wins, from the package's own folder up to the root. In one folder the order is:
.nvmrc, .node-version, package.json `volta.node`, .tool-versions, mise.toml / .mise.toml, package.json `engines.node`,
package.json `devEngines.runtime`, .npmrc `use-node-version`. A pinned version thus goes before a range. The value stays as the
repository writes it; an alias of a release line ("lts/iron") is explained by a trait ("node-20").
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

from opsmith.detectors.node.facts import Found, ancestors, found, join
from opsmith.repo import Repo

_LINES = {
    "argon": 4,
    "boron": 6,
    "carbon": 8,
    "dubnium": 10,
    "erbium": 12,
    "fermium": 14,
    "gallium": 16,
    "hydrogen": 18,
    "iron": 20,
    "jod": 22,
    "krypton": 24,
}


def runtime_version(repo: Repo, folder: str, runtime: str) -> Found[str] | None:
    return next((item for above in ancestors(folder) for item in _candidates(repo, above, runtime)), None)


def release_line(version: str) -> str | None:
    """The trait that tells the major of a named line: "lts/iron" -> "node-20"."""
    name = version.lower().rpartition("/")[2]
    return f"node-{_LINES[name]}" if name in _LINES else None


def _candidates(repo: Repo, folder: str, runtime: str) -> Iterator[Found[str]]:
    manifest = _manifest(repo, folder)
    file = join(folder, "package.json")
    if runtime == "bun":
        yield from _first_line(repo, join(folder, ".bun-version"))
    if runtime == "node":
        yield from _first_line(repo, join(folder, ".nvmrc"))
        yield from _first_line(repo, join(folder, ".node-version"))
        yield from _entry(repo, file, manifest, "volta", runtime)
    yield from _tool_versions(repo, join(folder, ".tool-versions"), runtime)
    for name in ("mise.toml", ".mise.toml", ".config/mise.toml"):
        yield from _mise(repo, join(folder, name), runtime)
    yield from _entry(repo, file, manifest, "engines", runtime)
    yield from _dev_engines(repo, file, manifest, runtime)
    if runtime == "node":
        yield from _npmrc(repo, join(folder, ".npmrc"))


def _manifest(repo: Repo, folder: str) -> Mapping[str, Any]:
    file = join(folder, "package.json")
    value = repo.json(file) if repo.has(file) else None
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _clean(text: str) -> str:
    return re.sub(r"^v(?=\d)", "", text.strip())


def _first_line(repo: Repo, file: str) -> Iterator[Found[str]]:
    for number, row in enumerate((repo.read(file) or "").splitlines() if repo.has(file) else (), start=1):
        word = row.partition("#")[0].strip()
        if word:
            yield found(_clean(word), file, number, row)
            return


def _entry(repo: Repo, file: str, manifest: Mapping[str, Any], section: str, runtime: str) -> Iterator[Found[str]]:
    block = manifest.get(section)
    value = cast("dict[str, object]", block).get(runtime) if isinstance(block, dict) else None
    if isinstance(value, str) and value.strip() not in ("", "*"):
        start = repo.line_of(file, f'"{section}"') or 0
        yield found(_clean(value), file, repo.line_of(file, f'"{runtime}"', after=start - 1), f"{section}.{runtime}: {value}")


def _dev_engines(repo: Repo, file: str, manifest: Mapping[str, Any], runtime: str) -> Iterator[Found[str]]:
    block = manifest.get("devEngines")
    entry = cast("dict[str, object]", block).get("runtime") if isinstance(block, dict) else None
    for item in cast("list[object]", entry) if isinstance(entry, list) else [entry]:
        if isinstance(item, dict):
            fields = cast("dict[str, object]", item)
            if fields.get("name") == runtime and isinstance(fields.get("version"), str):
                yield found(_clean(str(fields["version"])), file, repo.line_of(file, '"devEngines"'), "devEngines.runtime")


def _tool_versions(repo: Repo, file: str, runtime: str) -> Iterator[Found[str]]:
    names = (runtime, "nodejs") if runtime == "node" else (runtime,)
    for number, row in enumerate((repo.read(file) or "").splitlines() if repo.has(file) else (), start=1):
        words = row.partition("#")[0].split()
        if len(words) > 1 and words[0] in names:
            yield found(_clean(words[1]), file, number, row)


def _mise(repo: Repo, file: str, runtime: str) -> Iterator[Found[str]]:
    tools = (repo.toml(file) or {}).get("tools") if repo.has(file) else None
    value = cast("dict[str, object]", tools).get(runtime) if isinstance(tools, dict) else None
    if isinstance(value, list) and value:
        value = cast("list[object]", value)[0]
    if isinstance(value, dict):
        value = cast("dict[str, object]", value).get("version")
    if isinstance(value, str):
        yield found(_clean(value), file, repo.line_of(file, runtime), f"{runtime} = {value}")


def _npmrc(repo: Repo, file: str) -> Iterator[Found[str]]:
    for number, row in enumerate((repo.read(file) or "").splitlines() if repo.has(file) else (), start=1):
        name, _, value = row.partition("=")
        if name.strip() == "use-node-version" and value.strip():
            yield found(_clean(value), file, number, row)
