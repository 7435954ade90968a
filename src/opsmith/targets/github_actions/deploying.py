"""One job per environment: apply the manifests with the new images, wait, and go back when the new version does not come up."""

from __future__ import annotations

from typing import Any

from opsmith import conventions
from opsmith.emit import Flow, noted
from opsmith.model.blueprint import Blueprint, Pipeline
from opsmith.targets.github_actions import images, steps

MINUTES = 45
ROLLOUT_SECONDS = 300
MIGRATION_SECONDS = 600
REVISION = r"--output=jsonpath='{.metadata.annotations.deployment\.kubernetes\.io/revision}'"


def jobs(blueprint: Blueprint, pipeline: Pipeline) -> dict[str, Any]:
    """In the order of the environments; each waits for the one before."""
    made: dict[str, Any] = {}
    for environment in pipeline.environments:
        made[f"deploy-{environment}"] = noted(_job(blueprint, environment, ["images", *list(made)[-1:]]), "pipeline.environments")
    return made


def deployments(blueprint: Blueprint) -> tuple[str, ...]:
    return tuple(service.name for service in blueprint.services if service.role != "cron")


def migrations(blueprint: Blueprint) -> tuple[str, ...]:
    """Names of the Jobs that migrate."""
    return tuple(f"{service.name}-migrate" for service in blueprint.services if service.migration)


def _job(blueprint: Blueprint, environment: str, needs: list[str]) -> dict[str, Any]:
    return {
        "name": f"Deploy to {environment}",
        "if": images.ON_PUSH,
        "needs": Flow(needs),
        "runs-on": steps.RUNNER,
        "timeout-minutes": MINUTES,
        "environment": noted(environment, above="Approval, and the cluster that the secret KUBE_CONFIG leads to, are set on this environment."),
        "concurrency": {"group": f"deploy-{environment}", "cancel-in-progress": False},
        "permissions": {"contents": noted("read", beside="check out")},
        "defaults": {"run": {"shell": "bash"}},
        "env": {"NAMESPACE": noted(blueprint.namespace, "namespace"), "DEPLOYMENTS": " ".join(deployments(blueprint))},
        "steps": _steps(blueprint),
    }


def _steps(blueprint: Blueprint) -> list[Any]:
    found: list[Any] = [
        steps.checkout(),
        steps.use("Set up kubectl", "azure/setup-kubectl", {"version": f"v{conventions.KUBERNETES_VERSION}.0"}),
        steps.run(
            "Write the kubeconfig",
            "umask 077",
            'mkdir -p "${HOME}/.kube"',
            'printf "%s" "${KUBE_CONFIG}" > "${HOME}/.kube/config"',
            environment={"KUBE_CONFIG": "${{ secrets.KUBE_CONFIG }}"},
        ),
        _pin(blueprint),
        _remember(),
    ]
    if names := migrations(blueprint):
        found.append(noted(_forget(names), above="A Job cannot be changed, so the one of the release before has to go."))
    found.append(steps.run("Apply", f"kubectl apply --kustomize {conventions.KUBERNETES_BASE}"))
    if names:
        found.append(_migrate(names))
    return [*found, _wait(), _explain(), _undo()]


def _pin(blueprint: Blueprint) -> dict[str, Any]:
    lines: list[str] = []
    environment: dict[str, Any] = {}
    for build in blueprint.builds:
        stem = conventions.upper(build.name)
        environment[f"IMAGE_{stem}"] = noted(steps.told(images.repository(build)), f"builds.{build.name}.reference")
        environment[f"DIGEST_{stem}"] = f"${{{{ needs.images.outputs.{build.name} }}}}"
        lines.append(f'kustomize edit set image "${{IMAGE_{stem}}}=${{IMAGE_{stem}}}@${{DIGEST_{stem}:?was not pushed}}"')
    return steps.run("Pin the images to what was just pushed", *lines, environment=environment, folder=conventions.KUBERNETES_BASE)


def _remember() -> dict[str, Any]:
    return steps.run(
        "Remember what runs now",
        ': > "${RUNNER_TEMP}/revisions"',
        "for name in ${DEPLOYMENTS}; do",
        f'  revision="$(kubectl --namespace "${{NAMESPACE}}" get deployment "${{name}}" --ignore-not-found {REVISION})"',
        '  echo "${name} ${revision}" >> "${RUNNER_TEMP}/revisions"',
        "done",
        key="before",
    )


def _forget(names: tuple[str, ...]) -> dict[str, Any]:
    return steps.run("Remove finished migrations", f'kubectl --namespace "${{NAMESPACE}}" delete job {" ".join(names)} --ignore-not-found --wait')


def _migrate(names: tuple[str, ...]) -> dict[str, Any]:
    jobs = " ".join(f"job/{name}" for name in names)
    return steps.run(
        "Wait for migrations", f'kubectl --namespace "${{NAMESPACE}}" wait --for=condition=complete --timeout={MIGRATION_SECONDS}s {jobs}'
    )


def _wait() -> dict[str, Any]:
    return steps.run(
        "Wait for the rollout",
        "for name in ${DEPLOYMENTS}; do",
        f'  kubectl --namespace "${{NAMESPACE}}" rollout status "deployment/${{name}}" --timeout={ROLLOUT_SECONDS}s',
        "done",
    )


def _explain() -> dict[str, Any]:
    return steps.run(
        "Show why it failed",
        'kubectl --namespace "${NAMESPACE}" get pods --output=wide',
        'kubectl --namespace "${NAMESPACE}" get events --sort-by=.lastTimestamp | tail -n 40',
        condition="failure() && steps.before.outcome == 'success'",
    )


def _undo() -> Any:
    step = steps.run(
        "Go back to what ran before",
        "while read -r name before; do",
        f'  now="$(kubectl --namespace "${{NAMESPACE}}" get deployment "${{name}}" --ignore-not-found {REVISION})"',
        '  if [[ -n "${before}" && "${now}" != "${before}" ]]; then',
        '    kubectl --namespace "${NAMESPACE}" rollout undo "deployment/${name}" --to-revision="${before}" \\',
        '      || echo "::error::${name} was not undone"',
        "  fi",
        'done < "${RUNNER_TEMP}/revisions"',
        "for name in ${DEPLOYMENTS}; do",
        f'  kubectl --namespace "${{NAMESPACE}}" rollout status "deployment/${{name}}" --timeout={ROLLOUT_SECONDS}s \\',
        '    || echo "::error::${name} is not ready"',
        "done",
        condition="failure() && steps.before.outcome == 'success'",
    )
    return noted(step, above="Only what this release has changed. Migrations stay: they have to work with the version before.")
