"""Which tools are asked for and which are ruled out, with what some of them imply."""

from __future__ import annotations

import re
from collections.abc import Iterator

from opsmith.planners.rules.figures import Setting, setting
from opsmith.planners.rules.reading import Reading
from opsmith.planners.rules.scope import CRITERIA_SECTION, Mention

PIPELINE = re.compile(r"\b(?:ci|cd|pipelines?|workflows?|builds?|runner|deployments?|continuous|automati\w+|tuberia|canalizacion|jobs?)\b")
PIPELINE_WANTED = re.compile(r"\b(?:ci|cd|pipelines?|workflows?|continuous (?:integration|delivery|deployment)|tuberia|canalizacion)\b")
PIPELINE_TOOLS = frozenset(("github_actions", "gitlab_ci", "jenkins", "circleci", "azure_pipelines"))
POLICY_TOOLS = frozenset(("kyverno", "opa", "falco"))
STAGES = re.compile(
    r"\b(?:lint|tests?|build|scan|deploy|push|publish|release|package)\b(?: ?(?:->|→|>|,|-|then) ?(?:lint|tests?|build|scan|deploy|push|publish|release|package)\b){2}"
)
"""The stages of a pipeline in a row are one, called so or not."""
OTHER_IMAGE = re.compile(r"\b(?:golden|ami|vm|machine|disk|profile|product|hero|packer|image-?magick|raster)\b")
QUEUE = re.compile(
    r"\b(?:queue|queues|rabbitmq|kafka|sqs|lag|backlog|messages?|jobs?|topic|idle|warteschlange\w*|cola"
    r"|colas|event[ -]driven|pub ?/? ?sub|nats|celery)\b"
)
BACKUP_IDIOM = re.compile(
    r"\b(?:roll\w*|to back up (?:the|this) claim|back up (?:and running|again|within|in|online)|backup (?:contact|person|plan))\b"
)
BY_HOST = re.compile(
    r"\b(?:deploy\w*|built|build\w*|ship\w*|releas\w*|rolled out|desplieg\w*|ausgerollt|gebaut) (?:[\w-]+ ){0,3}?"
    r"(?:out of|from|by|with|via|through|in|aus|uber|per|mit|von|desde|con|en) (?:the |our |unser\w* )?(?:gitlab|github)\b"
    r"(?! (?:container|packages?|registry|repo\w*|pages|issues?|releases?))"
    r"|\b(?:when|whenever|every time|each time|each|every|automat\w+|wenn|sobald|bei jedem|cuando|cada)\b(?: [\w-]+){0,5}? (?:push\w*|merg\w*|commits?)"
    r"(?: [\w-]+){0,3}? (?:gitlab|github)\b"
    r"|\b(?:images?|builds?|releases?|pipelines?|tests?)\b(?: [\w/-]+){0,6}? (?:through|via|with|by|on|in|uber|mit) (?:our )?(?:gitlab|github)\b(?! (?:container|packages?|registry|repo\w*|pages|issues?|releases?))"
    r"|\b(?:each|every|per|jede\w*|pro|cada|on|bei) (?:\w+ )?(?:pull|merge)[ -]requests?\b"
)
"""What a push or the host itself sets off is a pipeline there."""
MONITORS = frozenset(("prometheus", "alertmanager", "grafana", "datadog", "newrelic", "cloudwatch"))
ALERT_WANTED = re.compile(
    r"\b(?:add|set ?up|create|need|want|write|configure|make|get|have|brauch\w*|mocht\w*|richte|einricht\w*|necesit\w*|quer\w+|anad\w*|crea\w*)\b"
    r"(?: [\w'-]+){0,4}? (?:alerts?|alarms?|alerting|dashboards?|slos?|alarme?|alertas?)\b"
)
SIGNED = re.compile(
    r"\b(?:images?|containers?|artifacts?|artefacts?|builds?|imagen(?:es)?) (?:[\w,]+ ){0,6}?(?:signed|signiert|firmad\w+)\b(?! in| up| off)"
    r"|\b(?:sign|signing|signieren|firmar) (?:[\w]+ ){0,3}?(?:images?|containers?|artifacts?|imagen(?:es)?)\b"
)
PRODUCTS = frozenset(("opentofu", "tofu", "terragrunt", "podman", "openbao", "helmfile", "k3s", "openshift", "microk8s", "rke2", "eks", "gke", "aks"))
INTO_CONTAINER = re.compile(
    r"\b(?:build|make|create|write|prepare)(?: (?:me|us))? (?:the|a|an|our|its) containers?\b(?! ?[-/]| (?:registry|platform|cluster))|"
    r"\b(?:put|pack\w*|stick|wrap\w*|get|run(?:ning|s)?|ship|bundle|move|live|steck\w*|pack\w*|mete\w*|mett\w+)\b(?: [\w'-]+){0,4}? in(?:side)? (?:a |its own |one )?containers?\b(?! ?[-/])"
)
QUEUE_SCALED = re.compile(
    r"\b(?:scal\w+|autoscal\w+|grow\w*|skalier\w*|escal\w+)(?: [\w'-]+){0,6}? (?:on|by|with|along with|according to|based on|depending on|nach|segun)(?: [\w'-]+){0,4}? "
    r"(?:queue|queues|lag|backlog|sqs|kafka|rabbitmq|messages?|events?|warteschlange\w*|cola)\b"
)
COPIED = re.compile(
    r"\b(?:dump\w*|copied|snapshot\w*|back ?up\w*|exported|saved|gesichert|sauvegard\w*)\b(?: [\w-]+){0,4}? (?:every|each|nightly|daily|hourly|once|jede\w*|cada|chaque|overnight|at night)\b"
    r"|\b(?:nightly|daily|hourly|every night|each night)(?: [\w-]+){0,3}? (?:dumps?|copies|copy|snapshots?)\b"
)
"""Data that is copied again and again is backed up, called so or not."""
BOARDS = re.compile(r"\bdashboards?\b")
DASHBOARD_TOOLS = frozenset(("grafana", "datadog", "newrelic", "cloudwatch", "elk"))
CHART = re.compile(
    r"\b(?:1|an?|the|our|own|shared|single|umbrella|library|common|generic|shared) charts?\b(?! (?:on|of|per|with|showing|in the (?:ui|page|report|app|dashboard))\b)"
)
CHART_UNTOUCHED = re.compile(
    r"\b(?:the|our|existing) charts?\b[^.;]{0,60}\b(?:as (?:it|they) (?:is|are)|as is|alone|untouched|unchanged)\b"
    r"|\b(?:leave|keep|do not touch|don't touch) (?:the|our) charts?\b"
)
TAKES_OVER = re.compile(
    r"\b(?:automatic\w*|takes? over|switch\w*|survive\w*|dies|goes (?:down|dark)|disappears?|burns|lost|loss of|evacuat\w*|promot\w*|stand ?by|replicat\w*)\b"
)
EXTENDING = ("argo_rollouts", "flagger")


