"""SARIF 2.1.0: findings for code hosts and editors, one run for each tool."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from opsmith import __version__
from opsmith.model.finding import Finding, Fix, Severity
from opsmith.model.proof import Proof

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS: Mapping[Severity, str] = {"critical": "error", "high": "error", "medium": "warning", "low": "note", "info": "note"}
_SCORES: Mapping[Severity, str] = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "3.0", "info": "0.0"}
"""What code hosts read as "security-severity"."""


def sarif(proofs: Sequence[Proof], findings: Sequence[Finding]) -> dict[str, Any]:
    """A log of all proofs and of the findings of our own checks. What could not be checked is a notification, never an absence."""
    tools = tuple(dict.fromkeys(proof.tool for proof in proofs))
    runs = [_run_of(tool, [proof for proof in proofs if proof.tool == tool]) for tool in tools]
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [*runs, _run("opsmith", __version__, findings, [])]}


def _run_of(tool: str, proofs: Sequence[Proof]) -> dict[str, Any]:
    findings = dict.fromkeys(finding for proof in proofs for finding in proof.findings)
    version = next((proof.version for proof in proofs if proof.version), None)
    return _run(tool, version, findings, [proof for proof in proofs if proof.outcome == "could_not_check"])


def _run(tool: str, version: str | None, findings: Iterable[Finding], unchecked: Sequence[Proof]) -> dict[str, Any]:
    found = tuple(findings)
    rules = tuple(dict.fromkeys(finding.rule for finding in found))
    driver: dict[str, Any] = {"name": tool, **({"version": version} if version else {}), "rules": [{"id": rule} for rule in rules]}
    invocation = {"executionSuccessful": not unchecked, "toolExecutionNotifications": [_notification(proof) for proof in unchecked]}
    return {
        "tool": {"driver": driver},
        "invocations": [invocation],
        "originalUriBaseIds": {"SRCROOT": {"description": {"text": "The folder that was verified."}}},
        "results": [_result(finding, rules.index(finding.rule)) for finding in found],
    }


def _notification(proof: Proof) -> dict[str, Any]:
    text = f"could not check: {proof.reason}" + (f"; get it with: {proof.how_to_get}" if proof.how_to_get else "")
    return {"level": "warning", "message": {"text": text}, "locations": [location(path, None) for path in proof.paths]}


def _result(finding: Finding, rule: int) -> dict[str, Any]:
    return {
        "ruleId": finding.rule,
        "ruleIndex": rule,
        "level": _LEVELS[finding.severity],
        "message": {"text": finding.message},
        "locations": [location(finding.path, finding.line)] if finding.path else [],
        **({"fixes": list(_fixes(finding.path, finding.fix))} if finding.path and finding.fix else {}),
        "properties": {"security-severity": _SCORES[finding.severity], "confidence": finding.confidence},
    }


def location(path: str, line: int | None) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": _artifact(path)}
    return {"physicalLocation": place | ({"region": {"startLine": line}} if line else {})}


def _artifact(path: str) -> dict[str, str]:
    return {"uri": quote(path), "uriBaseId": "SRCROOT"}


def _fixes(path: str, fix: Fix) -> Iterator[dict[str, Any]]:
    region = {"startLine": fix.first, "startColumn": 1, "endLine": fix.last + 1, "endColumn": 1}
    text = fix.text if not fix.text or fix.text.endswith("\n") else fix.text + "\n"
    replacement = {"deletedRegion": region, "insertedContent": {"text": text}}
    yield {"description": {"text": fix.why}, "artifactChanges": [{"artifactLocation": _artifact(path), "replacements": [replacement]}]}
