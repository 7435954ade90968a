"""What is this agent's to do and what is another one's, by the words of the task."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from opsmith.protocols.markdown import Document, label

_TESTS = (
    r"\b(?:e2e|end-to-end|load|stress|performance|integration|unit|regression|smoke|playwright|cypress|selenium)[ -]tests?\b"
    r"|\btest (?:suite|automation|coverage)\b|\bload testing\b"
)
_SECURITY = r"\b(?:penetration|pentest|threat model\w*|security (?:assessment|audit|review)|owasp|vulnerability assessment)\b"
_CODE = r"\b(?:front-?end|user interface|landing page|react component|api endpoint|business logic|login page|refactor\w* (?:the )?code)\b"
_GOOGLE = r"\b(?:gcp|google cloud|cloud run|cloud sql|bigquery|firestore|firebase|gke|pub/?sub)\b"
_OTHERS: tuple[tuple[re.Pattern[str], str, str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), agent, matter)
    for pattern, agent, matter in (
        (r"\bvercel\b|\bnetlify\b", "deployment-integration-expert", "deployment to a hosted platform"),
        (_GOOGLE, "google-cloud-expert", "services of Google Cloud"),
        (_SECURITY, "security-specialist", "the security assessment"),
        (_TESTS, "QC Automation Expert", "tests"),
        (r"\b(?:api documentation|openapi|swagger)\b", "api-documenter", "the description of the API"),
        (r"\b(?:user guides?|tutorials?|onboarding docs)\b", "Document Writer Expert", "guides"),
        (_CODE, "developers", "application code"),
    )
)
_RUNS = re.compile(r"\b(?:ci|pipeline|workflow|github actions|runs?|stage|job)\b", re.IGNORECASE)
_REQUEST = re.compile(r"\bOR-\d{4}-\d{2}-\d{2}-\d+\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """`words` of the task belong to `agent`."""

    words: str
    agent: str
    matter: str


def hand_overs(lines: Iterable[str]) -> tuple[HandOver, ...]:
    """Those of the task's lines that another agent has to do. That a pipeline runs tests is this agent's; writing them is not."""
    found: list[HandOver] = []
    for line in dict.fromkeys(lines):
        for pattern, agent, matter in _OTHERS:
            if pattern.search(line[:2_000]) and not (matter == "tests" and _RUNS.search(line[:2_000])):
                found.append(HandOver(words=line, agent=agent, matter=matter))
                break
    return tuple(found)


def together(ours: Iterable[HandOver], planners: Iterable[tuple[str, str]]) -> tuple[HandOver, ...]:
    """Those that the words of the task name, then those that the planner found besides, each line of the task once."""
    found = list(ours)
    for words, agent in planners:
        if not any(_same(words, item.words) for item in found):
            found.append(HandOver(words=words, agent=agent, matter=words))
    return tuple(found)


def _same(one: str, other: str) -> bool:
    first, second = (re.sub(r"\W+", " ", text).strip().casefold() for text in (one, other))
    return bool(first) and bool(second) and (first in second or second in first)


def approved(context: str) -> tuple[str, ...]:
    """The numbers of the overlap requests of this agent that were approved."""
    document = Document(context)
    heading = document.find("Overlap Requests", level=2)
    lines = document.body(document.section(heading)) if heading else []
    found: list[str] = []
    number, ours = "", False
    for line in lines:
        if match := _REQUEST.search(line):
            number, ours = match[0], False
        ours = ours or "devops architect" in line.lower().replace("-", " ")
        status = label(line)
        granted = (status is not None and status[0].lower() == "status" and status[1].lower().startswith("approved")) or re.search(
            r"\|\s*Approved\s*\|", line
        )
        if number and ours and granted:
            found.append(number)
    return tuple(dict.fromkeys(found))
