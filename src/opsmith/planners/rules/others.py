"""Parts of a task that are somebody else's work, and wishes that are nobody's here."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from opsmith.planners.rules.text import Sentence

VERBS = (
    r"(?:write|arrange|organi[sz]e|schedule|book|order|plan|create|make|design|redesign|build|implement"
    r"|fix|correct|repair|update|improve|rewrite|refactor|rework|change|adjust|polish|translate|draft"
    r"|prepare|add|develop|code|restyle|style|do|run|perform"
    r"|conduct|review|audit|give|set up|setup|deploy|ship|release|roll|containeri[sz]e|dockeri[sz]e|configure"
    r"|generate|provision|migrate|move|install|put|tell|check|look|find|investigate|monitor|automate|back"
    r" up|test"
    r"|optimi[sz]e|scan|sign|push|publish|help|teach|explain|show|send|bring|use|keep|leave|cut|reduce"
    r"|lower|revert|undo|rename|tighten|harden|secure|retire|promote|drop|apply|tune|speed up|simplify|extend|convert|port|debug|profile|benchmark|show|let|get|start|stop|restart|scale|upgrade|document|plan|estimate|model|train|clean|remove"
    r"|delete|replace|bump|raise|increase|pin|purge|rotate|enable|disable|introduce|expose|wire"
    r"|schreib\w*|gestalte\w*|entwirf|erstell\w*|uberarbeite\w*|korrigier\w*|behebe\w*|reparier\w*|bau\w*"
    r"|implementier\w*|ubersetz\w*|programmier\w*|richte|mach|mache|rolle|prufe\w*|konfigurier\w*|containerisier\w*"
    r"|deploy\w*"
    r"|escrib\w*|disen\w*|redisen\w*|crea\w*|corrig\w*|corrij\w*|arregl\w*|mejor\w*|implement\w*|traduc\w*"
    r"|haz|hacer|hagan|redact\w*|actualiz\w*|monta\w*|configur\w*|despleg\w*|despliega\w*|revis\w*|prepar\w*"
    r"|anad\w*|genera\w*|optimiz\w*)"
)
SOFT = (
    r"(?:also|then|please|after that|afterwards|finally|just|pls|maybe|bitte|danach|dann|auch|ausserdem"
    r"|noch|tambien|ademas|luego|despues|por favor|could you|can you|while you(?:'re| are) (?:at it|there"
    r"|in there) ?,?|to)"
)
PARTING = re.compile(
    rf" (?:,|;|:|and|und|y|e|&|\+|plus|then|sowie|as well as|dann|luego)(?: (?:and|und|y))?(?= (?:{SOFT} ){{0,3}}(?:{VERBS}|have (?:the|our|a|an)|(?:i|we)(?:'d| would| also)? (?:like|want|need))\b)"
    rf"|(?<=[ns]) (?:und|,)(?= )| ; | - | \("
)
CHANGE = re.compile(
    rf"\b(?:{VERBS}|needs?|want|entwerfen|gestalten|schreiben|braucht|brauchen|necesit\w+|quer\w+|quier\w+|me gustaria|mochte\w*|hatte\w* gern\w*|could get|compute|calculate|display|sort|validate|round|handle|berechne\w*|calcul\w+|pls|please|bitte|should|must|soll|render\w*|overlap\w*|overflow\w*"
    r"|misaligned|looks? (?:ugly|wrong|bad|broken|nicer|better|prettier|odd)|which|faster|redesigned|rewritten|reworked|translated|fixed|rewrite|tune\w*)\b"
)
RUN_IT = re.compile(
    r"\b(?:deploy\w*|contain?eri[sz]\w*|dockeri[sz]\w*|containerisier\w*|host\w*|serve\w*|ship\w*|roll"
    r"(?:ed|ing)? ?out|rollout|back(?:ed)? up|monitor\w*|alert\w*|pipelines?|ci|dockerfile|image|helm"
    r"|kubernetes|runbooks?|cluster|backups?"
    r"|manifests?|pg ?_ ?dump|dumps?|terraform|ausroll\w*|desplieg\w*|despleg\w*|prometheus|grafana|probe\w*|ingress|cdn"
    r"|canary|rollback|github actions|gitlab|jenkins|tls|certificate|cert|deployment guide|on-?call|restore"
    r"|recovery|failover|health (?:\w+ )?checks?|healthchecks?|docker\w*|docker-compose|compose file|argo ?cd|flux|istio|linkerd|keda|ansible|packer"
    r"|circleci|nginx|latency|chaos|pods?|namespaces?|(?:docker|app|api|web) containers?|alertmanager|loki|jaeger|datadog|velero|falco|kyverno"
    r"|workflows?|replicas|autoscal\w*|exporter|metrics|cve|cves|vulnerabilit\w+|scal\w+ (?:to|from)|network polic\w+|trivy|sbom|bill|cost\w*)\b"
)
ALWAYS = "!"  # a rule whose subject is never ours, even beside a word of operations


@dataclass(frozen=True, slots=True)
class Part:
    """Part of a sentence with a verb of its own. `agent` is None for our work and "" for nobody's."""

    sentence: int
    start: int
    end: int
    words: str
    agent: str | None


