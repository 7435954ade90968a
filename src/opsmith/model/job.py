"""One piece of work: what a caller hands to the pipeline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """`repo` is looked at, `destination` is written to (the same folder unless `--out`); `flags` override settings by dotted name.

    `write` False means that nothing is ever written. `build` also builds the images, starts the system and asks its health paths.
    """

    task: str
    repo: Path
    destination: Path
    write: bool
    force: bool = False
    build: bool = False
    flags: Mapping[str, Any] = field(default_factory=dict[str, Any])
