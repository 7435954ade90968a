"""What a surveyed repository adds to the words, and what is nobody's work here."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from opsmith.cli.main import main
from opsmith.model.survey import Component, Existing, Survey
from opsmith.planners import rules
from opsmith.stages.interpret import interpret

SHOP = Survey(
    root="/shop",
    components=tuple(
        Component(name=name, path=name, role="web", language="python")
        for name in ("cart", "catalog", "shipping", "web", "invoice-renderer", "orders")
    ),
    existing=(Existing(kind="kubernetes", path="deploy/prod.yaml"), Existing(kind="dockerfile", path="build/image.txt")),
)


@pytest.mark.parametrize(
    ("task", "names"),
    [
        ("mTLS with Istio for cart, catalog and shipping.", {"cart", "catalog", "shipping"}),
        ("Deploy the orders service to staging.", {"orders"}),
        ("Scale invoice renderer on queue length.", {"invoice-renderer"}),
        ("Add a Helm chart for the web and a dashboard.", {"web"}),
        ("Dockerise `web`.", {"web"}),
        ("Add a web firewall and a shipping label printer to the Terraform.", set[str]()),
        ("We need alerts for every web page that answers slowly.", set[str]()),
        ("Deploy everything except cart to Kubernetes.", set[str]()),
        ("Helm chart for `ledger`.", {"ledger"}),
    ],
)
def test_components_are_those_of_the_survey(task: str, names: set[str]) -> None:
    assert set(interpret(task, rules, SHOP).components) == names


@pytest.mark.parametrize(
    ("task", "kind", "targets"),
    [
        ("Tidy up `main.tf` and variables.tfvars.", "deliver", ("terraform",)),
        ("Fix `.github/workflows/ci.yml` so that it caches.", "deliver", ("github_actions",)),
        ("Add health checks to docker-compose.yml.", "deliver", ("compose",)),
        ("Add limits to deploy/prod.yaml.", "deliver", ("kubernetes",)),
        ("Make build/image.txt smaller.", "deliver", ("docker",)),
        ("Leave infra/main.tf alone and write a Jenkinsfile.", "deliver", ("jenkins",)),
    ],
)
def test_files_of_the_trade_are_signals(task: str, kind: str, targets: tuple[str, ...]) -> None:
    intent = interpret(task, rules, SHOP)
    assert (intent.kind, intent.targets) == (kind, targets)


def test_a_manifest_is_any_file_until_the_survey_says_so() -> None:
    assert interpret("Add limits to deploy/prod.yaml.", rules).targets == ()


@pytest.mark.parametrize(
    "task",
    [
        "Set up the CI/CD pipeline",
        "Docker container configuration for the app",
        "Kubernetes service setup",
        "Infrastructure as Code with CloudFormation",
        "Automate the deployment",
        "Configure monitoring and alerting",
        "Build failures in the CI/CD pipeline",
        "Infrastructure scaling issues",
        "Security scan found vulnerabilities",
        "Set up multi-region for disaster recovery",
        "Deploy auth service to production without downtime",
        "Cost optimization opportunities in the cloud",
    ],
)
def test_triggers_of_the_trade_are_ours(task: str) -> None:
    intent = interpret(task, rules)
    assert intent.kind != "none"
    assert intent.out_of_scope == ()


@pytest.mark.parametrize(
    ("task", "agent"),
    [
        ("Implement the loyalty points in the order module.", "developers"),
        ("Design a normalised database schema for bookings.", "database-specialist"),
        ("Restyle the settings page.", "frontend-developer"),
        ("Do a security code review of the payment module.", "security-expert"),
        ("Write the user manual.", "tech-writer-agent"),
        ("Set the preview domain on Vercel.", "deployment-integration-expert"),
        ("Write unit tests for the price calculation.", "test-engineer"),
    ],
)
def test_work_of_others_is_handed_over(task: str, agent: str) -> None:
    intent = interpret(task, rules)
    assert intent.kind == "none"
    assert [item.hand_to for item in intent.out_of_scope] == [agent]


def test_repo_is_surveyed_by_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "pulse").mkdir()
    (tmp_path / "pulse/go.mod").write_text("module example.com/pulse\n\ngo 1.24\n")
    (tmp_path / "pulse/main.go").write_text('package main\n\nimport "net/http"\n\nfunc main() { _ = http.ListenAndServe(":8080", nil) }\n')
    assert main(["interpret", "Kubernetes for pulse, 4 replicas.", "--repo", str(tmp_path), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["components"] == ["pulse"]
    assert main(["interpret", "Kubernetes for pulse, 4 replicas.", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["components"] == []
