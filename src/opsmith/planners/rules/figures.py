"""A value with the words that set it; load and replicas."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from opsmith.planners.rules.late import Late
from opsmith.planners.rules.numbers import MULTIPLIED, value, whole
from opsmith.planners.rules.text import Sentence

FIGURE = Late(r"\d")
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


USERS = (
    r"(?:users?|people|customers|clients|visitors|players|viewers|sessions|connections|nutzer\w*|benutzer\w*"
    r"|utilisateurs|utenti|visiteurs|utilizadores|anwender\w*|kunden|besucher\w*|usuarios?|clientes|personas|conexiones|sesiones)"
)
AT_ONCE = r"(?:concurrent(?:ly)?|simultaneous(?:ly)?|parallel|gleichzeitig\w*|zeitgleich\w*|parallele\w*|concurrentes?|simultane\w*|contemporane\w*)"
CONCURRENT = (
    Late(rf"{MULTIPLIED} (?:\w+ ){{0,2}}?{AT_ONCE} (?:\w+ )?{USERS}"),
    Late(
        rf"{MULTIPLIED} (?:de )?{USERS} (?:\w+ ){{0,4}}?(?:{AT_ONCE}|at once|(?:at|in) (?:the )?same time|at (?:any )?1"
        rf" time|at (?:the )?peak|in der spitze|en (?:el pico|hora punta)|a la vez|al mismo tiempo|zur gleichen zeit|zur selben zeit|en paralelo|in parallel)"
    ),
    Late(rf"{MULTIPLIED} (?:concurrent|simultaneous|gleichzeitig\w*|simultane[oa]s|concurrentes)(?= ?[,.;)]|$| and | und | y )"),
    Late(
        rf"{MULTIPLIED} (?:[a-z]+ ){{1,2}}?(?:at once|at the same time|concurrently|simultaneously|gleichzeitig|a la vez|al mismo tiempo|en meme temps|ao mesmo tempo)\b"
    ),
    Late(rf"(?:{AT_ONCE}) {USERS} ?[:=(-]? ?(?:of |up to |about |~ |around |ca |approx )?{MULTIPLIED}"),
)
REQUESTS = r"(?:requests?|reqs?|calls?|queries|hits|messages|events|transactions|invocations|executions|operations|ops|writes|reads|uploads|downloads|logins|page ?views|clicks|lookups|payments|bookings|orders|jobs|requetes|requisicoes|richieste|anfragen|aufrufe\w*|requests|peticiones|solicitudes|llamadas)"
RATES = (
    (
        Late(
            (
                rf"{MULTIPLIED} ?(?:rps|qps|tps|req ?/ ?s(?:ec)?|reqs ?/ ?s(?:ec)?|{REQUESTS} (?:\w+ )?(?:(?:per|a"
                rf"|in|each|in a|pro|por|je|in der|every|al|par) ?|/ )(?:the )?(?:s|sec|second|seconde|secondo|sekunde|segundo)s?)\b"
            )
        ),
        1.0,
    ),
    (Late(rf"{MULTIPLIED} ?(?:rpm|{REQUESTS} (?:\w+ )?(?:(?:per|a|pro|por|je|every|al) ?|/ )(?:min|minute|minuto))\b"), 1 / 60),
    (Late(rf"(?:rps|qps)\b ?[:=]? ?(?:of |up to |about |~ )?{MULTIPLIED}"), 1.0),
)
REPLICA = r"(?:pods?|replicas?|instances?|copies|kopien|replicas|replikas?|repliken|instanzen|instancias?|containers?|tasks?|workers?)"
COUNT = r"(?<![\w.])(\d{1,5})(?![\w.])"
TO = r"(?:to|-|and|bis|und|a|y|up to|hasta|through|\.\.|\. \.|\. \. \.)"
LEAST = (
    r"(?:at least|minimum(?: of)?|min|a minimum of|no (?:less|fewer) than|never (?:less|fewer) than|not"
    r" (?:less|fewer) than|au moins|pelo menos|no minimo|almeno|mindestens|minimal|wenigstens|al menos|como minimo|minimo(?: de)?|nunca menos"
    r" de|always)"
)
MOST = (
    r"(?:at most|up to|maximum(?: of)?|max|a maximum of|no more than|not more than|never more than|grow\w*"
    r" to|grows? up to|scal\w+ (?:out |up )?to|hochstens|maximal|bis zu|como maximo|maximo(?: de)?|hasta"
    r"|no mas de|capped at|cap of|never (?:go |grow |be )?(?:beyond|above|over|past)|not (?:go )?(?:beyond|above|over)|without exceeding|cap (?:it |them |that |this )?(?:at|to)|limit (?:it |them )?(?:at|to)|ceiling of|au maximum|au plus|jusqu a|no maximo|ate|al massimo|massimo|tops out at)"
)
RANGE = (
    Late(
        rf"{COUNT} (?:{REPLICA} )?(?:minimum|min|at least|mindestens|como minimo) ?(?:,|/|and|und|y)? ?{COUNT} "
        rf"(?:{REPLICA} )?(?:maximum|max|at most|hochstens|como maximo)"
    ),
    Late(rf"(?:from|between|von|zwischen|entre|de|desde|scal\w+) {COUNT} ?(?:{REPLICA} )?{TO} ?{COUNT} {REPLICA}"),
    Late(rf"{COUNT} ?{TO} ?{COUNT} (?:\w+ )?{REPLICA}"),
    Late(rf"\b(?:keda|hpa|autoscal\w+|autoskalier\w+|autoescal\w+|scal\w+)\b[^.;]{{0,60}}?[ ,(]{COUNT} ?(?:-|to|bis|\. \.) ?{COUNT}(?= ?[,.;)]|$)"),
    Late(rf"\b(?:keda|hpa|autoscal\w+|scal\w+)\b[^.;]{{0,40}}? (?:between|zwischen|entre|from) {COUNT} (?:and|und|y|et|e|to) {COUNT}"),
    Late(rf"\bfloor (?:of |= ?)?{COUNT} ?(?:{REPLICA} )?(?:[,/;] ?)?(?:and |but )?(?:a )?(?:ceiling|cap|max\w*) (?:of |= ?)?{COUNT}"),
    Late(rf"{REPLICA} (?:from|between|von|zwischen|entre|de|desde) {COUNT} {TO} {COUNT}"),
    Late(rf"{LEAST} {COUNT} ?(?:{REPLICA} )?(?:(?:,|;|and|und|y|but|aber|pero) ?){{0,2}}{MOST} {COUNT}(?: {REPLICA})?"),
    Late(
        rf"\bmin\w* (?:of |replicas |pods |= )?{COUNT} ?(?:{REPLICA} )?(?:[,/;] ?)?(?:and |und |y )?(?:a )?max\w* (?:of |replicas |pods |= )?{COUNT}"
    ),
)
MINIMUM = (
    Late(rf"{LEAST} {COUNT} (?:\w+ )?{REPLICA}"),
    Late(rf"{COUNT} {REPLICA} (?:at (?:the )?least|minimum|min|mindestens|como minimo|always|at all times)"),
    Late(rf"{REPLICA} ?[:=]? {LEAST} {COUNT}"),
)
MAXIMUM = (
    Late(rf"{MOST} {COUNT} (?:\w+ )?{REPLICA}"),
    Late(rf"{COUNT} {REPLICA} (?:at (?:the )?most|maximum|max|hochstens|tops|como maximo)"),
    Late(rf"{REPLICA} ?[:=]? {MOST} {COUNT}"),
)
BARE_LEAST = Late(rf"\b(?:{LEAST}) {COUNT}(?= ?[.,;)]|$| and | but )")
BARE_MOST = Late(rf"\b(?:{MOST}) {COUNT}(?= ?[.,;)]|$| and )")
ABOUT_COPIES = Late(rf"\b(?:scal\w+|autoscal\w+|hpa|keda|{REPLICA})\b")
"""Where copies are spoken of, a bare `cap it at 30` or `max 25` counts them."""
FIXED = Late(
    rf"(?<!\w ){COUNT} (?:\w+ )?(?:replicas|replikas?|repliken)\b|(?:with|run|mit|con|in|needs?|want|keep)"
    rf" {COUNT} (?:replicas|pods|replikas?|repliken|instances|instanzen|instancias)\b|\breplicas? ?[:=]"
    rf" ?{COUNT}"
)
TO_ZERO = Late(
    r"\b(?:nothing to do|no (?:work|jobs?|messages?|load|traffic)|empty|idle|quiet) (?:queue )?(?:means?|is|->|=|:) 0\b|"
    r"\b0 (?:pods? |replicas? |instances? |copies |of (?:it|them) )?(?:when|if|while|as long as|wenn|cuando|quand|quando) (?:[\w']+ ){0,4}?(?:idle|empty|nothing|quiet|no|leer|vaci\w*|vide|vuota|vazia)\b|"
    r"\b(?:scal\w+|down|shrink\w*|drops?|go(?:es)?|skalier\w*|runter|herunter|bajar|escal\w+|reduc\w+"
    r"|baje) (?:\w+ ){0,4}?(?:to|auf|a|hasta) 0\b|\bscale[ -]to[ -]0\b"
    r"|\b(?:disappear|vanish|go away|switch(?:ed)? off|nothing (?:should )?runs?|shut down|stop|not run"
    r" at all|no pods|verschwind\w*|abschalt\w*|nichts laufen|keine pods|desaparec\w*|apag\w*)\b"
    r"(?=[^.]{0,60}\b(?:queue|idle|empty|no (?:messages|jobs|work|traffic|load)|nothing to do|warteschlange"
    r"|leer|leerlauf|cola|vaci\w|topic|backlog)\b)"
    r"|\b(?:queue|idle|empty|warteschlange|leer|cola|vacia)\b[^.]{0,60}\b(?:disappear|vanish|go away|0"
    r" (?:pods|replicas)|no pods|verschwind\w*|desaparec\w*|nothing (?:should )?run)"
)
NO_REPLICA = Late(r"\b(?:kill\w*|crash\w*|restart\w*|fail\w*|lost|loss|died|evicted|pending|stuck|of the)\b(?: \w+){0,3} ?$")


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
    if ABOUT_COPIES.search(canon):
        for pattern, leaf in ((BARE_LEAST, "min_replicas"), (BARE_MOST, "max_replicas")):
            yield from (setting(sentence, f"scale.{leaf}", int(found[1]), found) for found in pattern.finditer(canon))
