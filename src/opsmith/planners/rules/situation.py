"""Where and how it shall run: cloud, regions, environments, strategy, compliance."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from opsmith.planners.rules import places, romance
from opsmith.planners.rules.figures import Setting, setting
from opsmith.planners.rules.scope import CONTEXT_SECTION, Mention
from opsmith.planners.rules.text import Sentence

DESCRIBED = (
    (
        "rolling",
        re.compile(
            rf"{romance.ROLLING}|"
            r"\b(?:users?|customers?|nobody|no 1|anyone|visitors) (?:must |may |should |shall |will |can |ever |not |never ){0,3}(?:see|get|notice|hit) (?:a |an |any |the )?(?:5xx|50\d|errors?|error page|outage|maintenance page)\b"
            r"|\bold (?:1s?|pods?|instances?|copies|containers?) (?:only |then )?(?:go|goes|stop|stops|leave|leaves|die|are removed|shut down|terminate)\w*\b[^.]{0,30}\b(?:when|once|after|until)\b"
            r"|\b0 (?:max ?)?unavailable\b|\bmax ?unavailable ?[:=]? ?0\b|"
            r"\b(?:no|0|without(?: any)?|ohne|kein\w*|sin|zero)(?: [\w]+)?[ -](?:down ?-?time|outages?|interruptions?"
            r"|service interruption|ausfall\w*|unterbrechung\w*|betriebsunterbrechung|tiempo de (?:caida|inactividad)"
            r"|caidas?|cortes?(?: de servicio)?"
            r"|interrupci\w+|inactividad|parada)\b|\bunterbrechungsfrei\w*|\bausfallfrei\w*|\bwithout (?:users?"
            r"|customers|anyone|anybody|taking (?:it|the \w+) down|going down|dropping)\b|\b(?:users|customers"
            r"|nobody|no 1|kunden|nutzer|people|anyone) (?:must|should|may|will|shall|can|do|durfen|sollen)?(?:n't)?"
            r" ?(?:not|never|nichts|nicht)? ?(?:notice|merken|bemerken)\b|\b(?:1|pod|instance|node|server|box)"
            r" (?:after|by|at a) (?:the other|another|time|1|pod|instance|node|server|box)\b|\bnacheinander\b"
            r"|\b(?:drain|update|upgrade|restart|take|deploy) (?:to )?1\b[^.]{0,60}\bthen (?:on )?(?:to )?(?:the )?(?:other|next)\b"
            r"|\berst (?:der|die|das|den) eine\w* ,? ?dann (?:der|die|das|den) andere\w*|\bprimero un[oa] ,? ?(?:y )?luego (?:el|la) otr[oa]"
            r"|\b(?:users?|customers?|nobody|kunden|nutzer|clientes|usuarios) (?:[\w']+ )?(?:not|never|nicht|no|keine?n?) (?:\w+ )?"
            r"(?:see|have|feel|experience|suffer|sufr\w+|not\w+|ver|spuren)? ?(?:an |any |a |eine |un |una |ningun\w* )?"
            r"(?:interruption|outage|downtime|unterbrechung|ausfall|corte|caida|interrupcion)"
            r"|\beiner nach dem anderen\b|\buno (?:a|por|tras) uno\b|\bnever (?:be )?(?:offline|down|goes? down)\b"
            r"|\bsin que (?:los usuarios|nadie) (?:lo )?not\w+|\bsin (?:parar|tumbar)\b|\b(?:stays?|remain|keep\w*)"
            r" (?:up|online|reachable|available) (?:while|during|throughout)\b"
        ),
    ),
    (
        "recreate",
        re.compile(
            r"\b(?:stop|take down|shut down|shut|take|kill|tear down|stoppen|anhalten|beenden|parar|paramos|apagar"
            r"|detener)\b(?: (?!then\b)[\w',]+){0,10}?(?: down)? ?,? ?(?:and |then |und |dann |y |luego |before"
            r" |first ,? ?){0,3}(?:then )?(?:\w+ )?(?:start|bring up|boot|launch|starten|hochfahren|arrancar|arrancamos"
            r"|levantar)"
            r"|\b(?:stop(?:s|ped|ping)?|shuts? down|takes? down|taken down|gestoppt|heruntergefahren) (?:\w+ ){0,6}?(?:before|bevor"
            r"|antes) (?:[\w]+ ){0,5}?(?:start\w*|bring\w*|hochgefahren|comes? up|gestartet)"
            r"|\b(?:never|not|nie|nunca) (?:\w+ ){0,5}?(?:2|both|zwei|dos) versions (?:\w+ ){0,4}?(?:at once|same time|parallel)"
        ),
    ),
    (
        "blue_green",
        re.compile(
            r"\b(?:old|previous|blue|current) (?:version|stack|1|fleet|release|environment) (?:\w+ ){0,4}?(?:running|up|alive|warm|around|standing|beside)\b[^.]{0,80}\b(?:flip|switch|go|fall|jump|turn) (?:straight |right )?back\b|"
            r"\b(?:traffic|users|load balancer|lb|dns|router|alb|routing|everything|everyone|verkehr|trafico|trafic) (?:\w+ ){0,3}?(?:switched|flipped|moved|cut|swapped|shifted|redirected|repointed|pointed|umgeschaltet|umgelegt|conmutado|bascule)\b|"
            r"\b(?:flip(?:s|ped)?|switch(?:es|ed)?|swap(?:s|ped)?|cut|cutover|mov(?:e|es|ed)|umschalt\w*|schalt\w*|umleg\w*|cambi\w+|conmut\w+|repoint"
            r"|point)\b(?=[^.]{0,60}\b(?:load balancer|lb|traffic|router|dns|service|over|um|lastverteiler|balanceador"
            r"|trafico|verkehr|todo)\b)"
        ),
    ),
    (
        "canary",
        re.compile(
            r"\b(?:an? )?(?:tenth|twentieth|fifth|hundredth|quarter|handful|fraction|minority|sliver) of (?:(?:our|the|all|my) )?(?:\w+ )?(?:visitors|users|customers|traffic|requests|clients|sessions)\b|"
            r"\b\d{1,2} ?% (?:(?:,|->|→|>|/|-|;|then|and|dann|und|luego|y|later) ){1,3}(?:\d{1,3} ?% (?:(?:,|->|→|>|/|-|;|then|and|dann|und|luego|y|later) )*){0,5}"
            r"(?:all|100|everyone|everything|everybody|the rest|alle|todos|todo|el resto|rest)\b"
            r"|\b(?:\d{1,2}(?:\.\d)? ?(?:%|percent|prozent|por ciento)|(?:small|tiny|little) (?:share|part|fraction"
            r"|slice|percentage|portion|group|subset)|kleine\w* (?:teil|anteil|gruppe)|pequen\w+ (?:parte|porcentaje"
            r"|grupo)|1 in (?:10|20|100)|some|a few|few|einige|wenige|unos pocos)"
            r" (?:\w+ ){0,3}?(?:traffic|users|requests|customers|verkehrs?|traffics?|nutzer\w*|anfragen|kunden"
            r"|trafico|usuarios|peticiones|clientes)\b(?=[^.]{0,90}\b(?:first|new|then|gradual\w*|step\w*|before"
            r"|zuerst|neue\w*|dann|erst|schritt\w*|primero|nueva|luego|despues|poco a poco|rest|everyone|all|continue|watch|wait|if|otherwise|only|go on|proceed)\b)"
            r"|\b\d{1,2} ?(?:%|percent|prozent|por ciento) (?:of (?:\w+ ){1,2})?(?:first|to (?:begin|start) with|initially|zuerst|zunachst|primero)\b"
            r"|\b(?:first|zuerst|erst|primero|initially|new version)\b[^.]{0,50}\b\d{1,2} ?(?:%|percent|prozent"
            r"|por ciento) (?:\w+ ){0,3}?(?:traffic|users|requests|customers|verkehrs?|traffics?|nutzer\w*|anfragen"
            r"|kunden|trafico|usuarios|peticiones)"
        ),
    ),
)
TWO_STACKS = re.compile(
    r"\b(?:next to|beside|alongside|side by side|in parallel|2 (?:identical |full |complete )?(?:stacks?"
    r"|environments|fleets|copies)|parallel|neben|zwei identische|junto a|en paralelo|al lado de|dos "
    r"(?:entornos|pilas)|old (?:\w+ ){0,3}?(?:warm|running|standing|around)"
    r"|alte\w* (?:\w+ ){0,4}?(?:weiterlaufen|warm)|idle (?:1|stack|environment)|shadow (?:stack|environment|fleet)|(?:old|blue|previous) (?:stack|fleet|environment|colou?r) (?:stays|remains|is kept)|second (?:stack|environment|fleet)|identical)\b"
)
STOP_ALLOWED = re.compile(
    r"\b(?:downtime|stop|outage|interruption|ausfall|stillstand|parada|caida|pause) (?:\w+ ){0,6}?(?:is"
    r"|are|ist) (?:\w+ )?(?:ok|okay|fine|acceptable|allowed|no problem|erlaubt|in ordnung|aceptable)\b"
)
SAMPLED = re.compile(r"\b(?:sampl\w*|trace\w*|tracing|coverage|of the budget|cpu|memory)\b")
LIVED = re.compile(r"\b(?:downtime|outage) (?:last|yesterday|this morning|on monday)\b|\bafter (?:an|the|yesterday) ?(?:outage|downtime)")
UNTOUCHED_ENVIRONMENT = re.compile(
    r"\b(?:not|never|nothing|no|don'?t|do not|without|nicht|kein\w*|nie|ohne|nichts|sin|no (?:toques|tocar)"
    r"|leave|except|before|ausser|until|nunca)(?: (?!only|just)[\w']+){0,3}? (?:to |in |on |the |auf "
    r"|en |into |touch |der |die |das |la |el |from |yet )*$"
)
ONLY_LATER = re.compile(
    r"^ (?:later|comes? later|follows|spater|mas adelante|not yet|noch nicht|stays? (?:as it is|untouched)"
    r"|is (?:off limits|not|untouched|next|out)|bleibt|is somebody)"
)


def asked(mentions: list[Mention], prefix: str) -> Iterator[tuple[str, Mention]]:
    for mention in mentions:
        for concept in mention.concepts:
            if concept.startswith(prefix):
                yield concept[len(prefix) :], mention


def cloud(mentions: list[Mention], sentences: list[Sentence]) -> Iterator[Setting]:
    """The one cloud that the words speak for most; none when two are equally named."""
    weights: Counter[str] = Counter()
    first: dict[str, Setting] = {}
    for concept, mention in asked(mentions, "cloud:"):
        name, strength = concept.split(":")
        if mention.mood == "excluded" or (mention.mood == "left" and strength != "1"):
            continue
        weights[name] = max(weights[name], int(strength) * 10 + (mention.mood == "asked"))
        first.setdefault(name, Setting("cloud", name, mention.start, mention.end))
    for sentence in sentences:
        for name, _, start, end in places.by_code(sentence.canon):
            weights[name] = max(weights[name], 25)
            first.setdefault(name, Setting("cloud", name, *sentence.span(start, end)))
    ranked = weights.most_common(2)
    if ranked and (len(ranked) == 1 or ranked[0][1] > ranked[1][1]):
        yield first[ranked[0][0]]


def regions(sentences: list[Sentence], chosen: str | None) -> Iterator[Setting]:
    for sentence in sentences:
        for name, region, start, end in places.by_code(sentence.canon):
            if chosen in (None, name) and not re.search(r"\b(?:not|no longer|never|left) (?:\w+ )?$", sentence.canon[:start]):
                yield Setting("regions", region, *sentence.span(start, end))
        if chosen:
            yield from (Setting("regions", region, *sentence.span(start, end)) for region, start, end in places.by_name(sentence.canon, chosen))


def environments(mentions: list[Mention], sentences: list[Sentence]) -> Iterator[Setting]:
    for name, mention in asked(mentions, "environment:"):
        sentence = sentences[mention.sentence]
        where = sentence.offsets[mention.first]
        after = sentence.canon[sentence.offsets[mention.after] - 1 :] if mention.after < len(sentence.offsets) else ""
        before = sentence.canon[max(where - 50, 0) : where]
        if mention.mood in ("excluded", "lacking") or (UNTOUCHED_ENVIRONMENT.search(before) and "approval" not in before) or ONLY_LATER.match(after):
            continue
        if CONTEXT_SECTION.match(sentence.section) or _is_part_of_name(sentence, mention):
            continue
        yield Setting("environments", name, mention.start, mention.end)


STAGE = r"(?:dev|develop|development|test|testing|qa|int|integration|uat|stage|stg|staging|preprod|pre-prod|demo|prod|production|prd|live)"
STAGES_IN_A_ROW = re.compile(rf"(?<![\w/-]){STAGE}(?: ?(?:,|/|&|\+|->|>|and|und|y|et|e|then|plus) ?(?:and |then )?{STAGE}){{1,5}}(?![\w-])")
CALLED = {
    **dict.fromkeys(("dev", "develop", "development"), "dev"),
    **dict.fromkeys(("stage", "stg", "staging", "uat", "preprod", "pre-prod"), "staging"),
    **dict.fromkeys(("prod", "production", "prd", "live"), "production"),
}
PREVIEWED = re.compile(
    r"\b(?:each|every|per|any|all|jede\w*|pro|cada|chaque) (?:open )?(?:pull ?-?requests?|prs?|merge ?-?requests?|mrs?|branch(?:es)?|feature branch)\b[^.]{0,60}"
    r"\b(?:environments?|instances?|copy|url|namespace|umgebung|entorno|environnement)\b"
    r"|\b(?:environments?|instances?|copy|url|namespace|umgebung|entorno) (?:\w+ ){0,2}?(?:for|per|fur|por|para|pro) (?:each|every|any|jede\w*|cada)? ?(?:pull ?-?request|pr|merge ?-?request|mr|branch|feature branch)\b"
)


def environments_in_a_row(sentences: list[Sentence]) -> Iterator[Setting]:
    """`test, stage, live`: words that name environments only beside one another."""
    for sentence in sentences:
        for row in STAGES_IN_A_ROW.finditer(sentence.canon) if not CONTEXT_SECTION.match(sentence.section) else ():
            if not UNTOUCHED_ENVIRONMENT.search(sentence.canon[max(row.start() - 50, 0) : row.start()]):
                for found in re.finditer(STAGE + r"\b", row[0]):
                    if found[0] in CALLED:
                        yield Setting("environments", CALLED[found[0]], *sentence.span(row.start() + found.start(), row.start() + found.end()))


def previews(sentences: list[Sentence]) -> Iterator[Setting]:
    """An environment for each pull request is a preview, whatever it is called."""
    for sentence in sentences:
        if found := PREVIEWED.search(sentence.canon):
            yield setting(sentence, "environments", "preview", found)


def _is_part_of_name(sentence: Sentence, mention: Mention) -> bool:
    """`prod-db-3`, `PROD-412`, `dev@company.com`: a part of something else's name."""
    tokens = sentence.tokens
    after = tokens[mention.after] if mention.after < len(tokens) else None
    further = tokens[mention.after + 1] if mention.after + 1 < len(tokens) else None
    before = tokens[mention.first - 1] if mention.first else None
    if (
        after
        and further
        and after.glued
        and further.glued
        and after.key in "-_"
        and (further.kind == "number" or (tokens[mention.first].text.isupper() and further.kind != "word"))
    ):
        return True
    if after and after.glued and after.key == "@":
        return True
    return bool(
        before
        and before.glued
        and tokens[mention.first].glued
        and before.key in "-_.@"
        and mention.first > 1
        and tokens[mention.first - 2].kind == "word"
        and tokens[mention.first - 2].key not in ("non", "pre")
    )


