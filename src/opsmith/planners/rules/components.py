"""The names of services that the words act upon."""

from __future__ import annotations

import re
from collections.abc import Iterator

from opsmith.planners.rules.figures import Setting, setting
from opsmith.planners.rules.scope import Mention
from opsmith.planners.rules.text import Sentence

ROLE = (
    r"(?:service|svc|api|worker|backend|gateway|frontend|consumer|scheduler|daemon|microservice|bot|app|dienst|servicio|server|crawler|importer|proxy|ui|bff|processor|portal|site|shop|web|indexer|renderer|mailer|sender|fetcher|poller|syncer|notifier|scraper"
    r"|parser|generator|aggregator|dispatcher|router|resolver|listener|publisher|subscriber|handler|engine|store|sync|cron|batch|rest|bridge|adapter|connector)"
)
NAMED_ROLE = ("service", "svc", "api", "worker", "microservice", "dienst", "gateway", "consumer", "servicio", "backend", "app")
NAME = r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+){0,4}"
NO_NAME = frozenset(
    """a an the this that these those our your my their his her its each every all both any some no one per new old other same another whole entire single existing small big large web micro cloud managed rest
    public private internal external legacy main first second third last next node python java go golang rust ruby php dotnet django flask fastapi spring rails express nest nestjs laravel react vue angular next nuxt
    docker kubernetes k8s helm aws gcp azure google systemd windows linux customer self shared following affected failing slow backend frontend core and or of for to from with in on at by is are as api service services
    worker app application mesh http grpc graphql json soap admin-less stateless stateful critical important important containerized containerised simple plain little tiny current running production staging dev prod
    preview which what whose mobile desktop native open free full real actual it we you they i me us them him der die das den dem des ein eine einen einem einer unser unsere unseren unserem unserer jeder jede jedes kein
    keine dieser diese dieses neue neuen alte alten el la los las un una unos unas nuestro nuestra nuestros nuestras cada este esta ese esa nuevo nueva del de al mi su jenkins terraform container image build deploy
    deployment ci cd grafana prometheus test tests go-based message job batch data database db cache queue event load static dynamic backend-only server server-less serverless secret secrets bar foo release version rolling canary
    blue green downtime zero without monitoring alerting logging auth0 third-party payment-less kafka rabbitmq redis postgres postgresql mysql mongodb mongo lambda fargate ecs eks gke aks everything nothing something anything
    more less most least many few several two three four five six seven eight nine ten only just also then than health status metrics customers users team support help desk night on-call incident level network pod pods
    kubernetes-native multi single-page page full-stack fullstack entire complete proper own good bad right left best simple vpn dns ssh tls ssl http https smtp email spring-boot asp net quarkus micronaut echo gin fiber
    flutter scala kotlin typescript javascript elixir phoenix symfony if when while because so but not here there now please bitte por favor down up out off into onto over under your-own das-ganze
    ist sind wird hat haben der-die auf in im am zu zum zur von vom mit und oder fur para con sin que se es son pay-as demo sample example hello world company billing-free production-ready same-day
    run runs start stop restart scale put ship push move migrate roll build dockerize containerize containerise dockerise set give get make add create use need want has have had should must can will would could may
    argo cert loki jaeger datadog vault istio linkerd velero falco flux""".split()
)
BEFORE_ROLE = re.compile(rf"(?<![\w/.@:-])(?P<name>{NAME}) (?P<role>{'|'.join(NAMED_ROLE)})\b(?!-)(?! (?:mesh|account|accounts|level|principal|provider|desk|catalog|discovery|worker|server|key|keys|token|management|gateway|tier|monitor))")
HYPHENATED = re.compile(rf"(?<![\w/.@:-])[a-z][a-z0-9]*(?:-[a-z0-9]+){{0,3}}-{ROLE}s?\b(?![-/.@]\w)")
ORDER = (
    r"(?:re-?deploy|deploy|deploying|ship|shipping|releas(?:e|ing)|promote|publish|roll(?:ing)? ?out|rollout|roll(?:ing)? ?back|rollback|revert|restart|scale|upgrade|containeri[sz]e|dockeri[sz]e|containerisiere|deploye|despliega|desplegar|revierte|pods? (?:of|for|von|de)"
    r"|instances? of|replicas of|(?:version|release|build|tag|image|logs?) [\w.]+ of|(?:version|release|image|logs) (?:of|von|de)|v\d[\w. ]* of|v\d[\w. ]* (?:von|de)|rolle|bring\w*|push|putting)"
)
OBJECT = re.compile(rf"\b{ORDER} (?:(?:the|our|please|version|release|v\d+ ?(?:\. ?[\d.]+)?|[\d.]+|of|hotfix|patch|build|tag|update|new|latest|unsere\w*|den|die|das|el|la|of the|von) ){{0,5}}(?P<name>{NAME})(?= (?:v?\d|to|on|onto|in|into|from|back|for|at|without|with|now|auf|nach|zuruck|ohne|mit|a|en|sin|con|,|\.|!|is|are|service|version|release|asap|has|\()|$)")
SUBJECT = re.compile(rf"^(?:the|our|der|die|das|unser\w*|el|la|nuestr\w+) (?P<name>{NAME}) (?:should|must|has to|needs to|shall|will|ought|soll|sollte|muss|debe|tiene que|deberia)\b")
ACTED_ON = re.compile(r"\b(?:put|deploy|run|ship|containeri[sz]e|dockeri[sz]e|host|move|migrate|scale|roll|bring|get|containerisier\w*|dockerisier\w*|bring\w*|deploye\w*|umzieh\w*|desplieg\w*|desplegar|contenedoriz\w*|dockeriza\w*|pon|poner|mover|migrar)\b")
BARE = re.compile(r"\b(?:the|our|der|die|das|den|unser\w*|el|la|nuestr\w+)(?: (?:api|and))? (?P<name>api|worker|frontend|backend|gateway|scheduler|web)\b(?= (?:,|and|und|y|&|on|onto|to|in|into|auf|en|a|nach|with|,)|$| \.)")
AFTER_AND = re.compile(r"^ (?:,|and|und|y|&) (?:the |our |den |die |das |el |la )?(?P<name>api|worker|frontend|backend|gateway|scheduler|web)\b(?! \w+ (?:image|server))")
FILE_LIKE = re.compile(r"\.(?:ya?ml|json|md|sh|py|js|ts|tf|toml|txt|env|go|rs|java|xml|ini|cfg|conf|lock|sql|html|css)$|[/\\@:=(){}$*<>]|^(?:main|master|develop|trunk|head|latest|true|false|null|none|root|default|localhost|todo)$")


