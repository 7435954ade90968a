"""Starting the system as compose.yaml and the manifests harden it, and asking its probes from this machine."""

from __future__ import annotations

import contextlib
import http.client
import re
import secrets
import socket
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field

from opsmith.model.blueprint import Backing, Blueprint, Probe, Service, Variable
from opsmith.model.finding import Finding
from opsmith.model.proof import Outcome, Proof
from opsmith.stages.build.engine import PULL_SECONDS, Engine
from opsmith.tools import Result

BACKING_SECONDS = 120
WORKER_SECONDS = 8
ENGINE_FAILED = 125
"""The exit code of docker and podman when they themselves failed; what the image or its program did wrong has others."""
HARDENED = ("--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--memory", "1g")


@dataclass(slots=True)
class Run:
    """One start of the system: its engine, its names, and the secrets made up for it."""

    blueprint: Blueprint
    engine: Engine
    prefix: str
    secrets: dict[str, str] = field(default_factory=dict[str, str])

    def name(self, service: str) -> str:
        return f"{self.prefix}-{service}"

    def secret(self, key: str) -> str:
        return self.secrets.setdefault(key, secrets.token_hex(24))


def start_and_ask(blueprint: Blueprint, images: Mapping[str, str], engine: Engine, prefix: str, tell: Callable[[str], None]) -> tuple[Proof, ...]:
    """A proof for each service: it starts beside what it needs and its probe is answered; a worker keeps running."""
    run = Run(blueprint, engine, prefix)
    with _network(run):
        missing = _start_backings(run, tell)
        proofs: list[Proof] = []
        for service in _callees_first(blueprint):
            tell(f"starting {service.name}")
            began = time.monotonic()
            outcome, reason = _asked(run, service, images, missing)
            proofs.append(_proof(run, service, outcome, reason, time.monotonic() - began))
        return tuple(proofs)


@contextlib.contextmanager
def _network(run: Run) -> Generator[None]:
    """A network of its own; every container on it is removed with it, whatever happened."""
    run.engine.ask("network", "create", run.prefix)
    try:
        yield
    finally:
        names = [run.name(item.name) for item in run.blueprint.running]
        run.engine.ask("rm", "--force", "--volumes", *names, *(f"{name}-migrate" for name in names))
        run.engine.ask("network", "rm", "--force", run.prefix)


# -- what the services need --------------------------------------------------------------------------------------------------------------


def _start_backings(run: Run, tell: Callable[[str], None]) -> dict[str, str]:
    """Start them all; by name, why one does not run."""
    missing: dict[str, str] = {}
    for backing in run.blueprint.backings:
        tell(f"starting {backing.name}")
        if backing.placement == "external":
            missing[backing.name] = f"{backing.name} is an external {backing.kind}"
        elif (image := _image(run, backing.image)) is None:
            missing[backing.name] = f"the image {backing.image.partition('@')[0]} is not here and cannot be pulled"
        elif not _start_backing(run, backing, image):
            missing[backing.name] = f"{backing.name} ({backing.kind}) did not become ready: {_log(run, backing.name)}"
    return missing


def _image(run: Run, reference: str) -> str | None:
    """The reference itself, or the same name without digest where only that is on this machine."""
    if run.engine.has_image(reference) or run.engine.works("pull", "--quiet", reference, seconds=PULL_SECONDS):
        return reference
    plain = reference.partition("@")[0]
    return plain if run.engine.has_image(plain) else None


def _start_backing(run: Run, backing: Backing, image: str) -> bool:
    arguments = [_resolved(run, item, backing.variables) for item in backing.arguments]
    started = run.engine.works(
        "run", "--detach", "--name", run.name(backing.name), "--network", run.prefix, "--network-alias", backing.name,
        *_environment(run, backing.variables), image, *arguments,
    )  # fmt: skip
    return started and _eventually(lambda: run.engine.works("exec", run.name(backing.name), *backing.health_command, seconds=10), BACKING_SECONDS)


# -- our services ------------------------------------------------------------------------------------------------------------------------


def _callees_first(blueprint: Blueprint) -> list[Service]:
    """Services after those they call; circles in the order of the blueprint."""
    ordered: list[Service] = []

    def place(service: Service, above: tuple[str, ...]) -> None:
        for name in service.calls:
            if name not in above:
                place(blueprint.service(name), (*above, name))
        if service not in ordered:
            ordered.append(service)

    for service in blueprint.services:
        place(service, (service.name,))
    return ordered


def _asked(run: Run, service: Service, images: Mapping[str, str], missing: Mapping[str, str]) -> tuple[Outcome, str]:
    image = images.get(service.build)
    if image is None:
        return "could_not_check", "its image was not built"
    for name in service.needs:
        if name in missing:
            return "could_not_check", missing[name]
    unknown = [variable.name for variable in service.variables if variable.kind == "unset"]
    if service.migration_argv and (failure := _migrate(run, service, image)):
        return _judged(failure, unknown)
    if service.role in ("cron", "job"):
        return "could_not_check", "it runs on a schedule, not all the time"
    started = _start(run, service, image)
    if started.exit_code == ENGINE_FAILED or started.missing or started.timed_out:
        return "could_not_check", f"{run.engine.tool} could not start a container: {_last_words(started)}"
    if started.exit_code != 0:
        return _judged(f"the container did not start: {_last_words(started)}", unknown)
    failure = _wait(run, service)
    return _judged(failure, unknown) if failure else ("proved", "")


