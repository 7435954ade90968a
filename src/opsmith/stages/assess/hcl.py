"""Terraform's language as blocks: structure, names and the text of expressions, with lines. Nothing is evaluated."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field

from opsmith.model.estate import Block

MAX_EXPRESSION = 4_000
MAX_DEPTH = 50
_IDENTIFIER = re.compile(r"[A-Za-z_][\w-]*")
_LABEL = re.compile(r"[ \t]*(?:\"([^\"\n]*)\"|([A-Za-z_][\w-]*))")
_SPACE = re.compile(r"(?:\s+|#[^\n]*|//[^\n]*|/\*.*?(?:\*/|\Z))+", re.DOTALL)
_HEREDOC = re.compile(r"<<-?([A-Za-z_]\w*)[ \t]*\n")
_DULL = re.compile(r"[^\"#/<\[\](){}\n]+")


@dataclass(kw_only=True)
class _Open:
    kind: str
    labels: tuple[str, ...]
    line: int
    values: dict[str, str] = field(default_factory=dict[str, str])
    lines: dict[str, int] = field(default_factory=dict[str, int])
    blocks: list[Block] = field(default_factory=list[Block])

    def closed(self, file: str) -> Block:
        return Block(
            file=file, kind=self.kind, labels=self.labels, line=self.line, values=self.values, lines=self.lines, blocks=tuple(self.blocks)
        )  # fmt: skip


def blocks(file: str, text: str) -> tuple[Block, ...]:
    """The outermost blocks of a file. What is broken or nested too deeply is passed over."""
    starts = [0, *(match.end() for match in re.finditer("\n", text))]
    stack = [_Open(kind="", labels=(), line=1)]
    at = 0
    while at < len(text):
        at = _after_space(text, at)
        if text.startswith("}", at):
            at += 1
            if len(stack) > 1:
                done = stack.pop()
                stack[-1].blocks.append(done.closed(file))
            continue
        name = _IDENTIFIER.match(text, at)
        if name is None:
            at = _after_line(text, at) if at < len(text) else at
            continue
        line = bisect_right(starts, at)
        at = name.end()
        labels, at = _labels(text, at)
        if text.startswith("{", at) and len(stack) < MAX_DEPTH:
            stack.append(_Open(kind=name[0], labels=labels, line=line))
            at += 1
        elif text.startswith("=", at) and not labels:
            end = _expression_end(text, at + 1)
            stack[-1].values[name[0]] = text[at + 1 : end].strip()[:MAX_EXPRESSION]
            stack[-1].lines[name[0]] = line
            at = end
        else:
            at = _after_line(text, at)
    while len(stack) > 1:  # a file that ends too early
        done = stack.pop()
        stack[-1].blocks.append(done.closed(file))
    return tuple(stack[0].blocks)


def _labels(text: str, at: int) -> tuple[tuple[str, ...], int]:
    labels: list[str] = []
    while match := _LABEL.match(text, at):
        labels.append(match[1] if match[1] is not None else match[2])
        at = match.end()
    while at < len(text) and text[at] in " \t":
        at += 1
    return tuple(labels), at


def _after_space(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _after_line(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end + 1


def _expression_end(text: str, at: int) -> int:
    """Up to the end of the line, or of the bracket, string or here-document that leads past it."""
    depth = 0
    while at < len(text):
        char = text[at]
        if char == '"':
            at = _after_string(text, at)
        elif heredoc := _HEREDOC.match(text, at):
            at = _after_heredoc(text, heredoc)
            if depth == 0:
                return at
        elif char == "#" or text.startswith("//", at):
            if depth == 0:
                return at
            at = _after_line(text, at) - 1
        elif text.startswith("/*", at):
            at = max(text.find("*/", at), at) + 2
        elif char in "[({":
            depth, at = depth + 1, at + 1
        elif char in "])}":
            if depth == 0:
                return at
            depth, at = depth - 1, at + 1
        elif char == "\n" and depth == 0:
            return at
        else:
            dull = _DULL.match(text, at)
            at = dull.end() if dull else at + 1
    return at


def _after_heredoc(text: str, heredoc: re.Match[str]) -> int:
    end = re.compile(rf"^[ \t]*{heredoc[1]}[ \t]*$", re.MULTILINE).search(text, heredoc.end())
    return end.end() if end else len(text)


def _after_string(text: str, at: int) -> int:
    """A string may hold `${ … }` with strings of its own."""
    depths = [0]  # one entry for each string that is open, with the braces open in its template
    at += 1
    while at < len(text) and depths:
        char = text[at]
        if depths[-1] == 0:
            if char == "\\":
                at += 1
            elif char == '"':
                depths.pop()
            elif char == "\n":
                return at
            elif text.startswith(("${", "%{"), at) and text[at - 1] != char:
                depths[-1] = 1
                at += 1
        elif char == '"':
            depths.append(0)
        elif char in "{}":
            depths[-1] += 1 if char == "{" else -1
        at += 1
    return at
