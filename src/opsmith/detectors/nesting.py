"""Sources that are unlike what people write: parsers take quadratic time on them, and some grammars end the process."""

from __future__ import annotations

from itertools import accumulate
from time import process_time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

MAX_NESTING = 1_000
_BRACKETS = b"([{)]}"
_OTHERS = bytes(byte for byte in range(256) if byte not in _BRACKETS)
_STEPS = {byte: 1 if byte in b"([{" else -1 for byte in _BRACKETS}
_TICKS = 1_000
_TICKS_PER_BYTE = 0.04
"""The parser tells of its progress every hundred steps: up to 0.022 times a byte in ordinary sources, whatever the language."""
_SECONDS = 3.0
"""Of the processor: a hundred times what the largest ordinary source takes. Some grammars look far ahead in a single step."""


def parsed(parser: Parser, data: bytes) -> Node:
    """The root of the syntax tree; of nothing, where the source is nested too deeply or takes out of all proportion long.

    What is too long is counted in steps, so that the same source has the same tree on every machine; the clock is for what steps do not show.
    """
    data = shallow(data)
    left = int(_TICKS + _TICKS_PER_BYTE * len(data))
    until = process_time() + _SECONDS

    def is_too_long(*_: object) -> bool:
        nonlocal left
        left -= 1
        return left < 0 or process_time() > until

    try:
        tree = parser.parse(lambda offset, _: data[offset:], progress_callback=is_too_long)
    except ValueError:  # given up; without a reset the parser would go on where it stopped
        parser.reset()
        return parser.parse(b"").root_node
    # Parsed from bytes the nodes know their text; with the tree at hand nothing is done twice.
    return parser.parse(data, old_tree=tree).root_node


def shallow(data: bytes) -> bytes:
    """`data` itself, or nothing when its brackets stand more than MAX_NESTING levels deep (those in texts and comments are counted, too)."""
    brackets = data.translate(None, _OTHERS)
    if len(brackets) <= MAX_NESTING:
        return data
    levels = accumulate(map(_STEPS.__getitem__, brackets), lambda level, step: max(level + step, 0))
    return data if max(levels) <= MAX_NESTING else b""
