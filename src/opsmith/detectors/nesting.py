"""Sources that are nested deeper than people write: parsers take quadratic time on them, and some grammars end the process."""

from __future__ import annotations

from itertools import accumulate

MAX_NESTING = 1_000
_BRACKETS = b"([{)]}"
_OTHERS = bytes(byte for byte in range(256) if byte not in _BRACKETS)
_STEPS = {byte: 1 if byte in b"([{" else -1 for byte in _BRACKETS}


def shallow(data: bytes) -> bytes:
    """`data` itself, or nothing when its brackets stand more than MAX_NESTING levels deep (those in texts and comments are counted, too)."""
    brackets = data.translate(None, _OTHERS)
    if len(brackets) <= MAX_NESTING:
        return data
    levels = accumulate(map(_STEPS.__getitem__, brackets), lambda level, step: max(level + step, 0))
    return data if max(levels) <= MAX_NESTING else b""
