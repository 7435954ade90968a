"""What the pipeline does: test each component as its repository does, build and push the images, deploy."""

from __future__ import annotations

from opsmith import conventions
from opsmith.model.blueprint import Environment, Pipeline, Service, TestJob
from opsmith.model.intent import Intent
from opsmith.model.survey import Component, Survey
from opsmith.settings import Settings
from opsmith.stages.draft import versions
from opsmith.stages.draft.notes import Notes
from opsmith.stages.draft.variables import MODES

LOCK_FILES = (
    "requirements.txt", "poetry.lock", "uv.lock", "Pipfile.lock", "pdm.lock", "package-lock.json", "npm-shrinkwrap.json", "yarn.lock",
    "pnpm-lock.yaml", "bun.lock", "bun.lockb", "go.sum",
)  # fmt: skip


def pipeline(
    components: tuple[Component, ...],
    services: tuple[Service, ...],
    targets: tuple[str, ...],
    places: tuple[Environment, ...],
    survey: Survey,
    intent: Intent,
    settings: Settings,
    notes: Notes,
) -> Pipeline | None:
    """None unless a pipeline is wanted."""
    if "github_actions" not in targets:
        return None
    branch = settings["branch"] or survey.default_branch or "main"
    notes.default("pipeline.branch", f"{branch}: {'the branch that is checked out' if survey.default_branch else 'no git folder tells another'}")
    deploys = "kubernetes" in targets
    if deploys:
        notes.open(
            "the pipeline deploys with the kubeconfig in the secret KUBE_CONFIG of the GitHub environment; create both before the first release"
        )
    named = [place.name for place in places] or intent.environments
    environments = tuple(name for name in named if name != "preview") or ("production",)
    return Pipeline(branch=branch, tests=_tests(components, services, notes), environments=environments if deploys else (), deploys=deploys)


def _tests(components: tuple[Component, ...], services: tuple[Service, ...], notes: Notes) -> tuple[TestJob, ...]:
    """One job for each folder and toolchain; components that share both are tested once."""
    by_component = {service.component: service for service in services}
    groups: dict[tuple[str, str], list[Component]] = {}
    for item in sorted(components, key=lambda item: item.role not in ("web", "static")):
        if item.language_family in versions.RUNTIMES:
            groups.setdefault((item.path, item.language_family), []).append(item)
    return tuple(job for group in groups.values() if (job := _group(group, by_component, notes)) is not None)


def _group(group: list[Component], by_component: dict[str, Service], notes: Notes) -> TestJob | None:
    lead = next((item for item in group if item.test_command or item.lint_command or item.build_command), None)
    if lead is None:
        notes.open_for(group[0].name, "no tests or linter was found, so the pipeline only builds: {names}")
        return None
    needs = dict.fromkeys(need for item in group if (service := by_component.get(item.name)) for need in service.needs)
    return _test(lead, by_component.get(lead.name), tuple(needs), notes)


def _test(item: Component, service: Service | None, needs: tuple[str, ...], notes: Notes) -> TestJob:
    node = f"pipeline.tests.{conventions.dns_label(item.name)}"
    for fact in ("install_command", "lint_command", "test_command"):
        notes.fact(f"{node}.{fact}", item, fact)
    version, _ = versions.resolve(item.language_family, item.runtime.version if item.runtime else None)
    return TestJob(
        name=conventions.dns_label(item.name),
        path=item.path,
        language=item.language_family,
        package_manager=item.package_manager,
        runtime_version=".".join(map(str, version)),
        install_command=item.install_command,
        lint_command=item.lint_command,
        test_command=item.test_command or (item.build_command if not item.lint_command else None),
        lock_files=tuple(path for path in item.manifests if _is_lock(path)),
        needs=needs,
        variables=_variables(service) if service else (),
        service=service.name if service else None,
    )


def _is_lock(path: str) -> bool:
    """What a cache of packages is keyed by; requirements files come under many names."""
    folder, _, name = path.rpartition("/")
    return name in LOCK_FILES or (name.endswith(".txt") and ("requirements" in name or folder.rpartition("/")[2] == "requirements"))


def _variables(service: Service) -> tuple[tuple[str, str], ...]:
    """Without those that choose production: there, package managers leave out what tests need."""
    return tuple((item.name, item.value) for item in service.variables if item.kind == "literal" and item.value and item.name not in MODES)
