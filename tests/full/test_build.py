"""The examples for real: images are built, the systems started, their probes asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from opsmith import pipeline
from opsmith.model.job import Job
from opsmith.model.proof import Proof
from opsmith.model.report import RunReport
from opsmith.planners import rules
from opsmith.tools import LocalRunner, NoRunner

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
ENGINES = ("docker", "podman", "buildah")

pytestmark = pytest.mark.full


def report_of(case: str, *, build: bool) -> RunReport:
    folder = EXAMPLES / case
    job = Job(task=(folder / "task.txt").read_text(), repo=folder, destination=folder, write=False, build=build)
    return pipeline.run(job, rules, LocalRunner())


@pytest.mark.parametrize(
    ("case", "claims"),
    [
        ("greeter", {"the image builds", "greeter starts and answers /healthz"}),
        ("notes", {"the image builds", "notes starts and answers /healthz"}),
        (
            "shop",
            {"the image builds", "api starts and answers /health", "worker starts and keeps running", "web starts and answers /healthz"},
        ),
    ],
)
def test_what_is_delivered_builds_starts_and_answers(case: str, claims: set[str]) -> None:
    proofs = [proof for proof in report_of(case, build=True).proofs if proof.tool in ENGINES]
    reasons = sorted({proof.reason for proof in proofs if proof.outcome == "could_not_check"})
    if reasons:
        pytest.skip(f"could not check: {'; '.join(reasons)}")
    assert [proof for proof in proofs if proof.outcome == "refuted"] == []
    assert {proof.claim for proof in proofs} == claims


@pytest.mark.parametrize("case", ["greeter", "notes", "shop"])
def test_every_tool_that_is_here_accepts_everything(case: str) -> None:
    report = report_of(case, build=False)
    assert [(proof.tool, proof.findings) for proof in report.proofs if proof.outcome == "refuted"] == []
    assert report.findings == ()
    assert {proof.tool for proof in report.proofs if proof.outcome == "proved"} >= installed(report.proofs)


def installed(proofs: tuple[Proof, ...]) -> set[str]:
    """Tools that are here and were able to judge."""
    runner = LocalRunner()
    unable = {proof.tool for proof in proofs if proof.outcome == "could_not_check"}
    return {proof.tool for proof in proofs if runner.find(proof.tool)} - unable


def test_without_tools_nothing_counts_as_proved() -> None:
    folder = EXAMPLES / "notes"
    job = Job(task=(folder / "task.txt").read_text(), repo=folder, destination=folder, write=False)
    assert [proof.outcome for proof in pipeline.run(job, rules, NoRunner()).proofs] == []
