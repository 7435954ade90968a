"""Every site of a repository, one component each."""

from __future__ import annotations

from opsmith.detectors.static import hugo, jekyll, plain, pythonic, rusty
from opsmith.detectors.static.site import Site, component
from opsmith.model.survey import Component
from opsmith.repo import Repo


def components(repo: Repo) -> list[Component]:
    made: list[Site] = [site for generator in (hugo, jekyll, pythonic, rusty) for site in generator.sites(repo)]
    return [component(repo, site) for site in (*made, *plain.sites(repo, made))]
