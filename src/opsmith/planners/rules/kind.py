"""What is to be done with it: make, judge, harden, release, take back, find out, save, report, or nothing for us."""

from __future__ import annotations

import re
from dataclasses import dataclass

from opsmith.model.intent import Kind
from opsmith.planners.rules.others import Part

POLITE = (
    r"(?:please|pls|plz|can you|could you|would you|will you|we need to|we want to|we must|we have to|i want you to|i need you to|you should|let's|time to|need to|now|just|then|and|also|ok|okay|hey|hi|hello|team|asap|urgent|, |! |: |; |- |to |bitte|kannst du|konnt ihr|konnen sie"
    r"|por favor|puedes|podeis|podrias|hay que|tenemos que|wir mussen|so|go ahead and|you|first|quick|task|it'?s|the|new) ?"
)
START = rf"^[\s,;:\-(]*(?:{POLITE}){{0,6}}"


@dataclass(frozen=True, slots=True)
class Act:
    kind: Kind
    pattern: re.Pattern[str]


def _act(kind: Kind, *patterns: str) -> Act:
    return Act(kind, re.compile("|".join(patterns)))


NO_CHANGE = re.compile(
    r"\b(?:don'?t|do not|without|before (?:we|you|i)|not|nothing|must not|should not|no) (?:\w+ ){0,3}?(?:chang\w*|touch\w*|modify\w*|edit\w*|fix\w*)(?: (?:anything|a thing|nothing|any ?thing yet|any files?|the code|something))?(?= [.,;!?)]|$| yet| until| for now)(?<!touch)(?<!change)"
    r"|\b(?:don'?t|do not|before we|without) (?:chang\w+|touch\w*|fix\w*|modify\w*) (?:anything|any)|\bread[ -]?only\b|\bno changes?\b(?! in)|\bnichts (?:andern|anfassen|verandern)\b|\b(?:ohne|bevor) (?:etwas|was|wir etwas) (?:zu )?(?:andern|verandern)|\bkeine anderungen\b|\bsin (?:cambiar|tocar|modificar) nada\b|\bno (?:cambi\w+|toqu\w+|modifi\w+) nada\b|\bchange nothing\b|\bjust tell me\b"
)
ROLLBACK = _act(
    "rollback",
    rf"{START}(?:roll(?:ing)? ?-?(?:[\w-]+ ){{0,5}}?back|rollback|revert|undo|back out)\b(?! (?:script|plan|procedure|strategy|steps|job|test|docs?|- ?sh|\. ?sh|should|must|has|button|workflow))",
    r"\b(?:needs? to be|must be|should be|has to be|have to be|get it|want it|want this|please) (?:rolled|roll|reverted) ?back\b(?! (?:automatically|by itself))|\b(?:can|could|please|need to|have to|must|to) (?:you )?(?:roll|revert) (?:[\w-]+ ){0,5}?back (?:to|on|in|now|please|prod\w*|staging|immediately)\b(?! the (?:old|other) stack)",
    rf"\bput (?:[\w.]+ ){{0,4}}?back (?:on|in|into|to|onto)\b|{START}(?:go|get|bring|take|switch|return|restore|set|move) (?:[\w.-]+ ){{0,6}}?back (?:to|on) (?:the |what |version|release|tag|v\d|\d|yesterday|last|previous|old)",
    rf"{START}(?:[\w.-]+ ){{0,8}}?(?:zuruckrollen|zurucknehmen|ruckgangig machen)\b|\broll\w* (?:[\w.,-]+ ){{1,14}}?zuruck\b|\bzuruck auf (?:die |den )?(?:version|vorige|vorherige|letzte|alte|v\d|\d)|\bmach\w* (?:[\w.-]+ ){{1,8}}?ruckgangig\b",
    rf"{START}(?:revierte\w*|revertir|revertid|vuelve|volved|volver|regresa|haz rollback|rollback|deshaz|deshacer)\b|\bhaz(?:me)? un rollback\b|\bvolver a la version\b",
)
WISH = re.compile(r"\b(?:i|we) (?:want|need|would like)|\bshould\b|\bmust\b|\b(?:soll\w*|muss\w*|wollen|mochte\w*|queremos|quiero|debe\w*)\b")
FUTURE = re.compile(r"^[\s,;:\-(]*(?:if|when|whenever|in case|should (?:anything|it)|wenn|falls|si|cuando|en caso)\b")
DEPLOY = _act(
    "deploy",
    rf"{START}(?:re-?deploy|deploy|ship|release|push|promote|roll ?out|rollout|publish|get|bring|put|upgrade|bump|install|launch)\b",
    rf"{START}(?:deploye|rolle|rollt|bring\w*|spiel\w*|veroffentlich\w*|release)\b|\b(?:ausrollen|deployen|einspielen|ausliefern|veroffentlichen)\b",
    rf"{START}(?:despliega\w*|desplegar|desplegad|despliegue|sube|subir|publica\w*|lanza\w*|promociona\w*|promueve|pon|pasa|pasar|instala)\b",
)
WHY = _act(
    "investigate",
    r"\b(?:why (?:is|are|does|do|did|has|have|was|were|the|our|it)|why\b|what'?s (?:going on|wrong|happening|up with)|what is (?:going on|wrong|happening|causing)|whats (?:going on|wrong|happening)|what happened|find out (?:why|what|where|how)|figure out (?:why|what)|debug|diagnos\w+"
    r"|troubleshoot(?! ?ing guide)|root[ -]cause|look into|investigat\w+|what causes|where does (?:the|this) (?:error|latency|leak) come|track down|any idea|get to the bottom)\b",
    r"\b(?:warum|wieso|weshalb|woran (?:liegt|kann)|was ist (?:da )?los|finde\w* (?:bitte )?heraus|herausfinden|untersuch\w+|ursache\w*|por que|que (?:esta )?pas(?:a|ando|o)|averigu\w+|investig\w+|diagnostic\w+|a que se debe|causa raiz)\b",
)
SYMPTOM = _act(
    "investigate",
    r"\b(?:crash ?loop\w*|crashloopbackoff|imagepullbackoff|oom ?-?kill\w*|oomkilled|out of memory|exit code|50[0234] ?(?:s|er|errors?|responses?)\b|(?:http|status|error|code|get|gets|getting|with) (?:a |an )?50[0234]\b|50[234]\b|5xx|bad gateway|gateway timeout|time-?outs?|times? out|timing out|timed out|fail(?:s|ed|ing|ures?)?|(?:is|are|been|goes|went|turns?) (?:red|down|broken|stuck|slow|unreachable|offline|dead)"
    r"|breaks|stuck|hang(?:s|ing)?|crash(?:es|ed|ing)?|restart(?:s|ing)? (?:every|all|constantly|again|in|\d|itself|by)|unreachable|not reachable|memory leak|leaks?|spik(?:es|ed|ing)|pending|slow(?:er)?|refused|evicted|unhealthy|not ready|doesn'?t (?:start|come up|respond|work)|does not (?:start|come up|respond|work)"
    r"|won'?t (?:start|come up)|not starting|no space left|disk full|connection reset|flaky|throttl\w+|stops with|dies|died|keeps? (?:dying|failing|restarting|crashing|timing))\b",
    r"\b(?:absturz\w*|abgesturzt|sturzt|sturzen|fehlgeschlagen|schlagt\b|schlagen fehl|fehler|langsam\w*|hangt|hangen|nicht erreichbar|startet nicht|starten nicht|bricht ab|brechen ab|rot|cae|cayo|caid[oa]s?|falla\w*|fallo|fallan|lent[oa]s?|no arranca\w*|no responde\w*|reinicia\w*|errores|colgad[oa]s?)\b",
)
ASSESS = _act(
    "assess",
    rf"{START}(?:re)?(?:review|audit|assess|evaluate|check|inspect|examine|analy[sz]e|look (?:at|over|through)|have a look|take a look|go (?:over|through)|rate|grade|compare|score|critique|judge|validate|scan|verify)\b",
    r"\b(?:what(?:'s| is|s| are) (?:still )?missing|what (?:do|are) we (?:miss|lack)\w*|what would (?:an? )?\w+ (?:flag|say|find|complain)|what(?:'s| is) wrong with|gaps?(?: analysis)?|how (?:good|mature|ready|secure|safe) (?:is|are)|is (?:our|the|this|it) (?:[\w-]+ ){0,4}(?:ok|okay|good enough|ready|secure|safe|sane|production ready|compliant|up to)"
    r"|are (?:our|we|these|the) (?:[\w-]+ ){0,4}(?:ok|okay|ready|secure|safe|sane|compliant)|should we|second opinion|pros and cons|tell me what|list (?:what|everything|all problems)|what (?:should|would|could|can) (?:we|you|i) (?:improve|change|fix|recommend)|readiness|feedback on|do we (?:have|meet|comply)|health check of our"
    r"|need an? (?:review|audit|assessment|second)|what needs? to (?:be done|change|happen))\b",
    rf"{START}(?:pruf\w*|uberpruf\w*|bewert\w*|begutacht\w*|analysier\w*|kontrollier\w*|schau\w*|sieh|vergleich\w*|revis[ae]\w*|audit\w*|evalu\w*|analiz\w*|analic\w*|comprueb\w*|compar\w*|echa un vistazo|mira)\b",
    r"\b(?:was (?:uns )?(?:noch )?fehlt|was fehlt|was ist (?:schlecht|falsch) an|prufen|uberprufen|begutachten|bewerten|que (?:nos )?falta|revisar|auditar|evaluar|que opinas|ist (?:unser\w*|das|die|der) (?:\w+ ){0,4}(?:sicher|bereit|in ordnung|gut)|durchsehen|durchschauen)\b",
)
HARDEN = _act(
    "harden",
    r"\b(?:harden\w*|lock(?:ed|ing)? (?:it |them |this |\w+ )?down|close the (?:findings|holes|gaps)|remediat\w+|least[ -]privilege|tighten\w*|secure (?:the|our|this|it|my|these)\b|make (?:\w+ ){0,4}(?:more )?secure)\b",
    r"\b(?:fix|resolve|patch|address|clear|mitigate|get rid of|eliminate|bring|sort out|repair|remove|solve|work off)\b(?=[^\n]{0,120}\b(?:vulnerabilit\w+|cves?|findings|security (?:scan|issues|findings|problems|warnings)|trivy|checkov|grype|snyk|kube-?bench|hadolint|zizmor|restricted pod security|pod security|as root|privileged|hardcoded|secrets in)\b)",
    r"\b(?:absichern|abgesichert|hart(?:e|en|et)\b|harten|gehartet\w*|sicherer machen|schwachstellen? (?:\w+ )?(?:beheb\w*|schliess\w*|fix\w*)|sicherheitslucken? (?:\w+ )?(?:beheb\w*|schliess\w*)|behebe\w* (?:\w+ ){0,6}(?:schwachstelle\w*|sicherheitslucke\w*|cves?|findings|funde)|bastionar|endurecer|endurece|fortificar|asegura (?:el|la|los|las|nuestr\w+))\b",
    r"\b(?:corrige|corregir|corrig\w+|arregla\w*|soluciona\w*|elimina\w*|resuelv\w+)\b(?=[^\n]{0,100}\b(?:vulnerabilidad\w*|cves?|hallazgos|trivy|seguridad)\b)",
)
SECURITY_FINDING = re.compile(
    r"\b(?:vulnerabilit\w+|cves?|security (?:scan\w*|audit|findings?|report)|trivy|checkov|grype|snyk|kube-?bench|as root|root user|privileged|findings|schwachstelle\w*|sicherheitslucke\w*|sicherheitsscan\w*|vulnerabilidad\w*|escaneo)\b"
)
REPAIR = re.compile(
    r"\b(?:fix|resolve|patch|repair|clean (?:it|them|this) up|sort (?:it|this|them) out|bring (?:them|it) in line|make (?:it|them) (?:go away|safe)|take care of|behebe\w*|beheben|beseitig\w*|reparier\w*|in ordnung bringen|corrig\w+|corrij\w+|arregl\w+|soluciona\w*|address)\b"
)
COST_NOUN = r"(?:costs?|bills?|spend(?:ing)?|expenses|expens\w+|money|price|\w*kosten|\w*rechnung|ausgaben|geld|teuer\w*|costes?|costos?|facturas?|gastos?|gastamos|dinero|caro)"
SAVE = (
    r"(?:reduc\w*|lower(?:ing)?|cut(?:ting)?|sav(?:e|ing|ings)|bring\w* (?:[\w-]+ ){0,4}down|(?:get|keep|push|drive) (?:[\w-]+ ){0,4}(?:down|under|below)|halve|cheaper|optimi[sz]\w*|shrink\w*|trim\w*|where (?:does|do|is|did)|slash|right-?siz\w+|waste\w*"
    r"|senk\w*|spar\w*|einspar\w*|reduzier\w*|runter\w*|herunter\w*|drucken|halbier\w*|verringer\w*|gunstiger|billiger|bajar|baje\w*|reducir|reduz\w+|ahorr\w*|recort\w*|optimiz\w*|wohin|adonde|a donde|en que se va|abarat\w+)"
)
COST = _act(
    "optimize_cost",
    rf"\b{SAVE}\b(?=[^\n]{{0,90}}\b{COST_NOUN}\b)|\b{COST_NOUN}\b(?=[^\n]{{0,160}}\b{SAVE}\b)",
    r"\b(?:save money|over-?provisioned|finops|cost (?:optimi[sz]ation|savings?|reduction))\b",
)
COST_THEME = re.compile(rf"\b{COST_NOUN}\b")
SAVING = re.compile(rf"\b{SAVE}\b")
REPORT = _act(
    "report",
    r"\b(?:dora|deployment frequency|lead time|change failure rate|mttr|time to restore|(?:weekly|monthly|quarterly|daily|management) (?:status|report|summary|update)|status (?:report|update|of|for|summary)|compliance report|uptime report|incident report|post-?mortem|report (?:on|of|for|about|to|how|which|with)"
    r"|(?:give|send|show|get) (?:me|us) (?:the |a |an )?(?:[\w-]+ ){0,4}(?:numbers|figures|statistics|stats|report|overview|summary|status)|how (?:many|often) (?:did|do|have|were|times|deploy\w*)|which (?:services|teams|builds) (?:met|missed|had|were|failed)|summar(?:y|i[sz]e)(?: of)?|evidence (?:for|report|package)|overview of (?:all|the|last|our) (?:deploy\w*|incidents|releases))\b",
    r"\b(?:status ?bericht|wochenbericht|monatsbericht|quartalsbericht|bericht|auswertung|kennzahlen|wie oft|wie viele deployments|informe|resumen|reporte|metricas dora|cuantos despliegues|con que frecuencia|estado semanal)\b",
)
NOT_REPORT = re.compile(
    r"\b(?:test|coverage|junit|sarif|crash|bug|error|alert(?:manager)?|slack)[ -]reports?\b|\breport(?:s|ed|ing)? (?:that|by|errors|to (?:slack|sentry|datadog))\b|\bdashboards?\b"
)
MAKE = _act(
    "deliver",
    r"\b(?:set ?-?up|setup|setting up|create|build(?! (?:fail\w*|is|has|broke\w*|takes|failures?|was|times?|minutes|log|error|job))|write|make|add|generate|configure|provision|implement|prepare|migrate|move|containeri[sz]e|dockeri[sz]e|install|wire|automate|introduce|extend|replace|convert|rewrite|turn|switch"
    r"|give (?:us|me)|put|bring|enable|integrate|instrument|monitor|back up|schedule|deliver|draft|want|need|needs|would like|i'd like|should|must|has to|have to|manifests? for|plan and|terraform for|get (?:\w+ ){0,6}(?:on|onto|off|into|to|running)|let|ship|roll ?out|deploy|use|sign|rotate|encrypt|split|standardi[sz]e|upgrade|scale|run)\b",
    r"\b(?:einricht\w*|richte|aufsetz\w*|setz\w*|erstell\w*|bau\w*|schreib\w*|mach\w*|konfigurier\w*|brauch\w*|mocht\w*|soll\w*|automatisier\w*|containerisier\w*|umstell\w*|migrier\w*|hinzufug\w*|erganz\w*|ausroll\w*|benotig\w*|wollen|muss|mussen|bitte|gesichert|leg|lege|anlegen|einbau\w*)\b",
    r"\b(?:crea\w*|monta\w*|configur\w*|necesit\w*|quer\w+|quier\w+|anad\w*|prepara\w*|escrib\w*|haz|hacer|genera\w*|migra\w*|automatiz\w*|implement\w*|instal\w*|desplegar|desplieg\w*|debe\w*|tiene que|hay que|pon|poner|dockeriza\w*|contenedoriz\w*|agrega\w*|construy\w*)\b",
)
EXPLAIN = re.compile(
    rf"{START}(?:explain|what is an? |what'?s an? |what is the difference|what does \w+ (?:mean|stand)|teach me|was ist ein|erklar\w*|que es un\w? |explica\w*|who (?:is|was|invented)|how are you|tell me a|what time|good morning)"
)
VERSION = re.compile(
    r"\bv\d+(?: ?\. ?\d+)*\b|\b(?:version|release|tag|build|revision) v?\d|\b\d+\.\d+\.\d+\b|\bhotfix\b|\b(?:latest|current|new) (?:version|release|build|image|tag)\b|\bnow\b|\btonight\b|\bjetzt\b|\bahora\b"
)


