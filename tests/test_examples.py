"""Every example is a test: what must be true of its plan (expect.toml) and every byte that is delivered (golden/).

`make golden` rewrites golden/; the difference is read before it is committed.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from opsmith import pipeline, settings
from opsmith.checks import agreement
from opsmith.model.artifact import Artifact
from opsmith.model.blueprint import Blueprint
from opsmith.planners import rules
from opsmith.stages.draft import draft
from opsmith.stages.interpret import interpret
from opsmith.stages.render import render
from opsmith.stages.survey import survey

EXAMPLES = Path(__file__).parent.parent / "examples"
CASES = sorted(path.parent.name for path in EXAMPLES.glob("*/task.txt"))


def blueprint_of(case: str) -> Blueprint:
    folder = EXAMPLES / case
    loaded = settings.load(folder)
    surveyed = survey(folder, loaded)
    assert [problem for problem in surveyed.problems if problem.manifest] == []
    return draft(surveyed, interpret((folder / "task.txt").read_text(), rules), loaded)


def artifacts_of(case: str) -> tuple[Artifact, ...]:
    return render(blueprint_of(case))


def summary(blueprint: Blueprint) -> dict[str, Any]:
    """What expect.toml states of a plan."""
    services = {
        service.name: {
            "role": service.role,
            "image": service.build,
            "argv": list(service.argv),
            "port": service.port.number if service.port else 0,
            "probe": (service.probe.path or service.probe.kind) if service.probe else "",
            "migration": service.migration or "",
            "needs": list(service.needs),
            "calls": list(service.calls),
            "variables": {variable.name: variable.kind for variable in service.variables},
        }
        for service in blueprint.services
    }
    slos = {slo.service: slo.sli for slo in blueprint.monitoring.slos} if blueprint.monitoring else {}
    return {"targets": list(blueprint.targets), "strategy": blueprint.strategy, "services": services, "slos": slos}


@pytest.mark.parametrize("case", CASES)
def test_plan(case: str) -> None:
    expected = tomllib.loads((EXAMPLES / case / "expect.toml").read_text())
    assert summary(blueprint_of(case)) == expected


@pytest.mark.parametrize("case", CASES)
def test_golden(case: str, update_golden: bool) -> None:
    files = {artifact.path: artifact.text for artifact in artifacts_of(case)}
    golden = EXAMPLES / case / "golden"
    if update_golden:
        _rewrite(golden, files)
    assert {str(path.relative_to(golden)): path.read_text() for path in sorted(golden.rglob("*")) if path.is_file()} == files


@pytest.mark.parametrize("case", CASES)
def test_everything_referred_to_is_there(case: str) -> None:
    blueprint = blueprint_of(case)
    files = {artifact.path: artifact.text for artifact in render(blueprint)}
    assert list(agreement.check(files, blueprint)) == []


@pytest.mark.parametrize("case", CASES)
def test_every_line_has_an_origin(case: str) -> None:
    blueprint = blueprint_of(case)
    for artifact in render(blueprint):
        covered = {line for origin in artifact.origins for line in range(origin.first, origin.last + 1)}
        assert covered >= set(range(1, artifact.text.count("\n") + 1)), artifact.path


def test_plan_alone_is_the_plan_of_a_run() -> None:
    folder = EXAMPLES / "notes"
    planned = pipeline.plan(folder, (folder / "task.txt").read_text(), rules, {})
    assert planned == blueprint_of("notes")


def _rewrite(golden: Path, files: dict[str, str]) -> None:
    for path in sorted(golden.rglob("*"), reverse=True):
        if path.is_file() and str(path.relative_to(golden)) not in files:
            path.unlink()
        elif path.is_dir() and not any(path.iterdir()):
            path.rmdir()
    for name, text in files.items():
        path = golden / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
