"""What a scripted model may do, whatever protocol carries it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Call:
    """Calls a tool."""

    tool: str
    arguments: Mapping[str, Any]


def Answer(**fields: Any) -> Call:  # noqa: N802  # reads as one of the replies
    """The typed answer of a joint."""
    return Call("answer", fields)


@dataclass(frozen=True)
class Garbled:
    """Calls the answer tool with something that is no JSON, or not of its form."""

    arguments: str = '{"kind": "deliv'


@dataclass(frozen=True)
class Text:
    """Says something instead of answering in the form."""

    text: str


@dataclass(frozen=True)
class Refusal:
    """Refuses as the provider's protocol has it."""


@dataclass(frozen=True)
class Status:
    """An HTTP error."""

    code: int
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    message: str = "scripted"


@dataclass(frozen=True)
class Hang:
    """Says nothing for so long, or until the server ends."""

    seconds: float


@dataclass(frozen=True)
class Cut:
    """Begins to answer and closes the connection."""


Reply = Call | Garbled | Text | Refusal | Status | Hang | Cut
