"""Two components of one name: the later one takes its folder's name into its own, and is asked about under it."""

from __future__ import annotations

from pathlib import Path

from opsmith.model.survey import Ambiguity
from opsmith.settings import load
from opsmith.stages.survey import survey


def test_open_questions_use_the_name_that_opsmith_yaml_may_use(tmp_path: Path) -> None:
    for folder in ("one/worker", "two/worker"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "one/worker/requirements.txt").write_text("flask\n")
    (tmp_path / "one/worker/app.py").write_text("from flask import Flask\napp = Flask(__name__)\n")
    (tmp_path / "two/worker/package.json").write_text('{"scripts": {"start": "node server.js"}, "dependencies": {"express": "4"}}')
    (tmp_path / "two/worker/server.js").write_text("const app = require('express')();\napp.listen(unknown.port);\n")
    found = survey(tmp_path, load(tmp_path, {}, {}))
    assert [item.name for item in found.components] == ["worker", "worker-worker"]
    assert found.components[1].ambiguities == (
        Ambiguity(
            fact="ports",
            component="worker-worker",
            choices=("3000",),
            how_to_decide="set components.worker-worker.ports in opsmith.yaml (3000 is a guess: the repository does not say)",
        ),
    )
