"""Numbers with a meaning: load and replicas, objectives, recovery times, budget. A symptom or a past figure sets nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from opsmith.planners.rules.numbers import MULTIPLIED, NUM, duration, minutes, value, whole
from opsmith.planners.rules.scope import CONTEXT_SECTION, PAST
from opsmith.planners.rules.text import Sentence

FIGURE = re.compile(r"\d")
Value = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Setting:
    """The words from `start` to `end` of the task set the field `sets` to `value`."""

    sets: str
    value: Value
    start: int
    end: int


def setting(sentence: Sentence, sets: str, amount: Value, found: re.Match[str], group: int | str = 0) -> Setting:
    start, end = sentence.span(found.start(group), found.end(group))
    return Setting(sets, whole(amount) if isinstance(amount, float) else amount, start, end)


USERS = r"(?:users?|people|customers|clients|visitors|players|viewers|sessions|connections|nutzer\w*|benutzer\w*|anwender\w*|kunden|besucher\w*|usuarios?|clientes|personas|conexiones|sesiones)"
AT_ONCE = r"(?:concurrent(?:ly)?|simultaneous(?:ly)?|parallel|gleichzeitig\w*|zeitgleich\w*|parallele\w*|concurrentes?|simultane[oa]s?)"
CONCURRENT = (
    re.compile(rf"{MULTIPLIED} (?:\w+ ){{0,2}}?{AT_ONCE} (?:\w+ )?{USERS}"),
    re.compile(
        rf"{MULTIPLIED} (?:de )?{USERS} (?:\w+ ){{0,4}}?(?:{AT_ONCE}|at once|at the same time|at (?:any )?1 time|a la vez|al mismo tiempo|zur gleichen zeit|zur selben zeit|en paralelo|in parallel)"
    ),
    re.compile(rf"(?:{AT_ONCE}) {USERS} ?[:=(-]? ?(?:of |up to |about |~ |around |ca |approx )?{MULTIPLIED}"),
)
REQUESTS = r"(?:requests?|reqs?|calls?|queries|hits|messages|events|transactions|anfragen|aufrufe\w*|requests|peticiones|solicitudes|llamadas)"
RATES = (
    (
        re.compile(
            rf"{MULTIPLIED} ?(?:rps|qps|tps|req ?/ ?s(?:ec)?|reqs ?/ ?s(?:ec)?|{REQUESTS} (?:\w+ )?(?:(?:per|a|in|each|in a|pro|por|je|in der|every|al) ?|/ )(?:the )?(?:s|sec|second|sekunde|segundo)s?)\b"
        ),
        1.0,
    ),
    (re.compile(rf"{MULTIPLIED} ?(?:rpm|{REQUESTS} (?:\w+ )?(?:(?:per|a|pro|por|je|every|al) ?|/ )(?:min|minute|minuto))\b"), 1 / 60),
    (re.compile(rf"(?:rps|qps)\b ?[:=]? ?(?:of |up to |about |~ )?{MULTIPLIED}"), 1.0),
)
REPLICA = r"(?:pods?|replicas?|instances?|copies|kopien|replicas|replikas?|repliken|instanzen|instancias?|containers?|tasks?|workers?)"
COUNT = r"(?<![\w.])(\d{1,5})(?![\w.])"
TO = r"(?:to|-|and|bis|und|a|y|up to|hasta|through|\.\.)"
LEAST = r"(?:at least|minimum(?: of)?|min|a minimum of|no (?:less|fewer) than|never (?:less|fewer) than|not (?:less|fewer) than|mindestens|minimal|wenigstens|al menos|como minimo|minimo(?: de)?|nunca menos de|always)"
MOST = r"(?:at most|up to|maximum(?: of)?|max|a maximum of|no more than|not more than|never more than|grow\w* to|grows? up to|scal\w+ (?:out |up )?to|hochstens|maximal|bis zu|como maximo|maximo(?: de)?|hasta|no mas de|capped at|cap of)"
RANGE = (
    re.compile(rf"(?:from|between|von|zwischen|entre|de|desde|scal\w+) {COUNT} ?(?:{REPLICA} )?{TO} ?{COUNT} {REPLICA}"),
    re.compile(rf"{COUNT} ?{TO} ?{COUNT} (?:\w+ )?{REPLICA}"),
    re.compile(rf"{REPLICA} (?:from|between|von|zwischen|entre|de|desde) {COUNT} {TO} {COUNT}"),
    re.compile(rf"{LEAST} {COUNT} ?(?:{REPLICA} )?(?:(?:,|;|and|und|y|but|aber|pero) ?){{0,2}}{MOST} {COUNT}(?: {REPLICA})?"),
    re.compile(
        rf"\bmin\w* (?:of |replicas |pods |= )?{COUNT} ?(?:{REPLICA} )?(?:[,/;] ?)?(?:and |und |y )?(?:a )?max\w* (?:of |replicas |pods |= )?{COUNT}"
    ),
)
MINIMUM = (
    re.compile(rf"{LEAST} {COUNT} (?:\w+ )?{REPLICA}"),
    re.compile(rf"{COUNT} {REPLICA} (?:at (?:the )?least|minimum|min|mindestens|como minimo|always|at all times)"),
    re.compile(rf"{REPLICA} ?[:=]? {LEAST} {COUNT}"),
)
MAXIMUM = (
    re.compile(rf"{MOST} {COUNT} (?:\w+ )?{REPLICA}"),
    re.compile(rf"{COUNT} {REPLICA} (?:at (?:the )?most|maximum|max|hochstens|tops|como maximo)"),
    re.compile(rf"{REPLICA} ?[:=]? {MOST} {COUNT}"),
)
FIXED = re.compile(
    rf"(?<!\w ){COUNT} (?:\w+ )?(?:replicas|replikas?|repliken)\b|(?:with|run|mit|con|in|needs?|want|keep) {COUNT} (?:replicas|pods|replikas?|repliken|instances|instanzen|instancias)\b|\breplicas? ?[:=] ?{COUNT}"
)
TO_ZERO = re.compile(
    r"\b(?:scal\w+|down|shrink\w*|drops?|go(?:es)?|skalier\w*|runter|herunter|bajar|escal\w+|reduc\w+|baje) (?:\w+ ){0,4}?(?:to|auf|a|hasta) 0\b|\bscale[ -]to[ -]0\b"
    r"|\b(?:disappear|vanish|go away|switch(?:ed)? off|nothing (?:should )?runs?|shut down|stop|not run at all|no pods|verschwind\w*|abschalt\w*|nichts laufen|keine pods|desaparec\w*|apag\w*)\b"
    r"(?=[^.]{0,60}\b(?:queue|idle|empty|no (?:messages|jobs|work|traffic|load)|nothing to do|warteschlange|leer|leerlauf|cola|vaci\w|topic|backlog|night)\b)"
    r"|\b(?:queue|idle|empty|warteschlange|leer|cola|vacia)\b[^.]{0,60}\b(?:disappear|vanish|go away|0 (?:pods|replicas)|no pods|verschwind\w*|desaparec\w*|nothing (?:should )?run)"
)
NO_REPLICA = re.compile(r"\b(?:kill\w*|crash\w*|restart\w*|fail\w*|lost|loss|died|evicted|pending|stuck|of the)\b(?: \w+){0,3} ?$")


def scale(sentence: Sentence) -> Iterator[Setting]:
    canon = sentence.canon
    if not FIGURE.search(canon):
        return
    for pattern in CONCURRENT:
        for found in pattern.finditer(canon):
            yield setting(sentence, "scale.concurrent_users", int(value(found[1], found[2])), found)
    for pattern, factor in RATES:
        for found in pattern.finditer(canon):
            yield setting(sentence, "scale.requests_per_second", round(value(found[1], found[2]) * factor, 4), found)
    yield from _replicas(sentence)


def scale_to_zero(sentence: Sentence) -> Iterator[Setting]:
    for found in TO_ZERO.finditer(sentence.canon):
        yield setting(sentence, "scale.min_replicas", 0, found)


def _replicas(sentence: Sentence) -> Iterator[Setting]:
    canon = sentence.canon
    for pattern in RANGE:
        for found in pattern.finditer(canon):
            if int(found[1]) <= int(found[2]):
                yield setting(sentence, "scale.min_replicas", int(found[1]), found)
                yield setting(sentence, "scale.max_replicas", int(found[2]), found)
    for patterns, leaf in ((MINIMUM, "min_replicas"), (MAXIMUM, "max_replicas"), ((FIXED,), "min_replicas")):
        for pattern in patterns:
            for found in pattern.finditer(canon):
                if not NO_REPLICA.search(canon[: found.start()]):
                    yield setting(sentence, f"scale.{leaf}", int(next(group for group in found.groups() if group)), found)


ABOUT_AVAILABILITY = re.compile(
    r"\b(?:availab\w+|uptime|slo|sla|slos|slas|up time|verfugbar\w*|disponib\w+|reachable|erreichbar\w*|success rate|error budget|successful\w*|nines)\b"
)
PERCENT = re.compile(rf"{NUM} ?(?:%|percent|prozent|por ciento|pct)")
NINES = re.compile(r"(?<![\w.])([2-6])(?: |-| and a half )(?:nines?|9s|neunen|nueves)\b")
NINES_NEIGHBOUR = re.compile(
    r"\b(?:slo|sla|uptime|availability|verfugbarkeit|disponibilidad|available|verfugbar)\b(?: [\w:=>]+){0,4}? (9\d(?:\.\d{1,4})?)(?![\w.]| ?(?:ms|th|s\b))"
)
NOT_AVAILABILITY = re.compile(r"\b(?:cpu|memory|ram|disk|coverage|sampl\w+|traffic|humidity|abdeckung|speicher|cobertura|error rate)\b")
COMPARED = r"(?:<=?|≤|under|below|less than|lower than|within|in under|at most|no more than|not more than|not exceed\w*|faster than|max(?:imum|imal)?|unter|hochstens|weniger als|nicht uber|innerhalb von|inferior(?:es)? a|menos de|por debajo de|como maximo|de|of|at|stays? under|stays? below|=|:)"
MS = rf"{NUM} ?(ms|milliseconds?|millisekunden|milisegundos?|msec|s|sec|secs|seconds?|sekunden?|segundos?)\b"
LATENCY_WORD = r"(?:p ?\d\d(?:\.\d)?|latency|latencies|response times?|respon\w+|answers?|answered|latenz\w*|antwortzeit\w*|antwort\w*|reaktionszeit\w*|latencia|tiempos? de respuesta|respond\w+|requests?|percentile|perzentil|percentil)"
LATENCY = re.compile(
    rf"\b{LATENCY_WORD}\b(?: (?!was\b|is\b|went\b|from\b|rose\b|now\b|takes?\b)[\w'/()]+| [(,:]){{0,7}}? {COMPARED} (?:about |ca )?{MS}"
)
LATENCY_BEFORE = re.compile(rf"{MS} (?:\w+ ){{0,2}}?(?:p ?(\d\d)\b|latency|latenz|latencia|response time|antwortzeit)")
PERCENTILE = re.compile(
    r"\bp ?(50|75|90|95|99|999)(?:\.(\d))?\b|(?<![\w.])(50|75|90|95|99|99\.9)(?: ?-?th|er|\.)?[ -](?:percentile|perzentil|percentil)|\b(?:percentil|perzentil) (50|75|90|95|99)\b|(?<![\w.])(90|95|99|99\.9) ?(?:%|percent|prozent) (?:of|der|aller|de) (?:\w+ ){0,2}?(?:requests?|calls|responses|anfragen|antworten|peticiones|respuestas|checkouts?)"
)
NOT_LATENCY = re.compile(
    r"\b(?:builds?|pipelines?|jobs?|tests?|deploy\w*|startup|starts?|boot|restore\w*|recover\w*|backups?|timeout|runbook|alert\w*|page[drs]?|ack\w*|zurucksetzen|rollback)\b"
)


def objectives(sentence: Sentence) -> Iterator[Setting]:
    canon = sentence.canon
    if CONTEXT_SECTION.match(sentence.section) or not FIGURE.search(canon):
        return
    for found in NINES.finditer(canon):
        nines = int(found[1])
        yield setting(sentence, "slo.availability", round(100 - 10 ** (2 - nines), 6), found)
    if ABOUT_AVAILABILITY.search(canon) or not NOT_AVAILABILITY.search(canon):
        yield from _percentages(sentence)
    for found in LATENCY.finditer(canon):
        if not NOT_LATENCY.search(found[0]) and not (
            PAST.search(found[0]) or re.search(r"\b(?:doubled|tripled|jumped|spiked|rose|grew|climbed)\b", canon)
        ):
            yield from _latency(sentence, found, found[1], found[2])
    for found in LATENCY_BEFORE.finditer(canon):
        if re.search(rf"{COMPARED} $", canon[: found.start()]):
            yield from _latency(sentence, found, found[1], found[2])


def _percentages(sentence: Sentence) -> Iterator[Setting]:
    canon = sentence.canon
    near = bool(ABOUT_AVAILABILITY.search(canon))
    for found in PERCENT.finditer(canon):
        amount = float(found[1])
        past = PAST.search(canon[max(found.start() - 50, 0) : found.end() + 25])
        share = re.match(
            r" (?:of|der|aller|de|los) (?:\w+ ){0,3}?(?:requests?|calls|responses|traffic|users|anfragen|peticiones)\b", canon[found.end() :]
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


D0, D1 = duration(0), duration(1)
LINK = r"(?: ?(?:[:=<≤-]|<=|of|is|von|de|is|max|maximal|maximum|under|below|unter|hochstens|at most|target|objective|objetivo|ist|max\.|about|within|zu|no more than|up to|menos de|como maximo|\(|must be|should be|soll|no mayor a|maximo))*"
NAMED = {
    "recovery.rto_minutes": re.compile(
        rf"\b(?:rto|recovery time objective|wiederanlaufzeit|wiederherstellungszeit|tiempo de recuperacion)\b{LINK} ?{D0}"
    ),
    "recovery.rpo_minutes": re.compile(rf"\b(?:rpo|recovery point objective|punto de recuperacion)\b{LINK} ?{D0}"),
}
NAMED_AFTER = {
    "recovery.rto_minutes": re.compile(rf"{D0} (?:of )?(?:rto|recovery time)\b"),
    "recovery.rpo_minutes": re.compile(rf"{D0} (?:of )?(?:rpo|recovery point)\b"),
}
BOTH = re.compile(
    rf"\brto ?(?:/|and|und|y) ?rpo\b{LINK} ?{D0} ?(?:/|,|and|und|y) ?{D1}|\brpo ?(?:/|and|und|y) ?rto\b{LINK} ?{duration(2)} ?(?:/|,|and|und|y) ?{duration(3)}"
)
BACK = (
    r"(?:(?:back|up|running|live|online|available|working|operational|alive|on our feet|recovered|restored|recover|restore|rebuilt|failed over|fail over|wieder\w*|zuruck|lauft|laufen"
    r"|verfugbar|hergestellt|recuperad\w*|recuperar\w*|restaurad\w*|restablecid\w*|operativ\w*|funcionando|levantad\w*|de vuelta|arriba) ?(?:again |online |up |da |sein |y funcionando )?)"
)
WITHIN = r"(?:within|in under|in less than|in at most|in no more than|after at most|no later than|in|innerhalb(?: von)?|binnen|nach(?: hochstens| spatestens)?|spatestens nach|en menos de|en un maximo de|en|dentro de|antes de)"
BACK_WITHIN = re.compile(rf"\b{BACK}(?:\w+ ){{0,4}}?{WITHIN} (?:at most |the |max |hochstens |maximal |como maximo )?{D0}")
WITHIN_BACK = re.compile(
    rf"\b{WITHIN} (?:at most |hochstens |maximal )?{D0} (?:[\w,]+ ){{0,6}}?(?:back|up again|running again|restored|recovered|wieder\w*|zuruck|recuperad\w*|operativ\w*|de vuelta)\b"
)
DOWN_FOR = re.compile(
    rf"\b(?:down|offline|unavailable|outage|ausfall\w*|ausfallen|stillstehen|caid[oa]s?|downtime|unreachable|stehen) (?:\w+ ){{0,3}}?(?:for )?(?:more than|longer than|at most|no more than|no longer than|max(?:imum)?|langer als|hochstens|mas de|como maximo) {D0}"
)
NOT_RECOVERY = re.compile(
    r"\b(?:roll\w* back|flip\w* back|switch\w* back|go(?:es)? back|back to (?:the )?(?:previous|old|last)|zuruckrollen|get back to|back under|callback|report back|answer|respond\w*|alert\w*|build\w*|took|came back)\b"
)
LOSS_LIMIT = r"(?:at most|max(?:imum)?(?: of)?|no more than|not more than|more than|up to|hochstens|maximal|mehr als|como maximo|mas de|a lo sumo|maximo|the last|only|under|less than|menos de|weniger als)"
LOSE = re.compile(
    rf"\b(?:los[es]\w*|loss|lost|verlieren|verlust|verloren|datenverlust|perder\w*|perdida|perdamos|pierd\w+) (?:[\w,]+ ){{0,6}}?(?:{LOSS_LIMIT} )?(?:the |las? |los |of |de |von )?{D0}"
)
LOST_AFTER = re.compile(
    rf"\b(?:{LOSS_LIMIT} )(?:the )?{D0} (?:of |an |de |von |worth of )?(?:\w+ ){{0,3}}?(?:lost|loss|lose|verlieren|verloren|verlust|verlustig|perdid\w*|perdida|perderse|perder|weg|gone)\b"
)
DATA_LOSS = re.compile(rf"{D0} (?:of )?(?:data loss|datenverlust|perdida de datos)")
NO_LOSS = re.compile(
    r"\b(?:no|0|without|ohne|kein\w*|sin|ningun\w*) (?:any )?(?:data loss|datenverlust|datenverluste|perdida de datos|loss of data)|\b(?:must not|never|cannot|can't|may not|not) lose (?:any|a single) (?:data|\w+)\b|\bnot 1 (?:\w+ )?may be lost"
)
OF_DATA = re.compile(
    r"\b(?:data|daten\w*|datos|entries|transactions|orders|bookings|records|writes|eintrage|buchungen|bestellungen|pedidos|work|payments|lose|lost|loss|verlieren|perder|information|messages|changes)\b"
)
TIER = re.compile(
    r"(?<![\w-])(?:tier|dr tier|stufe|nivel|klasse)[ -]?(?:#|level )?([0-4])(?![\w.]|-tier)(?! (?:support|supplier|network|cache|city))"
)
MULTI = re.compile(
    r"\b(?:multi[ -]?region\w*|multi[ -]?regional|cross[ -]region|multirregion\w*|2 regions|2 regionen|2 regiones|several regions|multiple regions|both regions|(?:second|secondary|other|another|zweite\w*|andere\w*) region|segunda region|otra region|beide\w* regionen|across regions|in 2 regions|standby region|3 regions)\b"
)
SINGLE = re.compile(
    r"\b(?:single[ -]region|1 region (?:only|is enough)|only 1 region|no multi[ -]region|not multi[ -]region|nur eine region|una sola region)\b"
)


def recovery(sentence: Sentence) -> Iterator[Setting]:
    canon = sentence.canon
    for found in BOTH.finditer(canon):
        first, second = (0, 1) if found["f0_0"] or found["n0"] or any(found[f"f0_{n}"] for n in range(6)) else (2, 3)
        names = ("rto", "rpo") if first == 0 else ("rpo", "rto")
        yield setting(sentence, f"recovery.{names[0]}_minutes", minutes(found, first), found)
        yield setting(sentence, f"recovery.{names[1]}_minutes", minutes(found, second), found)
    for patterns in (NAMED, NAMED_AFTER):
        for leaf, pattern in patterns.items():
            yield from (setting(sentence, leaf, minutes(found), found) for found in pattern.finditer(canon))
    yield from _described(sentence)
    for found in TIER.finditer(canon):
        yield setting(sentence, "recovery.tier", int(found[1]), found)
    single = SINGLE.search(canon)
    if single:
        yield setting(sentence, "recovery.multi_region", False, single)
    elif found_multi := MULTI.search(canon):
        yield setting(sentence, "recovery.multi_region", True, found_multi)


def _described(sentence: Sentence) -> Iterator[Setting]:
    canon = sentence.canon
    if not NOT_RECOVERY.search(canon) and not PAST.search(canon):
        for pattern in (BACK_WITHIN, WITHIN_BACK, DOWN_FOR):
            yield from (setting(sentence, "recovery.rto_minutes", minutes(found), found) for found in pattern.finditer(canon))
    for pattern in (LOSE, LOST_AFTER, DATA_LOSS):
        for found in pattern.finditer(canon):
            around = canon[max(found.start() - 40, 0) : found.end() + 40]
            if OF_DATA.search(around) and not re.search(r"\bwe lost\b|\bwas lost\b|\bwere lost\b|\bhaben .{0,20}verloren\b|\bperdimos\b", around):
                yield setting(sentence, "recovery.rpo_minutes", minutes(found), found)
    for found in NO_LOSS.finditer(canon):
        yield setting(sentence, "recovery.rpo_minutes", 0, found)


CURRENCIES = {
    "$": "USD", "usd": "USD", "dollars": "USD", "dollar": "USD", "bucks": "USD", "us dollars": "USD", "dolares": "USD", "us$": "USD",
    "€": "EUR", "eur": "EUR", "euro": "EUR", "euros": "EUR", "£": "GBP", "gbp": "GBP", "pounds": "GBP", "pound": "GBP", "quid": "GBP", "pfund": "GBP", "libras": "GBP",
    "chf": "CHF", "francs": "CHF", "franken": "CHF", "francos": "CHF", "sek": "SEK", "nok": "NOK", "dkk": "DKK", "pln": "PLN", "zloty": "PLN", "inr": "INR", "rupees": "INR",
    "¥": "JPY", "yen": "JPY", "jpy": "JPY", "cad": "CAD", "aud": "AUD", "brl": "BRL", "mxn": "MXN", "pesos": "MXN", "₹": "INR",
}  # fmt: skip
MARK = r"us \$|us dollars|[$€£¥₹]|" + "|".join(sorted((re.escape(name) for name in CURRENCIES if name.isalpha()), key=len, reverse=True))
MONEY = re.compile(rf"(?:(?P<before>{MARK}) ?{MULTIPLIED}(?! ?%)|{MULTIPLIED} ?(?P<after>{MARK})(?![a-z]))")
PERIODS = {
    "month": r"(?:per|a|each|every|/|pro|im|al|por|je|in the|the|cada|in|del)? ?(?:months?|mo|monat|monats|mes|mth|mon)\b|monthly|monatlich\w*|mensual\w*|p\.?m\b",
    "year": r"(?:per|a|each|every|/|pro|im|al|por|je|in the|cada)? ?(?:years?|yr|jahr|ano|annum)\b|yearly|annual\w*|jahrlich\w*|anual\w*|p\.?a\b",
    "day": r"(?:per|a|each|every|/|pro|am|al|por|je|cada)? ?(?:days?|tag|dia)\b|daily|taglich\w*|diari\w*",
}
LIMIT = re.compile(
    r"\b(?:under|below|max\w*|at most|not more than|no more than|up to|budget\w*|limit\w*|cap|capped|stay|stays|less than|within|exceed\w*|ceiling|hochstens|unter|bis zu|obergrenze|budgetgrenze|nicht mehr als"
    r"|menos de|no mas de|por debajo de|presupuesto|tope|superar|supere|pasar de|pase de|como mucho|hasta|tops|afford|spend|uberschreiten|kosten durfen|deckel|cheaper than|not cost more|maximo|keep it)\b|<"
)
LIMIT_AFTER = re.compile(
    r"^(?: (?:per|a|an|each|/|pro|im|al|por) ?(?:month|year|day|mo|monat|jahr|tag|mes|ano|dia)| monthly| yearly| monatlich)? (?:, |\()?(?:is (?:the|our) )?(?:at (?:the )?most|max\w*|tops|or less|limit|budget|cap|ceiling|hochstens|obergrenze|como mucho|como maximo|de tope|de presupuesto)\b"
)
SPENT = re.compile(
    r"\b(?:went|was|were|from|pay|paying|paid|costs? us|currently|now|today|bill is|zahlen|bezahlen|kostet|kosten uns|pagamos|cuesta|gastamos|spent|last|subio)\b(?! (?:under|below|max))"
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


def _last(pattern: re.Pattern[str], text: str) -> int:
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
