"""Apply the mends that are marked safe, and keep them only when every tool and check says that nothing got worse."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from opsmith.model.artifact import Artifact, LineOrigin
from opsmith.model.finding import SEVERITIES, Finding, Fix, Severity
from opsmith.model.proof import Proof

MAX_ROUNDS = 3

Judgement = tuple[tuple[Proof, ...], tuple[Finding, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Repaired:
    """The artifacts as they are now, what still stands against them, and the findings whose mends were kept."""

    artifacts: tuple[Artifact, ...]
    proofs: tuple[Proof, ...]
    findings: tuple[Finding, ...]
    repaired: tuple[Finding, ...] = ()


def repair(
    artifacts: Sequence[Artifact],
    proofs: Sequence[Proof],
    findings: Sequence[Finding],
    reverify: Callable[[tuple[Artifact, ...]], Judgement],
) -> Repaired:
    """At most `MAX_ROUNDS` times: mend, ask again, keep or drop. What a round made worse is not tried again."""
    state = Repaired(artifacts=tuple(artifacts), proofs=tuple(proofs), findings=tuple(findings))
    given_up: frozenset[str] = frozenset()
    for _ in range(MAX_ROUNDS):
        chosen = _chosen(state, given_up)
        if not chosen:
            break
        mended = tuple(_mended(artifact, chosen.get(artifact.path, ())) for artifact in state.artifacts)
        judged_proofs, judged_findings = reverify(mended)
        done = tuple(finding for path in sorted(chosen) for finding in chosen[path])
        after = Repaired(artifacts=mended, proofs=judged_proofs, findings=judged_findings, repaired=(*state.repaired, *done))
        worse = _worse(state, after, done)
        if worse is None:
            state = after
        else:
            given_up |= (worse & set(chosen)) or set(chosen)
    return state


def _chosen(state: Repaired, given_up: frozenset[str]) -> Mapping[str, tuple[Finding, ...]]:
    """For each artifact, its findings with a safe mend; of two that touch the same line, the worse one."""
    chosen: dict[str, list[Finding]] = {}
    texts = {artifact.path: artifact.text for artifact in state.artifacts if artifact.path not in given_up}
    for finding in sorted(_all_findings(state), key=lambda finding: SEVERITIES.index(finding.severity)):
        fix = finding.fix
        if fix is None or not fix.safe or finding.path is None or finding.path not in texts:
            continue
        fits = 1 <= fix.first <= fix.last <= len(_rows(texts[finding.path]))
        if fits and not any(_overlap(fix, other.fix) for other in chosen.get(finding.path, ()) if other.fix):
            chosen.setdefault(finding.path, []).append(finding)
    return {path: tuple(found) for path, found in chosen.items()}


def _all_findings(state: Judged) -> Iterator[Finding]:
    yield from state.findings
    for proof in state.proofs:
        yield from proof.findings


def _rows(text: str) -> list[str]:
    """Lines as tools count them: `splitlines` also breaks at form feeds and Unicode separators."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _overlap(one: Fix, other: Fix) -> bool:
    return one.first <= other.last and other.first <= one.last


def _mended(artifact: Artifact, findings: Sequence[Finding]) -> Artifact:
    """From the last line to the first, so that a mend does not move the lines of the next."""
    fixes = sorted((finding.fix for finding in findings if finding.fix), key=lambda fix: -fix.first)
    rows, origins = _rows(artifact.text), artifact.origins
    for fix in fixes:
        text = fix.text if not fix.text or fix.text.endswith("\n") else fix.text + "\n"
        rows[fix.first - 1 : fix.last] = [text]
        origins = tuple(shifted for origin in origins if (shifted := moved(origin, fix, text.count("\n"))))
    return replace(artifact, text="".join(rows), origins=origins)


def moved(origin: LineOrigin, fix: Fix, lines: int) -> LineOrigin | None:
    """The origin after `fix` became `lines` lines; None when all of its lines are gone."""
    shift = lines - (fix.last - fix.first + 1)
    if origin.last < fix.first:
        return origin
    if origin.first > fix.last:
        return replace(origin, first=origin.first + shift, last=origin.last + shift)
    first = min(origin.first, fix.first)
    last = origin.last + shift if origin.last > fix.last else fix.first + lines - 1
    return replace(origin, first=first, last=last) if last >= first else None


def _worse(before: Repaired, after: Repaired, mended: Sequence[Finding]) -> frozenset[str] | None:
    """Paths about which something got worse, as far as it has a path; None when nothing did."""
    bound = max(SEVERITIES.index(finding.severity) for finding in mended)
    known = Counter(_identity(finding) for finding in _all_findings(before))
    new = Counter(_identity(finding) for finding in _all_findings(after)) - known
    grown = [path for _, severity, path, _ in new if SEVERITIES.index(severity) <= bound]
    lost = _proved(before) - _proved(after)
    if not grown and not lost:
        return None
    return frozenset(path for path in (*grown, *(path for _, _, path in lost)) if path)


class Judged(Protocol):
    @property
    def proofs(self) -> tuple[Proof, ...]: ...
    @property
    def findings(self) -> tuple[Finding, ...]: ...


def got_worse(before: Judged, after: Judged, *, bound: Severity = "medium") -> str:
    """What tools or checks hold against `after` and did not against `before`, in words; empty for nothing.

    A proof that is there no more counts, whatever took its place, and so does every new finding that is at least as bad as `bound`.
    """
    lost = sorted(_proved(before) - _proved(after))
    if lost:
        tool, _, path = lost[0]
        return f"{tool} no longer proves {path}"
    new = Counter(_identity(one) for one in _all_findings(after)) - Counter(_identity(one) for one in _all_findings(before))
    grown = sorted((one for one in new if SEVERITIES.index(one[1]) <= SEVERITIES.index(bound)), key=str)
    if grown:
        rule, severity, where, message = grown[0]
        return f"{where or 'a file'} has a new {severity} finding: {rule}: {message[:160]}"
    return ""


def _identity(finding: Finding) -> tuple[str, Severity, str | None, str]:
    """What makes a finding the same one although its line has moved."""
    return finding.rule, finding.severity, finding.path, finding.message


def _proved(state: Judged) -> frozenset[tuple[str, str, str]]:
    return frozenset((proof.tool, proof.claim, path) for proof in state.proofs if proof.outcome == "proved" for path in proof.paths)
