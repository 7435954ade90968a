"""A reader of EDN and Clojure source: forms as data, nothing evaluated, no tag handled, no recursion, bounded depth.

No EDN library is maintained for Python; the syntax is small enough to be read here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

MAX_DEPTH = 400
Kind = Literal["list", "vector", "map", "set", "string", "regex", "keyword", "symbol", "number", "char", "tagged", "quote"]
_TOKEN = re.compile(
    r"""(?P<space>[\s,]+|;[^\n]*|\#![^\n]*)
    |(?P<regex>\#"[^"\\]*(?:\\.[^"\\]*)*")
    |(?P<string>"[^"\\]*(?:\\.[^"\\]*)*")
    |(?P<open>\#\?@?\(|\#\(|\#\{|[(\[{])
    |(?P<close>[)\]}])
    |(?P<prefix>\#_|~@|\#'|\#\^|['`~@^])
    |(?P<char>\\(?:[A-Za-z]+[0-9a-fA-F]*|.))
    |(?P<tag>\#:{1,2}[\w.*+!?<>=/-]*|\#\#?[A-Za-z_][^\s,()\[\]{}"';@^`~\\]*)
    |(?P<atom>[^\s,()\[\]{}"';@^`~\\][^\s,()\[\]{}";@^`~\\]*)""",
    re.VERBOSE | re.DOTALL,
)
_CLOSES = {"(": ")", "[": "]", "{": "}"}
_KINDS: Mapping[str, Kind] = {"#{": "set", "[": "vector", "{": "map"}
_NUMBER = re.compile(r"[-+]?\d")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r"}


class EdnError(ValueError):
    """What cannot be read; `lineno` as other parsers name it."""

    def __init__(self, what: str, lineno: int) -> None:
        super().__init__(f"{what} at line {lineno}")
        self.lineno = lineno


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """`text` is an atom's value (a keyword with its colon) or a tag's name; `items` is what stands inside."""

    kind: Kind
    text: str
    line: int
    items: tuple[Form, ...] = ()

    def head(self) -> str:
        """The symbol that a list begins with; "" for everything else."""
        return self.items[0].text if self.kind == "list" and self.items and self.items[0].kind == "symbol" else ""


@dataclass(slots=True)
class _Frame:
    """An open form. `wants` is how many forms a prefix takes; 0 for what a bracket closes."""

    opened: str
    line: int
    wants: int = 0
    items: list[Form] = field(default_factory=list[Form])


def read(text: str) -> list[Form]:
    """Every form at the top. Raises EdnError."""
    frames = [_Frame("", 1)]
    position, line = 0, 1
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise EdnError(f"unexpected {text[position]!r}", line)
        token, kind = match[0], match.lastgroup
        if kind == "open" or kind == "prefix" or kind == "tag":
            _open(frames, token, kind, line)
        elif kind == "close":
            _close(frames, token, line)
        elif kind != "space":
            _add(frames, _atom(token, kind or "", line))
        line += token.count("\n")
        position = match.end()
    if len(frames) > 1:
        raise EdnError(f"{frames[-1].opened!r} is not closed", frames[-1].line)
    return frames[0].items


def _open(frames: list[_Frame], token: str, kind: str, line: int) -> None:
    if len(frames) > MAX_DEPTH:
        raise EdnError("nested too deeply", line)
    wants = 0 if kind == "open" else 2 if token in ("^", "#^") else 1
    if token.startswith("##"):
        _add(frames, Form("symbol", token, line))
    else:
        frames.append(_Frame(token, line, wants))


def _close(frames: list[_Frame], token: str, line: int) -> None:
    frame = frames[-1]
    if not frame.opened or frame.wants or _CLOSES[frame.opened[-1]] != token:
        raise EdnError(f"{token!r} closes nothing", line)
    frames.pop()
    if frame.opened.startswith("#?"):
        chosen = _platform(frame.items)
        spliced = chosen.items if chosen is not None and "@" in frame.opened else (chosen,) if chosen is not None else ()
        for form in spliced:
            _add(frames, form)
    else:
        _add(frames, Form(_KINDS.get(frame.opened, "list"), "", frame.line, tuple(frame.items)))


def _platform(items: list[Form]) -> Form | None:
    """The branch of a reader conditional that the JVM takes."""
    branches = dict(zip((item.text for item in items[::2]), items[1::2], strict=False))
    return branches.get(":clj") or branches.get(":default")


def _add(frames: list[_Frame], form: Form) -> None:
    frames[-1].items.append(form)
    while frames[-1].wants and len(frames[-1].items) == frames[-1].wants:
        frame = frames.pop()
        made = _prefixed(frame)
        if made is None:
            return
        frames[-1].items.append(made)


def _prefixed(frame: _Frame) -> Form | None:
    """What a prefix makes of its form: nothing of a discarded one, the bare form of one with metadata."""
    if frame.opened == "#_":
        return None
    if frame.wants == 2:
        return frame.items[1]
    if frame.opened.startswith("#") and frame.opened != "#'":
        return Form("tagged", frame.opened[1:], frame.line, tuple(frame.items))
    return Form("quote", frame.opened, frame.line, tuple(frame.items))


def _atom(token: str, kind: str, line: int) -> Form:
    if kind == "string":
        return Form("string", _ESCAPE.sub(lambda match: _ESCAPED.get(match[1], match[1]), token[1:-1]), line)
    if kind == "regex":
        return Form("regex", token[2:-1], line)
    if kind == "char":
        return Form("char", token[1:], line)
    if token.startswith(":"):
        return Form("keyword", token, line)
    return Form("number" if _NUMBER.match(token) else "symbol", token, line)


def walk(*forms: Form) -> Iterator[Form]:
    """Every form, an outer one before what it contains."""
    pending = list(reversed(forms))
    while pending:
        form = pending.pop()
        yield form
        pending.extend(reversed(form.items))


def table(form: Form | None) -> Mapping[str, Form]:
    """A map by the text of its keys (`:deps`, `aero/aero`); empty for every other form, through a namespace tag."""
    if form is not None and form.kind == "tagged" and form.text.startswith(":"):
        form = form.items[0]
    if form is None or form.kind != "map":
        return {}
    return {key.text: value for key, value in zip(form.items[::2], form.items[1::2], strict=False) if key.text}


def options(items: tuple[Form, ...]) -> Mapping[str, Form]:
    """Keyword arguments: `:main foo :aot :all`."""
    return {key.text: value for key, value in zip(items[::2], items[1::2], strict=False) if key.kind == "keyword"}


def plain(form: Form | None) -> str | None:
    """The text of a string, symbol, keyword or number, through a quote."""
    if form is not None and form.kind == "quote":
        form = form.items[0]
    return form.text if form is not None and form.kind in ("string", "symbol", "keyword", "number") else None