def targets(reading: Reading, mentions: list[Mention], strategy: str | None, scaled_to_zero: Setting | None) -> Iterator[Setting]:
    asked = [mention for mention in mentions if mention.mood == "asked" and not CRITERIA_SECTION.match(reading.sentences[mention.sentence].section)]
    chosen = [(concept[5:], mention) for mention in asked for concept in mention.concepts if concept.startswith("tool:")]
    for name, mention in chosen:
        if (name == "serverless" and _is_content(reading, mention)) or (name == "backups" and _is_idiom(reading, mention)):
            continue
        yield Setting("targets", name, mention.start, mention.end)
    yield from _pipeline_by_host(reading, mentions, {name for name, _ in chosen})
    yield from _alerts_by_host(reading, mentions, {name for name, _ in chosen})
    yield from _image(reading, asked, {name for name, _ in chosen})
    yield from _container(reading)
    yield from _signing(reading)
    yield from _by_strategy(mentions, strategy)
    yield from _by_description(reading, mentions)
    if scaled_to_zero and any(QUEUE.search(sentence.canon) for sentence in reading.sentences):
        yield Setting("targets", "keda", scaled_to_zero.start, scaled_to_zero.end)


def excluded(reading: Reading, mentions: list[Mention]) -> Iterator[Setting]:
    asked: dict[str, set[str]] = {}
    for mention in mentions:
        if mention.mood == "asked":
            for concept in mention.concepts:
                asked.setdefault(concept, set()).add(_word(reading, mention))
    pipelines = any(f"tool:{name}" in asked for name in PIPELINE_TOOLS)
    for mention in mentions:
        if mention.mood == "excluded":
            for concept in mention.concepts:
                group, _, name = concept.partition(":")
                rival = _is_rival(_word(reading, mention), asked.get(concept, set()))
                if (group == "tool" and not rival) or (group == "ruled out" and _stands_alone(reading, mention)) or (group == "host" and pipelines):
                    yield Setting("exclude", name, mention.start, mention.end)


