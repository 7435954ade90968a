"""Dockerfiles as their instructions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from opsmith.model.estate import Dockerfile, Instruction

_INSTRUCTION = re.compile(r"[ \t]*([A-Za-z]+)[ \t]+(.*)", re.DOTALL)
_HEREDOC = re.compile(r"<<-?[ \t]*[\"']?(\w+)[\"']?")
_ESCAPE = re.compile(r"#[ \t]*escape[ \t]*=[ \t]*`", re.IGNORECASE)
_VARIABLE = re.compile(r"\$(?:\{(\w+)(?::?-([^{}]*))?\}|(\w+))")


def dockerfile(path: str, text: str) -> Dockerfile:
    instructions: list[Instruction] = []
    arguments: dict[str, str] = {}
    stage = -1
    for line, words in _logical(text):
        match = _INSTRUCTION.match(words)
        if match is None:
            continue
        keyword, rest = match[1].upper(), match[2].strip()
        if keyword == "FROM":
            stage += 1
            rest = _expanded(rest, arguments)
        elif keyword == "ARG" and stage < 0:
            name, _, default = rest.partition("=")
            arguments[name.strip()] = default.strip().strip("\"'")
        instructions.append(Instruction(keyword=keyword, words=rest, line=line, stage=stage))
    return Dockerfile(path=path, instructions=tuple(instructions))


def _logical(text: str) -> Iterator[tuple[int, str]]:
    """Line number and text of every instruction: continued lines are joined, comments and the bodies of here-documents with them left out or kept."""
    escape = "`" if _ESCAPE.match(text) else "\\"
    lines = text.split("\n")
    number = 0
    while number < len(lines):
        start, parts = number, list[str]()
        while number < len(lines):
            line = lines[number].rstrip()
            number += 1
            if line.lstrip().startswith("#") or (parts and not line):
                if parts:
                    continue
                break
            parts.append(line.removesuffix(escape))
            if not line.endswith(escape):
                break
        words = "\n".join(parts)
        for mark in _HEREDOC.findall(words)[:8]:
            while number < len(lines) and lines[number].strip() != mark:
                words += "\n" + lines[number]
                number += 1
            number += 1
        if words.strip():
            yield start + 1, words


def _expanded(words: str, arguments: Mapping[str, str]) -> str:
    """With the defaults of the arguments before the first FROM; an argument without one stays as it is written."""

    def value(match: re.Match[str]) -> str:
        return arguments.get(match[1] or match[3] or "", "") or match[2] or match[0]

    return _VARIABLE.sub(value, words)
