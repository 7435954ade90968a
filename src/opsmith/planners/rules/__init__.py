"""The deterministic planner. `interpret` reads a task by tables of words and patterns: no model, no network, the same answer every time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from opsmith.model.intent import Budget, HandOver, Intent, Recovery, Scale, SloWant, Understood
from opsmith.model.survey import Survey
from opsmith.planners.rules import figures, gibberish, kind, money, objectives, others, reading, recovery, situation, surroundings
from opsmith.planners.rules.components import components
from opsmith.planners.rules.figures import Setting
from opsmith.planners.rules.joints import account, amend, author, mend, narrate, settle
from opsmith.planners.rules.reading import Reading
from opsmith.planners.rules.scope import CONTEXT_SECTION, Mention
from opsmith.planners.rules.targets import excluded, failover, hardened, targets, untouched_charts

__all__ = ["NAME", "account", "amend", "author", "interpret", "mend", "narrate", "settle"]

NAME: str = "rules"
SCOPE_ONLY = ("assess", "investigate", "optimize_cost", "report", "rollback", "none")
LISTS = ("targets", "exclude", "regions", "environments", "compliance", "components")
GROUPS: dict[str, Any] = {"scale": Scale, "slo": SloWant, "recovery": Recovery, "budget": Budget}


def interpret(task: str, survey: Survey | None = None) -> Intent:
    """What the words ask for. Quoted material in `task` is data and sets nothing.

    With a `survey` the names of components are the surveyed ones, and a path that it lists stands for the tool whose file it is.
    """
    read = reading.read(task, survey)
    handed = list(others.handed_over(read.parts, read.sentences))
    mentions = _ours(read)
    settings = list(_settings(read, mentions, survey))
    chosen, deciding = _kind(read, mentions, settings, bool(handed))
    if chosen == "harden" and not any(one.sets == "targets" for one in settings):
        settings += hardened(read)
    if chosen in ("deliver", "deploy"):
        settings += failover(read, settings)
    if chosen in SCOPE_ONLY:
        settings = [one for one in settings if one.sets != "targets"]
    if chosen == "none":
        settings = []
        handed = handed or list(others.code_changes(read.parts, read.sentences))
    settings = _first_of_each([Setting("kind", chosen, *deciding), *settings] if deciding else settings)
    values = _values(settings)
    return Intent(
        kind=chosen,
        **values,
        out_of_scope=tuple(HandOver(words=task[start:end], hand_to=part.agent or "") for part, start, end in handed),
        understood=tuple(Understood(words=task[one.start : one.end], sets=one.sets, value=one.value) for one in settings),
        not_understood=tuple(_not_understood(read, mentions, settings, chosen)),
    )


def _ours(read: Reading) -> list[Mention]:
    """The mentions outside the parts that are somebody else's."""
    foreign = [(part.sentence, *read.sentences[part.sentence].span(part.start, part.end)) for part in read.parts if part.agent is not None]
    by_sentence: dict[int, list[tuple[int, int]]] = {}
    for number, start, end in foreign:
        by_sentence.setdefault(number, []).append((start, end))
    return [mention for mention in read.mentions if not any(start <= mention.start < end for start, end in by_sentence.get(mention.sentence, ()))]


def _settings(read: Reading, mentions: list[Mention], survey: Survey | None) -> Iterator[Setting]:
    sentences = read.sentences
    numbers = [
        one
        for sentence in sentences
        for find in (figures.scale_to_zero, figures.scale, objectives.objectives, recovery.recovery, money.budget)
        for one in find(sentence)
    ]
    numbers += money.in_the_same_money(sentences)
    strategy = list(situation.strategy(mentions, sentences))[:1]
    zero = next((one for one in numbers if one.sets == "scale.min_replicas" and one.value == 0), None)
    yield from targets(read, mentions, str(strategy[0].value) if strategy else None, zero)
    yield from excluded(read, mentions)
    yield from untouched_charts(read)
    clouds = list(situation.cloud(mentions, sentences))
    yield from clouds
    regions = list(situation.regions(sentences, str(clouds[0].value) if clouds else None))
    yield from regions
    yield from situation.environments(mentions, sentences)
    yield from situation.environments_in_a_row(sentences)
    yield from situation.previews(sentences)
    yield from strategy
    yield from numbers
    yield from _several_regions(read, regions)
    yield from situation.compliance(mentions)
    scaling = any(one.sets.startswith("scale.") for one in numbers)
    guessed = components(sentences, [mention for mention in mentions if mention.concepts != ("operations",)], scaling)
    yield from guessed if survey is None else surroundings.components(sentences, list(guessed), survey)


