"""Typing errors in the words of the trade, and which words are words at all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from opsmith.planners.rules.text import Token

SHORTEST = 5  # a shorter word has too many neighbours
TWO_ERRORS_FROM = 9
LONGEST = 20
MOST_CORRECTIONS = 150  # different words of one task that are looked up
CONTRACTIONS = {"it's", "that's", "what's", "here's", "there's", "let's", "he's", "she's", "who's", "where's", "how's"}


@lru_cache(maxsize=1)
def common() -> frozenset[str]:
    """Frequent words of English, German and Spanish technical prose, without accents."""
    return frozenset(Path(__file__).with_name("words.txt").read_text(encoding="utf-8").split())


def mended(tokens: Iterable[Token], vocabulary: frozenset[str], stems: tuple[str, ...], cache: dict[str, str]) -> list[Token]:
    """The tokens with possessive endings off and misspelt words of the vocabulary set right in `key`. `cache` remembers words of the same task."""
    masks = _masks(vocabulary)
    result: list[Token] = []
    previous: Token | None = None
    word_before = ""
    for token in tokens:
        key = token.key
        if token.kind == "word":
            if key.endswith("'s") and key not in CONTRACTIONS:
                key = key[:-2]
            inside_name = token.glued and previous is not None and previous.key in "-_/.:@#" and word_before not in vocabulary
            if not inside_name and SHORTEST <= len(key) <= LONGEST and key not in vocabulary and key not in common() and not key.startswith(stems):
                if key not in cache and len(cache) < MOST_CORRECTIONS:
                    cache[key] = _nearest(key, masks)
                key = cache.get(key, key)
        result.append(token if key == token.key else replace(token, key=key))
        previous = token
        word_before = key if token.kind == "word" else word_before
    return result


@lru_cache(maxsize=1)
def _masks(vocabulary: frozenset[str]) -> dict[str, int]:
    return {word: _letters(word) for word in vocabulary if len(word) >= SHORTEST}


def _letters(word: str) -> int:
    mask = 0
    for char in word:
        mask |= 1 << (ord(char) % 61)
    return mask


def _nearest(word: str, masks: dict[str, int]) -> str:
    if not word.isalpha() or _is_inflected(word, masks):
        return word
    allowed = 2 if len(word) >= TWO_ERRORS_FROM else 1
    mask = _letters(word)
    best, best_distance = word, allowed + 1
    for candidate, letters in masks.items():
        if abs(len(candidate) - len(word)) > allowed or (mask ^ letters).bit_count() > 2 * allowed or not _same_start(word, candidate):
            continue
        found = distance(word, candidate, best_distance)
        if found < best_distance:
            best, best_distance = candidate, found
    return best


def _same_start(word: str, candidate: str) -> bool:
    return word[0] == candidate[0] or (word[0] == candidate[1] and word[1] == candidate[0])


def _is_inflected(word: str, masks: dict[str, int]) -> bool:
    """A plural or a case ending of a known word is no error: pods', clusters, Imagen, Clustern."""
    return any(
        word.endswith(ending) and (word[: -len(ending)] in masks or word[: -len(ending)] in common())
        for ending in ("s", "es", "n", "en", "er", "em", "d", "ed", "ing", "e")
    )


def distance(left: str, right: str, limit: int) -> int:
    """Insertions, deletions, changes and swaps of neighbours that part two words; `limit` when it is at least that many."""
    before: list[int] = []
    previous = list(range(len(right) + 1))
    for row, char in enumerate(left, 1):
        current = [row]
        for column, other in enumerate(right, 1):
            cost = min(previous[column] + 1, current[column - 1] + 1, previous[column - 1] + (char != other))
            if row > 1 and column > 1 and char == right[column - 2] and left[row - 2] == other:
                cost = min(cost, before[column - 2] + 1)
            current.append(cost)
        if min(current) >= limit:
            return limit
        before, previous = previous, current
    return min(previous[-1], limit)
