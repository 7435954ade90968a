"""A small reader of HOCON: keys with their last literal and the variables that may take its place. Nothing is included or resolved."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from opsmith.repo import Repo

_TOKEN = re.compile(
    r'(?P<space>[ \t\r]+|(?:\#|//)[^\n]*)|(?P<end>[\n,])|(?P<text>"""(?s:.*?)"""|"(?:[^"\\\n]|\\.)*")|(?P<open>[{\[])|(?P<close>[}\]])'
    r"|(?P<sets>\+?=|:)|(?P<variable>\$\{\??[^}\n]{1,200}\})|(?P<bare>[^\s{}\[\],:=+\"$\#/][^\n{}\[\],:=\"$\#]*|.)"
)
_NAME = re.compile(r"[A-Z][A-Z0-9_]*")
MAX_DEPTH = 200
MAX_SETTINGS = 20_000


@dataclass(frozen=True, slots=True)
class Setting:
    """One assignment. `value` is its literal text; `env` the variable that it takes its value from, `needed` where it has to be there."""

    path: tuple[str, ...]
    value: str | None
    env: str | None
    needed: bool
    file: str
    line: int


def settings(repo: Repo, path: str) -> list[Setting]:
    """The assignments in the order of the file, at most MAX_SETTINGS."""
    found: list[Setting] = []
    for item in _read(repo.read(path) or "", path):
        found.append(item)
        if len(found) == MAX_SETTINGS:
            break
    return found


def _read(text: str, file: str) -> Iterator[Setting]:
    around: list[tuple[str, ...]] = []
    key, value, line, begun, lists = "", "", 1, 1, 0
    env: tuple[str, bool] | None = None
    assigned = False
    for match in _TOKEN.finditer(text):
        kind, found = match.lastgroup, match[0]
        if kind == "open" and found == "{" and not lists:
            around.append(tuple(_split(key)) if key.strip() else ())
            key, value, env, assigned = "", "", None, False
            if len(around) > MAX_DEPTH:
                return
        elif kind in ("open", "close") and (lists or found in "[]"):
            lists = max(lists + (1 if kind == "open" else -1), 0)
        elif kind in ("end", "close") and not lists:
            if assigned and key.strip():
                name = tuple(part for parts in around for part in parts) + tuple(_split(key))
                yield Setting(name, value.strip() or None, env[0] if env else None, bool(env and env[1] and not value.strip()), file, begun)
            key, value, env, assigned = "", "", None, False
            if kind == "close" and around:
                around.pop()
        elif lists or kind == "space":
            value, key = (value + " ", key) if assigned else (value, key)
        elif kind == "sets" and not assigned:
            assigned, begun = True, line
        elif kind == "variable":
            variable = found[2:-1].lstrip("?")
            if _NAME.fullmatch(variable):
                env = (variable, "?" not in found)
            else:
                value += found
        elif assigned:
            value += found.strip('"') if kind == "text" else found
        else:
            key += found
        line += found.count("\n")


def _split(key: str) -> list[str]:
    return [part for part in key.strip().replace('"', "").split(".") if part]
