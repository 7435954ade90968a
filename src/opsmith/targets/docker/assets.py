"""Node beside another language: what builds the assets of a server, in the stage that builds the server."""

from __future__ import annotations

from typing import Any

from opsmith import conventions
from opsmith.model.blueprint import Build
from opsmith.targets.docker import layout

_MANIFESTS = frozenset(
    (
        "package.json", "package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "pnpm-workspace.yaml", "bun.lock", "bun.lockb",
        ".npmrc", ".yarnrc.yml",
    )
)  # fmt: skip
_CACHES = {"npm": "/root/.npm", "yarn": "/usr/local/share/.cache/yarn", "pnpm": "/root/.local/share/pnpm/store", "bun": "/root/.bun/install/cache"}


def is_manifest(path: str) -> bool:
    return path.rpartition("/")[2] in _MANIFESTS


def images(build: Build) -> dict[str, str]:
    """None where nothing is built with Node."""
    if not {"node", "node-assets"} & set(build.traits):
        return {}
    node = {"node": conventions.image(f"node:{layout.trait(build, 'node-image') or '24'}-bookworm-slim")}
    return node | ({"bun": conventions.image("oven/bun:1-slim")} if layout.trait(build, "node-manager") == "bun" else {})


def values(build: Build) -> dict[str, Any]:
    """`node_tools` install the package manager, `node_cache` is its cache; both for the include assets.j2."""
    manager = layout.trait(build, "node-manager") or ("npm" if "node-assets" in build.traits else None)
    tools = (f"npm install --global pnpm@{conventions.package('pnpm')}",) if manager == "pnpm" else ()
    return {"node_tools": tools, "node_cache": _CACHES.get(manager or ""), "node_modules": manager is not None}
