"""MSBuild's texts: properties put in, and the conditions that comparisons decide. What only MSBuild itself can know stays unknown."""

from __future__ import annotations

import re
from collections.abc import Mapping

MAX_TEXT = 4096
"""A property can name itself twice, which doubles it each time."""
_NAME = re.compile(r"\$\(([A-Za-z_][\w.-]*)\)")
_COMPARED = re.compile(r"\s*'([^']*)'\s*(==|!=)\s*'([^']*)'\s*")
_WORD = re.compile(r"(?i)\s*'?(true|false)'?\s*")
_SPLIT = re.compile(r"(?i)\s+(and|or)\s+")


def expanded(text: str, properties: Mapping[str, str]) -> str:
    """`text` with the properties put in; one that is not set is empty, a property function stays as it is written."""
    return _NAME.sub(lambda match: properties.get(match[1].lower(), ""), text[:MAX_TEXT])[:MAX_TEXT]


def holds(condition: str | None, properties: Mapping[str, str]) -> bool | None:
    """Whether a condition holds; None where reading cannot tell."""
    if not condition or not condition.strip():
        return True
    pieces = _SPLIT.split(expanded(condition, properties))
    if len({word.lower() for word in pieces[1::2]}) > 1:
        return None  # which of the two binds closer is said by parentheses, which are not read
    result = _compared(pieces[0])
    for word, piece in zip(pieces[1::2], pieces[2::2], strict=True):
        result = _joined(word.lower(), result, _compared(piece))
    return result


def _compared(piece: str) -> bool | None:
    plain = piece.strip().strip("()")
    match = _COMPARED.fullmatch(plain)
    if match is not None and "$(" not in plain:
        return (match[1].lower() == match[3].lower()) == (match[2] == "==")
    word = _WORD.fullmatch(plain)
    return word[1].lower() == "true" if word is not None else None


def _joined(word: str, left: bool | None, right: bool | None) -> bool | None:
    decisive = word == "or"
    if left is decisive or right is decisive:
        return decisive
    return None if left is None or right is None else not decisive
