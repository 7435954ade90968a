"""Who may talk to whom, and whether others can listen."""

from __future__ import annotations

import re

from opsmith.model.assessment import Judgement, Spot
from opsmith.model.estate import Estate, Object, Workload
from opsmith.shapes import items, table
from opsmith.standard import TEAM, Standard
from opsmith.standards.containers import absent
from opsmith.standards.stores import is_store
from opsmith.standards.verdicts import could_not_check, does_not_apply, each, listed, met, not_met

NAME = "network"
TITLE = "Network"
TASK = "Deploy it to Kubernetes with network policies that deny by default"


def _policies(estate: Estate) -> Judgement:
    if why := absent(estate):
        return why
    policies = estate.of_kind("NetworkPolicy", "CiliumNetworkPolicy")
    if not policies:
        return not_met("every pod may be reached by every other one: there is no network policy", [_first(estate)], task=TASK)
    lasting = [workload for workload in estate.workloads if workload.lasts]
    covered = [workload for workload in lasting if any(_selects(policy, workload) for policy in policies)]
    bad = [workload for workload in lasting if workload not in covered]
    return each([workload.object.spot() for workload in covered], [workload.object.spot() for workload in bad], what="workload",
                fails="without a network policy", holds="under a network policy", named=[workload.name for workload in bad], task=TASK)  # fmt: skip


def _first(estate: Estate) -> Spot:
    return estate.workloads[0].object.spot()


def _selects(policy: Object, workload: Workload) -> bool:
    selector = table(policy.spec.get("podSelector") or policy.spec.get("endpointSelector"))
    wanted = table(selector.get("matchLabels"))
    return wanted.items() <= workload.labels.items() and (not items(selector.get("matchExpressions")) or bool(wanted))


def _denied(estate: Estate) -> Judgement:
    if why := absent(estate):
        return why
    policies = estate.of_kind("NetworkPolicy", "CiliumNetworkPolicy")
    if not policies:
        return does_not_apply("there is no network policy at all, which is told by network/policies")
    closed = [policy.spot() for policy in policies if _selects_all(policy) and not _allows_all(policy)]
    if closed:
        return met("what is not allowed is denied", closed)
    return not_met("a new pod may be reached by every other one: no policy denies by default", [policies[0].spot()], task=TASK)


def _selects_all(policy: Object) -> bool:
    selector = policy.spec.get("podSelector", policy.spec.get("endpointSelector"))
    return selector is not None and not table(table(selector).get("matchLabels")) and not items(table(selector).get("matchExpressions"))


def _allows_all(policy: Object) -> bool:
    return any(rule == {} for rule in items(policy.spec.get("ingress")))


def _tls(estate: Estate) -> Judgement:
    entries = estate.of_kind("Ingress")
    gateways = [item for item in estate.of_kind("Gateway") if item.group in ("gateway.networking.k8s.io", "networking.istio.io")]
    if not entries and not gateways:
        return _tls_elsewhere(estate)
    good = [item.spot("spec", "tls") for item in entries if _is_encrypted(item)] + [item.spot() for item in gateways if _has_https(item)]
    bad = [item for item in entries if not _is_encrypted(item)] + [item for item in gateways if not _has_https(item)]
    return each(good, [item.spot("spec") for item in bad], what="entrance", fails="not encrypted", holds="encrypted", named=[item.name for item in bad],
                task="Deploy it to Kubernetes behind an ingress with TLS")  # fmt: skip


def _tls_elsewhere(estate: Estate) -> Judgement:
    open_services = [item for item in estate.of_kind("Service") if item.spec.get("type") == "LoadBalancer"]
    if open_services:
        return could_not_check(
            "a load balancer leads in, and whether it encrypts is told by the cloud alone", [item.spot("spec", "type") for item in open_services]
        )
    if estate.charts and not estate.workloads:
        return could_not_check("the only manifests are templates of a Helm chart", [Spot(file=path) for path in estate.charts])
    return does_not_apply("no entrance from outside is described")


def _is_encrypted(item: Object) -> bool:
    annotations = " ".join(table(item.metadata.get("annotations")))
    return (
        bool(items(item.spec.get("tls")))
        or re.search(r"certificate-arn|managed-certificates|pre-shared-cert|appgw-ssl-certificate|tls-acme", annotations) is not None
    )


def _has_https(item: Object) -> bool:
    listeners = [*items(item.spec.get("listeners")), *(table(server).get("port") for server in items(item.spec.get("servers")))]
    return any(table(listener).get("protocol") in ("HTTPS", "TLS") for listener in listeners)


def _stores_closed(estate: Estate) -> Judgement:
    """Databases that anybody can reach who reaches the machine."""
    bad = [
        (service.spot("ports"), service.name)
        for service in estate.deployed_compose
        if is_store(service.image) and _published(service.body.get("ports"))
    ]
    stores = [service.spot() for service in estate.deployed_compose if is_store(service.image)]
    for workload in estate.workloads:
        if any(is_store(container.image) for container in workload.containers()):
            stores.append(workload.object.spot())
            bad += [(item.spot("spec", "type"), item.name) for item in estate.of_kind("Service") if _opens(item, workload)]
    if not stores:
        return does_not_apply("no database, cache or queue is run here")
    if bad:
        return not_met(f"reachable from outside: {listed(name for _, name in bad)}", [spot for spot, _ in bad], task=TASK)
    return met("databases, caches and queues are reachable from inside only", stores)


def _published(ports: object) -> bool:
    for entry in items(ports):
        host = str(table(entry).get("host_ip") or "") if table(entry) else str(entry)
        if not host.startswith(("127.", "localhost", "[::1]", "${")):
            return True
    return False


def _opens(service: Object, workload: Workload) -> bool:
    selector = table(service.spec.get("selector"))
    return service.spec.get("type") in ("LoadBalancer", "NodePort") and bool(selector) and selector.items() <= workload.labels.items()


STANDARDS = (
    Standard(
        id="network/policies",
        summary="network policies speak of every workload",
        source="CIS Kubernetes 5.3.2; NSA Kubernetes Hardening",
        weight=2,
        judge=_policies,
    ),
    Standard(id="network/deny", summary="what is not allowed is denied", source="CIS Kubernetes 5.3.2", weight=1, judge=_denied),
    Standard(id="network/tls", summary="entrances are encrypted", source=f"{TEAM}: encryption in transit", weight=3, judge=_tls),
    Standard(
        id="network/stores",
        summary="databases are not reachable from outside",
        source="CIS Docker 5.8; NSA Kubernetes Hardening",
        weight=3,
        judge=_stores_closed,
    ),
)
