"""How a named thing is meant: asked for, ruled out, merely there, left behind, or only missing.

The patterns read a sentence's frame: its words with every mention replaced by `@` and its number, so that they need not know any tool.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from opsmith.planners.rules import romance
from opsmith.planners.rules.phrases import Match
from opsmith.planners.rules.text import Sentence

Mood = Literal["asked", "excluded", "existing", "left", "lacking"]

GAP = r"(?:[\w']+ ){0,%d}?"
MENTION = r"@\d+"
OR = r"(?:or|nor|oder|noch|o|u|ni|/)"
AND = r"(?:and|und|y|e)"
TAIL = r"(?: [\w']+){0,2}?"
LIST = (
    rf"{MENTION}(?:(?: ,)? {OR} (?:[\w']+ ){{0,2}}?{MENTION}|(?: , {MENTION}){{1,8}}(?: ,)? (?:{OR}|{AND}) {MENTION}"
    rf"| {AND} {MENTION}(?= [.,;!?)]| please|$)){{0,9}}"
)
DONT = (
    r"(?:don ?'?t|do not|does not|doesn'?t|won'?t|will not|can ?not|can'?t|must ?n[o']t|should ?n[o']t"
    r"|shouldn't|mustn't|never|not|nobody|no one|nobody here)"
)
USE = (
    r"(?:use|using|used|do|want|wants|need|needs|like|likes|touch|touching|change|changing|modify|edit|add"
    r"|adding|introduce|install|deploy|switch to|move to|go with"
    r"|go for|bother with|bring in|rely on|set up|break|alter|rewrite|replace|propose|suggest|consider"
    r"|generate|create|write|reads?|knows?|allow|accept|trust)"
)
FILLER = (
    r"(?:(?:any|the|a|an|our|my|your|this|that|of|to|with|more|plain|another|own|extra|other|such|please"
    r"|additional|into|in|for|kind|sort|whole|existing"
    r"|tocar|modificar|cambiar|toucher|mexer|toccare|touching|using|changing|changes|usar|utilizar|use|introducing|adding|needing|requiring|von|mit"
    r"|den|die|das|der|dem|unser\w*|ein\w*|auf|el|la|los|las"
    r"|un|una|nada|de|con|nuestr\w+|ningun\w*|lo|it|anything|something|on|from|at"
    r"|le|les|du|des|l|d|a|au|aux|notre|nos|o|os|as|do|da|no|na|em|nosso|nossa|il|gli|il nostro|nostr\w+) ){0,5}"
)
RULED_OUT = (
    rf"(?:\b(?:{romance.NOT_HERE})|\bno|\bnot|\bwithout|\bavoid(?:ing)?|\bskip|\bomit|\bexcluding|\bexclude|\bexcept(?: for)?|\bneither"
    rf"|\bminus|\bforget(?: about)?|\bnever|\bnothing|\bno more"
    rf"|\b(?:anything|everything|all|any tool) but|\b(?:rather|other) than|\binstead of|\bin place of|\bno need for|\bhands off|\bstay away from"
    rf"|\bsteer clear of|\bleave out|\bnot interested in|\b{DONT} (?:really |even |ever |just |to |have"
    rf" to )?{USE}|\b(?:enough|sick|tired) of|\bfed up with"
    rf"|\b(?:hates?|dislikes?|refuses?|rejects?|rejected|vetoed|banned|bans|forbids?|forbade|prohibits?"
    rf"|ruled out)|\bdone with|\ballergic to|\bcan'?t stand"
    rf"|\bkein\w*|\bohne|\bnicht|\bnie|\bniemals|\bstatt|\banstatt|\banstelle|\bausser|\baußer|\bbloß|\bfinger weg von|\bverzichte\w*"
    rf"|\bsin|\bnada de|\bevit\w+|\ben vez de|\ben lugar de|\bexcepto|\bsalvo|\bningun\w*|\bmenos|\bni"
    rf"|\bno (?:se )?(?:queremos|quiero|quiere|usar|uses|use|usemos|usamos|utilic\w+|tocar|toques|toqueis"
    rf"|toquen|necesit\w+|me gusta|nos gusta|cambi\w+|modific\w+))"
)
SPARED = r"(?:leave|keep|lass\w*|dej[ae]\w*|belass\w*|laiss\w*|deix\w*|lasci\w*)"
ALONE = (
    r"(?:alone|untouched|unchanged|as (?:it|they) (?:is|are)|as is|out of (?:it|this|scope)|in peace|be\b|in ruhe|unberuhrt|unverandert|unangetastet"
    r"|tel(?:le)?s? quel\w*|tranquille\w*|em paz|com'e|cosi|stare|so wie|como est\w+|en paz|fuera|aparte|tal cual|sin tocar|the way it is)"
)
IS = r"(?:is|are|was|were|stays?|remains?|(?:must|should|has to|have to|can|may|shall) (?:be|stay|remain)|ist|sind|bleibt|bleiben|esta|estan|queda\w*|es|son|has been|have been|'s)"
OUT = (
    r"(?:(?:[\w']+ and )?(?:dismissed|rejected|turned down|discarded|abandoned|maintained|owned|managed|handled|operated|looked after)(?: by (?!us\b))?|out\b(?! of)|off the table|off limits|no option|not an option|not allowed|not welcome|forbidden"
    r"|banned|excluded|ruled out|taboo|tabu|verboten|raus|untouched"
    r"|unangetastet|unverandert|unberuhrt|descartad\w+|prohibid\w+|fuera|no go|a no go|overkill|too (?:much|complex|heavy|expensive|complicated)"
    r"|not (?:wanted|needed|required|to be (?:used|touched|changed)|part of)|kein\w* (?:option|thema)|nicht (?:erlaubt|erwunscht|gewunscht|notig)"
    r"|no (?:es )?una opcion|not our|as (?:it )?is\b|as they are|wie (?:es|er|sie) (?:ist|sind)|tal (?:y"
    r" )?como|tabu|gestorben|out of scope|somebody else's|not ours)"
)
LABEL = (
    r"(?:as is|leave|leave alone|hands off|untouched|do not touch|not to be touched|kept|keep out|rejected|excluded|ruled out|discarded|dismissed|forbidden|banned|off limits|no[- ]?gos?|unwanted|avoid|never|no|not|must not|do not|don't"
    r"|verworfen|abgelehnt|ausgeschlossen|verboten|tabu|nicht|kein\w*|ohne|descartad\w*|rechazad\w*|prohibid\w*|evitar|sin)"
)
EXCLUDING = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{RULED_OUT} (?!only |just |nur |solo |solamente |yet ){FILLER}(?P<list>{LIST})",
        rf"\b{SPARED} {GAP % 3}(?P<list>{LIST})(?: [\w'/]+){{0,5}}? {ALONE}",
        rf"(?P<list>{LIST})(?: [\w',)]+){{0,5}}? {IS} (?:[\w']+ ){{0,3}}?{OUT}",
        rf"(?P<list>{LIST}) (?:auch nicht|ebenso ?wenig|tampoco|neither|not either|as little)\b",
        (
            rf"(?P<list>{LIST}){TAIL} (?:isn't|aren't|won't be|can ?not be|must not be|should not be|is not|are"
            rf" not) {GAP % 2}(?:option|allowed|wanted|used|needed|touched|changed|acceptable)"
        ),
        (
            rf"(?P<list>{LIST}){TAIL} (?:kommt|kommen|scheidet|scheiden|fallt|fallen|wird|werden) (?:\w+ )?(?:nicht"
            rf" in frage|aus\b|weg\b|nicht (?:benutzt|verwendet|angefasst))"
        ),
        (
            rf"(?P<list>{LIST}){TAIL} (?:[,(:-] )?(?:no thanks|never again|please not(?= ?[.,;!?)]|$)|nein danke|no gracias|mag"
            rf" (?:ich|er|sie|der chef) nicht|bitte nicht|nicht anfassen|ni tocarlo|no se toca\w*)"
        ),
        rf"(?P<list>{LIST}){TAIL} (?:mag|mogen|gefallt|wollen|will|benutzen|verwenden|nehmen|anfassen) (?:\w+ ){{0,3}}nicht\b",
        rf"(?P<list>{LIST}) (?:lassen|lasst|lass) (?:wir|ich|ihr|sie)? ?(?:bitte )?(?:weg|aus|aussen vor|sein|beiseite)\b",
        rf"(?P<list>{LIST}) no (?:nos |me |le )?(?:gusta|convence|queremos|quiero|quiere)",
        rf"\bauf (?:das |den |die )?(?P<list>{LIST}) (?:\w+ ){{0,2}}(?:verzichten|verzichtet)",
        (
            rf"(?:^|[(,.;-] ){LABEL} (?:[\w']+ ){{0,2}}?: "
            rf"(?P<list>{MENTION}(?:(?: [,;/])?(?: (?:and|or|und|oder|y|o|ni|nor))?(?: [\w']+){{0,2}}? {MENTION}){{0,9}})"
        ),
        rf"\bmag (?:\w+ ){{0,2}}(?:kein\w*) (?P<list>{LIST})",
    )
)
THAT_TOO = re.compile(
    rf"\b{SPARED} (?:it|that|them|this|those|these|everything|all of (?:it|that)|das|die|es|sie|eso|esto|lo|la)?(?: \w+){{0,2}}? ?{ALONE}"
    rf"|\b{DONT} (?:touch|change|modify|edit) (?:it|that|them|those|this|these)\b|\bhands off\b(?! (?:\w+ ){{0,3}}?@)|"
    rf"(?:das|die|es) (?:bitte )?(?:nicht anfassen|in ruhe lassen)"
    rf"|\bno (?:l[oa]s? )?(?:toques|toqueis|tocar\w*|toquen)(?! (?:\w+ ){{0,3}}?@)|\b(?:it|that|those|these|they) (?:must"
    rf" |should )?(?:stays?|remains?|is|are) (?:to stay )?(?:untouched|as (?:it|they) (?:is|are)|off limits)"
    rf"|\bdaran (?:bitte |soll )?nichts (?:andern|anfassen|verandern|geandert)|\bno changes (?:\w+ )?(?:there"
    rf"|to (?:it|that|them))\b|\bdort (?:bitte )?nichts (?:andern|anfassen)|\bnothing (?:should |must "
    rf"|may )?changes? there"
    rf"|\bdas bleibt (?:so|wie es ist|unangetastet)|\bfinger weg\b(?! von)"
)
BUT_OURS = re.compile(
    rf"(?P<out>{MENTION})(?: please| bitte| por favor)? [,;-] (?:(?:because|since|as|denn|da|porque) )?(?:(?:we|wir)(?: use| are using| nutzen| verwenden| nehmen)|usamos|utilizamos)"
    rf" (?:[\w']+ )?(?P<ours>{MENTION})"
)
"""`No Helm, we use Kustomize`: what is used in place of the thing ruled out is how it is to be done."""
LACKING = re.compile(
    rf"(?:\b(?:have|has|had|got|is|are|there's|haben|hat|gibt(?: es)?|hay|tenemos|tiene)(?: (?:currently"
    rf"|still|yet|also|basically|absolutely|hier|noch|gar|da|dort))? "
    rf"(?:no|zero|kein\w*|ningun\w*|not any|nothing like)|\b(?:don'?t|do not|doesn'?t|does not) (?:yet"
    rf" |even |currently )?have|\bno (?:tenemos|hay|tiene|existe\w*)|\black\w*|\bmissing"
    rf"|\bnever had|\bohne jede\w*|\bfehl\w+|\bfalta\w*) (?:any |a |an |real |proper |un |una |ein\w* ){{0,2}}(?P<list>{LIST}(?:"
    rf" , (?:no|kein\w*|ni) {MENTION})*)"
)
LEFT = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\b(?:away|off|weg) (?:from |of |von )?{GAP % 3}(?P<list>{LIST})",
        (
            rf"\b(?:migrat\w+|mov\w+|switch\w*|com(?:e|ing)|chang\w+|convert\w*|port\w*|transition\w*|umstieg|umstellen"
            rf"|umsteigen|wechsel\w*|umzieh\w*|umzug|migrier\w*"
            rf"|pasar|pasamos|migra\w*|cambia\w*|mudar\w*) {GAP % 6}(?:from|out of|von|vom|desde|de) {GAP % 3}(?P<list>{LIST})"
        ),
        (
            rf"\b(?:replac\w+|swap\w*|supersed\w+|ersetz\w+|reemplaz\w+|sustitu\w+|ablos\w+|retire|retiring|decommission\w*"
            rf"|sunset\w*|abandon\w*|phase out|phasing out"
            rf"|drop|ditch|abandonar|abschaff\w+|abschalt\w+|get rid of|getting rid of) (?:(?!by\b|with\b|durch\b|por\b|mit\b|con\b)[\w']+ ){{0,4}}?(?P<list>{LIST})"
        ),
        (
            rf"\b(?:migrat\w+|convert\w*|turn|turning|translat\w+|port|porting|rewrit\w+|transform\w*|move|moving"
            rf"|konvertier\w*|umwandeln|migrier\w*|uberfuhr\w*"
            rf"|convert\w+|migra\w*|pasar|traduc\w+|umbau\w*) {GAP % 4}(?P<list>{MENTION}){TAIL} (?:to|into|in"
            rf"|nach|zu|auf|a|en|->) {GAP % 3}{MENTION}"
        ),
        rf"\b(?:from|von|vom|de|da|desde|dal?) {GAP % 2}(?P<list>{MENTION}){TAIL} (?:to|zu|auf|nach|para|vers|hacia|ad?) {GAP % 2}{MENTION}",
        rf"(?P<list>{MENTION}) (?:->|→|=>) {MENTION}",
        rf"(?P<list>{LIST}){TAIL} (?:durch|por|by|with) {GAP % 2}{MENTION} (?:\w+ )?(?:ersetz\w+|ablos\w+)",
        rf"\b(?:like|unlike) (?:we |they )?(?:did|had|have|do)? ?(?:with|in|it in)? ?(?P<list>{MENTION}) (?:did|does|before|used to)",
        (
            rf"(?P<list>{LIST}) (?:(?:comes?|follows?|will (?:come|follow)|kommt|kommen|folgt|vendra|viene|llegara|is planned|ist geplant)(?: [\w']+){{0,2}}? "
            rf"(?:later|next|some ?day|in the future|spater|nachste\w*|mas adelante|proxim\w+|el ano que viene)|can wait|kann warten|puede esperar|goes away|is going away|has to go|must go|can go(?! to)|gets? (?:removed|retired)|(?:is|will be) (?:retired|decommissioned)"
            rf"|fallt weg|desaparece)\b"
        ),
        rf"\b(?:compared (?:to|with)|as opposed to|im gegensatz zu|verglichen mit) {GAP % 2}(?P<list>{LIST})",
    )
)
IS_THERE = re.compile(
    rf"\b(?:existing|current|old|legacy|bestehend\w*|vorhanden\w*|aktuell\w+|alte[nrsm]?|jetzig\w+|bisherig\w+"
    rf"|already (?:[\w']+ ){{0,4}}?|bereits (?:\w+ ){{0,3}}?|schon (?:\w+ ){{0,3}}?"
    rf"|ya (?:\w+ ){{0,3}}?) ?{GAP % 2}(?P<list>{LIST})|\b(?:stays?|remains?|bleib\w*|lives?|sigue\w*|queda\w*)"
    rf" (?:in|on|with|at|outside|inside|bei|auf|en|con) {GAP % 2}(?P<list3>{LIST})|(?P<list4>{LIST}) is what|(?P<list2>{LIST}) (?:existentes?"
    rf"|actual(?:es)?|que ya|is already|are already|already (?:exists?|runs?|is)|ist (?:schon|bereits)"
    rf"|lauft (?:schon|bereits))"
)
NOW = re.compile(
    rf"\b(?:{romance.LONG_THERE})\b|"
    r"\b(?:already|currently|at the moment|at present|today|right now|nowadays|these days|so far|until"
    r" now|bereits|schon|derzeit|zurzeit|momentan|aktuell|bisher|heute|bislang"
    r"|ya|actualmente|hoy|hasta ahora|ahora mismo|presently|still)\b"
    r"|\b(?:we|i|wir|ich|they|it|everything|all of it|he|she|our \w+|the \w+) (?:all |now |both )?(?:run"
    r"|runs|use|uses|have|has|live|lives|sit|sits|host|hosts|are on|is on|am on|are running|is running"
    r"|are using|is hosted|are hosted|is deployed|are deployed|is built|are built|work with|haben|hat"
    r"|nutzen|verwenden|setzen|lauft|laufen|betreiben|benutzen|arbeiten mit|liegt|liegen)\b"
    r"|\b(?:usamos|tenemos|utilizamos|corremos|corre|trabajamos|esta en|estan en|lauft|laufen|nutzen wir"
    r"|haben wir|there is|there are|there's|es gibt|hay)\b"
)
PAST = re.compile(
    r"\b(?:tried|used to|ran|had|was(?! (?:fur|fehlt|ist|wir|uns|noch|sind|muss|man|kann|ihr|es))|were"
    r"|hatten|hatte|war|waren|probiert|ausprobiert|versucht|probamos"
    r"|teniamos|usabamos|era|eran|intentamos|years? ago|last (?:year|month|week|quarter)"
    r"|letzte[sn]? (?:jahr|monat|woche)|el ano pasado|burned us|bit us)\b"
)
WANT = re.compile(
    r"\b(?:needs?|wants?|should|must|has to|have to|had to be|would like|i'd like|we'd like|please|pls"
    r"|plz|shall|add|set up|setup|create|build|write|make|give|put|configure|migrate|move|introduce|install"
    r"|generate|provision|implement|prepare|wire|bring|get|let|let's|use (?!of)|using|with|via|through"
    r"|soll\w*|brauch\w*|mocht\w*|wollen|will|bitte|muss\w*|benotig\w*|erstell\w*|einricht\w*|richte"
    r"|necesit\w*|quer\w*|quier\w*|debe\w*|hay que|por favor|tiene\w* que|crea\w*|monta\w*|configura\w*"
    rf"|{romance.WISHES}"
    r"|anad\w*|can you|could you|deliver|ship|shipped|deploy|rollout|so deliver)\b"
)
CONTEXT_LABEL = re.compile(
    r"(?:context|background|current (?:state|setup|situation)|status quo|today|now|kontext|hintergrund|ausgangslage|contexto|antecedentes) ?: "
)
CONTEXT_SECTION = re.compile(
    r"^(?:context|background|current (?:state|setup|situation)|situation|status quo|as[- ]is|today|history"
    r"|kontext|hintergrund|ausgangslage|ist[- ]zustand|aktueller stand|contexto|antecedentes"
    r"|situacion(?: actual)?|estado actual|existing(?: \w+)?|what we have|about(?: \w+)*|stack|environment today)\b"
)
NOT_SECTION = re.compile(
    r"^(?:out of scope|not in scope|non[- ]?goals?|no[- ]?gos?|exclusions?|excluded|don'?ts?|do not|what"
    r" we do not want|not wanted|nicht im umfang|nicht[- ]ziele|ausgeschlossen|fuera de alcance|no incluido"
    r"|exclusiones|off limits|won'?t do|leave alone|hands off|do not touch|not allowed|forbidden|must[- ]nots?|not to do|never|avoid|rejected|unwanted"
    r"|verboten|darf nicht|nicht anfassen|tabu|verworfen|no hacer|no tocar|prohibido|descartado)\b"
)
CRITERIA_SECTION = re.compile(r"^(?:acceptance|definition of done|done when|akzeptanz|abnahme|criterios de aceptacion|success criteria|checklist)")
NEGATIVE_LEAD = re.compile(
    r"\b(?:no|not|don'?t|do not|without|avoid|never|kein\w*|ohne|nicht|sin|evitar|out of scope|off limits"
    r"|hands off|leave|forbidden|excluded|exclude|ausgeschlossen|tabu|prohibido)\b"
)
PARTS = re.compile(r" (?:[,;:()]|but|aber|pero|so|sondern|sino|jedoch|however|which|-)(?= |$)")


@dataclass(slots=True)
class Mention:
    """A phrase of the vocabulary at its place, and how it is meant."""

    concepts: tuple[str, ...]
    sentence: int
    first: int
    after: int
    start: int
    end: int
    mood: Mood = "asked"


def mentions_of(number: int, sentence: Sentence, found: list[Match]) -> list[Mention]:
    tokens = sentence.tokens
    return [Mention(match.concepts, number, match.first, match.after, tokens[match.first].start, tokens[match.after - 1].end) for match in found]


def frame_of(sentence: Sentence, mentions: list[Mention]) -> str:
    """The sentence's words with each mention as `@` and its number."""
    words: list[str] = []
    at = 0
    for number, mention in enumerate(mentions):
        words += _words(sentence, at, mention.first)
        words.append(f"@{number}")
        at = mention.after
    words += _words(sentence, at, len(sentence.tokens))
    return " ".join(words)