def _is_rival(word: str, asked: set[str]) -> bool:
    """`OpenTofu instead of Terraform`, `EKS, no OpenShift`: one product of a kind is ruled out for another of the same kind."""
    return bool(asked) and (word in PRODUCTS or not PRODUCTS.isdisjoint(asked))


def _stands_alone(reading: Reading, mention: Mention) -> bool:
    """`no containers, please`; not `no container may run as root`."""
    after = reading.sentences[mention.sentence].tokens[mention.after : mention.after + 1]
    return (
        not after
        or after[0].kind == "mark"
        or after[0].key
        in ("please", "whatsoever", "ever", "involved", "allowed", "today", "thanks", "at", "of", "for", "here", "bitte", "or", "and", "und", "oder")
    )


def _word(reading: Reading, mention: Mention) -> str:
    return reading.sentences[mention.sentence].tokens[mention.first].key


def _is_content(reading: Reading, mention: Mention) -> bool:
    """Lambdas that stand beside the tool which describes them are what it holds: CDK (network and Lambdas)."""
    tokens = reading.sentences[mention.sentence].tokens
    return any(token.key == "(" for token in tokens[max(mention.first - 4, 0) : mention.first])


def _is_idiom(reading: Reading, mention: Mention) -> bool:
    sentence = reading.sentences[mention.sentence]
    where = sentence.offsets[mention.first]
    return bool(BACKUP_IDIOM.match(sentence.canon, where))


def _pipeline_by_host(reading: Reading, mentions: list[Mention], chosen: set[str]) -> Iterator[Setting]:
    """A pipeline without a platform's name runs where the code is said to live, or on the platform that is there already."""
    if chosen & PIPELINE_TOOLS or not any(
        PIPELINE_WANTED.search(sentence.canon) or BY_HOST.search(sentence.canon) or STAGES.search(sentence.canon) for sentence in reading.sentences
    ):
        return
    for mention in mentions:
        if mention.mood not in ("asked", "existing"):
            continue
        for concept in mention.concepts:
            group, _, name = concept.partition(":")
            if group == "host" or (group == "tool" and name in PIPELINE_TOOLS and mention.mood == "existing"):
                yield Setting("targets", name, mention.start, mention.end)
                return


def _alerts_by_host(reading: Reading, mentions: list[Mention], chosen: set[str]) -> Iterator[Setting]:
    """An alert or a dashboard without a tool's name belongs to the monitoring that is there already."""
    if chosen & MONITORS or not any(ALERT_WANTED.search(sentence.canon) for sentence in reading.sentences):
        return
    for mention in mentions:
        for concept in mention.concepts:
            if mention.mood == "existing" and concept.startswith("tool:") and concept[5:] in MONITORS:
                yield Setting("targets", concept[5:], mention.start, mention.end)


