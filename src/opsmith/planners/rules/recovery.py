"""How soon it must be back and how much may be lost, named or described; the tier; more than one region."""

from __future__ import annotations

import re
from collections.abc import Iterator

from opsmith.planners.rules.figures import Setting, setting
from opsmith.planners.rules.late import Late
from opsmith.planners.rules.numbers import FRACTIONS, UNITS, duration, minutes
from opsmith.planners.rules.scope import PAST
from opsmith.planners.rules.text import Sentence

D0, D1 = duration(0), duration(1)
STRETCH = Late(rf"(?:\d|an?|une?|una|un|eine[rmn]?|ein) ?-? ?(?:{UNITS})\b|{'|'.join(FRACTIONS)}")
NAMES = ("rto", "rpo", "recovery", "wieder", "recuperacion")
LOSSES = ("los", "verl", "perd", "pierd", "weg", "gone")
"""One of these stands wherever the patterns of durations, of named objectives, of losses can match: without it they are not tried."""
LINK = (
    r"(?: ?(?:[:=<≤-]|<=|of|is|von|de|is|max|maximal|maximum|under|below|unter|hochstens|at most|target"
    r"|objective|objetivo|ist|max\.|about|within|zu|no more than|up to|menos de|como maximo|\(|must be"
    r"|should be|soll|no mayor a|maximo))*"
)
NAMED = {
    "recovery.rto_minutes": Late(rf"\b(?:rto|recovery time objective|wiederanlaufzeit|wiederherstellungszeit|tiempo de recuperacion)\b{LINK} ?{D0}"),
    "recovery.rpo_minutes": Late(rf"\b(?:rpo|recovery point objective|punto de recuperacion)\b{LINK} ?{D0}"),
}
NAMED_ZERO = Late(rf"\b(rto|rpo)\b{LINK} ?0(?![\w.%]| ?(?:{UNITS})\b)|\b0 (rto|rpo)\b")
NAMED_AFTER = {
    "recovery.rto_minutes": Late(rf"{D0} (?:of )?(?:rto|recovery time)\b"),
    "recovery.rpo_minutes": Late(rf"{D0} (?:of )?(?:rpo|recovery point)\b"),
}
BOTH = Late(
    rf"\brto ?(?:/|and|und|y) ?rpo\b{LINK} ?{D0} ?(?:/|,|and|und|y) ?{D1}|\brpo ?(?:/|and|und|y) ?rto\b{LINK} ?{duration(2)} ?"
    rf"(?:/|,|and|und|y) ?{duration(3)}"
)
BACK = (
    r"(?:(?:back|up|running|live|online|available|working|operational|alive|on our feet|recovered|resume|resumed|restored|re-?created|rebuilt"
    r"|recover|restore|rebuilt|failed over|fail over|wieder\w*|zuruck|lauft|laufen"
    r"|verfugbar|hergestellt|recuperad\w*|recuperar\w*|restaurad\w*|restablecid\w*|operativ\w*|funcionando"
    r"|levantad\w*|de vuelta|arriba) ?(?:again |online |up |da |sein |y funcionando )?)"
)
WITHIN = (
    r"(?:within|en moins de|sous|entro|em menos de|em ate|in under|in less than|in at most|in no more than|after at most|no later than|in|innerhalb"
    r"(?: von)?|binnen|nach(?: hochstens| spatestens)?|spatestens nach|en menos de|en un maximo de|en"
    r"|dentro de|antes de)"
)
BACK_WITHIN = Late(rf"\b{BACK}(?:\w+ ){{0,4}}?{WITHIN} (?:at most |the |max |hochstens |maximal |como maximo )?{D0}")
WITHIN_BACK = Late(
    rf"\b{WITHIN} (?:at most |hochstens |maximal )?{D0} (?:[\w,]+ ){{0,6}}?(?:back|up again|running again"
    rf"|restored|recovered|wieder\w*|zuruck|recuperad\w*|operativ\w*|de vuelta)\b"
)
DOWN_FOR = Late(
    rf"\b(?:down|offline|unavailable|outage|ausfall\w*|ausfallen|stillstehen|caid[oa]s?|downtime|unreachable"
    rf"|stehen) (?:\w+ ){{0,3}}?(?:for )?(?:more than|longer than|at most|no more than|no longer than|max"
    rf"(?:imum)?|langer als|hochstens|mas de|como maximo) {D0}"
)
LOSS_LIMIT = (
    r"(?:at most|max(?:imum)?(?: of)?|no more than|not more than|more than|up to|hochstens|maximal|mehr"
    r" als|como maximo|mas de|a lo sumo|maximo|the last|only|under|less than|menos de|weniger als)"
)
MAY_TAKE = Late(
    rf"\b(?:restor\w+|recover\w*|wiederherstell\w*|restaura\w*|recupera\w*) (?:\w+ ){{0,3}}?(?:may|must|can|should|shall|darf|soll|sollte|puede|debe)"
    rf" (?:not |nicht |no )?(?:take|last|need|dauern|tardar|durar|llevar)? ?(?:{LOSS_LIMIT} |langer als |longer than )?{D0}"
)
AFFORDED = Late(rf"\b(?:afford|tolerate|accept|live with|allow\w*|survive)\b[^.;]{{0,60}}? {D0} (?:of |de )?(?:downtime|outage|unavailability)\b")
LIMITED_OUTAGE = Late(
    rf"\b{LOSS_LIMIT} {D0} (?:of |de |an )?(?:downtime|outage|unavailability|ausfall\w*|stillstand|unterbrechung|caida|inactividad)\b"
)
NOT_RECOVERY = Late(
    r"\b(?:ends? up|scal\w+ up|spin\w* up|roll\w* back|flip\w* back|switch\w* back|go(?:es)? back|back to (?:the )?(?:previous|old|last)"
    r"|zuruckrollen|get back to|back under|callback|report back|answer|respond\w*|alert\w*|build\w*|took"
    r"|came back)\b"
)
LOSE = Late(
    rf"\b(?:los(?:e|es|s|t|ing)|loss|lost|verlieren|verlust|verloren|datenverlust|perder\w*|perdida|perdamos|pierd\w+)"
    rf" (?:[\w,]+ ){{0,6}}?(?:{LOSS_LIMIT} )?(?:the |las? |los |of |de |von )?{D0}"
)
LOST_AFTER = Late(
    rf"\b(?:{LOSS_LIMIT} )(?:the )?{D0} (?:of |an |de |von |worth of )?(?:\w+ ){{0,3}}?(?:lost|loss|lose"
    rf"|verlieren|verloren|verlust|verlustig|perdid\w*|perdida|perderse|perder|weg|gone)\b"
)
MAY_BE_LOST = Late(rf"{D0} (?:of |worth of )(?:\w+ ){{0,3}}?(?:may|can|could|might|are allowed to) (?:be |get |go )?(?:lost|missing|gone)\b")
DATA_AGE = Late(rf"\b(?:data|datos|daten|copy|backup|dump) (?:\w+ ){{0,3}}?{LOSS_LIMIT} {D0} (?:old|alt|de antiguedad)\b")
DATA_LOSS = Late(rf"{D0} (?:of )?(?:data loss|datenverlust|perdida de datos)")
NO_LOSS = Late(
    r"\b(?:no|0|without|ohne|kein\w*|sin|ningun\w*) (?:any )?(?:data loss|datenverlust|datenverluste|perdida"
    r" de datos|loss of data)|\b(?:must not|never|cannot|can't|may not|not) lose (?:any|a single) (?:data"
    r"|\w+)\b|\b(?:los(?:e|es|ing)|forget) nothing\b|\bnothing (?:may|must|can|should|will|is allowed to) (?:ever )?(?:be|get) lost\b|\b0 (?:rpo|loss)\b|\bsans perte\b|\bsem perd\w+\b|\bsenza perd\w+\b|\bnot 1 (?:\w+ )?may be lost"
)
OF_DATA = Late(
    r"\b(?:data|daten\w*|datos|entries|transactions|orders|bookings|records|writes|eintrage|buchungen"
    r"|bestellungen|pedidos|work|payments|lose|lost|loss|verlieren|perder|information|messages|changes)\b"
)
TIER = Late(r"(?<![\w-])(?:tier|dr tier|stufe|nivel|klasse)[ -]?(?:#|level )?([0-4])(?![\w.]|-tier)(?! (?:support|supplier|network|cache|city))")
MULTI = Late(
    r"\b(?:multi[ -]?region\w*|multi[ -]?regional|cross[ -]region|multirregion\w*|2 regions|2 regionen"
    r"|2 regiones|several regions|multiple regions|both regions|(?:second|secondary|other|another|zweite\w*"
    r"|andere\w*) region|deuxieme region|autre region|segunda regiao|outra regiao|seconda regione|altra regione|segunda region|region secundaria|zweitregion|ausweichregion|backup region|dr region|otra region|beide\w* regionen|across regions|in 2 regions|standby"
    r" region|3 regions)\b"
)
SINGLE = Late(
    r"\b(?:single[ -]region|1 region (?:only|is enough)|only 1 region|no multi[ -]region|not multi[ -]region|nur eine region|una sola region)\b"
)


