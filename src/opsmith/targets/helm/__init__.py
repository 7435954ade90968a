"""A Helm chart of the same objects: with its defaults it installs what the plain manifests hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from opsmith import conventions
from opsmith.emit import json_artifact, noted, plain, template_artifact, yaml_artifact
from opsmith.manifests import Manifest, manifests, secrets
from opsmith.model.artifact import Artifact
from opsmith.model.blueprint import Blueprint, Environment
from opsmith.shapes import mapping
from opsmith.targets.helm import surface
from opsmith.targets.helm.expressions import chart_file
from opsmith.targets.helm.templates import condition, templated

NAME = "helm"
VERSION = "0.1.0"
"""Of the chart: what it is made of changes apart from the application."""


def wanted(blueprint: Blueprint) -> bool:
    return NAME in blueprint.targets


def render(blueprint: Blueprint) -> Sequence[Artifact]:
    folder = f"{conventions.CHARTS}/{blueprint.name}"
    marked = surface.values(blueprint)
    values = plain(marked)
    return [
        _chart(folder, blueprint),
        yaml_artifact(f"{folder}/values.yaml", NAME, marked, origin="name"),
        json_artifact(f"{folder}/values.schema.json", NAME, surface.schema(values), origin="name"),
        *_environments(folder, values, blueprint),
        *(_text(folder, name, blueprint) for name in ("README.md", "templates/_helpers.tpl", "templates/NOTES.txt")),
        *(_template(folder, item, blueprint, values) for item in manifests(blueprint) if item.kind != "namespace"),
        *_tests(folder, blueprint),
    ]


def _chart(folder: str, blueprint: Blueprint) -> Artifact:
    tag = surface.image(blueprint.builds[0].reference)["tag"]
    document = {
        "apiVersion": "v2",
        "name": noted(blueprint.name, "name"),
        "description": f"{blueprint.name}: {', '.join(service.name for service in blueprint.services)}",
        "type": "application",
        "version": noted(VERSION, above="Of the chart itself; raise it with every change of it."),
        "appVersion": noted(tag, f"builds.{blueprint.builds[0].name}.reference", above="The images' tag."),
        "kubeVersion": f">={conventions.OLDEST_KUBERNETES}.0-0",
    }
    return yaml_artifact(f"{folder}/Chart.yaml", NAME, document, origin="name")


def _environments(folder: str, values: dict[str, Any], blueprint: Blueprint) -> list[Artifact]:
    """What each environment sets besides the defaults; none where it sets nothing."""
    found: list[Artifact] = []
    for environment in blueprint.environments:
        change = _difference(values, surface.values(blueprint.within(environment)))
        if change:
            found.append(yaml_artifact(values_file(folder, environment), NAME, change, origin=f"environments.{environment.name}"))
    return found


def values_file(folder: str, environment: Environment) -> str:
    return f"{folder}/values-{environment.name}.yaml"


def _difference(base: Any, wanted: Any) -> dict[str, Any]:
    there = plain(wanted)
    return {key: _difference(base[key], there[key]) if mapping(there[key]) else there[key] for key in there if there[key] != base[key]}


def _template(folder: str, item: Manifest, blueprint: Blueprint, values: dict[str, Any]) -> Artifact:
    place = f"{folder}/templates/{item.owner}" if item.owner else f"{folder}/templates"
    return chart_file(f"{place}/{item.kind}.yaml", NAME, templated(item, blueprint, values), origin=item.node, condition=condition(item))


def _text(folder: str, path: str, blueprint: Blueprint) -> Artifact:
    return template_artifact(
        f"{folder}/{path}",
        NAME,
        f"{path.rpartition('/')[2]}.j2",
        package="opsmith.targets.helm",
        origin="name",
        blueprint=blueprint,
        key=surface.key,
        folder=folder,
        shared_keys=secrets.shared_keys(blueprint),
        value_of=secrets.value,
    )


def _tests(folder: str, blueprint: Blueprint) -> list[Artifact]:
    """`helm test`: asks every service that answers HTTP, from a pod that the network policies let through for as long as the test lasts."""
    asked = [service for service in blueprint.services if service.port and service.probe and service.probe.kind == "http"]
    if not asked:
        return []
    return [
        template_artifact(
            f"{folder}/templates/tests/{name}.yaml",
            NAME,
            f"test-{name}.yaml.j2",
            package="opsmith.targets.helm",
            origin="name",
            blueprint=blueprint,
            asked=asked,
            image=conventions.image("busybox:1.37.0-musl"),
            user=conventions.APP_USER,
            name_label=conventions.NAME_LABEL,
            part_of=conventions.PART_OF_LABEL,
            component=conventions.COMPONENT_LABEL,
        )
        for name in ("connection", "networkpolicy")
    ]
