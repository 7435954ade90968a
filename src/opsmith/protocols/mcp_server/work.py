"""What the server is handed: the work, and what it came to. It knows nothing of how the work is done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from opsmith.errors import OpsmithError
from opsmith.model.assessment import Comparison
from opsmith.model.finding import Finding
from opsmith.model.proof import Proof
from opsmith.model.report import Change, Event
from opsmith.tools import Stop


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """`result` is plain data of the tool's result type and `summary` says it in words; `whole` is what is kept where that is more than `result`.

    `files` are the texts of files that are talked about, by path.
    """

    result: Any
    summary: str
    whole: Any = None
    files: Mapping[str, str] = field(default_factory=dict[str, str])
    failed: bool = False


class Do(Protocol):
    def __call__(self, tool: str, arguments: Mapping[str, Any], on_event: Callable[[Event], None], stop: Stop) -> Done:
        """The work of one tool, in this thread; ends soon, with its tool processes, once `stop` is told. Raises OpsmithError."""
        ...


class CancelledError(OpsmithError):
    """The work was ended because nobody wants it any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """Everything of opsmith that is served.

    `answers`: the result type of each tool by name. `kept`: what an earlier run left in a repository ("assessment", "delivered"), as JSON;
    None where nothing was left. `standards`: by layer, what is judged, as Markdown.
    """

    version: str
    do: Do
    answers: Mapping[str, Any]
    kept: Callable[[str, Path], str | None]
    standards: Callable[[], Mapping[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """What the tools say of the deployment files that are there."""

    root: str
    proved: int
    refuted: int
    could_not_check: int
    proofs: tuple[Proof, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveredFile:
    """`written` is the path that is (or would be) written, None for nothing; `lines` are those of opsmith's own text."""

    path: str
    target: str
    change: Change
    written: str | None
    lines: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What a run made. `status`: planned (nothing written), delivered, refused (a proof or check said no; nothing written), nothing_to_do.

    `digest` stands for exactly these files and changes; handed to `write` as `expected`, nothing else is written.
    """

    status: str
    destination: str
    digest: str
    files: tuple[DeliveredFile, ...]
    proved: int
    refuted: int
    could_not_check: int
    proofs: tuple[Proof, ...]
    findings: tuple[Finding, ...]
    open_points: tuple[str, ...]
    not_understood: tuple[str, ...]
    readiness: Comparison | None