def strategy(mentions: list[Mention], sentences: list[Sentence]) -> Iterator[Setting]:
    """A named strategy first, then a described one; a described switch needs two stacks, so that a plain `switch` is none."""
    for name, mention in asked(mentions, "strategy:"):
        if mention.mood in ("asked", "existing"):
            yield Setting("strategy", name, mention.start, mention.end)
    two_stacks = any(TWO_STACKS.search(sentence.canon) for sentence in sentences)
    found_stop = [found for sentence in sentences for found in [STOP_ALLOWED.search(sentence.canon)] if found]
    for name, pattern in sorted(DESCRIBED, key=lambda item: ("canary", "blue_green", "recreate", "rolling").index(item[0])):
        for sentence in sentences:
            found = pattern.search(sentence.canon)
            if not found or LIVED.search(sentence.canon) or CONTEXT_SECTION.match(sentence.section):
                continue
            if (name == "blue_green" and not two_stacks) or (name == "canary" and SAMPLED.search(sentence.canon)):
                continue
            if (
                name == "recreate"
                and not found_stop
                and not re.search(r"\b(?:old|first|alte\w*|zuerst|erst|viej\w+|antes|primero|before|bevor|both|2 versions)\b", sentence.canon)
            ):
                continue
            yield setting(sentence, "strategy", name, found)


def compliance(mentions: list[Mention]) -> Iterator[Setting]:
    for name, mention in asked(mentions, "compliance:"):
        if mention.mood not in ("excluded", "lacking", "left"):
            yield Setting("compliance", name, mention.start, mention.end)
