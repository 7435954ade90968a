from __future__ import annotations

from pathlib import Path

import pytest

from opsmith.detectors import python
from opsmith.model.survey import Evidence, Runtime
from opsmith.repo import Repo

FLASK = "from flask import Flask\napp = Flask(__name__)\n"


@pytest.mark.parametrize(
    ("requirements", "stated", "version"),
    [
        ("flask==2.0\ncelery==5.2.7\n", None, "<3.12"),
        ("flask==2.0\nDjango>=3.2,<4\n", None, "<3.11"),
        ("flask==2.0\nDjango~=4.2.1\n", None, "<3.13"),
        ("flask==2.0\nDjango~=4.2\n", None, "<3.13"),
        ("flask==2.0\npandas==2.1.*\n", None, "<3.13"),
        ("flask==2.0\nceler==5.2.7\n", None, None),
        ("flask==2.0\ncelery>=5.2.7\n", None, None),
        ("flask==2.0\nnumpy<=1.25\n", ">=3.9", ">=3.9,<3.12"),
        ("flask==2.0\nnumpy<=1.25\n", ">=3.9,<3.14", ">=3.9,<3.14"),
        ("flask==2.0\nnumpy<=1.25\n", "==3.13.*", "==3.13.*"),
    ],
)
def test_old_dependencies_bound_the_python_that_nobody_states(tmp_path: Path, requirements: str, stated: str | None, version: str | None) -> None:
    (tmp_path / "app.py").write_text(FLASK)
    (tmp_path / "requirements.txt").write_text(requirements)
    if stated:
        (tmp_path / "pyproject.toml").write_text(f'[project]\nname = "x"\nrequires-python = "{stated}"\n')
    (component,) = python.detect(Repo(tmp_path))
    assert component.runtime == Runtime(name="python", version=version)


def test_the_evidence_names_the_dependency(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(FLASK)
    (tmp_path / "requirements.txt").write_text("flask==2.0\ncelery==5.2.7\n")
    (component,) = python.detect(Repo(tmp_path))
    assert component.evidence["runtime"] == (
        Evidence(file="requirements.txt", line=2, shows="celery==5.2.7 does not run on Python 3.12", confidence=0.7),
    )
