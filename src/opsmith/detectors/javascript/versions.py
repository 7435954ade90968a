"""Which Node, Bun or Deno a package asks for.

The nearest folder that says something wins, from the package's own folder up to the root. In one folder the order is:
.nvmrc, .node-version, package.json `volta.node`, .tool-versions, mise.toml / .mise.toml, package.json `engines.node`,
package.json `devEngines.runtime`, .npmrc `use-node-version`. For Bun .bun-version and package.json `packageManager` come first, for Deno .dvmrc
and .deno-version. A pinned version thus goes before a range. The value stays as the
repository writes it; an alias of a release line ("lts/iron") is explained by a trait ("node-20").
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from opsmith import conventions
from opsmith.detectors.javascript.facts import Found, ancestors, found, items, join, json_table, table, written
from opsmith.repo import Repo


def runtime_version(repo: Repo, folder: str, runtime: str) -> Found[str] | None:
    return next((item for above in ancestors(folder) for item in _candidates(repo, above, runtime)), None)


def release_line(version: str) -> str | None:
    """The trait that tells the major of a named line: "lts/iron" -> "node-20"."""
    name = version.lower().rpartition("/")[2]
    return f"node-{conventions.NODE_LTS[name]}" if name in conventions.NODE_LTS else None


def _candidates(repo: Repo, folder: str, runtime: str) -> Iterator[Found[str]]:
    file = join(folder, "package.json")
    manifest = json_table(repo, file)
    for name in {"bun": (".bun-version",), "deno": (".dvmrc", ".deno-version")}.get(runtime, ()):
        yield from _first_line(repo, join(folder, name))
    if runtime == "bun":
        yield from _package_manager(repo, file, manifest)
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


def _package_manager(repo: Repo, file: str, manifest: Mapping[str, Any]) -> Iterator[Found[str]]:
    """Bun is package manager and runtime in one."""
    name, _, version = (written(manifest.get("packageManager")) or "").partition("@")
    if name == "bun" and version:
        yield found(version.partition("+")[0], file, repo.line_of(file, '"packageManager"'), f"packageManager: bun@{version}", 0.95)


def _clean(text: str) -> str:
    return re.sub(r"^v(?=\d)", "", text.strip())


def _first_line(repo: Repo, file: str) -> Iterator[Found[str]]:
    for number, row in enumerate((repo.read(file) or "").splitlines() if repo.has(file) else (), start=1):
        word = row.partition("#")[0].strip()
        if word:
            yield found(_clean(word), file, number, row)
            return


def _entry(repo: Repo, file: str, manifest: Mapping[str, Any], section: str, runtime: str) -> Iterator[Found[str]]:
    value = written(table(manifest.get(section)).get(runtime))
    if value is not None and value.strip() != "*":
        start = repo.line_of(file, f'"{section}"') or 0
        yield found(_clean(value), file, repo.line_of(file, f'"{runtime}"', after=start - 1), f"{section}.{runtime}: {value}")


def _dev_engines(repo: Repo, file: str, manifest: Mapping[str, Any], runtime: str) -> Iterator[Found[str]]:
    entry = table(manifest.get("devEngines")).get("runtime")
    for item in items(entry) or [entry]:
        version = written(table(item).get("version"))
        if version is not None and table(item).get("name") == runtime:
            yield found(_clean(version), file, repo.line_of(file, '"devEngines"'), "devEngines.runtime")


def _tool_versions(repo: Repo, file: str, runtime: str) -> Iterator[Found[str]]:
    names = (runtime, "nodejs") if runtime == "node" else (runtime,)
    for number, row in enumerate((repo.read(file) or "").splitlines() if repo.has(file) else (), start=1):
        words = row.partition("#")[0].split()
        if len(words) > 1 and words[0] in names:
            yield found(_clean(words[1]), file, number, row)


def _mise(repo: Repo, file: str, runtime: str) -> Iterator[Found[str]]:
    told = table((repo.toml(file) or {}).get("tools")).get(runtime) if repo.has(file) else None
    first = next(iter(items(told)), told)
    value = written(table(first).get("version")) or written(first)
    if value is not None:
        yield found(_clean(value), file, repo.line_of(file, runtime), f"{runtime} = {value}")


def _npmrc(repo: Repo, file: str) -> Iterator[Found[str]]:
    for number, row in enumerate((repo.read(file) or "").splitlines() if repo.has(file) else (), start=1):
        name, _, value = row.partition("=")
        if name.strip() == "use-node-version" and value.strip():
            yield found(_clean(value), file, number, row)
