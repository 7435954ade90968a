"""The Rust toolchain that a repository asks for.

Precedence, the package's own folder before the workspace's and the root's: the channel of rust-toolchain.toml or rust-toolchain, the `rust` line of
.tool-versions, then of mise.toml, then `rust-version` of Cargo.toml (the least that works). The edition is no version.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from opsmith.detectors.rust.manifests import Package, join
from opsmith.model.survey import Evidence
from opsmith.repo import Repo
from opsmith.shapes import items, table

_CHANNEL = re.compile(r"[A-Za-z0-9][\w.-]{0,60}")


def version(repo: Repo, package: Package) -> tuple[str | None, Evidence | None]:
    folders = tuple(dict.fromkeys((package.folder, package.workspace, "")))
    for read in (_toolchain, _tool_versions, _mise):
        for folder in folders:
            for found in read(repo, folder):
                return found
    return next(_least(repo, package), (None, None))


def _toolchain(repo: Repo, folder: str) -> Iterator[tuple[str, Evidence]]:
    path = join(folder, "rust-toolchain.toml")
    old = join(folder, "rust-toolchain")
    if repo.has(path):
        yield from _channel(repo, path, table(table(repo.toml(path)).get("toolchain")).get("channel"))
    if repo.has(old):
        text = (repo.read(old) or "").strip()
        match = re.search(r'^\s*channel\s*=\s*"([^"\n]+)"', text, re.MULTILINE) if "[toolchain]" in text else None
        yield from _channel(repo, old, match[1] if match else text)


def _channel(repo: Repo, path: str, channel: object) -> Iterator[tuple[str, Evidence]]:
    if isinstance(channel, str) and _CHANNEL.fullmatch(channel):
        yield channel, Evidence(file=path, line=repo.line_of(path, channel), shows=f"channel {channel}", confidence=0.95)


def _tool_versions(repo: Repo, folder: str) -> Iterator[tuple[str, Evidence]]:
    path = join(folder, ".tool-versions")
    match = re.search(r"^rust[ \t]+([\w.-]+)", repo.read(path) or "", re.MULTILINE) if repo.has(path) else None
    if match:
        yield match[1], Evidence(file=path, line=repo.line_of(path, match[0]), shows=match[0], confidence=0.95)


def _mise(repo: Repo, folder: str) -> Iterator[tuple[str, Evidence]]:
    for name in ("mise.toml", ".mise.toml"):
        path = join(folder, name)
        told = table(table(repo.toml(path)).get("tools")).get("rust") if repo.has(path) else None
        told = table(told).get("version") or next(iter(items(told)), None) or told
        if isinstance(told, str) and _CHANNEL.fullmatch(told):
            yield told, Evidence(file=path, line=repo.line_of(path, told), shows=f"rust = {told}", confidence=0.95)


def _least(repo: Repo, package: Package) -> Iterator[tuple[str, Evidence]]:
    told = table(package.document.get("package")).get("rust-version")
    manifest = package.manifest
    if table(told).get("workspace") is True:
        told = table(package.shared.get("package")).get("rust-version")
        manifest = join(package.workspace, "Cargo.toml")
    if isinstance(told, str) and _CHANNEL.fullmatch(told):
        yield told, Evidence(file=manifest, line=repo.line_of(manifest, "rust-version"), shows=f"rust-version {told} (the least)", confidence=0.85)
