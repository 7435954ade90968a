"""Python that only a newer interpreter parses, written as an older one reads it: every line stays where it is."""

from __future__ import annotations

import re

_BARE_EXCEPT = re.compile(r"^([ \t]*except\*?[ \t]+)([\w.]+(?:[ \t]*,[ \t]*[\w.]+)+)[ \t]*:", re.MULTILINE)
"""`except A, B:` is valid from 3.14 on; older parsers want the parentheses."""
_GENERIC = re.compile(r"^[ \t]*(?:async[ \t]+def|def|class|type)[ \t]+\w+(?=[ \t]*[\[=])", re.MULTILINE)
_ALIAS = re.compile(r"^([ \t]*)type[ \t]+(\w+[ \t]*=)", re.MULTILINE)
_LONGEST_PARAMETERS = 2000
_TOKEN = re.compile(r"""#[^\n]*|(?P<quote>\"{3}|'{3}|"|')""")
_PREFIX = re.compile(r"\b[A-Za-z]{1,2}\Z")
_TELLING = re.compile(r"""[\\\n{"']""")
"""All other characters of a string are as good as any."""
_DEEPEST = 8


def as_older(text: str) -> str:
    """`text` without `except A, B:`, type parameters, `type` statements, and quotes of the same kind inside of f-strings."""
    return _f_strings(_ALIAS.sub(r"\1\2", _without_parameters(_BARE_EXCEPT.sub(r"\1(\2):", text))))


def _without_parameters(text: str) -> str:
    """`def first[T](...)`, `class Box[T]:` and `type Pair[T] = ...` without what stands in the brackets."""
    parts: list[str] = []
    done = 0
    for match in _GENERIC.finditer(text):
        start = match.end()
        end = _closing(text, start) if match.start() >= done and text[start : start + 1] == "[" else None
        if match.start() >= done and text[start : start + 1] == "[" and end is None:
            break  # so that many brackets which nothing closes cost one look
        if end is not None:
            parts += [text[done:start], "\\\n" * text.count("\n", start, end)]
            done = end
    return "".join((*parts, text[done:]))


def _closing(text: str, start: int) -> int | None:
    depth = 0
    for position in range(start, min(len(text), start + _LONGEST_PARAMETERS)):
        depth += {"[": 1, "]": -1}.get(text[position], 0)
        if depth == 0:
            return position + 1
    return None


def _f_strings(text: str) -> str:
    parts: list[str] = []
    done = 0
    while (match := _TOKEN.search(text, done)) is not None:
        parts.append(text[done : match.end()])
        quote = match["quote"]
        if quote is None:
            done = match.end()
            continue
        prefix = _PREFIX.search(text, max(done, match.start() - 2), match.start())
        formatted = prefix is not None and "f" in prefix[0].lower()
        end = _end(text, match.end(), quote, formatted=formatted, depth=0)
        body = text[match.end() : end]
        parts.append(_swapped(body, quote) if formatted else body)
        done = end
    return "".join((*parts, text[done:]))


def _end(text: str, start: int, quote: str, *, formatted: bool, depth: int) -> int:
    """Behind the quote that ends the string; a string that nothing ends goes on to its line's end, or to the text's."""
    position, size = start, len(text)
    while (telling := _TELLING.search(text, position)) is not None:
        position, char = telling.start(), telling[0]
        if char == "\\":
            position += 2
        elif text.startswith(quote, position):
            return position + len(quote)
        elif char == "\n" and len(quote) == 1:
            return position
        elif formatted and char == "{" and text[position + 1 : position + 2] != "{":
            position = _field_end(text, position + 1, depth)
        else:
            position += 2 if formatted and text.startswith("{{", position) else 1
    return size


def _field_end(text: str, start: int, depth: int) -> int:
    """Behind the bracket that ends a replacement field, over strings in it that may use any quote."""
    position, open_brackets = start, 1
    while position < len(text) and open_brackets:
        char = text[position]
        if char in "\"'" and depth < _DEEPEST:
            quote = char * 3 if text.startswith(char * 3, position) else char
            formatted = text[position - 1 : position].lower() == "f"
            position = _end(text, position + len(quote), quote, formatted=formatted, depth=depth + 1)
            continue
        open_brackets += {"{": 1, "}": -1}.get(char, 0)
        position += 1
    return position


def _swapped(body: str, quote: str) -> str:
    """The rest of an f-string, its last quote included, in which no inner string has the outer quote."""
    inner = body.removesuffix(quote)
    if len(quote) == 3 or quote not in inner.replace("\\" + quote, ""):
        return body
    other = "'" if quote == '"' else '"'
    return inner.replace(quote, other) + body[len(inner) :] if other not in inner else "\n" * inner.count("\n") + body[len(inner) :]
