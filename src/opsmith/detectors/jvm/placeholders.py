"""`${NAME:default}` in settings: what is filled in from the environment, and with what when nothing is set there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]{1,80}")
_MAX_DEPTH = 5
_MOST_TEXT = 2000


@dataclass(frozen=True, slots=True)
class Placeholder:
    """`default` None: without a value the process does not start, or goes on with the literal text."""

    name: str
    default: str | None

    @property
    def is_variable(self) -> bool:
        return _VARIABLE.fullmatch(self.name) is not None


@dataclass(frozen=True, slots=True)
class Filled:
    """A value with every default put in, and the variables it speaks of; `complete` is False when one of them has no default."""

    text: str
    variables: tuple[Placeholder, ...]
    complete: bool


def parts(value: str) -> Iterator[str | Placeholder]:
    """The literal pieces and the placeholders of a value, in order. `$NAME:default`, Ktor's short form, counts where it is the whole value."""
    short = re.fullmatch(r"\$\??([A-Z_][A-Z0-9_]*)(?::(.*))?", value)
    if short:
        yield Placeholder(short[1], short[2])
        return
    position = 0
    while (begin := value.find("${", position)) >= 0:
        end = _end(value, begin + 2)
        if end is None:
            break
        if begin > position:
            yield value[position:begin]
        yield _placeholder(value[begin + 2 : end])
        position = end + 1
    if position < len(value):
        yield value[position:]


def _end(value: str, start: int) -> int | None:
    depth = 1
    for index in range(start, len(value)):
        if value.startswith("${", index):
            depth += 1
        elif value[index] == "}":
            depth -= 1
            if depth == 0:
                return index
    return None


def _placeholder(inner: str) -> Placeholder:
    name, separator, default = inner.strip().partition(":")
    name = name.removeprefix("?").removeprefix("env.").removeprefix("env:")
    if name == "env" and separator:  # Helidon's and others' ${env:NAME}
        name, separator, default = default.partition(":")
    return Placeholder(name.strip(), default.removeprefix("-") if separator else None)


def fill(value: str, known: Callable[[str], str | None], depth: int = 0) -> Filled:
    """`known` gives the raw value of another setting."""
    text, variables, complete = "", list[Placeholder](), True
    for part in parts(value[:_MOST_TEXT]) if depth <= _MAX_DEPTH else ():
        if isinstance(part, str):
            text += part
            continue
        inner = _chosen(part, known)
        filled = fill(inner, known, depth + 1) if inner is not None else None
        if part.is_variable:
            variables.append(Placeholder(part.name, filled.text if filled is not None and filled.complete else None))
        elif filled is None:
            text += f"${{{part.name}}}"
        variables.extend(filled.variables if filled is not None else ())
        complete = complete and filled is not None and filled.complete
        text += filled.text if filled is not None else ""
    return Filled(text[:_MOST_TEXT], tuple(variables), complete)


def _chosen(part: Placeholder, known: Callable[[str], str | None]) -> str | None:
    stated = known(part.name) if not part.is_variable else None
    return stated if stated is not None else part.default
