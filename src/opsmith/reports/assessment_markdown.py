"""An assessment as Markdown, for a pull request or a wiki."""

from __future__ import annotations

import re
from collections.abc import Iterator

from opsmith.model.assessment import Assessment, Result
from opsmith.reports.assessment import WORDS, comparison, places, shown, weightiest


def markdown(assessment: Assessment) -> str:
    return "\n".join(_lines(assessment))


def _lines(assessment: Assessment) -> Iterator[str]:
    yield f"# Readiness: {shown(assessment.score)}\n"
    if assessment.compared:
        yield from (f"{_plain(line.strip())}\n" for line in comparison(assessment.compared))
    yield "| layer | score | met | not met | could not check |\n|---|---:|---:|---:|---:|"
    for layer in assessment.layers:
        score = layer.score
        yield f"| {layer.title} | {shown(score)} | {score.met} | {score.not_met} | {score.could_not_check} |"
    yield from _gaps(assessment)
    for state in ("could_not_check", "met", "does_not_apply"):
        yield from _others(assessment, state)
    if assessment.unread:
        yield "\n## Not read\n"
        yield from (f"- {_plain(line)}" for line in assessment.unread)


def _gaps(assessment: Assessment) -> Iterator[str]:
    gaps = weightiest([item for item in assessment.results if item.state == "not_met"])
    if gaps:
        yield "\n## Not met\n\n| standard | weight | what is missing | where | source | closed by |\n|---|---:|---|---|---|---|"
    for item in gaps:
        task = f'`opsmith run "{item.task}"`' if item.task else "by hand"
        yield f"| {item.id} | {item.weight} | {_plain(item.message)} | {_plain(places(item.evidence))} | {_plain(item.source)} | {task} |"


def _others(assessment: Assessment, state: str) -> Iterator[str]:
    found: list[Result] = [item for item in assessment.results if item.state == state]
    if found:
        yield f"\n## {WORDS[found[0].state].capitalize()}\n\n| standard | why | where |\n|---|---|---|"
    for item in found:
        yield f"| {item.id} | {_plain(item.message)} | {_plain(places(item.evidence))} |"


def _plain(text: str) -> str:
    """What a repository's names hold is text: no markup, no cell's end."""
    return re.sub(r"([\\`*_{}\[\]<>|#!~@&])", r"\\\1", " ".join(text.split()))
