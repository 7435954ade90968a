"""From the checked configuration to the release: jobs, their scripts as a shell runs them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from opsmith import conventions
from opsmith.targets import kubernetes, prometheus
from opsmith.targets.github_actions import deploying
from tests.targets.blueprints import GATEWAY, SHOP, SITE, service
from tests.targets.realtools import ask, said, written
from tests.targets.workflows import program, script, uses, workflow

CHECK_OUT = {"name": "Check out", "uses": uses("actions/checkout"), "with": {"persist-credentials": False}}
BUILDX = {"name": "Set up Buildx", "uses": uses("docker/setup-buildx-action")}
KUBECTL = {"name": "Set up kubectl", "uses": uses("azure/setup-kubectl"), "with": {"version": "v1.34.0"}}
TAG = "registry.example.org/acme/site:${{ github.sha }}"


def built(title: str, **result: Any) -> dict[str, Any]:
    cache = {"cache-from": "type=gha,scope=site", "cache-to": "type=gha,scope=site,mode=max"}
    return {"name": title, "uses": uses("docker/build-push-action"), "with": {"context": ".", "file": "Dockerfile", "tags": TAG, **result, **cache}}


def scanned(image: str) -> dict[str, Any]:
    settings = {"image-ref": image, "scanners": "vuln", "severity": "CRITICAL,HIGH", "ignore-unfixed": True, "exit-code": "1"}
    return {"name": "Scan", "uses": uses("aquasecurity/trivy-action"), "with": settings}


# -- what is delivered beside the code ---------------------------------------------------------------------------------------------------


def test_manifests_and_rules_are_checked_in_every_run() -> None:
    assert workflow(SHOP)["jobs"]["manifests"] == {
        "name": "Check manifests and rules",
        "runs-on": "ubuntu-24.04",
        "timeout-minutes": 10,
        "permissions": {"contents": "read"},
        "defaults": {"run": {"shell": "bash"}},
        "steps": [
            CHECK_OUT,
            KUBECTL,
            {"name": "Render the manifests", "run": "kubectl kustomize k8s/base > /dev/null"},
            {
                "name": "Check and test the alert rules",
                "working-directory": "monitoring/prometheus",
                "env": {"PROMETHEUS": conventions.image("prom/prometheus:v3.15.0")},
                "run": (
                    "promtool() {\n"
                    '  docker run --rm --network none --volume "${PWD}:/work:ro" --workdir /work --entrypoint promtool "${PROMETHEUS}" "$@"\n'
                    "}\n"
                    "promtool check rules rules/*.yml\n"
                    "promtool test rules tests/*.yml\n"
                ),
            },
        ],
    }


@pytest.mark.parametrize(
    ("targets", "titles"),
    [
        (("kubernetes", "github_actions"), ["Check out", "Set up kubectl", "Render the manifests"]),
        (("prometheus", "github_actions"), ["Check out", "Check and test the alert rules"]),
        (("github_actions",), None),
    ],
)
def test_only_what_is_delivered_is_checked(targets: tuple[str, ...], titles: list[str] | None) -> None:
    made = workflow(replace(SHOP, targets=targets))["jobs"].get("manifests")
    assert (made and [step["name"] for step in made["steps"]]) == titles


def test_no_rules_without_objectives() -> None:
    assert SITE.monitoring is not None
    assert "manifests" not in workflow(replace(SITE, monitoring=replace(SITE.monitoring, slos=())))["jobs"]
    assert "manifests" not in workflow(replace(SITE, monitoring=None))["jobs"]


def test_the_rules_are_found_where_they_are_delivered(tmp_path: Path) -> None:
    """With an engine that runs the program here instead of in a container."""
    tree = written(prometheus.render(SITE), tmp_path) / conventions.PROMETHEUS_FOLDER
    ask(tmp_path, "promtool", "--version")
    program(tmp_path, "docker", '#!/bin/sh\nwhile [ "$1" != image ]; do shift; done\nshift\nexec /usr/bin/env promtool "$@"\n')
    (tree / "check").write_text(script(SITE, "manifests", "Check and test the alert rules"), encoding="utf-8")
    run = f'PATH="{tmp_path}:$PATH" PROMETHEUS=image bash -eo pipefail check'
    assert ask(tree, "bash", "-c", run).exit_code == 0
    rules = tree / "rules" / "site-slo.yml"
    rules.write_text(rules.read_text(encoding="utf-8").replace("severity: P1", "severity: P2"), encoding="utf-8")
    assert ask(tree, "bash", "-c", run).exit_code == 1


# -- images ------------------------------------------------------------------------------------------------------------------------------


def test_a_pull_request_builds_and_scans_and_may_not_publish() -> None:
    assert workflow(SITE)["jobs"]["check-images"] == {
        "name": "Check image site",
        "if": "github.event_name == 'pull_request'",
        "runs-on": "ubuntu-24.04",
        "timeout-minutes": 45,
        "permissions": {"contents": "read"},
        "steps": [CHECK_OUT, BUILDX, built("Build", load=True, provenance=False), scanned(TAG)],
    }


def test_a_push_publishes_once_and_scans_what_it_published() -> None:
    assert workflow(SITE)["jobs"]["push-images"] == {
        "name": "Push image site",
        "if": "github.event_name == 'push'",
        "needs": ["test-site", "manifests"],
        "runs-on": "ubuntu-24.04",
        "timeout-minutes": 45,
        "permissions": {"contents": "read"},
        "steps": [
            CHECK_OUT,
            BUILDX,
            {
                "name": "Log in to the registry",
                "uses": uses("docker/login-action"),
                "with": {
                    "registry": "registry.example.org",
                    "username": "${{ secrets.REGISTRY_USERNAME }}",
                    "password": "${{ secrets.REGISTRY_PASSWORD }}",
                },
            },
            built("Build and push", push=True, provenance="mode=max", sbom=True) | {"id": "push"},
            scanned("registry.example.org/acme/site@${{ steps.push.outputs.digest }}"),
        ],
    }


def test_several_images_are_a_matrix_and_their_digests_are_handed_on() -> None:
    jobs = workflow(GATEWAY)["jobs"]
    check, push = jobs["check-images"], jobs["push-images"]
    assert (check["name"], push["name"]) == ("Check image ${{ matrix.name }}", "Push image ${{ matrix.name }}")
    assert "outputs" not in check
    assert (
        check["strategy"]
        == push["strategy"]
        == {
            "fail-fast": False,
            "matrix": {
                "include": [
                    {"name": "gateway", "image": "ghcr.io/acme/gateway/gateway", "context": ".", "dockerfile": "Dockerfile"},
                    {"name": "web", "image": "ghcr.io/acme/gateway/web", "context": "web", "dockerfile": "web/Dockerfile"},
                ]
            },
        }
    )
    assert push["needs"] == ["test-gateway", "test-web", "manifests"]
    assert push["outputs"] == {"gateway": "${{ steps.digest.outputs.gateway }}", "web": "${{ steps.digest.outputs.web }}"}
    assert push["steps"][-1] == {
        "name": "Hand on the digest",
        "id": "digest",
        "env": {"NAME": "${{ matrix.name }}", "DIGEST": "${{ steps.push.outputs.digest }}"},
        "run": 'echo "${NAME}=${DIGEST}" >> "${GITHUB_OUTPUT}"',
    }


# -- deploying ---------------------------------------------------------------------------------------------------------------------------

REVISION = r"--output=jsonpath='{.metadata.annotations.deployment\.kubernetes\.io/revision}'"
REMEMBER = (
    ': > "${RUNNER_TEMP}/revisions"\n'
    "for name in ${DEPLOYMENTS}; do\n"
    f'  revision="$(kubectl --namespace "${{NAMESPACE}}" get deployment "${{name}}" --ignore-not-found {REVISION})"\n'
    '  echo "${name} ${revision}" >> "${RUNNER_TEMP}/revisions"\n'
    "done\n"
)
MIGRATE = (
    "stop() {\n"
    '  echo "::error::$1"\n'
    "  for name in ${MIGRATIONS}; do\n"
    '    kubectl --namespace "${NAMESPACE}" logs "job/${name}" --all-pods --tail=100 --ignore-errors || true\n'
    "  done\n"
    "  exit 1\n"
    "}\n"
    "while ((SECONDS < 590)); do\n"
    '  running=""\n'
    "  for name in ${MIGRATIONS}; do\n"
    '    state="$(kubectl --namespace "${NAMESPACE}" get job "${name}" '
    """--output=jsonpath='{.status.conditions[?(@.status=="True")].type}')"\n"""
    '    case " ${state} " in\n'
    '      *" Complete "*) ;;\n'
    '      *" Failed "*) stop "${name} failed" ;;\n'
    '      *) running="${name}" ;;\n'
    "    esac\n"
    "  done\n"
    '  [[ -n "${running}" ]] || exit 0\n'
    "  sleep 3\n"
    "done\n"
    'stop "${running} did not end within 590 seconds"\n'
)
UNDO = (
    "while read -r name before; do\n"
    f'  now="$(kubectl --namespace "${{NAMESPACE}}" get deployment "${{name}}" --ignore-not-found {REVISION})"\n'
    '  if [[ -n "${before}" && "${now}" != "${before}" ]]; then\n'
    '    kubectl --namespace "${NAMESPACE}" rollout undo "deployment/${name}" --to-revision="${before}" \\\n'
    '      || echo "::error::${name} was not undone"\n'
    "  fi\n"
    'done < "${RUNNER_TEMP}/revisions"\n'
    "for name in ${DEPLOYMENTS}; do\n"
    '  kubectl --namespace "${NAMESPACE}" rollout status "deployment/${name}" --timeout=300s \\\n'
    '    || echo "::error::${name} is not ready"\n'
    "done\n"
)