def components(sentences: list[Sentence], mentions: list[Mention], scaling: bool) -> Iterator[Setting]:
    named = {(mention.sentence, token) for mention in mentions for token in range(mention.first, mention.after)}
    for number, sentence in enumerate(sentences):
        yield from _in_backticks(sentence)
        for found in BEFORE_ROLE.finditer(sentence.canon):
            if _is_name(found["name"]) and not _is_tool(sentence, found.start("name"), number, named):
                role = "service" if found["role"] in ("dienst", "servicio", "svc", "microservice") else found["role"]
                yield setting(sentence, "components", f"{found['name']}-{role}".replace("_", "-"), found)
        for found in HYPHENATED.finditer(sentence.canon):
            if found[0].split("-")[0] not in ("rest", "web", "micro", "cross", "non", "multi", "single", "per", "kube", "cloud", "in", "self", "open"):
                yield setting(sentence, "components", found[0].replace("_", "-"), found)
        for pattern in (OBJECT, SUBJECT) if scaling else (OBJECT,):
            for found in pattern.finditer(sentence.canon):
                if _is_name(found["name"]) and not _is_tool(sentence, found.start("name"), number, named):
                    yield setting(sentence, "components", found["name"].replace("_", "-"), found, "name")
        if ACTED_ON.search(sentence.canon):
            yield from _roles(sentence)


def _in_backticks(sentence: Sentence) -> Iterator[Setting]:
    for token in sentence.tokens:
        name = token.key
        if token.kind == "code" and re.fullmatch(NAME, name) and token.text.islower() and _is_name(name) and not FILE_LIKE.search(name):
            yield Setting("components", name.replace("_", "-"), token.start, token.end)


def _roles(sentence: Sentence) -> Iterator[Setting]:
    for found in BARE.finditer(sentence.canon):
        yield setting(sentence, "components", found["name"], found, "name")
        rest = AFTER_AND.match(sentence.canon[found.end() :])
        if rest:
            start, end = sentence.span(found.end() + rest.start("name"), found.end() + rest.end("name"))
            yield Setting("components", rest["name"], start, end)


def _is_name(name: str) -> bool:
    return name not in NO_NAME and len(name) > 1 and not re.fullmatch(r"v\d\w*|p\d\d", name)


def _is_tool(sentence: Sentence, offset: int, number: int, named: set[tuple[int, int]]) -> bool:
    return (number, sentence.index(offset)) in named
