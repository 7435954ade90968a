"""Who calls whom among Spring applications: declarative clients, the registry that they ask, the config server."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator

from opsmith.detectors.jvm.app import App
from opsmith.detectors.jvm.config_server import CLIENT, SERVER
from opsmith.detectors.jvm.source import literal
from opsmith.model.survey import Component, Evidence

_REGISTRY = ("org.springframework.cloud:spring-cloud-starter-netflix-eureka-server", "org.springframework.cloud:spring-cloud-starter-eureka-server")
_REGISTERED = ("org.springframework.cloud:spring-cloud-starter-netflix-eureka-client", "org.springframework.cloud:spring-cloud-starter-eureka")


def connected(made: list[tuple[App, Component]]) -> Iterator[Component]:
    """The components with those that they call, each edge with its evidence."""
    names = {_application(app): item.name for app, item in made}
    servers = [item.name for app, item in made if app.module.has(*SERVER)]
    registries = [item.name for app, item in made if app.module.has(*_REGISTRY)]
    for app, item in made:
        edges = dict(_edges(app, names, servers, registries))
        edges.pop(item.name, None)
        shown = {**item.evidence, "depends_on": tuple(edges.values())} if edges else item.evidence
        yield dataclasses.replace(item, depends_on=tuple(sorted(edges)), evidence=shown)


def _application(app: App) -> str:
    return (app.settings.text("spring.application.name") or app.module.name).lower()


def _edges(app: App, names: dict[str, str], servers: list[str], registries: list[str]) -> Iterator[tuple[str, Evidence]]:
    for targets, libraries in ((servers, CLIENT), (registries, _REGISTERED)):
        library = app.has(*libraries)
        if library is not None and len(targets) == 1:
            yield targets[0], library.evidence
    for source, mark in app.program.marked("FeignClient", "RegisterRestClient", "HttpExchange"):
        for label, node in mark.arguments:
            value = (literal(node) or "").lower()
            if label in ("", "name", "value", "url", "baseUri", "serviceId"):
                host = re.sub(r"^\w+://", "", value).partition("/")[0].partition(":")[0]
                if host in names:
                    yield names[host], Evidence(file=source.path, line=mark.line, shows=f"@{mark.name} {value}", confidence=0.9)
