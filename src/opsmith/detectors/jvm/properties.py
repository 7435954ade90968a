"""Java's .properties files."""

from __future__ import annotations

import re
from collections.abc import Iterator

from opsmith.repo import Repo

_SEPARATOR = re.compile(r"(?<!\\)(?:[ \t]*[=:][ \t]*|[ \t]+)")
_UNICODE = re.compile(r"\\u([0-9a-fA-F]{4})")


def entries(text: str) -> Iterator[tuple[str, str, int]]:
    """Keys and values with their lines; a line that ends in a backslash goes on in the next one."""
    number, pending = 0, ""
    start = 1
    for line in text.split("\n"):
        number += 1
        piece = line.lstrip(" \t\f")
        if not pending:
            start = number
            if not piece or piece[0] in "#!":
                continue
        if piece.endswith("\\") and not piece.endswith("\\\\") and len(pending) < 10_000:
            pending += piece[:-1]
            continue
        whole, pending = pending + piece, ""
        parts = _SEPARATOR.split(whole, maxsplit=1)
        yield _plain(parts[0]), _plain(parts[1].strip()) if len(parts) > 1 else "", start


def properties(repo: Repo, path: str) -> dict[str, str]:
    return {key: value for key, value, _ in entries(repo.read(path) or "")} if repo.has(path) else {}


def _plain(text: str) -> str:
    """Without escapes; half a character that stands alone becomes a mark, as it is no text."""
    decoded = _UNICODE.sub(lambda match: chr(int(match[1], 16)), text) if "\\u" in text else text
    decoded = decoded.encode("utf-8", "replace").decode() if decoded is not text else decoded
    return re.sub(r"\\(.)", r"\1", decoded)