def test_migrations_run_before_what_needs_them_and_a_release_that_does_not_come_up_is_undone() -> None:
    made = workflow(SHOP)["jobs"]["deploy-production"]
    assert {key: made[key] for key in ("if", "needs", "environment", "concurrency", "env")} == {
        "if": "github.event_name == 'push'",
        "needs": ["push-images", "deploy-staging"],
        "environment": "production",
        "concurrency": {"group": "deploy-production", "cancel-in-progress": False},
        "env": {"NAMESPACE": "shop", "DEPLOYMENTS": "api worker", "MIGRATIONS": "api-migrate"},
    }
    assert made["steps"] == [
        CHECK_OUT,
        KUBECTL,
        {
            "name": "Write the kubeconfig",
            "env": {"KUBE_CONFIG": "${{ secrets.KUBE_CONFIG }}"},
            "run": 'umask 077\nmkdir -p "${HOME}/.kube"\nprintf "%s" "${KUBE_CONFIG}" > "${HOME}/.kube/config"\n',
        },
        {
            "name": "Pin the images to what was just pushed",
            "working-directory": "k8s/base",
            "env": {"IMAGE_API": "ghcr.io/acme/shop/api", "DIGEST_API": "${{ needs.push-images.outputs.api }}"},
            "run": 'kustomize edit set image "${IMAGE_API}=${IMAGE_API}@${DIGEST_API:?was not pushed}"',
        },
        {"name": "Remember what runs now", "id": "before", "run": REMEMBER},
        {
            "name": "Remove the Jobs of the release before",
            "run": 'kubectl --namespace "${NAMESPACE}" delete job api-migrate --ignore-not-found --cascade=foreground --timeout=300s',
        },
        {
            "name": "Apply all but what has to wait for the migrations",
            "run": "kubectl apply --kustomize k8s/base --selector '!opsmith.dev/after-migration'",
        },
        {"name": "Wait for the migrations", "run": MIGRATE},
        {"name": "Apply", "run": "kubectl apply --kustomize k8s/base"},
        {
            "name": "Wait for the rollout",
            "run": (
                'for name in ${DEPLOYMENTS}; do\n  kubectl --namespace "${NAMESPACE}" rollout status "deployment/${name}" --timeout=300s\ndone\n'
            ),
        },
        {
            "name": "Show why it failed",
            "if": "failure() && steps.before.outcome == 'success'",
            "run": (
                'kubectl --namespace "${NAMESPACE}" get pods --output=wide\n'
                'kubectl --namespace "${NAMESPACE}" get events --sort-by=.lastTimestamp | tail -n 40\n'
            ),
        },
        {"name": "Go back to what ran before", "if": "failure() && steps.before.outcome == 'success'", "run": UNDO},
    ]


