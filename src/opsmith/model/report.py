"""What a run hands out. Every output format and protocol is an encoding of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from opsmith.model.artifact import Artifact
from opsmith.model.assessment import Comparison
from opsmith.model.blueprint import Blueprint
from opsmith.model.finding import Finding
from opsmith.model.intent import Intent
from opsmith.model.proof import Proof
from opsmith.model.proposal import Account
from opsmith.model.survey import Survey

Change = Literal["create", "update", "unchanged", "merge", "conflict", "foreign"]
"""merge: the user's edit and ours fit together. conflict: they do not, ours goes to PATH.opsmith.new.
foreign: a file that opsmith did not write is there, ours goes to PATH.opsmith.new."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileChange:
    """What delivering one artifact means for the destination. `written` is the path that is (or would be) written; None = nothing."""

    path: str
    change: Change
    written: str | None
    diff: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Live progress. `done` None = the stage has begun."""

    stage: str
    message: str
    seconds: float | None = None
    done: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """`status`: planned (nothing written), delivered, refused (a proof or check said no; nothing written), nothing_to_do."""

    task: str
    status: Literal["planned", "delivered", "refused", "nothing_to_do"]
    survey: Survey
    intent: Intent
    blueprint: Blueprint | None
    artifacts: tuple[Artifact, ...]
    changes: tuple[FileChange, ...]
    proofs: tuple[Proof, ...]
    findings: tuple[Finding, ...]
    open_points: tuple[str, ...]
    destination: str
    readiness: Comparison | None = None
    """How ready the repository is as it lies there, and with what is delivered; no tool was asked for it."""
    model: Account | None = None
    """What a language model took part in; None where none was asked."""
    prose: str = ""
    """A model's words about all of this, every figure and name of which stands in the report; empty where nobody wrote any."""
    version: int = 1
