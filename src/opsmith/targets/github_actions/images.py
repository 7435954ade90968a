"""The job that builds every image, scans it and, on a push, publishes it with provenance and a bill of materials."""

from __future__ import annotations

from typing import Any

from opsmith.emit import Flow, noted
from opsmith.model.blueprint import Blueprint, Build
from opsmith.targets.github_actions import steps

MINUTES = 45
ON_PUSH = "github.event_name == 'push'"


def job(blueprint: Blueprint, needs: tuple[str, ...]) -> Any:
    legs = [_leg(build) for build in blueprint.builds]
    several = len(legs) > 1
    leg: dict[str, Any] = {key: f"${{{{ matrix.{key} }}}}" for key in legs[0]} if several else legs[0]
    made: dict[str, Any] = {"name": f"Image {leg['name']}"}
    if needs:
        made["needs"] = Flow(needs)
    made |= {"runs-on": steps.RUNNER, "timeout-minutes": MINUTES, "permissions": _permissions(blueprint)}
    if several:
        matrix = [noted(each, f"builds.{each['name']}") for each in legs]
        made["strategy"] = {"fail-fast": False, "matrix": {"include": matrix}}
    outputs = {build.name: f"${{{{ steps.digest.outputs.{build.name} }}}}" for build in blueprint.builds}
    made["outputs"] = noted(outputs, above="Each leg of the matrix sets its own." if several else None)
    return noted(made | {"steps": _steps(blueprint, leg)}, "builds")


def _permissions(blueprint: Blueprint) -> dict[str, Any]:
    read = {"contents": noted("read", beside="check out")}
    return read | ({"packages": noted("write", beside="push to ghcr.io")} if host(blueprint) == "ghcr.io" else {})


def repository(build: Build) -> str:
    """The image without its tag."""
    name, colon, tag = build.reference.rpartition(":")
    return name if colon and "/" not in tag else build.reference


def host(blueprint: Blueprint) -> str:
    first = blueprint.registry.partition("/")[0]
    return first if "." in first or ":" in first or first == "localhost" else "docker.io"


def _leg(build: Build) -> dict[str, str]:
    return {
        "name": build.name,
        "image": steps.told(repository(build)),
        "context": steps.told(build.context or "."),
        "dockerfile": steps.told(build.dockerfile),
    }


def _steps(blueprint: Blueprint, leg: dict[str, str]) -> list[Any]:
    tag = f"{leg['image']}:${{{{ github.sha }}}}"
    cache = f"type=gha,scope={leg['name']}"
    source = {"context": leg["context"], "file": leg["dockerfile"]}
    return [
        steps.checkout(),
        steps.use("Set up Buildx", "docker/setup-buildx-action"),
        steps.use(
            "Build",
            "docker/build-push-action",
            source | {"load": True, "tags": tag, "provenance": False, "cache-from": cache, "cache-to": f"{cache},mode=max"},
        ),
        noted(_scan(tag), above="Before anything is published; what has no fix yet does not stop a release."),
        steps.use("Log in to the registry", "docker/login-action", _login(blueprint), condition=ON_PUSH),
        steps.use(
            "Push",
            "docker/build-push-action",
            source | {"push": True, "tags": tag, "provenance": "mode=max", "sbom": True, "cache-from": cache},
            condition=ON_PUSH,
            key="push",
        ),
        steps.run(
            "Hand on the digest",
            'echo "${NAME}=${DIGEST}" >> "${GITHUB_OUTPUT}"',
            environment={"NAME": leg["name"], "DIGEST": "${{ steps.push.outputs.digest }}"},
            condition=ON_PUSH,
            key="digest",
        ),
    ]


def _scan(tag: str) -> dict[str, Any]:
    settings = {"image-ref": tag, "scanners": "vuln", "severity": "CRITICAL,HIGH", "ignore-unfixed": True, "exit-code": "1"}
    return steps.use("Scan", "aquasecurity/trivy-action", settings)


def _login(blueprint: Blueprint) -> dict[str, Any]:
    where = noted(host(blueprint), "registry")
    if host(blueprint) == "ghcr.io":
        return {"registry": where, "username": "${{ github.actor }}", "password": "${{ secrets.GITHUB_TOKEN }}"}
    return {"registry": where, "username": "${{ secrets.REGISTRY_USERNAME }}", "password": "${{ secrets.REGISTRY_PASSWORD }}"}