RULES: tuple[tuple[str, str, str], ...] = (
    (
        "",
        ALWAYS,
        (
            r"\b(?:poem|haiku|song|joke|limerick|short story|fairy tale|essay|slogan|tweet|linkedin post|speech"
            r"|recipe|birthday|crossword|gedicht|lied|witz|rezept|poema|chiste|cancion|cuento|receta|pun|puns"
            r"|rap|sonnet|toast)\b"
        ),
    ),
    (
        "security-expert",
        ALWAYS,
        (
            r"\b(?:security (?:code )?review of|security code review|secure code review|code security review|security"
            r" review (?:of|for) (?:the |our )?[\w-]+ (?:module|code|class)|pen(?:etration)?[ -]?test\w*|threat["
            r" -]?model\w*|red team\w*"
            r"|(?:review|audit|check) (?:\w+ ){0,5}(?:code|module) (?:\w+ ){0,4}(?:security|vulnerabilit\w+|injection"
            r"|xss|holes)|(?:sql injection|xss|owasp)|sicherheits\w* (?:\w+ ){0,3}(?:code|quellcode)\w*|code-?review"
            r"|penetrationstest\w*|prueba\w* de penetracion|pentest\w*|revision de seguridad del codigo|code audit"
            r"|auditoria del codigo)\b"
        ),
    ),
    (
        "tech-writer-agent",
        ALWAYS,
        (
            r"\b(?:write|writing|draft|compose|publish|schreib\w*|verfass\w*|escrib\w*|redact\w*)\b (?:[\w-]+ ){0,4}?"
            r"(?:blog ?posts?|blog (?:article|entry)|articles?|newsletter|press release|white ?papers?|case stud(?:y|ies)|tutorials?|books?"
            r"|blogbeitrag|blogartikel|artikel|entrada de blog|articulo)\b(?![ -](?:service|app|api|backend|site))"
        ),
    ),
    ("deployment-integration-expert", ALWAYS, r"\bvercel\b"),
    (
        "tech-writer-agent",
        "",
        (
            r"\b(?:(?:user|end-user|users|admin|owner's|product|training|the|a|an|our) manuals?\b(?! (?:approval"
            r"|step|gate|job|deploy\w*|intervention|trigger|work|release|process|test\w*|promotion|rollback|check"
            r"|switch|toil))|user guides?|user documentation|tutorials?|blog ?posts?|blog article|article"
            r"|handbooks?|white ?papers?|case study|onboarding guide|getting[ -]started guide|end-user documentation|documentation"
            r"|api docs|docs|release notes|faq|newsletter|press release|benutzerhandbuch\w*|handbuch|bedienungsanleitung"
            r"|anleitung|dokumentation|blogbeitrag|blogartikel|manual de usuario|manual del usuario|guia (?:de"
            r"|del|para el) usuario"
            r"|documentacion|articulo|(?:el|un) manual|entrada de blog|help pages?|knowledge base|readme)\b"
        ),
    ),
    (
        "frontend-developer",
        "",
        (
            r"\b(?:widgets?|look (?:nicer|prettier|better|modern)|on (?:phones|mobile|small screens|tablets)|css|html|login (?:page|screen|form)|landing ?page|home ?page|sign-?up (?:page|form)|(?:settings"
            r"|profile|checkout|product|start|about|contact|pricing|search|account|error) page|ui|ux|user interface"
            r"|frontend design|(?:\w+ )?screens?|layout|nav ?bar|dark ?mode|buttons?|dropdown|web ?form|\w+ form|react|modal|tooltip"
            r"|fonts?|logo|icons?"
            r"|colou?rs?|colou?r scheme|react components?|vue components?|mobile view|responsive|animations?|carousel"
            r"|footer|sidebar|startseite|anmeldeseite|login ?-?seite|anmeldemaske|oberflache|benutzeroberflache"
            r"|schaltflachen?|knopf|formular|pagina (?:de )?(?:inicio|login|acceso|principal|contacto|pago)|interfaz"
            r"(?: de usuario)?|boton(?:es)?"
            r"|maquetacion|formulario|wireframes?|mockups?|figma|redesign|stylesheet|banner|chart on the (?:\w+"
            r" )?page|hero section|web design|kontaktformular|webseite|layouts?)\b"
        ),
    ),
    (
        "database-specialist",
        "",
        (
            r"\b(?:index (?:on|for|would|to)|(?:which|missing|an|add) index|slow quer\w+|stored proc\w*|database schema|db schema|schema (?:for|of|design)|table schema|schemas?|data model|er diagram"
            r"|erd|sql|quer(?:y|ies)|stored procedures?|normali[sz]ed|table (?:design|layout)|indexes|indices"
            r"|foreign keys?|datenbankschema|datenmodell|sql-?abfragen?|abfragen?|esquema(?: de (?:la )?base de"
            r" datos)?|modelo de datos|consultas?)\b"
        ),
    ),
    (
        "test-engineer",
        "",
        (
            r"\b(?:write|add|create|implement|improve|raise|increase|schreib\w*|erstell\w*|escrib\w*|anad\w*)\b"
            r" (?:[\w-]+ ){0,4}?(?:unit|integration|e2e|end-to-end|ui|cypress|playwright|selenium|jest|pytest"
            r"|regression|component|acceptance)[ -]?tests?\b|\btest coverage of\b|\b(?:test suite|tests?) (?:needs?|lacks?) more|\bmore (?:test )?cases\b|\btest cases? for\b|\b(?:testfalle|unit-?tests schreiben"
            r"|pruebas unitarias)\b"
        ),
    ),
    (
        "code-architect",
        "",
        (
            r"\b(?:split (?:up )?(?:the|our) monolith|api design|design (?:the|an?|our) (?:rest |graphql |public"
            r" )?api|domain model|class diagram|hexagonal architecture|graphql schema|openapi spec\w*)\b"
        ),
    ),
    (
        "project-manager",
        "",
        (
            r"\b(?:sprint plan\w*|roadmap|jira board|user stories|story points|gantt|time ?sheets?|meeting invite"
            r"|projektplan|plan de proyecto)\b"
        ),
    ),
    ("google-cloud-expert", "", r"\b(?:vertex ai|dataflow|bigquery (?:dataset|model|query|schema)|firestore rules|firebase auth)\b"),
    (
        "developers",
        "",
        (
            r"\b(?:[\w-]+ \. (?:java|kt|cs|rb|php|swift|scala|py|jsx|tsx|vue|ts|js|go)(?! ?/)|push notifications?|refactor\w*|business logic|race conditions?|(?:retry|validation|sorting|filter|pricing|\w+ing) logic|null ?pointer\w*|off-by-one|input validation|rounding|endpoints?|unit of work|bug in (?:the|our)|feature flag logic|password"
            r" reset|login (?:flow|logic|feature)|oauth login|social login|shopping cart|cart|invoice (?:logic"
            r"|calculation)|discount\w*|vat|tax (?:calculation|rate)|payment logic|search (?:feature|function)"
            r"|app code"
            r"|application code|source code|mobile app|android app|ios app|recommendation (?:engine|algorithm)"
            r"|algorithm|machine learning model|ml model|train (?:\w+ ){0,4}models?|fine-?tun\w+ (?:\w+ ){0,3}(?:model|llm)|export (?:\w+ ){0,3}(?:as|to|in) (?:csv|pdf|excel|xlsx)|csv export|pdf export|excel export|email"
            r" template|spring controller|controller class|geschaftslogik|fachlogik|warenkorb|rabatt\w*|endpunkt\w*"
            r"|logica de negocio|carrito|descuentos?|codigo de la aplicacion|exportacion)\b"
        ),
    ),
)
COMPILED = tuple((agent, strength == ALWAYS, re.compile(pattern)) for agent, strength, pattern in RULES)
ITEM = re.compile(r" (?:, (?:and |und |y |plus )?|and |und |y |plus )(?=(?:an?|the|one|some|our|ein\w*|das|die|den|una?|el|la) )")
NEGATED = re.compile(r"\b(?:do not|don'?t|never|no need to|not|without|kein\w*|nicht|ohne|sin|no)\b(?: \w+){0,4}? $")
ARTEFACT = re.compile(
    r"\b(?:runbooks?|deployment guide|operations guide|troubleshooting guide|on-?call|restore guide|betriebshandbuch"
    r"|notfallhandbuch|guia de operaciones|runbook de)\b"
)