def test_without_migrations_all_is_applied_at_once() -> None:
    made = workflow(GATEWAY)["jobs"]["deploy-production"]
    assert made["env"] == {"NAMESPACE": "edge", "DEPLOYMENTS": "gateway web"}
    assert [step["name"] for step in made["steps"][4:]] == [
        "Remember what runs now",
        "Apply",
        "Wait for the rollout",
        "Show why it failed",
        "Go back to what ran before",
    ]


def test_a_service_that_runs_once_is_a_job_and_not_waited_for() -> None:
    once = service("seed", role="job", build="web", port=None, probe=None)
    nightly = service("nightly", role="cron", build="web", port=None, probe=None, schedule="0 3 * * *")
    made = workflow(replace(GATEWAY, services=(*GATEWAY.services, once, nightly)))["jobs"]["deploy-production"]
    assert made["env"] == {"NAMESPACE": "edge", "DEPLOYMENTS": "gateway web"}
    assert [step["run"] for step in made["steps"][5:7]] == [
        'kubectl --namespace "${NAMESPACE}" delete job seed --ignore-not-found --cascade=foreground --timeout=300s',
        "kubectl apply --kustomize k8s/base",
    ]


def test_the_release_gives_up_on_a_migration_before_its_logs_are_gone() -> None:
    job = next(artifact for artifact in kubernetes.render(SHOP) if artifact.path == "k8s/base/api/migration.yaml")
    assert yaml.safe_load(job.text)["spec"]["activeDeadlineSeconds"] > deploying.MIGRATION_SECONDS