def _words(sentence: Sentence, first: int, after: int) -> list[str]:
    """The words between two mentions; the marks inside words (d'Helm) and the slash of a folder (terraform/ and ansible/) are left out."""
    tokens = sentence.tokens
    return [
        token.key
        for number, token in enumerate(tokens[first:after], first)
        if token.key != "*"
        and not (token.glued and (token.key in "-_'" or (token.key == "/" and not (number + 1 < len(tokens) and tokens[number + 1].glued))))
    ]


def set_moods(sentences: list[Sentence], by_sentence: list[list[Mention]]) -> None:
    """Decide for every mention how it is meant; later rules are the stronger ones."""
    frames = [frame_of(sentence, mentions) if mentions else "" for sentence, mentions in zip(sentences, by_sentence, strict=True)]
    for number, (sentence, mentions) in enumerate(zip(sentences, by_sentence, strict=True)):
        if mentions:
            _by_part(frames[number], mentions)
            _mark(IS_THERE, frames[number], mentions, "existing")
            for pattern in LEFT:
                _mark(pattern, frames[number], mentions, "left")
            for pattern in EXCLUDING:
                _mark(pattern, frames[number], mentions, "excluded")
            for found in BUT_OURS.finditer(frames[number]):
                ours = mentions[int(found["ours"][1:])]
                if mentions[int(found["out"][1:])].mood == "excluded" and ours.mood == "existing":
                    ours.mood = "asked"
            _mark(LACKING, frames[number], mentions, "lacking")
            _by_surroundings(sentence, sentences, mentions)
        _take_up(sentence, by_sentence[number - 1] if number else [])
        _spare_what_was_named(number, frames[number] or sentence.canon, by_sentence)


