"""C and C++ as text in which nothing is misread: comments are blanked, texts stay where they are, calls are cut at their own commas.

There is no grammar here on purpose: what is asked of a file are calls by name and their arguments, which a lexer can tell for certain.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_TOKEN = re.compile(
    r'//[^\n]*|/\*.*?(?:\*/|\Z)|R"(?P<mark>[^\s()\\]{0,16})\((?:.*?)\)(?P=mark)"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n]){1,8}\'', re.DOTALL
)
_TEXT = re.compile(r'"((?:\\.|[^"\\\n])*)"')
_NEXT = re.compile(r"[()\[\]{},\"']")
_LITERAL = re.compile(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n]){1,8}\'')
LONGEST_CALL = 4000


def without_comments(source: str) -> str:
    """The same length and lines, comments as spaces; raw texts too, which are data."""
    return _TOKEN.sub(_kept, source)


def _kept(match: re.Match[str]) -> str:
    token = match[0]
    return token if token[0] in "\"'" else re.sub(r"[^\n]", " ", token)


def texts(expression: str) -> list[str]:
    return [match.replace('\\"', '"') for match in _TEXT.findall(expression)]


def arguments(code: str, opening: int) -> list[str]:
    """The arguments of the call (or braces) that opens at `opening`, as written; empty where it does not end within LONGEST_CALL."""
    found: list[str] = []
    depth, position, start = 0, opening, opening + 1
    end = min(len(code), opening + LONGEST_CALL)
    while (match := _NEXT.search(code, position, end)) is not None:
        position = match.end()
        match match[0]:
            case "(" | "[" | "{":
                depth += 1
            case ")" | "]" | "}":
                depth -= 1
                if depth == 0:
                    found.append(code[start : match.start()].strip())
                    return [item for item in found if item] if len(found) == 1 else found
            case "," if depth == 1:
                found.append(code[start : match.start()].strip())
                start = position
            case '"' | "'":
                literal = _LITERAL.match(code, match.start())
                position = literal.end() if literal is not None else position
            case _:
                pass
    return []


def calls(code: str, pattern: re.Pattern[str]) -> Iterator[tuple[re.Match[str], list[str], int]]:
    """Where `pattern`, which ends at an opening bracket, matches outside texts: the match, the arguments, the line."""
    inside = _ranges(code)
    index = 0
    for match in pattern.finditer(code):
        while index < len(inside) and inside[index][1] <= match.start():
            index += 1
        if index < len(inside) and inside[index][0] <= match.start():
            continue
        yield match, arguments(code, match.end() - 1), code.count("\n", 0, match.start()) + 1


def _ranges(code: str) -> list[tuple[int, int]]:
    return [match.span() for match in _LITERAL.finditer(code)]
