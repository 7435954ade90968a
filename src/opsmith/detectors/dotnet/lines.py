"""F# and Visual Basic, of which no grammar is at hand: calls that stand on one line with a literal text, comments left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from opsmith.detectors.dotnet.source import Source

_CALL = re.compile(r'\b([A-Za-z_]\w{1,60})(?:<[^<>"]{0,60}>)?[ \t]{0,4}\(?[ \t]{0,4}\$?"([^"\\\n]{0,300})"')
_REMARK = re.compile(r"^\s*(?://|\(\*|'|REM\b)")
_COMMENT = re.compile(r"\(\*.{0,20000}?\*\)", re.DOTALL)
MOST = 2000


@dataclass(frozen=True, slots=True)
class LineCall:
    name: str
    texts: tuple[str, ...]
    line: int
    shows: str


def line_calls(source: Source) -> tuple[LineCall, ...]:
    """`route "/health"`, `UseUrls("http://*:80")`, `Environment.GetEnvironmentVariable "PORT"`: name and first text."""
    if not source.path.endswith((".fs", ".vb")):
        return ()
    if not source.lines:
        source.lines.append(tuple(_calls(source)))
    found: tuple[LineCall, ...] = source.lines[0]
    return found


def _calls(source: Source) -> Iterator[LineCall]:
    data = source.data[:500_000].decode("utf-8", "replace")
    if source.path.endswith(".fs") and "(*" in data:
        data = _COMMENT.sub(lambda match: "\n" * match[0].count("\n"), data)
    found = 0
    for number, row in enumerate(data.splitlines(), start=1):
        if '"' not in row or _REMARK.match(row) or found > MOST:
            continue
        for match in _CALL.finditer(row[:2000].partition(" // ")[0]):
            found += 1
            yield LineCall(match[1], (match[2],), number, match[0])
