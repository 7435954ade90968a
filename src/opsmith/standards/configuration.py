"""How the system is configured and, where compose runs it, started."""

from __future__ import annotations

import re
from collections.abc import Iterator

from opsmith.model.assessment import Judgement, Spot
from opsmith.model.estate import Block, ComposeService, Estate
from opsmith.shapes import items, table
from opsmith.standard import TEAM, Standard
from opsmith.standards.images import built_by, image, last
from opsmith.standards.stores import is_store, keeps_data
from opsmith.standards.variables import environment
from opsmith.standards.verdicts import counted, does_not_apply, each, listed, met, not_met

NAME = "configuration"
TITLE = "Configuration"
TASK = "Containerise it with compose for production: health checks, limits and named volumes"

NO_COMPOSE = "compose does not deploy it"
_DEPLOYS = ("compose", "kubernetes", "helm", "kustomize", "platform", "procfile", "serverless", "cloudformation", "terraform", "ansible", "nomad",
            "pulumi", "cdk", "bicep")  # fmt: skip


def _deployed(estate: Estate) -> Judgement:
    if not estate.shipped and not estate.existing:
        return does_not_apply("nothing that runs was recognised")
    files = [Spot(file=item.path) for item in estate.existing if item.kind in _DEPLOYS]
    if files:
        return met("how it is deployed is described", files)
    return not_met("nothing describes how it is deployed: no compose file, manifest, chart, platform or infrastructure file",
                   task="Deploy it to Kubernetes")  # fmt: skip


def _variables(estate: Estate) -> Judgement:
    needed = {
        variable.name: component for component in estate.shipped for variable in component.env if variable.required and variable.default is None
    }
    if not needed:
        return does_not_apply("no component has a variable that it cannot start without")
    told = [path for path in estate.texts if ".env" in path.rpartition("/")[2] or path.lower().endswith((".md", ".rst", ".adoc", "env.example"))]
    words = set(re.findall(r"\w+", "\n".join(estate.texts[path] for path in told)))
    for service in estate.compose:
        words |= set(environment(service))
    for workload in estate.workloads:
        words |= {str(table(entry).get("name")) for container in workload.containers() for entry in items(container.body.get("env"))}
    words |= set(re.findall(r"\w+", " ".join(f"{key} {text}" for block in estate.blocks for key, text in _written(block))))
    missing = [name for name in needed if name not in words]
    if not missing:
        return met(f"{counted(len(needed), 'required variable')} told", [Spot(file=path) for path in told if ".env" in path or "env.example" in path])
    places = [Spot(file=found[0].file, line=found[0].line) for name in missing if (found := needed[name].evidence.get("env", ()))]
    return not_met(f"required and told in no .env.example, README, compose file, manifest or Terraform: {listed(missing)}", places,
                   task="Containerise it with an .env.example of every variable")  # fmt: skip


def _written(block: Block) -> Iterator[tuple[str, str]]:
    yield from block.values.items()
    for inner in block.blocks:
        yield from _written(inner)


def _health(estate: Estate) -> Judgement:
    if not estate.served:
        return does_not_apply("no component answers requests")
    asked = _asked_paths(estate)
    good, bad, names = list[Spot](), list[Spot](), list[str]()
    for component in estate.served:
        if component.role == "static" or component.protocol == "tcp":
            continue
        evidence = component.evidence.get("health_path", ())
        if component.health_path:
            good.extend(Spot(file=item.file, line=item.line) for item in evidence[:1])
        elif asked:
            good.append(asked[0])
        else:
            start = component.evidence.get("ports", ()) or component.evidence.get("start_command", ())
            bad.extend(Spot(file=item.file, line=item.line) for item in start[:1] if not item.file.endswith((".md", ".rst")))
            names.append(component.name)
    if not good and not names:
        return does_not_apply("every component that answers is static or speaks no HTTP")
    if not names:
        return met("there is an endpoint for health checks", good)
    return not_met(f"no endpoint for health checks was found in the code of {listed(names)}", bad, task=None)


def _asked_paths(estate: Estate) -> list[Spot]:
    """Places where somebody asks a path of a container for its health."""
    probes = ("readinessProbe", "livenessProbe", "startupProbe")
    found = [
        container.spot(probe)
        for workload in estate.workloads
        for container in workload.containers()
        for probe in probes
        if {"httpGet", "grpc", "exec"} & set(table(container.body.get(probe)))
    ]
    found += [item.spot(step) for item in estate.dockerfiles if (step := last(item, "HEALTHCHECK"))]
    return found + [service.spot("healthcheck") for service in estate.compose if service.body.get("healthcheck")]


# -- compose -----------------------------------------------------------------------------------------------------------------------------


def _compose_health(estate: Estate) -> Judgement:
    if not estate.deployed_compose:
        return does_not_apply(NO_COMPOSE)
    checked = {item.path for item in estate.dockerfiles if last(item, "HEALTHCHECK")}
    built = {id(service) for item in estate.dockerfiles if item.path in checked for service in built_by(estate, item)}
    listening = [service for service in estate.deployed_compose if _listens(service)]
    if not listening:
        return does_not_apply("no service of compose listens")
    good = [service.spot("healthcheck") for service in listening if _has_check(service) or id(service) in built]
    bad = [service for service in listening if not _has_check(service) and id(service) not in built]
    return each(good, [service.spot() for service in bad], what="service", fails="listening without a health check", holds="with a health check",
                named=[service.name for service in bad], task=TASK)  # fmt: skip