OFF_TOPIC = frozenset(("operations", "weak:docker"))
TRADE = ("tool:", "cloud:", "environment:")
FAR = re.compile(
    r"\b(?:failover|fail over|fails over|disaster|dies|standby|second|active|replica\w*|both|dr|secondary"
    r"|ausfall|fallt|notfall|desastre|respaldo|cae|multi|survive|lose|goes down|takes over)\b"
)


def _several_regions(read: Reading, regions: list[Setting]) -> Iterator[Setting]:
    """Two regions and a word of standing in for one another."""
    if len({one.value for one in regions}) > 1 and any(FAR.search(sentence.canon) for sentence in read.sentences):
        yield Setting("recovery.multi_region", True, regions[0].start, max(one.end for one in regions[:2]))


def _kind(read: Reading, mentions: list[Mention], settings: list[Setting], hands_over: bool) -> tuple[Any, tuple[int, int] | None]:
    ours = [part for part in read.parts if part.agent is None]
    sections = [read.sentences[part.sentence] for part in ours]
    active = [
        part for part, sentence in zip(ours, sections, strict=True) if sentence.role != "heading" and not CONTEXT_SECTION.match(sentence.section)
    ]
    tools = {str(one.value) for one in settings if one.sets == "targets"}
    chosen, number, found = kind.choose(
        kind.Situation(
            parts=active,
            ours=[part.words for part in active],
            tools=tools,
            has_environment=any(one.sets == "environments" for one in settings),
            has_figures=any(one.sets.startswith(("slo.", "recovery.", "strategy", "scale.")) for one in settings),
            has_budget=any(one.sets == "budget.amount" for one in settings),
            has_operations=any(
                not OFF_TOPIC.isdisjoint(mention.concepts) or any(concept.startswith(TRADE) for concept in mention.concepts) for mention in mentions
            ),
            hands_over=hands_over,
        )
    )
    if found is not None and number is not None:
        part = active[number]
        return chosen, read.sentences[part.sentence].span(part.start + found.start(), part.start + found.end())
    first = next((one for one in settings if one.sets == "targets"), next(iter(settings), None))
    return chosen, (first.start, first.end) if first and chosen != "none" else None


def _first_of_each(settings: Iterable[Setting]) -> list[Setting]:
    """One setting for each list element and each single value: the first. What is ruled out is not wanted."""
    settings = list(settings)
    out = {one.value for one in settings if one.sets == "exclude"}
    taken: set[tuple[str, object]] = set()
    kept: list[Setting] = []
    for one in settings:
        key = (one.sets, one.value if one.sets in LISTS else None)
        if key not in taken and not (one.sets == "targets" and one.value in out):
            taken.add(key)
            kept.append(one)
    return kept


def _values(settings: list[Setting]) -> dict[str, Any]:
    values: dict[str, Any] = {name: tuple(one.value for one in settings if one.sets == name) for name in LISTS}
    values |= {one.sets: one.value for one in settings if one.sets in ("cloud", "strategy")}
    for group, make in GROUPS.items():
        values[group] = make(**{one.sets.partition(".")[2]: one.value for one in settings if one.sets.startswith(f"{group}.")})
    return values


def _not_understood(read: Reading, mentions: list[Mention], settings: list[Setting], chosen: str) -> Iterator[str]:
    names = {(one.start, one.end) for one in settings if one.sets == "components"}
    known = reading.known_words()
    for start, end in gibberish.strange_parts([part for part in read.parts if part.agent is None], read.sentences, known, names, read.english):
        yield read.task[start:end]
    if chosen == "deliver":
        yield from (read.task[mention.start : mention.end] for mention in mentions if "unsupported" in mention.concepts and mention.mood == "asked")
