"""Gradle scripts, Groovy and Kotlin alike, as statements with nested blocks. Read by their tokens, never run.

Neither grammar of the two languages reads the commands of the other, and the parts that matter are the same: words, texts, blocks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

_TOKEN = re.compile(
    r"""(?P<space>[ \t\r\f]+|//[^\n]*|/\*.*?\*/|\\\n)
    |(?P<newline>[\n;])
    |(?P<string>\"\"\".*?\"\"\"|'''.*?'''|"(?:\\.|\$\{[^}"\n]*(?:"[^"\n]*"[^}"\n]*)*\}|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')
    |(?P<number>\d[\w.]*)
    |(?P<word>[A-Za-z_$`][\w$`]*(?:\.[A-Za-z_`][\w$`]*)*)
    |(?P<mark>.)""",
    re.VERBOSE | re.DOTALL,
)
_CONTINUES = frozenset(",=([+.:?&|<")
MAX_DEPTH = 100


@dataclass(frozen=True, slots=True)
class Token:
    kind: Literal["string", "number", "word", "mark"]
    text: str
    line: int


@dataclass(eq=False, slots=True)
class Statement:
    """`tokens` stand before the block, `body` is the block (empty where there is none)."""

    tokens: list[Token] = field(default_factory=list[Token])
    body: list[Statement] = field(default_factory=list["Statement"])

    @property
    def head(self) -> str:
        return self.tokens[0].text if self.tokens and self.tokens[0].kind == "word" else ""

    @property
    def line(self) -> int:
        return self.tokens[0].line if self.tokens else 1

    def strings(self) -> list[str]:
        return [token.text for token in self.tokens if token.kind == "string"]

    def words(self) -> list[str]:
        return [token.text for token in self.tokens if token.kind == "word"]

    def after(self, word: str) -> Token | None:
        """The first text, number or word that follows `word`, marks left out."""
        seen = False
        for token in self.tokens:
            if seen and token.kind != "mark":
                return token
            seen = seen or (token.kind == "word" and token.text == word)
        return None

    def value(self) -> Token | None:
        """What `x = value`, `x value`, `x.set(value)` and `val x = value` give: the last text, number or word behind the name."""
        rest = [token for token in self.tokens[1:] if token.kind != "mark"]
        return rest[-1] if rest else None


def parse(text: str) -> list[Statement]:
    """The statements of a script; blocks that are nested deeper than MAX_DEPTH are left out."""
    top: list[Statement] = []
    levels: list[tuple[list[Statement], int]] = [(top, 0)]
    current, round_depth, skipped = Statement(), 0, 0
    for token in _tokens(text):
        if skipped or (token.text == "{" and token.kind == "mark" and len(levels) >= MAX_DEPTH):
            skipped += {"{": 1, "}": -1}.get(token.text, 0) if token.kind == "mark" else 0
            continue
        if token.kind == "mark" and token.text == "{":
            current.tokens = _unannotated(current.tokens)
            levels[-1][0].append(current)
            levels.append((current.body, round_depth))
            current, round_depth = Statement(), 0
        elif token.kind == "mark" and token.text == "}":
            _close(levels[-1][0], current)
            if len(levels) > 1:
                round_depth = levels.pop()[1]
            current = Statement()
        elif token.text == "\n" and token.kind == "mark":
            if round_depth == 0 and not (current.tokens and current.tokens[-1].kind == "mark" and current.tokens[-1].text in _CONTINUES):
                _close(levels[-1][0], current)
                current = Statement()
        else:
            round_depth = max(0, round_depth + {"(": 1, "[": 1, ")": -1, "]": -1}.get(token.text if token.kind == "mark" else "", 0))
            current.tokens.append(token)
    _close(levels[-1][0], current)
    return top


def _unannotated(tokens: list[Token]) -> list[Token]:
    """Without `@Suppress("...")` in front."""
    while len(tokens) > 1 and tokens[0].text == "@" and tokens[0].kind == "mark":
        end = next((index for index, token in enumerate(tokens) if token.kind == "mark" and token.text == ")"), 1)
        tokens = tokens[(end if tokens[2:3] and tokens[2].text == "(" else 1) + 1 :]
    return tokens


def _close(level: list[Statement], statement: Statement) -> None:
    if statement.tokens:
        level.append(statement)


def _tokens(text: str) -> Iterator[Token]:
    line = 1
    for match in _TOKEN.finditer(text):
        kind, found = match.lastgroup, match[0]
        if kind == "newline":
            yield Token("mark", "\n", line)
        elif kind == "string":
            width = 3 if found.startswith(('"""', "'''")) and len(found) > 5 else 1
            yield Token("string", found[width:-width], line)
        elif kind == "number":
            yield Token("number", found, line)
        elif kind == "word":
            yield Token("word", found.replace("`", ""), line)
        elif kind == "mark":
            yield Token("mark", found, line)
        line += found.count("\n")


def walk(statements: list[Statement]) -> Iterator[tuple[tuple[str, ...], Statement]]:
    """Every statement with the heads of the blocks around it, in the order of the text."""
    pending: list[tuple[tuple[str, ...], Statement]] = [((), item) for item in reversed(statements)]
    while pending:
        path, statement = pending.pop()
        yield path, statement
        inner = (*path, statement.head)
        pending.extend((inner, item) for item in reversed(statement.body))
