"""One job per environment: migrate, apply the manifests with the new images, wait, and go back when the new version does not come up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from opsmith import conventions
from opsmith.emit import Flow, noted
from opsmith.model.blueprint import Blueprint, Pipeline
from opsmith.targets.github_actions import images, steps

MINUTES = 45
ROLLOUT_SECONDS = 300
MIGRATION_SECONDS = 590
"""Just under the deadline of the Job itself, which takes its pods and their logs away."""
CONDITIONS = """--output=jsonpath='{.status.conditions[?(@.status=="True")].type}'"""
REVISION = r"--output=jsonpath='{.metadata.annotations.deployment\.kubernetes\.io/revision}'"


def jobs(blueprint: Blueprint, pipeline: Pipeline) -> dict[str, Any]:
    """In the order of the environments; each waits for the one before."""
    made: dict[str, Any] = {}
    for name in pipeline.environments:
        place = _place(blueprint, name)
        made[f"deploy-{name}"] = noted(_job(blueprint, place, [images.PUSHED, *list(made)[-1:]]), "pipeline.environments")
    return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an environment's release goes: `folder` holds what is applied to its `namespace`."""

    environment: str
    folder: str
    namespace: Any

    @property
    def apply(self) -> str:
        return f"kubectl apply --kustomize {self.folder}"


def _place(blueprint: Blueprint, name: str) -> Place:
    """The environment's overlay, or the base where nothing differs by environment."""
    for environment in blueprint.environments if "kustomize" in blueprint.targets else ():
        if environment.name == name:
            folder = f"{conventions.KUBERNETES_OVERLAYS}/{name}"
            return Place(environment=name, folder=folder, namespace=noted(environment.namespace, f"environments.{name}"))
    return Place(environment=name, folder=conventions.KUBERNETES_BASE, namespace=noted(blueprint.namespace, "namespace"))


def deployments(blueprint: Blueprint) -> tuple[str, ...]:
    return tuple(service.name for service in blueprint.services if service.role not in ("cron", "job"))


def migrations(blueprint: Blueprint) -> tuple[str, ...]:
    """Names of the Jobs that migrate."""
    return tuple(f"{service.name}-migrate" for service in blueprint.services if service.migration)


def finished(blueprint: Blueprint) -> tuple[str, ...]:
    """Names of all Jobs that a release starts anew."""
    return (*migrations(blueprint), *(service.name for service in blueprint.services if service.role == "job"))


def _job(blueprint: Blueprint, place: Place, needs: list[str]) -> dict[str, Any]:
    return {
        "name": f"Deploy to {place.environment}",
        "if": images.ON_PUSH,
        "needs": Flow(needs),
        "runs-on": steps.RUNNER,
        "timeout-minutes": MINUTES,
        "environment": noted(place.environment, above="Approval, and the cluster that the secret KUBE_CONFIG leads to, are set on this environment."),
        "concurrency": {"group": f"deploy-{place.environment}", "cancel-in-progress": False},
        "permissions": {"contents": noted("read", beside="check out")},
        "defaults": {"run": {"shell": "bash"}},
        "env": _environment(blueprint, place),
        "steps": _steps(blueprint, place),
    }


def _environment(blueprint: Blueprint, place: Place) -> dict[str, Any]:
    found: dict[str, Any] = {"NAMESPACE": place.namespace, "DEPLOYMENTS": " ".join(deployments(blueprint))}
    return found | ({"MIGRATIONS": " ".join(names)} if (names := migrations(blueprint)) else {})


def _steps(blueprint: Blueprint, place: Place) -> list[Any]:
    jobs = finished(blueprint)
    return [
        steps.checkout(),
        steps.kubectl(),
        steps.run(
            "Write the kubeconfig",
            "umask 077",
            'mkdir -p "${HOME}/.kube"',
            'printf "%s" "${KUBE_CONFIG}" > "${HOME}/.kube/config"',
            environment={"KUBE_CONFIG": "${{ secrets.KUBE_CONFIG }}"},
        ),
        _pin(blueprint, place),
        _remember(),
        *([_forget(jobs)] if jobs else []),
        *(_migrate(place) if migrations(blueprint) else []),
        steps.run("Apply", place.apply),
        _wait(),
        _explain(),
        _undo(),
    ]


def _pin(blueprint: Blueprint, place: Place) -> dict[str, Any]:
    lines: list[str] = []
    environment: dict[str, Any] = {}
    for build in blueprint.builds:
        stem = conventions.upper(build.name)
        environment[f"IMAGE_{stem}"] = noted(steps.told(images.repository(build)), f"builds.{build.name}.reference")
        environment[f"DIGEST_{stem}"] = f"${{{{ needs.{images.PUSHED}.outputs.{build.name} }}}}"
        lines.append(f'kustomize edit set image "${{IMAGE_{stem}}}=${{IMAGE_{stem}}}@${{DIGEST_{stem}:?was not pushed}}"')
    return steps.run("Pin the images to what was just pushed", *lines, environment=environment, folder=place.folder)


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


def _forget(names: tuple[str, ...]) -> Any:
    delete = 'kubectl --namespace "${NAMESPACE}" delete job'
    step = steps.run("Remove the Jobs of the release before", f"{delete} {' '.join(names)} --ignore-not-found --cascade=foreground --timeout=300s")
    return noted(step, above="A Job cannot be changed. Its pods go first, so that no two migrations run at once.")


def _migrate(place: Place) -> list[Any]:
    first = steps.run("Apply all but what has to wait for the migrations", f"{place.apply} --selector '!{conventions.AFTER_MIGRATION_LABEL}'")
    return [first, _await_migrations()]


def _await_migrations() -> dict[str, Any]:
    """All are asked in turns, so that the first failure ends the release."""
    return steps.run(
        "Wait for the migrations",
        "stop() {",
        '  echo "::error::$1"',
        "  for name in ${MIGRATIONS}; do",
        '    kubectl --namespace "${NAMESPACE}" logs "job/${name}" --all-pods --tail=100 --ignore-errors || true',
        "  done",
        "  exit 1",
        "}",
        f"while ((SECONDS < {MIGRATION_SECONDS})); do",
        '  running=""',
        "  for name in ${MIGRATIONS}; do",
        f'    state="$(kubectl --namespace "${{NAMESPACE}}" get job "${{name}}" {CONDITIONS})"',
        '    case " ${state} " in',
        '      *" Complete "*) ;;',
        '      *" Failed "*) stop "${name} failed" ;;',
        '      *) running="${name}" ;;',
        "    esac",
        "  done",
        '  [[ -n "${running}" ]] || exit 0',
        "  sleep 3",
        "done",
        f'stop "${{running}} did not end within {MIGRATION_SECONDS} seconds"',
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