ONLY_TELLING = re.compile(
    r"\b(?:write|note|put) (?:it |this |them )?(?:down|up)\b|\b(?:write|make|give|create|prepare|send) (?:me |us )?(?:a |an |your |the )?(?:short |prioriti[sz]ed |brief )?(?:list|findings|opinion|feedback|assessment|verdict|recommendations?|summary)\b"
)
DATING = re.compile(
    r"\b(?:last|the|a|this|that|latest|previous|since|after|every|each|before|yesterday's|letzte\w*|seit|nach|ultimo|desde|tras|after the|since the) (?:[\d:]+ |last |letzten |el |dem |der )?(?:deploy\w*|release|build|setup|rollout|upgrade|switch|run|move|despliegue|update)\b"
)


@dataclass(frozen=True, slots=True)
class Situation:
    """What the rest of the reading found, as far as the kind depends on it."""

    parts: list[Part]
    ours: list[str]
    tools: set[str]
    has_environment: bool
    has_figures: bool
    has_operations: bool
    hands_over: bool


def found_in(act: Act, texts: list[str]) -> tuple[int, re.Match[str]] | None:
    for number, text in enumerate(texts):
        if found := act.pattern.search(text):
            return number, found
    return None


Choice = tuple[Kind, int | None, re.Match[str] | None]


