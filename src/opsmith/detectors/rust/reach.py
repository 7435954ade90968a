"""What of the shared code a binary can reach, by names: a library that several binaries use reads more variables than each of them does."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from opsmith.detectors.rust.source import Source, ancestors, name_of, text

if TYPE_CHECKING:
    from tree_sitter import Node

_WORD = re.compile(rb"[A-Za-z_]\w*")
_ITEMS = ("function", "const", "enum", "struct")


@dataclass(frozen=True, slots=True)
class Item:
    """Reached when all of `names` are spoken."""

    names: frozenset[bytes]
    words: frozenset[bytes]


def reached_words(own: Iterable[Source], shared: Iterable[Source]) -> frozenset[bytes]:
    """Every name that the binary's own modules, and the shared items they lead to, speak of."""
    words: set[bytes] = set()
    waiting: dict[bytes, list[Item]] = defaultdict(list)
    for item in (item for source in shared for item in _items(source)):
        for name in item.names:
            waiting[name].append(item)
    pending = [word for source in own for word in set(_WORD.findall(source.data))]
    while pending:
        word = pending.pop()
        if word in words:
            continue
        words.add(word)
        for item in waiting.get(word, ()):
            if item.names <= words:
                pending.extend(item.words - words)
    return frozenset(words)


def _items(source: Source) -> Iterator[Item]:
    for kind in _ITEMS:
        for node in source.syntax(kind):
            yield Item(_names(node), frozenset(_WORD.findall(node.text or b"")))


def _names(node: Node) -> frozenset[bytes]:
    """A method of a trait comes with the type it is for; another one has to be spoken of beside its type."""
    outer = next((above for above in ancestors(node) if above.type in ("impl_item", "function_item", "trait_item")), None)
    own = name_of(node).encode()
    if outer is None or outer.type == "trait_item":
        return frozenset((own,))
    if outer.type == "function_item":
        return frozenset((name_of(outer).encode(),))
    kind = re.match(r"\w+", text(outer.child_by_field_name("type")).rpartition("::")[2])
    owner = kind[0].encode() if kind else own
    return frozenset((owner,)) if outer.child_by_field_name("trait") is not None else frozenset((own, owner))
