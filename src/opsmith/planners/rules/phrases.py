"""Finding the phrases of the vocabulary in a row of tokens, longest first, in one pass."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from opsmith.planners.rules.text import Token

Concepts = tuple[str, ...]


@dataclass(slots=True)
class Node:
    children: dict[str, Node] = field(default_factory=lambda: dict[str, Node]())
    concepts: Concepts = ()


@dataclass(slots=True)
class Phrases:
    root: Node = field(default_factory=Node)
    stems: dict[str, Concepts] = field(default_factory=lambda: dict[str, Concepts]())


@dataclass(frozen=True, slots=True)
class Match:
    """`concepts` were named by tokens `first` up to, not including, `after`."""

    concepts: Concepts
    first: int
    after: int


def add(phrases: Phrases, concept: str, written: str) -> None:
    for phrase in written.split("|"):
        if phrase.endswith("*"):
            phrases.stems[phrase[:-1]] = (*phrases.stems.get(phrase[:-1], ()), concept)
            continue
        node = phrases.root
        for word in phrase.split():
            node = node.children.setdefault(word, Node())
        if concept not in node.concepts:
            node.concepts = (*node.concepts, concept)


def tree(tables: Iterable[Mapping[str, str]]) -> Phrases:
    phrases = Phrases()
    for table in tables:
        for concept, written in table.items():
            add(phrases, concept, written)
    return phrases


def words_of(phrases: Phrases) -> Iterator[str]:
    """Every single word that stands in a phrase."""
    level = [phrases.root]
    while level:
        node = level.pop()
        yield from node.children
        level.extend(node.children.values())


def matches(phrases: Phrases, tokens: Sequence[Token]) -> Iterator[Match]:
    """The phrases that stand in `tokens`, left to right, none inside another."""
    first = 0
    while first < len(tokens):
        found = _longest(phrases, tokens, first)
        if found:
            yield found
        first = found.after if found else first + 1


def _longest(phrases: Phrases, tokens: Sequence[Token], first: int) -> Match | None:
    node, best, at = phrases.root, None, first
    while at < len(tokens):
        token = tokens[at]
        if at > first and token.kind == "mark" and token.key in "-./_" and token.glued:
            at += 1
            continue
        below = node.children.get(token.key) or (node.children.get(token.key[:-1]) if len(token.key) > 3 and token.key.endswith("s") else None)
        if below is None:
            break
        node, at = below, at + 1
        if node.concepts:
            best = Match(node.concepts, first, at)
    return best or _stem(phrases, tokens, first)


def _stem(phrases: Phrases, tokens: Sequence[Token], first: int) -> Match | None:
    word = tokens[first].key
    for length in range(min(len(word), 14), 3, -1):
        if concepts := phrases.stems.get(word[:length]):
            return Match(concepts, first, first + 1)
    return None