def _judged(failure: str, unknown: Sequence[str]) -> tuple[Outcome, str]:
    """A failure counts against us only when every variable had a real value."""
    if unknown:
        return "could_not_check", f"it needs {', '.join(unknown)}, whose value nobody told; it said: {failure}"
    return "refuted", failure


def _migrate(run: Run, service: Service, image: str) -> str:
    name = f"{run.name(service.name)}-migrate"
    result = run.engine.ask(
        "run", "--name", name, "--network", run.prefix, *HARDENED, *_tmpfs(service), *_environment(run, service.variables), image,
        *service.migration_argv, seconds=180,
    )  # fmt: skip
    return "" if result.exit_code == 0 and not result.timed_out else f"the migration failed: {(result.stdout + result.stderr)[-600:]}"


def _start(run: Run, service: Service, image: str) -> Result:
    lead = next(other for other in run.blueprint.services if other.build == service.build)
    publish = ("--publish", f"127.0.0.1::{service.port.number}") if service.port else ()
    command = () if lead is service else service.argv
    return run.engine.ask(
        "run", "--detach", "--init", "--name", run.name(service.name), "--network", run.prefix, "--network-alias", service.name, *publish, *HARDENED,
        *_tmpfs(service), *_environment(run, service.variables), image, *command,
    )  # fmt: skip


def _last_words(result: Result) -> str:
    return (result.stderr or result.stdout).strip()[-300:] or ("it took too long" if result.timed_out else "it said nothing")


def _tmpfs(service: Service) -> list[str]:
    return [word for path in service.writable for word in ("--tmpfs", path)]


def _wait(run: Run, service: Service) -> str:
    """Empty when the probe is answered in time (a worker: when it is still running after a while), else what went wrong."""
    if service.port is None or service.probe is None:
        time.sleep(WORKER_SECONDS)
        return "" if _is_running(run, service.name) else f"it ended by itself: {_log(run, service.name)}"
    address = run.engine.ask("port", run.name(service.name), f"{service.port.number}/tcp").stdout
    match = re.search(r":(\d+)\s*$", address, re.MULTILINE)
    if match is None:
        return f"it ended by itself: {_log(run, service.name)}"
    probe, port = service.probe, int(match[1])
    if _eventually(lambda: answers(probe, port), service.startup_seconds, lambda: _is_running(run, service.name)):
        return ""
    return f"its probe {probe.path or probe.kind} was not answered: {_log(run, service.name)}"


def answers(probe: Probe, port: int) -> bool:
    """Whether `port` on loopback answers as Kubernetes would ask: a status from 200 to 399, or for tcp and grpc an open connection that stays."""
    try:
        if probe.kind == "http":
            with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
                connection.request("GET", probe.path or "/", headers={"User-Agent": "opsmith", "Host": "localhost"})
                with connection.getresponse() as response:
                    return 200 <= response.status < 400
        with socket.create_connection(("127.0.0.1", port), 3) as stream:
            # The engine's own forwarder accepts before the program does, and then hangs up.
            stream.settimeout(1.0)
            with contextlib.suppress(TimeoutError):
                return stream.recv(1) != b""
            return True
    except (OSError, http.client.HTTPException):
        return False


def _eventually(question: Callable[[], bool], seconds: float, worth: Callable[[], bool] = lambda: True) -> bool:
    """Ask once a second until yes, until the time is over, or until it is no longer worth it."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if question():
            return True
        if not worth():
            return False
        time.sleep(1)
    return False


def _is_running(run: Run, name: str) -> bool:
    return run.engine.ask("inspect", "--format", "{{.State.Running}}", run.name(name)).stdout.strip() == "true"


def _log(run: Run, name: str) -> str:
    """The last words of a container, without the secrets that were made up for it."""
    result = run.engine.ask("logs", "--tail", "15", run.name(name))
    text = (result.stdout + result.stderr).strip()[-900:]
    for value in run.secrets.values():
        text = text.replace(value, "***")
    return text or "it said nothing"


# -- values ------------------------------------------------------------------------------------------------------------------------------


def _environment(run: Run, variables: Sequence[Variable]) -> list[str]:
    return [word for variable in variables for word in ("--env", f"{variable.name}={_value(run, variable)}")]


def _value(run: Run, variable: Variable) -> str:
    match variable.kind:
        case "literal":
            return variable.value or ""
        case "secret":
            return run.secret(variable.key or variable.name)
        case "composed":
            return _resolved(run, variable.value or "", (variable,))
        case "unset":
            return run.secret(variable.name)


def _resolved(run: Run, text: str, variables: Sequence[Variable]) -> str:
    keys = {variable.key for variable in variables if variable.key}
    return re.sub(r"\$\{(\w+)\}", lambda match: run.secret(match[1]) if match[1] in keys else match[0], text)


def _proof(run: Run, service: Service, outcome: Outcome, reason: str, seconds: float) -> Proof:
    path = run.blueprint.build(service.build).dockerfile
    claim = (
        f"{service.name} starts and answers {service.probe.path or 'on its port'}" if service.probe else f"{service.name} starts and keeps running"
    )
    findings = (Finding(rule=f"{run.engine.tool}/run", severity="high", path=path, message=reason),) if outcome == "refuted" else ()
    return Proof(
        tool=run.engine.tool, claim=claim, paths=(path,), outcome=outcome, version=run.engine.version,
        reason="" if outcome == "refuted" else reason, findings=findings, seconds=seconds,
    )  # fmt: skip
