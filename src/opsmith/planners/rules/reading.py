"""One reading of a task: its sentences, what each names and how, and whose work each part is."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain

from opsmith.model.survey import Survey
from opsmith.planners.rules import phrases, scope, senses, spelling, surroundings, text, vocabulary
from opsmith.planners.rules.others import Part, parts_of
from opsmith.planners.rules.scope import Mention
from opsmith.planners.rules.text import Sentence

ELSEWHERE = re.compile(
    r"\b(?:der|die|das|und|nicht|mit|fur|auf|bitte|wir|ist|ein|eine|el|la|los|para|con|que|una|del|necesitamos|por|y|le|les|des|du|une|est|pour|nous|notre|avec|sur|da|do|os|uma|nosso|nossa|em|il|della|gli|per|sono)\b"
)
ENGLISH = re.compile(r"\b(?:the|and|for|with|our|we|is|to|of|a|please|in|on|it)\b")


PORTUGUESE = re.compile(r"\b(?:um|uma|nao|com|precis\w+|voces?|noss[oa]s?|em|da|do|pra)\b")
SPANISH = re.compile(r"\b(?:el|los|las|una|con|necesit\w+|quer(?:emos|ia)|del)\b")
"""In Portuguese `no` is a preposition, where English and Spanish rule something out."""
COUNTED = "hardening|harden|rollback|benchmark|kubernetes|security|month|monthly|months|replicas|minimum|maximum|concurrent|simultaneous|budget|region|regions|availability|latency|requests|second|minutes|hours|percent"
"""Words beside figures whose misspelling is mended, too."""


@dataclass(frozen=True, slots=True)
class Reading:
    task: str
    english: bool
    sentences: list[Sentence]
    by_sentence: list[list[Mention]]
    parts: list[Part]

    @property
    def mentions(self) -> list[Mention]:
        return list(chain.from_iterable(self.by_sentence))


@lru_cache(maxsize=1)
def trade() -> phrases.Phrases:
    """Every phrase of the vocabulary; a concept is written `group:name`."""
    tables = {
        **{f"tool:{name}": written for name, written in vocabulary.TOOLS.items()},
        **{f"cloud:{name}:{strength}": written for (name, strength), written in vocabulary.CLOUDS.items()},
        **{f"compliance:{name}": written for name, written in vocabulary.COMPLIANCE.items()},
        **{f"environment:{name}": written for name, written in vocabulary.ENVIRONMENTS.items()},
        **{f"strategy:{name}": written for name, written in vocabulary.STRATEGIES.items()},
        "other": vocabulary.OTHER_SENSES,
        "no environment": vocabulary.NO_ENVIRONMENT,
        "unsupported": vocabulary.UNSUPPORTED,
        "host:gitlab_ci": "gitlab",
        "host:github_actions": "github",
        "weak:docker": vocabulary.IMAGES,
        "ruled out:docker": "containers|container",
        "operations": vocabulary.OPERATIONS,
    }
    return phrases.tree([tables])


@lru_cache(maxsize=1)
def trade_words() -> frozenset[str]:
    """The words that a misspelling is mended to: of what can be set, not of what only hides it."""
    tables = (vocabulary.TOOLS, vocabulary.COMPLIANCE, vocabulary.ENVIRONMENTS, vocabulary.STRATEGIES, {"": vocabulary.OPERATIONS, " ": COUNTED})
    return frozenset(phrases.words_of(phrases.tree(tables)))


@lru_cache(maxsize=1)
def known_words() -> frozenset[str]:
    return frozenset(phrases.words_of(trade()))


@lru_cache(maxsize=1)
def trade_stems() -> tuple[str, ...]:
    return tuple(trade().stems)


def read(task: str, survey: Survey | None = None) -> Reading:
    sentences = text.sentences_of(text.without_data(task))
    plain = text.fold(task[:5000])
    decimal_comma = len(ELSEWHERE.findall(plain)) > len(ENGLISH.findall(plain))
    portuguese = len(PORTUGUESE.findall(plain)) > 1 and not SPANISH.search(plain)
    cache: dict[str, str] = {}
    for sentence in sentences:
        if portuguese:
            sentence.tokens = [replace(token, key="em") if token.key in ("no", "na", "nos", "nas") else token for token in sentence.tokens]
        sentence.tokens = spelling.mended(sentence.tokens, trade_words(), trade_stems(), cache)
        text.write_canon(sentence, decimal_comma)
    by_sentence = [scope.mentions_of(number, sentence, _found(sentence, survey)) for number, sentence in enumerate(sentences)]
    named = [[mention for mention in mentions if mention.concepts != ("operations",)] for mentions in by_sentence]
    scope.set_moods(sentences, named)
    parts = [part for number, sentence in enumerate(sentences) for part in parts_of(number, sentence)]
    return Reading(task, not decimal_comma, sentences, by_sentence, parts)


def _found(sentence: Sentence, survey: Survey | None) -> list[phrases.Match]:
    named = list(senses.of_the_trade(sentence, list(phrases.matches(trade(), sentence.tokens))))
    return surroundings.with_files(named, list(surroundings.files(sentence, survey)))
