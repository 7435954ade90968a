from __future__ import annotations

import os
from pathlib import Path

import pytest

from opsmith.model.survey import Existing, Problem
from opsmith.repo import Repo
from opsmith.stages import detection
from opsmith.stages.detection import Detected, detected, tell

FILES = {
    "api/requirements.txt": "flask\n",
    "api/app.py": 'from flask import Flask\n\napp = Flask(__name__)\n\n\n@app.get("/health")\ndef health():\n    return "ok"\n',
    "api/broken.py": "import os\n\nos.environ[\n",
    "gateway/package.json": '{"name": "gateway", "scripts": {"start": "node index.js"}, "dependencies": {"express": "4.21.0"}}\n',
    "gateway/index.js": 'const app = require("express")();\napp.listen(3000);\n',
    "other/package.json": "{\n",
    "stock/go.mod": "module example.com/stock\n\ngo 1.24\n",
    "stock/main.go": 'package main\n\nimport "net/http"\n\nfunc main() {\n\thttp.ListenAndServe(":9000", nil)\n}\n',
    "deploy/compose.yaml": "services:\n  api: [\n",
    "Dockerfile": "FROM scratch\n",
}
COMPOSE = "deploy/compose.yaml"


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return Repo(tmp_path)


def _told(repo: Repo) -> tuple[Detected, list[Problem]]:
    found = detected(repo)
    before = list(repo.problems)
    tell(repo, found.problems)
    assert [problem.file for problem in repo.problems if problem not in before] == [COMPOSE]
    return found, list(repo.problems)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a system that copies processes")
def test_two_processes_find_what_one_finds(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = _told(repo)
    monkeypatch.setattr(detection, "_is_worth_two", lambda _: True)
    beside = _told(Repo(repo.root))
    assert beside == alone
    assert [component.name for component in alone[0].components] == ["api", "gateway", "stock"]
    assert alone[0].existing == (Existing(kind="dockerfile", path="Dockerfile"), Existing(kind="compose", path=COMPOSE))
    assert [problem.file for problem in alone[1]] == ["api/broken.py", "other/package.json", COMPOSE]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a system that copies processes")
def test_a_copy_that_dies_costs_time_only(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = _told(repo)
    monkeypatch.setattr(detection, "_is_worth_two", lambda _: True)
    monkeypatch.setattr(detection, "_answer", lambda *_: os._exit(3))
    assert _told(Repo(repo.root)) == alone


def test_few_files_are_read_by_one_process(repo: Repo) -> None:
    assert detection._is_worth_two(repo) is False  # pyright: ignore[reportPrivateUsage]
