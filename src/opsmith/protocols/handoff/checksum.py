"""The checksum of a handoff: who, to whom, what, in the form in which a Go program prints these values."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

from opsmith.protocols.handoff.model import Handoff

_HEX = re.compile(r"[0-9a-f]{64}")


def checksum(handoff: Handoff) -> str:
    """SHA-256, as hex, of FROM:TO:SUMMARY:[REQUIREMENTS]:[NEXT STEPS]; the lists' entries are joined by one space. Nothing else is covered."""
    meta, content = handoff.metadata, handoff.content
    covered = f"{meta.from_agent}:{meta.to_agent}:{content.summary}:{_go(content.requirements)}:{_go(content.next_steps)}"
    return hashlib.sha256(covered.encode("utf-8", "surrogatepass")).hexdigest()


def is_checksum(text: str) -> bool:
    """Whether `text` has the form; files of other writers hold words in its place, or put the name of the method before it."""
    return _HEX.fullmatch(text) is not None


def _go(items: Iterable[str]) -> str:
    return f"[{' '.join(items)}]"
