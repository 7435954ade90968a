"""Steps of a job."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from opsmith import conventions
from opsmith.emit import noted

RUNNER = "ubuntu-24.04"


def use(
    title: str, action: str, settings: Mapping[str, Any] | None = None, *, condition: str | None = None, key: str | None = None
) -> dict[str, Any]:
    """A step that runs a pinned action."""
    pin = conventions.action(action)
    step = _head(title, condition, key) | {"uses": noted(pin.uses, beside=pin.version)}
    return step | ({"with": dict(settings)} if settings else {})


def run(
    title: str,
    *lines: str,
    environment: Mapping[str, Any] | None = None,
    folder: str | None = None,
    condition: str | None = None,
    key: str | None = None,
) -> dict[str, Any]:
    step = _head(title, condition, key)
    if folder:
        step["working-directory"] = folder
    if environment:
        step["env"] = dict(environment)
    return step | {"run": lines[0] if len(lines) == 1 else "\n".join(lines) + "\n"}


def _head(title: str, condition: str | None, key: str | None) -> dict[str, Any]:
    step: dict[str, Any] = {"name": title}
    if condition:
        step["if"] = condition
    if key:
        step["id"] = key
    return step


def checkout() -> dict[str, Any]:
    return use("Check out", "actions/checkout", {"persist-credentials": False})


def kubectl() -> dict[str, Any]:
    return use("Set up kubectl", "azure/setup-kubectl", {"version": f"v{conventions.KUBERNETES_VERSION}.0"})


def told(text: str) -> str:
    """Text of the repository as it is: GitHub must not take any of it for an expression."""
    return text.replace("${{", "${{ '${{' }}")


def listed(paths: Sequence[str]) -> str:
    """As actions take several paths: one a line."""
    return told(paths[0] if len(paths) == 1 else "\n".join(paths) + "\n")
