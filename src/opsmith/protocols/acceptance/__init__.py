"""Whether a run shows that a criterion, in a person's words, is met.

Every word has to be accounted for: it belongs to a claim that the report shows, names a part of the system, or says nothing by itself. A word
that is left over (a number, a comparison, "under load") is not shown by anything, so neither is the criterion. What could not be checked is
no pass.
"""

from __future__ import annotations

import re

from opsmith.model.report import RunReport
from opsmith.protocols.acceptance.claims import CLAIMS
from opsmith.protocols.acceptance.evidence import Evidence, Shown

__all__ = ["Shown", "judge"]

LONGEST = 1_000
_SILENT = frozenset(
    """a an the is are be been being has have having with for of in on at to and that which each every all both its their there it they as by from
    into via using uses use used file files exist exists present created added provided delivered defined configured written included include
    includes set valid service services component components app apps application applications project repository container containers image
    images do does must should shall will can our this these web new our up e.g i.e eg ie""".split()  # noqa: SIM905  # words in a row are read, a list of quotes is not
)
_TESTING = r"\b(?:test|tests|tested|coverage|load|e2e|latency|throughput|seconds?|ms|minutes?|faster|under)\b"
_OTHERS = tuple(
    (re.compile(pattern, re.IGNORECASE), told)
    for pattern, told in (
        (r"\b(?:backups?|restor\w+|disaster|failover|rto|rpo)\b", "rehearse it, and keep the record of the rehearsal"),
        (r"\b(?:vercel|netlify)\b", "hand over to deployment-integration-expert"),
        (r"\b(?:gcp|google cloud|cloud run|bigquery|firebase|gke)\b", "hand over to google-cloud-expert"),
        (r"\b(?:penetration|pentest|threat model|security (?:assessment|audit|review))", "hand over to security-specialist"),
        (_TESTING, "hand over to QC Automation Expert"),
    )
)


def judge(criterion: str, report: RunReport) -> Shown:
    """What `report` shows of `criterion`. Words between back-quotes count as words."""
    unlabelled = re.sub(r"^\*\*[^*]{1,80}\*\*:?\s*", "", criterion[:LONGEST])
    words = " ".join(re.sub(r"[`*]", " ", unlabelled).split())
    if report.status in ("refused", "nothing_to_do"):
        why = "the run was refused by its own proofs" if report.status == "refused" else "the task asks for nothing that this agent delivers"
        return Shown(
            state="not_shown", told=why, mitigation="see what was refuted, and run again" if report.status == "refused" else "reword the task"
        )
    answers, left = _answers(words, report)
    rest = _unexplained(left, report)
    bad = next((answer for state in ("not_shown", "unchecked") for answer in answers if answer.state == state), None)
    if bad:
        return bad
    if not answers or rest:
        said = f'"{" ".join(rest[:8])}"' if rest else "its words"
        return Shown(state="not_shown", told=f"no proof of this run speaks about {said}", mitigation=_whose(words))
    return Shown(state="shown", told="; ".join(dict.fromkeys(answer.told for answer in answers)))


def _answers(words: str, report: RunReport) -> tuple[list[Shown], str]:
    """What each claim in `words` comes to, and the words without them."""
    evidence = Evidence(report)
    found: list[Shown] = []
    for pattern, claim in CLAIMS:
        found += [claim(evidence, match) for match in pattern.finditer(words) if match[0].strip()]
        words = pattern.sub(lambda match: " " if match[0].strip() else match[0], words)
    return found, words


def _unexplained(words: str, report: RunReport) -> list[str]:
    names = _names(report)
    found = re.findall(r"[^\s,;:()\[\]\"'!?]+", words)
    return [word for word in (item.strip(".-–—/") for item in found) if word and word.lower() not in _SILENT and word.lower() not in names]


def _names(report: RunReport) -> set[str]:
    """What the system's parts are called."""
    plan = report.blueprint
    if plan:
        parts = [plan.name, *(item.name for item in plan.services), *(item.name for item in plan.backings), *(item.name for item in plan.builds)]
    else:
        parts = []
    stacks = [text for item in report.survey.components for text in (item.name, item.language, item.framework or "")]
    return {text.lower() for text in (*parts, *stacks) if text}


def _whose(words: str) -> str:
    return next((told for pattern, told in _OTHERS if pattern.search(words)), "a person shows it by hand, or words it by what is delivered")
