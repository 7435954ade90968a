"""The YAML between two rules at the top of a Markdown file, read leniently: what people write there is not always YAML."""

from __future__ import annotations

import re
from typing import Any

from opsmith.shapes import table
from opsmith.yaml_safe import load_yaml

_FRONT = re.compile(r"\ufeff?---[ \t]*\r?\n(?P<yaml>.*?)(?:^|\n)---[ \t]*(?:\r?\n|$)", re.DOTALL)
_BARE = re.compile(r"^(?P<dash>\s*-\s+)(?P<item>[*\"'].*,.*|\*.*)$")
LONGEST = 64 * 1024


def split(text: str) -> tuple[str | None, str]:
    """The front matter's text (None: there is none) and the body below it."""
    match = _FRONT.match(text[:LONGEST])
    return (match["yaml"], text[match.end() :]) if match else (None, text)


def load(yaml: str) -> dict[str, Any]:
    """Its values. Items that are lists of their own (`- "a", "b"`) or unquoted globs become text. Raises ValueError for what still is no YAML."""
    lines = [_quoted(line) for line in yaml.replace("\r\n", "\n").split("\n")]
    documents = load_yaml("\n".join(lines))
    return table(documents[0]) if documents else {}


def _quoted(line: str) -> str:
    match = _BARE.match(line)
    if match is None:
        return line
    inner = match["item"].replace('"', "").replace("'", "").strip()
    return f"{match['dash']}'{inner}'"
