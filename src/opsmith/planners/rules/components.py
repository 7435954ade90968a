"""The names of services that the words act upon."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from opsmith.planners.rules.acts import SYMPTOM
from opsmith.planners.rules.figures import Setting, setting
from opsmith.planners.rules.scope import Mention
from opsmith.planners.rules.text import Sentence

ROLE = (
    r"(?:service|svc|api|worker|backend|gateway|frontend|consumer|scheduler|daemon|microservice|bot|app"
    r"|dienst|servicio|server|crawler|importer|proxy|ui|bff|processor|portal|site|shop|web|indexer|renderer"
    r"|mailer|sender|fetcher|poller|syncer|notifier|scraper"
    r"|parser|generator|aggregator|dispatcher|router|resolver|listener|publisher|subscriber|handler|engine"
    r"|store|sync|cron|batch|rest|bridge|adapter|connector|gw|hub|feed|tracker|exporter|converter|monolith|catalog)"
)
NAMED_ROLE = ("service", "svc", "api", "worker", "microservice", "dienst", "gateway", "consumer", "servicio", "backend", "app")
NAME = r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+){0,4}"
BEFORE_ROLE = re.compile(
    rf"(?<![\w/.@:-])(?P<name>{NAME}) (?P<role>{'|'.join(NAMED_ROLE)})\b(?!-)(?! (?:mesh|account|accounts"
    rf"|level|principal|provider|desk|catalog|discovery|worker|server|key|keys|token|management|gateway"
    rf"|tier|monitor))"
)
HYPHENATED = re.compile(rf"(?<![\w/.@:-])[a-z][a-z0-9]*(?:-[a-z0-9]+){{0,3}}-{ROLE}s?\b(?![-/.@]\w)")
ORDER = (
    r"(?:re-?deploy|deploy|deploying|ship|shipping|releas(?:e|ing)|promote|publish|roll(?:ing)? ?out|rollout"
    r"|roll(?:ing)? ?back|rollback|revert|restart|scale|upgrade|containeri[sz]e|dockeri[sz]e|containerisiere"
    r"|deploye|despliega|desplegar|revierte|pods? (?:of|for|von|de)"
    r"|instances? of|replicas of|(?:version|release|build|tag|image|logs?) [\w.]+ of|(?:version|release"
    r"|image|logs) (?:of|von|vom|de)|(?:version|release|build|versao|versione) v?[\d. ]+ (?:of|von|vom|der|des|de|du|da|do|di|del)|v\d[\w. ]* of|v\d[\w. ]* (?:von|de)|rolle|bring\w*|push|putting)"
)
OBJECT = re.compile(
    rf"\b{ORDER} (?:(?:the|our|please|version|release|v\d+ ?(?:\. ?[\d.]+)?|[\d.]+|of|hotfix|patch|build"
    rf"|tag|update|new|latest|unsere\w*|den|die|das|el|la|of the|von) ){{0,5}}(?P<name>{NAME})(?= (?:v?\d"
    rf"|to|up|down|out|on|onto|in|into|from|back|for|at|without|with|now|auf|nach|zuruck|ohne|mit|a|en|sin|con|,|\."
    rf"|!|is|are|service|version|release|asap|has|\(|and|und|y|or|after|as|again|today|tomorrow|tonight|together|inside|within"
    rf"|once|only|using|via|through|behind|by|before|please|pls|bitte|heute|hoy)(?![a-z])|$)"
)
SUBJECT = re.compile(
    rf"^(?:the|our|der|die|das|unser\w*|el|la|nuestr\w+) (?P<name>{NAME}) (?:should|must|has to|needs to"
    rf"|shall|will|ought|soll|sollte|muss|debe|tiene que|deberia)\b"
)
LABELLED = re.compile(
    rf"\b(?:app|application|service|microservice|component|deployment|release|job|anwendung|dienst|servicio|aplicacion) ['\"] ?(?P<name>{NAME}) ?['\"]"
    rf"|\b(?:called|named|namens|llamad[oa]|appele\w*|chamad[oa]|chiamat[oa]) ['\"]? ?(?P<called>{NAME})\b(?! (?:by|from|when|every|in|on|at)\b)"
)
FALLING = re.compile(
    r"\b(?:on|of|for|in|from) (?P<name>[a-z]{2,}(?:-[a-z][a-z0-9]*){1,3})(?= (?:is|has|was|crash\w*|fail\w*|keeps|times|returns|restarts|restarting|hangs|dies|logs)\b)"
)
"""`the lag on events-ingest is growing`: a name in two words that something is said of."""
TWO_WORDS = re.compile(
    r"(?:^|\b(?:the|our|for) )(?P<name>[a-z]{2,}) (?P<role>server|portal|engine|store|gateway|frontend|monolith|proxy|bot|scheduler|importer|crawler|indexer|renderer|tracker|converter|generator|exporter)"
    r"\b(?= (?::|must|should|has|have|needs?|shall|will|is|gets?|goes|runs?|on|in|to|and|,|\.|with|behind|tolerates?|survives?|answers?|serves?|cannot|can)(?![a-z])|$)"
)
"""`the recommendation engine must ...`: two words that together name one service."""
ACTED_ON = re.compile(
    r"\b(?:images? for|dockerfiles? for|manifests? for|charts? for|put|deploy|run|ship|containeri[sz]e|dockeri[sz]e|host|move|migrate|scale|roll|bring|get|containerisier\w*"
    r"|dockerisier\w*|bring\w*|deploye\w*|umzieh\w*|desplieg\w*|desplegar|contenedoriz\w*|dockeriza\w*"
    r"|pon|poner|mover|migrar)\b"
)
BARE = re.compile(
    r"\b(?:the|our|for|of|both|der|die|das|den|unser\w*|el|la|nuestr\w+)(?: (?:api|and))? (?P<name>api|worker|frontend"
    r"|backend|gateway|scheduler|web)\b(?= (?:,|and|und|y|&|on|onto|to|in|into|auf|en|a|nach|with|should|must|has to|needs to|shall|soll|muss|debe)\b|$| ,"
    r"| \.)"
)
AFTER_AND = re.compile(
    r"^ (?:,|and|und|y|&) (?:the |our |den |die |das |el |la )?(?P<name>api|worker|frontend|backend|gateway|scheduler|web)\b(?! \w+ (?:image|server))"
)
GENERIC = frozenset(
    [
        "web",
        "app",
        "application",
        "api",
        "build",
        "ci",
        "database",
        "mail",
        "file",
        "ftp",
        "dns",
        "http",
        "proxy",
        "reverse",
        "game",
        "dev",
        "test",
        "staging",
        "production",
        "prod",
        "new",
        "old",
        "same",
        "one",
        "first",
        "second",
        "office",
        "local",
        "remote",
        "central",
        "main",
        "git",
        "key",
        "secret",
        "metrics",
        "log",
        "load",
        "template",
        "search",
        "storage",
        "object",
        "data",
        "backup",
        "cloud",
        "public",
        "internal",
        "default",
        "whole",
        "entire",
        "existing",
        "legacy",
        "node",
        "package",
        "container",
        "code",
    ]
)
"""A server or a store of these kinds is what it is, not what it is called."""
FILE_LIKE = re.compile(
    r"\.(?:ya?ml|json|md|sh|py|js|ts|tf|toml|txt|env|go|rs|java|xml|ini|cfg|conf|lock|sql|html|css)$|[/\\@:="
    r"(){}$*<>]|^(?:main|master|develop|trunk|head|latest|true|false|null|none|root|default|localhost"
    r"|todo)$"
)


@lru_cache(maxsize=1)
def no_names() -> frozenset[str]:
    """Words that stand where a service's name may stand and are none."""
    return frozenset(Path(__file__).with_name("no_names.txt").read_text(encoding="utf-8").split())


