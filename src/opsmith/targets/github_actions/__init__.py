"""GitHub Actions: one workflow that tests, checks, builds, pushes, scans and deploys; Dependabot for what it pins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from opsmith import conventions
from opsmith.emit import Flow, noted, yaml_artifact
from opsmith.model.artifact import Artifact
from opsmith.model.blueprint import Blueprint, Pipeline
from opsmith.targets.github_actions import configuration, dependabot, deploying, images, testing

NAME = "github_actions"
DEPENDABOT = ".github/dependabot.yml"


def wanted(blueprint: Blueprint) -> bool:
    return NAME in blueprint.targets and blueprint.pipeline is not None


def render(blueprint: Blueprint) -> Sequence[Artifact]:
    pipeline = blueprint.pipeline
    if pipeline is None:
        return ()
    return (
        yaml_artifact(conventions.WORKFLOW, NAME, workflow(blueprint, pipeline), origin="pipeline"),
        yaml_artifact(DEPENDABOT, NAME, dependabot.document(blueprint), origin="pipeline"),
    )


def workflow(blueprint: Blueprint, pipeline: Pipeline) -> dict[str, Any]:
    return {
        "name": "CI",
        "on": {"pull_request": {}, "push": {"branches": noted(Flow([pipeline.branch]), "pipeline.branch")}},
        "permissions": noted({}, above="Nothing for all; each job names what it needs."),
        "concurrency": {
            "group": "${{ github.workflow }}-${{ github.ref }}",
            "cancel-in-progress": noted(
                "${{ github.event_name == 'pull_request' }}", above="A newer commit ends the run of a pull request, never a release."
            ),
        },
        "jobs": _jobs(blueprint, pipeline),
    }


def _jobs(blueprint: Blueprint, pipeline: Pipeline) -> dict[str, Any]:
    jobs: dict[str, Any] = {f"test-{test.name}": testing.job(blueprint, test) for test in pipeline.tests}
    if (checks := configuration.job(blueprint)) is not None:
        jobs[configuration.NAME] = checks
    if blueprint.builds:
        jobs |= images.jobs(blueprint, needs=tuple(jobs), hands_on=pipeline.deploys)
    if blueprint.builds and pipeline.deploys:
        jobs |= deploying.jobs(blueprint, pipeline)
    return jobs
