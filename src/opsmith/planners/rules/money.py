"""The budget: the one amount that is a limit, not those that were or are paid."""

from __future__ import annotations

import re
from collections.abc import Iterator

from opsmith.planners.rules.figures import FIGURE, Setting, setting
from opsmith.planners.rules.late import Late
from opsmith.planners.rules.numbers import MULTIPLIED, value
from opsmith.planners.rules.text import Sentence

CURRENCIES = {
    "$": "USD", "usd": "USD", "dollars": "USD", "dollar": "USD", "bucks": "USD", "us dollars": "USD", "dolares": "USD", "us$": "USD",
    "€": "EUR", "eur": "EUR", "euro": "EUR", "euros": "EUR", "£": "GBP", "gbp": "GBP", "pounds": "GBP", "pound": "GBP", "quid": "GBP", "pfund": "GBP", "libras": "GBP",
    "chf": "CHF", "francs": "CHF", "franken": "CHF", "francos": "CHF", "sek": "SEK", "nok": "NOK", "dkk": "DKK", "pln": "PLN", "zloty": "PLN", "inr": "INR", "rupees": "INR",
    "¥": "JPY", "yen": "JPY", "jpy": "JPY", "cad": "CAD", "aud": "AUD", "brl": "BRL", "mxn": "MXN", "pesos": "MXN", "₹": "INR",
}  # fmt: skip
MARK = r"us \$|us dollars|[$€£¥₹]|" + "|".join(sorted((re.escape(name) for name in CURRENCIES if name.isalpha()), key=len, reverse=True))
MONEY = Late(rf"(?:(?P<before>{MARK}) ?{MULTIPLIED}(?! ?%)|{MULTIPLIED} ?(?P<after>{MARK})(?![a-z]))")
PERIODS = {
    "month": (
        r"(?:per|a|each|every|/|pro|im|al|par|au|por|je|in the|the|cada|in|del)? ?(?:months?|mois|mese|mo|monat|monats|mes"
        r"|mth|mon)\b|monthly|monatlich\w*|mensual\w*|p ?\.? ?m\b"
    ),
    "year": r"(?:per|a|each|every|/|pro|im|al|par|por|je|in the|cada)? ?(?:years?|yr|jahr|ano|annum)\b|yearly|annual\w*|jahrlich\w*|anual\w*|p ?\.? ?a\b",
    "day": r"(?:per|a|each|every|/|pro|am|al|por|je|cada)? ?(?:days?|tag|dia)\b|daily|taglich\w*|diari\w*",
}
FAR_PERIOD = Late(r"\b(?:monthly|monatlich\w*|mensual\w*|yearly|annual|jahrlich\w*|daily|taglich\w*)\b")
LIMIT = Late(
    r"\b(?:allow(?:s|ed)?|approved|grant(?:s|ed)|gives? us|moins de|au plus|jusqu a|plafond|no maximo|ate|orcamento|meno di|al massimo|tetto|under|below|max\w*|at most|not more than|(?:no|not|don'?t|nicht) (?:\w+ ){0,3}(?:more than"
    r"|mas de|mehr als)|no more than|up to|(?:can|may) (?:only )?spend|budget\w*|limit\w*|cap|capped|stay"
    r"|stays|less than|within|exceed\w*|ceiling|hochstens|unter|bis zu|obergrenze|budgetgrenze|nicht mehr"
    r" als"
    r"|menos de|no mas de|por debajo de|presupuesto|tope|superar|supere|pasar de|pase de|como mucho|hasta"
    r"|tops|afford|target\w*|goal is|aim\w* for|ziel\w*|objetivo|uberschreiten|kosten durfen|deckel|cheaper than|not cost more|maximo|keep it)\b"
    r"|<"
)
BARE_LIMIT = Late(
    rf"\b(?:(?:can|may) (?:only )?spend|afford|budget (?:is|of)|(?:get|bring) (?:it|that|this) (?:back )?(?:down )?(?:to|under|below)|under|below|at most|auf unter"
    rf"|auf hochstens|menos de) {MULTIPLIED}(?= ?[.,;!?)]| (?:a|per|pro|im|al) |$| monthly)"
)
LIMIT_AFTER = Late(
    r"^(?: (?:per|a|an|each|/|pro|im|al|por) ?(?:month|year|day|mo|monat|jahr|tag|mes|ano|dia)| monthly"
    r"| yearly| monatlich)? (?:, |\()?(?:is (?:the|our) )?(?:at (?:the )?most|max\w*|tops|or less|limit"
    r"|budget|cap|ceiling|hochstens|obergrenze|como mucho|como maximo|de tope|de presupuesto)\b"
)
SPENT = Late(
    r"\b(?:went|was|were|from|pay|paying|paid|costs? us|currently|now|today|bill is|zahlen|bezahlen|kostet"
    r"|kosten uns|pagamos|cuesta|gastamos|spent|last|subio)\b(?! (?:under|below|max))"
)


def budget(sentence: Sentence) -> Iterator[Setting]:
    canon = sentence.canon
    if not FIGURE.search(canon):
        return
    for found in MONEY.finditer(canon):
        before, after = canon[max(found.start() - 60, 0) : found.start()], canon[found.end() : found.end() + 45]
        limit = _last(LIMIT, before)
        if not ((limit >= 0 and limit >= _last(SPENT, before) - 4) or LIMIT_AFTER.match(after)):
            continue
        amount = value(found[2], found[3]) if found["before"] else value(found[4], found[5])
        sign = (found["before"] or found["after"]).replace("us $", "$")
        yield setting(sentence, "budget.amount", amount, found)
        yield setting(sentence, "budget.currency", CURRENCIES[sign], found)
        yield from _period(sentence, found)


def in_the_same_money(sentences: list[Sentence]) -> Iterator[Setting]:
    """`6,200 dollars per month; we can spend 2,000`: a limit in the currency of an amount before it."""
    paid: tuple[Sentence, re.Match[str]] | None = None
    for sentence in sentences:
        here = list(MONEY.finditer(sentence.canon)) if FIGURE.search(sentence.canon) else []
        for found in BARE_LIMIT.finditer(sentence.canon) if paid or here else ():
            before = next(((sentence, one) for one in here if one.start() < found.start()), paid or ((sentence, here[0]) if here else None))
            if before and not any(found.start() <= one.start() <= found.end() + 1 or one.start() <= found.start(1) < one.end() for one in here):
                sign = (before[1]["before"] or before[1]["after"]).replace("us $", "$")
                yield setting(sentence, "budget.amount", value(found[1], found[2]), found)
                yield setting(before[0], "budget.currency", CURRENCIES[sign], before[1])
                yield from _period(*before)
        paid = (sentence, here[-1]) if here else paid


def _last(pattern: Late, text: str) -> int:
    return max((found.start() for found in pattern.finditer(text)), default=-1)


def _period(sentence: Sentence, money: re.Match[str]) -> Iterator[Setting]:
    canon = sentence.canon
    for place, width in ((money.end(), 30), (max(money.start() - 45, 0), 45)):
        near = [
            (found.start(), name, found)
            for name, pattern in PERIODS.items()
            for found in re.compile(rf"(?<!\w)(?:{pattern})").finditer(canon, place, min(place + width, len(canon)))
        ]
        if near:
            _, name, found = min(near, key=lambda item: item[0])
            yield setting(sentence, "budget.period", name, found)
            return
    if far := FAR_PERIOD.search(canon):
        yield setting(sentence, "budget.period", next(name for name, pattern in PERIODS.items() if re.fullmatch(pattern, far[0])), far)