def choose(situation: Situation) -> Choice:
    """The kind, with the part and the words that decided it (None when nothing but the named tools did)."""
    texts = situation.ours
    making = _making(situation)
    rollback = _rollback(texts)
    if rollback and not (situation.tools - {"kubernetes", "helm", "argocd", "flux"} and making):
        return "rollback", *rollback
    if any(NO_CHANGE.search(text) for text in texts):
        for act in (COST, WHY, REPORT, ASSESS, SYMPTOM):
            if found := found_in(act, texts):
                return act.kind, *found
    for step in (_cost, _harden, _report, _investigate, _assess, _deploy):
        if chosen := step(situation, making):
            return chosen
    return _deliver(situation, making)


def _making(situation: Situation) -> tuple[int, re.Match[str]] | None:
    """The first wish to make something of ours, questions and descriptions left out."""
    for number, text in enumerate(situation.ours):
        found = None if ONLY_TELLING.search(text) else MAKE.pattern.search(DATING.sub(lambda words: " " * len(words[0]), text))
        if found and not text.rstrip().endswith("?") and not (FUTURE.match(text) and not WISH.search(text)):
            return number, found
    return None


def _rollback(texts: list[str]) -> tuple[int, re.Match[str]] | None:
    return found_in(ROLLBACK, ["" if FUTURE.match(text) else text for text in texts])


