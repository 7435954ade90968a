"""The workflow and Dependabot's file, and what actionlint, zizmor and yamllint say of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from opsmith import conventions
from opsmith.model.blueprint import Blueprint, Pipeline, Port, Variable
from opsmith.model.blueprint import TestJob as Job
from opsmith.targets import github_actions
from opsmith.targets.github_actions import toolchains
from tests.targets.blueprints import ALL, GATEWAY, SHOP, SITE, build, job, postgres, redis
from tests.targets.realtools import ask, said, written
from tests.targets.workflows import uses, workflow

NO_STYLE = "{extends: default, rules: {line-length: disable, document-start: disable}}"


def dependabot(blueprint: Blueprint) -> Any:
    return yaml.safe_load(github_actions.render(blueprint)[1].text)


def only_testing(blueprint: Blueprint, *tests: Job) -> Blueprint:
    return replace(blueprint, pipeline=Pipeline(branch="main", tests=tests, environments=(), deploys=False))


def test_it_is_wanted_with_a_pipeline() -> None:
    assert github_actions.wanted(SHOP)
    assert not github_actions.wanted(replace(SHOP, pipeline=None))
    assert not github_actions.wanted(replace(SHOP, targets=("docker",)))


def test_nothing_is_allowed_at_the_top_and_only_pull_requests_are_cut_short() -> None:
    made = workflow(SITE)
    assert {key: made[key] for key in made if key != "jobs"} == {
        "name": "CI",
        "on": {"pull_request": {}, "push": {"branches": ["trunk"]}},
        "permissions": {},
        "concurrency": {
            "group": "${{ github.workflow }}-${{ github.ref }}",
            "cancel-in-progress": "${{ github.event_name == 'pull_request' }}",
        },
    }
    assert {name: item["permissions"] for name, item in workflow(SHOP)["jobs"].items()} == {
        "test-api": {"contents": "read"},
        "manifests": {"contents": "read"},
        "check-images": {"contents": "read"},
        "push-images": {"contents": "read", "packages": "write"},
        "deploy-staging": {"contents": "read"},
        "deploy-production": {"contents": "read"},
    }


def test_tests_reach_their_backing_services_on_localhost() -> None:
    assert workflow(SHOP)["jobs"]["test-api"] == {
        "name": "Test api",
        "runs-on": "ubuntu-24.04",
        "timeout-minutes": 20,
        "permissions": {"contents": "read"},
        "defaults": {"run": {"shell": "bash", "working-directory": "api"}},
        "services": {
            "postgres": {
                "image": conventions.image("postgres:17-alpine"),
                "env": {
                    "POSTGRES_USER": "app",
                    "POSTGRES_DB": "app",
                    "POSTGRES_PASSWORD": "ci-only",
                    "PGDATA": "/var/lib/postgresql/data/pgdata",
                },
                "ports": ["5432:5432"],
                "options": (
                    '--health-cmd "pg_isready --username=app --dbname=app" '
                    "--health-interval 5s --health-timeout 5s --health-retries 20 --health-start-period 10s"
                ),
            },
            "redis": {
                "image": conventions.image("redis:8-alpine"),
                "ports": ["6379:6379"],
                "options": ('--health-cmd "redis-cli ping" --health-interval 5s --health-timeout 5s --health-retries 20 --health-start-period 10s'),
            },
        },
        "env": {
            "DATABASE_URL": "postgresql://app:ci-only@localhost:5432/app",
            "CELERY_BROKER_URL": "redis://localhost:6379/0",
            "SECRET_KEY": "ci-only",
        },
        "steps": [
            {"name": "Check out", "uses": uses("actions/checkout"), "with": {"persist-credentials": False}},
            {
                "name": "Set up Python",
                "uses": uses("actions/setup-python"),
                "with": {"python-version": "3.12", "cache": "pip", "cache-dependency-path": "api/requirements.txt"},
            },
            {"name": "Install", "run": "pip install -r requirements.txt"},
            {"name": "Lint", "run": "ruff check ."},
            {"name": "Test", "run": "pytest"},
        ],
    }


def test_the_versions_of_actions_stand_beside_their_commits() -> None:
    text = github_actions.render(SHOP)[0].text
    lines = [line.strip().removeprefix("- ") for line in text.splitlines() if "uses:" in line]
    assert len(lines) == 17
    assert set(lines) == {
        f"uses: {conventions.action(name).uses}  # {conventions.action(name).version}"
        for name in (
            "actions/checkout",
            "actions/setup-python",
            "docker/setup-buildx-action",
            "docker/build-push-action",
            "aquasecurity/trivy-action",
            "docker/login-action",
            "azure/setup-kubectl",
        )
    }


def test_two_databases_get_two_ports_and_nothing_is_made_up_for_one_elsewhere() -> None:
    second = postgres(name="reports")
    elsewhere = redis(placement="external")
    variables = (
        Variable(name="REPORTS_URL", kind="literal", value="postgresql://reports:5432/app"),
        Variable(name="REPORTS_HOST", kind="literal", value="reports"),
        Variable(name="REDIS_URL", kind="secret", secret="redis-secrets", key="REDIS_URL"),
        Variable(name="ACCOUNT", kind="unset"),
        Variable(name="POOL_MAX", kind="unset"),
    )
    blueprint = replace(
        SHOP, backings=(postgres(), second, elsewhere), services=(replace(SHOP.services[0], variables=variables),), secrets=SHOP.secrets
    )
    literals = tuple((item.name, item.value or "") for item in variables if item.kind == "literal")
    made = workflow(only_testing(blueprint, job("api", needs=("postgres", "reports", "redis"), variables=literals, service="api")))["jobs"][
        "test-api"
    ]
    assert {name: item["ports"] for name, item in made["services"].items()} == {"postgres": ["5432:5432"], "reports": ["5433:5432"]}
    assert made["env"] == {"REPORTS_URL": "postgresql://localhost:5433/app", "REPORTS_HOST": "localhost", "ACCOUNT": "ci-only", "POOL_MAX": "1"}


def test_a_port_to_listen_on_is_nothing_to_a_test() -> None:
    told = (
        ("PORT", "8000"),
        ("METRICS_PORT", "9100"),
        ("POSTGRES_PORT", "5432"),
        ("ADMIN_PORT", "8001"),
        ("LIMIT", "8000"),
        ("DJANGO_SETTINGS_MODULE", "shop.settings"),
    )
    api = replace(
        SHOP.services[0],
        variables=tuple(Variable(name=name, kind="literal", value=value) for name, value in told),
        extra_ports=(Port(number=9100, name="metrics", protocol="http"), Port(number=5432, name="proxy", protocol="tcp")),
    )
    blueprint = replace(SHOP, services=(api,))
    made = workflow(only_testing(blueprint, job("api", needs=("postgres",), variables=told, service="api")))
    assert made["jobs"]["test-api"]["env"] == {
        "POSTGRES_PORT": "5432",
        "ADMIN_PORT": "8001",
        "LIMIT": "8000",
        "DJANGO_SETTINGS_MODULE": "shop.settings",
    }
    only_port = replace(blueprint, services=(replace(api, variables=api.variables[:1]),), backings=())
    assert "env" not in workflow(only_testing(only_port, job("api", variables=told[:1], service="api")))["jobs"]["test-api"]


@pytest.mark.parametrize(
    ("test", "traits", "steps"),
    [
        (
            job("a", package_manager="uv", lock_files=("a/uv.lock",)),
            (),
            [
                (
                    "astral-sh/setup-uv",
                    {
                        "version": "0.13.0",
                        "python-version": "3.12",
                        "working-directory": "a",
                        "enable-cache": True,
                        "cache-dependency-glob": "a/uv.lock",
                    },
                )
            ],
        ),
        (
            job("a", package_manager="poetry", lock_files=("a/poetry.lock",)),
            (),
            [
                f"pipx install poetry=={conventions.package('poetry')}",
                ("actions/setup-python", {"python-version": "3.12", "cache": "poetry", "cache-dependency-path": "a/poetry.lock"}),
            ],
        ),
        (
            job("a", package_manager="pdm", lock_files=("a/pdm.lock",)),
            (),
            [("actions/setup-python", {"python-version": "3.12"}), f"python -m pip install pdm=={conventions.package('pdm')}"],
        ),
        (
            job("a", lock_files=("a/requirements.txt", "a/requirements-dev.txt")),
            (),
            [
                (
                    "actions/setup-python",
                    {"python-version": "3.12", "cache": "pip", "cache-dependency-path": "a/requirements.txt\na/requirements-dev.txt\n"},
                )
            ],
        ),
        (
            job("a", language="node", package_manager="pnpm", runtime_version="22", lock_files=("pnpm-lock.yaml",)),
            ("corepack",),
            [
                ("pnpm/action-setup", {"package_json_file": "package.json"}),
                ("actions/setup-node", {"node-version": "22", "cache": "pnpm", "cache-dependency-path": "pnpm-lock.yaml"}),
            ],
        ),
        (
            job("a", language="node", package_manager="yarn", runtime_version="20", lock_files=("a/yarn.lock",)),
            ("yarn-berry",),
            [
                "corepack enable",
                ("actions/setup-node", {"node-version": "20", "cache": "yarn", "cache-dependency-path": "a/yarn.lock"}),
            ],
        ),
        (
            job("a", language="node", package_manager="npm", runtime_version="24", lock_files=()),
            (),
            [("actions/setup-node", {"node-version": "24"})],
        ),
        (
            job("a", language="node", package_manager="bun", runtime_version="22", lock_files=("a/bun.lock",)),
            (),
            [("actions/setup-node", {"node-version": "22"}), ("oven-sh/setup-bun", {"bun-version": "1.x"})],
        ),
        (job("a", language="go", runtime_version="1.25", lock_files=()), (), [("actions/setup-go", {"go-version": "1.25", "cache": False})]),
    ],
)
def test_toolchains(test: Job, traits: tuple[str, ...], steps: list[Any]) -> None:
    blueprint = only_testing(replace(SHOP, builds=(build("a", language=test.language, traits=traits),)), test)
    assert len(toolchains.setup(blueprint, test)) == len(steps)
    made = workflow(blueprint)["jobs"]["test-a"]["steps"][1 : 1 + len(steps)]
    expected = [{"run": step} if isinstance(step, str) else {"uses": uses(step[0]), "with": step[1]} for step in steps]
    assert [{key: step[key] for key in step if key != "name"} for step in made] == expected


def test_text_of_the_repository_is_no_expression() -> None:
    hostile = job("api", path="a ${{ secrets.X }}", test_command="echo ${{ github.token }}", lint_command="golangci-lint run ./...", language="go")
    made = workflow(only_testing(SHOP, hostile))["jobs"]["test-api"]
    assert made["defaults"]["run"]["working-directory"] == "a ${{ '${{' }} secrets.X }}"
    assert made["steps"][-1] == {"name": "Test", "run": "echo ${{ '${{' }} github.token }}"}
    assert made["steps"][-2] == {
        "name": "Lint",
        "uses": uses("golangci/golangci-lint-action"),
        "with": {"working-directory": "a ${{ '${{' }} secrets.X }}", "args": "./..."},
    }


def test_a_component_without_tests_is_built() -> None:
    blueprint = replace(SHOP, builds=(build("api", language="node", build_command="npm run build"),))
    made = workflow(only_testing(blueprint, job("api", language="node", install_command="npm ci", test_command="npm run build")))
    assert made["jobs"]["test-api"]["steps"][2:] == [{"name": "Install", "run": "npm ci"}, {"name": "Build", "run": "npm run build"}]


def test_dependabot_watches_what_is_there() -> None:
    assert [(item["package-ecosystem"], item.get("directory") or item["directories"]) for item in dependabot(GATEWAY)["updates"]] == [
        ("github-actions", "/"),
        ("docker", ["/", "/web"]),
        ("gomod", "/"),
        ("npm", "/web"),
    ]
    assert dependabot(SHOP)["updates"][2] == {
        "package-ecosystem": "pip",
        "directory": "/api",
        "schedule": {"interval": "weekly"},
        "cooldown": {"default-days": 7},
        "groups": {"pip": {"patterns": ["*"]}},
    }


def test_lines_know_where_they_came_from() -> None:
    made = github_actions.render(SHOP)[0]
    rows = made.text.splitlines()

    def origins(text: str) -> list[str]:
        line = rows.index(text) + 1
        return [mark.node for mark in made.origins if mark.first <= line <= mark.last]

    assert origins("    branches: [main]") == ["pipeline", "pipeline.branch"]
    assert origins("        run: ruff check .") == ["pipeline", "pipeline.tests.api", "pipeline.tests.api.lint_command"]
    assert origins("          - 6379:6379") == ["pipeline", "pipeline.tests.api", "backings.redis"]
    assert origins("      SECRET_KEY: ci-only") == ["pipeline", "pipeline.tests.api", "services.api.variables"]
    assert origins("    environment: staging") == ["pipeline", "pipeline.environments"]


@pytest.mark.parametrize("name", sorted(ALL))
def test_actionlint_zizmor_and_yamllint_have_nothing_to_say(name: str, tmp_path: Path) -> None:
    tree = written(github_actions.render(ALL[name]), tmp_path)
    (tree / ".git").mkdir()  # actionlint looks for the root of a repository
    assert said(ask(tree, "actionlint", "-no-color", conventions.WORKFLOW)) == (0, "")
    assert said(ask(tree, "yamllint", "--strict", "--config-data", NO_STYLE, ".github")) == (0, "")
    found = ask(tree, "zizmor", "--offline", "--pedantic", "--no-progress", "--quiet", ".github")
    assert (found.exit_code, found.stdout.split("(")[0].strip()) == (0, "No findings to report. Good job!")