def recovery(sentence: Sentence) -> Iterator[Setting]:
    canon = sentence.canon
    for found in NAMED_ZERO.finditer(canon):
        yield setting(sentence, f"recovery.{found[1] or found[2]}_minutes", 0, found)
    if STRETCH.search(canon):
        if any(name in canon for name in NAMES):
            yield from _named(sentence)
        yield from _described(sentence)
    for found in NO_LOSS.finditer(canon):
        yield setting(sentence, "recovery.rpo_minutes", 0, found)
    for found in TIER.finditer(canon):
        yield setting(sentence, "recovery.tier", int(found[1]), found)
    single = SINGLE.search(canon)
    if single:
        yield setting(sentence, "recovery.multi_region", False, single)
    elif found_multi := MULTI.search(canon):
        yield setting(sentence, "recovery.multi_region", True, found_multi)


def _named(sentence: Sentence) -> Iterator[Setting]:
    canon = sentence.canon
    for found in BOTH.finditer(canon):
        first, second = (0, 1) if found["f0_0"] or found["n0"] or any(found[f"f0_{n}"] for n in range(6)) else (2, 3)
        names = ("rto", "rpo") if first == 0 else ("rpo", "rto")
        yield setting(sentence, f"recovery.{names[0]}_minutes", minutes(found, first), found)
        yield setting(sentence, f"recovery.{names[1]}_minutes", minutes(found, second), found)
    for patterns in (NAMED, NAMED_AFTER):
        for leaf, pattern in patterns.items():
            yield from (setting(sentence, leaf, minutes(found), found) for found in pattern.finditer(canon))


def _described(sentence: Sentence) -> Iterator[Setting]:
    canon = sentence.canon
    if not NOT_RECOVERY.search(canon) and not PAST.search(canon):
        for pattern in (BACK_WITHIN, WITHIN_BACK, DOWN_FOR, MAY_TAKE, LIMITED_OUTAGE, AFFORDED):
            yield from (setting(sentence, "recovery.rto_minutes", minutes(found), found) for found in pattern.finditer(canon))
    yield from (setting(sentence, "recovery.rpo_minutes", minutes(found), found) for found in DATA_AGE.finditer(canon))
    for pattern in (LOSE, LOST_AFTER, MAY_BE_LOST, DATA_LOSS) if any(word in canon for word in LOSSES) else ():
        for found in pattern.finditer(canon):
            around = canon[max(found.start() - 40, 0) : found.end() + 40]
            if OF_DATA.search(around) and not re.search(r"\bwe lost\b|\bwas lost\b|\bwere lost\b|\bhaben .{0,20}verloren\b|\bperdimos\b", around):
                yield setting(sentence, "recovery.rpo_minutes", minutes(found), found)
