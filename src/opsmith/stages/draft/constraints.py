"""Whether a version satisfies what a Gemfile, a composer.json or a mix.exs asks of its runtime."""

from __future__ import annotations

import re

_COMPARISON = re.compile(r"([<>=^~!]{0,2})\s*v?(\d+(?:\.\d+)*)")
_SUFFIX = re.compile(r"(?<=\d)[-+][a-z][\w.-]*")


def allows(text: str, version: tuple[int, ...]) -> bool:
    """`version` is major and minor; the newest patch of it is what an image holds.

    Rubygems, Composer and Mix write the same operators (https://guides.rubygems.org/patterns, https://getcomposer.org/doc/articles/versions.md,
    https://hexdocs.pm/elixir/Version.html): alternatives stand between `||`, `|` and `or`, everything else has to hold together.
    """
    plain = _SUFFIX.sub("", re.sub(r"(\d[\d.]*)\s+-\s+(?=\d)", r">=\1 <=", text))
    ranges = [_COMPARISON.findall(side) for side in re.split(r"\|\|?|\bor\b", plain)]
    return any(all(_holds(operator, tuple(map(int, told.split("."))), version) for operator, told in found) for found in ranges if found)


def _holds(operator: str, told: tuple[int, ...], version: tuple[int, ...]) -> bool:
    base, patched = told[:2], len(told) > 2 and told[2] > 0
    match operator:
        case ">=":
            return version >= base
        case ">":
            return version > base or (version == base and len(told) > 2)
        case "<":
            return version < base or (version == base and patched)
        case "<=":
            return version[: len(base)] <= base
        case "^":
            return base <= version < (base[0] + 1,)
        case "~>" | "~":
            return version == base if len(told) > 2 else base <= version < (base[0] + 1,)
        case "!=":
            return True
        case _:
            return version[: len(base)] == base
