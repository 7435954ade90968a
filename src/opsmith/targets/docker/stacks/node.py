"""Node and Bun: dependencies by the package manager that locked them, built, pruned to what production runs."""

from __future__ import annotations

import re
from typing import Any

from opsmith import conventions
from opsmith.model.blueprint import Build
from opsmith.targets.docker import layout

TEMPLATE = "node.j2"
IGNORED = ("**/node_modules", "**/coverage", "**/.next", "**/.nuxt", "**/.svelte-kit", "**/.turbo", "**/.cache")


def images(build: Build) -> dict[str, str]:
    bun = build.package_manager == "bun"
    return {"base": conventions.image("oven/bun:1-slim" if bun else f"node:{build.runtime_version}-bookworm-slim")}


_NODE_CACHES = {
    "npm": "/root/.npm",
    "yarn": "/usr/local/share/.cache/yarn",
    "pnpm": "/root/.local/share/pnpm/store",
    "bun": "/root/.bun/install/cache",
}


def plan(build: Build) -> layout.Plan:
    manager = build.package_manager or "npm"
    tools = _manager(build, manager)
    cache = "/root/.yarn/berry/cache" if "yarn-berry" in build.traits else _NODE_CACHES.get(manager, "/root/.npm")
    own = build.build_command is not None and not _is_workspace_command(build.build_command)
    return layout.Plan(
        tools=tools,
        copies=layout.grouped(build.manifests, build),
        caches=(cache,),
        install=(build.install_command or "npm install",),
        build=(build.build_command,) if build.build_command else (),
        build_folder=layout.inside(build) if own else "",
        prune=_prune(build, manager) if not build.static_dir and "next-standalone" not in build.traits else (),
        environment=(*(SKIPPED[name] for name in SKIPPED if f"downloads:{name}" in build.traits), *build.build_variables),
    )


SKIPPED = {
    "cypress": ("CYPRESS_INSTALL_BINARY", "0"),
    "playwright": ("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1"),
    "puppeteer": ("PUPPETEER_SKIP_DOWNLOAD", "true"),
}
"""What keeps a test tool from fetching a browser that the image never runs."""


def _manager(build: Build, manager: str) -> tuple[str, ...]:
    """Installs the package manager, at the version that the repository names, where the image does not hold it."""
    version = next((trait.partition(":")[2] for trait in build.traits if trait.startswith("manager:")), None)
    if version is None:
        return ()
    # --force: Yarn 1 of the image is at the same place.
    return (f"npm install --global pnpm@{version}" if manager == "pnpm" else f"npm install --global --force @yarnpkg/cli-dist@{version}",)


def _is_workspace_command(command: str) -> bool:
    return bool(re.search(r"--workspace|--filter|-w |turbo |nx |yarn workspace", command))


KEEPS_EVERYTHING = frozenset(("prisma", "runtime-dev-dependencies", "migrates"))
"""Traits of a project whose running or migrating programs are among its development dependencies."""


def _prune(build: Build, manager: str) -> tuple[str, ...]:
    """Leave only what runs in production. Workspaces keep everything: their package managers prune for one package only."""
    if build.path != build.context or not KEEPS_EVERYTHING.isdisjoint(build.traits):
        return ()
    match manager:
        case "npm":
            return ("npm prune --omit=dev --ignore-scripts",)
        case "pnpm":
            return ("pnpm prune --prod --ignore-scripts",)
        case "yarn" if "yarn-berry" not in build.traits:
            return ("yarn install --production --ignore-scripts --prefer-offline --frozen-lockfile",)
        case _:
            return ()


def values(_: Build) -> dict[str, Any]:
    return {}