def parts_of(number: int, sentence: Sentence) -> list[Part]:
    """The sentence cut before each coordinated verb, each part with the agent whose work it is."""
    canon = sentence.canon
    cuts = [0, *(found.start() for found in PARTING.finditer(canon)), len(canon)]
    return [part for start, end in itertools.pairwise(cuts) for part in _part(number, sentence, start, end)]


def _part(number: int, sentence: Sentence, start: int, end: int) -> Iterator[Part]:
    start += sentence.canon[start : start + 1] == " "
    words = sentence.canon[start:end]
    if not words.strip(" ,;:-("):
        return
    agent = agent_of(words, sentence.canon[:start])
    if (agent or (agent is None and CHANGE.search(words))) and RUN_IT.search(words) and any(pattern.search(words) for _, _, pattern in COMPILED):
        yield from _items(number, sentence, start, end)
    else:
        yield Part(number, start, end, words, agent)


def _items(number: int, sentence: Sentence, start: int, end: int) -> Iterator[Part]:
    """`a runbook, a deploy.sh and a tutorial`: the things of a list, each judged as if the verb stood before it."""
    cuts = [start, *(start + found.start() for found in ITEM.finditer(sentence.canon[start:end])), end]
    for cut, after in itertools.pairwise(cuts):
        first = cut + (sentence.canon[cut : cut + 1] == " ")
        words = sentence.canon[first:after]
        yield Part(number, first, after, words, agent_of(f"need {words}" if cut > start else words, sentence.canon[:first]))


