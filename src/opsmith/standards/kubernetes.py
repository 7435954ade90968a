"""What runs in Kubernetes is bounded, watched and restricted."""

from __future__ import annotations

from collections.abc import Callable

from opsmith.model.assessment import Judgement, Spot
from opsmith.model.estate import Container, Estate, Workload
from opsmith.shapes import items, table
from opsmith.standard import TEAM, Standard
from opsmith.standards.containers import NONE, absent, runs_as_user
from opsmith.standards.images import image
from opsmith.standards.stores import is_store
from opsmith.standards.tools import asked
from opsmith.standards.verdicts import could_not_check, does_not_apply, each, met, not_met

NAME = "kubernetes"
TITLE = "Kubernetes"
TASK = "Deploy it to Kubernetes with probes, limits and a restricted security context"


def _of_containers(
    holds: Callable[[Container], bool], *, fails: str, right: str, key: str, of: Callable[[Container], bool] = lambda _: True, initial: bool = False
) -> Callable[[Estate], Judgement]:
    """A standard that every container (of those that `of` picks) has to meet."""

    def judge(estate: Estate) -> Judgement:
        if why := absent(estate):
            return why
        chosen = [container for workload in estate.workloads for container in workload.containers(initial=initial) if of(container)]
        if not chosen:
            return does_not_apply("no container is of that kind")
        good = [container.spot(key) for container in chosen if holds(container)]
        bad = [container for container in chosen if not holds(container)]
        names = [f"{container.workload.name}/{container.name}" for container in bad]
        return each(good, [container.spot(key) for container in bad], what="container", fails=fails, holds=right, named=names, task=TASK)

    return judge


def _listens(container: Container) -> bool:
    """A port of its own, in something that keeps running."""
    return container.workload.lasts and bool(items(container.body.get("ports")))


def _limit(container: Container) -> bool:
    return bool(table(table(container.body.get("resources")).get("limits")).get("memory"))


def _request(container: Container) -> bool:
    resources = table(container.body.get("resources"))
    asked_for = table(resources.get("limits")) | table(resources.get("requests"))  # what is limited and not asked for is asked for
    return bool(asked_for.get("cpu") and asked_for.get("memory"))


def _has(key: str) -> Callable[[Container], bool]:
    return lambda container: bool(table(container.body.get(key)))


def _drops_all(container: Container) -> bool:
    dropped = items(table(table(container.body.get("securityContext")).get("capabilities")).get("drop"))
    return any(str(name).upper() == "ALL" for name in dropped)


def _no_escalation(container: Container) -> bool:
    return table(container.body.get("securityContext")).get("allowPrivilegeEscalation") is False


def _seccomp(container: Container) -> bool:
    return table(container.security.get("seccompProfile")).get("type") in ("RuntimeDefault", "Localhost")


def _read_only(container: Container) -> bool:
    return table(container.body.get("securityContext")).get("readOnlyRootFilesystem") is True


def _isolated(estate: Estate) -> Judgement:
    if why := absent(estate):
        return why
    bad: list[tuple[Spot, str]] = []
    for workload in estate.workloads:
        host = (key for key in ("hostNetwork", "hostPID", "hostIPC") if workload.pod.get(key) is True)
        volumes = (index for index, volume in enumerate(items(workload.pod.get("volumes"))) if "hostPath" in table(volume))
        privileged = (item for item in workload.containers(initial=True) if table(item.body.get("securityContext")).get("privileged") is True)
        bad += [(workload.spot(key), f"{workload.name}: {key}") for key in host]
        bad += [(workload.spot("volumes", index), f"{workload.name}: hostPath") for index in volumes]
        bad += [(item.spot("securityContext"), f"{workload.name}/{item.name}: privileged") for item in privileged]
    if not bad:
        return met("no pod reaches into its node", [workload.spot() for workload in estate.workloads][:20])
    agents = all(workload.kind == "DaemonSet" for workload in estate.workloads if any(name.startswith(workload.name) for _, name in bad))
    names = ", ".join(name for _, name in bad[:6])
    if agents:
        return could_not_check(f"agents on every node reach into it, as some have to: {names}", [spot for spot, _ in bad])
    return not_met(f"pods reach into their node: {names}", [spot for spot, _ in bad], task=TASK)


def _images(estate: Estate) -> Judgement:
    if why := absent(estate):
        return why
    good, bad, names = list[Spot](), list[Spot](), list[str]()
    for workload in estate.workloads:
        for container in workload.containers(initial=True):
            found = image(container.image)
            if not container.image or found.is_variable or found.name in estate.set_images or container.image.rpartition(":")[0] in estate.set_images:
                continue
            (bad if found.moves else good).append(container.spot("image"))
            names += [container.image] if found.moves else []
    if not good and not bad:
        return does_not_apply("the tags are set by kustomize or skaffold")
    return each(good, bad, what="image", fails="that may be another one tomorrow", holds="with a version", named=names, task=TASK)


