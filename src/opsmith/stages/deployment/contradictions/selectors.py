"""What a manifest selects or names, and no manifest has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from opsmith.detectors.deployed import Deployed
from opsmith.detectors.deployed.kubernetes import KubeObject, Manifests
from opsmith.model.finding import Finding
from opsmith.repo import Repo
from opsmith.stages.deployment.labels import Labelled
from opsmith.stages.deployment.pairing import Pairs

RULE = "deployed/selector-dangling"
_BACKEND = "deployed/backend-missing"
_BUILT_IN = ("v1", "apps/", "batch/", "networking.k8s.io/", "policy/", "autoscaling/", "rbac.authorization.k8s.io/", "storage.k8s.io/", "extensions/",
             "apiextensions.k8s.io/", "admissionregistration.k8s.io/", "scheduling.k8s.io/", "coordination.k8s.io/")  # fmt: skip


def selectors(repo: Repo, deployed: Deployed, pairs: Pairs) -> Iterator[Finding]:  # noqa: ARG001  # one form for every rule
    plain = [file for file in deployed.manifests if not any(item.templated for item in file.objects)]
    yield from (found for file in plain for found in _own(file))
    for folder, files in _by_folder(plain).items():
        if files and not any(_makes_pods_elsewhere(item) for file in files for item in file.objects) and not _is_completed(folder, deployed):
            yield from _dangling(files, deployed)


def _own(file: Manifests) -> Iterator[Finding]:
    """A workload that does not select its own pods: the API refuses it."""
    for workload in file.workloads:
        wanted = workload.selector.value if workload.selector is not None else dict[str, str]()
        if workload.object.api == "apps/v1" and workload.selector is not None and not wanted.items() <= workload.labels.items():
            message = (
                f"{workload.object.kind} {workload.object.name} selects {_text(wanted)}, but its pods have {_text(workload.labels) or 'no labels'}"
            )
            yield Finding(rule=RULE, severity="high", message=message, path=file.path, line=workload.selector.line)


def _by_folder(files: list[Manifests]) -> dict[str, list[Manifests]]:
    """Files that are applied together lie below one folder: the top one, or below `k8s`, `base`, `overlays` ... the one above."""
    found: dict[str, list[Manifests]] = {}
    for file in files:
        found.setdefault(file.path.partition("/")[0] if "/" in file.path else "", []).append(file)
    return found


def _makes_pods_elsewhere(item: KubeObject) -> bool:
    """Another operator's object may make pods with labels that nobody sees here."""
    return not item.api.startswith(_BUILT_IN) or item.kind.endswith(("HelmRelease", "Application"))


def _is_completed(folder: str, deployed: Deployed) -> bool:
    """A kustomization takes manifests from elsewhere, or a chart makes some."""
    remote = any("://" in told.value or "github.com" in told.value for item in deployed.kustomizations for told in item.resources)
    return remote or any(workload.object.templated and workload.object.path.startswith(folder) for workload in deployed.workloads)


def _dangling(files: list[Manifests], deployed: Deployed) -> Iterator[Finding]:
    workloads = [workload for workload in deployed.workloads if not workload.object.templated]
    labelled = Labelled(workloads)
    services = {service.object.name: service for file in deployed.manifests for service in file.services}
    if not any(file.workloads for file in files):
        return
    for file in files:
        for service in file.services:
            if service.selector is not None and not labelled.selected(service.selector.value):
                near = next((item for item in workloads if item.object.name == service.object.name), None)
                other = f"; {near.object.kind} {near.object.name} has {_text(near.labels)}" if near is not None else ""
                message = f"service {service.object.name} selects {_text(service.selector.value)}, which no pod has{other}"
                yield Finding(rule=RULE, severity="high", message=message, path=file.path, line=service.selector.line)
        for ingress in file.ingresses:
            for backend in ingress.backends:
                if (
                    services
                    and backend.service not in services
                    and backend.port != "use-annotation"
                    and not _is_kept_elsewhere(backend.service, files)
                ):
                    message = f"ingress {ingress.object.name} sends to service {backend.service}, which no manifest has"
                    yield Finding(rule=_BACKEND, severity="high", message=message, path=file.path, line=backend.line)


def _is_kept_elsewhere(name: str, files: list[Manifests]) -> bool:
    """A kustomization may put a prefix before the names."""
    return any(name.endswith(f"-{service.object.name}") or service.object.name.endswith(f"-{name}") for file in files for service in file.services)


def _text(labels: Mapping[str, str]) -> str:
    return ", ".join(f"{key}={value}" for key, value in labels.items())
