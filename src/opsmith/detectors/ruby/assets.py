"""What is built before the start: the assets of a Rails application, by Ruby and, where there is a package.json beside it, by Node."""

from __future__ import annotations

import json
from dataclasses import dataclass

from opsmith.detectors.ruby.native import needs_javascript
from opsmith.detectors.ruby.project import Project
from opsmith.model.survey import Evidence
from opsmith.shapes import table

_PIPELINES = (
    "sprockets-rails",
    "sprockets",
    "propshaft",
    "webpacker",
    "shakapacker",
    "vite_rails",
    "vite_ruby",
    "jsbundling-rails",
    "cssbundling-rails",
)
_TAILWIND = ("tailwindcss-rails", "dartsass-rails", "importmap-rails")
_LOCKS = (("pnpm-lock.yaml", "pnpm", "pnpm install --frozen-lockfile"), ("bun.lock", "bun", "bun install --frozen-lockfile"),
          ("bun.lockb", "bun", "bun install --frozen-lockfile"), ("yarn.lock", "yarn", "yarn install --frozen-lockfile"),
          ("package-lock.json", "npm", "npm ci"))  # fmt: skip
_INSTALLS_ITSELF = ("jsbundling-rails", "cssbundling-rails", "webpacker", "shakapacker", "vite_rails", "vite_ruby")


@dataclass(frozen=True, slots=True, kw_only=True)
class Assets:
    command: str | None
    evidence: tuple[Evidence, ...] = ()
    manifests: tuple[str, ...] = ()
    traits: tuple[str, ...] = ()


def assets(project: Project) -> Assets:
    """The command that builds the assets of a Rails application; none for an API without any."""
    pipelines = [gem for name in (*_PIPELINES, *_TAILWIND) if (gem := project.gem(name)) is not None]
    built_in = project.version("rails") < (7,) and bool(project.gem("rails")) and project.has("app/assets/config/manifest.js")
    older = project.repo.under(project.path("app/assets"), ".css", ".scss", ".js", ".coffee", ".sass", ".erb")
    node = _node(project)
    if not pipelines and not built_in and not (older and project.version("rails") < (7,)):
        return node
    rails = "bin/rails" if project.has("bin/rails") else "bundle exec rails" if project.version("rails") >= (5,) else "bundle exec rake"
    command = f"{'SECRET_KEY_BASE_DUMMY=1 ' if project.version('rails') >= (7, 1) else ''}{rails} assets:precompile"
    shows = (
        tuple(gem.evidence for gem in pipelines[:2]) or (Evidence(file=older[0], shows="assets of Sprockets", confidence=0.7),)
        if older or pipelines
        else ()
    )
    before = f"{node.command} && " if node.command else ""
    kinds = tuple(f"assets:{gem.name.removesuffix('-rails').removesuffix('_rails')}" for gem in pipelines)
    runtime = ("node",) if not node.traits and needs_javascript(project) else ()
    return Assets(command=before + command, evidence=(*shows, *node.evidence), manifests=node.manifests, traits=(*kinds, *node.traits, *runtime))


def _node(project: Project) -> Assets:
    """Installing what package.json lists, and building where no Ruby pipeline does that."""
    if not project.has("package.json"):
        return Assets(command=None)
    manifest = table(project.repo.json(project.path("package.json")))
    if not table(manifest.get("dependencies")) and not table(manifest.get("devDependencies")):
        return Assets(command=None)
    file, manager, install = next((entry for entry in _LOCKS if project.has(entry[0])), ("", "npm", "npm install"))
    scripts = table(manifest.get("scripts"))
    handed_on = project.gem(*_INSTALLS_ITSELF) is not None
    if not handed_on and "build" not in scripts:
        return Assets(command=None)
    build = "" if handed_on else f" && {manager} run build"
    shows = Evidence(
        file=project.path("package.json"), line=None, shows=f"scripts.build: {json.dumps(scripts.get('build', ''))[:80]}", confidence=0.8
    )
    found = tuple(project.path(name) for name in ("package.json", file, ".yarnrc.yml", ".npmrc", "pnpm-workspace.yaml") if name and project.has(name))
    return Assets(command=install + build, evidence=(shows,), manifests=found, traits=("node", f"node-manager:{manager}"))