def _mark(pattern: re.Pattern[str], frame: str, mentions: list[Mention], mood: Mood) -> None:
    for found in pattern.finditer(frame):
        for words in found.groupdict().values():
            for number in re.findall(r"@(\d+)", words or ""):
                mentions[int(number)].mood = mood


def _by_part(frame: str, mentions: list[Mention]) -> None:
    """What already runs or ran is no wish, unless the same part of the sentence wishes something."""
    start = 0
    for end in [*(found.start() for found in PARTS.finditer(frame)), len(frame)]:
        part = frame[start:end]
        if not WANT.search(part):
            mood: Mood = "left" if PAST.search(part) else "existing" if NOW.search(part) else "asked"
            for number in re.findall(r"@(\d+)", part):
                mentions[int(number)].mood = mood
        start = end


def _by_surroundings(sentence: Sentence, sentences: list[Sentence], mentions: list[Mention]) -> None:
    lead = sentences[sentence.lead].canon if sentence.lead is not None else ""
    for mention in mentions:
        if mention.mood != "asked":
            continue
        if NOT_SECTION.match(sentence.section) or NOT_SECTION.match(sentence.canon) or (lead and NEGATIVE_LEAD.search(lead)):
            mention.mood = "excluded"
        elif CONTEXT_SECTION.match(sentence.section) or CONTEXT_LABEL.match(sentence.canon) or (lead and NOW.search(lead) and not WANT.search(lead)):
            mention.mood = "existing"


TAKEN_UP = re.compile(
    r"^(?:please )?(?:wire|connect|hook|extend|configure|use|upgrade|integrate|expand|update|tune|set|add|let) (?:it|them|that|this)\b"
)


def _take_up(sentence: Sentence, before: list[Mention]) -> None:
    """`We use Vault already. Wire it to the pods`: what is there is to be worked on."""
    there = [mention for mention in before if mention.mood == "existing"]
    if there and TAKEN_UP.match(sentence.canon):
        there[-1].mood = "asked"


def _spare_what_was_named(number: int, frame: str, by_sentence: list[list[Mention]]) -> None:
    """`leave that alone`: the things named just before, in this sentence or the one before it."""
    found = THAT_TOO.search(frame)
    if not found:
        return
    here = by_sentence[number][: frame.count("@", 0, found.start())]
    candidates = here or (by_sentence[number - 1] if number else [])
    there = [mention for mention in candidates if mention.mood == "existing"]
    for mention in there or candidates[-1:]:
        if mention.mood in ("asked", "existing"):
            mention.mood = "excluded"
