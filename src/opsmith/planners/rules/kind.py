"""What is to be done with it: make, judge, harden, release, take back, find out, save, report, or nothing for us."""

from __future__ import annotations

import re
from dataclasses import dataclass

from opsmith.model.intent import Kind
from opsmith.planners.rules.acts import (
    ASKED_POLITELY,
    ASSESS,
    CONDITION,
    COST,
    COST_THEME,
    DATING,
    DEPLOY,
    EXPLAIN,
    FOUND,
    FUTURE,
    GOAL,
    HARDEN,
    MAKE,
    NO_CHANGE,
    NOT_REPORT,
    ONLY_TELLING,
    QUESTION,
    REPAIR,
    REPORT,
    ROLLBACK,
    SAVING,
    SECURITY_FINDING,
    START,
    SYMPTOM,
    VERDICT,
    VERIFYING,
    VERSION,
    WHY,
    WISH,
    Act,
)
from opsmith.planners.rules.others import Part


@dataclass(frozen=True, slots=True)
class Situation:
    """What the rest of the reading found, as far as the kind depends on it."""

    parts: list[Part]
    ours: list[str]
    tools: set[str]
    has_environment: bool
    has_figures: bool
    has_budget: bool
    has_operations: bool
    hands_over: bool


IMAGE = re.compile(r"\b(?:images?|imagen|tag)\b")
NOT_YET = re.compile(r"\b(?:nothing|do not|don'?t|not yet|nichts|noch nicht|nicht|nada|todavia no)\b")


def found_in(act: Act, texts: list[str]) -> tuple[int, re.Match[str]] | None:
    for number, text in enumerate(texts):
        if found := act.pattern.search(text):
            return number, found
    return None


def found_question(texts: list[str]) -> tuple[int, re.Match[str]] | None:
    """The first question that wants an answer, when the task begins or ends with it."""
    for number in sorted({0, len(texts) - 1}) if texts else ():
        if texts[number].rstrip().endswith("?") and (found := QUESTION.match(texts[number])):
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
        asks = text.rstrip().endswith("?") and not ASKED_POLITELY.match(text)
        if found and not asks and not (FUTURE.match(text) and not WISH.search(text)):
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
    if not situation.tools and not making and (bill := _first_theme(situation.ours)) and any(GOAL.search(text) for text in situation.ours):
        return "optimize_cost", *bill
    if not situation.tools and not situation.has_figures and situation.has_budget and (theme := _first_theme(situation.ours)):
        return "optimize_cost", *theme
    return None


def _first_theme(texts: list[str]) -> tuple[int, re.Match[str]] | None:
    return next(((number, found) for number, text in enumerate(texts) if (found := COST_THEME.search(text))), None)


def _harden(situation: Situation, making: object) -> Choice | None:
    if found := found_in(HARDEN, situation.ours):
        return "harden", *found
    if any(SECURITY_FINDING.search(text) for text in situation.ours):
        for number, text in enumerate(situation.ours):
            if found_repair := REPAIR.search(text):
                return "harden", number, found_repair
    if (
        found_in(WHY, situation.ours)
        or found_in(ASSESS, situation.ours)
        or (making and situation.tools - {"docker", "kubernetes", "terraform", "helm"})
    ):
        return None
    for number, text in enumerate(situation.ours):
        if told := FOUND.search(text):
            return "harden", number, told
    return None


def _report(situation: Situation, making: object) -> Choice | None:
    found = found_in(REPORT, ["" if NOT_REPORT.search(text) else text for text in situation.ours])
    return ("report", *found) if found and not (making and situation.tools) else None


def _investigate(situation: Situation, making: tuple[int, re.Match[str]] | None) -> Choice | None:
    why = found_in(WHY, situation.ours)
    if why and (not making or not situation.tools or making[0] <= why[0] or situation.ours[why[0]] == situation.ours[making[0]]):
        return "investigate", *why
    symptom = found_in(SYMPTOM, ["" if FUTURE.match(text) else CONDITION.sub(lambda words: " " * len(words[0]), text) for text in situation.ours])
    if symptom and (not making or _is_mending(situation.ours[making[0]])):
        return "investigate", *symptom
    return None


def _is_mending(text: str) -> bool:
    return bool(re.search(rf"{START}(?:fix|repair|get|help|make) (?:\w+ ){{0,4}}(?:work|green|running|going|again|it)\b", text))


def _assess(situation: Situation, making: tuple[int, re.Match[str]] | None) -> Choice | None:
    found = found_in(ASSESS, situation.ours)
    if found and (
        not making
        or (VERDICT.search(situation.ours[found[0]]) and not situation.tools)
        or (found[0] <= making[0] and not _separate_order(situation, making, found))
    ):
        return "assess", *found
    return None


def _separate_order(situation: Situation, making: tuple[int, re.Match[str]], judged: tuple[int, re.Match[str]]) -> bool:
    """`Review X and write Y` makes something; `tell me what we need to add` does not."""
    if making[0] == judged[0]:
        return False
    return bool(re.match(START + r"(?:" + MAKE.pattern.pattern.replace(r"\b(?:", "(?:") + ")", situation.ours[making[0]])) and bool(situation.tools)


def _deploy(situation: Situation, _: tuple[int, re.Match[str]] | None) -> Choice | None:
    found = found_in(DEPLOY, ["" if FUTURE.match(text) or NOT_YET.search(text) else text for text in situation.ours])
    if not found or situation.tools - {"kubernetes", "helm", "argocd", "flux", "argo_rollouts"} - (
        {"docker"} if IMAGE.search(situation.ours[found[0]]) else set()
    ):
        return None
    others = [
        text
        for number, text in enumerate(situation.ours)
        if number != found[0] and not VERIFYING.match(text) and MAKE.pattern.search(DEPLOY.pattern.sub(" ", text))
    ]
    settled = VERSION.search(situation.ours[found[0]]) or situation.has_environment
    return ("deploy", *found) if settled and not others else None


def _deliver(situation: Situation, making: tuple[int, re.Match[str]] | None) -> Choice:
    explains = any(EXPLAIN.match(text) for text in situation.ours)
    if not making and situation.tools and not explains and (asked := found_question(situation.ours)):
        return "assess", *asked
    if (situation.tools or situation.has_figures) and (making or not explains):
        return ("deliver", *making) if making else ("deliver", None, None)
    if explains:
        return "none", None, None
    if not making and situation.has_operations and (asked := found_question(situation.ours)):
        return "assess", *asked
    if making and situation.has_operations:
        return "deliver", *making
    if situation.has_operations and not situation.hands_over:
        return "deliver", None, None
    return "none", None, None
