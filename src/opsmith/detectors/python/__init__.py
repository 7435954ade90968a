"""Python: Django, Flask, FastAPI and other web applications, Streamlit and the like, gRPC servers, and the workers beside them.

A project is a folder with a manifest (requirements, pyproject.toml, setup.py, Pipfile, environment.yml) or a manage.py; each process type
found in it becomes a component. Files are parsed, never imported or run.
"""

from __future__ import annotations

from collections.abc import Iterable

from opsmith.model.survey import Component
from opsmith.repo import Repo

NAME = "python"


def detect(repo: Repo) -> Iterable[Component]:
    if not any(path.endswith(".py") for path in repo.files) and not repo.named("pyproject.toml", "setup.cfg"):
        return ()  # a manifest without a program is no component, but what is wrong with it is told
    from opsmith.detectors.python.components import components  # other repositories do without loading it

    return components(repo)