def _serving(estate: Estate) -> list[Workload]:
    """Deployments of the system's own that requests are sent to."""
    return [
        workload
        for workload in estate.workloads
        if workload.kind in ("Deployment", "Rollout") and any(_listens(item) and not is_store(item.image) for item in workload.containers())
        and not any(is_store(item.image) for item in workload.containers())
    ]  # fmt: skip


def _scaled(estate: Estate) -> dict[str, Spot]:
    targets = estate.of_kind("HorizontalPodAutoscaler", "ScaledObject")
    return {str(table(item.spec.get("scaleTargetRef")).get("name")): item.spot() for item in targets}


def _replicas(estate: Estate) -> Judgement:
    if why := absent(estate):
        return why
    serving = _serving(estate)
    if not serving:
        return does_not_apply("no deployment of the system's own answers requests")
    scaled = _scaled(estate)
    good, bad, names = list[Spot](), list[Spot](), list[str]()
    for workload in serving:
        number = workload.object.spec.get("replicas", 1)
        if workload.name in scaled or not isinstance(number, int) or number > 1:
            good.append(scaled.get(workload.name) or workload.object.spot("spec", "replicas"))
        else:
            bad.append(workload.object.spot("spec", "replicas"))
            names.append(workload.name)
    return each(good, bad, what="deployment", fails="with a single replica: a node's end is an outage", holds="with two replicas or more", named=names,
                task="Deploy it to Kubernetes with at least 2 replicas")  # fmt: skip


def _disruption(estate: Estate) -> Judgement:
    several = _several(estate)
    if isinstance(several, Judgement):
        return several
    budgets = [table(table(item.spec.get("selector")).get("matchLabels")) for item in estate.of_kind("PodDisruptionBudget")]
    good, bad, names = list[Spot](), list[Spot](), list[str]()
    for workload in several:
        covered = any(budget and budget.items() <= workload.labels.items() for budget in budgets)
        (good if covered else bad).append(workload.object.spot())
        names += [] if covered else [workload.name]
    return each(
        good,
        bad,
        what="deployment",
        fails="without a disruption budget: one drained node may take all pods",
        holds="with a disruption budget",
        named=names,
        task=TASK,
    )


def _several(estate: Estate) -> list[Workload] | Judgement:
    """Deployments with more than one replica: a budget for a single one only keeps a node from being drained."""
    if why := absent(estate):
        return why
    scaled = _scaled(estate)
    several = [item for item in _serving(estate) if item.name in scaled or _more_than_one(item.object.spec.get("replicas", 1))]
    return several or does_not_apply("no deployment has more than one replica")


def _more_than_one(number: object) -> bool:
    return isinstance(number, int) and number > 1


def _spread(estate: Estate) -> Judgement:
    several = _several(estate)
    if isinstance(several, Judgement):
        return several
    good = [item.spot() for item in several if _is_spread(item)]
    bad = [item for item in several if not _is_spread(item)]
    return each(good, [item.spot() for item in bad], what="deployment", fails="with pods that may all be on one node", holds="spread over nodes",
                named=[item.name for item in bad], task=TASK)  # fmt: skip


def _is_spread(workload: Workload) -> bool:
    return bool(items(workload.pod.get("topologySpreadConstraints")) or table(table(workload.pod.get("affinity")).get("podAntiAffinity")))


def _accounts(estate: Estate) -> Judgement:
    if why := absent(estate):
        return why
    closed = {item.name for item in estate.of_kind("ServiceAccount") if item.body.get("automountServiceAccountToken") is False}
    bound = {
        str(table(subject).get("name"))
        for item in estate.of_kind("RoleBinding", "ClusterRoleBinding")
        for subject in items(item.body.get("subjects"))
    }
    good, bad, names = list[Spot](), list[Spot](), list[str]()
    for workload in estate.workloads:
        account = str(workload.pod.get("serviceAccountName") or "default")
        mounts = workload.pod.get("automountServiceAccountToken")
        holds = mounts is False or (mounts is None and account in closed) or account in bound
        (good if holds else bad).append(workload.spot("serviceAccountName"))
        names += [] if holds else [workload.name]
    return each(good, bad, what="workload", fails="with a token for the cluster's API and no right that it is for", holds="without a needless token",
                named=names, task=TASK)  # fmt: skip


