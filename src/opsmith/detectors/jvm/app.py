"""What is known of one module before its facts are worked out, and the facts that depend on its framework."""

from __future__ import annotations

from dataclasses import dataclass, field

from opsmith.detectors.jvm.modules import Dependency, Module
from opsmith.detectors.jvm.program import Main, Program
from opsmith.detectors.jvm.scripts import Line
from opsmith.detectors.jvm.settings import Settings
from opsmith.model.survey import EnvVar, Evidence, Protocol, RequestMetric, Role
from opsmith.repo import Repo


@dataclass(frozen=True, slots=True, eq=False)
class App:
    """`parts` are the module and those of the repository that it depends on."""

    repo: Repo
    module: Module
    parts: tuple[Module, ...]
    program: Program
    settings: Settings
    mains: tuple[Main, ...]
    served: bool
    """A config server hands out settings too, so what the files do not say may still be set."""
    script: Line | None = None
    """How somebody starts it by hand."""

    def has(self, *names: str) -> Dependency | None:
        """The first product dependency, of its own or a sibling's, whose `group:name` begins with one of `names`."""
        return next((found for part in self.parts if (found := part.has(*names)) is not None), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """How a process is reached. `alone`: its role is only a guess, so other roles are offered."""

    framework: str | None = None
    framework_evidence: Evidence | None = None
    role: Role = "web"
    role_evidence: Evidence | None = None
    guessed: bool = False
    ports: tuple[int, ...] = ()
    port_evidence: tuple[Evidence, ...] = ()
    port_env: str | None = None
    undecided_port: bool = False
    """A server listens, and which port cannot be told."""
    protocol: Protocol | None = "http"
    health: tuple[str, Evidence] | None = None
    metrics: tuple[str, Evidence] | None = None
    metric: RequestMetric | None = None
    variables: tuple[EnvVar, ...] = ()
    arguments: str = ""
    """What stands behind the start command."""
    traits: tuple[str, ...] = field(default=())
