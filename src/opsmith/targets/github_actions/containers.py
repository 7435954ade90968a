"""Backing services as service containers, and the variables with which the tests reach them on localhost."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from typing import Any

from opsmith.emit import Noted, noted
from opsmith.model.blueprint import Backing, Blueprint, Service, TestJob, Variable
from opsmith.targets.github_actions import steps

CREDENTIAL = "ci-only"
_NUMBERS = re.compile(r"(?:^|_)(?:PORT|MAX|MIN|SIZE|LIMIT|COUNT|TIMEOUT|SECONDS|MINUTES|DAYS|TTL|INTERVAL)$")
"""Names of variables that code reads as numbers, so that a word would stop it."""
STARTS_WITH = ("minio",)
"""Images that do nothing without arguments. The others run without ours, which only add a password or durability."""


def reached(blueprint: Blueprint, test: TestJob) -> dict[Backing, int]:
    """The containers of the job with the port of the runner each takes: its own, or the next free one."""
    found: dict[Backing, int] = {}
    for item in (blueprint.backing(name) for name in test.needs):
        if item.placement == "in_cluster" and item.image:
            port = item.port
            while port in found.values():
                port += 1
            found[item] = port
    return found


def container(backing: Backing, port: int) -> Any:
    made: dict[str, Any] = {"image": noted(backing.image, f"backings.{backing.name}.image")}
    if variables := {item.name: _value(item) for item in backing.variables if not _only_in_arguments(backing, item.key)}:
        made["env"] = variables
    made["ports"] = [f"{port}:{backing.port}"]
    if backing.health_command:
        made["options"] = _health(backing)
    if backing.kind in STARTS_WITH:
        made["command"] = shlex.join(backing.arguments)
    return noted(made, f"backings.{backing.name}")


def _health(backing: Backing) -> str:
    words = backing.health_command
    command = words[2] if words[:2] == ("sh", "-c") else shlex.join(words)
    quoted = command.replace("\\", "\\\\").replace('"', '\\"')
    return f'--health-cmd "{quoted}" --health-interval 5s --health-timeout 5s --health-retries 20 --health-start-period 10s'


def _only_in_arguments(backing: Backing, key: str | None) -> bool:
    """A password that the image takes as an argument: a service container has none, so it runs without a password."""
    return bool(key) and any(f"${{{key}}}" in argument for argument in backing.arguments)


def _value(variable: Variable) -> str:
    if variable.value is not None:
        return re.sub(r"\$\{\w+\}", CREDENTIAL, variable.value)
    return "1" if variable.kind == "unset" and _NUMBERS.search(variable.name) else CREDENTIAL


def environment(blueprint: Blueprint, test: TestJob, backings: Mapping[Backing, int]) -> dict[str, Noted]:
    """What the tested code reads, pointing at the containers; a secret of the service itself gets a placeholder."""
    service = blueprint.service(test.service) if test.service else None
    told = {name: value for name, value in test.variables if not (service and _listens(service, backings, name, value))}
    found = {name: noted(steps.told(_local(value, backings)), f"pipeline.tests.{test.name}") for name, value in told.items()}
    for item in service.variables if service else ():
        owner = next((backing for backing in blueprint.backings if item.key and item.secret in _secrets(backing)), None)
        if item.kind == "literal" or item.name in found or (item.kind == "secret" and item.secret not in _known(blueprint, backings)):
            continue
        said = None if any(note.above for note in found.values()) else "Made up for this job; no secret."
        found[item.name] = noted(_connected(item, owner, backings), f"services.{test.service}.variables", above=said)
    return found


def _listens(service: Service, backings: Mapping[Backing, int], name: str, value: str) -> bool:
    """The variable only says on which port the service listens: nothing to a test, which does not start it."""
    own = {port.number for port in (service.port, *service.extra_ports) if port}
    return "PORT" in name.upper() and value in {str(number) for number in own - {backing.port for backing in backings}}


def _secrets(backing: Backing) -> set[str]:
    return {item.secret for item in backing.variables if item.secret}


def _known(blueprint: Blueprint, backings: Mapping[Backing, int]) -> set[str]:
    """Secrets for which a made-up value works: those of the containers and of the services themselves, not those of something elsewhere."""
    outside = {secret for item in blueprint.backings if item not in backings for secret in (*_secrets(item), f"{item.name}-secrets")}
    return {secret.name for secret in blueprint.secrets} - outside


def _connected(variable: Variable, owner: Backing | None, backings: Mapping[Backing, int]) -> str:
    if owner is not None and _only_in_arguments(owner, variable.key):
        open_value = re.sub(rf":?\$\{{{variable.key}\}}@?", "", variable.value or "")
        return _local(open_value, backings)
    return _local(_value(variable), backings)


def _local(value: str, backings: Mapping[Backing, int]) -> str:
    """`value` with the container's name and port as the runner sees them."""
    for backing, port in backings.items():
        value = re.sub(rf"(?<![\w.-]){re.escape(backing.name)}:{backing.port}(?!\d)", f"localhost:{port}", value)
        if value == backing.name:
            value = "localhost"
    return value
