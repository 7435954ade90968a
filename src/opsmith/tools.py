"""Commands as values, and the one place that runs them.

A command is an argument vector, never shell text. A runner finds the tool (PATH first, then beside the Python that runs opsmith), gives it
a bounded time, a small environment without the caller's secrets, and tells "not installed" apart from every other outcome.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import IO, Protocol

MAX_OUTPUT = 1024 * 1024
MAX_PRINTED = 64 * 1024 * 1024
"""A tool that prints more has gone wrong, and would fill the disk."""
PASSED_ON = (
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "TMPDIR",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "XDG_CACHE_HOME",
    "XDG_RUNTIME_DIR",
    "DOCKER_HOST",
    "CONTAINERS_CONF",
    "CONTAINERS_STORAGE_CONF",
    "BUILDAH_ISOLATION",
)
"""Variables that tools may see; everything else of the caller's environment, keys and tokens first of all, stays here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A proving tool: its executable, how it tells its version, and how to get it."""

    name: str
    executable: str
    proves: str
    how_to_get: str
    version_arguments: tuple[str, ...] = ("--version",)


_VERIFY = "pip install 'opsmith[verify]'"
_SCAN = "pip install 'opsmith[scan]'"

TOOLS: Mapping[str, Tool] = {
    tool.name: tool
    for tool in (
        Tool(name="hadolint", executable="hadolint", proves="Dockerfiles", how_to_get=_VERIFY),
        Tool(name="shellcheck", executable="shellcheck", proves="shell scripts", how_to_get=_VERIFY),
        Tool(name="yamllint", executable="yamllint", proves="YAML", how_to_get=_VERIFY),
        Tool(name="check-jsonschema", executable="check-jsonschema", proves="compose files and pipelines", how_to_get=_VERIFY),
        Tool(name="docker-compose", executable="docker-compose", proves="compose files", how_to_get="apt-get install docker-compose"),
        Tool(name="kubernetes-validate", executable="kubernetes-validate", proves="Kubernetes manifests", how_to_get=_VERIFY),
        Tool(
            name="kube-score", executable="kube-score", proves="Kubernetes manifests", version_arguments=("version",),
            how_to_get="go install github.com/zegl/kube-score/cmd/kube-score@v1.20.0",
        ),
        Tool(
            name="kubectl", executable="kubectl", proves="Kustomize trees", version_arguments=("version", "--client"),
            how_to_get="https://kubernetes.io/docs/tasks/tools/",
        ),
        Tool(
            name="kustomize", executable="kustomize", proves="Kustomize trees", version_arguments=("version",),
            how_to_get="go install sigs.k8s.io/kustomize/kustomize/v5@v5.8.1",
        ),
        Tool(
            name="kubeconform", executable="kubeconform", proves="custom resources among rendered manifests", version_arguments=("-v",),
            how_to_get="go install github.com/yannh/kubeconform/cmd/kubeconform@v0.7.0",
        ),
        Tool(
            name="helm", executable="helm", proves="Helm charts", version_arguments=("version", "--short"),
            how_to_get="go install helm.sh/helm/v3/cmd/helm@v3.19.2",
        ),
        Tool(name="actionlint", executable="actionlint", proves="GitHub workflows", how_to_get=_VERIFY),
        Tool(name="zizmor", executable="zizmor", proves="GitHub workflows' security", how_to_get=_VERIFY),
        Tool(name="promtool", executable="promtool", proves="Prometheus configuration, rules, tests", how_to_get="apt-get install prometheus"),
        Tool(name="gitleaks", executable="gitleaks", proves="absence of secrets", version_arguments=("version",), how_to_get=_VERIFY),
        Tool(name="checkov", executable="checkov", proves="security of Dockerfiles and manifests", how_to_get=_SCAN),
        Tool(name="trivy", executable="trivy", proves="security of Dockerfiles and manifests", how_to_get=_SCAN),
        Tool(name="buildah", executable="buildah", proves="image builds", how_to_get="apt-get install buildah"),
        Tool(name="podman", executable="podman", proves="image builds and running systems", how_to_get="apt-get install podman"),
        Tool(name="docker", executable="docker", proves="image builds and running systems", how_to_get="https://docs.docker.com/engine/install/"),
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """`arguments` follow the tool's executable. `folder` is relative to the tree the command runs in. `seconds` bounds its time."""

    tool: str
    arguments: tuple[str, ...]
    folder: str = ""
    seconds: float = 60.0
    environment: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        import shlex

        return shlex.join((TOOLS[self.tool].executable if self.tool in TOOLS else self.tool, *self.arguments))


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """`exit_code` is negative for a signal; `missing`, `timed_out` and `flooded` say that there was no verdict."""

    exit_code: int = 0
    stdout: str = ""
    stderr: str = ""
    seconds: float = 0.0
    missing: bool = False
    timed_out: bool = False
    flooded: bool = False


class Runner(Protocol):
    def find(self, tool: str) -> str | None:
        """Path of the tool's executable; None when it is not installed."""
        ...

    def version(self, tool: str) -> str | None: ...

    def run(self, command: Command, tree: Path) -> Result:
        """Run in `tree`. Never raises for anything that the tool does."""
        ...


@dataclass(frozen=True, slots=True)
class LocalRunner:
    """Runs tools on this machine; never one that lies in the `untrusted` tree, whatever PATH says."""

    extra_environment: Mapping[str, str] = field(default_factory=dict[str, str])
    untrusted: Path | None = None

    def find(self, tool: str) -> str | None:
        executable = TOOLS[tool].executable if tool in TOOLS else tool
        return shutil.which(executable, path=self._path())

    def _path(self) -> str:
        """Without relative folders, which mean another one wherever a tool is started. Beside our own Python is looked last."""
        beside = str(Path(sys.executable).parent)
        given = [part for part in os.environ.get("PATH", os.defpath).split(os.pathsep) if part != beside and self._is_trusted(part)]
        return os.pathsep.join((*given, beside))

    def _is_trusted(self, folder: str) -> bool:
        if not Path(folder).is_absolute():
            return False
        return self.untrusted is None or not Path(os.path.realpath(folder)).is_relative_to(os.path.realpath(self.untrusted))

    def version(self, tool: str) -> str | None:
        path = self.find(tool)
        return _version(path, TOOLS[tool].version_arguments) if path and tool in TOOLS else None

    def run(self, command: Command, tree: Path) -> Result:
        path = self.find(command.tool)
        if path is None:
            return Result(missing=True)
        environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        environment["PATH"] = self._path()  # where `find` looks, too: tools call each other (actionlint calls shellcheck)
        environment |= dict(self.extra_environment) | dict(command.environment)
        return _run((path, *command.arguments), tree / command.folder, environment, command.seconds)


def _run(argv: tuple[str, ...], folder: Path, environment: Mapping[str, str], seconds: float) -> Result:
    """Nothing that shares the tool's process group outlives it. A child that starts a session of its own does: to find those is the system's
    business (a container, a cgroup), not ours. Raises KeyboardInterrupt in the thread whose tool `kill_running` has ended.
    """
    began = time.monotonic()
    interruptions = len(_interruptions)
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        try:
            process = subprocess.Popen(  # noqa: S603  # an argument vector, never a shell
                argv, cwd=folder, env=dict(environment), stdin=subprocess.DEVNULL, stdout=out, stderr=err, start_new_session=True
            )
        except OSError as error:
            return Result(exit_code=126, stderr=f"{argv[0]}: {error.strerror}", seconds=time.monotonic() - began)
        flooded = timed_out = False
        _running.add(process)
        if len(_interruptions) > interruptions:  # it was started while the others were ended
            _given_up.add(process)
            _kill(process)
        try:
            flooded, timed_out = _waited(process, began + seconds, (out, err))
        finally:
            _kill(process)
            _running.discard(process)
        if process in _given_up:
            _given_up.discard(process)
            raise KeyboardInterrupt  # else the thread would go on and ask the next tool
        return Result(
            exit_code=process.returncode,
            stdout=_text(out),
            stderr=_text(err),
            seconds=time.monotonic() - began,
            timed_out=timed_out,
            flooded=flooded,
        )


def _waited(process: subprocess.Popen[bytes], end: float, printed: tuple[IO[bytes], ...]) -> tuple[bool, bool]:
    """Until it has ended, printed too much, or had its time: whether it flooded us, and whether it timed out."""
    while (rest := end - time.monotonic()) > 0:
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=min(rest, 0.2))
            return False, False
        if sum(os.fstat(stream.fileno()).st_size for stream in printed) > MAX_PRINTED:
            return True, False
    return False, True


_running: set[subprocess.Popen[bytes]] = set()
_given_up: set[subprocess.Popen[bytes]] = set()
_interruptions: list[None] = []


def kill_running() -> None:
    """End every tool that runs now. They have sessions of their own, so a Ctrl-C at the terminal reaches none of them."""
    _interruptions.append(None)  # before the look: a tool is then either seen here, or sees this
    for process in tuple(_running):
        _given_up.add(process)
        _kill(process)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End the tool, if it still runs, and its children. While one of them lives no new process can get the group's number."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _text(stream: IO[bytes]) -> str:
    stream.seek(0)
    return stream.read(MAX_OUTPUT).decode("utf-8", "replace")


@lru_cache(maxsize=64)
def _version(path: str, arguments: tuple[str, ...]) -> str | None:
    environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    result = _run((path, *arguments), Path(tempfile.gettempdir()), environment, 20.0)
    match = re.search(r"\d+\.\d+(?:\.\d+)?(?:[-+.]\w+)*", result.stdout + result.stderr)
    return match[0] if match else None


@dataclass(frozen=True, slots=True)
class NoRunner:
    """No tool at all: every question ends as "could not check". What `--prove none` and the benchmarks use."""

    def find(self, tool: str) -> str | None:  # noqa: ARG002  # as Runner has it
        return None

    def version(self, tool: str) -> str | None:  # noqa: ARG002
        return None

    def run(self, command: Command, tree: Path) -> Result:  # noqa: ARG002
        return Result(missing=True)


class Stop:
    """Told once that work shall end; whoever does the work leaves here how to end it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: list[Callable[[], None]] = []
        self._told = False

    @property
    def told(self) -> bool:
        return self._told

    def tell(self) -> None:
        with self._lock:
            self._told = True
            calls, self._calls = self._calls, []
        for call in calls:
            call()

    def then(self, call: Callable[[], None]) -> None:
        """`call` when it is told, at once if it was."""
        with self._lock:
            if not self._told:
                self._calls.append(call)
                return
        call()


MAX_LINE = 64 * 1024 * 1024
PATIENCE = 15.0
"""Seconds in which a program that was told to stop ends its tools and puts files back, before it is killed."""


def converse(argv: Sequence[str], request: str, on_line: Callable[[bytes], None], stop: Stop) -> int:
    """Run a program of our own: it reads `request` as one line, `on_line` gets each of its lines; its exit code.

    Its standard input stays open for as long as it is wanted: at the end of it (we told it to stop, or were killed) it has to end itself, with
    its tools. What it prints on standard error goes to ours. Raises ValueError for a line that is longer than any answer.
    """
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True) as process:  # noqa: S603  # no shell
        given, printed = process.stdin, process.stdout
        assert given is not None  # noqa: S101  # both are pipes
        assert printed is not None  # noqa: S101
        killing = threading.Timer(PATIENCE, _kill, (process,))
        killing.daemon = True

        def end() -> None:
            with suppress(OSError, ValueError):
                given.close()
            with suppress(RuntimeError):  # told twice
                killing.start()

        try:
            with suppress(BrokenPipeError):
                given.write(request.encode() + b"\n")
                given.flush()
            stop.then(end)
            while line := printed.readline(MAX_LINE):
                if len(line) == MAX_LINE:
                    raise ValueError(f"a line of more than {MAX_LINE} bytes")
                on_line(line)
        finally:
            end()
            process.wait()
            killing.cancel()
    return process.returncode
