"""A process that runs beside the web server from the same code."""

from __future__ import annotations

from dataclasses import dataclass

from opsmith.model.survey import Evidence, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """`port` where it listens itself; `singleton`: a second one would do everything twice."""

    name: str
    command: str
    evidence: Evidence
    role: Role = "worker"
    port: int | None = None
    port_env: str | None = None
    singleton: bool = False
    traits: tuple[str, ...] = ()
