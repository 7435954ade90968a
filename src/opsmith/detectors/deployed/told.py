"""What a deployment file says, with the line it stands on; images and commands, which every format speaks of."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Told(Generic[T]):
    value: T
    line: int


@dataclass(frozen=True, slots=True)
class Image:
    """`ghcr.io/acme/shop-api:1.2@sha256:...` in its parts; `repository` is without tag and digest."""

    repository: str
    tag: str | None = None

    @property
    def base(self) -> str:
        """The last part of the repository: `shop-api`."""
        return self.repository.rpartition("/")[2]

    @property
    def owner(self) -> str:
        return self.repository.rpartition("/")[0]


_OPEN = re.compile(r"[${}<>\s*]|__open__")
"""A variable, a template or words where a plain value was wanted."""


def is_open(text: str) -> bool:
    """Whether a part of `text` is decided elsewhere."""
    return not text or _OPEN.search(text) is not None


def image_of(text: object) -> Image | None:
    """None for what is no image's name, or one whose repository holds a variable; a tag that does is left out."""
    if not isinstance(text, str):
        return None
    name = text.strip().partition("@")[0]
    head, separator, last = name.rpartition("/")
    base, _, tag = last.partition(":")
    repository = f"{head}{separator}{base}"
    if is_open(repository) or not re.fullmatch(r"[\w.:/-]+", repository):
        return None
    return Image(repository, tag if tag and not is_open(tag) else None)


def words_of(command: str) -> list[str]:
    """The words of a shell command; a broken quote ends them."""
    try:
        return shlex.split(command)
    except ValueError:
        return command.split()


def number(value: object) -> int | None:
    """A port, as number or text."""
    if isinstance(value, bool):
        return None
    text = str(value).strip() if isinstance(value, (int, str)) else ""
    return int(text) if re.fullmatch(r"\d{1,5}", text, re.ASCII) and 0 < int(text) < 65536 else None


_SHELLS = frozenset(("sh", "bash", "ash", "/bin/sh", "/bin/bash", "/bin/ash", "/usr/bin/bash", "cmd"))
_INITS = frozenset(("tini", "dumb-init", "catatonit", "--", "-g", "-s", "exec", "/init", "s6-svscan"))


def plain_command(words: tuple[str, ...]) -> str:
    """A command of words as a person would type it: without the shell or the init process in front."""
    rest = list(words)
    while rest and rest[0].rpartition("/")[2] in _INITS:
        rest.pop(0)
    if len(rest) >= 3 and rest[0] in _SHELLS and re.fullmatch(r"-\w*c", rest[1]):
        return plain_text(rest[2])
    return " ".join(word if re.fullmatch(r"[\w@%+=:,./${}~-]+", word) else shlex.quote(word) for word in rest)


def plain_text(command: str) -> str:
    """A command of the shell on one line, without `exec` or a shell of its own in front."""
    text = re.sub(r"^exec\s+", "", " ".join(command.split()))
    words = words_of(text) if text.startswith(tuple(_SHELLS)) else []
    return plain_text(words[2]) if len(words) == 3 and words[0] in _SHELLS and re.fullmatch(r"-\w*c", words[1]) else text