def _image(reading: Reading, asked: list[Mention], chosen: set[str]) -> Iterator[Setting]:
    """An image that is spoken of by itself is docker's work; one that a pipeline builds is the pipeline's."""
    if (
        "docker" in chosen
        or chosen & (PIPELINE_TOOLS | POLICY_TOOLS)
        or any(PIPELINE_WANTED.search(sentence.canon) for sentence in reading.sentences)
    ):
        return
    for mention in asked:
        if "weak:docker" in mention.concepts and not OTHER_IMAGE.search(reading.sentences[mention.sentence].canon):
            yield Setting("targets", "docker", mention.start, mention.end)


def _container(reading: Reading) -> Iterator[Setting]:
    for sentence in reading.sentences:
        if found := INTO_CONTAINER.search(sentence.canon):
            yield setting(sentence, "targets", "docker", found)


def _by_description(reading: Reading, mentions: list[Mention]) -> Iterator[Setting]:
    """What is described so that one tool of the catalog is meant: a chart for a cluster, boards over Prometheus, copies that follow a queue."""
    there = {concept[5:] for mention in mentions for concept in mention.concepts if concept.startswith("tool:") and mention.mood != "left"}
    for sentence in reading.sentences:
        canon = sentence.canon
        if (found := QUEUE_SCALED.search(canon)) and "keda" not in there:
            yield setting(sentence, "targets", "keda", found)
        if "kubernetes" in there and (found := CHART.search(canon)) and not CHART_UNTOUCHED.search(canon):
            yield setting(sentence, "targets", "helm", found)
        if not (there & {"backups", "velero"}) and (found := COPIED.search(canon)):
            yield setting(sentence, "targets", "backups", found)
        if "prometheus" in there and not (there & DASHBOARD_TOOLS) and (found := BOARDS.search(canon)):
            yield setting(sentence, "targets", "grafana", found)


def failover(reading: Reading, settings: list[Setting]) -> Iterator[Setting]:
    """Two regions, of which one takes over from the other, are a failover, named or not."""
    several = next((one for one in settings if one.sets == "recovery.multi_region" and one.value is True), None)
    if several and any(TAKES_OVER.search(sentence.canon) for sentence in reading.sentences):
        yield Setting("targets", "failover", several.start, several.end)


def untouched_charts(reading: Reading) -> Iterator[Setting]:
    for sentence in reading.sentences:
        if found := CHART_UNTOUCHED.search(sentence.canon):
            yield setting(sentence, "exclude", "helm", found)


SCANNED_IMAGE = re.compile(
    r"\b(?:images?|containers?|base|trivy|grype|docker scout|clair|anchore|snyk|(?:nginx|node|python|alpine|debian|ubuntu|openjdk|golang|php|ruby)(?:-\w+)? ?: ?[\d.]+|imagen(?:es)?|imagens?)\b"
)


def hardened(reading: Reading) -> Iterator[Setting]:
    """Hardening that names no tool but speaks of images or containers is about the Dockerfile."""
    for sentence in reading.sentences:
        if (found := SCANNED_IMAGE.search(sentence.canon)) and not OTHER_IMAGE.search(sentence.canon):
            yield setting(sentence, "targets", "docker", found)
            return


def _signing(reading: Reading) -> Iterator[Setting]:
    for sentence in reading.sentences:
        if found := SIGNED.search(sentence.canon):
            yield setting(sentence, "targets", "supply_chain", found)


def _by_strategy(mentions: list[Mention], strategy: str | None) -> Iterator[Setting]:
    """A controller that is there already does the canary that is asked for."""
    if strategy not in ("canary", "blue_green"):
        return
    for mention in mentions:
        for concept in mention.concepts:
            if mention.mood == "existing" and concept[5:] in EXTENDING:
                yield Setting("targets", concept[5:], mention.start, mention.end)
