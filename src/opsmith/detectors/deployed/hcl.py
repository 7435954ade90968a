"""The shape of an HCL file: blocks with their labels, and attributes that are plain values. Expressions are kept as text, never evaluated."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

MOST_TOKENS = 200_000
MAX_DEPTH = 60


@dataclass(slots=True)
class Block:
    kind: str
    labels: tuple[str, ...]
    line: int
    attributes: dict[str, tuple[str, int, bool]] = field(default_factory=dict[str, "tuple[str, int, bool]"])
    """Name to text, line, and whether it is a plain value."""
    blocks: list[Block] = field(default_factory=list["Block"])

    def plain(self, name: str) -> tuple[str, int] | None:
        """A plain value and its line."""
        text, line, plain = self.attributes.get(name, ("", 0, False))
        return (text, line) if plain else None

    def all(self) -> Iterator[Block]:
        pending = [self]
        while pending:
            block = pending.pop()
            yield block
            pending.extend(reversed(block.blocks))


_TOKEN = re.compile(
    r"""(?P<space>[ \t\r]+|\#[^\n]*|//[^\n]*|/\*.*?(?:\*/|\Z))|(?P<line>\n)|(?P<heredoc><<-?(?P<end>\w+)[^\n]*\n)"""
    r"""|(?P<string>"(?:\\.|[^"\\\n])*")|(?P<word>[A-Za-z_][\w.-]*)|(?P<number>\d[\w.]*)|(?P<mark>.)""",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    line: int


def parse(text: str) -> Block:
    """The file as one block without a kind; what is broken ends it early."""
    root = Block("", (), 1)
    open_blocks = [root]
    tokens = list(_tokens(text))
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if token.kind == "mark" and token.text == "}":
            if len(open_blocks) > 1:
                open_blocks.pop()
            at += 1
        elif token.kind in ("word", "string"):
            at = _statement(tokens, at, open_blocks)
        else:
            at += 1
    return root


def _statement(tokens: list[_Token], at: int, open_blocks: list[Block]) -> int:
    """An attribute, or the head of a block whose body follows."""
    first, labels = tokens[at], list[str]()
    at += 1
    while at < len(tokens) and tokens[at].kind in ("string", "word"):
        labels.append(tokens[at].text.strip('"'))
        at += 1
    if at >= len(tokens):
        return at
    if tokens[at].text == "{" and len(open_blocks) < MAX_DEPTH:
        block = Block(first.text.strip('"'), tuple(labels), first.line)
        open_blocks[-1].blocks.append(block)
        open_blocks.append(block)
        return at + 1
    if tokens[at].text == "=" and not labels:
        return _attribute(tokens, at + 1, first, open_blocks[-1])
    return at + 1


def _attribute(tokens: list[_Token], at: int, name: _Token, block: Block) -> int:
    begin, depth = at, 0
    while at < len(tokens):
        text, kind = tokens[at].text, tokens[at].kind
        if depth <= 0 and (kind == "line" or text == "}"):
            break
        depth += (text in ("{", "[", "(") and kind == "mark") - (text in ("}", "]", ")") and kind == "mark")
        at += 1
    words = [token for token in tokens[begin:at] if token.kind != "line"]
    plain = len(words) == 1 and words[0].kind in ("string", "number", "word") and "${" not in words[0].text
    plain = plain and (words[0].kind != "word" or words[0].text in ("true", "false"))
    value = words[0].text.strip('"') if len(words) == 1 else " ".join(token.text for token in words)[:5_000]
    block.attributes[name.text.strip('"')] = (value, name.line, plain)
    return at


def _tokens(text: str) -> Iterator[_Token]:
    at, line = 0, 1
    for _ in range(MOST_TOKENS):
        match = _TOKEN.match(text, at)
        if match is None:
            return
        kind = match.lastgroup or "mark"
        end = match.end()
        if match["heredoc"] is not None:
            kind, end = "string", _heredoc_end(text, end, match["end"])
        if kind != "space":
            yield _Token(kind, match[0] if match["heredoc"] is None else "<<", line)
        line += text.count("\n", at, end)
        at = end


def _heredoc_end(text: str, at: int, word: str) -> int:
    match = re.compile(rf"^[ \t]*{re.escape(word)}[ \t]*$", re.MULTILINE).search(text, at)
    return match.end() if match else len(text)