def _cost(situation: Situation, making: tuple[int, re.Match[str]] | None) -> Choice | None:
    """Saving in one part, or the bill in one part and the saving in another, when nothing else is to be made."""
    if found := found_in(COST, situation.ours):
        return "optimize_cost", *found
    if any(COST_THEME.search(text) for text in situation.ours) and not (making and situation.tools and not SAVING.search(situation.ours[making[0]])):
        for number, text in enumerate(situation.ours):
            if saving := SAVING.search(text):
                return "optimize_cost", number, saving
    return None


def _harden(situation: Situation, _: object) -> Choice | None:
    if found := found_in(HARDEN, situation.ours):
        return "harden", *found
    if any(SECURITY_FINDING.search(text) for text in situation.ours):
        for number, text in enumerate(situation.ours):
            if found_repair := REPAIR.search(text):
                return "harden", number, found_repair
    return None


def _report(situation: Situation, making: object) -> Choice | None:
    found = found_in(REPORT, ["" if NOT_REPORT.search(text) else text for text in situation.ours])
    return ("report", *found) if found and not (making and situation.tools) else None


def _investigate(situation: Situation, making: tuple[int, re.Match[str]] | None) -> Choice | None:
    why = found_in(WHY, situation.ours)
    if why and (not making or not situation.tools or making[0] <= why[0] or situation.ours[why[0]] == situation.ours[making[0]]):
        return "investigate", *why
    symptom = found_in(SYMPTOM, ["" if FUTURE.match(text) else text for text in situation.ours])
    if symptom and (not making or _is_mending(situation.ours[making[0]])):
        return "investigate", *symptom
    return None


