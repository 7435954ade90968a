"""The instructions of a Dockerfile: continued lines joined, comments and here-documents taken out, flags apart."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

MOST = 5_000
_DIRECTIVE = re.compile(r"^#\s*(\w+)\s*=\s*(\S+)\s*$")
_HEREDOC = re.compile(r"<<-?\s*([\"']?)(\w+)\1")
_FLAG = re.compile(r"\s*--([\w-]+)(?:=(\"[^\"]*\"|'[^']*'|\S*))?(?=\s|$)")


@dataclass(frozen=True, slots=True)
class Instruction:
    name: str
    text: str
    line: int
    flags: Mapping[str, str] = field(default_factory=dict[str, str])
    heredocs: tuple[str, ...] = ()


def instructions(text: str) -> Iterator[Instruction]:
    lines = text.split("\n")
    escape, at = _directives(lines)
    for _ in range(MOST):
        at = _next(lines, at)
        if at >= len(lines):
            return
        begin = at
        logical, at = _joined(lines, at, escape)
        name, _, rest = logical.strip().partition(" ")
        heredocs: list[str] = []
        if name.upper() in ("RUN", "COPY", "ADD") and "<<" in rest:
            heredocs, at = _heredocs(lines, at, rest)
        flags, rest = _flags(rest) if name.upper() in ("FROM", "COPY", "ADD", "RUN", "HEALTHCHECK") else ({}, rest)
        yield Instruction(name.upper(), rest.strip(), begin + 1, flags, tuple(heredocs))


def _directives(lines: list[str]) -> tuple[str, int]:
    """The escape character, and where the directives end: they stand at the very top."""
    escape, at = "\\", 0
    while at < len(lines) and (match := _DIRECTIVE.match(lines[at].strip())):
        if match[1].lower() == "escape" and match[2] in ("\\", "`"):
            escape = match[2]
        at += 1
    return escape, at


def _is_void(line: str) -> bool:
    stripped = line.strip()
    return not stripped or stripped.startswith("#")


def _next(lines: list[str], at: int) -> int:
    while at < len(lines) and _is_void(lines[at]):
        at += 1
    return at


def _joined(lines: list[str], at: int, escape: str) -> tuple[str, int]:
    """One instruction on one line; comments and empty lines inside it are no part of it."""
    parts: list[str] = []
    while at < len(lines):
        line = lines[at].replace("\t", " ").rstrip()
        at += 1
        if parts and _is_void(line):
            continue
        if not line.endswith(escape):
            parts.append(line)
            break
        parts.append(line[: -len(escape)])
    return "".join(parts), at


def _heredocs(lines: list[str], at: int, text: str) -> tuple[list[str], int]:
    found: list[str] = []
    for match in _HEREDOC.finditer(text):
        begin = at
        while at < len(lines) and lines[at].strip() != match[2]:
            at += 1
        if at >= len(lines):
            return found, begin  # no end: `<<` meant something else
        found.append("\n".join(lines[begin:at]))
        at += 1
    return found, at


def _flags(text: str) -> tuple[dict[str, str], str]:
    flags: dict[str, str] = {}
    at = 0
    while match := _FLAG.match(text, at):
        flags[match[1]] = (match[2] or "").strip("\"'")
        at = match.end()
    return flags, text[at:]
