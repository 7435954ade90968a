"""The jobs and steps of every system of pipelines, each step with the line it stands on; Prometheus' rules."""

from __future__ import annotations

from pathlib import Path

import pytest

from opsmith.detectors.deployed import read
from opsmith.detectors.existing import existing
from opsmith.model.assessment import Spot
from opsmith.model.estate import Job, Rule
from tests.deployed.trees import write

GITHUB = """\
on: {schedule: [{cron: "0 0 * * *"}]}
jobs:
  test:
    timeout-minutes: 5
    environment: {name: prod}
    steps:
      - uses: actions/checkout@v4
        with: {fetch-depth: 0}
      - run: make test
        env: {A: b}
  ship:
    needs: [test]
    uses: ./.github/workflows/ship.yml
"""
GITLAB = """\
default: {before_script: [prepare], timeout: 1h 30m}
include: [{project: a/b, file: c.yml}]
.base: {script: [make base]}
test: {extends: .base, needs: [{job: lint}, build]}
ship:
  before_script: []
  script:
    - make ship
  environment: prod
"""
CIRCLE = """\
commands: {setup: {steps: [{run: make setup}]}}
jobs:
  test:
    steps:
      - checkout
      - setup
      - run: {name: all, command: make test}
workflows:
  all:
    jobs: [test, {aws-ecr/build: {repo: a}}]
"""
AZURE = """\
trigger: none
stages:
  - stage: one
    jobs:
      - deployment: ship
        timeoutInMinutes: 7
        dependsOn: test
        environment: prod
        strategy: {runOnce: {deploy: {steps: [{script: make ship}]}}}
      - job: test
        steps:
          - task: Docker@2
            inputs: {command: build}
"""
JENKINS = """\
// sh 'none'
timeout(time: 2, unit: 'HOURS')
sh 'rm -rf build/*' /* once */
sh 'curl http://a/b'
"""


def told(job: Job) -> tuple[object, ...]:
    steps = [(step.spot.line, step.words, step.uses) for step in job.steps]
    return job.name, job.spot.line, job.minutes, job.after, job.environment, steps


@pytest.mark.parametrize(
    ("path", "text", "on_change", "jobs"),
    [
        (".github/workflows/a.yml", GITHUB, False, [
            ("test", 3, 5, (), "prod", [(7, "actions/checkout@v4 fetch-depth=0 ", "actions/checkout@v4"), (9, "make test\nA b", "")]),
            ("ship", 11, None, ("test",), "", [(13, "./.github/workflows/ship.yml  ", "./.github/workflows/ship.yml")]),
        ]),
        (".gitlab-ci.yml", GITLAB, True, [
            ("include 1", 2, 60, (), "", [(2, "project a/b file c.yml", "project a/b file c.yml")]),
            ("test", 4, 90, ("lint", "build"), "", [(4, "prepare", ""), (4, "make base", "")]),
            ("ship", 5, 90, (), "prod", [(7, "make ship", "")]),
        ]),
        (".circleci/config.yml", CIRCLE, True, [
            ("test", 3, None, (), "", [(5, "checkout ", "checkout"), (6, "run make setup", ""), (7, "name all command make test", "")]),
            ("aws-ecr/build", 10, None, (), "", [(10, "aws-ecr/build aws-ecr/build repo a", "aws-ecr/build")]),
        ]),
        ("azure-pipelines.yml", AZURE, False, [
            ("ship", 5, 7, ("test",), "prod", [(9, "make ship", "")]),
            ("test", 10, None, (), "", [(12, "task Docker@2 inputs command build", "Docker@2")]),
        ]),
        ("Jenkinsfile", JENKINS, True, [
            ("pipeline", 1, 120, (), "",
             [(2, "timeout(time: 2, unit: 'HOURS')", ""), (3, "sh 'rm -rf build/*'", ""), (4, "sh 'curl http://a/b'", "")]),
        ]),
    ],
)  # fmt: skip
def test_jobs(path: str, text: str, on_change: bool, jobs: list[tuple[object, ...]], tmp_path: Path) -> None:
    repo = write(tmp_path, {path: text})
    (pipeline,) = read(repo, existing(repo)).pipelines
    assert pipeline.on_change is on_change
    assert [told(job) for job in pipeline.jobs] == jobs


def test_rules(tmp_path: Path) -> None:
    text = """\
groups:
  - name: a
    rules:
      - {record: r, expr: sum(a)}
      - alert: Down
        expr: up == 0
        for: 1m30s
        labels: {severity: page}
        annotations: {summary: s}
"""
    repo = write(tmp_path, {"rules.yml": text})
    assert read(repo, existing(repo)).rules == (
        Rule(spot=Spot(file="rules.yml", line=4), alert="", record="r", expression="sum(a)", seconds=0, labels={}, annotations={}),
        Rule(spot=Spot(file="rules.yml", line=5), alert="Down", record="", expression="up == 0", seconds=90, labels={"severity": "page"},
             annotations={"summary": "s"}),
    )  # fmt: skip


def test_a_broken_file_is_told_once_and_says_nothing(tmp_path: Path) -> None:
    repo = write(tmp_path, {".github/workflows/a.yml": "on: push\njobs: {\n"})
    found = existing(repo)
    assert [read(repo, found).pipelines[0].jobs for _ in range(2)] == [(), ()]
    assert [(item.file, item.what.partition(":")[0], item.manifest) for item in repo.problems] == [(".github/workflows/a.yml", "broken YAML", False)]