def components(sentences: list[Sentence], mentions: list[Mention], scaling: bool) -> Iterator[Setting]:
    named = {(mention.sentence, token) for mention in mentions for token in range(mention.first, mention.after)}
    for number, sentence in enumerate(sentences):
        yield from _in_backticks(sentence)
        for found in BEFORE_ROLE.finditer(sentence.canon):
            if _is_name(found["name"]) and not _is_tool(sentence, found.start("name"), number, named) and not _is_code(sentence, found.start("name")):
                role = "service" if found["role"] in ("dienst", "servicio", "svc", "microservice") else found["role"]
                yield setting(sentence, "components", f"{found['name']}-{role}".replace("_", "-"), found)
        for found in HYPHENATED.finditer(sentence.canon):
            if found[0].split("-")[0] not in (
                "rest",
                "micro",
                "cross",
                "non",
                "multi",
                "single",
                "per",
                "kube",
                "cloud",
                "in",
                "self",
                "open",
                "third",
                "two",
                "three",
            ):
                yield setting(sentence, "components", found[0].replace("_", "-"), found)
        for pattern in (OBJECT, SUBJECT) if scaling else (OBJECT,):
            for found in pattern.finditer(sentence.canon):
                if _is_name(found["name"]) and not _is_tool(sentence, found.start("name"), number, named):
                    yield setting(sentence, "components", found["name"].replace("_", "-"), found, "name")
        for found in LABELLED.finditer(sentence.canon):
            group = "name" if found["name"] else "called"
            if _is_name(found[group]) and not _is_code(sentence, found.start(group)):
                yield setting(sentence, "components", found[group].replace("_", "-"), found, group)
        for found in TWO_WORDS.finditer(sentence.canon):
            if _is_name(found["name"]) and found["name"] not in GENERIC and not _is_tool(sentence, found.start("name"), number, named):
                yield setting(sentence, "components", f"{found['name']}-{found['role']}", found)
        for found in FALLING.finditer(sentence.canon):
            yield setting(sentence, "components", found["name"], found, "name")
        if ACTED_ON.search(sentence.canon) or SYMPTOM.pattern.search(sentence.canon):
            yield from _roles(sentence)


def _in_backticks(sentence: Sentence) -> Iterator[Setting]:
    for token in sentence.tokens:
        name = token.key
        if (
            token.kind == "code"
            and re.fullmatch(NAME, name)
            and token.text.islower()
            and (_is_name(name) or re.fullmatch(ROLE, name))
            and not FILE_LIKE.search(name)
        ):
            yield Setting("components", name.replace("_", "-"), token.start, token.end)


def _roles(sentence: Sentence) -> Iterator[Setting]:
    for found in BARE.finditer(sentence.canon):
        yield setting(sentence, "components", found["name"], found, "name")
        rest = AFTER_AND.match(sentence.canon[found.end() :])
        if rest:
            start, end = sentence.span(found.end() + rest.start("name"), found.end() + rest.end("name"))
            yield Setting("components", rest["name"], start, end)


def _is_name(name: str) -> bool:
    return name not in no_names() and len(name) > 1 and not re.fullmatch(r"v\d\w*|p\d\d|(?:tier|level|layer|phase|class)-?\d", name)


def _is_code(sentence: Sentence, offset: int) -> bool:
    """A name in backticks is whole: what stands behind it only says what it is."""
    return sentence.tokens[sentence.index(offset)].kind == "code"


def _is_tool(sentence: Sentence, offset: int, number: int, named: set[tuple[int, int]]) -> bool:
    return (number, sentence.index(offset)) in named
