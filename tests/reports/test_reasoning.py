"""Decision records and Chain-of-Draft steps of a run: facts of the case, and nothing where nothing was decided."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from opsmith import pipeline
from opsmith.model.job import Job
from opsmith.model.report import RunReport
from opsmith.planners import rules
from opsmith.reports import chain_of_draft, decisions, reasoning
from opsmith.tools import NoRunner

EXAMPLES = Path(__file__).parents[2] / "examples"
WHOLE = (
    "Deploy to Kubernetes with GitHub Actions, Prometheus alerts, canary, 10k concurrent users, 3 to 9 replicas, RPO 5 minutes, Frankfurt on AWS, "
    "staging and production"
)


def ran(example: str, task: str, tmp_path: Path) -> RunReport:
    return pipeline.run(Job(task=task, repo=EXAMPLES / example, destination=tmp_path, write=False), rules, NoRunner())


def test_decisions_name_what_each_option_means_for_this_system(tmp_path: Path) -> None:
    assert decisions.lines(ran("shop", WHOLE, tmp_path)) == [
        "- Architecture pattern: **3 processes from 2 images**, because the repository is divided so: api, worker and web",
        "  - 3 processes from 2 images (chosen): api, worker and web are released one by one; web calls api",
        "  - monolith: python and node would have to be one language",
        (
            "  - serverless functions: worker would have to end after each message,"
            " and every instance would open its own connections to postgres and redis"
        ),
        '- Cloud strategy: **single provider: aws**, because the task says "AWS"',
        (
            "  - single provider: aws (chosen): the cluster runs in eu-central-1 and keeps postgres (10Gi) and redis (10Gi) on its volumes; "
            "a managed postgres and redis would take that over"
        ),
        "  - no provider bound: somebody looks after the volumes of postgres (10Gi) and redis (10Gi)",
        "  - several providers: postgres (10Gi) and redis (10Gi) replicated between them",
        '- Deployment model: **rolling**, because canary was asked for ("canary") and needs a rollout controller that this plan does not hold',
        "  - rolling (chosen): two versions of api, worker and web answer for a moment, so the migration of api must fit both",
        "  - recreate: a gap of up to 90 s per release (start limit plus grace period)",
        "  - blue_green: 14 instances and 3584 Mi of requested memory instead of 7 and 1792 Mi during a release",
        "  - canary: can be judged by the request metrics of api",
        "- Branching strategy: **trunk-based**, because the pipeline runs on `main` alone: no git folder tells another",
        "  - trunk-based (chosen): every merge to `main` is a candidate for staging and production; api and web are tested before a merge",
        "  - a branch for each environment: 2 long-lived branches (staging and production) to merge for each release",
        "  - GitFlow: `main` would get a develop branch and release branches beside it, for 2 images",
        '- Scaling: **horizontal, automatic**, because the task says "3 to 9 replicas"',
        "  - fixed number of instances: api 3, worker 1 and web 3; 10000 concurrent users is met by these or not at all",
        "  - horizontal, automatic (chosen): api 3 to 9 and web 3 to 9; measured against the 250m CPU that api requests",
        "  - vertical: api ends at 500m CPU and 512Mi, and restarts to grow",
        "- Disaster recovery: **rebuild from images and manifests**, because no backup was asked for; the task asks for RPO 5 minutes",
        "  - rebuild from images and manifests (chosen): loses what lies on postgres (10Gi) and redis (10Gi)",
        "  - backup and restore: a nightly copy of postgres (10Gi) and redis (10Gi) loses up to 24 h, more than the 5 minutes allowed",
        "  - standby in a second region: a second region would run 3 services and a replica of postgres (10Gi) and redis (10Gi) all the time",
    ]


def test_only_what_was_decided_is_recorded(tmp_path: Path) -> None:
    assert [one.topic for one in decisions.decisions(ran("greeter", "dockerize this", tmp_path))] == ["Architecture pattern"]
    assert [one.topic for one in decisions.decisions(ran("greeter", "dockerize this, but stop the old one before the new one starts", tmp_path))] == [
        "Architecture pattern",
        "Deployment model",
    ]


def test_each_choice_is_one_of_its_options(tmp_path: Path) -> None:
    for one in decisions.decisions(ran("shop", WHOLE, tmp_path)):
        assert [option.name for option in one.options].count(one.chosen) == 1


def test_drafts_are_labels_with_five_words(tmp_path: Path) -> None:
    assert chain_of_draft.lines(ran("shop", WHOLE, tmp_path)) == [
        "Deployment:",
        "",
        "```text",
        "ASSESS: 3 processes, 0 deployment files",
        "IDENTIFY: 12 decisions left to people",
        "AUTOMATE: 2 tested, 2 built, deployed",
        "VALIDATE: no tool was asked",
        "DEPLOY: rolling into staging/production",
        "```",
        "",
        "Infrastructure:",
        "",
        "```text",
        "LOAD: 10000 concurrent users",
        "SCALE: 3 to 9 asked",
        "REGION: eu-central-1",
        "MONITOR: 1 scrape, 1 probe",
        "ALERT: 6 alerts, 2 page",
        "```",
        "",
        "Incident:",
        "",
        "```text",
        "DETECT: ApiErrorBudgetBurnFast (P1)",
        "INVESTIGATE: api, then postgres, redis",
        "MITIGATE: undo rollout of api",
        "FIX: api/Dockerfile through .github/workflows/ci.yml",
        "POSTMORTEM: api against 99.9 %",
        "```",
        "",
        "Container:",
        "",
        "```text",
        "BASE: python:3.12-slim-bookworm, node:24-bookworm-slim, nginxinc/nginx-unprivileged:1.29-alpine",
        "BUILD: 4 stages, 2 Dockerfiles",
        "CACHE: 2 cache mounts",
        "SCAN: no scanner was asked",
        "SIGN: not signed, not asked",
        "```",
    ]


def test_a_run_without_a_plan_has_nothing_to_say(tmp_path: Path) -> None:
    report = ran("greeter", "Write a poem about Kubernetes.", tmp_path)
    assert report.status == "nothing_to_do"
    assert reasoning.lines(report) == []
    assert reasoning.lines(replace(ran("greeter", "dockerize this", tmp_path), artifacts=())) == []


@pytest.mark.parametrize(
    ("text", "short"),
    [("one two three four five", "one two three four five"), ("a, b, c, d, e, f", "a, b, c +3 more"), (" a\n b ", "a b")],
)
def test_more_than_five_words_are_counted(text: str, short: str) -> None:
    assert chain_of_draft.five(text) == short
