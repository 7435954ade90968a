"""Dockerfiles, their .dockerignore, and the nginx.conf of static sites."""

from __future__ import annotations

import json
from collections.abc import Sequence

from opsmith import conventions
from opsmith.emit import template_artifact, text_artifact
from opsmith.model.artifact import Artifact
from opsmith.model.blueprint import Blueprint, Build, Route, Service
from opsmith.targets.docker import ignore, layout, stacks

NAME = "docker"


def wanted(blueprint: Blueprint) -> bool:
    return NAME in blueprint.targets


def render(blueprint: Blueprint) -> Sequence[Artifact]:
    files = [_dockerfile(build, _lead(build, blueprint)) for build in blueprint.builds]
    files += [_nginx(build, _lead(build, blueprint), blueprint) for build in blueprint.builds if build.static_dir]
    contexts = dict.fromkeys(build.context for build in blueprint.builds)
    files += [_ignore(context, [build for build in blueprint.builds if build.context == context]) for context in contexts]
    return files


def _lead(build: Build, blueprint: Blueprint) -> Service:
    """The service whose command the image carries; others that run from the same image bring their own."""
    return next(service for service in blueprint.services if service.build == build.name)


def _dockerfile(build: Build, service: Service) -> Artifact:
    stack = stacks.of(build.language)
    template = "static.j2" if build.static_dir else stack.TEMPLATE
    return template_artifact(
        build.dockerfile,
        NAME,
        template,
        package="opsmith.targets.docker",
        origin=f"builds.{build.name}",
        build=build,
        service=service,
        inside=layout.inside(build),
        copied=layout.copied,
        images=stack.images(build) | {"static": conventions.image("nginxinc/nginx-unprivileged:1.29-alpine")},
        plan=stack.plan(build),
        node=f"builds.{build.name}",
        service_node=f"services.{service.name}",
        health=json.dumps(list(service.health_argv)) if service.health_argv else None,
        command=json.dumps(list(service.argv)) if service.argv else None,
        health_tool=service.health_argv[0] if service.health_argv else None,
        base=layout.base_path(build),
        **stack.values(build),
    )


def _nginx(build: Build, service: Service, blueprint: Blueprint) -> Artifact:
    path = f"{build.path}/nginx.conf" if build.path else "nginx.conf"
    backends = [(route, f"http://{route.service}:{port}") for route in service.routes if (port := _port(route, blueprint)) is not None]
    return template_artifact(
        path,
        NAME,
        "nginx.conf.j2",
        package="opsmith.targets.docker",
        origin=f"builds.{build.name}.static_dir",
        port=conventions.NGINX_PORT,
        health_path=conventions.NGINX_HEALTH_PATH,
        base=layout.base_path(build),
        single_page="multi-page" not in build.traits and build.framework != "astro",
        routes=[(route, address) for route, address in backends if route.prefix is not None],
        fallback=next((item for item in backends if item[0].prefix is None), None),
        node=f"services.{service.name}",
    )


def _port(route: Route, blueprint: Blueprint) -> int | None:
    port = blueprint.service(route.service).port
    return port.number if port else None


def _ignore(context: str, builds: Sequence[Build]) -> Artifact:
    path = f"{context}/.dockerignore" if context else ".dockerignore"
    return text_artifact(path, NAME, ignore.text(builds), origin=f"builds.{builds[0].name}")
