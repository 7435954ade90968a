"""What is built before the start: the assets of a Rails application, by Ruby and, where there is a package.json beside it, by Node."""

from __future__ import annotations

from dataclasses import dataclass

from opsmith.detectors.asset_build import asset_build
from opsmith.detectors.ruby.native import needs_javascript
from opsmith.detectors.ruby.project import Project
from opsmith.model.survey import Evidence

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
    runtime = (("execjs",) if node.traits else ("node", "execjs")) if needs_javascript(project) else ()
    return Assets(command=before + command, evidence=(*shows, *node.evidence), manifests=node.manifests, traits=(*kinds, *node.traits, *runtime))


def _node(project: Project) -> Assets:
    """Installing what package.json lists, and building where no Ruby pipeline does that."""
    found = asset_build(project.repo, project.folder)
    handed_on = project.gem(*_INSTALLS_ITSELF) is not None
    if found is None or not (handed_on or found.build):
        return Assets(command=None)
    command = found.install if handed_on else found.command
    return Assets(command=command, evidence=(found.evidence,), manifests=found.manifests, traits=found.traits)
