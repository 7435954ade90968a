"""Clauses without sense. False alarms cost as much as misses: one strange word is a name, two in one clause are none."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator

from opsmith.planners.rules.others import Part
from opsmith.planners.rules.spelling import common
from opsmith.planners.rules.text import Sentence, Token

SHORTEST = 4
LONGEST = 32
MOST_CHECKED = 120  # strange words of one task that are looked at closely
LINKS = ("", "s", "n", "es", "en", "e")
ENDINGS = (
    "s", "es", "d", "ed", "ing", "er", "ers", "ly", "n", "en", "e", "em", "r", "able", "ness", "ment", "al", "ish", "t", "te", "ten", "st", "est", "ung", "ungen", "lich", "liche",
    "mente", "cion", "ciones", "ado", "ada", "ados", "adas", "ando", "iendo", "ar", "er", "ir", "an", "amos", "emos", "ize", "ise", "ized", "ised", "izing", "ising", "isation", "ization",
)  # fmt: skip
UNSPEAKABLE = re.compile(r"[bcdfghjklmnpqrstvwxzß]{6}|q[^u]|[jvwxyqzhk]{3}|^[bcdfghjklmnpqrstvwxz]{5,}$|(.)\1\1|(?:asdf|qwer|zxcv|hjkl|sdfg)")
KEYBOARD = re.compile(r"asdf|sdfg|dfgh|hjkl|lkjh|fdsa|qwer|poiu|zxcv|yxcv|uiop")


def strange_parts(
    parts: list[Part], sentences: list[Sentence], known: frozenset[str], names: set[tuple[int, int]], english: bool
) -> Iterator[tuple[int, int]]:
    """Places in the task of the parts that make no sense."""
    checked: dict[str, bool] = {}
    for part in parts:
        sentence = sentences[part.sentence]
        first, last = sentence.index(part.start), sentence.index(part.end - 1)
        tokens = sentence.tokens[first : last + 1]
        strange = {
            token.key
            for number, token in enumerate(tokens)
            if _may_be_strange(token, tokens, number, names) and _is_strange(token.key, known, checked)
        }
        weight = sum(2 if UNSPEAKABLE.search(word) else 1 for word in strange)
        if weight >= (2 if english else 3) or (strange and _opens_with(tokens, strange)):
            yield tokens[0].start, tokens[-1].end


def _may_be_strange(token: Token, tokens: list[Token], number: int, names: set[tuple[int, int]]) -> bool:
    """A plain lower-case word: not a name, an identifier, a path, or a part of one."""
    if token.kind != "word" or not token.text.islower() or not token.key.isalpha() or len(token.key) < SHORTEST or (token.start, token.end) in names:
        return False
    after = tokens[number + 1] if number + 1 < len(tokens) else None
    before = tokens[number - 1] if number else None
    joined = bool(after and after.glued and after.key in "-_/.@:=(") and not _ends(tokens, number + 1)
    return not joined and not (token.glued and before is not None and before.key in "-_/.@:=#$&")


def _ends(tokens: list[Token], number: int) -> bool:
    """The mark at `number` only ends a word: nothing is glued behind it."""
    return tokens[number].key in ".:" and (number + 1 >= len(tokens) or not tokens[number + 1].glued)


def _opens_with(tokens: list[Token], strange: set[str]) -> bool:
    """An order whose verb nobody knows: `frobnicate the cluster`."""
    words = [
        token.key
        for token in tokens
        if token.kind == "word" and token.key not in ("and", "then", "please", "also", "und", "dann", "bitte", "y", "luego", "to", "just")
    ]
    return len(words) > 1 and words[0] in strange and words[1] in ("the", "my", "our", "all", "das", "den", "die", "el", "la", "los", "it", "this")


def _is_strange(word: str, known: frozenset[str], checked: dict[str, bool]) -> bool:
    if word not in checked:
        checked[word] = len(checked) < MOST_CHECKED and not _is_word(word, known)
    return checked[word]


def _is_word(word: str, known: frozenset[str]) -> bool:
    words = common()
    if word in words or word in known:
        return True
    if len(word) > LONGEST:
        return False
    if any(word.endswith(ending) and len(word) - len(ending) >= 3 and _stem_known(word[: -len(ending)], words, known) for ending in ENDINGS):
        return True
    return _is_compound(word, words, known) or _is_typo(word, words) or _is_typo(word, known)


def _stem_known(stem: str, words: frozenset[str], known: frozenset[str]) -> bool:
    return (
        stem in words
        or stem in known
        or stem + "e" in words
        or stem + "en" in words
        or any(stem + end in words for end in ("ar", "er", "ir", "r"))
        or (stem[-1:] == stem[-2:-1] and stem[:-1] in words)
        or (stem.endswith("i") and stem[:-1] + "y" in words)
    )


def _is_compound(word: str, words: frozenset[str], known: frozenset[str]) -> bool:
    if len(word) < 8:
        return False
    for cut in range(4, len(word) - 3):
        head, tail = word[:cut], word[cut:]
        if (
            tail in words
            or tail in known
            or any(tail.endswith(end) and tail[: -len(end)] in words for end in ("s", "n", "en", "er", "e") if len(tail) > 5)
        ) and any(head.endswith(link) and (head[: len(head) - len(link)] in words or head[: len(head) - len(link)] in known) for link in LINKS):
            return True
    return False


def _is_typo(word: str, words: frozenset[str]) -> bool:
    """One error away from one of the words; short words are one error away from everything."""
    if len(word) < 5:
        return not KEYBOARD.search(word)
    splits = [(word[:cut], word[cut:]) for cut in range(len(word) + 1)]
    for left, right in splits:
        if (right and left + right[1:] in words) or (len(right) > 1 and left + right[1] + right[0] + right[2:] in words):
            return True
        if len(word) >= 6 and any(left + char + right in words or (right and left + char + right[1:] in words) for char in string.ascii_lowercase):
            return True
    return False
