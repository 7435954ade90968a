"""The paths of a development server's proxy rules: which prefix a rule is for, and what a rewriting rule makes of it."""

from __future__ import annotations

import re

_PLAIN = re.compile(r"[\w/.~@-]")
_HARMLESS = frozenset(("", "/?", "/*", "(/|$)", "(?=/|$)"))
"""What may follow the plain head of a pattern without cutting off more than a slash."""
_ALTERNATIVES = re.compile(r"([\w/.~@-]*)\((?:\?:)?([\w/.~@|-]+)\)")
MOST_ALTERNATIVES = 20


def prefixes(key: str) -> list[str | None]:
    """The path prefixes that a rule's key is for: a prefix, a glob (`/api/**`) or a pattern (`^/(api|auth)/.*`); None for every path."""
    if key.startswith("!") or re.match(r"[a-z]+:", key):
        return []
    if not key.startswith("^"):
        return [_prefix(re.sub(r"/?\*.*$", "", key, flags=re.DOTALL))]
    pattern = key[1:].replace("\\", "")
    choice = _ALTERNATIVES.match(pattern)
    if choice is not None:
        return [_prefix(choice[1] + word) for word in choice[2].split("|")[:MOST_ALTERNATIVES]]
    return [_prefix(head(key)[0])]


def _prefix(path: str) -> str | None:
    return None if path in ("", "/") else path


def is_path(path: str) -> bool:
    """Whether `path` is one that may be written into a web server's configuration as it is."""
    return re.fullmatch(r"/[\w/.~@-]{0,200}", path, re.ASCII) is not None


def head(pattern: str) -> tuple[str, str]:
    """The plain text that a pattern begins with, and the rest of the pattern."""
    plain = pattern.removeprefix("^").replace("\\/", "/").replace("\\.", ".").replace("\\-", "-")[:300]
    size = next((index for index, char in enumerate(plain) if not _PLAIN.match(char)), len(plain))
    if plain[size : size + 1] in ("?", "*", "{") and size:
        size -= 1  # what may be missing belongs to the rest
    return plain[:size], plain[size:]


def rewritten(base: str, pattern: str, replacement: str) -> str | None:
    """`base` once `replacement` stands where `pattern` matched; unchanged where it does not match, None where reading cannot tell."""
    begin, rest = head(pattern)
    subject = base + "/"
    if not subject.startswith(begin):
        return None if begin.startswith(subject) else base
    if rest not in _HARMLESS or "$" in replacement:
        return None
    return plain(replacement + subject[len(begin) :])


def plain(path: str) -> str:
    """`path` with one slash at its begin, none at its end; "" for the root."""
    return re.sub(r"/{2,}", "/", "/" + path).rstrip("/")
