"""The images, built once a run: a pull request builds and scans them, a push publishes them and scans what it has published."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from opsmith.emit import Flow, noted
from opsmith.model.blueprint import Blueprint, Build
from opsmith.targets.github_actions import steps

CHECKED = "check-images"
PUSHED = "push-images"
MINUTES = 45
ON_PULL_REQUEST = "github.event_name == 'pull_request'"
ON_PUSH = "github.event_name == 'push'"


def jobs(blueprint: Blueprint, *, needs: Sequence[str], hands_on: bool) -> dict[str, Any]:
    """`hands_on`: a later job needs the digests."""
    leg = _leg(blueprint)
    check = {"name": f"Check image {leg['name']}", "if": ON_PULL_REQUEST} | _frame(blueprint, _reads()) | {"steps": _check(leg)}
    push: dict[str, Any] = {"name": f"Push image {leg['name']}", "if": ON_PUSH}
    if needs:
        push["needs"] = Flow(needs)
    push |= _frame(blueprint, _publishes(blueprint)) | (_outputs(blueprint) if hands_on else {})
    return {
        CHECKED: noted(check, "builds", above="Without the right to publish anything: a pull request may bring any code."),
        PUSHED: noted(push | {"steps": _push(blueprint, leg) + ([_hand_on(leg)] if hands_on else [])}, "builds"),
    }


def repository(build: Build) -> str:
    """The image without its tag."""
    name, colon, tag = build.reference.rpartition(":")
    return name if colon and "/" not in tag else build.reference


def host(blueprint: Blueprint) -> str:
    first = blueprint.registry.partition("/")[0]
    return first if "." in first or ":" in first or first == "localhost" else "docker.io"


def _leg(blueprint: Blueprint) -> dict[str, str]:
    """What one run of the job works on: the only image, or an entry of the matrix."""
    first = _source(blueprint.builds[0])
    return {key: f"${{{{ matrix.{key} }}}}" for key in first} if len(blueprint.builds) > 1 else first


def _source(build: Build) -> dict[str, str]:
    return {
        "name": build.name,
        "image": steps.told(repository(build)),
        "context": steps.told(build.context or "."),
        "dockerfile": steps.told(build.dockerfile),
    }


def _reads() -> dict[str, Any]:
    return {"contents": noted("read", beside="check out")}


def _publishes(blueprint: Blueprint) -> dict[str, Any]:
    return _reads() | ({"packages": noted("write", beside="push to ghcr.io")} if host(blueprint) == "ghcr.io" else {})


def _frame(blueprint: Blueprint, permissions: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {"runs-on": steps.RUNNER, "timeout-minutes": MINUTES, "permissions": permissions}
    if len(blueprint.builds) > 1:
        matrix = [noted(_source(build), f"builds.{build.name}") for build in blueprint.builds]
        made["strategy"] = {"fail-fast": False, "matrix": {"include": matrix}}
    return made


def _outputs(blueprint: Blueprint) -> dict[str, Any]:
    digests = {build.name: f"${{{{ steps.digest.outputs.{build.name} }}}}" for build in blueprint.builds}
    return {"outputs": noted(digests, above="Each leg of the matrix sets its own." if len(digests) > 1 else None)}


def _check(leg: dict[str, str]) -> list[Any]:
    tag = _tag(leg)
    return [
        steps.checkout(),
        steps.use("Set up Buildx", "docker/setup-buildx-action"),
        _build("Build", leg, {"load": True, "tags": tag, "provenance": False}),
        noted(_scan(tag), above="What has no fix yet stops nobody."),
    ]


def _push(blueprint: Blueprint, leg: dict[str, str]) -> list[Any]:
    published = f"{leg['image']}@${{{{ steps.push.outputs.digest }}}}"
    return [
        steps.checkout(),
        steps.use("Set up Buildx", "docker/setup-buildx-action"),
        steps.use("Log in to the registry", "docker/login-action", _login(blueprint)),
        _build("Build and push", leg, {"push": True, "tags": _tag(leg), "provenance": "mode=max", "sbom": True}, key="push"),
        noted(_scan(published), above="Exactly what was pushed; nothing else is ever deployed. What has no fix yet stops nobody."),
    ]


def _tag(leg: dict[str, str]) -> str:
    return f"{leg['image']}:${{{{ github.sha }}}}"


def _build(title: str, leg: dict[str, str], result: dict[str, Any], key: str | None = None) -> dict[str, Any]:
    cache = f"type=gha,scope={leg['name']}"
    settings = {"context": leg["context"], "file": leg["dockerfile"], **result, "cache-from": cache, "cache-to": f"{cache},mode=max"}
    return steps.use(title, "docker/build-push-action", settings, key=key)


def _scan(image: str) -> dict[str, Any]:
    settings = {"image-ref": image, "scanners": "vuln", "severity": "CRITICAL,HIGH", "ignore-unfixed": True, "exit-code": "1"}
    return steps.use("Scan", "aquasecurity/trivy-action", settings)


def _hand_on(leg: dict[str, str]) -> dict[str, Any]:
    return steps.run(
        "Hand on the digest",
        'echo "${NAME}=${DIGEST}" >> "${GITHUB_OUTPUT}"',
        environment={"NAME": leg["name"], "DIGEST": "${{ steps.push.outputs.digest }}"},
        key="digest",
    )


def _login(blueprint: Blueprint) -> dict[str, Any]:
    where = noted(host(blueprint), "registry")
    if host(blueprint) == "ghcr.io":
        return {"registry": where, "username": "${{ github.actor }}", "password": "${{ secrets.GITHUB_TOKEN }}"}
    return {"registry": where, "username": "${{ secrets.REGISTRY_USERNAME }}", "password": "${{ secrets.REGISTRY_PASSWORD }}"}