def _listens(service: ComposeService) -> bool:
    return bool(items(service.body.get("ports")) or items(service.body.get("expose"))) or is_store(service.image)


def _has_check(service: ComposeService) -> bool:
    check = table(service.body.get("healthcheck"))
    return bool(check) and check.get("disable") is not True


def _compose_limits(estate: Estate) -> Judgement:
    if not estate.deployed_compose:
        return does_not_apply(NO_COMPOSE)
    good = [item.spot() for item in estate.deployed_compose if _limited(item)]
    bad = [item for item in estate.deployed_compose if not _limited(item)]
    return each(good, [item.spot() for item in bad], what="service", fails="free to take all memory of the machine", holds="with a memory limit",
                named=[item.name for item in bad], task=TASK)  # fmt: skip


def _limited(service: ComposeService) -> bool:
    limits = table(table(table(service.body.get("deploy")).get("resources")).get("limits"))
    return bool(limits.get("memory") or service.body.get("mem_limit"))


def _compose_restart(estate: Estate) -> Judgement:
    if not estate.deployed_compose:
        return does_not_apply(NO_COMPOSE)
    lasting = [item for item in estate.deployed_compose if "profiles" not in item.body and not _is_one_off(estate, item)]
    if not lasting:
        return does_not_apply("no service of compose keeps running")
    good = [item.spot("restart") for item in lasting if _restarts(item)]
    bad = [item for item in lasting if not _restarts(item)]
    return each(good, [item.spot() for item in bad], what="service", fails="left down after a crash or reboot", holds="restarted",
                named=[item.name for item in bad], task=TASK)  # fmt: skip


def _restarts(service: ComposeService) -> bool:
    return service.body.get("restart") in ("always", "unless-stopped", "on-failure") or "restart_policy" in table(service.body.get("deploy")) or (
        str(service.body.get("restart", "")).startswith("on-failure")
    )  # fmt: skip


def _is_one_off(estate: Estate, service: ComposeService) -> bool:
    """It is told not to come back and nobody reaches it, or others wait until it has ended."""
    if service.body.get("restart") in (False, "no") and not _listens(service):
        return True
    waits = (table(table(item.body.get("depends_on")).get(service.name)) for item in estate.deployed_compose)
    return any(wait.get("condition") == "service_completed_successfully" for wait in waits)


def _compose_images(estate: Estate) -> Judgement:
    found = [(service, image(service.image)) for service in estate.deployed_compose if service.image and not service.body.get("build")]
    found = [(service, ref) for service, ref in found if not ref.is_variable]
    if not found:
        return does_not_apply(NO_COMPOSE if not estate.deployed_compose else "every image of compose is built here")
    good = [service.spot("image") for service, ref in found if not ref.moves]
    bad = [service for service, ref in found if ref.moves]
    return each(good, [service.spot("image") for service in bad], what="image", fails="that may be another one tomorrow", holds="with a version",
                named=[service.image for service in bad], task=TASK)  # fmt: skip


def _compose_volumes(estate: Estate) -> Judgement:
    stores = [service for service in estate.deployed_compose if keeps_data(service.image)]
    if not stores:
        return does_not_apply("compose runs no database" if estate.deployed_compose else NO_COMPOSE)
    good = [service.spot("volumes") for service in stores if items(service.body.get("volumes"))]
    bad = [service for service in stores if not items(service.body.get("volumes"))]
    return each(good, [service.spot() for service in bad], what="database", fails="without a volume: the data goes with the container", holds="on a volume",
                named=[service.name for service in bad], task=TASK)  # fmt: skip


STANDARDS = (
    Standard(id="configuration/deployed", summary="how it is deployed is code", source=f"{TEAM}: infrastructure as code", weight=3, judge=_deployed),
    Standard(id="configuration/variables", summary="every required variable is told", source="The Twelve-Factor App III", weight=2, judge=_variables),
    Standard(id="configuration/health", summary="what answers requests tells its health", source=f"{TEAM}: health checks", weight=2, judge=_health),
    Standard(
        id="configuration/compose-health",
        summary="services of compose have health checks",
        source="Docker Compose: healthcheck; CIS Docker 5.27",
        weight=2,
        judge=_compose_health,
    ),
    Standard(id="configuration/compose-limits", summary="services of compose have limits", source="CIS Docker 5.11", weight=2, judge=_compose_limits),
    Standard(
        id="configuration/compose-restart",
        summary="services of compose come back",
        source="Docker Compose: restart",
        weight=1,
        judge=_compose_restart,
    ),
    Standard(
        id="configuration/compose-images", summary="images of compose have a version", source="CIS Docker 5.28", weight=2, judge=_compose_images
    ),
    Standard(
        id="configuration/compose-volumes",
        summary="databases of compose keep their data",
        source="Docker Compose: volumes",
        weight=3,
        judge=_compose_volumes,
    ),
)
