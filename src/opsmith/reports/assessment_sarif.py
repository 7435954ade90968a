"""An assessment as SARIF 2.1.0: each place of a gap is a result, what could not be checked a notification."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from opsmith import __version__
from opsmith.model.assessment import Assessment, Result
from opsmith.reports.sarif import SCHEMA, location

_LEVELS = {3: "error", 2: "warning", 1: "note"}
_SCORES = {3: "8.0", 2: "5.5", 1: "3.0"}
"""What code hosts read as "security-severity"."""


def sarif(assessment: Assessment) -> dict[str, Any]:
    rules = [_rule(item) for item in assessment.results]
    unchecked = [_notification(item) for item in assessment.results if item.state == "could_not_check"]
    run = {
        "tool": {"driver": {"name": "opsmith assess", "version": __version__, "rules": rules}},
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": unchecked}],
        "originalUriBaseIds": {"SRCROOT": {"description": {"text": "The folder that was assessed."}}},
        "results": [found for number, item in enumerate(assessment.results) for found in _results(item, number)],
        "properties": {"score": assessment.score.percent},
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(item: Result) -> dict[str, Any]:
    return {
        "id": item.id,
        "shortDescription": {"text": item.summary},
        "fullDescription": {"text": f"{item.summary} (source: {item.source})"},
        "defaultConfiguration": {"level": _LEVELS[item.weight]},
        "properties": {"security-severity": _SCORES[item.weight], "tags": [item.layer]},
    }


def _notification(item: Result) -> dict[str, Any]:
    return {
        "level": "warning",
        "associatedRule": {"id": item.id},
        "message": {"text": f"could not check: {item.message}"},
        "locations": [location(spot.file, spot.line) for spot in item.evidence],
    }


def _results(item: Result, rule: int) -> Iterator[dict[str, Any]]:
    """A gap without a place is a result of the whole tree."""
    if item.state != "not_met":
        return
    said = item.message + (f'; closed by: opsmith run "{item.task}"' if item.task else "")
    for places in [[location(spot.file, spot.line)] for spot in item.evidence] or [[]]:
        yield {"ruleId": item.id, "ruleIndex": rule, "level": _LEVELS[item.weight], "message": {"text": said}, "locations": places}
