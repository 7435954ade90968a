"""Availability and latency that are promised or wanted. A symptom is no objective."""

from __future__ import annotations

import re
from collections.abc import Iterator

from opsmith.planners.rules.acts import SYMPTOM
from opsmith.planners.rules.figures import FIGURE, Setting, setting
from opsmith.planners.rules.late import Late
from opsmith.planners.rules.numbers import NUM
from opsmith.planners.rules.scope import CONTEXT_SECTION, PAST
from opsmith.planners.rules.text import Sentence

ABOUT_AVAILABILITY = Late(
    r"\b(?:availab\w+|uptime|slo|sla|slos|slas|up time|verfugbar\w*|disponib\w+|reachable|erreichbar\w*"
    r"|success rate|error budget|successful\w*|nines)\b"
)
PERCENT = Late(rf"{NUM} ?(?:%|percent|prozent|por ciento|pct)")
NINES = Late(r"(?<![\w.])([2-6])(?: |-| and a half )(?:nines?|9s|neunen|nueves)\b")
NINES_NEIGHBOUR = Late(
    r"\b(?:slo|sla|uptime|availability|verfugbarkeit|disponibilidad|available|verfugbar)\b(?: [\w:=>]+){0,4}?"
    r" (9\d(?:\.\d{1,4})?)(?![\w.]| ?(?:ms|th|s\b))"
)
NOT_AVAILABILITY = Late(r"\b(?:cpu|memory|ram|disk|coverage|sampl\w+|traffic|humidity|abdeckung|speicher|cobertura|error rate)\b")
COMPARED = (
    r"(?:<=?|≤|under|below|less than|lower than|within|in under|at most|no more than|not more than|not"
    r" exceed\w*|faster than|max(?:imum|imal)?|unter|hochstens|weniger als|nicht uber|innerhalb von|inferior"
    r"(?:es)? a|menos de|por debajo de|como maximo|de|of|at|stays? under|stays? below|=|:)"
)
MS = rf"{NUM} ?(ms|milliseconds?|millisekunden|milisegundos?|msec|s|sec|secs|seconds?|sekunden?|segundos?)\b"
SPOKEN = (
    (re.compile(r"\b(?:half a second|(?:eine[rn]? )?halben? sekunde|medio segundo)\b"), "500 ms"),
    (re.compile(r"\b(?:a )?quarter of a second\b"), "250 ms"),
    (re.compile(r"(?<=under )a second\b|(?<=unter )einer sekunde\b|(?<=menos de )un segundo\b"), "1 s"),
)
LATENCY_WORD = (
    r"(?:p ?\d\d(?:\.\d)?|latency|latencies|response times?|respon\w+|answers?|answered|latenz\w*|antwortzeit\w*"
    r"|antwort\w*|reaktionszeit\w*|latencia|tiempos? de respuesta|respond\w+|requests?|percentile|perzentil"
    r"|percentil)"
)
LATENCY = Late(rf"\b{LATENCY_WORD}\b(?: (?!was\b|is\b|went\b|from\b|rose\b|now\b|takes?\b)[\w'/()]+| [(,:]){{0,7}}? {COMPARED} (?:about |ca )?{MS}")
LATENCY_BEFORE = Late(
    rf"{MS} (?:\w+ ){{0,2}}?(?:p ?(\d\d)\b|\d\d(?:\.\d)? ?-?(?:th|er|\.)? (?:percentile|perzentil|percentil)|percentil|perzentil|latency|latenz|latencia|response time|antwortzeit)"
)
BARE_PERCENTILE = Late(rf"\bp ?\d\d(?:\.\d)? ?[:=]? {MS}(?= ?[.,;)]|$)")
"""In a list of figures: 200 rps, p95 300 ms."""
MUST_STAY = Late(
    rf"\b(?:must|should|has to|have to|needs? to|shall|soll\w*|muss|mussen|debe\w*|tiene que) (?:\w+ ){{0,6}}?{COMPARED} {NUM} ?(ms|milliseconds|millisekunden|milisegundos)\b"
)
PERCENTILE = Late(
    r"\bp ?(50|75|90|95|99|999)(?:\.(\d))?\b|(?<![\w.])(50|75|90|95|99|99\.9)(?: ?-?th|er|\.)?[ -](?:percentile"
    r"|perzentil|percentil)|\b(?:percentil|perzentil) (50|75|90|95|99)\b|(?<![\w.])(90|95|99|99\.9) ?"
    r"(?:%|percent|prozent) (?:of|der|aller|de) (?!cpu|memory|traffic|disk)[a-z]+"
)
GREW = Late(r"\b(?:doubled|tripled|jumped|spiked|rose|grew|climbed|went|since|now|currently)\b")
NOT_LATENCY = Late(
    r"\b(?:builds?|pipelines?|jobs?|tests?|deploy\w*|startup|starts?|boot|restore\w*|recover\w*|backups?"
    r"|timeout|runbook|alert\w*|page[drs]?|ack\w*|zurucksetzen|rollback)\b"
)


