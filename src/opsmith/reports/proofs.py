"""Proofs and findings for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from opsmith.model.finding import SEVERITIES, Finding
from opsmith.model.proof import Proof

SHOWN = 200
"""Findings in full; of more, only how many there are."""


def refuting(finding: Finding) -> bool:
    return finding.severity in ("critical", "high", "medium")


def place(finding: Finding) -> str:
    return (finding.path or "(whole tree)") + (f":{finding.line}" if finding.line else "")


def verdicts(proofs: Sequence[Proof], findings: Sequence[Finding]) -> str:
    """What speaks against the files, then what holds, then what nobody could check."""
    return "\n".join((*_against(proofs, findings), *_held(proofs), *_unchecked(proofs)))


def _against(proofs: Sequence[Proof], findings: Sequence[Finding]) -> Iterator[str]:
    everything = dict.fromkeys((*findings, *(finding for proof in proofs for finding in proof.findings)))
    refuted = sorted((finding for finding in everything if refuting(finding)), key=_order)
    remarks = sum(1 for finding in everything if not refuting(finding))
    if refuted:
        yield "refuted:"
        yield from _table(refuted[:SHOWN])
        if len(refuted) > SHOWN:
            yield f"  ... and {len(refuted) - SHOWN} more: --format json has all"
    if remarks:
        yield f"  {remarks} remarks (low, info) refute nothing: --format json has them"


def _order(finding: Finding) -> tuple[int, str, int, str]:
    return SEVERITIES.index(finding.severity), finding.path or "", finding.line or 0, finding.rule


def _table(findings: Sequence[Finding]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*(_cells(finding) for finding in findings), strict=True)]
    for finding in findings:
        cells = (cell.ljust(min(width, 60)) for cell, width in zip(_cells(finding), widths, strict=True))
        yield f"  {'  '.join(cells)}  {finding.message}"


def _cells(finding: Finding) -> tuple[str, str, str]:
    return finding.severity, place(finding), finding.rule


def _held(proofs: Sequence[Proof]) -> Iterator[str]:
    held = [proof for proof in proofs if proof.outcome == "proved"]
    if held:
        yield "proved:"
    for tool, claim in dict.fromkeys((proof.tool, proof.claim) for proof in held):
        same = [proof for proof in held if (proof.tool, proof.claim) == (tool, claim)]
        version = next((f" {proof.version}" for proof in same if proof.version), "")
        yield f"  {f'{tool}{version}':<28}  {claim}: {files(path for proof in same for path in proof.paths)}"


def _unchecked(proofs: Sequence[Proof]) -> Iterator[str]:
    unchecked = [proof for proof in proofs if proof.outcome == "could_not_check"]
    if unchecked:
        yield "could not check:"
    for proof in unchecked:
        get = f"; get it with: {proof.how_to_get}" if proof.how_to_get else ""
        yield f"  {proof.tool:<28}  {proof.reason}: {files(proof.paths)}{get}"


def files(paths: Iterable[str]) -> str:
    """Up to three paths by name, more of them by number."""
    names = sorted(set(paths))
    return ", ".join(names) if len(names) <= 3 else f"{len(names)} files"
