"""Whether a handoff says that all quality gates have passed. Only that starts a deployment, so a doubt is a no, with its reason."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from opsmith.protocols.handoff.model import Handoff
from opsmith.shapes import is_list, is_mapping, items, table

_PASSED = frozenset(("passed", "pass", "ok", "success", "succeeded", "successful", "green", "true", "yes"))
_VERDICT_KEYS = ("passed", "status", "result", "outcome")
_SAID = re.compile(
    r"\ball\s+(?:of\s+the\s+|the\s+)?quality\s+gates?\s+(?:have\s+|has\s+|are\s+|were\s+)?(?:all\s+|now\s+)?(?:been\s+)?(?:passed|pass|passing|green|met)\b",
    re.IGNORECASE,
)
_DOUBT_BEFORE = re.compile(
    r"\b(?:not|no|never|nearly|almost|unless|until|once|when|after|before|if|whether|should|must|shall|will|would|ensure|check|verify|pending)\b|n't\b",
    re.IGNORECASE,
)
_DOUBT_AFTER = re.compile(r"\b(?:not|except|exception|but|unless|apart|pending|fail\w*|skip\w*)\b|n't\b|\?", re.IGNORECASE)
_TESTER = "test-expert"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """`why` says it in words, either way."""

    passed: bool
    why: str


def verdict(handoff: Handoff) -> Verdict:
    """Gates in technical_details go before words; only the test agent can tell that they passed."""
    if handoff.metadata.from_agent != _TESTER:
        return Verdict(
            passed=False, why=f"it comes from {handoff.metadata.from_agent}, and only {_TESTER} can tell that all quality gates have passed"
        )
    details = handoff.content.technical_details
    told = [_of_all(details[name]) for name in ("all_gates_passed",) if name in details] + [
        _of_each(details[name]) for name in ("quality_gates",) if name in details
    ]
    if told:
        return next((item for item in told if not item.passed), told[0])
    return _in_words(handoff)


def _of_all(value: Any) -> Verdict:
    passed = _has_passed(value)
    return Verdict(passed=passed is True, why=f"technical_details.all_gates_passed is {_shown(value)}")


def _of_each(gates: Any) -> Verdict:
    if not (is_mapping(gates) or is_list(gates)):
        return Verdict(passed=_has_passed(gates) is True, why=f"technical_details.quality_gates is {_shown(gates)}")
    named = table(gates) if is_mapping(gates) else {_name(item, number): item for number, item in enumerate(items(gates), start=1)}
    if not named:
        return Verdict(passed=False, why="technical_details.quality_gates names no gate")
    for name, value in named.items():
        passed = _has_passed(value)
        if passed is None:
            return Verdict(passed=False, why=f"quality gate {name[:80]!r} says {_shown(value)}, which is no verdict")
        if not passed:
            return Verdict(passed=False, why=f"quality gate {name[:80]!r} has not passed: {_shown(value)}")
    return Verdict(passed=True, why=f"all {len(named)} quality gates have passed")


def _name(gate: Any, number: int) -> str:
    name = table(gate).get("name")
    return name if isinstance(name, str) else str(number)


def _has_passed(value: Any) -> bool | None:
    """None where the value is no verdict: a coverage of 0.4 is "true" to a computer and a failure to its author."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return bool(value) if value in (0, 1) else None
    if isinstance(value, str):
        return value.strip().lower() in _PASSED
    verdicts = [_has_passed(table(value)[key]) for key in _VERDICT_KEYS if key in table(value)]
    if not verdicts or None in verdicts:
        return None
    return all(verdicts)


def _in_words(handoff: Handoff) -> Verdict:
    """A plain sentence, which is all that the short form of the command line can say."""
    details = handoff.content.technical_details.get("details")
    for text in (handoff.content.summary, details if isinstance(details, str) else ""):
        for sentence in re.split(r"[.;!\n]+", text):
            said = _SAID.search(sentence)
            if said and not _DOUBT_BEFORE.search(sentence[: said.start()]) and not _DOUBT_AFTER.search(sentence[said.end() :]):
                return Verdict(passed=True, why=f'it says "{" ".join(sentence.split())[:120]}"')
    return Verdict(passed=False, why="it does not say that all quality gates have passed (technical_details.quality_gates or all_gates_passed)")


def _shown(value: Any) -> str:
    return repr(value)[:80]
