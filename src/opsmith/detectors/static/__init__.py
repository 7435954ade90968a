"""Sites that end as files and need no Node: Hugo, Jekyll, MkDocs, Sphinx, Zola, mdBook, Pelican, and pages that are served as they lie there.

Commands run in the component's folder; `static_dir` is relative to it.
"""

from __future__ import annotations

from collections.abc import Iterable

from opsmith.model.survey import Component
from opsmith.repo import Repo

NAME = "static"
_MARKS = (
    "hugo.toml", "hugo.yaml", "hugo.yml", "hugo.json", "config.toml", "config.yaml", "config.yml", "config.json", "_config.yml", "_config.yaml",
    "config.rb", "mkdocs.yml", "mkdocs.yaml", "conf.py", "book.toml", "pelicanconf.py", "index.html",
)  # fmt: skip


def detect(repo: Repo) -> Iterable[Component]:
    if not repo.named(*_MARKS):
        return ()
    from opsmith.detectors.static.components import components  # other repositories do without loading it

    return components(repo)
