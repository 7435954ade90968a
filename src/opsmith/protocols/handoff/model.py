"""One handoff as both sides understand it. What else a message holds is kept beside it, in `codec.Message`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Status = Literal["pending", "processing", "completed", "failed", "retrying", "cancelled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """`timestamp` as it was written; empty = not told. `priority` of any dialect: see `priority.base`."""

    project_name: str = ""
    from_agent: str
    to_agent: str
    timestamp: str = ""
    task_context: str = ""
    priority: str = "medium"
    handoff_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifacts:
    """Paths that somebody else wrote down: data to pass on, never opened."""

    created: tuple[str, ...] = ()
    modified: tuple[str, ...] = ()
    reviewed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    summary: str
    requirements: tuple[str, ...] = ()
    artifacts: Artifacts = field(default_factory=Artifacts)
    technical_details: Mapping[str, Any] = field(default_factory=dict[str, Any])
    next_steps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    schema_version: str = "1.0"
    checksum: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handoff:
    metadata: Metadata
    content: Content
    validation: Validation = field(default_factory=Validation)
    status: Status = "pending"
    created_at: str = ""
    updated_at: str = ""
    retry_count: int = 0
    error_msg: str = ""