def agent_of(words: str, before: str) -> str | None:
    for agent, always, pattern in COMPILED:
        found = pattern.search(words)
        if not found or NEGATED.search(before[-30:] + words[: found.start()]):
            continue
        if always and not (agent and ARTEFACT.search(words)):
            return agent
        if CHANGE.search(words) and not RUN_IT.search(words):
            return agent
    return None


def handed_over(parts: list[Part], sentences: list[Sentence]) -> Iterator[tuple[Part, int, int]]:
    """The parts that go to another agent, with their places in the task."""
    for part in parts:
        if part.agent:
            words = part.words
            lead = re.match(rf" ?(?:,|;|:|and|und|y|e|&|\+|plus|then|-|\(|\s|{SOFT} )*", words)
            begin = part.start + (lead.end() if lead else 0)
            yield part, *sentences[part.sentence].span(min(begin, part.end - 1), part.end)


CODE_CHANGE = re.compile(
    r"^[\s,;:\-(]*(?:(?:please|pls|could you|can you|bitte|por favor|we need to) ?,? ){0,2}(?:implement|refactor|rename|develop|program|debug|code|fix|correct|extend|parse|validate|rewrite"
    r"|implementier\w*|programmier\w*|korrigier\w*|implement[ae]|corrige|programa|renombra|corrigez|renommez)\b"
)


def code_changes(parts: list[Part], sentences: list[Sentence]) -> Iterator[tuple[Part, int, int]]:
    """In a task that holds nothing of ours: orders to change code, which are the developers' whatever they are about."""
    for part in parts:
        if part.agent is None and CODE_CHANGE.match(part.words):
            mine = replace(part, agent="developers")
            yield mine, *sentences[part.sentence].span(part.start, part.end)