ASKED_JOBS = """#!/bin/sh
echo "$@" >> calls
case "$*" in
  *"get job "*) shift 4; head -n 1 "$1"; sed -i 1d "$1" ;;
  *" logs job/audit-migrate "*) echo "no such table" ;;
  *" logs "*) exit 1 ;;
esac
"""
"""A kubectl that tells one line after the other of a file that is named like the Job; one of the pods has no logs."""


@pytest.mark.parametrize(
    ("api", "audit", "ends", "asked"),
    [
        ("SuccessCriteriaMet Complete\n", "\nComplete\nComplete\n", (0, ""), 4),
        ("\n\n\n\n\n", "\nFailureTarget\nFailureTarget Failed\n", (1, "::error::audit-migrate failed\nno such table"), 6),
        ("Complete\n" * 200, "\n" * 200, (1, "::error::audit-migrate did not end within 590 seconds\nno such table"), None),
    ],
)
def test_the_first_migration_that_fails_ends_the_wait(api: str, audit: str, ends: tuple[int, str], asked: int | None, tmp_path: Path) -> None:
    """As a shell runs it, in no time: each pause counts for its seconds without taking them."""
    api = api if api.count("\n") > 1 else api * 3
    (tmp_path / "api-migrate").write_text(api, encoding="utf-8")
    (tmp_path / "audit-migrate").write_text(audit, encoding="utf-8")
    program(tmp_path, "kubectl", ASKED_JOBS)
    text = script(SHOP, "deploy-staging", "Wait for the migrations").replace("sleep 3", "SECONDS=$((SECONDS + 60))")
    (tmp_path / "wait").write_text(text, encoding="utf-8")
    surroundings = 'export PATH="$PWD:$PATH" NAMESPACE=shop MIGRATIONS="api-migrate audit-migrate"'
    assert said(ask(tmp_path, "bash", "-c", f"{surroundings}; bash -eo pipefail wait")) == ends
    calls = (tmp_path / "calls").read_text(encoding="utf-8").splitlines()
    assert asked in (None, len([line for line in calls if " get job " in line]))
    assert [line for line in calls if " logs " in line] == [
        f"--namespace shop logs job/{name} --all-pods --tail=100 --ignore-errors" for name in ("api-migrate", "audit-migrate") if ends[0]
    ]


REVISIONS = """#!/bin/sh
echo "$@" >> calls
case "$*" in
  *"get deployment api "*) cat api ;;
  *"get deployment worker "*) cat worker ;;
  *"rollout undo deployment/worker"*) exit 1 ;;
esac
"""
"""A kubectl that tells revisions and cannot undo the worker."""


def test_only_what_the_release_changed_is_undone(tmp_path: Path) -> None:
    """The two scripts as a shell runs them."""
    program(tmp_path, "kubectl", REVISIONS)
    (tmp_path / "remember").write_text(script(SHOP, "deploy-staging", "Remember what runs now"))
    (tmp_path / "undo").write_text(script(SHOP, "deploy-staging", "Go back to what ran before"))
    surroundings = f'export PATH="$PWD:$PATH" RUNNER_TEMP="$PWD" NAMESPACE=shop DEPLOYMENTS="{" ".join(("api", "worker", "new"))}"'
    (tmp_path / "api").write_text("4")
    (tmp_path / "worker").write_text("7")
    assert said(ask(tmp_path, "bash", "-c", f"{surroundings}; bash -eo pipefail remember")) == (0, "")
    assert (tmp_path / "revisions").read_text() == "api 4\nworker 7\nnew \n"
    (tmp_path / "worker").write_text("8")
    (tmp_path / "calls").unlink()
    assert said(ask(tmp_path, "bash", "-c", f"{surroundings}; bash -eo pipefail undo")) == (0, "::error::worker was not undone")
    assert [line for line in (tmp_path / "calls").read_text().splitlines() if " rollout " in line] == [
        "--namespace shop rollout undo deployment/worker --to-revision=7",
        "--namespace shop rollout status deployment/api --timeout=300s",
        "--namespace shop rollout status deployment/worker --timeout=300s",
        "--namespace shop rollout status deployment/new --timeout=300s",
    ]