def _is_mending(text: str) -> bool:
    return bool(re.search(rf"{START}(?:fix|repair|get|help|make) (?:\w+ ){{0,4}}(?:work|green|running|going|again|it)\b", text))


def _assess(situation: Situation, making: tuple[int, re.Match[str]] | None) -> Choice | None:
    found = found_in(ASSESS, situation.ours)
    if found and (not making or (found[0] <= making[0] and not _separate_order(situation, making, found))):
        return "assess", *found
    return None


def _separate_order(situation: Situation, making: tuple[int, re.Match[str]], judged: tuple[int, re.Match[str]]) -> bool:
    """`Review X and write Y` makes something; `tell me what we need to add` does not."""
    if making[0] == judged[0]:
        return False
    return bool(re.match(START + r"(?:" + MAKE.pattern.pattern.replace(r"\b(?:", "(?:") + ")", situation.ours[making[0]])) and bool(situation.tools)


def _deploy(situation: Situation, making: tuple[int, re.Match[str]] | None) -> Choice | None:
    found = found_in(DEPLOY, ["" if FUTURE.match(text) else text for text in situation.ours])
    if not found or situation.tools - {"kubernetes", "helm", "argocd", "flux", "argo_rollouts"}:
        return None
    others = [text for number, text in enumerate(situation.ours) if number != found[0] and MAKE.pattern.search(DEPLOY.pattern.sub(" ", text))]
    settled = VERSION.search(situation.ours[found[0]]) or situation.has_environment
    return ("deploy", *found) if settled and not others else None


def _deliver(situation: Situation, making: tuple[int, re.Match[str]] | None) -> Choice:
    if situation.tools or situation.has_figures:
        return ("deliver", *making) if making else ("deliver", None, None)
    if any(EXPLAIN.match(text) for text in situation.ours):
        return "none", None, None
    if making and situation.has_operations:
        return "deliver", *making
    if situation.has_operations and not situation.hands_over:
        return "deliver", None, None
    return "none", None, None
