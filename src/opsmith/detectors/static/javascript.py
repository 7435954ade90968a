"""The package.json beside a site: styles and scripts that its build needs, and sometimes the build itself."""

from __future__ import annotations

from dataclasses import dataclass

from opsmith.detectors.static.site import join
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
_BUILDS = ("build:production", "build:prod", "build")


@dataclass(frozen=True, slots=True)
class Tooling:
    """`build` is set where a script of the package runs the generator."""

    manager: str | None = None
    install: str | None = None
    build: str | None = None
    script: Evidence | None = None
    manifests: tuple[str, ...] = ()


def tooling(repo: Repo, folder: str, generator: str) -> Tooling:
    file = join(folder, "package.json")
    manifest = table(repo.json(file) if repo.has(file) else None)
    if not manifest:
        return Tooling()
    lock, manager, install = next((entry for entry in _LOCKS if repo.has(join(folder, entry[0]))), ("", "npm", "npm install"))
    scripts = {name: body for name, body in table(manifest.get("scripts")).items() if isinstance(body, str)}
    name = next((name for name in _BUILDS if name in scripts and generator in _followed(scripts, name)), None)
    needed = bool(table(manifest.get("dependencies")) or table(manifest.get("devDependencies")))
    if name is None and not needed:
        return Tooling()
    run = {"yarn": f"yarn {name}", "npm": f"npm run {name}"}.get(manager, f"{manager} run {name}")
    place = Evidence(file=file, line=repo.line_of(file, f'"{name}"'), shows=f'"{name}": "{scripts[name]}"') if name is not None else None
    manifests = (file, *((join(folder, lock),) if lock else ()))
    return Tooling(manager, install, run if name is not None else None, place, manifests)


def _followed(scripts: dict[str, str], name: str, depth: int = 4) -> str:
    """What a script comes to, with the scripts that it runs."""
    body = scripts.get(name, "")[:2000]
    words = body.split()
    further = [word for word in words if word in scripts and word != name] if depth > 0 else []
    return " ".join((body, *(_followed(scripts, word, depth - 1) for word in further[:3])))
