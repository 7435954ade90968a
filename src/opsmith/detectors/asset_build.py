"""A package.json that only builds the assets of a program in another language beside it: how it is installed and built."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from opsmith.model.survey import Evidence
from opsmith.repo import Repo
from opsmith.shapes import table

_LOCKS = (
    ("pnpm-lock.yaml", "pnpm", "pnpm install --frozen-lockfile"),
    ("bun.lock", "bun", "bun install --frozen-lockfile"),
    ("bun.lockb", "bun", "bun install --frozen-lockfile"),
    ("yarn.lock", "yarn", "yarn install --frozen-lockfile"),
    ("package-lock.json", "npm", "npm ci"),
)
_SCRIPTS = ("build:production", "build:prod", "production", "prod", "build")
_SETTINGS = (".yarnrc.yml", ".npmrc", "pnpm-workspace.yaml")


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetBuild:
    """`build` is None where package.json has no script that builds; `traits` tell an image that it needs Node to be built."""

    install: str
    build: str | None
    manifests: tuple[str, ...]
    traits: tuple[str, ...]
    evidence: Evidence

    @property
    def command(self) -> str | None:
        return f"{self.install} && {self.build}" if self.build else None


def asset_build(repo: Repo, folder: str) -> AssetBuild | None:
    """What package.json in `folder` builds; None where there is none or it lists nothing."""
    prefix = f"{folder}/" if folder else ""
    file = f"{prefix}package.json"
    manifest = table(repo.json(file)) if repo.has(file) else {}
    if not table(manifest.get("dependencies")) and not table(manifest.get("devDependencies")):
        return None
    lock, manager, install = next((entry for entry in _LOCKS if repo.has(prefix + entry[0])), ("package.json", "npm", "npm install"))
    scripts = table(manifest.get("scripts"))
    script = next((name for name in _SCRIPTS if isinstance(scripts.get(name), str)), None)
    names = dict.fromkeys((file, prefix + lock, *(prefix + name for name in _SETTINGS)))
    shows = f"scripts.{script}: {str(scripts[script])[:80]}" if script else f"installed by {manager}"
    return AssetBuild(
        install=install,
        build=f"{manager} run {script}" if script else None,
        manifests=tuple(name for name in names if repo.has(name)),
        traits=("node", f"node-manager:{manager}", *_version(repo, prefix, manifest)),
        evidence=Evidence(file=file, line=repo.line_of(file, f'"{script}"') if script else None, shows=shows, confidence=0.85),
    )


def _version(repo: Repo, prefix: str, manifest: Mapping[str, Any]) -> tuple[str, ...]:
    """`node-version:` with what the repository says of the Node that builds, as it is written."""
    told = next((text.strip() for name in (".nvmrc", ".node-version") if repo.has(prefix + name) and (text := repo.read(prefix + name))), None)
    stated = told or table(manifest.get("engines")).get("node")
    return (f"node-version:{stated[:40]}",) if isinstance(stated, str) and stated.strip() else ()
