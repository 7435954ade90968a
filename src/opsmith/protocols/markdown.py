"""Markdown read line by line, as these protocols need it: where headings stand, and what only looks like one.

A heading inside a code fence or an HTML comment is none (CommonMark 0.31.2, 4.2, 4.5 and 4.6). Other than there, a fence or comment that is
never closed hides nothing: one torn entry must not swallow all that stands below it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

LONGEST_HEADING = 2_000
_FENCE = re.compile(r" {0,3}(?P<mark>`{3,}|~{3,})(?P<info>.*)$")
_HEADING = re.compile(r" {0,3}(?P<marks>#{1,6})(?=[ \t]|$)")
_RULE = re.compile(r" {0,3}(?:-[ \t]*){3,}$")
_CHECKBOX = re.compile(r"\s*[-*+] \[(?P<mark>[ xX])\](?P<text>.*)$")
_LABEL = re.compile(r"\*\*(?P<name>[^*]+?)(?::\*\*|\*\*\s*:)\s*(?P<rest>.*)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """`line` counts from 0."""

    level: int
    text: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkbox:
    text: str
    checked: bool
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fence:
    """Lines `first`..`last` from the opening to the closing mark; `last` None where it is never closed."""

    first: int
    last: int | None
    info: str


class Document:
    """The lines of `text` (each with its line end) and what they are. Whatever `text` is, joining `lines` gives it back."""

    def __init__(self, text: str) -> None:
        self.lines: list[str] = text.splitlines(keepends=True) if not _odd_breaks(text) else _split(text)
        self.plain: list[str] = [line.rstrip("\r\n") for line in self.lines]
        if self.plain and self.plain[0].startswith("\ufeff"):
            self.plain[0] = self.plain[0][1:]
        self.fences: tuple[Fence, ...] = tuple(_fences(self.plain))
        self._hidden = _hidden(self.plain, self.fences)
        self.headings: tuple[Heading, ...] = tuple(self._headings())

    def is_visible(self, line: int) -> bool:
        """Whether `line` is outside of code fences and comments."""
        return not self._hidden[line]

    def is_rule(self, line: int) -> bool:
        return self.is_visible(line) and _RULE.match(self.plain[line]) is not None

    def section(self, heading: Heading) -> range:
        """The lines below `heading` down to the next one of its level or above."""
        end = next((other.line for other in self.headings if other.line > heading.line and other.level <= heading.level), len(self.lines))
        return range(heading.line + 1, end)

    def find(self, *names: str, level: int | None = None) -> Heading | None:
        """The first heading that reads as one of `names`; numbers before it ("1. ") and case are left aside."""
        wanted = {name.casefold() for name in names}
        return next((item for item in self.headings if level in (None, item.level) and _title(item.text) in wanted), None)

    def body(self, lines: range) -> list[str]:
        """The visible lines of a section."""
        return [self.plain[number] for number in lines if self.is_visible(number)]

    def checkboxes(self, lines: range) -> list[Checkbox]:
        found = ((number, _CHECKBOX.match(self.plain[number])) for number in lines if self.is_visible(number))
        return [Checkbox(text=match["text"].strip(), checked=match["mark"] != " ", line=number) for number, match in found if match]

    def _headings(self) -> Iterable[Heading]:
        for number, line in enumerate(self.plain):
            match = _HEADING.match(line) if self.is_visible(number) and len(line) <= LONGEST_HEADING else None
            if match:
                yield Heading(level=len(match["marks"]), text=_unclosed(line[match.end() :].strip()), line=number)


def _unclosed(text: str) -> str:
    """A heading's text without the marks that may close it."""
    bare = text.rstrip("#")
    return bare.rstrip() if bare != text and (not bare or bare[-1] in " \t") else text


def _odd_breaks(text: str) -> bool:
    return any(char in text for char in "\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029")


def _split(text: str) -> list[str]:
    """Only \\n, \\r\\n and \\r end a line of Markdown."""
    return re.findall(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+", text)


def _title(text: str) -> str:
    return re.sub(r"^\d+[.)]?\s+", "", text.strip().rstrip(":")).casefold()


def _fences(lines: Sequence[str]) -> Iterable[Fence]:
    unclosed: dict[str, int] = {}
    """By character, the shortest mark that is known to be closed nowhere below; asking again for each line would take quadratic time."""
    number = 0
    while number < len(lines):
        opening = _FENCE.match(lines[number])
        if opening and not (opening["mark"][0] == "`" and "`" in opening["info"]):
            char, length = opening["mark"][0], len(opening["mark"])
            last = _closing(lines, number, opening["mark"]) if length < unclosed.get(char, length + 1) else None
            if last is None:
                unclosed[char] = min(length, unclosed.get(char, length))
            yield Fence(first=number, last=last, info=opening["info"].strip())
            number = number if last is None else last
        number += 1


def _closing(lines: Sequence[str], opening: int, mark: str) -> int | None:
    closing = re.compile(rf" {{0,3}}{re.escape(mark[0])}{{{len(mark)},}}[ \t]*$")
    return next((number for number in range(opening + 1, len(lines)) if closing.match(lines[number])), None)


def _hidden(lines: Sequence[str], fences: Iterable[Fence]) -> list[bool]:
    hidden = [False] * len(lines)
    for fence in fences:
        if fence.last is not None:
            hidden[fence.first : fence.last + 1] = [True] * (fence.last + 1 - fence.first)
    number = 0
    while number < len(lines):
        if not hidden[number] and re.match(r" {0,3}<!--", lines[number]):
            last = next((end for end in range(number, len(lines)) if "-->" in lines[end]), None)
            if last is None:
                break
            hidden[number : last + 1] = [True] * (last + 1 - number)
            number = last
        number += 1
    return hidden


def label(line: str) -> tuple[str, str] | None:
    """Name and rest of a bold label, "**Name**: rest" or "**Name:** rest"."""
    match = _LABEL.match(line.strip())
    return (match["name"].strip(), match["rest"].strip()) if match else None


def one_line(text: str, limit: int = 400) -> str:
    """`text` as one line that starts no heading, list, fence or comment of its own wherever it is put after other text."""
    line = " ".join(text.replace("<!--", "<! --").split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def fenced(text: str, language: str) -> list[str]:
    """`text` in a fence that nothing inside can close."""
    mark = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", text)), default=0))
    return [mark + language, *text.rstrip("\n").split("\n"), mark]


_LANGUAGES = {
    "yaml": "yaml", "yml": "yaml", "json": "json", "md": "markdown", "sh": "bash", "toml": "toml", "tf": "hcl", "py": "python", "env": "dotenv",
    "example": "dotenv", "conf": "nginx",
}  # fmt: skip


def language(path: str) -> str:
    """The name of a fence's language, by the file's name; text where none is known."""
    name = path.rpartition("/")[2]
    return "dockerfile" if name.startswith("Dockerfile") else _LANGUAGES.get(name.rpartition(".")[2], "text")