def _rights(estate: Estate) -> Judgement:
    roles = estate.of_kind("Role", "ClusterRole")
    bindings = estate.of_kind("RoleBinding", "ClusterRoleBinding")
    if not roles and not bindings:
        return does_not_apply("no role is described")
    bad: list[tuple[Spot, str]] = []
    for item in roles:
        for index, rule in enumerate(items(item.body.get("rules"))):
            if "*" in items(table(rule).get("verbs")) and "*" in items(table(rule).get("resources")):
                bad.append((item.spot("rules", index), f"{item.name} may do everything"))
    bad += [
        (item.spot("roleRef"), f"{item.name} makes an administrator of the cluster")
        for item in bindings
        if table(item.body.get("roleRef")).get("name") == "cluster-admin"
    ]
    if not bad:
        return met("no role may do everything", [item.spot() for item in (*roles, *bindings)])
    return not_met("; ".join(name for _, name in bad[:6]), [spot for spot, _ in bad], task="Harden the Kubernetes manifests: least-privilege RBAC")


def _valid(estate: Estate) -> Judgement:
    return asked(estate, "kubernetes-validate", "file", none=NONE, task="Fix the Kubernetes manifests")


STANDARDS = (
    Standard(id="kubernetes/valid", summary="manifests are valid by the API schemas", source="Kubernetes API", weight=2, judge=_valid),
    Standard(id="kubernetes/memory-limit", summary="every container has a memory limit", source=f"{TEAM}: resource limits; NSA Kubernetes Hardening", weight=3,
             judge=_of_containers(_limit, fails="without a memory limit", right="with a memory limit", key="resources")),
    Standard(id="kubernetes/requests", summary="every container asks for CPU and memory", source=f"{TEAM}: resource requests", weight=2,
             judge=_of_containers(_request, fails="without requests for CPU and memory", right="with requests", key="resources")),
    Standard(id="kubernetes/readiness", summary="requests wait until a container is ready", source=f"{TEAM}: readiness probes", weight=3,
             judge=_of_containers(_has("readinessProbe"), fails="sent requests before being ready", right="with a readiness probe", key="readinessProbe", of=_listens)),
    Standard(id="kubernetes/liveness", summary="a container that hangs is restarted", source=f"{TEAM}: liveness probes", weight=1,
             judge=_of_containers(_has("livenessProbe"), fails="left alone when hanging", right="with a liveness probe", key="livenessProbe", of=_listens)),
    Standard(id="kubernetes/non-root", summary="no container runs as root", source="Pod Security Standards: restricted; CIS Kubernetes 5.2", weight=3,
             judge=_of_containers(runs_as_user, fails="free to run as root", right="not as root", key="securityContext")),
    Standard(id="kubernetes/escalation", summary="no process gains rights", source="Pod Security Standards: restricted", weight=2,
             judge=_of_containers(_no_escalation, fails="free to gain rights", right="without a way to gain rights", key="securityContext")),
    Standard(id="kubernetes/capabilities", summary="containers drop all capabilities", source="Pod Security Standards: restricted", weight=2,
             judge=_of_containers(_drops_all, fails="with capabilities that nobody dropped", right="without capabilities", key="securityContext")),
    Standard(id="kubernetes/seccomp", summary="system calls are filtered", source="Pod Security Standards: restricted", weight=1,
             judge=_of_containers(_seccomp, fails="without a seccomp profile", right="with a seccomp profile", key="securityContext")),
    Standard(id="kubernetes/read-only", summary="containers cannot change their own files", source="NSA Kubernetes Hardening; CIS Docker 5.13", weight=1,
             judge=_of_containers(_read_only, fails="with a root filesystem that can be written", right="with a read-only root filesystem", key="securityContext")),
    Standard(id="kubernetes/isolated", summary="no pod reaches into its node", source="Pod Security Standards: baseline", weight=3, judge=_isolated),
    Standard(id="kubernetes/images", summary="images have a version", source="Kubernetes: configuration best practices", weight=2, judge=_images),
    Standard(id="kubernetes/replicas", summary="what answers has more than one replica", source=f"{TEAM}: 99.9 % uptime, high availability", weight=2, judge=_replicas),
    Standard(id="kubernetes/disruption", summary="maintenance does not take everything down", source="Kubernetes: disruptions", weight=1, judge=_disruption),
    Standard(id="kubernetes/spread", summary="replicas are spread over nodes", source=f"{TEAM}: high availability", weight=1, judge=_spread),
    Standard(id="kubernetes/tokens", summary="no pod has a needless API token", source="CIS Kubernetes 5.1.6", weight=1, judge=_accounts),
    Standard(id="kubernetes/rights", summary="roles have least privilege", source="CIS Kubernetes 5.1.1, 5.1.3", weight=3, judge=_rights),
)  # fmt: skip
