"""A file to deliver, and which part of the blueprint each of its lines came from."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class LineOrigin:
    """Lines `first`..`last` (from 1, inclusive) came from the blueprint node `node`, e.g. "services.api.port"."""

    first: int
    last: int
    node: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """`path` is POSIX and relative to the destination; `target` is the name of the target that made it."""

    path: str
    text: str
    target: str
    origins: tuple[LineOrigin, ...] = ()
    executable: bool = False

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()