def objectives(sentence: Sentence) -> Iterator[Setting]:
    canon = sentence.canon
    for words, figures in SPOKEN:
        canon = _said_in_figures(canon, words, figures)
    if CONTEXT_SECTION.match(sentence.section) or not FIGURE.search(canon):
        return
    for found in NINES.finditer(canon):
        nines = int(found[1])
        yield setting(sentence, "slo.availability", round(100 - 10 ** (2 - nines), 6), found)
    if ABOUT_AVAILABILITY.search(canon) or not NOT_AVAILABILITY.search(canon):
        yield from _percentages(sentence, canon)
    for found in LATENCY.finditer(canon):
        if not NOT_LATENCY.search(found[0]) and not (PAST.search(found[0]) or GREW.search(canon)):
            yield from _latency(sentence, found, found[1], found[2])
    if not SYMPTOM.pattern.search(canon) and not GREW.search(canon):
        for found in BARE_PERCENTILE.finditer(canon):
            yield from _latency(sentence, found, found[1], found[2])
    for found in MUST_STAY.finditer(canon):
        if not NOT_LATENCY.search(found[0]):
            yield from _latency(sentence, found, found[1], found[2])
    for found in LATENCY_BEFORE.finditer(canon):
        if re.search(rf"{COMPARED} $", canon[: found.start()]):
            yield from _latency(sentence, found, found[1], found[2])


def _said_in_figures(canon: str, words: re.Pattern[str], figures: str) -> str:
    """The words replaced by figures of the same length, so that all places stay."""
    return words.sub(lambda found: figures.ljust(len(found[0])), canon)


def _percentages(sentence: Sentence, canon: str) -> Iterator[Setting]:
    near = bool(ABOUT_AVAILABILITY.search(canon))
    for found in PERCENT.finditer(canon):
        amount = float(found[1])
        past = PAST.search(canon[max(found.start() - 50, 0) : found.end() + 25])
        share = re.match(
            rf" (?:of|der|aller|de|los) (?:(?:\w+ ){{0,3}}?(?:requests?|calls|responses|traffic|users|anfragen|peticiones)\b|(?=[^;]{{0,80}}{MS}))",
            canon[found.end() :],
        )
        if 90 <= amount < 100 and not past and (near or amount >= 99) and not (share and not re.search(r"succe\w+|erfolg\w*|exito", canon)):
            yield setting(sentence, "slo.availability", amount, found)
    for found in NINES_NEIGHBOUR.finditer(canon):
        yield setting(sentence, "slo.availability", float(found[1]), found, 1)


def _latency(sentence: Sentence, found: re.Match[str], amount: str, unit: str) -> Iterator[Setting]:
    factor = 1 if unit.startswith(("ms", "mil")) else 1000
    yield setting(sentence, "slo.latency_ms", round(float(amount) * factor, 4), found)
    percentiles = list(PERCENTILE.finditer(sentence.canon, max(found.start() - 40, 0), min(found.end() + 30, len(sentence.canon))))
    if percentiles:
        nearest = min(percentiles, key=lambda other: abs(other.start() - found.start()))
        figures = next(group for group in (nearest[1], nearest[3], nearest[4], nearest[5]) if group)
        percentile = 99.9 if figures == "999" else float(figures + ("." + nearest[2] if nearest[2] else ""))
        yield setting(sentence, "slo.latency_percentile", percentile, nearest)
